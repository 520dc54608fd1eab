"""A stored plan: made, changed, put on the streets, solved, chosen from, ordered by hand; for web, job, benchmark."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gis_app.analysis.patrol_mend import mended
from gis_app.analysis.patrol_settings import ALTERNATIVES, PlanSettings, default_settings, read_settings
from gis_app.analysis.patrol_shift import (
    MOST_SHARED,
    ShiftGround,
    StopNode,
    keeping_off,
    make_ground,
    may_serve,
    metres_by_street,
    recent_shares,
    share_of,
    walk,
    way_of,
    window_of,
)
from gis_app.errors import Conflict, Unprocessable
from gis_app.jobs.patrol_list import weights_of, write_list
from gis_app.jobs.patrol_streets import open_ways
from gis_app.queries import patrol as q
from gis_app.queries import patrol_sources as src
from gis_app.queries.communes import Commune
from gis_app.queries.siting_sources import to_degrees, to_metres
from gis_app.queries.tasks import fetch_today

# All of a solving; iterations end it long before on a list of usual length.
TIME_LIMIT_S = 8.0
MAX_SEED = 2**31 - 1
# Where nothing is searched, streets of the last shifts count so many times their length.
OFF_FACTOR = 6.0
Tell = Callable[[int, float], bool]


def new_seed() -> int:
    """A seed that nobody can guess."""
    return secrets.randbelow(MAX_SEED)


def defaults_of(conn: Connection, commune: Commune) -> dict[str, Any]:
    """Settings for tonight."""
    return default_settings(fetch_today(conn), src.fetch_start(conn, commune.id))


def settings_of(plan: q.Plan) -> PlanSettings:
    """The settings of a stored plan.

    Raises
    ------
    Unprocessable
        `bad_patrol_plan`: they were stored by a program with other rules.
    """
    found, faults = read_settings(plan.settings)
    if found is None:
        raise Unprocessable("bad_patrol_plan", faults=faults)
    return found


def checked(raw: Any) -> PlanSettings:
    """Settings of a body; every fault is named at once."""
    found, faults = read_settings(raw)
    if found is None:
        raise Unprocessable("bad_patrol_plan", faults=faults)
    return found


def create(conn: Connection, commune: Commune, raw: Mapping[str, Any]) -> int:
    """Make a plan with its list of stops; its id. Without a seed one is drawn, which nobody can guess."""
    settings = checked({**raw, "seed": new_seed()} if raw.get("seed") is None else raw)
    weights = weights_of(conn, commune.id)
    hours = (settings.start_min, settings.end_min)
    plan_id = q.insert_plan(conn, commune.id, settings.as_json(), hours, weights.version)
    write_list(conn, commune, plan_id, settings, weights.weights)
    return plan_id


def change(conn: Connection, commune: Commune, plan: q.Plan, raw: Mapping[str, Any]) -> bool:
    """Change some settings of a draft; its stops are chosen anew by the latest weights; False: another version."""
    settings = checked({**plan.settings, **raw})
    weights = weights_of(conn, commune.id)
    if not q.update_settings(conn, plan, settings.as_json(), (settings.start_min, settings.end_min), weights.version):
        return False
    write_list(conn, commune, plan.id, settings, weights.weights)
    q.update_plan(conn, plan.id, {"chosen": None, "figures": None, "solved_version": None, "draw_seed": None})
    return True


def ground_of(conn: Connection, commune: Commune, plan: q.Plan) -> ShiftGround:
    """The plan's stops and teams on the streets."""
    settings = settings_of(plan)
    places = q.fetch_metric_places(conn, plan.id, commune.metric_srid)
    stops = [
        StopNode(s.id, s.key, s.keys, *places[s.id], s.points, s.open_min, s.close_min, s.police_only, s.is_pinned,
                 s.is_dropped, s.due is not None)
        for s in q.fetch_stops(conn, plan.id)
    ]  # fmt: skip
    ends = [shapely.Point(spot) for team in settings.teams for spot in (team.start, team.end)]
    depots = shapely.get_coordinates(to_metres(conn, ends, commune.metric_srid))
    avoid = list(to_metres(conn, settings.avoid, commune.metric_srid))
    return make_ground(open_ways(conn, commune).graph, settings, stops, depots, avoid)


def recent_of(conn: Connection, commune: Commune, plan: q.Plan) -> dict[int, float]:
    """Share of each street that the last shifts before a plan's ran along."""
    lines = src.fetch_recent_lines(conn, commune.id, plan.shift_on, plan.id, commune.metric_srid)
    return recent_shares(open_ways(conn, commune).graph, lines)


