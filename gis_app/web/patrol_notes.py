"""Notes of patrols: what a team found on its way, its photo, and what a leader makes of it."""

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import BadRequest
from gis_app.queries import patrol as q
from gis_app.queries.patrol_notes import fetch_notes
from gis_app.tables.patrol_notes import MADE, NOTE_CATEGORIES
from gis_app.tables.place_reports import LONGEST_NOTE
from gis_app.web import patrol_note_forms as forms
from gis_app.web.context import allow, commune, connection
from gis_app.web.params import read_query
from gis_app.web.patrol_forms import find_plan
from gis_app.web.safe_writes import once

blueprint = Blueprint("patrol_notes", __name__)


@blueprint.get("/api/patrol-plans/<int:patrol_plan_id>/notes")
@allow(*q.MAKERS)
def list_notes(patrol_plan_id: int) -> Response:
    """What teams of a shift found: {"notes": [{"id", "category", "seen_at" (the hour), "lon", "lat", "photo", …}]}."""
    read_query(())
    plan = find_plan(patrol_plan_id)
    return jsonify(
        {"notes": [forms.note_dict(one) for one in fetch_notes(connection(), commune().id, plan_id=plan.id)]}
    )


@blueprint.post("/api/patrol-plans/<int:patrol_plan_id>/notes")
@allow(*q.MAKERS)
@once
def create_note(patrol_plan_id: int) -> Response:
    """Note a problem of a place; one row for each client_id however often. It is kept as found by a patrol.

    `photo` (base64: JPEG, PNG, WebP) is made anew from its pixels; words that tell of a person are refused.
    """
    note, is_new = forms.add_note(patrol_plan_id, request.get_json())
    answer = jsonify(note)
    answer.status_code = 201 if is_new else 200
    return answer


@blueprint.get("/api/patrol-notes/<int:patrol_note_id>/photo")
@allow(*q.MAKERS)
def show_photo(patrol_note_id: int) -> Response:
    """The photo of a note, a JPEG; kept by nobody on the way."""
    read_query(())
    answer = Response(forms.find_photo(patrol_note_id), mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Content-Disposition"] = f'inline; filename="ghi-nhan-{patrol_note_id}.jpg"'
    return answer


@blueprint.post("/api/patrol-notes/<int:patrol_note_id>/made")
@allow(*q.MAKERS)
@once
def make_of_note(patrol_note_id: int) -> Response:
    """Make a hotspot, a broken light or a task of a note, by those who may; once."""
    body = request.get_json()
    if not isinstance(body, dict) or set(body) != {"what"}:
        raise BadRequest("bad_body")
    answer = jsonify(forms.make(patrol_note_id, body["what"]))
    answer.status_code = 201
    return answer


@blueprint.post("/tuan-tra/ghi-nhan/<int:patrol_note_id>")
@allow(*q.MAKERS)
def press(patrol_note_id: int) -> AnyResponse:
    """The same by a button of the shift's page."""
    note = forms.find_note(patrol_note_id)
    forms.make(note.id, request.form.get("what"))
    return redirect(f"/tuan-tra/{note.plan_id}#notes", 303)


create_note.body_schema = {  # type: ignore[attr-defined]
    "type": "object",
    "required": ["client_id", "category", "at", "lon", "lat"],
    "properties": {
        "client_id": {"type": "string", "format": "uuid"},
        "team": {"type": ["integer", "null"]},
        "category": {"enum": list(NOTE_CATEGORIES)},
        "at": {"type": "string", "format": "date-time"},
        "lon": {"type": "number"},
        "lat": {"type": "number"},
        "note": {"type": ["string", "null"], "maxLength": LONGEST_NOTE},
        "photo": {"type": ["string", "null"], "format": "byte"},
    },
}
make_of_note.body_schema = {  # type: ignore[attr-defined]
    "type": "object",
    "required": ["what"],
    "properties": {"what": {"enum": list(MADE)}},
}
