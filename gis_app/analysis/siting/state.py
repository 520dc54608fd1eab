"""A plan under construction, with what each column would add kept up to date while columns come and go."""

from collections.abc import Iterable
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from gis_app.analysis.siting.core import Clauses, Core
from gis_app.analysis.siting.money import Wallet
from gis_app.analysis.siting.problem import Bools, Floats, Ints, sums

# A must row is worth more than all weights together, so that searches meet it first.
_MUST_FACTOR = 10.0
_PAIR_CAMERAS = 64


class Tables:
    """What every state of one core shares: the clauses with must rows as heavy ones, and the pairs' matrices."""

    def __init__(self, core: Core) -> None:
        old, count = core.clauses, len(core.must)
        self.must_weight = _MUST_FACTOR * max(float(old.weight.sum()), 1e-9)
        self.core = core
        self.clauses = Clauses(
            np.concatenate((old.first, core.must)), np.concatenate((old.need, np.ones(count, np.int64))),
            np.concatenate((old.second, np.full(count, -1))),
            np.concatenate((old.weight, np.full(count, self.must_weight))),
            np.concatenate((old.zone, np.full(count, -1))),
        )  # fmt: skip
        self.by_column = sp.csr_matrix(core.signals.T)
        self.pairs = np.flatnonzero(self.clauses.second >= 0)
        # Where a camera alone does both (infrared), and where a camera sees but does not light.
        seeing = core.signals[self.clauses.first[self.pairs]]
        lighting = core.signals[self.clauses.second[self.pairs]]
        self.both = sp.csr_matrix(seeing.multiply(lighting)).astype(np.float64)
        self.lamps = np.flatnonzero(~core.is_camera)
        self.seeing = sp.csr_matrix(seeing - seeing.multiply(lighting)).astype(np.float64)
        self.lighting = sp.csr_matrix(lighting[:, self.lamps]).astype(np.float64)
        self.price = np.maximum(core.cost, max(1e-9, 1e-6 * float(core.cost.max(initial=0.0))))

    @cached_property
    def seeing_columns(self) -> sp.csc_matrix:
        """The same by column."""
        return sp.csc_matrix(self.seeing)


