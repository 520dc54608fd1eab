"""Routes that fall a little short, filled up: due stops come in where lesser ones can go, then whatever still fits.

On other streets a team needs longer, so a search there leaves out what a shorter way had room for.
"""

import math
from collections.abc import Collection, Sequence

from gis_app.analysis.patrol_shift import Routes, ShiftGround, may_serve, walk

Order = tuple[int, ...]
# Sums of floats in another order may differ by less.
SLACK_S = 1e-6


def mended(ground: ShiftGround, routes: Routes, teams: Collection[int] | None = None) -> Routes:
    """The routes with every due stop that can be had and all other stops that fit; pinned and locked ones stay.

    `teams`: only these get stops.
    """
    who = range(len(routes)) if teams is None else teams
    stops, found = ground.stops, [tuple(route) for route in routes]
    locked = {key for _, keys in ground.settings.locked for key in keys}
    kept = {node for node, stop in enumerate(stops) if stop.is_pinned or stop.is_due or locked & set(stop.keys)}
    met = {node for route in found for node in route}
    left = [node for node, stop in enumerate(stops)
            if node not in met and not stop.is_dropped and not ground.barred[node] and not locked & set(stop.keys)
            and stop.points > 0]  # fmt: skip
    left.sort(key=lambda node: (not stops[node].is_due, -stops[node].points, node))
    for node in [node for node in left if stops[node].is_due]:
        found = _with_due(ground, found, node, kept, who)
    # What made room may fit elsewhere.
    met_now = {node for route in found for node in route}
    left = [node for node in left if node not in met_now] + sorted(met - met_now)
    return tuple(_filled(ground, found, left, who))


def _length(ground: ShiftGround, team: int, order: Sequence[int]) -> float:
    """Seconds of a route; inf where it is longer than the shift or comes too late."""
    clock = walk(ground, team, order)
    return math.inf if clock.late or clock.duration_s > ground.settings.shift_s else clock.duration_s


def _with_one(ground: ShiftGround, team: int, order: Order, place: int, node: int) -> float:
    """Seconds that a stop adds to a route in which nobody waits."""
    seconds, start = ground.matrix_of(team).seconds, ground.start_of(team)
    before, after = order[place - 1] if place else start, order[place] if place < len(order) else start + 1
    return (
        float(seconds[before, node] + seconds[node, after] - seconds[before, after]) + ground.settings.stay_min * 60.0
    )


def _teams_of(ground: ShiftGround, node: int, who: Collection[int]) -> list[int]:
    return [team for team in who if may_serve(ground.settings.teams[team], ground.stops[node])]


def _with_due(
    ground: ShiftGround, routes: Sequence[Order], node: int, kept: set[int], who: Collection[int]
) -> list[Order]:
    """The routes with one more stop, where it costs least; as they were where it costs more than it is worth."""
    best: tuple[float, float, int, Order] | None = None
    for team in _teams_of(ground, node, who):
        for place in range(len(routes[team]) + 1):
            order, lost = (*routes[team][:place], node, *routes[team][place:]), 0.0
            free = sorted((one for one in order if one not in kept), key=lambda one: (ground.stops[one].points, one))
            while not math.isfinite(length := _length(ground, team, order)) and free:
                gone = free.pop(0)
                lost += ground.stops[gone].points
                order = tuple(one for one in order if one != gone)
            if math.isfinite(length) and (best is None or (lost, length) < best[:2]):
                best = lost, length, team, order
    found = list(routes)
    if best is not None:
        found[best[2]] = best[3]
    return found


def _filled(ground: ShiftGround, routes: Sequence[Order], left: Sequence[int], who: Collection[int]) -> list[Order]:
    """The routes with the stops that still fit, the most points for a second of way first."""
    found, waiting = list(routes), list(left)
    while best := _best(ground, found, waiting, who):
        _, team, place, node = best
        found[team] = (*found[team][:place], node, *found[team][place:])
        waiting.remove(node)
    return found


def _best(
    ground: ShiftGround, routes: Sequence[Order], waiting: Sequence[int], who: Collection[int]
) -> tuple[float, int, int, int] | None:
    """Points for a second, team, place and stop of the best that fits."""
    has_hours = any(stop.open_min is not None or stop.close_min is not None for stop in ground.stops)
    lengths = [_length(ground, team, order) for team, order in enumerate(routes)]
    best: tuple[float, int, int, int] | None = None
    for node in waiting:
        for team in _teams_of(ground, node, who):
            order = routes[team]
            for place in range(len(order) + 1):
                if has_hours:
                    length = _length(ground, team, (*order[:place], node, *order[place:]))
                else:
                    length = lengths[team] + _with_one(ground, team, order, place, node)
                gain = ground.stops[node].points / max(1.0, length - lengths[team])
                if length <= ground.settings.shift_s - SLACK_S and (best is None or gain > best[0]):
                    best = gain, team, place, node
    return best
