"""Hexagons over a commune with their counts and neighbours: what Gi* and local Moran are computed on.

A cell is 80 m wide (between opposite sides), so that a hot place of a street or two takes several: both statistics ask
whether cells with many events lie together, and one wide cell among quiet ones would be no cluster to either.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from gis_app.analysis.hotspot_stats.events import Floats, Ints

WIDTH_M = 80.0
# The largest communes have 100 km² and more: cells grow before there are many more than this.
MOST_CELLS = 6_000
_DOWN = float(np.sqrt(3) / 2)


@dataclass(frozen=True, eq=False)
class Cells:
    """Hexagons (metres), their middles, the events in each, and who touches whom (0 and 1, no cell itself)."""

    shapes: list[shapely.Polygon]
    middle: Floats
    count: Ints
    near: csr_array
    width_m: float

    def __len__(self) -> int:
        return len(self.shapes)


def width_of(area_m2: float) -> float:
    """The width for a commune of that area."""
    return max(WIDTH_M, float(np.ceil(np.sqrt(area_m2 / MOST_CELLS / _DOWN) / 10) * 10))


def make_cells(outline: shapely.Geometry, xy: Floats, width_m: float) -> Cells:
    """Cells that meet the outline; an event in none of them (far outside) is in no count."""
    rows, columns, middle = _lattice(outline, width_m)
    number = {pair: k for k, pair in enumerate(zip(rows.tolist(), columns.tolist(), strict=True))}
    start, end = [], []
    for (row, column), k in number.items():
        aside = row % 2
        for other in ((row, column + 1), (row + 1, column + aside), (row + 1, column + aside - 1)):
            if other in number:
                start += [k, number[other]]
                end += [number[other], k]
    near = csr_array((np.ones(len(start)), (start, end)), shape=(len(number),) * 2)
    near.sort_indices()
    return Cells([_hexagon(spot, width_m) for spot in middle], middle, _counts(xy, middle, width_m), near, width_m)


def _lattice(outline: shapely.Geometry, width_m: float) -> tuple[Ints, Ints, Floats]:
    west, south, east, north = shapely.bounds(outline)
    down = width_m * _DOWN
    rows, columns = int((north - south) / down) + 2, int((east - west) / width_m) + 2
    row, column = (found.ravel() for found in np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"))
    middle = np.stack([west + (column + 0.5 * (row % 2)) * width_m, south + row * down], axis=1)
    shapely.prepare(outline)
    inside = shapely.intersects(outline, np.array([_hexagon(spot, width_m) for spot in middle], dtype=object))
    return row[inside], column[inside], middle[inside]


def _hexagon(middle: Floats, width_m: float) -> shapely.Polygon:
    turn = np.pi / 180 * (30 + 60 * np.arange(6))
    radius = width_m / np.sqrt(3)
    return shapely.Polygon(np.stack([middle[0] + radius * np.cos(turn), middle[1] + radius * np.sin(turn)], axis=1))


def _counts(xy: Floats, middle: Floats, width_m: float) -> Ints:
    """Events by cell: the cell of an event is the one whose middle is nearest."""
    found = np.zeros(len(middle), dtype=np.int64)
    if len(xy) and len(middle):
        away, cell = map(np.asarray, cKDTree(middle).query(xy))
        near = away <= width_m / np.sqrt(3) + 1e-6
        found += np.bincount(cell[near], minlength=len(middle))
    return found
