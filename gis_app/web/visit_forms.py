"""Visits and walks as bodies and answers have them; no views here."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from shapely.geometry import mapping

from gis_app.analysis.patrol_effort import minutes_on_place
from gis_app.errors import BadRequest, Conflict, Forbidden, GisError, NotFound, Unprocessable
from gis_app.jobs.patrol_hours import end_on
from gis_app.jobs.patrol_words import at_clock, reason_text, title_of
from gis_app.queries import patrol as q
from gis_app.queries import visits as v
from gis_app.queries.patrol import Plan, StopRow
from gis_app.tables.visits import FARTHEST_M, LONGEST_STAY_MIN, METHODS, REASONS
from gis_app.web.context import actor, commune, connection
from gis_app.web.i18n import words
from gis_app.web.params import read_moment
from gis_app.web.patrol_forms import MAX_ID, find_plan

# Within this of the stop one is there: as far as a street corner and the error of a phone between houses.
RADIUS_M = 100
STAY_MIN, STAY_MOST_MIN = 10, 15
VISIT_FIELDS = ("client_id", "stop_id", "code", "at", "is_outside", "distance_m", "minutes", "method")
SAID: Mapping[str, tuple[type[GisError], str]] = {
    "role": (Forbidden, "role_not_allowed"),
    "missing": (NotFound, "patrol_plan_not_found"),
    "draft": (Conflict, "patrol_not_issued"),
    "stop": (NotFound, "patrol_stop_not_found"),
    "other": (Conflict, "patrol_visit_other"),
    "team": (NotFound, "patrol_team_not_found"),
    "reasons": (Unprocessable, "patrol_reasons_missing"),
}
_CODE = re.compile(r"[2-9A-HJKMNP-Z]{6}")


def open_plan(plan_id: int) -> Plan:
    """The plan as it is now: a shift that is past its end by 30 minutes has ended."""
    find_plan(plan_id)
    v.close_overdue(connection())
    return find_plan(plan_id)


def _fault(field: str, rule: str) -> Unprocessable:
    return Unprocessable("bad_patrol_visit", faults=[{"field": field, "rule": rule}])


def _moment(value: Any) -> dt.datetime:
    """A moment of the device's clock, that must have its offset."""
    found = read_moment(value)
    if found is None or not 2020 < found.year < 2100:
        raise _fault("at", "date")
    return found


def _whole(body: Mapping[str, Any], name: str, most: int) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= most:
        raise _fault(name, "whole")
    return value


def _stop_of(plan: Plan, body: Mapping[str, Any]) -> int:
    """The stop that a visit names by its number or its code."""
    if body.get("stop_id") is not None:
        found = _whole(body, "stop_id", MAX_ID)
    else:
        code = body.get("code")
        code = code.strip().upper() if isinstance(code, str) else ""
        if not _CODE.fullmatch(code):
            raise _fault("code", "text")
        found = v.fetch_stop_id(connection(), commune().id, plan.id, code)
    if found is None:
        raise NotFound("patrol_stop_not_found")
    return found


def _visit_of(plan: Plan, body: Any) -> v.NewVisit:
    if not isinstance(body, dict) or not body.keys() <= set(VISIT_FIELDS):
        raise BadRequest("bad_body")
    try:
        client = uuid.UUID(str(body.get("client_id")))
    except ValueError:
        raise _fault("client_id", "text") from None
    outside, method = body.get("is_outside"), body.get("method", "button")
    if outside is not None and type(outside) is not bool:
        raise _fault("is_outside", "choice")
    if method not in METHODS:
        raise _fault("method", "choice")
    away = _whole(body, "distance_m", FARTHEST_M)
    if away is not None and (away % 10 or outside is None):
        # Nearer than ten metres nobody asks, and nobody is told.
        raise _fault("distance_m", "choice")
    minutes = _whole(body, "minutes", LONGEST_STAY_MIN)
    return v.NewVisit(_stop_of(plan, body), client, _moment(body.get("at")), outside, away, minutes, method)