def solve(conn: Connection, commune: Commune, plan: q.Plan, tell: Tell | None = None) -> None:
    """Find the alternatives of a plan and write them; the first is chosen.

    Raises
    ------
    Conflict
        `patrol_no_streets`: there is nothing to go on; `patrol_no_stops`.
    Unprocessable
        `patrol_must_forbidden`, `patrol_lock_invalid`.
    """
    # Here, not above: the compiled search is a second of start that the web does not need.
    from gis_app.analysis.patrol_family import Effort, plan_family  # noqa: PLC0415

    ways = open_ways(conn, commune)
    if ways.graph.edge_count == 0:
        raise Conflict("patrol_no_streets")
    ground = ground_of(conn, commune, plan)
    if all(stop.is_dropped for stop in ground.stops):
        raise Conflict("patrol_no_stops")
    recent = recent_of(conn, commune, plan)
    effort = Effort(ground.settings.seed, ground.settings.iterations, TIME_LIMIT_S)
    family = plan_family(ground, recent, effort, ALTERNATIVES, tell)
    rows = []
    summaries = []
    for number, alternative in enumerate(family.alternatives, 1):
        routes = [_route(alternative.ground, team, order, recent) for team, order in enumerate(alternative.routes)]
        rows += [route | {"alternative": number} for route in routes]
        summaries.append(_summary(ground, number, routes) | {
            "shared_recent": round(alternative.shared_recent, 4),
            "shared_others": {str(k): round(v, 4) for k, v in alternative.shared_others.items()},
            "is_within": alternative.is_within,
        })  # fmt: skip
    q.delete_routes(conn, plan.id)
    _write_routes(conn, commune, plan, rows)
    usable = ground.matrices[ground.modes[0]].stops.reachable
    figures = {
        "status": family.status,
        "bound": family.bound,
        "alternatives": summaries,
        "fewer": family.fewer,
        "unserved": {str(ground.stops[node].id): reason for node, reason in sorted(family.unserved.items())},
        "one_more_team": {"prize": round(family.one_more_prize, 1), "stops": family.one_more_stops},
        "off_network": [stop.id for stop, ok in zip(ground.stops, usable, strict=False) if not ok],
        "disconnected_m": {mode: round(ways.graph.disconnected_m(mode)) for mode in ground.modes},
    }
    q.update_plan(conn, plan.id, {"figures": figures, "solved_version": plan.settings_version})
    choose(conn, plan.id, 1, None)


def lay(conn: Connection, commune: Commune, plan: q.Plan) -> None:
    """Write one alternative that is filled up on streets that the last shifts left out, not searched; choose it."""
    recent = recent_of(conn, commune, plan)
    ground = keeping_off(ground_of(conn, commune, plan), recent, OFF_FACTOR)
    teams = ground.settings.teams
    # Whoever walks goes first: a faster team would leave it what is far.
    walking = [number for number, team in enumerate(teams) if team.mode == "walk"]
    orders = mended(ground, mended(ground, ((),) * len(teams), walking))
    routes = [_route(ground, team, order, recent) | {"alternative": 1} for team, order in enumerate(orders)]
    shared = share_of(metres_by_street([way_of(ground, team, order) for team, order in enumerate(orders)]), recent)
    _write_routes(conn, commune, plan, routes)
    alternative = {
        "shared_recent": round(shared, 4),
        "shared_others": {},
        "is_within": shared <= MOST_SHARED,
        "by_hand": True,
    }
    figures = {
        "status": "complete", "bound": None, "alternatives": [_summary(ground, 1, routes) | alternative], "fewer": None,
        "unserved": {}, "one_more_team": {"prize": 0, "stops": 0}, "off_network": [], "disconnected_m": {},
    }  # fmt: skip
    q.update_plan(conn, plan.id, {"figures": figures, "solved_version": plan.settings_version})
    choose(conn, plan.id, 1, None)


def _route(ground: ShiftGround, team: int, order: Sequence[int], recent: Mapping[int, float]) -> dict[str, Any]:
    clock, way = walk(ground, team, order), way_of(ground, team, order)
    stops = [
        {"id": ground.stops[node].id, "arrive_s": round(arrive), "begin_s": round(begin)}
        for node, arrive, begin in zip(order, clock.arrive_s, clock.begin_s, strict=True)
    ]
    return {
        "team": team + 1, "line": way.line, "stops": stops, "duration_s": round(clock.duration_s, 1),
        "travel_s": round(clock.travel_s, 1), "length_m": round(way.metres, 1),
        "prize": round(sum(ground.stops[node].points for node in order), 1),
        "shared_share": round(share_of(metres_by_street([way]), recent), 4),
    }  # fmt: skip


