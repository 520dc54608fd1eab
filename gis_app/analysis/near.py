"""Near-duplicates: places of one kind so close that they may be the same thing surveyed twice.

For every new place p the nearest other place q with d(p, q) ≤ limit, where q is not the same row (same key) and not of
the same pole (same group); Euclid in metres.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

LIMIT_M = 10.0
# Distances are told to the decimetre, and so is the limit.
_ROUNDING_M = 0.05
# A pole may carry so many views, all in one place, before a stranger behind them is overlooked.
_MOST_NEIGHBOURS = 9


@dataclass(frozen=True)
class Places:
    """Places of one layer: metric coordinates (n, 2), a key per row, and what rows of one thing share ("" for none)."""

    xy: NDArray[np.float64]
    keys: Sequence[str]
    poles: Sequence[str]


@dataclass(frozen=True)
class Pair:
    """A new place (its position), the nearest other one, and how far that is (metres)."""

    at: int
    other: int
    distance_m: float


def find_near(new: Places, old: Places, limit_m: float = LIMIT_M) -> list[Pair]:
    """The nearest stranger of every new place within the limit, by position; `old` may be the same places.

    Parameters
    ----------
    new, old
        Coordinates in metres of one metric CRS.

    Returns
    -------
    list of Pair
        Among places of one file (`old is new`) each pair once.
    """
    if not len(new.xy) or not len(old.xy):
        return []
    count = min(_MOST_NEIGHBOURS, len(old.xy))
    # `k` as a list: the answers then have a column each, for one neighbour, too.
    ranks = np.arange(1, count + 1)
    distances, others = cKDTree(old.xy).query(new.xy, k=ranks, distance_upper_bound=limit_m + _ROUNDING_M)
    distances, others = np.asarray(distances), np.asarray(others)
    found: dict[tuple[int, int], Pair] = {}
    for at in np.flatnonzero(np.isfinite(distances[:, 0])).tolist():
        for distance, other in zip(distances[at].tolist(), others[at].tolist(), strict=True):
            if not np.isfinite(distance):
                break
            if _are_strangers(new, at, old, other):
                pair = (min(at, other), max(at, other)) if new is old else (at, other)
                found.setdefault(pair, Pair(at, other, round(distance, 1)))
                break
    return list(found.values())


def _are_strangers(new: Places, at: int, old: Places, other: int) -> bool:
    if new is old and at == other:
        return False
    return new.keys[at] != old.keys[other] and (not new.poles[at] or new.poles[at] != old.poles[other])
