"""What happened on the street: visits of stops ("Đã đến"), the end of a team's walk, the plan as the phone has it."""

import datetime as dt

from flask import Blueprint, Response, jsonify, request

from gis_app.queries import patrol as q
from gis_app.tables.visits import FARTHEST_M, LONGEST_STAY_MIN, METHODS, REASONS
from gis_app.web import visit_forms as forms
from gis_app.web.context import allow
from gis_app.web.params import read_query
from gis_app.web.safe_writes import once

blueprint = Blueprint("patrol_visits", __name__)

AT = {"type": "string", "format": "date-time"}


@blueprint.get("/api/patrol-plans/<int:patrol_plan_id>/visits")
@allow(*q.MAKERS)
def list_visits(patrol_plan_id: int) -> Response:
    """Planned against done.

    `{"plan_id", "state", "visits": [{"stop_id", "client_id", "device_at", "received_at", "is_outside" (null: the device
    did not know), "distance_m" (in tens), "minutes", "method": button or code}], "teams": [{"team", "planned", "done",
    "outside", "minutes", "missed": [{"stop_id", "reason"}], "outcome": all_done, missed, unclosed or null,
    "ended_at"}]}`. A shift that is 30 minutes past its end is closed by this.
    """
    read_query(())
    return jsonify(forms.effort_dict(forms.open_plan(patrol_plan_id)))


@blueprint.get("/api/patrol-plans/<int:patrol_plan_id>/walk")
@allow(*q.MAKERS)
def show_walk(patrol_plan_id: int) -> Response:
    """The plan as a phone keeps it for the street: as /visits, and teams with their way and stops in order."""
    read_query(())
    return jsonify(forms.walk_dict(forms.open_plan(patrol_plan_id), dt.datetime.now(dt.UTC)))


@blueprint.post("/api/patrol-plans/<int:patrol_plan_id>/visits")
@allow(*q.MAKERS)
@once
def create_visit(patrol_plan_id: int) -> Response:
    """Say that a team was at a stop, named by `stop_id` or by its `code`; one row for each client_id however often.

    Sent again with more `minutes` those are taken over. Outside the radius is flagged, not refused; late is no fault.
    """
    visit, is_new = forms.add_visit(patrol_plan_id, request.get_json())
    answer = jsonify(visit)
    answer.status_code = 201 if is_new else 200
    return answer


@blueprint.post("/api/patrol-plans/<int:patrol_plan_id>/walk-ends")
@allow(*q.MAKERS)
@once
def create_walk_end(patrol_plan_id: int) -> Response:
    """End a team's walk; `missed` has a reason for each stop where nobody came, else 422.

    After the last team the plan is done. A walk that had ended by itself gets its reasons.
    """
    return jsonify(forms.end_walk(patrol_plan_id, request.get_json()))


create_visit.body_schema = {  # type: ignore[attr-defined]
    "type": "object",
    "required": ["client_id", "at"],
    "properties": {
        "client_id": {"type": "string", "format": "uuid"},
        "stop_id": {"type": "integer"},
        "code": {"type": "string"},
        "at": AT,
        "is_outside": {"type": ["boolean", "null"]},
        "distance_m": {"type": ["integer", "null"], "multipleOf": 10, "maximum": FARTHEST_M},
        "minutes": {"type": ["integer", "null"], "minimum": 0, "maximum": LONGEST_STAY_MIN},
        "method": {"enum": list(METHODS)},
    },
}
create_walk_end.body_schema = {  # type: ignore[attr-defined]
    "type": "object",
    "required": ["team", "at"],
    "properties": {
        "team": {"type": "integer"},
        "at": AT,
        "missed": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"stop_id": {"type": "integer"}, "reason": {"enum": list(REASONS[:-1])}},
            },
        },
    },
}
