"""Plan routes: runs of annealing from scratch, each with its own chance, then the best packing of all routes met.

Lengths of the runs depend on the number of stops alone: short ones first, so that an answer is there soon, then full
ones. A run is the same whatever comes after it: the same seed and iterations give the same plan on any machine, also
those of a plan that the clock cut short, and more iterations are never worse.
"""

import itertools
import time
from collections.abc import Callable, Iterator

import numpy as np

from gis_app.analysis.patrol.anneal import Pool, Run, anneal, empty_pool, value_of
from gis_app.analysis.patrol.network import make_net
from gis_app.analysis.patrol.packing import pack
from gis_app.analysis.patrol.plan import PatrolPlan, describe
from gis_app.analysis.patrol.polish import polish_all
from gis_app.analysis.patrol.problem import PatrolProblem, check_problem, lone_order, reach_of
from gis_app.analysis.patrol.recreate import JUST_OUT, recreate
from gis_app.analysis.patrol.state import GAIN, POS, WHERE, Net, State, copy_changed, empty_state, routes_of, state_of

Progress = Callable[[float, float], bool]
# First and last temperature, and how far below the best a state may be whose routes are remembered, in mean prizes.
HOT, COLD, MARGIN = 1.0, 0.01, 3.0
# What a mean shift's length of travel costs, in mean prizes.
LENGTH_SHARE = 0.5
# Iterations of a full run per stop; shares of a full run that come first; a slice between looks at the clock.
RUN_LENGTH, WARM_RUNS, SLICE = 160, (27, 9, 3), 200
# Iterations per second that a time limit stands for, at 100 stops: what a slow machine does. Share kept for packing.
RATE, PACKING_SHARE = 18_000.0, 0.15


def plan_routes(
    problem: PatrolProblem,
    seed: int = 0,
    time_limit_s: float = 2.0,
    on_progress: Progress | None = None,
    iterations: int | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> PatrolPlan:
    """Plan the routes of a shift.

    Parameters
    ----------
    problem
        Checked first (`check_problem`).
    seed, iterations
        Together they decide the plan, if time is enough; without `iterations`, `time_limit_s` stands for a number of
        them (`nominal_iterations`). The plan says how many were done: give those to get it again.
    time_limit_s
        Seconds by `clock` after which the best so far is returned.
    on_progress
        Called with the share done (0 to 1) and the best prize so far, many times a second; True stops.

    Raises
    ------
    Unprocessable
        As `check_problem`.
    """
    check_problem(problem)
    reach = reach_of(problem)
    bonus = 2.0 * float(problem.prize.sum()) + 1.0
    net = make_net(problem, reach, bonus)
    if len(net.stops) == 0:
        return describe(problem, reach, tuple(() for _ in net.start), "complete", (seed, 0))
    search = _Search(problem, net, clock, clock() + time_limit_s, on_progress)
    wanted = iterations if iterations is not None else nominal_iterations(len(net.stops), time_limit_s)
    routes = search.solve(seed, max(wanted, 1), PACKING_SHARE * time_limit_s)
    return describe(problem, reach, tuple(tuple(route) for route in routes), search.status, (seed, search.done))


def nominal_iterations(stop_count: int, time_limit_s: float) -> int:
    """Iterations that a time limit stands for, on every machine alike: whole runs, at least the first."""
    most = time_limit_s * RATE * (100.0 / max(stop_count, 1)) ** 0.75
    sums = itertools.accumulate(run_lengths(stop_count))
    first = next(sums)
    return max([first, *itertools.takewhile(lambda total: total <= most, sums)])


def run_lengths(stop_count: int) -> Iterator[int]:
    """Iterations of each run, without end."""
    full = RUN_LENGTH * max(stop_count, 10)
    for part in WARM_RUNS:
        yield full // part
    while True:
        yield full


class _Search:
    """One question being worked on: the best routes so far, iterations done, and whether it was stopped."""

    def __init__(
        self, problem: PatrolProblem, net: Net, clock: Callable[[], float], end: float, on_progress: Progress | None
    ) -> None:
        self.net, self.clock, self.end, self.on_progress = net, clock, end, on_progress
        self.locked = lone_order(problem)
        mean = float(problem.prize[net.stops].mean()) or 1.0
        length_cost = LENGTH_SHARE * mean / max(float(net.shift.mean()), 1e-9)
        self.heat = (HOT * mean, COLD * mean, length_cost, MARGIN * mean)
        self.routes: list[list[int]] = self.locked
        self.value, self.done, self.status = -np.inf, 0, "complete"

    def solve(self, seed: int, total: int, packing_s: float) -> list[list[int]]:
        """Do the runs, the last cut where the iterations end, then the packing."""
        pool = empty_pool(self.net)
        for number, length in enumerate(run_lengths(len(self.net.stops))):
            run = self._start(pool, _chance(seed, number))
            self._go(run, length, total, packing_s)
            if run.value[1] > self.value:
                self.value, self.routes = float(run.value[1]), routes_of(run.best)
            if self.status != "complete" or self.done >= total:
                break
        if self.status != "stopped":
            self._pack(pool, max(self.end - self.clock(), packing_s))
        return self.routes

    def _start(self, pool: Pool, rng: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> Run:
        """Locked stops, then whatever fits."""
        net, nodes = self.net, len(self.net.stop)
        order, rank = np.zeros(nodes + 2, np.int64), np.zeros(nodes + 2)
        first = state_of(net, self.locked)
        first.link[first.link[:, WHERE] < 0, POS] = JUST_OUT
        recreate(net, first, rng, int(net.stops[0]), order, rank)
        polish_all(net, first)
        states: list[State] = []
        for _ in range(3):
            states.append(empty_state(net))
            first.changed[:] = True
            copy_changed(net, first, states[-1])
        value = value_of(first, self.heat[2])
        return Run(states[0], states[1], states[2], pool, rng, np.array([value, value]), order, rank)

    def _go(self, run: Run, length: int, total: int, packing_s: float) -> None:
        """Anneal in slices; the clock and the caller may end it."""
        last = min(length, total - self.done)
        for begun in range(0, last, SLICE):
            if self.clock() >= self.end - packing_s and self.done:
                self.status = "time_limit"
                return
            if self.on_progress is not None:
                best = max(self._prize(self.routes), self._prize(routes_of(run.best)))
                if self.on_progress(self.done / total, best):
                    self.status = "stopped"
                    return
            until = min(begun + SLICE, last)
            anneal(self.net, run, (begun, until, length), self.heat)
            self.done += until - begun

    def _pack(self, pool: Pool, limit_s: float) -> None:
        floor = float(state_of(self.net, self.routes).team[:, GAIN].sum())
        packed, finished = pack(self.net, pool, floor, limit_s)
        if not finished:
            self.status = "time_limit"
        if packed is not None:
            state = state_of(self.net, packed)
            polish_all(self.net, state)
            self.routes = routes_of(state)

    def _prize(self, routes: list[list[int]]) -> float:
        return float(sum(self.net.stop[node, 3] for route in routes for node in route))


def _chance(seed: int, number: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    state = np.random.SeedSequence([seed, number]).generate_state(1, np.uint64)
    return np.asarray(state | np.uint64(1))
