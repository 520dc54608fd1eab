"""Lines that were drawn along streets, laid back onto them: cut into short pieces, each on the street nearest to it.

The sum over the streets, and what lies on none, is the length of the lines; a street that only crosses gets nothing but
the piece at the corner. Metric coordinates in one zone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from gis_app.analysis.street_graph import Floats, Ints, Shapes

PIECE_M = 10.0


@dataclass(frozen=True, eq=False)
class Laid:
    """Pieces: their line, the street that each lies on (-1: none within reach), metres along it, their length."""

    line: Ints
    street: Ints
    along_m: Floats
    length_m: Floats


def lay(streets: Shapes, lines: Sequence[shapely.Geometry], within_m: float) -> Laid:
    """Cut lines into pieces of PIECE_M at most and find their streets."""
    # A team that stays where it is has a line without length, which GEOS does not cut.
    moving = [shapely.segmentize(line, PIECE_M) if shapely.length(line) > 0 else None for line in lines]
    ends = [shapely.get_coordinates(line) for line in moving]
    line = np.repeat(np.arange(len(ends)), [max(0, len(one) - 1) for one in ends])
    if len(line) == 0:
        nothing = np.empty(0)
        return Laid(line, line, nothing, nothing)
    middle = np.concatenate([(one[1:] + one[:-1]) / 2 for one in ends])
    length = np.concatenate([np.hypot(*np.diff(one, axis=0).T) for one in ends])
    points: npt.NDArray[np.object_] = np.asarray(shapely.points(middle))
    if len(streets) == 0:
        return Laid(line, np.full(len(line), -1), np.zeros(len(line)), length)
    street = np.asarray(shapely.STRtree(streets).nearest(points), dtype=np.int64)
    along = shapely.line_locate_point(streets[street], points)
    near = shapely.distance(streets[street], points) <= within_m
    return Laid(line, np.where(near, street, -1), along, length)


def shares_of(streets: Shapes, laid: Laid) -> dict[int, float]:
    """Share of each street that any piece lies on, by its number; to one piece at either end."""
    on = laid.street >= 0
    street = laid.street[on]
    length = shapely.length(streets)
    bins = np.maximum(1, np.floor(length / PIECE_M)).astype(np.int64)
    place = np.minimum(bins[street] - 1, (laid.along_m[on] / length[street] * bins[street]).astype(np.int64))
    met = np.unique(np.column_stack([street, place]), axis=0)[:, 0]
    found, count = np.unique(met, return_counts=True)
    return {int(k): float(n / bins[k]) for k, n in zip(found.tolist(), count.tolist(), strict=True)}
