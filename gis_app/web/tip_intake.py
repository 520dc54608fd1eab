"""`/tin/tiep-nhan`: officers read tips and work on them; others see street, state and words that were cleared."""

import datetime as dt
from typing import Any

import shapely
import sqlalchemy as sa
from flask import Blueprint, Response, current_app, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.analysis.person_guard import findings
from gis_app.analysis.tip_clock import VERIFY_DAYS, clock_of
from gis_app.analysis.tip_clock import goes_on as day_gone
from gis_app.errors import Conflict, Forbidden, GisError, NotFound, PreconditionFailed, Unprocessable
from gis_app.jobs import tip_box, tip_desk
from gis_app.queries import tip_queue as queue
from gis_app.queries import tips as q
from gis_app.queries.audit import record_event
from gis_app.queries.writes import OUTSIDE_TOLERANCE_M, outside_by_m
from gis_app.tables.tips import (
    CELLS_M,
    CHANNELS,
    KEPT_DAYS,
    LONGEST_TEXT,
    OPEN_DAYS,
    OUTCOMES,
    STATES,
    SUBJECTS,
    WARN_DAYS,
)
from gis_app.text import has_controls, has_personal_number, tidy
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.i18n import t
from gis_app.web.nav import Page
from gis_app.web.params import Param, lonlat, one_of, reads, whole
from layers.base import DATA

blueprint = Blueprint("tip_intake", __name__, url_prefix="/tin/tiep-nhan")
PAGE = Page("/tin/tiep-nhan", "tips", frozenset(q.READERS), 45, "box")

DONE = ("moved", "answered", "handed", "shared", "made", "photo", "let_in", "thrown", "opened", "shut", "cell")
DONE_PARAM = Param("xong", one_of(*DONE), "What was just done")
TEMPLATES = ("where_exactly", "when_seen", "still_so", "thanks", "fixed", "to_113")
LEAST_SHOWN = 5
MAX_ID = 2**63 - 1


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])


@blueprint.get("")
@allow(*q.READERS)
@reads(
    Param("tt", one_of(*STATES, "held"), "State, or held"),
    Param("trang", whole(1, 10_000), "Page", {"type": "integer"}),
    DONE_PARAM,
)
def show_queue(query: dict[str, Any]) -> str:
    """The queue by the day on which each is due by law; statistics without places."""
    place, conn = commune(), connection()
    coarse = actor().role not in q.OFFICERS
    held = query["tt"] == "held" and not coarse
    wanted = queue.Wanted(coarse, None if query["tt"] == "held" else query["tt"], held)
    pages = _pages(queue.count_wanted(conn, wanted), queue.HELD_ROWS if held else queue.PAGE_ROWS, query["trang"] or 1)
    rows = queue.fetch_page(conn, wanted, tip_desk.DAYS, pages["first"])
    today, counts = q.fetch_today(conn), queue.count_tips(conn, coarse=coarse)
    return render_template(
        "tips/queue.html",
        place=place, rows=rows, paging=pages, coarse=coarse, state=query["tt"], states=STATES, done=query["xong"],
        clocks={row.id: clock_of(row.subject, row.received_on, row.state, row.handed_on, today) for row in rows},
        goes={row.id: day for row in rows if (day := goes_on(row)) <= today + dt.timedelta(WARN_DAYS)},
        alike={} if coarse or held else queue.count_alike(conn, [row.id for row in rows]), most_alike=queue.MOST_ALIKE,
        held_count=0 if coarse else q.count_held(conn),
        state_counts={} if coarse else {state: _of_state(counts, state) for state in STATES},
        late_count=0 if coarse else queue.count_older(conn, VERIFY_DAYS + 1),
        going_count=0 if coarse else queue.count_older(conn, OPEN_DAYS - WARN_DAYS), open_days=OPEN_DAYS,
        shared={row.id: tip_desk.shared_text(_key(), row) for row in rows if row.shared},
        box=q.fetch_settings(conn, place.id), cells=CELLS_M, may_open=actor().role in q.OPENERS,
        figures=_figures(counts), subjects=SUBJECTS,
    )  # fmt: skip


def goes_on(row: queue.TipRow) -> dt.date:
    """The day on which a tip is deleted."""
    return day_gone(row.received_on, row.closed_on, KEPT_DAYS, KEPT_DAYS if row.is_held else OPEN_DAYS)


