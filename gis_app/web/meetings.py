"""Meetings, and what became of their conclusions."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from gis_app.errors import BadRequest
from gis_app.queries import tasks as q
from gis_app.tables.tasks import MEETING_KINDS
from gis_app.web.context import allow, commune, connection
from gis_app.web.meeting_forms import add_meeting, conclusion_dict, meeting_dict
from gis_app.web.params import Param, read_query, reads
from gis_app.web.safe_writes import once
from gis_app.web.task_forms import read_day
from layers.base import STAFF

blueprint = Blueprint("meetings", __name__)

MEETING_SCHEMA = {
    "type": "object",
    "required": ["held_on", "title", "kind"],
    "properties": {
        "held_on": {"type": "string", "format": "date"},
        "title": {"type": "string", "maxLength": 200},
        "kind": {"enum": list(MEETING_KINDS)},
    },
}


@blueprint.get("/api/meetings")
@allow(*STAFF)
def list_meetings() -> Response:
    """Meetings of the commune, newest first, with the number of conclusions open, done and cancelled."""
    read_query(())
    commune()
    return jsonify({"meetings": [meeting_dict(one) for one in q.fetch_meetings(connection())]})


@blueprint.get("/api/meetings/conclusions")
@allow(*STAFF)
@reads(Param("before", read_day, "Of the last meeting before this day (none: before tomorrow)",
             {"type": "string", "format": "date"}))  # fmt: skip
def list_conclusions(query: dict[str, Any]) -> Response:
    """Conclusions of the last meeting before a day as they stand now, unfinished ones first."""
    here = commune()
    before = query["before"] or q.fetch_tomorrow(connection())
    found = q.fetch_conclusions(connection(), here.id, before)
    return jsonify({"conclusions": [conclusion_dict(row) for row in found]})


@blueprint.post("/api/meetings")
@allow(*q.MEETERS)
@once
def create_meeting() -> Response:
    """Note a meeting; its conclusions are tasks with the source `meeting`."""
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest("bad_body")
    commune()
    number = add_meeting(body)
    answer = jsonify(meeting_dict(q.fetch_meetings(connection(), number)[0]))
    answer.status_code = 201
    answer.headers["Location"] = "/api/meetings"
    return answer


create_meeting.body_schema = MEETING_SCHEMA  # type: ignore[attr-defined]
