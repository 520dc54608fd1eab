"""`/tin/tiep-nhan/<tip>`: an officer reads one tip and works on it. Each reading is logged."""

from collections.abc import Callable
from typing import Any

import shapely
import sqlalchemy as sa
from flask import Blueprint, Response, current_app, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.analysis.person_guard import findings
from gis_app.analysis.tip_clock import clock_of
from gis_app.errors import Conflict, GisError, NotFound, PreconditionFailed, Unprocessable
from gis_app.jobs import tip_box, tip_desk
from gis_app.queries import tip_queue as queue
from gis_app.queries import tips as q
from gis_app.queries.audit import record_event
from gis_app.queries.writes import OUTSIDE_TOLERANCE_M, outside_by_m
from gis_app.tables.tips import CHANNELS, LONGEST_TEXT, OUTCOMES, STATES
from gis_app.text import has_controls, has_personal_number, tidy
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.i18n import t
from gis_app.web.params import lonlat, reads
from gis_app.web.tip_answers import secret_key
from gis_app.web.tip_forms import DONE_PARAM, choice, goes_on, opened
from layers.base import DATA

blueprint = Blueprint("tip_intake_work", __name__, url_prefix="/tin/tiep-nhan")

TEMPLATES = ("where_exactly", "when_seen", "still_so", "thanks", "fixed", "to_113")


def _page(tip: tip_desk.OpenedTip, *, done: str | None = None, error: GisError | None = None, typed: str = "") -> Any:
    place, conn, row = commune(), connection(), tip.row
    record_event(conn, "read_tip", "tips", {"tip": row.id})
    page = render_template(
        "tips/tip.html",
        place=place, tip=tip, row=row, parts=tip.parts, typed=typed, done=done,
        alike=queue.fetch_alike(conn, row.id), goes_on=goes_on(row),
        streets=q.fetch_streets(conn, row.id) if row.precision in tip_desk.WIDE else None, title=tip_desk.title_of(row),
        clock=clock_of(row.subject, row.received_on, row.state, row.handed_on, q.fetch_today(conn)),
        next_states=STATES[STATES.index(row.state) + 1 :], outcomes=OUTCOMES, channels=CHANNELS, templates=TEMPLATES,
        may_make=actor().role in DATA, longest=LONGEST_TEXT,
        error=t(f"error.{error.code}", **error.params) if error else None,
    )  # fmt: skip
    if error is None:
        return page
    # A refusal is rolled back; that the tip was read stays in the log.
    conn.commit()
    return page, error.status


@blueprint.get("/<int:tip_id>")
@allow(*q.OFFICERS)
@reads(DONE_PARAM)
def show_tip(query: dict[str, Any], tip_id: int) -> Any:
    """One tip: words, photo, what is alike, questions, steps. Reading is logged."""
    return _page(opened(tip_id), done=query["xong"])


@blueprint.get("/<int:tip_id>/anh")
@allow(*q.OFFICERS)
@reads()
def show_photo(query: dict[str, Any], tip_id: int) -> Response:
    """The photo, from memory to the officer's screen. Looking is logged."""
    del query
    sealed = q.fetch_photo(connection(), opened(tip_id).row.id)
    photo = None if sealed is None else tip_box.unseal(secret_key(), tip_id, "photo", sealed)
    if photo is None:
        raise NotFound("not_found")
    record_event(connection(), "read_tip_photo", "tips", {"tip": tip_id})
    return current_app.response_class(photo, mimetype="image/jpeg", headers={"Content-Disposition": "inline"})


def _seen() -> int:
    seen = request.form.get("version", "")
    if not (seen.isascii() and seen.isdigit() and len(seen) < 9):
        raise PreconditionFailed("stale_version")
    return int(seen)


def _words(name: str, longest: int, *, required: bool = True) -> str:
    """Words of an officer: nothing that points at a person leaves this page."""
    text = tidy(request.form.get(name, ""))
    if (required and not text) or len(text) > longest or has_controls(text):
        raise Unprocessable("tip_words", longest=longest)
    found = findings(text)
    if found or has_personal_number(text):
        raise Unprocessable("tip_person", words=", ".join(f"“{one.words}”" for one in found) or "…")
    return text


def _change(tip: tip_desk.OpenedTip, done: str, **values: Any) -> AnyResponse:
    try:
        with connection().begin_nested():
            changed = q.update_tip(connection(), tip.row.id, _seen(), values)
    except sa.exc.IntegrityError as error:
        raise Conflict("tip_step") from error
    if not changed:
        raise PreconditionFailed("stale_version", version=tip.row.version)
    return redirect(f"/tin/tiep-nhan/{tip.row.id}?xong={done}", 303)


def _told(tip_id: int, act: Callable[[tip_desk.OpenedTip], AnyResponse]) -> Any:
    """Do it; what was refused is said on the tip's page, with the words typed."""
    tip = opened(tip_id)
    try:
        with connection().begin_nested():
            return act(tip)
    except (Unprocessable, Conflict, PreconditionFailed) as error:
        return _page(tip, error=error, typed=request.form.get("text", "")[:LONGEST_TEXT])


