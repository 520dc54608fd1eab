"""The best plan of a tiny question by trying everything, and a check of any plan by the question alone."""

import itertools

import numpy as np

from gis_app.analysis.patrol import PatrolPlan, PatrolProblem
from gis_app.analysis.patrol.plan import Routes


def keeps_time(problem: PatrolProblem, team: int, stops: tuple[int, ...]) -> bool:
    """Walk the route: windows and shift; who has no stop stays."""
    if not stops:
        return True
    here, clock = int(problem.start[team]), max(0.0, float(problem.open_s[problem.start[team]]))
    for node in (*stops, int(problem.end[team])):
        if here != node:
            clock += float(problem.travel_s[here, node])
        clock = max(clock, float(problem.open_s[node]))
        if clock > problem.close_s[node] + 1e-6:
            return False
        if node in stops:
            clock += float(problem.service_s[node])
        here = node
    return clock <= problem.shift_s[team] + 1e-6


def in_order(stops: tuple[int, ...], order: tuple[int, ...]) -> bool:
    """The locked stops are all there, in their order."""
    return tuple(node for node in stops if node in order) == order


def best_prize(problem: PatrolProblem) -> float | None:
    """The optimum by enumeration of all orders of all sets for every team; None: not all musts can be served."""
    free = np.flatnonzero(~problem.depot & ~problem.forbidden).tolist()
    feasible: list[set[frozenset[int]]] = []
    for team in range(problem.team_count):
        mine = [node for node in free if problem.allowed[team, node]]
        locks = [order for owner, order in problem.locked if owner == team]
        sets = set()
        for count in range(len(mine) + 1):
            for some in itertools.combinations(mine, count):
                if any(
                    all(in_order(order, lock) for lock in locks) and keeps_time(problem, team, order)
                    for order in itertools.permutations(some)
                ):
                    sets.add(frozenset(some))
        feasible.append(sets)
    must = {*np.flatnonzero(problem.must).tolist()}
    values = [
        float(sum(problem.prize[node] for part in parts for node in part))
        for parts in itertools.product(*feasible)
        if len(frozenset().union(*parts)) == sum(map(len, parts)) and must <= frozenset().union(*parts)
    ]
    return max(values, default=None)


def faults_of(problem: PatrolProblem, plan: PatrolPlan) -> list[str]:
    """Every rule that the plan breaks."""
    served = [node for stops in plan.routes for node in stops]
    faults = ["twice"] if len(served) != len(set(served)) else []
    if problem.depot[served].any() or problem.forbidden[served].any():
        faults.append("forbidden")
    for team, stops in enumerate(plan.routes):
        if not keeps_time(problem, team, stops):
            faults.append("time")
        if not problem.allowed[team, list(stops)].all():
            faults.append("allowed")
    if any(not in_order(plan.routes[team], order) for team, order in problem.locked):
        faults.append("lock")
    if plan.status != "must_missing" and not set(np.flatnonzero(problem.must).tolist()) <= set(served):
        faults.append("must")
    if set(plan.unserved) != set(np.flatnonzero(~problem.depot).tolist()) - set(served):
        faults.append("unserved")
    if plan.prize != float(sum(problem.prize[node] for node in sorted(served))):
        faults.append("prize")
    if plan.bound is not None and plan.bound < plan.prize - 1e-9:
        faults.append("bound")
    return faults


def streets_of(problem: PatrolProblem, routes: Routes) -> frozenset[tuple[int, int]]:
    """Pairs of nodes gone between, either way."""
    walks = [(int(problem.start[t]), *stops, int(problem.end[t])) for t, stops in enumerate(routes) if stops]
    return frozenset((min(pair), max(pair)) for walk in walks for pair in itertools.pairwise(walk))
