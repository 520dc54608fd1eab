"""Which share of a group's households the loudspeakers reach, estimated from where its houses stand.

    share(group)     = houses within the range of a working loudspeaker / houses of the group
                       (a group without houses on the map: the share of its area)
    reached(group)   = share x households;  the commune: the sum of `reached` over the sum of households

Metric coordinates. A loudspeaker without a range in the data reaches nobody here: what is not known is not assumed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Enough for a circle of 3 km to be true to a metre.
QUAD_SEGS = 64


@dataclass(frozen=True)
class Home:
    """A group: its area and how many households it has, if that is known."""

    group_id: int
    shape: Any
    household_count: int | None


@dataclass(frozen=True)
class Reach:
    """`share` from 0 to 1, None where there is neither house nor area; `by_houses` False: by area."""

    group_id: int
    share: float | None
    by_houses: bool
    household_count: int | None
    reached_count: int | None


def reach_of(homes: Sequence[Home], house_xy: Floats, speaker_xy: Floats, range_m: Floats) -> list[Reach]:
    """The reach in each group, in their order; a house on a border counts in the first group that has it.

    Parameters
    ----------
    house_xy : shape (n, 2), metres, the middles of houses
    speaker_xy : shape (m, 2), metres
    range_m : shape (m,), metres
    """
    houses = np.asarray(shapely.points(house_xy.reshape(-1, 2)), dtype=object).reshape(-1)
    speakers = np.asarray(shapely.points(speaker_xy.reshape(-1, 2)), dtype=object).reshape(-1)
    heard = np.zeros(len(houses), bool)
    if len(houses) and len(speakers):
        heard[shapely.STRtree(houses).query(speakers, predicate="dwithin", distance=range_m)[1]] = True
    group = np.full(len(houses), -1)
    if len(houses) and homes:
        at, house = shapely.STRtree(houses).query([home.shape for home in homes], predicate="intersects")
        group[house[::-1]] = at[::-1]
    circles = shapely.union_all(shapely.buffer(speakers, range_m, quad_segs=QUAD_SEGS)) if len(speakers) else None
    found = []
    for number, home in enumerate(homes):
        mine = heard[group == number]
        share = float(mine.mean()) if len(mine) else _share_of_area(home.shape, circles)
        households = home.household_count
        reached = None if share is None or households is None else int(share * households + 0.5)
        found.append(Reach(home.group_id, share, bool(len(mine)), households, reached))
    return found


def _share_of_area(shape: Any, circles: Any) -> float | None:
    if not shape.area:
        return None
    return 0.0 if circles is None else min(float(shapely.intersection(shape, circles).area / shape.area), 1.0)


def share_of_commune(reaches: Sequence[Reach]) -> float | None:
    """The share of all households; None where no group has any."""
    known = [one for one in reaches if one.share is not None and one.household_count]
    total = sum(one.household_count or 0 for one in known)
    return sum((one.share or 0.0) * (one.household_count or 0) for one in known) / total if total else None