def _pages(count: int, size: int, number: int) -> dict[str, int]:
    last = max(1, -(-count // size))
    number = min(number, last)
    return {"number": number, "last": last, "count": count, "first": (number - 1) * size, "size": size}


def _of_state(counts: Any, state: str) -> int:
    return sum(count for (_, one), count in counts.items() if one == state)


def _figures(counts: Any) -> list[tuple[str, list[str]]]:
    """Subject by state; below five nothing but that, and no totals to subtract from."""
    return [
        (subject, [_shown(counts.get((subject, state), 0)) for state in STATES])
        for subject in SUBJECTS
    ]  # fmt: skip


def _shown(count: int) -> str:
    return t("tip.few") if 0 < count < LEAST_SHOWN else str(count)


def _open(tip_id: int) -> tip_desk.OpenedTip:
    commune()
    if tip_id > MAX_ID:
        raise NotFound("tip_not_found")
    return tip_desk.open_tip(connection(), _key(), tip_id)


def _page(tip_id: int, *, done: str | None = None, error: GisError | None = None, typed: str = "") -> Any:
    place, conn = commune(), connection()
    opened = _open(tip_id)
    row = opened.row
    record_event(conn, "read_tip", "tips", {"tip": row.id})
    page = render_template(
        "tips/tip.html",
        place=place, tip=opened, row=row, parts=opened.parts, typed=typed, done=done,
        alike=queue.fetch_alike(conn, row.id), goes_on=goes_on(row),
        streets=q.fetch_streets(conn, row.id) if row.precision in tip_desk.WIDE else None, title=tip_desk.title_of(row),
        clock=clock_of(row.subject, row.received_on, row.state, row.handed_on, q.fetch_today(conn)),
        next_states=STATES[STATES.index(row.state) + 1 :], outcomes=OUTCOMES, channels=CHANNELS, templates=TEMPLATES,
        may_make=actor().role in DATA, longest=LONGEST_TEXT,
        error=t(f"error.{error.code}", **error.params) if error else None,
    )  # fmt: skip
    return (page, error.status) if error else page


@blueprint.get("/<int:tip_id>")
@allow(*q.OFFICERS)
@reads(DONE_PARAM)
def show_tip(query: dict[str, Any], tip_id: int) -> Any:
    """One tip: words, photo, what is alike, questions, steps. Reading is logged."""
    return _page(tip_id, done=query["xong"])


@blueprint.get("/<int:tip_id>/anh")
@allow(*q.OFFICERS)
@reads()
def show_photo(query: dict[str, Any], tip_id: int) -> Response:
    """The photo, from memory to the officer's screen."""
    del query
    sealed = q.fetch_photo(connection(), _open(tip_id).row.id)
    photo = None if sealed is None else tip_box.unseal(_key(), tip_id, "photo", sealed)
    if photo is None:
        raise NotFound("not_found")
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


def _change(tip_id: int, done: str, **values: Any) -> AnyResponse:
    opened = _open(tip_id)
    try:
        with connection().begin_nested():
            changed = q.update_tip(connection(), opened.row.id, _seen(), values)
    except sa.exc.IntegrityError as error:
        raise Conflict("tip_step") from error
    if not changed:
        raise PreconditionFailed("stale_version", version=opened.row.version)
    return redirect(f"/tin/tiep-nhan/{tip_id}?xong={done}", 303)


def _choice(name: str, known: Any) -> str:
    value = request.form.get(name, "")
    if value not in known:
        raise Unprocessable("bad_parameter", name=name, rule="choice")
    return value


def _told(tip_id: int, act: Any) -> Any:
    """Do it; what was refused is said on the tip's page, with the words typed."""
    commune()
    _open(tip_id)
    try:
        return act()
    except (Unprocessable, Conflict, PreconditionFailed) as error:
        return _page(tip_id, error=error, typed=request.form.get("text", "")[:LONGEST_TEXT])


@blueprint.post("/<int:tip_id>/buoc")
@allow(*q.OFFICERS)
@people_only
def move(tip_id: int) -> Any:
    """The next step: verify, handle, close with an outcome."""

    def act() -> AnyResponse:
        state = _choice("state", STATES[1:])
        if state != "closed":
            return _change(tip_id, "moved", state=state)
        outcome = _choice("outcome", OUTCOMES)
        other = request.form.get("duplicate_of", "")
        twin = int(other) if outcome == "duplicate" and other.isdecimal() and len(other) < 19 else None
        if outcome == "passed_on" and _open(tip_id).row.channel is None:
            raise Conflict("tip_not_handed")
        return _change(tip_id, "moved", state=state, outcome=outcome, duplicate_of=twin)

    return _told(tip_id, act)


@blueprint.post("/<int:tip_id>/tra-loi")
@allow(*q.OFFICERS)
@people_only
def answer(tip_id: int) -> Any:
    """Ask or answer whoever has the receipt."""

    def act() -> AnyResponse:
        text = request.form.get("template", "")
        text = t(f"tip.template.{text}") if text in TEMPLATES else _words("text", LONGEST_TEXT)
        if _open(tip_id).row.state == "closed":
            raise Conflict("tip_step")
        message = tip_box.make_id()
        sealed = tip_box.seal_words(_key(), message, "message", {"text": text})
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

    def act() -> AnyResponse:
        note = _words("channel_note", 200, required=False)
        today = q.fetch_today(connection())
        channel = _choice("channel", CHANNELS)
        return _change(tip_id, "handed", channel=channel, channel_note=note or None, handed_on=today)

    return _told(tip_id, act)


@blueprint.post("/<int:tip_id>/chia-se")
@allow(*q.OFFICERS)
@people_only
def share(tip_id: int) -> Any:
    """Let other roles of the commune read these words, written anew by the officer; empty: none."""

    def act() -> AnyResponse:
        text = _words("text", LONGEST_TEXT, required=False)
        sealed = tip_box.seal_words(_key(), tip_id, "shared", {"text": text}) if text else None
        return _change(tip_id, "shared", shared=sealed)

    return _told(tip_id, act)


@blueprint.post("/<int:tip_id>/bo-anh")
@allow(*q.OFFICERS)
@people_only
def drop_photo(tip_id: int) -> Any:
    """Delete the photo for good: it shows a person."""
    return _told(tip_id, lambda: _change(tip_id, "photo", photo=None))


@blueprint.post("/<int:tip_id>/tao")
@allow(*sorted(DATA))
@people_only
def make(tip_id: int) -> Any:
    """A hotspot, a task, a broken light or a report of places, its source recorded, in one click."""

    def act() -> AnyResponse:
        kind = _choice("kind", tip_desk.KINDS)
        opened, conn = _open(tip_id), connection()
        if opened.row.is_held or opened.row.state == "closed":
            raise Conflict("tip_step")
        with conn.begin_nested():
            values = tip_desk.make(conn, commune(), opened, kind, q.fetch_today(conn), _chosen_place())
        return _change(tip_id, "made", state="handling", **values)

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


@blueprint.post("/<int:tip_id>/giu")
@allow(*q.OFFICERS)
@people_only
def decide_held(tip_id: int) -> AnyResponse:
    """Let a held tip in, or throw it away."""
    if not _open(tip_id).row.is_held:
        raise Conflict("tip_step")
    return _decide([tip_id])


@blueprint.post("/giu")
@allow(*q.OFFICERS)
@people_only
def decide_all_held() -> AnyResponse:
    """Let in or throw away the held tips that the page listed; what came since waits for a look."""
    commune()
    listed = request.form.getlist("id")[: queue.HELD_ROWS]
    return _decide(
        [int(one) for one in listed if one.isascii() and one.isdigit() and len(one) < 20 and int(one) <= MAX_ID]
    )


def _decide(tip_ids: list[int]) -> AnyResponse:
    if request.form.get("let_in"):
        q.update_held(connection(), tip_ids)
        return redirect("/tin/tiep-nhan?xong=let_in", 303)
    count = q.delete_held(connection(), tip_ids)
    record_event(connection(), "throw_tips", "tips", {"count": count})
    return redirect("/tin/tiep-nhan?xong=thrown", 303)


@blueprint.post("/mo")
@allow(*q.OPENERS)
@people_only
def open_or_shut() -> AnyResponse:
    """Take tips, or stop taking them."""
    wanted = bool(request.form.get("is_open"))
    _settle("open_tips" if wanted else "shut_tips", is_open=wanted)
    return redirect(f"/tin/tiep-nhan?xong={'opened' if wanted else 'shut'}", 303)


@blueprint.post("/o")
@allow(*q.OPENERS)
@people_only
def choose_cell() -> AnyResponse:
    """How wide the areas are that residents may name in place of a point."""
    _settle("cell_of_tips", cell_m=int(_choice("cell_m", [str(one) for one in CELLS_M])))
    return redirect("/tin/tiep-nhan?xong=cell", 303)


def _settle(event: str, **values: bool | int) -> None:
    place = commune()
    if actor().role not in q.OPENERS:
        raise Forbidden("role_not_allowed", role=actor().role)
    q.upsert_settings(connection(), place.id, **values)
    record_event(connection(), event, "tip_settings", {"commune": place.id})
