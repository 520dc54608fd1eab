"""Which year and fund pays for each chosen device: the set is fixed, what covers most comes first."""

from collections import Counter
from itertools import combinations

import numpy as np

from gis_app.analysis.siting.core import Core
from gis_app.analysis.siting.money import Wallet
from gis_app.analysis.siting.problem import Floats, Ints
from gis_app.analysis.siting.state import State, Tables

# Past this many devices the greedy order stands.
_MOST_SWAPPED = 60
# year, fund of a column
Paid = dict[int, tuple[int, int]]


def pack(core: Core, chosen: Ints, counts: dict[tuple[int, int], int], class_of: Ints) -> tuple[Wallet, list[int]]:
    """Pay for a set; `counts` (class, bin) says how many of a cost class a bin pays. Also what could not be paid."""
    wallet, unpaid = Wallet(core.bins, core.cost, core.is_camera), []
    left = dict(counts)
    by_class: dict[int, list[int]] = {}
    for (kind, one), count in left.items():
        by_class.setdefault(kind, []).extend([one] * count)
    for column in sorted(chosen.tolist(), key=lambda one: (class_of[one] < 0, -core.cost[one])):
        payers = by_class.get(int(class_of[column]), [])
        one = payers.pop() if payers else -1
        if one >= 0 and wallet.left[one] - core.cost[column] >= -core.bins.slack:
            wallet.paid[column] = one
            wallet.left[one] -= core.cost[column]
        elif not wallet.buy(column):
            unpaid.append(column)
    return wallet, unpaid


def schedule(core: Core, tables: Tables, wallet: Wallet, budgets: Floats, carry_over: bool) -> Paid:
    """Years in order; in each the best that is left by weight for money, a camera and its lamp together; then swaps."""
    paid = _carried(core, tables, wallet, budgets) if carry_over else _slotted(core, tables, wallet, len(budgets))
    return _swapped(core, paid, len(budgets)) if 1 < len(paid) <= _MOST_SWAPPED and len(budgets) > 1 else paid


def _swapped(core: Core, paid: Paid, years: int) -> Paid:
    """Devices of one kind and cost change their years while the weight covered, year by year, adds up to more."""

    def score(plan: Paid) -> float:
        return sum(core.paid(core.counts(np.array([one for one, when in plan.items() if when[0] <= year], np.int64)))
                   for year in range(years - 1))  # fmt: skip

    best = score(paid)
    for a, b in combinations(sorted(paid), 2):
        if paid[a][0] != paid[b][0] and _like(core, a) == _like(core, b):
            other = paid | {a: paid[b], b: paid[a]}
            if (value := score(other)) > best:
                paid, best = other, value
    return paid


def _carried(core: Core, tables: Tables, wallet: Wallet, budgets: Floats) -> Paid:
    """A fund's money to date pays; a device that waits can always be paid in the last year."""
    state, paid = State(tables), {}
    fund_of = {column: int(core.bins.fund[one]) for column, one in wallet.paid.items()}
    spent = np.zeros(budgets.shape[1])
    for year, to_date in enumerate(np.cumsum(budgets, axis=0)):

        def can(column: int, to_date: Floats = to_date) -> bool:
            fund = fund_of[column]
            return bool(spent[fund] + core.cost[column] <= to_date[fund] + core.bins.slack)

        while (column := _best(state, [one for one in fund_of if one not in paid and can(one)])) >= 0:
            paid[column] = (year, fund_of[column])
            spent[fund_of[column]] += core.cost[column]
            state.place(column)
    return paid


def _slotted(core: Core, tables: Tables, wallet: Wallet, years: int) -> Paid:
    """Each year and fund pays a number of each kind and cost; devices of one kind and cost may change places."""
    _pull_forward(core, wallet)
    state, paid = State(tables), {}
    bins = core.bins
    for year in range(years):
        slots = Counter((_like(core, column), one) for column, one in wallet.paid.items() if bins.year[one] == year)

        def slot_of(column: int, slots: Counter[tuple[tuple[bool, float], int]] = slots) -> int:
            return next((one for (like, one), count in slots.items() if count > 0 and like == _like(core, column)), -1)

        while (column := _best(state, [one for one in wallet.paid if one not in paid and slot_of(one) >= 0])) >= 0:
            one = slot_of(column)
            slots[_like(core, column), one] -= 1
            paid[column] = (year, int(bins.fund[one]))
            state.place(column)
    return paid


def _like(core: Core, column: int) -> tuple[bool, float]:
    return bool(core.is_camera[column]), float(core.cost[column])


def _pull_forward(core: Core, wallet: Wallet) -> None:
    """What an earlier year's rest can pay is bought earlier."""
    bins = core.bins
    for column in sorted(wallet.paid, key=lambda one: (bins.year[wallet.paid[one]], -core.cost[one])):
        now = wallet.paid[column]
        for one in sorted(bins.allowed(bool(core.is_camera[column])).tolist(), key=lambda one: int(bins.year[one])):
            if bins.year[one] >= bins.year[now]:
                break
            if wallet.left[one] - core.cost[column] >= 0:
                wallet.sell(column)
                wallet.paid[column] = one
                wallet.left[one] -= core.cost[column]
                break


def _best(state: State, columns: list[int]) -> int:
    """The best next device of some; half of a pair when only pairs pay; -1 when there is none."""
    if not columns:
        return -1
    price = state.tables.price
    ids = np.array(columns)
    score = state.gain[ids] / price[ids]
    found = int(np.argmax(score))
    if state.open.any():
        mask = np.zeros(state.core.size, bool)
        mask[ids] = True
        pair, camera, _ = state.best_pair(mask, 1.0)
        if pair > score[found]:
            return camera
    return int(ids[found])
