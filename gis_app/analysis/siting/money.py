"""Where the money lies: one bin per year and fund (or per fund, where the rest of a year carries over)."""

from dataclasses import dataclass

import numpy as np

from gis_app.analysis.siting.problem import CAMERA, LAMP, Bools, Floats, Ints, SitingProblem

# Sums of money are compared with a tolerance of their rounding.
EPSILON = 1e-9


@dataclass(frozen=True)
class Bins:
    """Money that may be spent on cameras, on lamps or on both; `year` is -1 where years are pooled."""

    money: Floats
    for_camera: Bools
    for_lamp: Bools
    year: Ints
    fund: Ints

    def allowed(self, is_camera: bool) -> Ints:
        """The bins that pay for a kind."""
        return np.flatnonzero(self.for_camera if is_camera else self.for_lamp)

    def most(self, is_camera: bool) -> float:
        """What the dearest device of a kind may cost."""
        found = self.money[self.allowed(is_camera)]
        return float(found.max()) if found.size else -1.0

    @property
    def slack(self) -> float:
        """Rounding of sums of money."""
        return EPSILON * max(1.0, float(self.money.sum()))


def make_bins(problem: SitingProblem) -> Bins:
    """With carry-over a fund's years are one bin: whatever fits in all years together can be bought in the last one.

    A bin without money stays only where something costs nothing.
    """
    years, funds = problem.budgets.shape
    camera = np.array([CAMERA in kinds for kinds in problem.fund_kinds], bool)
    lamp = np.array([LAMP in kinds for kinds in problem.fund_kinds], bool)
    if problem.carry_over:
        money, year, fund = problem.budgets.sum(axis=0), np.full(funds, -1), np.arange(funds)
    else:
        money = problem.budgets.ravel()
        year, fund = np.repeat(np.arange(years), funds), np.tile(np.arange(funds), years)
    free = bool((problem.cost <= 0).any())
    kept = (money > 0) | free
    return Bins(money[kept], camera[fund][kept], lamp[fund][kept], year[kept].astype(np.int64),
                fund[kept].astype(np.int64))  # fmt: skip


class Wallet:
    """What is left in each bin, and which bin pays for which column."""

    def __init__(self, bins: Bins, cost: Floats, is_camera: Bools) -> None:
        self.bins, self.cost, self.is_camera = bins, cost, is_camera
        self.left = bins.money.copy()
        self.paid: dict[int, int] = {}
        # Money for one kind is spent before money for both.
        kinds = bins.for_camera.astype(np.int64) + bins.for_lamp
        self._order = {kind: sorted(bins.allowed(kind).tolist(), key=lambda one: int(kinds[one]))
                       for kind in (True, False)}  # fmt: skip
        self._kinds = kinds

    def bin_for(self, column: int) -> int:
        """The bin to pay from, -1 for none: the most special one, then the tightest fit."""
        found, best = -1, (0, 0.0)
        for one in self._order[bool(self.is_camera[column])]:
            rest = self.left[one] - self.cost[column]
            key = (int(self._kinds[one]), float(rest))
            if rest >= -self.bins.slack and (found < 0 or key < best):
                found, best = one, key
        return found

    def buy(self, column: int) -> bool:
        """Pay, if some bin can."""
        found = self.bin_for(column)
        if found >= 0:
            self.paid[column] = found
            self.left[found] -= self.cost[column]
        return found >= 0

    def sell(self, column: int) -> None:
        """Give the money back."""
        self.left[self.paid.pop(column)] += self.cost[column]

    def affordable(self) -> Bools:
        """The columns that some bin can still pay."""
        limit = np.full(2, -1.0)
        for kind in (True, False):
            if self._order[kind]:
                limit[int(kind)] = self.left[self._order[kind]].max()
        return self.cost <= limit[self.is_camera.astype(np.int64)] + self.bins.slack
