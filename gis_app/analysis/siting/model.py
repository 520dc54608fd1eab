"""The core as a sparse mixed-integer model: columns x and l, signals f, pairs z, numbers per cost class q, floor t."""

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp

from gis_app.analysis.siting.core import Core
from gis_app.analysis.siting.money import Wallet
from gis_app.analysis.siting.problem import Floats, Ints, sums

# Past this many cost classes x bins the model asks for sums of money only; the plan is then packed afterwards.
_MOST_CELLS = 4000
_WHOLE_LIMIT = 2.0**40


@dataclass
class Rows:
    """Rows gathered as triplets."""

    row: list[Ints] = field(default_factory=list)
    column: list[Ints] = field(default_factory=list)
    value: list[Floats] = field(default_factory=list)
    low: list[Floats] = field(default_factory=list)
    high: list[Floats] = field(default_factory=list)
    count: int = 0

    def add(self, block: sp.coo_matrix, columns: Ints, low: Floats, high: Floats) -> None:
        """A block whose columns are the model's `columns`."""
        self.row.append(block.row.astype(np.int64) + self.count)
        self.column.append(columns[block.col])
        self.value.append(block.data.astype(np.float64))
        self.low.append(low)
        self.high.append(high)
        self.count += len(low)

    def matrix(self, columns: int) -> sp.csr_matrix:
        """All rows."""
        shape = (self.count, columns)
        if not self.row:
            return sp.csr_matrix(shape)
        parts = (np.concatenate(self.value), (np.concatenate(self.row), np.concatenate(self.column)))
        return sp.csr_matrix(sp.coo_matrix(parts, shape=shape))


@dataclass(frozen=True)
class Money:
    """Cost classes of the kinds that more than one bin pays for, and which variable stands for how many from where."""

    kind: Ints
    cost: Floats
    cell_class: Ints
    cell_bin: Ints
    class_of: Ints
    exact: bool


@dataclass(frozen=True)
class Model:
    """What HiGHS is given, and where the parts lie."""

    matrix: sp.csr_matrix
    low: Floats
    high: Floats
    weight: Floats
    lower: Floats
    upper: Floats
    whole: Ints
    money: Money
    signals: Ints
    joined: Ints
    floor_at: int
    scale: float
    step: float


def money_of(core: Core) -> Money:
    """A device's bin matters only by its cost, so devices of one kind and cost are counted, not told apart."""
    class_of = np.full(core.size, -1)
    kinds: list[int] = []
    costs: list[float] = []
    cells: list[int] = []
    bins: list[int] = []
    for is_camera in (True, False):
        allowed = core.bins.allowed(is_camera)
        mine = np.flatnonzero((core.is_camera == is_camera) & (core.cost > 0))
        if len(allowed) < 2 or not len(mine):
            continue
        values, inverse = np.unique(core.cost[mine], return_inverse=True)
        class_of[mine] = inverse + len(costs)
        for one, value in enumerate(values):
            payers = allowed[core.bins.money[allowed] >= value - core.bins.slack]
            cells += [one + len(costs)] * len(payers)
            bins += payers.tolist()
        costs += values.tolist()
        kinds += [int(is_camera)] * len(values)
    return Money(np.array(kinds, np.int64), np.array(costs), np.array(cells, np.int64), np.array(bins, np.int64),
                 class_of, len(cells) <= _MOST_CELLS)  # fmt: skip


def make_model(core: Core, floor: float | None = None, seek_floor: bool = False) -> Model:
    """The model; with `floor` every zone that can gain holds that share, with `seek_floor` the share is what rises."""
    clauses, money = core.clauses, money_of(core)
    signals = np.unique(np.concatenate((clauses.first, clauses.second[clauses.second >= 0])))
    joined = np.flatnonzero((clauses.second >= 0) | (clauses.need > 1))
    cells = len(money.cell_class) if money.exact else 0
    m, s, j = core.size, len(signals), len(joined)
    at = np.cumsum([m, s, j, cells])
    size = int(at[3]) + int(seek_floor)
    place = np.full(core.signals.shape[0], -1)
    place[signals] = m + np.arange(s)
    variable = place[clauses.first].copy()
    variable[joined] = at[1] + np.arange(j)
    lower, upper = np.zeros(size), np.ones(size)
    lower[:m][core.locked] = 1.0
    weight = sums(variable, clauses.weight, size)
    rows = Rows()
    _signal_rows(core, rows, place, lower)
    _joined_rows(core, rows, place, joined, int(at[1]))
    _pole_rows(core, rows)
    _money_rows(core, rows, money, int(at[2]), upper)
    if floor is not None or seek_floor:
        _zone_rows(core, rows, variable, floor, size - 1)
    if seek_floor:
        weight = np.zeros(size)
        weight[-1] = 1.0
    scale, step = _scale(weight)
    whole = np.concatenate((np.arange(m), np.arange(at[2], at[3]))).astype(np.int64)
    return Model(rows.matrix(size), _joined(rows.low), _joined(rows.high), weight * scale, lower, upper, whole, money,
                 signals, joined, size - 1 if seek_floor else -1, scale, step)  # fmt: skip


