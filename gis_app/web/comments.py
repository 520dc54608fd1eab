"""Comments on residential groups and tasks, and how many each group has."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from gis_app.errors import BadRequest
from gis_app.queries import comments as q
from gis_app.web.comment_forms import add_comment, comment_dict
from gis_app.web.context import allow, commune, connection
from gis_app.web.params import Param, read_query, reads, whole
from gis_app.web.safe_writes import once
from gis_app.web.task_forms import find_task
from layers.base import STAFF

blueprint = Blueprint("comments", __name__)

COMMENT_SCHEMA = {
    "type": "object",
    "required": ["body"],
    "properties": {
        "body": {"type": "string", "maxLength": q.MAX_LENGTH},
        "group_id": {"type": "integer"},
        "task_id": {"type": "integer"},
    },
}


@blueprint.get("/api/comments")
@allow(*STAFF)
@reads(
    Param("group_id", whole(1, 2**62), "Comments on this residential group", {"type": "integer"}),
    Param("task_id", whole(1, 2**62), "Comments on this task", {"type": "integer"}),
)
def list_comments(query: dict[str, Any]) -> Response:
    """Comments on a group or on a task, newest first, by the role of who wrote them."""
    commune()
    if (query["group_id"] is None) == (query["task_id"] is None):
        raise BadRequest("missing_parameter", name="group_id")
    if query["task_id"] is not None:
        find_task(query["task_id"])
    return jsonify({"comments": [comment_dict(one) for one in q.fetch_comments(connection(), **query)]})


@blueprint.get("/api/comments/counts")
@allow(*STAFF)
def list_counts() -> Response:
    """How many comments each residential group has that has any."""
    read_query(())
    commune()
    return jsonify({"groups": {str(group_id): n for group_id, n in q.count_comments(connection()).items()}})


@blueprint.post("/api/comments")
@allow(*q.WRITERS)
@once
def create_comment() -> Response:
    """Comment on a group or a task; telephone and identity numbers are refused."""
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest("bad_body")
    commune()
    number = add_comment(body)
    answer = jsonify({"id": number})
    answer.status_code = 201
    return answer


create_comment.body_schema = COMMENT_SCHEMA  # type: ignore[attr-defined]
