"""From the question to what the compiled search works on."""

import numpy as np

from gis_app.analysis.patrol.problem import PatrolProblem, Reach
from gis_app.analysis.patrol.state import NEVER, Ints, Net

# A stop is offered places beside so many of its nearest only.
NEAR = 40


def make_net(problem: PatrolProblem, reach: Reach, must_bonus: float) -> Net:
    """Return the network; a must has its bonus on top of its prize, and what nobody can reach is left out."""
    travel = np.ascontiguousarray(np.minimum(problem.travel_s, NEVER), dtype=np.float64)
    np.fill_diagonal(travel, 0.0)
    locked = np.zeros(problem.node_count, np.bool_)
    allowed = reach.possible.copy()
    for team, order in problem.locked:
        locked[list(order)] = True
        allowed[:, list(order)] = False
        allowed[team, list(order)] = True
    wanted = problem.must | locked
    prize = np.where(wanted, problem.prize + must_bonus, problem.prize)
    stops = np.flatnonzero(allowed.any(axis=0) & (prize > 0))
    stops = stops[np.argsort(-prize[stops], kind="stable")]
    away = (travel[problem.start] + travel[:, problem.end].T).min(axis=0)
    chance = np.random.default_rng(20_240_601)
    service = np.where(problem.depot, 0.0, problem.service_s)
    windows = bool((problem.open_s[stops] > 0).any() or (problem.close_s[stops] < problem.shift_s.max()).any())
    return Net(
        travel, service, problem.open_s.astype(np.float64), np.minimum(problem.close_s, NEVER * 10),
        prize.astype(np.float64), problem.start.astype(np.int64), problem.end.astype(np.int64),
        problem.shift_s.astype(np.float64), allowed, locked, stops, stops[np.argsort(-away[stops], kind="stable")],
        _nearest(travel, stops), chance.integers(1, 2**63, problem.node_count, dtype=np.uint64),
        _kinds(problem, allowed), windows,
    )  # fmt: skip


def _nearest(travel: np.ndarray[tuple[int, int], np.dtype[np.float64]], stops: Ints) -> Ints:
    """Nearest stops of every stop, -1 where there are fewer."""
    near = np.full((len(travel), NEAR), -1, np.int64)
    either = np.minimum(travel, travel.T)[np.ix_(stops, stops)]
    np.fill_diagonal(either, np.inf)
    count = min(NEAR, max(len(stops) - 1, 0))
    near[stops, :count] = stops[np.argsort(either, axis=1, kind="stable")[:, :count]]
    return near


def _kinds(problem: PatrolProblem, allowed: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Teams that may change places have the same number."""
    seen: dict[tuple[object, ...], int] = {}
    chance = np.random.default_rng(20_240_602).integers(1, 2**63, problem.team_count, dtype=np.uint64)
    kinds = []
    for team in range(problem.team_count):
        mark = (
            int(problem.start[team]), int(problem.end[team]), float(problem.shift_s[team]), allowed[team].tobytes()
        )  # fmt: skip
        kinds.append(chance[seen.setdefault(mark, len(seen))])
    return np.array(kinds, np.uint64)
