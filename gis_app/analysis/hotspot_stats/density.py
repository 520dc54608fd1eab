"""Density of events in the plane.

Model. Every event i spreads one unit of mass over the cells c whose middle is within the bandwidth h, by the quartic
kernel, and only over cells of the commune (an event at the border leaks nothing):

    f(c) = sum_i  k(|c - x_i| / h) / (a sum_c' k(|c' - x_i| / h)),     k(u) = (1 - u^2)^2  for u < 1

with a the area of a cell, so that a sum_c f(c) = n exactly. Diggle (1985); Silverman (1986), Density estimation, 4.2.

Bandwidth, if none is given: Silverman's robust rule as GIS use it for this kernel

    h = 0.9 min(SD, D_m sqrt(1 / ln 2)) n^(-1/5)

with SD the standard distance and D_m the median distance from the mean middle; rounded to 5 m, within bounds (the rule
smooths several far places into one: 300 m is as far as a patrol sees a place as one).
Bands: the smallest areas that hold a quarter, half and three quarters of the mass (highest density regions).
"""

from dataclasses import dataclass

import numpy as np
import shapely

from gis_app.analysis.hotspot_stats.events import Flags, Floats, Ints

BANDWIDTH_M = (60.0, 300.0)
BANDS = (0.25, 0.5, 0.75, 0.9)
# More cells than a map can show; a larger commune gets larger cells.
MOST_CELLS = 60_000
SMALLEST_CELL_M = 10.0


@dataclass(frozen=True, eq=False)
class Grid:
    """Square cells, rows from south to north; `inside` (rows, columns) tells those whose middle is in the commune."""

    west: float
    south: float
    cell_m: float
    inside: Flags

    def middles(self) -> tuple[Floats, Floats]:
        """Eastings of columns, northings of rows."""
        rows, columns = self.inside.shape
        x: Floats = self.west + (np.arange(columns, dtype=np.float64) + 0.5) * self.cell_m
        y: Floats = self.south + (np.arange(rows, dtype=np.float64) + 0.5) * self.cell_m
        return x, y


@dataclass(frozen=True, eq=False)
class Density:
    """Events per square metre by cell (0 outside), and how it was made."""

    grid: Grid
    value: Floats
    bandwidth_m: float
    event_count: int


def bandwidth_of(xy: Floats, least: float = BANDWIDTH_M[0], most: float = BANDWIDTH_M[1]) -> float:
    """Metres, by the rule above."""
    if len(xy) < 2:
        return least
    away = xy - xy.mean(axis=0)
    spread = float(np.sqrt((away**2).sum(axis=1).mean()))
    median = float(np.median(np.hypot(away[:, 0], away[:, 1])))
    rule = 0.9 * min(spread, median * float(np.sqrt(1 / np.log(2)))) * len(xy) ** -0.2
    return float(np.clip(round(rule / 5) * 5, least, most))


def make_grid(outline: shapely.Geometry, bandwidth_m: float, most_cells: int = MOST_CELLS) -> Grid:
    """Cells of a fifteenth of the bandwidth over the outline, larger where there would be too many."""
    west, south, east, north = shapely.bounds(outline)
    cell = max(bandwidth_m / 15, SMALLEST_CELL_M, float(np.sqrt((east - west) * (north - south) / most_cells)))
    columns, rows = int(np.ceil((east - west) / cell)), int(np.ceil((north - south) / cell))
    empty = Grid(west, south, cell, np.zeros((rows, columns), dtype=bool))
    x, y = np.meshgrid(*empty.middles())
    shapely.prepare(outline)
    return Grid(west, south, cell, shapely.contains_xy(outline, x, y))


