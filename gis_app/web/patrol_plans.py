"""Plans of shifts ("Ca tuần tra"): list, make, change, solve as a job, choose, order by hand, issue; the weights."""

import datetime as dt
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gis_app.errors import BadRequest, Conflict
from gis_app.jobs import patrol_plan as plans
from gis_app.jobs.patrol_list import weights_of
from gis_app.queries import patrol as q
from gis_app.web import patrol_forms as forms
from gis_app.web.context import allow, commune, connection
from gis_app.web.job_forms import finish_now, job_answer
from gis_app.web.params import read_query
from gis_app.web.safe_writes import once, wanted_version
from gis_app.web.visit_forms import end_shift

blueprint = Blueprint("patrol_plans", __name__)

WHOLE = {"type": "integer"}
KEYS = {"type": "array", "items": {"type": "string"}}
PLAN_SCHEMA = {
    "type": "object",
    "properties": {
        "shift_on": {"type": "string", "format": "date", "description": "The day on which the shift starts"},
        "start": {"type": "string", "description": "HH:MM"},
        "end": {"type": "string", "description": "HH:MM; at or before the start: of the next day. At most 12 hours"},
        "teams": {"type": "array", "items": {"type": "object"}},
        "stay_min": WHOLE,
        "stop_count": WHOLE,
        "pinned": KEYS,
        "dropped": KEYS,
        "locked": {"type": "array", "items": {"type": "object"}},
        "avoid": {"type": "array", "items": {"type": "object"}},
        "seed": WHOLE,
        "iterations": WHOLE,
    },
}
CHOICE_SCHEMA = {
    "type": "object",
    "properties": {"alternative": WHOLE, "draw": {"type": "boolean"}, "draw_seed": WHOLE},
}
ORDER_SCHEMA = {"type": "object", "properties": {"team": WHOLE, "stops": {"type": "array", "items": WHOLE}}}
CLOSE_SCHEMA = {"type": "object", "properties": {"missed": {"type": "array", "items": {"type": "object"}}}}
WEIGHTS_SCHEMA = {"type": "object", "description": "As GET /api/patrol-weights answers them under `weights`"}


def _answer(plan_id: int, status: int = 200) -> Response:
    plan = forms.find_plan(plan_id)
    answer = jsonify(forms.plan_dict(plan))
    answer.status_code = status
    answer.set_etag(str(plan.version))
    answer.headers["Location"] = f"/api/patrol-plans/{plan.id}"
    return answer


@blueprint.get("/api/patrol-plans")
@allow(*q.MAKERS)
def list_plans() -> Response:
    """Plans of shifts of the own commune, the latest shift first.

    `{"plans": [{"id", "version", "shift_on", "start", "end", "end_on", "state", "team_count", "seed", "chosen",
    "draw_seed", "is_solved", "weights_version", "figures", "issued_at", "updated_at", "left_due"}]}`;
    `state` draft, issued or done; `end_on` the day of the end, the next one where a shift goes over midnight;
    `left_due`: hotspots that are due and for which the list has no room [{"class", "group", "days", "limit", "why"}].
    """
    read_query(())
    return jsonify({"plans": [forms.plan_summary(plan) for plan in q.fetch_plans(connection(), commune().id)]})


@blueprint.get("/api/patrol-plans/defaults")
@allow(*q.MAKERS)
def show_defaults() -> Response:
    """Settings of a shift tonight: 20:00 to 23:00, two teams from the police station, else from the commune's middle.

    `{"shift_on", "start", "end", "teams": [{"name", "mode": walk, motorbike or car, "force": mixed, police or security,
    "start": [lon, lat], "end": [lon, lat]}], "stay_min", "stop_count", "pinned": [key], "dropped": [key],
    "locked": [{"team", "keys"}], "avoid": [GeoJSON polygon], "seed", "iterations"}`.
    """
    read_query(())
    return jsonify(plans.defaults_of(connection(), commune()))


@blueprint.get("/api/patrol-plans/<int:patrol_plan_id>")
@allow(*q.MAKERS)
def show_plan(patrol_plan_id: int) -> Response:
    """One plan with settings, stops and the routes of every alternative.

    As in the list, and `settings`, `job_id` of the solving under way, `drawn` {"count", "wanted"} (streets drawn to
    explore, and how many the stated share asks for), `pins_gone` [pinned keys without a stop],
    `stops` [{"id", "key", "keys", "kind", "code", "title", "lon", "lat", "group_name", "points",
    "reasons": [{"code", "points", "values", "text"}], "open", "close", "police_only", "is_pinned", "is_dropped",
    "away_m", "team", "position", "arrive_s", "arrive", "is_due"}]
    (points: the sum of the reasons; team to arrive: in the chosen alternative), `routes` [{"alternative", "team",
    "duration_s", "travel_s", "length_m", "prize", "shared_share", "is_over", "stops": [{"id", "arrive_s", "begin_s"}],
    "geometry"}].
    `figures`: {"status", "bound", "alternatives": [{"number", "prize", "stops", "length_m", "longest_s", "duration_s",
    "shared_recent", "shared_others", "is_within", "by_hand", "late": [ids of stops reached after their hours]}],
    "fewer" (why not three: same, value, due, time, asked, or null),
    "unserved": {stop id: reason}, "one_more_team", "off_network": [stop ids], "disconnected_m"}.
    """
    read_query(())
    return _answer(patrol_plan_id)


@blueprint.post("/api/patrol-plans")
@allow(*q.MAKERS)
@once
def create_plan() -> Response:
    """Make a plan; settings that the body leaves out are as /defaults answers them; its stops are there at once."""
    commune()
    return _answer(forms.create(request.get_json()), 201)


