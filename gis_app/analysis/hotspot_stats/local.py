"""Hot and cold cells: Getis-Ord Gi* and local Moran with conditional permutation, and the false discovery rate.

With counts y of n cells, mean m, and weights w (1 for a cell that touches and, in Gi*, for the cell itself; rows of
local Moran's add up to 1):

    Gi*_i = sum_j w_ij y_j / sum_j y_j,     z_i = (Gi*_i - E) / sqrt(V)   under random labels
    I_i   = (n - 1) z_i sum_j w_ij z_j / sum_j z_j^2,     z = (y - m) / s

Getis & Ord (1992), Ord & Getis (1995), Anselin (1995); moments as in esda 2.9, to which tests hold this file.

Conditional permutation: the cell keeps its count, and the counts of all other cells are dealt anew to its k
neighbours. The counts are whole numbers, so all of the C(n - 1, k) deals can be counted instead of drawing some: with
m_v other cells that have the count v,

    number of deals of k cells with the sum s  =  coefficient of x^k t^s in  prod_v (1 + x t^v)^(m_v)

and p = min(1, 2 min(P(sum >= observed), P(sum <= observed))). It is what esda's simulated p tends to for both
statistics, with no seed and no smallest value. It says nothing of the cell's own count, though: a single cell full of
events among ordinary ones is not hot by it. So Gi* is judged by the deal to the cell and its neighbours together, the
one under which its mean and variance stand (Ord & Getis 1995); local Moran by the conditional one.
False discoveries: Benjamini & Hochberg (1995) over all cells at the level q.
"""

from dataclasses import dataclass
from math import comb

import numpy as np
from scipy.sparse import csr_array, diags_array, eye_array

from gis_app.analysis.hotspot_stats.events import Flags, Floats, Ints

FDR_LEVEL = 0.05


@dataclass(frozen=True, eq=False)
class Local:
    """A statistic by cell with its normal score, its p over all deals, and which cells stand the FDR."""

    value: Floats
    z_score: Floats
    p: Floats
    found: Flags


def gi_star(y: Ints, near: csr_array, level: float = FDR_LEVEL) -> Local:
    """Gi* of counts; `near` has 1 for cells that touch and nothing on its diagonal."""
    n, total = len(y), float(np.sum(y))
    weights = csr_array(near + eye_array(n))
    size = np.asarray(weights.sum(axis=1)).ravel()
    value = np.asarray(weights @ y).ravel() / total
    mean = total / n
    variance = float(np.mean(np.square(y, dtype=float))) - mean**2
    spread = size * (n - size) / (n - 1) / n**2 * variance / mean**2
    score = np.divide(value - size / n, np.sqrt(spread), out=np.zeros(n), where=spread > 0)
    p = dealt_p(y, near, with_itself=True)
    return Local(value, score, p, stands(p, level))


def local_moran(y: Ints, near: csr_array, level: float = FDR_LEVEL) -> tuple[Local, Floats]:
    """Local Moran of counts, and the neighbours' mean standard score: high among high or among low."""
    n = len(y)
    z = (y - np.mean(y)) / (np.std(y) or 1.0)
    size = np.asarray(near.sum(axis=1)).ravel()
    share = np.divide(1.0, size, out=np.zeros(n), where=size > 0)
    lag = np.asarray(csr_array(diags_array(share) @ near) @ z).ravel()
    square = float(np.sum(z * z)) or 1.0
    value = (n - 1) * z * lag / square
    # Conditional randomisation: Sokal et al. 1998, A7 and A8.
    row, second = np.sign(size), square / n
    expected = -(z**2) * row / ((n - 1) * second)
    variance = (z / second) ** 2 * (n / (n - 2)) * (share - row / (n - 1)) * (second - z**2 / (n - 1))
    score = np.divide(value - expected, np.sqrt(np.maximum(variance, 0)), out=np.zeros(n), where=variance > 1e-15)
    p = dealt_p(y, near)
    return Local(value, score, p, stands(p, level)), lag


def dealt_p(y: Ints, near: csr_array, *, with_itself: bool = False) -> Floats:
    """The two-sided p of each cell's neighbours over all deals; 1 for a cell that touches none.

    `with_itself`: the cell's own count is dealt too and counts with its neighbours'.
    """
    y = np.asarray(y, dtype=np.int64)
    touching = np.diff(near.indptr).astype(np.int64)
    size = touching + int(with_itself)
    observed = np.asarray(near @ y).ravel().astype(np.int64) + (y if with_itself else 0)
    deals = _count_deals(y, int(size.max(initial=0)))
    found = np.ones(len(y))
    for value in [None] if with_itself else np.unique(y).tolist():
        share = deals if value is None else _leave_out(deals, value)
        share = share / share.sum(axis=1, keepdims=True).clip(min=1e-300)
        upper = np.cumsum(share[:, ::-1], axis=1)[:, ::-1]
        lower = np.cumsum(share, axis=1)
        at = np.flatnonzero((touching > 0) & ((y == value) if value is not None else True))
        tails = np.minimum(upper[size[at], observed[at]], lower[size[at], observed[at]])
        found[at] = np.clip(2 * tails, 0.0, 1.0)
    return found


def _count_deals(y: Ints, most: int) -> Floats:
    """(most + 1, sums): how many sets of k cells have the sum s."""
    values, times = np.unique(y, return_counts=True)
    top = int(np.sort(y)[len(y) - most :].sum()) if most else 0
    deals = np.zeros((most + 1, top + 1))
    deals[0, 0] = 1.0
    for value, count in zip(values.tolist(), times.tolist(), strict=True):
        grown = deals.copy()
        for taken in range(1, min(most, count) + 1):
            shift = taken * value
            if shift > top:
                break
            grown[taken:, shift:] += comb(count, taken) * deals[: most + 1 - taken, : top + 1 - shift]
        deals = grown
    return deals


def _leave_out(deals: Floats, value: int) -> Floats:
    """The same without one cell of that value: what is left when its deals are taken away."""
    found = deals.copy()
    for k in range(1, len(deals)):
        found[k, value:] -= found[k - 1, : deals.shape[1] - value]
    return np.maximum(found, 0.0)


def stands(p: Floats, level: float) -> Flags:
    """Which of many tests stand at a false discovery rate (Benjamini-Hochberg)."""
    p = np.asarray(p, dtype=float)
    if len(p) == 0:
        return np.zeros(0, dtype=bool)
    ranked = np.sort(p)
    good = np.flatnonzero(ranked <= level * np.arange(1, len(p) + 1) / len(p) + 1e-15)
    found: Flags = p <= ranked[good[-1]] if len(good) else np.zeros(len(p), dtype=bool)
    return found
