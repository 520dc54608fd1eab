"""The run itself, on a presolved core: start, floor of the zones, plan, what to say when it cannot be."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from gis_app.analysis.siting import plan as words
from gis_app.analysis.siting.core import Clauses, Core
from gis_app.analysis.siting.dual import dual_bound
from gis_app.analysis.siting.mip import Outcome, run
from gis_app.analysis.siting.model import Model, full_point, make_model
from gis_app.analysis.siting.money import Wallet
from gis_app.analysis.siting.problem import Floats, Ints, SitingProblem
from gis_app.analysis.siting.session import Options, Session
from gis_app.analysis.siting.start import Search
from gis_app.analysis.siting.state import Tables
from gis_app.analysis.siting.years import pack, schedule

_START_SHARE, _FLOOR_SHARE = 0.2, 0.4
# Without a solver the search goes on until so many trials in a row were of no use.
_LAST_STALE = 600
# Local search between the solver's steps: this share of the time, in slices.
_SEARCH_SHARE, _SEARCH_AFTER_S, _SLICE_S = 0.2, 1.0, 0.5
# A model of more entries than this takes HiGHS past the time (it hears no call inside the first relaxation) and past
# 800 MB; its bound is the Lagrangian one then. From the smaller number on there is a Lagrangian bound first.
_MOST_ENTRIES, _DUAL_ENTRIES = 1_200_000, 400_000


@dataclass(frozen=True)
class Found:
    """Column of the problem -> (year, fund); the bound without what existing devices cover."""

    status: str
    paid: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    bound: float = 0.0
    missing: tuple[int, ...] | Ints = ()
    conflict: str = ""
    floor: float = 0.0
    floor_bound: float = 0.0


@dataclass
class Choice:
    """A set of the core's columns and who pays; None where nothing feasible is known."""

    columns: Ints
    wallet: Wallet


