"""A siting problem in the form that is solved: what existing devices leave open, as signals and clauses.

A *signal* is a set of columns; its count is how many of them are chosen. A *clause* pays its weight when the count of
its first signal reaches `need` (1, or 2 for a second camera) and, where it has a second signal, that one reaches 1:

    by day, not seen yet           cameras that see it >= 1
    by night, lit, not seen        cameras that see it >= 1
    by night, seen, not lit        lamps on it or infrared cameras that see it >= 1
    by night, neither              both of the two above
    second camera                  cameras that see it >= 2, or 1 where one stands already
"""

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from gis_app.analysis.siting.money import Bins, make_bins
from gis_app.analysis.siting.problem import Bools, Floats, Ints, SitingProblem, sums

NONE = -1


@dataclass(frozen=True)
class Clauses:
    """One entry per clause; `second` is -1 for none; `zone` is -1 where it does not count for a zone's share."""

    first: Ints
    need: Ints
    second: Ints
    weight: Floats
    zone: Ints

    def take(self, kept: Ints | Bools) -> "Clauses":
        """Some of them."""
        return Clauses(self.first[kept], self.need[kept], self.second[kept], self.weight[kept], self.zone[kept])


@dataclass(frozen=True)
class Core:
    """Signals x columns (0, 1), what a column is, the clauses, signals that must reach 1, poles, money."""

    signals: sp.csr_matrix
    columns: Ints
    cost: Floats
    is_camera: Bools
    pole: Ints
    locked: Bools
    clauses: Clauses
    must: Ints
    heads: Ints
    exclusive: Bools
    bins: Bins
    zone_before: Floats
    zone_total: Floats

    @property
    def size(self) -> int:
        """How many columns."""
        return len(self.columns)

    def satisfied(self, count: Ints) -> Bools:
        """Which clauses pay."""
        found = count[self.clauses.first] >= self.clauses.need
        pairs = self.clauses.second >= 0
        found[pairs] &= count[self.clauses.second[pairs]] >= 1
        return np.asarray(found)

    def value(self, chosen: Ints) -> float:
        """Weight that a set of columns adds."""
        return self.paid(self.counts(chosen))

    def paid(self, count: Ints) -> float:
        """Weight of the clauses that pay."""
        return float(self.clauses.weight[self.satisfied(count)].sum())

    def counts(self, chosen: Ints) -> Ints:
        """How many chosen columns each signal has."""
        picked = np.zeros(self.size, np.int64)
        picked[chosen] = 1
        return np.asarray(self.signals @ picked, np.int64)

    def zone_shares(self, count: Ints) -> Floats:
        """Each zone's covered share of its weight; 1 for a zone without weight."""
        paid = self.satisfied(count) & (self.clauses.zone >= 0)
        added = sums(self.clauses.zone[paid], self.clauses.weight[paid], len(self.zone_total))
        total = np.where(self.zone_total > 0, self.zone_total, 1.0)
        return np.where(self.zone_total > 0, (self.zone_before + added) / total, 1.0)

    def keep_columns(self, kept: Ints) -> "Core":
        """The same with some of the columns; ids ascend."""
        return replace(self, signals=sp.csr_matrix(self.signals[:, kept]), columns=self.columns[kept],
                       cost=self.cost[kept], is_camera=self.is_camera[kept], pole=self.pole[kept],
                       locked=self.locked[kept])  # fmt: skip


def make_core(problem: SitingProblem) -> tuple[Core, Ints]:
    """The open part of a problem, and the targets that must be covered but that no column sees."""
    bins = make_bins(problem)
    columns = _usable(problem, bins)
    cameras = columns[columns < problem.cameras]
    lamps = sp.csr_matrix((len(columns) - len(cameras), problem.targets)).astype(np.int8)
    sees = sp.csr_matrix(sp.vstack((problem.camera_sees[cameras], lamps), format="csr").T)
    lights = sp.csr_matrix(problem.lights[columns].T)
    signals = sp.csr_matrix(sp.vstack((sees, lights), format="csr"))
    clauses = _clauses(problem)
    filled = np.diff(signals.indptr)
    open_must = np.flatnonzero(problem.must & (problem.standing == 0))
    uncoverable = open_must[filled[open_must] == 0]
    possible = filled[clauses.first] >= clauses.need
    pairs = clauses.second >= 0
    possible[pairs] &= filled[clauses.second[pairs]] > 0
    before, total = _zones(problem)
    locked = np.zeros(len(problem.cost), bool)
    locked[problem.locked] = True
    core = Core(signals, columns, problem.cost[columns], problem.is_camera[columns], problem.pole[columns],
                locked[columns], clauses.take(possible), open_must[filled[open_must] > 0], problem.heads,
                problem.exclusive, bins, before, total)  # fmt: skip
    return core, uncoverable


def _usable(problem: SitingProblem, bins: Bins) -> Ints:
    """Columns neither forbidden, nor too dear, nor on a pole without a head; locked ones always."""
    kept = np.ones(len(problem.cost), bool)
    for kind in (True, False):
        mine = problem.is_camera == kind
        kept[mine] = problem.cost[mine] <= bins.most(kind) + bins.slack
    kept &= ~problem.is_camera | (problem.heads[problem.pole] > 0)
    kept[problem.forbidden] = False
    kept[problem.locked] = True
    return np.flatnonzero(kept)


def _clauses(problem: SitingProblem) -> Clauses:
    """What each target can still add; signal i: cameras that see target i, signal n + i: what lights it."""
    n, day, night = problem.targets, problem.weight_day, problem.weight_night
    seen = problem.standing > 0
    at_night = ~problem.seen_infrared & (night > 0)
    extra = np.where(problem.backup, problem.backup_share * day, 0.0)
    parts = [
        (~seen & (day > 0), 0, 1, NONE, day), (at_night & ~seen & problem.lit, 0, 1, NONE, night),
        (at_night & seen & ~problem.lit, n, 1, NONE, night), (at_night & ~seen & ~problem.lit, 0, 1, n, night),
        ((extra > 0) & (problem.standing == 1), 0, 1, NONE, extra), ((extra > 0) & ~seen, 0, 2, NONE, extra),
    ]  # fmt: skip
    made = []
    for mask, offset, need, second, weight in parts:
        rows = np.flatnonzero(mask)
        zone = problem.zone[rows] if problem.equity and weight is not extra else np.full(len(rows), NONE)
        made.append(Clauses(rows + offset, np.full(len(rows), need), rows + second if second > 0
                            else np.full(len(rows), NONE), weight[rows], zone))  # fmt: skip
    return Clauses(*(np.concatenate([getattr(one, name) for one in made])
                     for name in ("first", "need", "second", "weight", "zone")))  # fmt: skip


def _zones(problem: SitingProblem) -> tuple[Floats, Floats]:
    """Weight of each zone that existing devices cover, and in all; backup is no part of a share."""
    if not problem.equity:
        return np.zeros(0), np.zeros(0)
    seen = problem.standing > 0
    at_night = problem.seen_infrared | (seen & problem.lit)
    covered = problem.weight_day * seen + problem.weight_night * at_night
    mine = problem.zone >= 0
    size = int(problem.zone.max(initial=-1)) + 1
    every = problem.weight_day + problem.weight_night
    return (sums(problem.zone[mine], covered[mine], size),
            sums(problem.zone[mine], every[mine], size))  # fmt: skip
