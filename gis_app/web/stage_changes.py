"""Stage changes: one person proposes, a second approves, returns or defers; the first may withdraw."""

from typing import Any

from flask import Blueprint, Response, jsonify

from gis_app.queries import stage_changes
from gis_app.web.as_of import plain
from gis_app.web.context import allow, commune, connection, people_only
from gis_app.web.params import Param, one_of, read_query, reads
from gis_app.web.safe_writes import once, wanted_version
from gis_app.web.stage_change_forms import CODES, KINDS, decide, find_change, propose, save_step
from gis_app.web.values import json_body
from layers.base import STAFF

blueprint = Blueprint("stage_changes", __name__)

PROPOSAL_SCHEMA = {
    "type": "object",
    "required": ["group_id", "to_stage", "effective_on"],
    "properties": {
        "group_id": {"type": "integer"},
        "kind": {"enum": list(KINDS)},
        "to_stage": {"enum": list(CODES)},
        "effective_on": {"type": "string", "format": "date"},
        "until_on": {"type": ["string", "null"], "format": "date"},
        "period_year": {"type": ["integer", "null"]},
        "document": {"type": ["string", "null"]},
        "recognising_body": {"type": ["string", "null"]},
        "reason": {"type": ["string", "null"]},
    },
}
STEP_SCHEMA = {
    "type": "object",
    "required": ["is_allowed", "needs_document", "needs_body", "needs_reason", "approvers"],
    "properties": {
        "is_allowed": {"type": "boolean"},
        "recognising_body": {"type": ["string", "null"]},
        "needs_document": {"type": "boolean"},
        "needs_body": {"type": "boolean"},
        "needs_reason": {"type": "boolean"},
        "approvers": {"type": "array", "items": {"enum": list(stage_changes.PROPOSERS)}},
    },
}
DECISION_SCHEMA = {
    "type": "object",
    "required": ["decision"],
    "properties": {
        "decision": {"enum": list(stage_changes.DECISIONS)},
        "note": {"type": ["string", "null"]},
        "until_on": {"type": ["string", "null"], "format": "date"},
    },
}


def _dict(change: stage_changes.StageChange) -> dict[str, Any]:
    return plain({name: getattr(change, name) for name in change.__dataclass_fields__})


def _answer(change_id: int, status: int = 200) -> Response:
    change = find_change(change_id)
    answer = jsonify(_dict(change))
    answer.status_code = status
    answer.set_etag(str(change.version))
    answer.headers["Location"] = f"/api/stage-changes/{change.id}"
    return answer


@blueprint.get("/api/stage-steps")
@allow(*STAFF)
def list_stage_steps() -> Response:
    """The steps that the commune allows, and what each needs."""
    read_query(())
    steps = stage_changes.fetch_steps(connection(), commune().id)
    return jsonify({"steps": [{name: getattr(step, name) for name in step.__dataclass_fields__} for step in steps]})


@blueprint.put("/api/stage-steps/<from_stage>/<to_stage>")
@allow("admin")
@people_only
def update_stage_step(from_stage: str, to_stage: str) -> Response:
    """Configure a step for the own commune; If-Match names its `own_version`, 0 where it is as everybody's."""
    saved = save_step(from_stage, to_stage, wanted_version(), json_body())
    answer = jsonify(saved)
    answer.set_etag(str(saved["own_version"]))
    return answer


@blueprint.get("/api/stage-changes")
@allow(*STAFF)
@reads(Param("state", one_of("open", "all"), "Open ones only, or all", {"enum": ["open", "all"]}, default="open"))
def list_stage_changes(query: dict[str, Any]) -> Response:
    """Proposals of the commune, newest first."""
    states = stage_changes.OPEN_STATES if query["state"] == "open" else ()
    found = stage_changes.fetch_stage_changes(connection(), commune().id, states=states)
    return jsonify({"stage_changes": [_dict(change) for change in found]})


@blueprint.get("/api/stage-changes/<int:change_id>")
@allow(*STAFF)
def show_stage_change(change_id: int) -> Response:
    """One proposal."""
    read_query(())
    return _answer(change_id)


@blueprint.post("/api/stage-changes")
@allow(*stage_changes.PROPOSERS)
@people_only
@once
def create_stage_change() -> Response:
    """Propose; the group stays as it is until a second person approves."""
    commune()
    return _answer(propose(json_body()), 201)


@blueprint.post("/api/stage-changes/<int:change_id>/decision")
@allow(*stage_changes.PROPOSERS)
@people_only
@once
def decide_stage_change(change_id: int) -> Response:
    """Approve, return or defer as a second person the version that If-Match names, or withdraw one's own."""
    version, change = wanted_version(), find_change(change_id)
    decide(change, version, json_body())
    return _answer(change_id)


update_stage_step.body_schema = STEP_SCHEMA  # type: ignore[attr-defined]
update_stage_step.needs_version = True  # type: ignore[attr-defined]
create_stage_change.body_schema = PROPOSAL_SCHEMA  # type: ignore[attr-defined]
decide_stage_change.body_schema = DECISION_SCHEMA  # type: ignore[attr-defined]
decide_stage_change.needs_version = True  # type: ignore[attr-defined]