def _refuse(said: str) -> GisError:
    kind, code = SAID[said]
    return kind(code, **({"role": actor().role} if said == "role" else {}))


def add_visit(plan_id: int, body: Any) -> tuple[dict[str, Any], bool]:
    """Write a visit; (the visit, whether it is new)."""
    plan = find_plan(plan_id)
    visit = _visit_of(plan, body)
    said = v.insert_visit(connection(), plan.id, visit)
    if said not in ("made", "known"):
        raise _refuse(said)
    found = next(one for one in v.fetch_visits(connection(), commune().id, plan.id) if one.client_id == visit.client_id)
    return visit_dict(found), said == "made"


def end_walk(plan_id: int, body: Any) -> dict[str, Any]:
    """End a team's walk with a reason for each stop where nobody came."""
    plan = find_plan(plan_id)
    if not isinstance(body, dict) or not body.keys() <= {"team", "at", "missed"}:
        raise BadRequest("bad_body")
    team = body.get("team")
    if type(team) is not int or not 1 <= team <= len(plan.settings["teams"]):
        raise _fault("team", "choice")
    _end(plan, team, _reasons(body.get("missed", [])), _moment(body.get("at")))
    return effort_dict(find_plan(plan_id))


def _reasons(missed: Any) -> dict[int, str]:
    """{stop id: reason} of a list."""
    if not isinstance(missed, list) or len(missed) > 200 or not all(isinstance(one, dict) for one in missed):
        raise _fault("missed", "choice")
    reasons: dict[int, str] = {}
    for number, one in enumerate(missed):
        if type(one.get("stop_id")) is not int or one.get("reason") not in REASONS[:-1]:
            raise _fault(f"missed.{number}", "choice")
        reasons[one["stop_id"]] = one["reason"]
    return reasons


def _end(plan: Plan, team: int, reasons: Mapping[int, str], at: dt.datetime) -> None:
    said = v.insert_end(connection(), plan.id, team, reasons, at)
    if said not in ("ended", "known"):
        raise _refuse(said)


def end_shift(plan_id: int, missed: Any, now: dt.datetime) -> None:
    """End the walk of every team that has not ended, at a desk; a reason for each stop where nobody came, else 422."""
    plan = open_plan(plan_id)
    reasons, left = _reasons(missed), left_of(plan)
    if not left:
        raise Conflict("patrol_not_issued")
    for one in left:
        mine = {stop.id: reasons[stop.id] for stop in one["stops"] if stop.id in reasons}
        _end(plan, one["team"], mine, now)


def left_of(plan: Plan) -> list[dict[str, Any]]:
    """Teams that have not ended, or only by themselves, with the stops where nobody has been."""
    if plan.state == "draft":
        return []
    conn, here = connection(), commune()
    ended = {end.team for end in v.fetch_ends(conn, here.id, plan.id) if end.outcome != "unclosed"}
    done = {visit.stop_id for visit in v.fetch_visits(conn, here.id, plan.id) if visit.reason is None}
    stops = sorted((stop for stop in q.fetch_stops(conn, plan.id) if stop.team), key=lambda stop: stop.position or 0)
    return [
        {"team": team, "name": plan.settings["teams"][team - 1]["name"],
         "stops": [stop for stop in stops if stop.team == team and stop.id not in done]}
        for team in sorted({stop.team for stop in stops if stop.team is not None} - ended)
    ]  # fmt: skip


def visit_dict(visit: v.VisitRow) -> dict[str, Any]:
    """A visit as JSON."""
    return {
        "stop_id": visit.stop_id,
        "client_id": None if visit.client_id is None else str(visit.client_id),
        "device_at": None if visit.device_at is None else visit.device_at.isoformat(),
        "received_at": visit.received_at.isoformat(),
        "is_outside": visit.is_outside, "distance_m": visit.distance_m, "minutes": visit.minutes,
        "method": visit.method, "reason": visit.reason,
    }  # fmt: skip


