"""From the question to what the compiled search works on."""

import numpy as np

from gis_app.analysis.patrol.problem import PatrolProblem, Reach
from gis_app.analysis.patrol.state import NEVER, Chance, Floats, Ints, Net

# A stop is offered places beside so many of its nearest only.
NEAR = 40
# What a second of waiting that cannot be avoided counts, in seconds of travel.
IDLE = 0.2


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
    service = np.where(problem.depot, 0.0, problem.service_s)
    windows = bool((problem.open_s[stops] > 0).any() or (problem.close_s[stops] < problem.shift_s.max()).any())
    stop = np.stack([service, problem.open_s, np.minimum(problem.close_s, NEVER * 10), prize], axis=1)
    return Net(
        travel, np.ascontiguousarray(travel.T), np.ascontiguousarray(stop, np.float64), problem.start.astype(np.int64),
        problem.end.astype(np.int64), problem.shift_s.astype(np.float64), allowed, locked, stops,
        stops[np.argsort(-away[stops], kind="stable")], _nearest(problem, travel, stops), windows,
    )  # fmt: skip


def _nearest(problem: PatrolProblem, travel: Floats, stops: Ints) -> Ints:
    """Nearest stops of every stop, -1 where there are fewer; two that windows keep apart are not near."""
    near = np.full((len(travel), NEAR), -1, np.int64)
    if len(stops) < 2:
        return near
    step = travel[np.ix_(stops, stops)]
    ready = problem.open_s[stops] + problem.service_s[stops]
    late = ready[:, None] + step > problem.close_s[stops]
    idle = problem.open_s[stops] - (problem.close_s + problem.service_s)[stops][:, None] - step
    away = np.where(late, NEVER * 10, step + IDLE * np.maximum(idle, 0.0))
    either = np.minimum(away, away.T)
    np.fill_diagonal(either, np.inf)
    count = min(NEAR, len(stops) - 1)
    near[stops, :count] = stops[np.argsort(either, axis=1, kind="stable")[:, :count]]
    return near


def kinds_of(net: Net) -> Chance:
    """Teams that may change places have the same number."""
    seen: dict[tuple[object, ...], int] = {}
    chance = np.random.default_rng(20_240_602).integers(1, 2**63, len(net.start), dtype=np.uint64)
    kinds = []
    for team in range(len(net.start)):
        mark = (int(net.start[team]), int(net.end[team]), float(net.shift[team]), net.allowed[team].tobytes())
        kinds.append(chance[seen.setdefault(mark, len(seen))])
    return np.array(kinds, np.uint64)
