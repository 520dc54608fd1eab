"""Notices to the caller's role and units; changed instructions; reminders of what is overdue."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from gis_app.errors import BadRequest, Unprocessable
from gis_app.queries import notices as q
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.notice_forms import notice_dict, send_instruction, send_reminder
from gis_app.web.params import Malformed, Param, one_of, reads
from gis_app.web.safe_writes import once
from gis_app.web.task_forms import holder_text, read_id
from layers.base import STAFF

blueprint = Blueprint("notices", __name__)

ID = {"type": "integer"}
NOTICE_SCHEMA = {
    "type": "object",
    "required": ["body"],
    "properties": {"body": {"type": "string"}, "role": {"type": "string"}, "unit_id": ID, "group_id": ID},
}
READ_SCHEMA = {"type": "object", "required": ["up_to_id"], "properties": {"up_to_id": ID}}
REMINDER_SCHEMA = {"type": "object", "properties": {"group_id": ID, "task_id": ID}}


def _number(body: Any, name: str) -> int | None:
    if not isinstance(body, dict):
        raise BadRequest("bad_body")
    try:
        return read_id(body.get(name))
    except Malformed as error:
        raise Unprocessable("bad_notice", faults=[{"field": name, "rule": str(error)}]) from error


@blueprint.get("/api/notices")
@allow(*STAFF)
@reads(Param("unread", one_of("true", "false"), "Only unread ones", {"enum": ["true", "false"]}, default="false"))
def list_notices(query: dict[str, Any]) -> Response:
    """Notices to the caller's role and units, newest first, and how many are unread."""
    commune()
    found = q.fetch_notices(connection(), unread=query["unread"] == "true")
    return jsonify({"notices": [notice_dict(one) for one in found], "unread_count": q.count_unread(connection())})


@blueprint.post("/api/notices")
@allow(*q.WRITERS)
@once
def create_notice() -> Response:
    """Tell a role or a unit of a changed instruction."""
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest("bad_body")
    commune()
    send_instruction(body)
    answer = jsonify({"sent": True})
    answer.status_code = 201
    return answer


@blueprint.post("/api/notices/read")
@allow(*STAFF)
@once
def read_notices() -> Response:
    """Mark the caller's notices up to an id as read, for this account alone."""
    commune()
    up_to_id = _number(request.get_json(), "up_to_id")
    if up_to_id is None:
        raise Unprocessable("bad_notice", faults=[{"field": "up_to_id", "rule": "required"}])
    return jsonify({"read_count": q.update_read(connection(), actor().username, up_to_id)})


@blueprint.post("/api/reminders")
@allow(*q.REMINDERS)
@once
def create_reminder() -> Response:
    """Remind of an overdue task or review, once a thing and day; it reaches the holder or the unit in charge."""
    body = request.get_json()
    group_id, task_id = _number(body, "group_id"), _number(body, "task_id")
    if (group_id is None) == (task_id is None):
        raise Unprocessable("bad_notice", faults=[{"field": "group_id", "rule": "required"}])
    found = send_reminder(group_id=group_id, task_id=task_id)
    answer = jsonify({"unit": found.unit, "role": found.role, "to": holder_text(found.role, found.unit)})
    answer.status_code = 201
    return answer


for _view, _schema in (
    (create_notice, NOTICE_SCHEMA),
    (read_notices, READ_SCHEMA),
    (create_reminder, REMINDER_SCHEMA),
):
    _view.body_schema = _schema  # type: ignore[attr-defined]