@blueprint.patch("/api/patrol-plans/<int:patrol_plan_id>")
@allow(*q.MAKERS)
def update_plan(patrol_plan_id: int) -> Response:
    """Change some settings of the version that If-Match names; the stops are chosen anew, the routes go."""
    version = wanted_version()
    forms.change(patrol_plan_id, version, request.get_json())
    return _answer(patrol_plan_id)


@blueprint.delete("/api/patrol-plans/<int:patrol_plan_id>")
@allow(*q.MAKERS)
def delete_plan(patrol_plan_id: int) -> tuple[str, int]:
    """Delete the version that If-Match names; an issued plan stays."""
    read_query(())
    version = wanted_version()
    plan = forms.draft_plan(patrol_plan_id, version)
    if not q.delete_plan(connection(), plan.id, version):
        raise forms.stale(plan)
    return "", 204


@blueprint.post("/api/patrol-plans/<int:patrol_plan_id>/solve")
@allow(*q.MAKERS)
@once
def solve_plan(patrol_plan_id: int) -> Response:
    """Ask for three alternatives; answers a job whose `detail` tells {"found", "best"}; asked twice it is one job.

    A failed job's `error`: patrol_no_streets, patrol_no_stops, patrol_must_forbidden, patrol_lock_invalid.
    """
    return job_answer(forms.ask_solving(patrol_plan_id))


@blueprint.post("/api/patrol-plans/<int:patrol_plan_id>/finish")
@allow(*q.MAKERS)
@once
def finish_plan(patrol_plan_id: int) -> Response:
    """Ask the solving that runs to end now with what it has."""
    job = forms.open_job(forms.find_plan(patrol_plan_id).id)
    if job is None:
        raise Conflict("job_not_running")
    finish_now(job.id)
    return job_answer(job.id)


@blueprint.post("/api/patrol-plans/<int:patrol_plan_id>/choose")
@allow(*q.MAKERS)
@once
def choose_alternative(patrol_plan_id: int) -> Response:
    """Take an alternative of the version that If-Match names: {"alternative": number}, or {"draw": true}.

    A draw's seed is kept with the plan; {"draw_seed": seed} draws the same again.
    """
    version = wanted_version()
    forms.choose(patrol_plan_id, version, request.get_json())
    return _answer(patrol_plan_id)


@blueprint.post("/api/patrol-plans/<int:patrol_plan_id>/order")
@allow(*q.MAKERS)
@once
def order_stops(patrol_plan_id: int) -> Response:
    """Give a team of the chosen alternative its stops in this order: {"team": from 1, "stops": [ids]}; needs If-Match.

    The order is locked for the next solving. What it takes is counted, not searched: it may be over the shift or reach
    stops after their hours (`figures`, `late`). Refused: patrol_stop_police, patrol_stop_barred, patrol_lock_invalid.
    """
    version = wanted_version()
    forms.reorder(patrol_plan_id, version, request.get_json())
    return _answer(patrol_plan_id)


@blueprint.post("/api/patrol-plans/<int:patrol_plan_id>/issue")
@allow(*q.MAKERS)
@once
def issue_plan(patrol_plan_id: int) -> Response:
    """Issue the version that If-Match names; it changes no more.

    Refused: patrol_over_limit, patrol_late, patrol_force, patrol_week_cap, patrol_must_missing, patrol_routes_old,
    patrol_not_solved, patrol_running.
    """
    version = wanted_version()
    forms.issue(patrol_plan_id, version)
    return _answer(patrol_plan_id)


@blueprint.post("/api/patrol-plans/<int:patrol_plan_id>/close")
@allow(*q.MAKERS)
@once
def close_plan(patrol_plan_id: int) -> Response:
    """End the walks of all teams that have not ended: {"missed": [{"stop_id", "reason"}]}.

    A reason for each stop where nobody came, else 422 patrol_reasons_missing; as /walk-ends does for one team.
    """
    body = request.get_json()
    if not isinstance(body, dict) or not body.keys() <= {"missed"}:
        raise BadRequest("bad_body")
    end_shift(patrol_plan_id, body.get("missed", []), dt.datetime.now(dt.UTC))
    return _answer(patrol_plan_id)


@blueprint.get("/api/patrol-weights")
@allow(*q.MAKERS)
def show_weights() -> Response:
    """What a stop is worth.

    `{"version" (0: as the program comes), "weights", "versions": [{"version", "created_at"}]}`.
    """
    read_query(())
    here, conn = commune(), connection()
    found = weights_of(conn, here.id)
    versions = [{"version": n, "created_at": at.isoformat()} for n, at in q.fetch_weight_versions(conn, here.id)]
    answer = jsonify({"version": found.version, "weights": dict(found.weights.raw), "versions": versions})
    answer.set_etag(str(found.version))
    return answer


@blueprint.post("/api/patrol-weights")
@allow(*q.MAKERS)
@once
def create_weights() -> Response:
    """Add a version after the one that If-Match names; plans keep the version that they were made with."""
    version = wanted_version()
    made = forms.save_weights(version, request.get_json())
    answer = jsonify({"version": made})
    answer.status_code = 201
    answer.set_etag(str(made))
    return answer


def _mark(view: Any, schema: dict[str, Any] | None = None, *, needs_version: bool = False) -> None:
    if schema is not None:
        view.body_schema = schema
    if needs_version:
        view.needs_version = True


_mark(create_plan, PLAN_SCHEMA)
_mark(update_plan, PLAN_SCHEMA, needs_version=True)
_mark(delete_plan, needs_version=True)
_mark(choose_alternative, CHOICE_SCHEMA, needs_version=True)
_mark(order_stops, ORDER_SCHEMA, needs_version=True)
_mark(issue_plan, needs_version=True)
_mark(close_plan, CLOSE_SCHEMA)
_mark(create_weights, WEIGHTS_SCHEMA, needs_version=True)
