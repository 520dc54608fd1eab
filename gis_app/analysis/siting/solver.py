"""From a problem to a plan: presolve, a heuristic start, HiGHS, years; always a bound, always within the time."""

import numpy as np

from gis_app.analysis.siting import plan as words
from gis_app.analysis.siting.core import Core, make_core
from gis_app.analysis.siting.plan import OnProgress, SitingPlan, Weights, weights_of
from gis_app.analysis.siting.presolve import presolve
from gis_app.analysis.siting.problem import Ints, SitingProblem
from gis_app.analysis.siting.session import Options, Session
from gis_app.analysis.siting.work import Found, Work

_PRESOLVE_SHARE = 0.1


def solve(problem: SitingProblem, seed: int = 0, time_limit_s: float = 60, on_progress: OnProgress | None = None,
          options: Options | None = None) -> SitingPlan:  # fmt: skip
    """The best plan that the time allows, with a bound; `on_progress` answers True to stop with the best so far."""
    options = options or Options()
    nobody = np.zeros(0, np.int64)
    session = Session(weights_of(problem, nobody, nobody).total, time_limit_s, on_progress)
    core, missing = make_core(problem)
    if status := _plain_status(problem, core, missing):
        return _answer(problem, session, Found(status=status, missing=missing))
    small = presolve(core, session.begun + _PRESOLVE_SHARE * session.limit, options.presolve)
    session.tell(0.0, float(small.clauses.weight.sum()))
    return _answer(problem, session, Work(problem, small, session, options, seed).solve())


def _plain_status(problem: SitingProblem, core: Core, missing: Ints) -> str:
    """What needs no solver."""
    if missing.size:
        return words.MUST_INFEASIBLE
    if not core.size:
        free = np.setdiff1d(np.arange(len(problem.cost)), problem.forbidden)
        return words.ZERO_BUDGET if free.size else words.NO_CANDIDATE
    if not (core.clauses.weight.size or core.must.size or core.locked.any()):
        return words.NOTHING_COVERABLE
    return ""


def _answer(problem: SitingProblem, session: Session, found: Found) -> SitingPlan:
    """The plan in the problem's own ids, its weights counted anew from the problem's rows."""
    paid = found.paid
    columns = np.array(sorted(paid), np.int64)
    cameras, lamps = columns[columns < problem.cameras], columns[columns >= problem.cameras] - problem.cameras
    nobody = np.zeros(0, np.int64)
    before, after = weights_of(problem, nobody, nobody), weights_of(problem, cameras, lamps)
    bound = max(after.total, before.total + found.bound)
    years = np.array([paid[one][0] for one in columns.tolist()], np.int64)
    funds = np.array([paid[one][1] for one in columns.tolist()], np.int64)
    return SitingPlan(
        cameras, lamps, years, funds, float(problem.cost[columns].sum()), after.total, bound,
        gap_share(before, after, bound), before.total, after.total, before, after, found.status,
        tuple(session.history), tuple(int(one) for one in found.missing), found.conflict, found.floor,
        found.floor_bound,
    )  # fmt: skip


def gap_share(before: Weights, after: Weights, bound: float) -> float:
    """How much more than this plan the best one may add, as a share of what this plan adds."""
    more, gain = bound - after.total, after.total - before.total
    if more <= 1e-9 * max(1.0, abs(bound)):
        return 0.0
    return more / gain if gain > 0 else 1.0
