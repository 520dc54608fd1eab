"""Notes of patrols as bodies and answers have them, and what a leader makes of one; no views here."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

import shapely
import sqlalchemy as sa

from gis_app.errors import BadRequest, Conflict, Forbidden, NotFound, Unprocessable
from gis_app.jobs.patrol_hours import VIETNAM
from gis_app.queries import patrol_notes as q
from gis_app.queries.tasks import MAKERS, NewTask, fetch_today, insert_task
from gis_app.queries.writes import fetch_version, insert_feature, update_feature
from gis_app.tables.patrol_notes import MADE, NOTE_CATEGORIES
from gis_app.web.context import actor, commune, connection
from gis_app.web.i18n import t
from gis_app.web.patrol_forms import MAX_ID, find_plan
from gis_app.web.photo_bodies import read_client_id, read_photo
from gis_app.web.place_report_forms import broken_report, read_report
from gis_app.web.safe_writes import broken_rule
from gis_app.web.task_forms import read_task
from layers import LAYERS

FIELDS = ("client_id", "team", "category", "at", "lon", "lat", "note", "photo")
# As far as a lamp is from the stop at which somebody saw that it is out.
LIGHT_WITHIN_M = 60.0
TASK_DAYS = 7
# A gathering is a class of hotspots of its own; every other finding is a place at risk.
CLASSES: Mapping[str, str] = {"gathering": "gathering"}
DARK = frozenset({"light_out", "dark_street"})


def _fault(field: str, rule: str) -> Unprocessable:
    return Unprocessable("bad_place_report", faults=[{"field": field, "rule": rule}])


def _client_of(body: Any) -> uuid.UUID:
    if not isinstance(body, dict) or not body.keys() <= set(FIELDS):
        raise BadRequest("bad_body")
    return read_client_id(body, _fault)


def add_note(plan_id: int, body: Any) -> tuple[dict[str, Any], bool]:
    """Write what a team found; (the note, whether it is new): one row for a client_id however often it is sent."""
    plan = find_plan(plan_id)
    client = _client_of(body)
    if plan.state == "draft":
        raise Conflict("patrol_not_issued")
    known = _known(plan.id, client)
    if known is not None:
        return note_dict(known), False
    team = body.get("team")
    if team is not None and (type(team) is not int or not 1 <= team <= len(plan.settings["teams"])):
        raise _fault("team", "choice")
    if body.get("category") not in NOTE_CATEGORIES:
        raise _fault("category", "choice")
    if body["category"] == "other" and not body.get("note") and not body.get("photo"):
        raise _fault("note", "required")
    raw = {name: body.get(name) for name in ("category", "lon", "lat", "note")}
    report = read_report(raw | {"seen_at": body.get("at"), "source": "patrol"}, dt.datetime.now(dt.UTC))
    new = q.NewNote(plan.id, team, client, report, read_photo(body.get("photo"), _fault))
    try:
        is_new = q.insert_note(connection(), commune().id, new)
    except sa.exc.IntegrityError as error:
        raise broken_report(error) from error
    found = _known(plan.id, client)
    if found is None:
        raise NotFound("patrol_note_not_found")
    return note_dict(found), is_new


def _known(plan_id: int, client: uuid.UUID) -> q.NoteRow | None:
    """The note of a device's number; the number of another shift's is another's."""
    found = q.fetch_notes(connection(), commune().id, client_id=client)
    if found and found[0].plan_id != plan_id:
        raise Conflict("patrol_visit_other")
    return found[0] if found else None


def find_note(note_id: int) -> q.NoteRow:
    """The note, or 404 alike for another commune's and for none."""
    found = q.fetch_notes(connection(), commune().id, note_id=note_id) if 0 < note_id <= MAX_ID else []
    if not found:
        raise NotFound("patrol_note_not_found")
    return found[0]


def find_photo(note_id: int) -> bytes:
    """The photo of a note, or 404."""
    data = q.fetch_photo(connection(), commune().id, find_note(note_id).id)
    if data is None:
        raise NotFound("patrol_note_not_found")
    return data


