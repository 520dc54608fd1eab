"""The list of stops of a plan: places of the layers, what speaks for them, written with codes that can be typed in."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import shapely
from scipy.spatial import cKDTree
from sqlalchemy.engine import Connection

from gis_app.analysis.coverage import CELL_M, ORIGIN, WORKING, lit_index
from gis_app.analysis.patrol_caps import drawn_wanted, over_cap
from gis_app.analysis.patrol_settings import PlanSettings
from gis_app.analysis.patrol_stops import EXPLORE, Left, Place, Stop, StopList, Visit, suggest_stops
from gis_app.analysis.patrol_weights import DEFAULTS, Weights, read_weights
from gis_app.analysis.street_ways import snap
from gis_app.errors import Unprocessable
from gis_app.jobs.patrol_streets import Ways, open_ways
from gis_app.queries import patrol as q
from gis_app.queries import patrol_sources as src
from gis_app.queries.communes import Commune
from gis_app.queries.siting_sources import to_degrees

# No 0, O, 1, I, L: what is written by hand in the dark can be read.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 6
# A piece of street that is darker than this is a place of its own.
DARK_M = 50.0
# Where coverage was never counted: a lamp so near its middle lights a piece, half of the common spacing of lamps.
LAMP_M = 30.0
NOT_DARK = ("motorway", "track", "path")
KEY_ROUTE_STEP_M = 400.0
# Nobody is sent to look at a stub.
EXPLORE_M = 60.0
LONGEST_TITLE = 150


@dataclass(frozen=True)
class WeightsOf:
    """Weights with their version; 0: the program's."""

    version: int
    weights: Weights


def weights_of(conn: Connection, commune_id: int, version: int | None = None) -> WeightsOf:
    """The commune's latest weights, or those of a version."""
    row = None if version == 0 else q.fetch_weights(conn, commune_id, version)
    found, faults = read_weights(DEFAULTS if row is None else row[1])
    if found is None:
        raise Unprocessable("bad_patrol_weights", faults=faults)
    return WeightsOf(0 if row is None else row[0], found)


def write_list(conn: Connection, commune: Commune, plan_id: int, settings: PlanSettings, weights: Weights) -> StopList:
    """Choose and store the stops of a plan; a stop that stays keeps its code."""
    ways = open_ways(conn, commune)
    places = read_places(conn, commune, settings, ways)
    visits = _visits(conn, commune, settings.shift_on, plan_id)
    found = suggest_stops(places, weights, settings.shift(), visits)
    old = {row.key: row.code for row in q.fetch_stops(conn, plan_id)}
    codes = _codes(conn, commune.id, plan_id, [stop.key for stop in found.stops], old)
    spots = to_degrees(conn, [shapely.Point(stop.x, stop.y) for stop in found.stops], commune.metric_srid)
    metres = np.array([(stop.x, stop.y) for stop in found.stops], dtype=float).reshape(-1, 2)
    away = snap(ways.graph, metres, "walk").away_m
    rows = [
        _row(stop, code) | {"lon": spot.x, "lat": spot.y, "away_m": float(far) if np.isfinite(far) else None}
        for stop, code, spot, far in zip(found.stops, codes, spots, away, strict=True)
    ]
    q.replace_stops(conn, commune.id, plan_id, rows)
    q.update_plan(conn, plan_id, {"left_due": [_left(one) for one in found.left_due]})
    return found


def _visits(conn: Connection, commune: Commune, day: dt.date, plan_id: int) -> list[Visit]:
    return [Visit(*row) for row in src.fetch_visits(conn, commune.id, day, plan_id, commune.metric_srid)]


def groups_over(conn: Connection, commune: Commune, plan: q.Plan) -> tuple[list[str], int]:
    """Groups whose weekly cap the routes of a plan would pass, by what was issued meanwhile; and that cap."""
    cap = weights_of(conn, commune.id, plan.weights_version).weights.group_week_cap
    served = [(stop.group_name, stop.is_pinned) for stop in q.fetch_stops(conn, plan.id) if stop.team is not None]
    visits = _visits(conn, commune, plan.shift_on, plan.id)
    return over_cap(served, [(visit.days, visit.group) for visit in visits], cap), cap


def drawn_of(conn: Connection, commune_id: int, plan: q.Plan, stops: Sequence[q.StopRow]) -> tuple[int, int]:
    """How many streets of a plan's list are drawn, and how many the stated share asks for."""
    share = weights_of(conn, commune_id, plan.weights_version).weights.explore_share
    kinds = [stop.kind == EXPLORE for stop in stops if not stop.is_dropped]
    drawn = sum(kinds)
    return drawn, drawn_wanted(len(kinds) - drawn, int(plan.settings["stop_count"]), share)


def pins_gone(plan: q.Plan, stops: Sequence[q.StopRow]) -> list[str]:
    """Pinned keys of which there is no stop in the list: gone, closed, or no place of this shift."""
    known = {key for stop in stops for key in stop.keys}
    return [key for key in plan.settings["pinned"] if key not in known]


def _left(one: Left) -> dict[str, Any]:
    """What is told of a due stop that is not on the list; no name, it stays as long as the plan does."""
    classes = [reason.values["class"] for reason in one.stop.reasons if reason.code == "hotspot"]
    about = dict(one.stop.due.values) if one.stop.due else {}
    return about | {"class": classes[0], "group": one.stop.group, "why": one.why}


def _row(stop: Stop, code: str) -> dict[str, Any]:
    return {
        "key": stop.key, "keys": list(stop.keys), "kind": stop.kind, "code": code, "title": stop.title[:LONGEST_TITLE],
        "group_name": stop.group, "points": stop.points, "reasons": [asdict(reason) for reason in stop.reasons],
        "open_min": stop.open_min, "close_min": stop.close_min, "police_only": stop.police_only,
        "is_pinned": stop.is_pinned, "is_dropped": stop.is_dropped,
    }  # fmt: skip