def effort_dict(plan: Plan) -> dict[str, Any]:
    """Planned against done: visits, and by team what was planned, done, missed, how long, how it ended."""
    conn, here = connection(), commune()
    visits = v.fetch_visits(conn, here.id, plan.id)
    ends = {end.team: end for end in v.fetch_ends(conn, here.id, plan.id)}
    stops = [stop for stop in q.fetch_stops(conn, plan.id) if stop.team is not None]
    teams = sorted({stop.team for stop in stops if stop.team is not None})
    return {
        "plan_id": plan.id,
        "state": plan.state,
        "visits": [visit_dict(one) for one in visits if one.reason is None],
        "teams": [_team_dict(team, [s for s in stops if s.team == team], visits, ends.get(team)) for team in teams],
    }


def _team_dict(
    team: int, stops: Sequence[StopRow], visits: Sequence[v.VisitRow], end: v.WalkEnd | None
) -> dict[str, Any]:
    ids = {stop.id for stop in stops}
    seen = [one for one in visits if one.stop_id in ids and one.reason is None]
    return {
        "team": team,
        "planned": len(stops),
        "done": len({one.stop_id for one in seen}),
        "outside": sum(one.is_outside is True for one in seen),
        "minutes": sum(_minutes_at(stop, seen) for stop in ids),
        "missed": [{"stop_id": one.stop_id, "reason": one.reason} for one in visits
                   if one.stop_id in ids and one.reason is not None],
        "outcome": None if end is None else end.outcome,
        "ended_at": None if end is None or end.device_at is None else end.device_at.isoformat(),
    }  # fmt: skip


def _minutes_at(stop: int, visits: Sequence[v.VisitRow]) -> int:
    """Minutes at a stop; two phones of a team that were there at the same time count once."""
    stays = [(one.device_at, one.minutes) for one in visits if one.stop_id == stop]
    return minutes_on_place([(at, minutes) for at, minutes in stays if at is not None and minutes])


def walk_dict(plan: Plan, now: dt.datetime) -> dict[str, Any]:
    """What the phone needs of an issued plan: teams, ways, stops in order, visits so far."""
    if plan.state == "draft":
        raise Conflict("patrol_not_issued")
    conn = connection()
    stops = [stop for stop in q.fetch_stops(conn, plan.id) if stop.team is not None]
    routes = {r.team: r for r in q.fetch_routes(conn, plan.id) if r.alternative == plan.chosen}
    return effort_dict(plan) | {
        "at": now.isoformat(),
        "shift_on": plan.shift_on.isoformat(), "end_on": end_on(plan).isoformat(),
        "start": plan.settings["start"], "end": plan.settings["end"],
        "radius_m": RADIUS_M, "stay_min": STAY_MIN, "stay_most_min": STAY_MOST_MIN, "farthest_m": FARTHEST_M,
        "reasons": list(REASONS[:-1]),
        "walks": [
            {
                "team": number,
                "name": team["name"],
                "mode": team["mode"],
                "length_m": 0 if number not in routes else round(routes[number].length_m),
                "geometry": None if number not in routes else mapping(routes[number].line),
                "stops": [_stop_dict(stop, plan) for stop in sorted(stops, key=lambda s: s.position or 0)
                          if stop.team == number],
            }
            for number, team in enumerate(plan.settings["teams"], 1)
        ],
    }  # fmt: skip


def _stop_dict(stop: StopRow, plan: Plan) -> dict[str, Any]:
    return {
        "id": stop.id, "code": stop.code, "position": stop.position, "kind": stop.kind, "lon": stop.lon,
        "lat": stop.lat, "group_name": stop.group_name, "is_pinned": stop.is_pinned,
        "title": title_of(words(), stop.kind, stop.title),
        "why": [reason_text(words(), reason) for reason in stop.reasons],
        "arrive": None if stop.arrive_s is None else at_clock(plan.start_min, stop.arrive_s),
    }  # fmt: skip
