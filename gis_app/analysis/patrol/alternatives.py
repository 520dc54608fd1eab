"""Other routes that are nearly as good: on other streets than the first, and than those of earlier shifts.

Stops and arcs that were used are made dearer and the question is asked again; what time is left over is filled with
the found order locked. A team that can be expected is a team that can be avoided: hence the draw.
"""

import dataclasses
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gis_app.analysis.patrol.plan import PatrolPlan, Routes, describe
from gis_app.analysis.patrol.problem import PatrolProblem, reach_of
from gis_app.analysis.patrol.search import nominal_iterations, plan_routes
from gis_app.analysis.patrol.state import Floats

# Share of the first routes' streets that the second ones use too. The second may be an item of `avoid`.
StreetShare = Callable[[Routes, Any], float]
# How much dearer used arcs become in one round after another, and how much less used stops are worth.
PENALTIES = ((0.5, 0.1), (1.0, 0.3), (2.0, 0.5), (4.0, 0.8))


@dataclass(frozen=True)
class Alternative:
    """A plan, its share of the best one's prize, and the largest share of its streets used by another or earlier."""

    plan: PatrolPlan
    prize_share: float
    street_share: float


@dataclass(frozen=True)
class _Work:
    """When all must be done, and iterations for one question."""

    end: float
    iterations: int

    @property
    def left_s(self) -> float:
        return max(self.end - time.monotonic(), 0.0)


@dataclass(frozen=True)
class EdgeStreets:
    """`StreetShare` by street edges: `edges(i, j)` are those of the way from node i to j, `length_m` of every edge.

    Earlier shifts are sets of edge numbers; depots of the problem are needed to know the ways out and home.
    """

    problem: PatrolProblem
    edges: Callable[[int, int], Sequence[int]]
    length_m: Floats

    def used(self, routes: Routes) -> frozenset[int]:
        """Edges that these routes use."""
        return frozenset(edge for i, j in arcs_of(self.problem, routes) for edge in self.edges(i, j))

    def __call__(self, routes: Routes, other: Any) -> float:
        """Share of the length, each edge once, that the other uses too."""
        ours = self.used(routes)
        theirs = other if isinstance(other, frozenset) else self.used(other)
        whole = float(self.length_m[list(ours)].sum())
        return float(self.length_m[list(ours & theirs)].sum()) / whole if whole > 0 else 0.0


def arcs_of(problem: PatrolProblem, routes: Routes) -> list[tuple[int, int]]:
    """Pairs of nodes that routes go between, from depot to depot; a team that has no stop stays."""
    return [
        pair
        for team, stops in enumerate(routes) if stops
        for pair in itertools.pairwise((int(problem.start[team]), *stops, int(problem.end[team])))
    ]  # fmt: skip


def alternatives(
    problem: PatrolProblem,
    street_share: StreetShare,
    count: int = 3,
    floor: float = 0.9,
    most_shared: float = 0.5,
    avoid: Sequence[Any] = (),
    seed: int = 0,
    time_limit_s: float = 6.0,
) -> tuple[Alternative, ...]:
    """Return up to `count` plans worth at least `floor` of the best, the most valuable first.

    Each shares at most `most_shared` of its streets with those before it and with every item of `avoid`. Where that
    cannot be had, the plan that shares least stands in, with its true `street_share`: warn if it is too high.

    Parameters
    ----------
    street_share
        `EdgeStreets`, or any function of routes (per team, without depots) and other routes or an item of `avoid`.
    seed, time_limit_s
        As for `plan_routes`; the time is for all together.
    """
    # Iterations are shared out beforehand, so that the same seed gives the same plans if time is enough.
    share = time_limit_s / (2 + 2 * count * len(PENALTIES))
    work = _Work(time.monotonic() + time_limit_s, nominal_iterations(problem.node_count, share))
    best = plan_routes(problem, seed, time_limit_s, iterations=2 * work.iterations)
    if not any(best.routes):
        return (Alternative(best, 1.0, 0.0),)
    chosen: list[Alternative] = []

    def judged(plan: PatrolPlan) -> Alternative:
        others = [*(one.plan.routes for one in chosen), *avoid]
        shared = max((street_share(plan.routes, other) for other in others), default=0.0)
        return Alternative(plan, plan.prize / best.prize if best.prize > 0 else 1.0, shared)

    first = judged(best)
    if first.street_share <= most_shared:
        chosen.append(first)
    spare = [] if chosen else [first]
    while len(chosen) < count:
        used = [best.routes, *(one.plan.routes for one in chosen)]
        tries = list(spare)
        for number, penalty in enumerate(PENALTIES):
            found = judged(_elsewhere(problem, used, penalty, seed + 1 + number, work))
            if found.prize_share >= floor and found.plan.status != "must_missing":
                tries.append(found)
                if found.street_share <= most_shared:
                    break
        new = [one for one in tries if one.plan.routes not in [old.plan.routes for old in chosen]]
        if not new:
            break
        chosen.append(min(new, key=lambda one: max(one.street_share, most_shared)))
        spare = []
    return tuple(sorted(chosen, key=lambda one: -one.plan.prize))


def _elsewhere(
    problem: PatrolProblem, used: Sequence[Routes], penalty: tuple[float, float], seed: int, work: _Work
) -> PatrolPlan:
    """Plan with used arcs dearer and used stops worth less, then fill the time that is truly left."""
    travel, prize = problem.travel_s.astype(np.float64, copy=True), problem.prize.copy()
    for i, j in {arc for routes in used for arc in arcs_of(problem, routes)}:
        for one, other in ((i, j), (j, i)):
            travel[one, other] = problem.travel_s[one, other] * (1.0 + penalty[0])
    prize[sorted({node for routes in used for stops in routes for node in stops})] *= 1.0 - penalty[1]
    kept = {node for _, order in problem.locked for node in order}
    needed = np.flatnonzero(problem.must).tolist()
    # A must or a lock that could only just be reached has to stay reachable.
    for node in (*needed, *kept):
        travel[node], travel[:, node] = problem.travel_s[node], problem.travel_s[:, node]
    dear = plan_routes(
        dataclasses.replace(problem, travel_s=travel, prize=prize), seed, work.left_s, iterations=work.iterations
    )
    locks = tuple((team, stops) for team, stops in enumerate(dear.routes) if stops)
    filled = dataclasses.replace(problem, locked=locks, prize=prize)
    found = plan_routes(filled, seed, work.left_s, iterations=work.iterations)
    return describe(problem, reach_of(problem), found.routes, dear.status, (seed, dear.iterations))


@dataclass(frozen=True)
class MarginalTeam:
    """What one more team would add to the prize, and the plan with it."""

    prize: float
    plan: PatrolPlan


def marginal_team(
    problem: PatrolProblem, plan: PatrolPlan, team: int = 0, seed: int = 0, time_limit_s: float = 2.0
) -> MarginalTeam:
    """Ask again with one more team like the given one; never less than nothing, for it may stay at home."""

    def more(values: Any) -> Any:
        return np.concatenate([values, values[team : team + 1]])

    larger = dataclasses.replace(
        problem, start=more(problem.start), end=more(problem.end), shift_s=more(problem.shift_s),
        allowed=more(problem.allowed),
    )  # fmt: skip
    found = plan_routes(larger, seed, time_limit_s)
    return MarginalTeam(max(0.0, found.prize - plan.prize), found)


def draw(count: int, seed: int) -> int:
    """Choose one of `count` alternatives; the seed is recorded with the plan so that the draw can be checked."""
    return int(np.random.default_rng(seed).integers(count))
