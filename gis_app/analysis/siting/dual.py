"""A bound without a solver: Lagrangian dual by subgradients, for what is too large for the relaxation or too urgent.

With mu_s in [0, W_s] the price of signal s (W_s: the weight that hangs on it, a pair's half on each of its two),

    L(mu) = sum (W_s - mu_s) + max { sum_j x_j sum_{s of j} mu_s : money, heads }

is never below the best plan: prices relax f_s <= sum of x; a second camera is relaxed to the first. The maximum on the
right is relaxed once more, to a fractional knapsack per sum of money.
"""

from collections.abc import Callable

import numpy as np

from gis_app.analysis.siting.core import Core
from gis_app.analysis.siting.problem import Bools, Floats, sums

_HALVE_AFTER = 12


class _Knapsack:
    """The right side: the best fractional use of the money by the columns' prices."""

    def __init__(self, core: Core) -> None:
        self.core = core
        bins, camera = core.bins, core.is_camera
        every = np.full(core.size, True)
        money = bins.money
        self.pools = [
            [(every, float(money[bins.for_camera | bins.for_lamp].sum()))],
            [(camera, float(money[bins.for_camera].sum())), (~camera, float(money[bins.for_lamp].sum()))],
        ]
        self.cost = core.cost
        self.grouped = self._grouped()
        self.limit = np.minimum(core.heads, np.where(core.exclusive, 1, core.heads))[core.pole]

    def _grouped(self) -> Bools:
        """Cameras on poles where all cameras cost the same: only the best of them can be chosen, as many as heads."""
        core = self.core
        low, high = np.full(len(core.heads), np.inf), np.full(len(core.heads), -np.inf)
        mine = core.is_camera & ~core.locked
        np.minimum.at(low, core.pole[mine], core.cost[mine])
        np.maximum.at(high, core.pole[mine], core.cost[mine])
        return np.asarray(mine & (low == high)[core.pole])

    def best(self, worth: Floats) -> tuple[float, Floats]:
        """The least of the two relaxations, and its x."""
        usable = worth > 0
        ids = np.flatnonzero(self.grouped & usable)
        if ids.size:
            ids = ids[np.lexsort((-worth[ids], self.core.pole[ids]))]
            pole = self.core.pole[ids]
            first = np.flatnonzero(np.concatenate(([True], pole[1:] != pole[:-1])))
            rank = np.arange(len(ids)) - np.repeat(first, np.diff(np.append(first, len(ids))))
            usable[ids[rank >= self.limit[ids]]] = False
        found = [self._pooled(worth, usable, pools) for pools in self.pools]
        return min(found, key=lambda one: one[0])

    def _pooled(self, worth: Floats, usable: Bools, pools: list[tuple[Bools, float]]) -> tuple[float, Floats]:
        share = np.zeros(len(worth))
        for mask, money in pools:
            ids = np.flatnonzero(mask & usable)
            price = np.maximum(self.cost[ids], 1e-12)
            ids = ids[np.argsort(-worth[ids] / price, kind="stable")]
            before = np.concatenate(([0.0], np.cumsum(self.cost[ids])))[:-1]
            share[ids] = np.clip((money - before) / np.maximum(self.cost[ids], 1e-12), 0.0, 1.0)
            share[ids[self.cost[ids] <= 0]] = 1.0
        return float(worth @ share), share


def dual_bound(core: Core, best: float, stop: Callable[[], bool], rounds: int = 200) -> float:
    """The least L(mu) of some rounds; `best` is the weight of a known plan."""
    clauses, knapsack = core.clauses, _Knapsack(core)
    pairs = clauses.second >= 0
    size = core.signals.shape[0]
    held = np.where(pairs, clauses.weight / 2, clauses.weight)
    weight = sums(clauses.first, held, size) + sums(clauses.second[pairs], held[pairs], size)
    signals = core.signals.astype(np.float64)
    price, found, factor, stale = weight / 2, float(weight.sum()), 1.0, 0
    for _ in range(rounds):
        if stop() or found <= best:
            break
        right, share = knapsack.best(np.asarray(signals.T @ price))
        value = float((weight - price).sum()) + right
        stale = 0 if value < found else stale + 1
        found = min(found, value)
        if stale >= _HALVE_AFTER:
            factor, stale = factor / 2, 0
        slope = np.asarray(signals @ share) - 1.0
        length = float(slope @ slope)
        if length <= 0:
            break
        price = np.clip(price - factor * (value - best) / length * slope, 0.0, weight)
    return max(found, best)