class State:
    """Chosen columns, the count of each signal, the gain of each column."""

    def __init__(self, tables: Tables) -> None:
        core = tables.core
        self.tables, self.core = tables, core
        self.wallet = Wallet(core.bins, core.cost, core.is_camera)
        self.chosen = np.zeros(core.size, bool)
        self.count = np.zeros(core.signals.shape[0], np.int64)
        self.views = np.zeros(len(core.heads), np.int64)
        self.devices = np.zeros(len(core.heads), np.int64)
        self.once, self.open = self._weights()
        self.gain = np.asarray(core.signals.T @ self.once + tables.both.T @ self.open, np.float64)

    def _weights(self) -> tuple[Floats, Floats]:
        """What one more on each signal pays, and what each pair pays that has neither."""
        clauses, count, pairs = self.tables.clauses, self.count, self.tables.pairs
        due = count[clauses.first] == clauses.need - 1
        met = count[clauses.first] >= clauses.need
        first, second = due, np.zeros(len(due), bool)
        lit = count[clauses.second[pairs]] > 0
        first[pairs] &= lit
        second[pairs] = met[pairs] & ~lit
        size = len(count)
        once = sums(clauses.first[first], clauses.weight[first], size)
        once = once + sums(clauses.second[second], clauses.weight[second], size)
        return once, np.where(~met[pairs] & ~lit, clauses.weight[pairs], 0.0)

    def _refresh(self) -> None:
        once, opened = self._weights()
        rows = np.flatnonzero(once != self.once)
        if rows.size:
            self.gain += self.core.signals[rows].T @ (once[rows] - self.once[rows])
        if self.tables.both.nnz:
            rows = np.flatnonzero(opened != self.open)
            if rows.size:
                self.gain += self.tables.both[rows].T @ (opened[rows] - self.open[rows])
        self.once, self.open = once, opened

    def _shift(self, column: int, step: int) -> None:
        rows = self.tables.by_column
        self.count[rows.indices[rows.indptr[column] : rows.indptr[column + 1]]] += step
        pole = self.core.pole[column]
        self.devices[pole] += step
        self.views[pole] += step * int(self.core.is_camera[column])
        self.chosen[column] = step > 0

    def fits(self, column: int) -> bool:
        """Whether the pole has room."""
        pole = self.core.pole[column]
        room = not self.core.is_camera[column] or self.views[pole] < self.core.heads[pole]
        return bool(room and not self.chosen[column] and not (self.core.exclusive[pole] and self.devices[pole]))

    def add(self, column: int) -> bool:
        """Buy and place a column, if there are money and room."""
        if not self.fits(column) or not self.wallet.buy(column):
            return False
        self._shift(column, 1)
        self._refresh()
        return True

    def place(self, column: int) -> None:
        """Count a column without asking for money or room: of a set that is known to have both."""
        self._shift(column, 1)
        self._refresh()

    def drop(self, column: int) -> None:
        """The reverse of `place`."""
        self._shift(column, -1)
        self._refresh()

    def remove(self, columns: Iterable[int]) -> None:
        """Take columns away."""
        for column in columns:
            self.wallet.sell(column)
            self._shift(column, -1)
        self._refresh()

    def possible(self) -> Bools:
        """Columns with room and money for them."""
        core = self.core
        room = (self.views < core.heads)[core.pole] | ~core.is_camera
        blocked = (core.exclusive & (self.devices > 0))[core.pole]
        return room & ~blocked & ~self.chosen & self.wallet.affordable()

    def best_pair(self, possible: Bools, power: float) -> tuple[float, int, int]:
        """A camera and a lamp that pay together what neither pays alone: score, camera, lamp."""
        tables, price = self.tables, self.tables.price
        lamps = np.flatnonzero(possible[tables.lamps])
        promise = np.where(possible & self.core.is_camera, self.gain + tables.seeing.T @ self.open, 0.0) / price**power
        top = np.argsort(-promise, kind="stable")[:_PAIR_CAMERAS]
        top = top[promise[top] > 0]
        if not (len(lamps) and len(top)):
            return 0.0, -1, -1
        weighted = tables.seeing_columns[:, top].T.multiply(self.open)
        together = (sp.csr_matrix(weighted) @ tables.lighting[:, lamps]).toarray()
        columns = tables.lamps[lamps]
        total = together + self.gain[top][:, None] + self.gain[columns][None, :]
        score = np.where(together > 0, total / (price[top][:, None] + price[columns][None, :]) ** power, 0.0)
        best = int(np.argmax(score))
        return float(score.flat[best]), int(top[best // len(columns)]), int(columns[best % len(columns)])

    @property
    def value(self) -> float:
        """Weight of the clauses that pay, must rows as heavy ones."""
        clauses = self.tables.clauses
        found = self.count[clauses.first] >= clauses.need
        pairs = self.tables.pairs
        found[pairs] &= self.count[clauses.second[pairs]] >= 1
        return float(clauses.weight[found].sum())

    def snapshot(self) -> tuple[object, ...]:
        """What `restore` needs."""
        return (self.chosen.copy(), self.count.copy(), self.views.copy(), self.devices.copy(), self.once, self.open,
                self.gain.copy(), self.wallet.left.copy(), dict(self.wallet.paid))  # fmt: skip

    def restore(self, kept: tuple[object, ...]) -> None:
        """Back to a snapshot; it may be used once."""
        (self.chosen, self.count, self.views, self.devices, self.once, self.open, self.gain, self.wallet.left,
         self.wallet.paid) = kept  # type: ignore[assignment]  # fmt: skip

    def columns(self) -> Ints:
        """The chosen ones."""
        return np.flatnonzero(self.chosen)