def choices(note: q.NoteRow) -> list[str]:
    """What the actor may make of a note."""
    if note.made is not None:
        return []
    role = actor().role
    found = [] if role not in LAYERS["hotspots"].editors else ["hotspot"]
    if note.category in DARK and role in LAYERS["lights"].editors:
        found.insert(0, "light")
    return found + (["task"] if role in MAKERS else [])


def make(note_id: int, what: Any) -> dict[str, Any]:
    """Make a hotspot, a broken light or a task of a note, once; where it came from is recorded."""
    note, conn, here = find_note(note_id), connection(), commune()
    if what not in MADE:
        raise BadRequest("bad_parameter", name="what", rule="choice")
    if not q.lock_unmade(conn, here.id, note.id):
        raise Conflict("patrol_note_made")
    if what not in choices(note):
        raise Forbidden("role_not_allowed", role=actor().role)
    made_id = {"hotspot": _hotspot, "light": _light, "task": _task}[what](note)
    q.update_made(conn, note, what, made_id)
    return note_dict(find_note(note.id))


def _hotspot(note: q.NoteRow) -> int:
    layer, seen_at = LAYERS["hotspots"], note.seen_at.astimezone(VIETNAM)
    values = {
        "place": t(f"patrol.note.{note.category}"), "class": CLASSES.get(note.category, "risk"), "severity": 1,
        "state": "new", "source_kind": "patrol", "first_seen_on": seen_at.date(), "last_seen_on": seen_at.date(),
        "hour_from": seen_at.hour, "hour_to": seen_at.hour + 1,
    }  # fmt: skip
    try:
        return insert_feature(connection(), layer, commune().id, values, shapely.Point(note.lon, note.lat)).id
    except sa.exc.IntegrityError as error:
        raise broken_rule(error, layer) from error


def _light(note: q.NoteRow) -> int:
    conn, here, layer = connection(), commune(), LAYERS["lights"]
    light = q.fetch_near_light(conn, here.id, note, here.metric_srid, LIGHT_WITHIN_M)
    if light is None:
        raise Unprocessable("patrol_no_light", metres=round(LIGHT_WITHIN_M))
    version = fetch_version(conn, layer, light) or 0
    if update_feature(conn, layer, light, version, {"state": "broken"}, None) is None:
        raise Conflict("patrol_note_made")
    return light


def _task(note: q.NoteRow) -> int:
    conn, here = connection(), commune()
    today = fetch_today(conn)
    group_id = q.fetch_group(conn, here.id, note)
    if group_id is None:
        raise Unprocessable("patrol_no_group")
    result: dict[str, Any] = (
        {"measure": "lights_working", "wanted": 95}
        if note.category in DARK
        else {"measure": "criteria_reviewed", "options": {"from_on": today.isoformat()}}
    )
    day = note.seen_at.astimezone(VIETNAM).strftime("%d/%m/%Y")
    raw = result | {
        "title": t("patrol.note.task_title", what=t(f"patrol.note.{note.category}"), day=day),
        "responsibility": t("patrol.note.task_duty"), "holder_role": "patrol", "source": "patrol",
        "due_on": (today + dt.timedelta(days=TASK_DAYS)).isoformat(), "group_id": group_id,
        "point": [note.lon, note.lat],
    }  # fmt: skip
    new: NewTask = read_task(raw)
    return insert_task(conn, here.id, new)


def note_dict(note: q.NoteRow) -> dict[str, Any]:
    """A note as JSON."""
    return {
        "id": note.id, "plan_id": note.plan_id, "team": note.team, "client_id": str(note.client_id),
        "report_id": note.report_id, "lon": round(note.lon, 6), "lat": round(note.lat, 6), "category": note.category,
        "seen_at": note.seen_at.astimezone(dt.UTC).isoformat(), "note": note.note,
        "photo": f"/api/patrol-notes/{note.id}/photo" if note.has_photo else None,
        "made": note.made, "made_id": note.made_id,
    }  # fmt: skip