def _joined(parts: list[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.zeros(0)


def _scale(weight: Floats) -> tuple[float, float]:
    """Whole weights become small whole ones, so that plans differ by 1 at least; the step between plans, 0 if none."""
    used = weight[weight > 0]
    if not used.size:
        return 1.0, 0.0
    if np.array_equal(used, np.trunc(used)) and used.max() < _WHOLE_LIMIT and len(used) > 1:
        return 1.0 / float(np.gcd.reduce(used.astype(np.int64))), 1.0
    return 1.0 / float(used.mean()), 0.0


def _signal_rows(core: Core, rows: Rows, place: Ints, lower: Floats) -> None:
    """Each f <= sum of its columns; a must row: sum >= 1."""
    used = np.flatnonzero(place >= 0)
    if used.size:
        block = sp.hstack((core.signals[used], -sp.eye_array(len(used))), format="coo")
        columns = np.concatenate((np.arange(core.size), place[used]))
        rows.add(sp.coo_matrix(block), columns, np.zeros(len(used)), np.full(len(used), np.inf))
    lower[place[core.must[place[core.must] >= 0]]] = 1.0
    rest = core.must[place[core.must] < 0]
    if rest.size:
        rows.add(sp.coo_matrix(core.signals[rest]), np.arange(core.size), np.ones(len(rest)),
                 np.full(len(rest), np.inf))  # fmt: skip


def _joined_rows(core: Core, rows: Rows, place: Ints, joined: Ints, start: int) -> None:
    """Each z <= f of both signals; a second camera: z <= f and z + f <= sum."""
    clauses = core.clauses.take(joined)
    z = start + np.arange(len(joined))
    pairs = clauses.second >= 0
    for mine, other in ((np.full(len(joined), True), clauses.first), (pairs, clauses.second)):
        count = int(mine.sum())
        if count:
            block = sp.hstack((sp.eye_array(count), -sp.eye_array(count)), format="coo")
            columns = np.concatenate((z[mine], place[other[mine]]))
            rows.add(sp.coo_matrix(block), columns, np.full(count, -np.inf), np.zeros(count))
    twice = np.flatnonzero(clauses.need > 1)
    if twice.size:
        first, count = clauses.first[twice], len(twice)
        block = sp.hstack((core.signals[first], -sp.eye_array(count), -sp.eye_array(count)), format="coo")
        columns = np.concatenate((np.arange(core.size), place[first], z[twice]))
        rows.add(sp.coo_matrix(block), columns, np.zeros(count), np.full(count, np.inf))


def _pole_rows(core: Core, rows: Rows) -> None:
    """Heads and exclusivity, where they can bind."""
    poles = np.arange(len(core.heads))
    every = np.bincount(core.pole, minlength=len(poles))
    views = np.bincount(core.pole[core.is_camera], minlength=len(poles))
    alone = (core.exclusive & (every > 1), np.full(core.size, True), np.ones(len(poles)))
    heads = (~core.exclusive & (views > core.heads), core.is_camera, core.heads)
    for bound, mine, limit in (alone, heads):
        ids = np.flatnonzero(bound)
        columns = np.flatnonzero(mine & bound[core.pole])
        if ids.size:
            places = (np.searchsorted(ids, core.pole[columns]), np.arange(len(columns)))
            block = sp.coo_matrix((np.ones(len(columns)), places), (len(ids), len(columns)))
            rows.add(block, columns, np.full(len(ids), -np.inf), limit[ids].astype(np.float64))


def _money_rows(core: Core, rows: Rows, money: Money, start: int, upper: Floats) -> None:
    """What each bin pays; with classes also that each chosen device is paid once."""
    bins = core.bins
    unit, rounded = _unit(core)
    if not money.exact:
        _sum_rows(core, rows, unit, rounded)
        return
    cells = len(money.cell_class)
    alone = np.flatnonzero((money.class_of < 0) & (core.cost > 0))
    payer = np.array([bins.allowed(bool(one))[0] for one in core.is_camera[alone]], np.int64)
    line = np.concatenate((payer, money.cell_bin))
    price = np.concatenate((core.cost[alone], money.cost[money.cell_class] if cells else np.zeros(0))) / unit
    columns = np.concatenate((alone, start + np.arange(cells)))
    if line.size:
        block = sp.coo_matrix((price, (line, np.arange(len(line)))), (len(bins.money), len(line)))
        rows.add(block, columns, np.full(len(bins.money), -np.inf), rounded)
    if cells:
        upper[start : start + cells] = np.floor((bins.money[money.cell_bin] + bins.slack)
                                                / money.cost[money.cell_class])  # fmt: skip
        chosen = np.flatnonzero(money.class_of >= 0)
        line = np.concatenate((money.class_of[chosen], money.cell_class))
        sign = np.concatenate((np.ones(len(chosen)), -np.ones(cells)))
        block = sp.coo_matrix((sign, (line, np.arange(len(line)))), (len(money.cost), len(line)))
        zero = np.zeros(len(money.cost))
        rows.add(block, np.concatenate((chosen, start + np.arange(cells))), zero, zero)


def _sum_rows(core: Core, rows: Rows, unit: float, rounded: Floats) -> None:
    """A relaxation: cameras, lamps and both within the sums that may pay for them. Its bound is a bound."""
    bins, price = core.bins, core.cost / unit
    for payers, mine in ((bins.for_camera, core.is_camera), (bins.for_lamp, ~core.is_camera),
                         (bins.for_camera | bins.for_lamp, np.full(core.size, True))):  # fmt: skip
        columns = np.flatnonzero(mine)
        if columns.size:
            rows.add(sp.coo_matrix(price[columns][None, :]), columns, np.array([-np.inf]),
                     np.array([rounded[payers].sum() + bins.slack / unit]))  # fmt: skip


def _unit(core: Core) -> tuple[float, Floats]:
    """A unit of money in which costs are whole where they can be, and each bin's money in it."""
    used = core.cost[core.cost > 0]
    if used.size and np.array_equal(used, np.trunc(used)) and used.max() < _WHOLE_LIMIT:
        unit = float(np.gcd.reduce(used.astype(np.int64)))
        return unit, np.floor((core.bins.money + core.bins.slack) / unit)
    unit = float(used.max()) if used.size else 1.0
    return unit, core.bins.money / unit


def _zone_rows(core: Core, rows: Rows, variable: Ints, floor: float | None, last: int) -> None:
    """Zones that can gain: covered weight >= floor * weight, the floor a number or the model's last variable."""
    mine = np.flatnonzero(core.clauses.zone >= 0)
    zones, line = np.unique(core.clauses.zone[mine], return_inverse=True)
    if not zones.size:
        return
    total = core.zone_total[zones]
    data = core.clauses.weight[mine] / total[line]
    line, columns = line.ravel(), variable[mine]
    before = core.zone_before[zones] / total
    if floor is None:
        line = np.concatenate((line, np.arange(len(zones))))
        columns = np.concatenate((columns, np.full(len(zones), last)))
        data = np.concatenate((data, -np.ones(len(zones))))
    block = sp.coo_matrix((data, (line, np.arange(len(line)))), (len(zones), len(line)))
    rows.add(block, columns, (floor or 0.0) - before - 1e-9, np.full(len(zones), np.inf))


def full_point(core: Core, model: Model, chosen: Ints, wallet: Wallet) -> Floats:
    """A plan as values of all the model's variables."""
    point = np.zeros(len(model.weight))
    point[chosen] = 1.0
    count = core.counts(chosen)
    m, s = core.size, len(model.signals)
    point[m : m + s] = count[model.signals] > 0
    start = m + s
    point[start : start + len(model.joined)] = core.satisfied(count)[model.joined]
    start += len(model.joined)
    if model.money.exact and len(model.money.cell_class):
        cell = {key: k for k, key in enumerate(zip(model.money.cell_class.tolist(), model.money.cell_bin.tolist(),
                                                   strict=True))}  # fmt: skip
        for column in chosen.tolist():
            if model.money.class_of[column] >= 0:
                point[start + cell[int(model.money.class_of[column]), wallet.paid[column]]] += 1
    if model.floor_at >= 0:
        active = np.unique(core.clauses.zone[core.clauses.zone >= 0])
        point[model.floor_at] = core.zone_shares(count)[active].min(initial=1.0)
    return point
