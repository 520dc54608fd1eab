"""Near repeats: does a report make another one near and soon more likely? The Knox test with its links.

All pairs of events are counted by distance and by days between them. Under no interaction the days of the events are
any permutation of them: with R permutations a cell's expected count is the mean over them, its ratio is observed over
expected, and p = (1 + number of permutations with at least as many pairs) / (R + 1). Knox (1964); Ratcliffe & Rengert
(2008), Near repeat patterns in Philadelphia shootings, Security Journal 21. Cells whose p stands the false discovery
rate over the table are marked, and the pairs of the nearest one are the links to draw.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from gis_app.analysis.hotspot_stats.events import Flags, Floats, Ints
from gis_app.analysis.hotspot_stats.local import stands

DISTANCES_M = (50.0, 100.0, 200.0, 300.0, 400.0)
DAYS = (3, 7, 14, 28)
PERMUTATIONS = 999
FDR_LEVEL = 0.05
# Pairs grow with the square of events: more than these are not counted.
MOST_PAIRS = 400_000


@dataclass(frozen=True, eq=False)
class Knox:
    """Rows are bands of distance, columns bands of days: pairs, expected pairs, ratio, p, what stands the FDR."""

    observed: Ints
    expected: Floats
    ratio: Floats
    p: Floats
    found: Flags
    links: Ints


def count_pairs(xy: Floats, farthest_m: float = DISTANCES_M[-1]) -> int:
    """How many pairs there would be to count."""
    tree = cKDTree(xy)
    return int((tree.count_neighbors(tree, farthest_m) - len(xy)) // 2)


def knox(
    xy: Floats,
    day: Ints,
    seed: int,
    *,
    distances_m: tuple[float, ...] = DISTANCES_M,
    days: tuple[int, ...] = DAYS,
    permutations: int = PERMUTATIONS,
) -> Knox:
    """The table of pairs; bands end at the given numbers, which belong to them (0 to 50 m, 0 to 3 days …)."""
    pairs = cKDTree(xy).query_pairs(distances_m[-1], output_type="ndarray")
    away = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    band = np.searchsorted(np.array(distances_m), away, side="left")
    # Rounding of a distance that is the last bound.
    band = np.minimum(band, len(distances_m) - 1)
    observed = _table(day, pairs, band, len(distances_m), days)
    rng = np.random.default_rng(seed)
    total, larger = np.zeros(observed.shape), np.zeros(observed.shape)
    for _ in range(permutations):
        drawn = _table(rng.permutation(day), pairs, band, len(distances_m), days)
        total += drawn
        larger += drawn >= observed
    expected = total / permutations
    ratio = np.divide(observed, expected, out=np.zeros(observed.shape), where=expected > 0)
    p = (larger + 1) / (permutations + 1)
    found = stands(p.ravel(), FDR_LEVEL).reshape(p.shape) & (ratio > 1)
    return Knox(observed, expected, ratio, p, found, _links(pairs, band, day, days, found))


def _table(day: Ints, pairs: Ints, band: Ints, rows: int, days: tuple[int, ...]) -> Ints:
    apart = np.abs(day[pairs[:, 0]] - day[pairs[:, 1]])
    column = np.searchsorted(np.array(days), apart, side="left")
    near = column < len(days)
    found = np.bincount(band[near] * len(days) + column[near], minlength=rows * len(days))
    return found.reshape(rows, len(days)).astype(np.int64)


def _links(pairs: Ints, band: Ints, day: Ints, days: tuple[int, ...], found: Flags) -> Ints:
    """Pairs (earlier event, later event) of the cells that stand, from the corner of near and soon outwards."""
    if not found[0, 0]:
        return np.zeros((0, 2), dtype=np.int64)
    apart = day[pairs[:, 1]] - day[pairs[:, 0]]
    near = (band == 0) & (np.abs(apart) <= days[0])
    kept, apart = pairs[near], apart[near]
    found_links: Ints = np.where((apart < 0)[:, None], kept[:, ::-1], kept).astype(np.int64)
    return found_links
