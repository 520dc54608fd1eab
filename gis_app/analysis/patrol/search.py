"""Plan routes: short runs of annealing from scratch, each with its own chance, then the best packing of all routes met.

Every run is the same for a seed whatever comes after it, so more iterations are more runs and never worse.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gis_app.analysis.patrol.anneal import Run, anneal, empty_pool
from gis_app.analysis.patrol.network import make_net
from gis_app.analysis.patrol.packing import pack
from gis_app.analysis.patrol.plan import PatrolPlan, Routes, describe, follow
from gis_app.analysis.patrol.polish import polish_all
from gis_app.analysis.patrol.problem import PatrolProblem, check_problem, reach_of
from gis_app.analysis.patrol.recreate import recreate
from gis_app.analysis.patrol.state import Net, State, copy_changed, empty_state, in_time, routes_of, state_of
from gis_app.errors import Unprocessable

Progress = Callable[[float, float], bool]
# First and last temperature in mean prizes; length of one mean shift in mean prizes.
HOT, COLD, LENGTH_SHARE = 1.0, 0.01, 0.5
RUNS = 4


def plan_routes(
    problem: PatrolProblem,
    seed: int = 0,
    time_limit_s: float = 2.0,
    on_progress: Progress | None = None,
    iterations: int | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> PatrolPlan:
    """Plan."""
    check_problem(problem)
    reach = reach_of(problem)
    bonus = 2.0 * float(problem.prize.sum()) + 1.0
    net = make_net(problem, reach, bonus)
    total = iterations or int(time_limit_s*20000)
    start = clock()
    pool = empty_pool()
    best = None
    value = -np.inf
    mean = problem.prize[net.stops].mean()
    cost = LENGTH_SHARE * mean / net.shift.mean()
    heat = (HOT * mean, COLD * mean, cost, MARGIN * mean)
    n = 0
    for k in range(RUNS):
        rng = np.array([np.random.SeedSequence([seed, k]).generate_state(1, np.uint64)[0] | np.uint64(1)], np.uint64)
        first = empty_state(net)
        order, rank = np.zeros(problem.node_count + 2, np.int64), np.zeros(problem.node_count + 2)
        recreate(net, first, rng, int(net.stops[0]), order, rank)
        first.changed[:] = True
        states = [empty_state(net) for _ in range(3)]
        for s in states:
            copy_changed(first, s)
        v = first.gain.sum() - cost * first.length.sum()
        run = Run(states[0], states[1], states[2], pool, rng, np.array([v, v]), order, rank)
        length = total // RUNS
        i = 0
        while i < length:
            j = min(length, i + 500)
            anneal(net, run, (i, j, length), heat)
            n += j - i
            i = j
            if clock() - start > time_limit_s * (0.8 if SP else 1)* (k + 1) / RUNS:
                break
        VALUES.append((run.best.gain.sum()))
        if run.value[1] > value:
            value, best = run.value[1], routes_of(run.best)
    prize = sum(net.prize[u] for r in best for u in r)
    t1 = clock() - start
    if SP:
        found = pack(net, pool, prize, 5.0)
        if found:
            best = found
    INFO.append((n, int(pool.count[0]), t1, clock() - start - t1, bool(SP and found)))
    return describe(problem, reach, tuple(tuple(r) for r in best), "complete", (seed, n))
VALUES = []
INFO = []
SP = True
MARGIN = 1.0
