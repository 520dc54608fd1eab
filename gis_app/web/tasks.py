"""Tasks with the five clarities: list, make, change, close by measuring again, cancel; the measures to choose from."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify, request

from gis_app.errors import BadRequest, Conflict, PreconditionFailed
from gis_app.queries import tasks as q
from gis_app.queries.task_measures import MEASURES
from gis_app.tables.tasks import HOLDER_ROLES, SOURCES, STATES
from gis_app.web import task_forms as forms
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.i18n import localised
from gis_app.web.params import Param, one_of, read_query, reads, whole
from gis_app.web.safe_writes import once, wanted_version
from layers.base import STAFF

blueprint = Blueprint("tasks", __name__)

MOST = 500
BOOLS = {"enum": ["true", "false"]}
ID = {"type": "integer"}

TASK_SCHEMA = {
    "type": "object",
    "required": ["title", "responsibility", "due_on", "measure"],
    "properties": {
        "title": {"type": "string", "maxLength": 200},
        "holder_role": {"enum": list(HOLDER_ROLES)},
        "holder_unit_id": ID,
        "responsibility": {"type": "string", "maxLength": 300},
        "due_on": {"type": "string", "format": "date"},
        "measure": {"enum": list(MEASURES)},
        "options": {"type": "object"},
        "wanted": ID,
        "group_id": ID,
        "feature": {"type": "object"},
        "point": {"type": "array", "items": {"type": "number"}},
        "source": {"enum": list(SOURCES)},
        "meeting_id": ID,
    },
}
CHANGE_SCHEMA = {"type": "object", "properties": {k: TASK_SCHEMA["properties"][k] for k in forms.INSTRUCTION}}  # type: ignore[index]
REASON_SCHEMA = {"type": "object", "required": ["reason"], "properties": {"reason": {"type": "string"}}}


def _flag(text: str) -> bool:
    return one_of("true", "false")(text) == "true"


def _body() -> dict[str, Any]:
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest("bad_body")
    return body


def _answer(task_id: int, status: int = 200) -> Response:
    task = forms.find_task(task_id)
    answer = jsonify(forms.task_dict(task))
    answer.status_code = status
    answer.set_etag(str(task.version))
    answer.headers["Location"] = f"/api/tasks/{task.id}"
    return answer


@blueprint.get("/api/tasks")
@allow(*STAFF)
@reads(
    Param("state", one_of(*STATES), "Tasks in this state", {"enum": list(STATES)}),
    Param("overdue", _flag, "Only open tasks past their day", BOOLS, default=False),
    Param("mine", _flag, "Only tasks of the caller's role and units", BOOLS, default=False),
    Param("group_id", whole(1, 2**62), "Tasks on this residential group", ID),
    Param("holder_role", one_of(*HOLDER_ROLES), "Tasks of this role", {"enum": list(HOLDER_ROLES)}),
    Param("holder_unit_id", whole(1, 2**62), "Tasks of this unit", ID),
    Param("meeting_id", whole(1, 2**62), "Conclusions of this meeting", ID),
    Param("source", one_of(*SOURCES), "Where the task came from", {"enum": list(SOURCES)}),
    Param("limit", whole(1, MOST), "Most tasks in the answer", ID, default=MOST),
    Param(
        "f", one_of("json", "geojson"), "Answer as a list or as places", {"enum": ["json", "geojson"]}, default="json"
    ),
)
def list_tasks(query: dict[str, Any]) -> Response:
    """Tasks that the caller may read: open ones first, the longest overdue first; as JSON or as GeoJSON places."""
    commune()
    shape = query.pop("f")
    found = q.fetch_tasks(connection(), actor().role, q.TaskFilter(**query))
    rows = [forms.task_dict(task) for task in found]
    if shape == "json":
        return jsonify({"tasks": rows})
    features = [
        {
            "type": "Feature",
            "id": row["id"],
            "geometry": {"type": "Point", "coordinates": row.pop("point")},
            "properties": row,
        }
        for row in rows
        if row["point"] is not None
    ]
    answer = jsonify({"type": "FeatureCollection", "features": features})
    answer.mimetype = "application/geo+json"
    return answer


@blueprint.get("/api/tasks/measures")
@allow(*STAFF)
def list_measures() -> Response:
    """What a task can be measured by: place that it needs, what else it must be told, bounds of the wanted value."""
    read_query(())
    rows = []
    for code, measure in MEASURES.items():
        option = measure.option
        choices = [{"code": c.code, "title": localised((c.vi, c.en))} for c in option.choices] if option else []
        rows.append(
            {
                "code": code,
                "title": localised(measure.title),
                "place": measure.place,
                "unit": measure.unit,
                "layers": list(measure.layers),
                "option": {"name": option.name, "title": localised(option.title), "choices": choices}
                if option
                else None,
                "wanted": dict(zip(("low", "high", "proposed"), measure.wanted, strict=True))
                if measure.wanted
                else None,
            }
        )
    return jsonify({"measures": rows})


@blueprint.get("/api/tasks/<int:task_id>")
@allow(*STAFF)
def show_task(task_id: int) -> Response:
    """One task, with what its measure answers now; 404 alike for another's and for none."""
    read_query(())
    return _answer(task_id)