def _summary(ground: ShiftGround, number: int, routes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Figures of an alternative over its teams; `late`: ids of stops whose service starts after their hours."""
    close_s = {stop.id: window_of(stop, ground.settings)[1] for stop in ground.stops if stop.close_min is not None}
    met = [stop for route in routes for stop in route["stops"]]
    return {
        "number": number,
        "prize": round(sum(route["prize"] for route in routes), 1),
        "stops": sum(len(route["stops"]) for route in routes),
        "length_m": round(sum(route["length_m"] for route in routes)),
        "longest_s": max(route["duration_s"] for route in routes),
        "duration_s": [route["duration_s"] for route in routes],
        "late": [stop["id"] for stop in met if stop["begin_s"] > close_s.get(stop["id"], np.inf) + 0.5],
    }


def _write_routes(conn: Connection, commune: Commune, plan: q.Plan, rows: Sequence[dict[str, Any]]) -> None:
    """Write routes; without an alternative of their own they replace teams of the chosen one."""
    if not rows:
        return
    lines = to_degrees(conn, [row["line"] for row in rows], commune.metric_srid)
    rounded = shapely.transform(lines, lambda xy: np.round(xy, 7))
    rows = [{"alternative": plan.chosen, **row, "line": line} for row, line in zip(rows, rounded, strict=True)]
    q.replace_routes(conn, commune.id, plan.id, rows)


def choose(conn: Connection, plan_id: int, alternative: int, draw_seed: int | None) -> None:
    """Take an alternative: its order becomes that of the stops."""
    routes = [route for route in q.fetch_routes(conn, plan_id) if route.alternative == alternative]
    rows = [
        (int(stop["id"]), route.team, place, int(stop["arrive_s"]))
        for route in routes
        for place, stop in enumerate(route.stops, 1)
    ]
    q.update_order(conn, plan_id, rows)
    q.update_plan(conn, plan_id, {"chosen": alternative, "draw_seed": draw_seed})


def drawn(plan: q.Plan, seed: int) -> int:
    """The alternative that a seed draws, of those that keep to the shared streets if any does."""
    from gis_app.analysis.patrol_family import draw  # noqa: PLC0415 - as in `solve`

    return draw([(one["number"], one["is_within"]) for one in (plan.figures or {}).get("alternatives", [])], seed)


def reorder(conn: Connection, commune: Commune, plan: q.Plan, team: int, stop_ids: Sequence[int]) -> None:
    """Give a team (from 0) its stops in a person's order, in the chosen alternative; they are locked from then on.

    Nothing is searched: what that order takes is what is shown, even where it is longer than the shift.
    """
    ground = ground_of(conn, commune, plan)
    node_of = {stop.id: k for k, stop in enumerate(ground.stops)}
    kept = {route.team - 1: route for route in q.fetch_routes(conn, plan.id) if route.alternative == plan.chosen}
    if set(stop_ids) - node_of.keys() or len(set(stop_ids)) != len(stop_ids) or team not in kept:
        raise Unprocessable("patrol_lock_invalid", nodes=[one for one in stop_ids if one not in node_of])
    away = ground.matrix_of(team).seconds[ground.start_of(team)]
    if stop_ids and not np.isfinite(walk(ground, team, [node_of[one] for one in stop_ids]).duration_s):
        raise Unprocessable("patrol_stop_barred", stop=stop_ids[0])
    for one in stop_ids:
        node = node_of[one]
        if ground.barred[node] or ground.stops[node].is_dropped or not np.isfinite(away[node]):
            raise Unprocessable("patrol_stop_barred", stop=one)
        if not may_serve(ground.settings.teams[team], ground.stops[node]):
            code = next(stop.code for stop in q.fetch_stops(conn, plan.id) if stop.id == one)
            raise Unprocessable("patrol_stop_police", codes=code, team=ground.settings.teams[team].name)
    recent = recent_of(conn, commune, plan)
    figures, changed = [], []
    for number, route in sorted(kept.items()):
        ids = [int(stop["id"]) for stop in route.stops]
        # A stop that comes from another team leaves that one; a route that stays keeps its streets.
        wanted = list(stop_ids) if number == team else [one for one in ids if one not in stop_ids]
        if wanted == ids:
            figures.append(asdict(route))
        else:
            changed.append(_route(ground, number, [node_of[one] for one in wanted], recent))
            figures.append(changed[-1])
    _write_routes(conn, commune, plan, changed)
    _after_order(conn, plan, ground, team, stop_ids, figures)


def _after_order(
    conn: Connection, plan: q.Plan, ground: ShiftGround, team: int, stop_ids: Sequence[int],
    routes: Sequence[Mapping[str, Any]],
) -> None:  # fmt: skip
    """Keep the order as a lock, and the figures of what was made by hand."""
    figures = dict(plan.figures or {})
    figures["alternatives"] = [
        one if one["number"] != plan.chosen else {**one, **_summary(ground, one["number"], routes), "by_hand": True}
        for one in figures.get("alternatives", [])
    ]
    key_of = {stop.id: stop.key for stop in ground.stops}
    keys = [key_of[one] for one in stop_ids]
    others = [
        {"team": lock["team"], "keys": [key for key in lock["keys"] if key not in keys]}
        for lock in plan.settings["locked"]
        if lock["team"] != team + 1
    ]
    locked = [lock for lock in others if lock["keys"]] + ([{"team": team + 1, "keys": keys}] if keys else [])
    settings = checked({**plan.settings, "locked": locked}).as_json()
    q.update_plan(conn, plan.id, {"figures": figures, "settings": settings})
    choose(conn, plan.id, plan.chosen or 1, None)