def kernel_density(xy: Floats, grid: Grid, bandwidth_m: float) -> Density:
    """The density of events (n, 2) on a grid; an event that no cell of the commune is near to is not counted."""
    column = np.floor((xy[:, 0] - grid.west) / grid.cell_m).astype(np.int64)
    row = np.floor((xy[:, 1] - grid.south) / grid.cell_m).astype(np.int64)
    reach = int(np.ceil(bandwidth_m / grid.cell_m)) + 1
    # A cell this far off may have its middle within the bandwidth of some place of the first.
    steps = [(u, v) for u in range(-reach, reach + 1) for v in range(-reach, reach + 1)]
    offsets = [
        (u, v) for u, v in steps if np.hypot(max(abs(u) - 0.5, 0), max(abs(v) - 0.5, 0)) * grid.cell_m < bandwidth_m
    ]
    spots = _Spots(xy, row, column, grid, bandwidth_m)
    mass = np.zeros(len(xy))
    for offset in offsets:
        at, _, kernel = spots.near(offset)
        mass[at] += kernel
    value = np.zeros(grid.inside.size)
    for offset in offsets:
        at, cell, kernel = spots.near(offset)
        value += np.bincount(cell, kernel / mass[at], minlength=grid.inside.size)
    area = grid.cell_m**2
    return Density(grid, value.reshape(grid.inside.shape) / area, bandwidth_m, int((mass > 0).sum()))


@dataclass(frozen=True, eq=False)
class _Spots:
    """Events with their cells: asks for one neighbouring cell of all events at once."""

    xy: Floats
    row: Ints
    column: Ints
    grid: Grid
    bandwidth_m: float

    def near(self, offset: tuple[int, int]) -> tuple[Ints, Ints, Floats]:
        """Events whose cell at that offset is of the commune and within the bandwidth; the cell; the kernel."""
        rows, columns = self.grid.inside.shape
        row, column = self.row + offset[0], self.column + offset[1]
        x = self.grid.west + (column + 0.5) * self.grid.cell_m - self.xy[:, 0]
        y = self.grid.south + (row + 0.5) * self.grid.cell_m - self.xy[:, 1]
        share = (x * x + y * y) / self.bandwidth_m**2
        at = np.flatnonzero((share < 1) & (row >= 0) & (row < rows) & (column >= 0) & (column < columns))
        cell = row[at] * columns + column[at]
        inside = self.grid.inside.ravel()[cell]
        at, cell = at[inside], cell[inside]
        return at, cell, (1 - share[at]) ** 2


def band_levels(value: Floats, size: Floats | float = 1.0, bands: tuple[float, ...] = BANDS) -> list[float]:
    """The lowest density of the smallest area that holds each share of the mass, highest first."""
    flat = np.asarray(value, dtype=float).ravel()
    weight = flat * (size if np.isscalar(size) else np.asarray(size).ravel())
    order = np.argsort(-flat, kind="stable")
    total = np.cumsum(weight[order])
    if len(total) == 0 or total[-1] <= 0:
        return [np.inf] * len(bands)
    at = np.minimum(np.searchsorted(total, np.array(bands) * total[-1] * (1 - 1e-12)), len(total) - 1)
    return [float(flat[order[k]]) for k in at]


def band_shapes(density: Density, bands: tuple[float, ...] = BANDS) -> list[shapely.Geometry]:
    """For each share the area (metres) that holds it; each lies within the next."""
    grid = density.grid
    found: list[shapely.Geometry] = []
    for level in band_levels(density.value, 1.0, bands):
        flags = (density.value >= level) & (density.value > 0)
        found.append(shapely.union_all(_runs(flags, grid)) if flags.any() else shapely.Polygon())
    return found


def _runs(flags: Flags, grid: Grid) -> list[shapely.Geometry]:
    """Cells side by side in a row as one box."""
    padded = np.zeros((flags.shape[0], flags.shape[1] + 2), dtype=np.int8)
    padded[:, 1:-1] = flags
    step = np.diff(padded, axis=1)
    rows, first = np.nonzero(step == 1)
    last = np.nonzero(step == -1)[1]
    x, y, cell = grid.west, grid.south, grid.cell_m
    boxes = shapely.box(x + first * cell, y + rows * cell, x + last * cell, y + (rows + 1) * cell)
    found: list[shapely.Geometry] = list(np.atleast_1d(boxes))
    return found