@blueprint.post("/<int:tip_id>/buoc")
@allow(*q.OFFICERS)
@people_only
def move(tip_id: int) -> Any:
    """The next step: verify, handle, close with an outcome."""

    def act(tip: tip_desk.OpenedTip) -> AnyResponse:
        state = choice("state", STATES[1:])
        if state != "closed":
            return _change(tip, "moved", state=state)
        outcome = choice("outcome", OUTCOMES)
        other = request.form.get("duplicate_of", "")
        twin = int(other) if outcome == "duplicate" and other.isdecimal() and len(other) < 19 else None
        if outcome == "passed_on" and tip.row.channel is None:
            raise Conflict("tip_not_handed")
        return _change(tip, "moved", state=state, outcome=outcome, duplicate_of=twin)

    return _told(tip_id, act)


@blueprint.post("/<int:tip_id>/tra-loi")
@allow(*q.OFFICERS)
@people_only
def answer(tip_id: int) -> Any:
    """Ask or answer whoever has the receipt."""

    def act(tip: tip_desk.OpenedTip) -> AnyResponse:
        text = request.form.get("template", "")
        text = t(f"tip.template.{text}") if text in TEMPLATES else _words("text", LONGEST_TEXT)
        if tip.row.state == "closed":
            raise Conflict("tip_step")
        message = tip_box.make_id()
        sealed = tip_box.seal_words(secret_key(), message, "message", {"text": text})
        if not q.insert_message(connection(), commune().id, tip_id, message, sealed):
            raise Conflict("tip_step")
        record_event(connection(), "answer_tip", "tips", {"tip": tip_id})
        return redirect(f"/tin/tiep-nhan/{tip_id}?xong=answered", 303)

    return _told(tip_id, act)


@blueprint.post("/<int:tip_id>/chuyen")
@allow(*q.OFFICERS)
@people_only
def hand_on(tip_id: int) -> Any:
    """Record that the tip went to the legal channel: which, and the number of the document."""

    def act(tip: tip_desk.OpenedTip) -> AnyResponse:
        note = _words("channel_note", 200, required=False)
        today = q.fetch_today(connection())
        channel = choice("channel", CHANNELS)
        return _change(tip, "handed", channel=channel, channel_note=note or None, handed_on=today)

    return _told(tip_id, act)


@blueprint.post("/<int:tip_id>/chia-se")
@allow(*q.OFFICERS)
@people_only
def share(tip_id: int) -> Any:
    """Let other roles of the commune read these words, written anew by the officer; empty: none."""

    def act(tip: tip_desk.OpenedTip) -> AnyResponse:
        text = _words("text", LONGEST_TEXT, required=False)
        sealed = tip_box.seal_words(secret_key(), tip_id, "shared", {"text": text}) if text else None
        return _change(tip, "shared", shared=sealed)

    return _told(tip_id, act)


@blueprint.post("/<int:tip_id>/bo-anh")
@allow(*q.OFFICERS)
@people_only
def drop_photo(tip_id: int) -> Any:
    """Delete the photo for good: it shows a person."""
    return _told(tip_id, lambda tip: _change(tip, "photo", photo=None))


@blueprint.post("/<int:tip_id>/tao")
@allow(*sorted(DATA))
@people_only
def make(tip_id: int) -> Any:
    """A hotspot, a task, a broken light or a report of places, its source recorded, in one click."""

    def act(tip: tip_desk.OpenedTip) -> AnyResponse:
        kind = choice("kind", tip_desk.KINDS)
        conn = connection()
        if tip.row.is_held or tip.row.state == "closed":
            raise Conflict("tip_step")
        values = tip_desk.make(conn, commune(), tip, kind, q.fetch_today(conn), _chosen_place())
        return _change(tip, "made", state="handling", **values)

    return _told(tip_id, act)


def _chosen_place() -> tip_desk.ChosenPlace | None:
    """What an officer says of a tip of a whole group or area: a street, or latitude and longitude as the map shows."""
    road, spot = request.form.get("road_id", ""), request.form.get("spot", "").strip()
    if road:
        found = q.fetch_road_middle(connection(), int(road)) if road.isdecimal() and len(road) < 19 else None
        if found is None:
            raise Unprocessable("bad_parameter", name="road_id", rule="choice")
        return tip_desk.ChosenPlace(shapely.Point(found[0], found[1]), found[2])
    if not spot:
        return None
    try:
        lat, lon = (float(part) for part in spot.replace(" ", "").split(","))
        point = lonlat(f"{lon},{lat}")
    except ValueError as error:
        raise Unprocessable("bad_parameter", name="spot", rule="lonlat") from error
    here = commune()
    away = outside_by_m(connection(), here.id, point, here.metric_srid)
    if away > OUTSIDE_TOLERANCE_M:
        raise Unprocessable("outside_commune", km=round(away / 1000, 2))
    return tip_desk.ChosenPlace(point)
