"""Three plans of one shift, near in value and different in their streets: who watches cannot tell which comes.

The first is the best that the search finds. For the others what is served already counts less and streets that are
walked already are longer, in several ways, until a plan has at least FLOOR of the best value and at most
MOST_SHARED of its metres on streets of the others and of the last shifts; one that falls short is mended
(patrol_mend.py). Where none is found, the one that shares least, and it says so; where there is none at all, why.
The search is gis_app/analysis/patrol.

A pinned stop must be served. A due one (patrol_stops.py) too, where that leaves no pinned one out; where the first plan
serves them all, so do the others.

Teams of different modes travel at different speeds; the search knows one matrix. So modes are planned one after the
other, each with what is left over, in both orders, and the better plan stays.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gis_app.analysis.patrol import PatrolProblem, plan_routes, warm_up
from gis_app.analysis.patrol_mend import mended
from gis_app.analysis.patrol_shift import (
    MOST_SHARED,
    Routes,
    ShiftGround,
    StopNode,
    keeping_off,
    may_serve,
    metres_by_street,
    one_more_team,
    share_of,
    walk,
    way_of,
    window_of,
)
from gis_app.analysis.street_graph import Flags, Floats
from gis_app.analysis.street_ways import Way

FLOOR = 0.9
# What was served counts so much less at each try, and streets that were walked so much more; gently at last, where the
# others cost too much value.
TRIES = ((0.1, 3.0), (0.25, 6.0), (0.4, 10.0), (0.05, 4.0), (0.0, 2.0))
# A plan that falls short is mended on the ways that it was made for, then on shorter ones.
MILDER = (1.5, 1.0)
# Why there are fewer alternatives: all are like the others, too little value, due stops left out, no time left, asked.
SAME, VALUE, DUE, TIME, ASKED = "same", "value", "due", "time", "asked"
# Of the time: the first plan, then each try.
FIRST_SHARE = 0.4
Tell = Callable[[int, float], bool]


@dataclass(frozen=True, eq=False)
class Alternative:
    """A plan: routes of nodes by team, value, ways of the teams; shares of metres with others and earlier shifts.

    Times are those of the ways in its `ground`, which need not be the shortest.
    """

    ground: ShiftGround
    routes: Routes
    prize: float
    ways: Sequence[Way]
    shared_recent: float
    shared_others: Mapping[int, float]
    is_within: bool


@dataclass(frozen=True, eq=False)
class Family:
    """Alternatives, the best first; `bound` no plan exceeds (None: not known); why stops are in none of the first's.

    `fewer`: why there are not as many as were asked for.
    """

    alternatives: Sequence[Alternative]
    bound: float | None
    status: str
    unserved: Mapping[int, str]
    one_more_prize: float
    one_more_stops: int
    fewer: str | None = None


@dataclass(frozen=True)
class _Found:
    routes: Routes
    prize: float
    bound: float | None
    status: str
    unserved: Mapping[int, str]


@dataclass(frozen=True)
class Effort:
    """How long to look: iterations make the plan, the limit only stops it."""

    seed: int
    iterations: int
    time_limit_s: float


def plan_family(
    ground: ShiftGround, recent: Mapping[int, float], effort: Effort, count: int = 3, tell: Tell | None = None
) -> Family:
    """Find alternatives; the same arguments give the same plans unless time runs out.

    Parameters
    ----------
    recent
        Share of each street that the last shifts ran along (`recent_shares`).
    tell
        Gets how many alternatives there are and the best value; True: stop with what there is.
    """
    # Compiling must not eat the time: the plan would be another one.
    warm_up()
    began = time.monotonic()
    prize = _prizes(ground)
    first = _solve(ground, prize, replace(effort, time_limit_s=effort.time_limit_s * FIRST_SHARE))
    best = _described(ground, first.routes, prize, recent, [])
    asking = _Asking(ground, prize, recent, FLOOR * first.prize, _due_wanted(ground, first.routes))
    tries = replace(effort, iterations=max(100, effort.iterations // 2))
    found: list[Alternative] = []
    why = TIME
    while len(found) < count:
        left = effort.time_limit_s - (time.monotonic() - began)
        other = best if not found and (best.is_within or left <= 0) else None
        if other is None and left > 0:
            other, why = _another(asking, found, replace(tries, time_limit_s=left / (count - len(found))))
        elif other is None:
            why = TIME
        if not found and (other is None or not other.is_within):
            other = best
        if other is None:
            break
        found.append(other)
        if tell is not None and tell(len(found), first.prize):
            why = ASKED
            break
    more = _one_more(ground, prize, replace(tries, time_limit_s=max(0.2, effort.time_limit_s * 0.15)))
    gain = max(0.0, more.prize - first.prize)
    stops = _served(more.routes) - _served(first.routes)
    fewer = why if len(found) < count else None
    return Family(found, first.bound, first.status, first.unserved, gain, max(0, stops), fewer)


def _served(routes: Routes) -> int:
    return len({node for route in routes for node in route})


def _prizes(ground: ShiftGround) -> Floats:
    depots = np.zeros(2 * len(ground.settings.teams))
    return np.concatenate([[stop.points for stop in ground.stops], depots])


def _described(
    ground: ShiftGround, routes: Routes, prize: Floats, recent: Mapping[int, float], others: Sequence[Alternative]
) -> Alternative:
    ways = [way_of(ground, team, order) for team, order in enumerate(routes)]
    mine = metres_by_street(ways)
    shared = {
        number: share_of(mine, dict.fromkeys(metres_by_street(other.ways), 1.0))
        for number, other in enumerate(others, 1)
    }
    before = share_of(mine, recent)
    value = float(sum(prize[node] for route in routes for node in route))
    within = before <= MOST_SHARED and all(share <= MOST_SHARED for share in shared.values())
    return Alternative(ground, routes, value, ways, before, shared, within)


@dataclass(frozen=True, eq=False)
class _Asking:
    """What every try starts from; `least` value, and how many due stops."""

    ground: ShiftGround
    prize: Floats
    recent: Mapping[int, float]
    least: float
    due: int


def _another(asking: _Asking, known: Sequence[Alternative], effort: Effort) -> tuple[Alternative | None, str]:
    """The first try within the rules, else the one that shares least; (None, why) where none is worth enough."""
    served = Counter(node for one in known for route in one.routes for node in route)
    walked = dict(asking.recent)
    for one in known:
        walked |= dict.fromkeys(metres_by_street(one.ways), 1.0)
    best: Alternative | None = None
    why: Counter[str] = Counter()
    milder: dict[float, ShiftGround] = {1.0: asking.ground}
    seen = {_content(alternative.routes) for alternative in known}
    for number, (less, factor) in enumerate(TRIES):
        lowered = asking.prize.copy()
        for node, times in served.items():
            lowered[node] *= (1 - less) ** times
        tries = replace(
            effort, seed=effort.seed + 101 * len(known) + number, time_limit_s=effort.time_limit_s / len(TRIES)
        )
        ground = keeping_off(asking.ground, walked, factor)
        one = _described(ground, _solve(ground, lowered, tries).routes, asking.prize, asking.recent, known)
        one = _mended(asking, known, walked, one, milder)
        if short := _short(asking, one):
            why[short] += 1
        elif one.is_within:
            return one, ""
        elif _content(one.routes) in seen:
            why[SAME] += 1
        elif best is None or _worst(one) < _worst(best):
            best = one
    return best, max((DUE, VALUE, SAME), key=lambda name: why[name])


def _mended(
    asking: _Asking, known: Sequence[Alternative], walked: Mapping[int, float], one: Alternative,
    milder: dict[float, ShiftGround],
) -> Alternative:  # fmt: skip
    """An alternative that falls short, filled up on its own ways, then on shorter ones, until it does not."""
    for factor in (None, *MILDER):
        if not _short(asking, one):
            break
        if factor is not None and factor not in milder:
            milder[factor] = keeping_off(asking.ground, walked, factor)
        ground = one.ground if factor is None else milder[factor]
        one = _described(ground, mended(ground, one.routes), asking.prize, asking.recent, known)
    return one


def _short(asking: _Asking, one: Alternative) -> str:
    """What an alternative lacks, if it does."""
    if _due_served(asking.ground, one.routes) < asking.due:
        return DUE
    return VALUE if one.prize < asking.least else ""


def _content(routes: Routes) -> frozenset[frozenset[int]]:
    return frozenset(frozenset(route) for route in routes)


def _worst(one: Alternative) -> float:
    return max([one.shared_recent, *one.shared_others.values()])


def draw(alternatives: Sequence[tuple[int, bool]], seed: int) -> int:
    """One of (number, whether it is within the rules), of those that are if any is; the seed is kept with the plan."""
    numbers = [number for number, within in alternatives if within] or [number for number, _ in alternatives]
    return int(numbers[int(np.random.default_rng(seed).integers(len(numbers)))])


def _one_more(ground: ShiftGround, prize: Floats, effort: Effort) -> _Found:
    return _solve(one_more_team(ground), np.concatenate([prize, [0.0, 0.0]]), effort)


def _solve(ground: ShiftGround, prize: Floats, effort: Effort) -> _Found:
    pinned, due = _must(ground, lambda stop: stop.is_pinned), _must(ground, lambda stop: stop.is_due)
    if not due.any():
        return _by_modes(ground, prize, pinned, effort)
    found = _by_modes(ground, prize, pinned | due, effort)
    if found.status != "must_missing":
        return found
    served = {node for route in found.routes for node in route}
    if set(np.flatnonzero(pinned).tolist()) <= served:
        return replace(found, status="complete")
    return _by_modes(ground, prize, pinned, effort)


def _by_modes(ground: ShiftGround, prize: Floats, must: Flags, effort: Effort) -> _Found:
    modes = ground.modes
    if len(modes) == 1:
        return _in_order(ground, prize, must, modes, effort)
    half = replace(effort, time_limit_s=effort.time_limit_s / 2)
    found = [_in_order(ground, prize, must, order, half) for order in (modes, modes[::-1])]
    return max(found, key=lambda one: (one.status != "must_missing", _due_served(ground, one.routes), one.prize))


def _due_served(ground: ShiftGround, routes: Routes) -> int:
    return sum(ground.stops[node].is_due for route in routes for node in route)


def _due_wanted(ground: ShiftGround, first: Routes) -> int:
    """How many due stops the others must serve: all if the first does, else nearly as many."""
    served = _due_served(ground, first)
    every = int(_must(ground, lambda stop: stop.is_due).sum())
    return served if served == every else int(FLOOR * served)


def _in_order(ground: ShiftGround, prize: Floats, must: Flags, modes: Sequence[str], effort: Effort) -> _Found:
    """Plan the teams of each mode with what those before have left over."""
    teams = ground.settings.teams
    routes: list[tuple[int, ...]] = [()] * len(teams)
    taken: set[int] = set()
    unserved: dict[int, str] = {}
    bound, status = None, "complete"
    for mode in modes:
        mine = [number for number, team in enumerate(teams) if team.mode == mode]
        problem = _problem(ground, prize, mine, taken, must)
        reach = _reach(problem)
        if not reach.any():
            continue
        # A pinned stop that this mode cannot reach may be another's; if none can, the plan says that it is missing.
        problem = replace(problem, must=problem.must & reach)
        plan = plan_routes(problem, seed=effort.seed, time_limit_s=effort.time_limit_s / len(modes),
                           iterations=effort.iterations)  # fmt: skip
        for number, route in zip(mine, plan.routes, strict=True):
            routes[number] = _in_locked_order(ground, number, [int(node) for node in route])
            taken.update(routes[number])
        unserved |= {int(node): reason for node, reason in plan.unserved.items() if node < len(ground.stops)}
        bound = plan.bound if len(modes) == 1 else None
        status = plan.status
    left = {node: unserved.get(node, "too_far") for node in range(len(ground.stops)) if node not in taken}
    if {node for node in range(len(ground.stops)) if must[node]} - taken:
        status = "must_missing"
    elif status == "must_missing":
        status = "complete"
    value = float(sum(prize[node] for node in taken))
    return _Found(tuple(routes), value, bound, status, left)


def _reach(problem: PatrolProblem) -> Flags:
    """Which stops any team could serve as its only one."""
    out, back = problem.travel_s[problem.start], problem.travel_s[:, problem.end].T
    begin = np.maximum(out, problem.open_s)
    fits = (begin <= problem.close_s) & (begin + problem.service_s + back <= problem.shift_s[:, None])
    fits &= problem.allowed & ~problem.forbidden & (problem.prize > 0)
    found: Flags = np.asarray(fits.any(axis=0), dtype=bool)
    return found


def _in_locked_order(ground: ShiftGround, team: int, route: list[int]) -> tuple[int, ...]:
    """The route with locked stops in their order, should the search have turned them; what then is too much goes."""
    node_of = {key: k for k, stop in enumerate(ground.stops) for key in stop.keys}
    order = [
        node_of[key] for number, keys in ground.settings.locked if number == team for key in keys if key in node_of
    ]
    wanted = [node for node in dict.fromkeys(order) if node in route]
    places = [place for place, node in enumerate(route) if node in wanted]
    if [route[place] for place in places] == wanted:
        return tuple(route)
    for place, node in zip(places, wanted, strict=True):
        route[place] = node
    while (clock := walk(ground, team, route)).duration_s > ground.settings.shift_s or clock.late:
        free = [node for node in route if node not in wanted]
        if not free:
            break
        route.remove(min(free, key=lambda node: _worth(ground.stops[node])))
    return tuple(route)


def _worth(stop: StopNode) -> tuple[bool, bool, float]:
    return stop.is_pinned, stop.is_due, stop.points


def _must(ground: ShiftGround, wanted: Callable[[StopNode], bool]) -> Flags:
    """Stops that are wanted and that nothing bars."""
    found = [wanted(stop) and not stop.is_dropped for stop in ground.stops]
    return np.array(found, dtype=bool) & ~ground.barred


def _problem(ground: ShiftGround, prize: Floats, mine: Sequence[int], taken: set[int], must: Flags) -> PatrolProblem:
    """The question for the teams of one mode."""
    settings, count = ground.settings, len(ground.stops)
    nodes = count + 2 * len(settings.teams)
    node_of = {key: k for k, stop in enumerate(ground.stops) for key in stop.keys}
    locked, elsewhere = [], set(taken)
    for team, keys in settings.locked:
        order = tuple(dict.fromkeys(node_of[key] for key in keys if key in node_of))
        order = tuple(node for node in order if not ground.barred[node] and not ground.stops[node].is_dropped
                      and may_serve(settings.teams[team], ground.stops[node]))  # fmt: skip
        if team in mine and order:
            locked.append((mine.index(team), order))
        elif team not in mine:
            elsewhere.update(order)
    allowed = np.ones((len(mine), nodes), dtype=bool)
    forbidden = np.zeros(nodes, dtype=bool)
    windows = np.zeros((nodes, 2))
    windows[:, 1] = np.inf
    for node, stop in enumerate(ground.stops):
        windows[node] = window_of(stop, settings)
        forbidden[node] = stop.is_dropped or ground.barred[node] or node in elsewhere
        if stop.police_only:
            allowed[:, node] = [may_serve(settings.teams[team], stop) for team in mine]
    wanted = np.zeros(nodes, dtype=bool)
    wanted[:count] = must & ~forbidden[:count] & allowed[:, :count].any(axis=0)
    service = np.zeros(nodes)
    service[:count] = settings.stay_min * 60.0
    starts = np.array([ground.start_of(team) for team in mine], dtype=np.int64)
    return PatrolProblem(
        prize=prize.astype(np.float64), service_s=service, open_s=windows[:, 0].copy(), close_s=windows[:, 1].copy(),
        travel_s=ground.matrices[settings.teams[mine[0]].mode].seconds, start=starts, end=starts + 1,
        shift_s=np.full(len(mine), float(settings.shift_s)), must=wanted, forbidden=forbidden, allowed=allowed,
        locked=tuple(locked),
    )  # fmt: skip