class Work:
    """One run."""

    def __init__(self, problem: SitingProblem, core: Core, session: Session, options: Options, seed: int) -> None:
        self.problem, self.core, self.session, self.options, self.seed = problem, core, session, options, seed
        self.search: Search | None = None
        self._searched = 0.0

    def solve(self) -> Found:
        """Start, floor, plan."""
        choice = self._start()
        floor = floor_bound = 0.0
        if self.problem.equity and (self.core.clauses.zone >= 0).any():
            choice, outcome = self._run(self.core, choice, seek_floor=True)
            if outcome.status == "infeasible":
                return self._conflict()
            floor_bound = min(1.0, max(0.0, outcome.bound))
            floor = self._floor_of(choice)
            if choice is not None:
                self._tell(choice)
        choice, outcome = self._run(self.core, choice, floor=floor if self.problem.equity else None)
        if outcome.status == "infeasible":
            return self._conflict()
        if choice is None:
            return Found(self._how(outcome), bound=self._bound(outcome))
        found = Found(self._how(outcome), self._years(choice), self._bound(outcome))
        return replace(found, floor=floor, floor_bound=max(floor, floor_bound))

    def _start(self) -> Choice | None:
        """Greedy, swaps, local search; None when it breaks a must row or locked devices cannot be paid."""
        if not self.options.heuristics:
            return None
        until = self.session.begun + _START_SHARE * self.session.limit
        search = Search(self.core, self.seed)
        state = search.begin(lambda: self.session.late() or time.monotonic() > until)
        if state is None or (state.count[self.core.must] < 1).any():
            return None
        choice = Choice(state.columns(), state.wallet)
        self._tell(choice)
        # With a floor for the zones the search would break it.
        self.search = None if self.problem.equity else search
        return choice

    def _more_search(self, better: Ints | None) -> None:
        """A slice of local search while the solver waits, at most a share of the time; on from the solver's plan."""
        if self.search is None or self.search.state is None:
            return
        if better is not None and self.core.value(better) > self.core.paid(self.search.state.count):
            self.search.load(better)
        now = time.monotonic()
        if self._searched > _SEARCH_SHARE * (now - self.session.begun - _SEARCH_AFTER_S):
            return
        until = now + _SLICE_S
        state = self.search.again(lambda: self.session.late() or time.monotonic() > until)
        self._searched += time.monotonic() - now
        if state is not None and self.core.paid(state.count) > self.session.best:
            self._tell(Choice(state.columns(), state.wallet))

    def _tell(self, choice: Choice, bound: float | None = None) -> None:
        kinds = self.core.is_camera[choice.columns]
        self.session.tell(self.core.value(choice.columns), bound, (int(kinds.sum()), int((~kinds).sum())))

    def _floor_of(self, choice: Choice | None) -> float:
        if choice is None:
            return 0.0
        active = np.unique(self.core.clauses.zone[self.core.clauses.zone >= 0])
        return float(self.core.zone_shares(self.core.counts(choice.columns))[active].min(initial=1.0))

    def _run(self, core: Core, choice: Choice | None, floor: float | None = None,
             seek_floor: bool = False) -> tuple[Choice | None, Outcome]:  # fmt: skip
        """One model; the better of the choice given and of what is found."""
        model = make_model(core, floor, seek_floor)
        everything = 1.0 if seek_floor else float(core.clauses.weight.sum())
        plain = core is self.core and not seek_floor
        if plain and model.matrix.nnz > _DUAL_ENTRIES:
            everything = self._dual(everything)
        if self.session.late() or model.matrix.nnz > _MOST_ENTRIES:
            if plain and self.search is not None:
                self.search.again(self.session.late, _LAST_STALE)
                choice = self._searched_choice()
            return choice, Outcome(None, everything, "stopped" if self.session.stopped else "time_limit")
        deadline = self.session.deadline
        if seek_floor:
            deadline -= (1 - _FLOOR_SHARE) * (deadline - time.monotonic())
        start = None if choice is None else full_point(core, model, choice.columns, choice.wallet)
        watch = self._watch if plain else lambda _point, _bound: self.session.tell()
        searched = plain and self.search is not None
        outcome = run(model, start, self.seed, self.options.gap, deadline, watch, searched)
        outcome = replace(outcome, bound=min(outcome.bound, everything))
        made = None if outcome.point is None else self._choice(core, model, outcome.point)
        known = [one for one in (choice, made, self._searched_choice() if plain else None) if one is not None]
        merit = self._floor_of if seek_floor else lambda one: core.value(one.columns)
        return max(known, key=merit, default=None), outcome

    def _watch(self, point: Floats | None, bound: float) -> bool:
        """News of the solver; a slice of search; whether to stop."""
        core = self.core
        value, numbers, chosen = None, None, None
        if point is not None:
            chosen = np.flatnonzero(point[: core.size] > 0.5)
            cameras = int(core.is_camera[chosen].sum())
            value, numbers = core.value(chosen), (cameras, len(chosen) - cameras)
        if self.session.tell(value, bound if np.isfinite(bound) else None, numbers):
            return True
        self._more_search(chosen)
        return self.session.proven(self.options.gap)

    def _searched_choice(self) -> Choice | None:
        """The search's plan."""
        if self.search is None or self.search.state is None:
            return None
        return Choice(self.search.state.columns(), self.search.state.wallet)

    def _dual(self, everything: float) -> float:
        """A first bound, before a solver that may not come to its own in the time."""
        half = self.session.begun + 0.5 * self.session.limit
        best = self.session.best
        bound = dual_bound(self.core, best, lambda: self.session.late() or time.monotonic() > half)
        self.session.tell(bound=min(bound, everything))
        return min(bound, everything)

    def _choice(self, core: Core, model: Model, point: Floats) -> Choice | None:
        """Columns of a point, each paid from a bin; what cannot be paid (a relaxation of money) is left out."""
        chosen = np.flatnonzero(point[: core.size] > 0.5)
        counts: dict[tuple[int, int], int] = {}
        if model.money.exact and len(model.money.cell_class):
            at = core.size + len(model.signals) + len(model.joined)
            values = np.rint(point[at : at + len(model.money.cell_class)]).astype(int)
            cells = zip(model.money.cell_class.tolist(), model.money.cell_bin.tolist(), values.tolist(), strict=True)
            counts = {(kind, one): count for kind, one, count in cells if count}
        wallet, unpaid = pack(core, chosen, counts, model.money.class_of)
        if unpaid:
            chosen = np.setdiff1d(chosen, np.array(unpaid))
            if core.locked[unpaid].any() or (core.counts(chosen)[core.must] < 1).any():
                return None
        return Choice(chosen, wallet)

    def _years(self, choice: Choice) -> dict[int, tuple[int, int]]:
        budgets = self.problem.budgets
        if len(budgets) == 1:
            fund = self.core.bins.fund
            return {int(self.core.columns[column]): (0, int(fund[one])) for column, one in choice.wallet.paid.items()}
        # Only what was chosen.
        core = self.core.keep_columns(choice.columns)
        wallet = Wallet(core.bins, core.cost, core.is_camera)
        wallet.left = choice.wallet.left.copy()
        wallet.paid = {place: choice.wallet.paid[column] for place, column in enumerate(choice.columns.tolist())}
        paid = schedule(core, Tables(core), wallet, budgets, self.problem.carry_over)
        return {int(core.columns[column]): when for column, when in paid.items()}

    def _bound(self, outcome: Outcome) -> float:
        """A bound that all stages agree on."""
        return float(min(outcome.bound, self.core.clauses.weight.sum()))

    def _how(self, outcome: Outcome) -> str:
        if self.session.stopped:
            return words.STOPPED
        # Proven with a plan of the search, the solver was told to stop.
        if outcome.status == "stopped":
            return words.OPTIMAL if self.session.proven(self.options.gap) else words.TIME_LIMIT
        return outcome.status

    def _conflict(self) -> Found:
        """Which must rows cannot be met together, or that the locked devices cannot be paid."""
        core = self.core
        ones = np.ones(len(core.must))
        clauses = Clauses(core.must, np.ones(len(core.must), np.int64), np.full(len(core.must), -1), ones,
                          np.full(len(core.must), -1))  # fmt: skip
        softer = replace(core, clauses=clauses, must=np.zeros(0, np.int64))
        choice, outcome = self._run(softer, None)
        if choice is None:
            conflict = "locked" if outcome.status == "infeasible" else "must"
            return Found(words.MUST_INFEASIBLE, conflict=conflict)
        chosen = np.zeros(len(self.problem.cost), bool)
        chosen[core.columns[choice.columns]] = True
        sees = self.problem.camera_sees[np.flatnonzero(chosen[: self.problem.cameras])]
        seen = np.bincount(sees.indices, minlength=self.problem.targets) + self.problem.standing
        missing = np.flatnonzero(self.problem.must & (seen == 0))
        return Found(words.MUST_INFEASIBLE, self._years(choice), 0.0, missing, "must")