def _codes(conn: Connection, commune_id: int, plan_id: int, keys: Sequence[str], old: dict[str, str]) -> list[str]:
    found = {key: old[key] for key in keys if key in old}
    used, salt = set(found.values()), 0
    while left := [key for key in keys if key not in found]:
        asked = {key: code_of(f"{commune_id}/{plan_id}/{key}/{salt}") for key in left}
        taken = q.fetch_codes(conn, commune_id, list(asked.values())) - set(old.values())
        for key, code in asked.items():
            if code not in taken and code not in used:
                found[key] = code
                used.add(code)
        salt += 1
    return [found[key] for key in keys]


def code_of(text: str) -> str:
    """Six letters and digits of a text's hash."""
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
    letters = []
    for _ in range(CODE_LENGTH):
        number, rest = divmod(number, len(LETTERS))
        letters.append(LETTERS[rest])
    return "".join(letters)


def read_places(conn: Connection, commune: Commune, settings: PlanSettings, ways: Ways) -> list[Place]:
    """Every place that may be a stop, as the actor reads the layers; those outside the commune are not."""
    here, srid = commune.id, commune.metric_srid
    found: list[Place] = []
    facts = ("class", "severity", "hour_from", "hour_to", "state", "source_kind", "last_seen_on", "first_seen_on")
    for row in src.fetch_point_rows(conn, here, "hotspots", srid, facts):
        values = dict(zip(facts, row[4:], strict=True))
        seen = values.pop("last_seen_on") or values.pop("first_seen_on")
        values["days"] = 0 if seen is None else max(0, (settings.shift_on - seen).days)
        values.pop("first_seen_on", None)
        found.append(Place(f"hotspot:{row[0]}", "hotspot", row[3], row[1], row[2], facts=values))
    for layer, kind, columns in (
        ("schools", "school", ()),
        ("venues", "venue", ("kind",)),
        ("gateways", "gateway", ()),
    ):
        for row in src.fetch_point_rows(conn, here, layer, srid, columns):
            values = dict(zip(columns, row[4:], strict=True))
            found.append(Place(f"{kind}:{row[0]}", kind, row[3], row[1], row[2], facts=values))
    outline = src.fetch_outline(conn, here, srid)
    for number, name, line in src.fetch_key_routes(conn, here, srid):
        found += _along(number, name, shapely.intersection(line, outline))
    found += _streets(conn, commune, ways)
    return _in_groups(conn, commune, found, outline)


def _along(number: int, name: str, line: shapely.Geometry) -> list[Place]:
    """Places along a key route."""
    spots = [
        part.interpolate(float(at))
        for part in shapely.get_parts(line)
        if part.geom_type == "LineString"
        for at in np.arange(min(KEY_ROUTE_STEP_M, part.length) / 2, part.length, KEY_ROUTE_STEP_M)
    ]
    return [Place(f"key_route:{number}:{k}", "key_route", name, spot.x, spot.y) for k, spot in enumerate(spots)]


def _streets(conn: Connection, commune: Commune, ways: Ways) -> list[Place]:
    """Dark streets, and all streets as places to be drawn."""
    streets = ways.graph.streets
    lit = src.fetch_lit_shares(conn, commune.id, lit_index(WORKING))
    found: list[Place] = []
    if len(streets.lines) == 0:
        return found
    middle = shapely.get_coordinates(shapely.line_interpolate_point(streets.lines, 0.5, normalized=True))
    cell = np.floor((middle - ORIGIN) / CELL_M).astype(int)
    length = shapely.length(streets.lines)
    lamps = np.empty((0, 2)) if lit else src.fetch_lamps(conn, commune.id, commune.metric_srid)
    away = cKDTree(lamps).query(middle)[0] if len(lamps) else np.full(len(middle), np.inf)
    for k, (x, y) in enumerate(middle.tolist()):
        klass, name = streets.classes[k], ways.names[k]
        share = lit.get((f"{cell[k, 0]}:{cell[k, 1]}", name)) if lit else float(away[k] <= LAMP_M)
        dark_m = 0.0 if share is None else float(length[k]) * (1 - min(1.0, share))
        if dark_m >= DARK_M and klass not in NOT_DARK:
            found.append(Place(f"dark:{ways.ids[k]}", "dark", name, x, y, facts={"dark_m": dark_m}))
        if length[k] >= EXPLORE_M and klass not in NOT_DARK:
            found.append(Place(f"{EXPLORE}:{ways.ids[k]}", EXPLORE, name, x, y))
    return found


def _in_groups(conn: Connection, commune: Commune, places: Sequence[Place], outline: shapely.Geometry) -> list[Place]:
    """Places with the name of their group; what lies outside the commune is left out."""
    names, areas = src.fetch_groups(conn, commune.id, commune.metric_srid)
    points = shapely.points([(place.x, place.y) for place in places]) if places else np.empty(0, dtype=object)
    shapely.prepare(outline)
    inside = shapely.intersects(outline, points)
    group = dict.fromkeys(range(len(places)), "")
    if len(areas):
        # The first of two groups that overlap.
        which, area = shapely.STRtree(areas).query(points, predicate="intersects")
        for k, number in sorted(zip(which.tolist(), area.tolist(), strict=True), reverse=True):
            group[k] = names[number]
    return [Place(p.key, p.kind, p.title, p.x, p.y, group[k], p.facts) for k, p in enumerate(places) if inside[k]]
