"""What other sums of money would bring, and what one device more or less is worth."""

import time
from dataclasses import dataclass, replace

import numpy as np

from gis_app.analysis.siting.core import Core, make_core
from gis_app.analysis.siting.plan import SitingPlan, weights_of
from gis_app.analysis.siting.presolve import merge_signals, presolve
from gis_app.analysis.siting.problem import Bools, Floats, Ints, SitingProblem
from gis_app.analysis.siting.start import fill
from gis_app.analysis.siting.state import State, Tables

_MOST_POINTS = 300
_LIMIT_S = 5.0


@dataclass(frozen=True, eq=False)
class Marginal:
    """Weight of the best device more (id -1: none helps), of the best pair, and of each chosen one taken away.

    `camera` and `lamp` are alone; `pair` is a camera and a lamp together, where they pay more than alone.
    """

    camera: float
    camera_id: int
    lamp: float
    lamp_id: int
    pair: float
    pair_ids: tuple[int, int]
    without_cameras: Floats
    without_lamps: Floats


def _rich(problem: SitingProblem) -> SitingProblem:
    """The same with money for everything, in one fund and year; other rules stay."""
    money = np.array([[float(problem.cost.sum()) + 1.0]])
    return replace(problem, budgets=money, fund_kinds=[{"camera", "lamp"}], carry_over=False, equity=False)


def cost_curve(problem: SitingProblem, plan: SitingPlan | None = None,
               time_limit_s: float = _LIMIT_S) -> list[tuple[float, float]]:  # fmt: skip
    """(cost, covered weight) from no money to all that helps: the greedy path, and the solved plan; never falling.

    Poles, locks and bans are kept; years and funds are not, since the curve asks for sums that nobody granted yet.
    """
    until = time.monotonic() + time_limit_s
    rich = _rich(problem)
    core = presolve(make_core(rich)[0], time.monotonic() + time_limit_s / 4)
    tables = Tables(core)
    state = State(tables)
    order = [int(one) for one in np.flatnonzero(core.locked) if state.add(int(one))]
    order += fill(state, 1.0, lambda: time.monotonic() > until)
    nobody = np.zeros(0, np.int64)
    points = [(0.0, weights_of(problem, nobody, nobody).total)]
    walk, spent = State(tables), 0.0
    for column in order:
        walk.place(column)
        spent += float(core.cost[column])
        points.append((spent, points[0][1] + core.paid(walk.count)))
    if plan is not None:
        points.append((plan.cost, plan.after))
    return _thin(_rising(points))


def _rising(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """By cost; a point that brings no more than a cheaper one is left out."""
    found: list[tuple[float, float]] = []
    for cost, weight in sorted(points, key=lambda one: (one[0], -one[1])):
        if not found or weight > found[-1][1] + 1e-9:
            found.append((cost, weight))
    return found


def _thin(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most some hundred points, the ends among them."""
    if len(points) <= _MOST_POINTS:
        return points
    return [points[one] for one in np.unique(np.linspace(0, len(points) - 1, _MOST_POINTS).round().astype(int))]


def marginal(problem: SitingProblem, plan: SitingPlan) -> Marginal:
    """Money aside: what one more camera, lamp or both would add beside a plan, and what each device of it holds."""
    core, _ = make_core(_rich(problem))
    # Every column stays, since any of them may be asked about.
    core = merge_signals(replace(core, must=np.zeros(0, np.int64)))
    state = State(Tables(core))
    chosen = np.concatenate((plan.cameras, plan.lamps + problem.cameras))
    for column in np.searchsorted(core.columns, chosen).tolist():
        state.place(int(column))
    possible = state.possible()
    camera = _most(state, possible & core.is_camera)
    lamp = _most(state, possible & ~core.is_camera)
    _, seeing, lighting = state.best_pair(possible, 0.0)
    pair, ids = 0.0, (-1, -1)
    if seeing >= 0:
        before = state.value
        state.place(seeing)
        pair = state.value + float(state.gain[lighting]) - before
        ids = (int(core.columns[seeing]), int(core.columns[lighting]) - problem.cameras)
        state.drop(seeing)
    lost = _losses(state, core, chosen)
    count = len(plan.cameras)
    return Marginal(camera[0], camera[1], lamp[0], lamp[1] - problem.cameras if lamp[1] >= 0 else -1, pair, ids,
                    lost[:count], lost[count:])  # fmt: skip


def _most(state: State, mask: Bools) -> tuple[float, int]:
    """The greatest gain among some columns, and the problem's column."""
    ids = np.flatnonzero(mask)
    if not ids.size:
        return 0.0, -1
    found = ids[np.argmax(state.gain[ids])]
    gain = float(state.gain[found])
    return (gain, int(state.core.columns[found])) if gain > 0 else (0.0, -1)


def _losses(state: State, core: Core, chosen: Ints) -> Floats:
    """What is lost when one device is taken away."""
    lost = []
    for column in np.searchsorted(core.columns, chosen).tolist():
        before = state.value
        state.drop(int(column))
        lost.append(before - state.value)
        state.place(int(column))
    return np.array(lost, np.float64)
