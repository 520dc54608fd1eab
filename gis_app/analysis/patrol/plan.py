"""The answer: routes, their clocks, and why the other stops are not served."""

from dataclasses import dataclass

import numpy as np

from gis_app.analysis.patrol.problem import PatrolProblem, Reach
from gis_app.analysis.patrol.state import Floats, Ints

TOO_FAR, WINDOW, NO_TIME, FORBIDDEN = "too_far", "window", "no_time", "forbidden"
Routes = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class PatrolPlan:
    """Routes per team without depots; times in seconds since the shift's start.

    `bound` is a prize that no plan can exceed. `status`: `optimal` (proved by the bound), `complete` (all iterations
    done), `time_limit` or `stopped`; `must_missing` if no plan with every must was found, whatever else holds. The same
    problem, seed and `iterations` give the same plan on any machine, also where time ran out; only one that was
    stopped by hand lacks the last step.
    """

    routes: Routes
    prize: float
    bound: float | None
    duration_s: Floats
    arrive_s: dict[int, float]
    begin_s: dict[int, float]
    travel_s: Floats
    unserved: dict[int, str]
    status: str
    seed: int
    iterations: int


@dataclass(frozen=True)
class Clock:
    """A route's times: when each stop is reached, when service starts, when the end depot is reached."""

    arrive: list[float]
    begin: list[float]
    end: float
    travel: float


def follow(problem: PatrolProblem, team: int, stops: tuple[int, ...]) -> Clock:
    """Walk a route by the clock, as early as can be; a team without stops stays where it is."""
    if not stops:
        return Clock([], [], 0.0, 0.0)
    here = int(problem.start[team])
    clock, travelled, service = max(0.0, float(problem.open_s[here])), 0.0, 0.0
    arrive, begin = [], []
    for node in (*stops, int(problem.end[team])):
        step = float(problem.travel_s[here, node]) if here != node else 0.0
        travelled += step
        arrive.append(clock + service + step)
        clock = max(arrive[-1], float(problem.open_s[node]))
        begin.append(clock)
        service = float(problem.service_s[node])
        here = node
    return Clock(arrive[:-1], begin[:-1], begin[-1], travelled)


def describe(problem: PatrolProblem, reach: Reach, routes: Routes, status: str, work: tuple[int, int]) -> PatrolPlan:
    """Return the plan of these routes; `work` is seed and iterations."""
    clocks = [follow(problem, team, stops) for team, stops in enumerate(routes)]
    served = {node for stops in routes for node in stops}
    prize = float(sum(problem.prize[node] for node in sorted(served)))
    bound = upper_bound(problem, reach)
    wanted = {*np.flatnonzero(problem.must).tolist(), *(node for _, order in problem.locked for node in order)}
    if wanted - served:
        status = "must_missing"
    elif prize >= bound - 1e-9:
        status = "optimal"
    return PatrolPlan(
        routes, prize, max(bound, prize), np.array([clock.end for clock in clocks]),
        _by_stop(routes, [clock.arrive for clock in clocks]), _by_stop(routes, [clock.begin for clock in clocks]),
        np.array([clock.travel for clock in clocks]), reasons(problem, reach, served), status, *work,
    )  # fmt: skip


def _by_stop(routes: Routes, times: list[list[float]]) -> dict[int, float]:
    return {node: at for stops, clock in zip(routes, times, strict=True) for node, at in zip(stops, clock, strict=True)}


def reasons(problem: PatrolProblem, reach: Reach, served: set[int]) -> dict[int, str]:
    """Why each stop is not served: forbidden; too_far or window, even alone; no_time, others are worth more."""
    found = {}
    for node in np.flatnonzero(~problem.depot).tolist():
        if node in served:
            continue
        if problem.forbidden[node] or not problem.allowed[:, node].any():
            found[node] = FORBIDDEN
        elif not reach.in_shift[:, node].any():
            found[node] = TOO_FAR
        else:
            found[node] = NO_TIME if reach.possible[:, node].any() else WINDOW
    return found


def upper_bound(problem: PatrolProblem, reach: Reach) -> float:
    """Return a prize that no plan exceeds: a knapsack of half the cheapest way in and out of every stop.

    A route's time is at least the sum, over its stops, of service and half of the arcs beside it, and half of the arcs
    beside its depots. Stops may be served in part, so this is never too low.
    """
    use = reach.possible.any(axis=0) & (problem.prize > 0)
    stops = np.flatnonzero(use)
    if len(stops) == 0:
        return 0.0
    travel = problem.travel_s.astype(np.float64, copy=True)
    np.fill_diagonal(travel, np.inf)
    out = travel[np.ix_(stops, np.concatenate([stops, problem.end]))].min(axis=1)
    into = travel[np.ix_(np.concatenate([problem.start, stops]), stops)].min(axis=0)
    leave = travel[np.ix_(problem.start, stops)].min(axis=1)
    home = travel[np.ix_(stops, problem.end)].min(axis=0)
    spare = float(np.maximum(problem.shift_s - (leave + home) / 2, 0.0).sum())
    need = problem.service_s[stops] + (out + into) / 2
    return _knapsack(problem.prize[stops], need, spare + 1e-6 * len(stops))


def _knapsack(prize: Floats, need: Floats, spare: float) -> float:
    order: Ints = np.argsort(-prize / np.maximum(need, 1e-12), kind="stable")
    total = 0.0
    for k in order.tolist():
        part = min(1.0, spare / need[k]) if need[k] > 0 else 1.0
        total += part * float(prize[k])
        spare -= part * float(need[k])
        if part < 1.0:
            break
    return total