@blueprint.post("/api/tasks")
@allow(*q.MAKERS)
@once
def create_task() -> Response:
    """Make a task: work, holder, responsibility, day and measured result are all mandatory."""
    here = commune()
    new = forms.read_task(_body())
    try:
        task_id = q.insert_task(connection(), here.id, new)
    except sa.exc.IntegrityError as error:
        raise forms.broken_reference(error) from error
    return _answer(task_id, 201)


@blueprint.patch("/api/tasks/<int:task_id>")
@allow(*q.MAKERS)
def update_task(task_id: int) -> Response:
    """Change work, holder, responsibility or day of the version that If-Match names; the measure stays."""
    version, now = wanted_version(), forms.find_task(task_id)
    values = forms.read_instruction(_body(), now)
    if now.state != "open":
        raise Conflict("task_closed")
    try:
        written = q.update_task(connection(), task_id, version, values)
    except sa.exc.IntegrityError as error:
        raise forms.broken_reference(error) from error
    if not written:
        raise PreconditionFailed("stale_version", version=now.version)
    return _answer(task_id)


@blueprint.post("/api/tasks/<int:task_id>/close")
@allow(*q.CLOSERS)
@once
def close_task(task_id: int) -> Response:
    """Measure again and close the version that If-Match names; 409 with both values where it is not reached."""
    version = wanted_version()
    forms.close(forms.find_task(task_id), version)
    return _answer(task_id)


@blueprint.post("/api/tasks/<int:task_id>/cancel")
@allow(*q.CANCELLERS)
@once
def cancel_task(task_id: int) -> Response:
    """Cancel the version that If-Match names, with a reason."""
    version, task = wanted_version(), forms.find_task(task_id)
    reader = forms.Reader(_body(), ("reason",))
    reason = reader.take("reason", lambda value: forms.read_words(value, 300))
    reader.check("bad_task")
    outcome = q.update_cancelled(connection(), task.id, version, reason)
    if outcome != "cancelled":
        raise forms.outcome_error(outcome, task.version)
    return _answer(task_id)


_SCHEMAS: tuple[tuple[Callable[..., Any], dict[str, Any]], ...] = (
    (create_task, TASK_SCHEMA),
    (update_task, CHANGE_SCHEMA),
    (cancel_task, REASON_SCHEMA),
)
for _view, _schema in _SCHEMAS:
    _view.body_schema = _schema  # type: ignore[attr-defined]
for _view in (update_task, close_task, cancel_task):
    _view.needs_version = True  # type: ignore[attr-defined]
