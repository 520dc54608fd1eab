"""`/tin`: a resident tells of a place, with nobody's name in it. Works without JavaScript, cookie or account."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify
from sqlalchemy.engine import Connection
from werkzeug.datastructures import MultiDict

from gis_app.db import NOBODY, begin
from gis_app.errors import GisError, NotFound, TooManyRequests
from gis_app.jobs import tip_box, tip_proof, tip_send
from gis_app.jobs.tip_proof import Ticket
from gis_app.queries import tip_doors
from gis_app.queries.tip_doors import OpenCommune
from gis_app.tables.tips import LONGEST_TEXT, SUBJECTS
from gis_app.web.context import engine, public
from gis_app.web.i18n import t, words
from gis_app.web.params import Param, reads, whole
from gis_app.web.tip_answers import HEADERS, begin_answer, page, read_body, secret_key
from gis_app.web.tip_codes import CODE, share_of
from gis_app.web.tip_fields import kept_spot, read_draft
from gis_app.web.tip_lists import lists_of
from gis_app.web.users import csrf

blueprint = Blueprint("tips", __name__, url_prefix="/tin")
blueprint.before_request(begin_answer)
# No session stands behind this form, so there is nothing to forge; its own token is signed (jobs/tip_proof.py).
csrf.exempt(blueprint)

TO = Param("to", whole(1, 2**62), "Group of residents", {"type": "integer"})
# In a process one form is made and one tip is taken at a time, and one more waits; whoever comes then is asked, at
# once, to come again. Officers' pages have the other threads. What has neither work nor answer stands with the forms,
# so that it keeps no tip out.
_FORMS, _TIPS, _WAITING = (threading.BoundedSemaphore(1) for _ in range(3))
_PATIENCE_S = 2.0
# Marks of forms that let in nothing any more: what comes with them again stands with the forms too.
_REFUSED: set[int] = set()
MOST_REFUSED = 10_000
AGAIN = ("subject", "device_number", "precision", "road_id", "landmark", "spot", "text", "token", "client_id", "proof",
         "answer", "to", "keep", "mask", "website", "poster")  # fmt: skip
# A script tries again by itself, with more work, so many times.
MOST_TRIES = 3
# Where the form says why a tip was not taken.
FAULT_OF = {"place": "place", "closed": "place", "more": "answer", "spent": "answer"}


@contextmanager
def _quietly() -> Iterator[Connection]:
    with begin(engine(), NOBODY) as conn:
        tip_doors.hush(conn)
        yield conn


@contextmanager
def _seat(seats: threading.BoundedSemaphore) -> Iterator[bool]:
    has_seat = seats.acquire(blocking=False)
    if not has_seat and _WAITING.acquire(blocking=False):
        try:
            has_seat = seats.acquire(timeout=_PATIENCE_S)
        finally:
            _WAITING.release()
    try:
        yield has_seat
    finally:
        if has_seat:
            seats.release()


def _door(conn: Connection, box_code: str) -> tuple[OpenCommune, str | None, int | None, bool]:
    """The commune of a code; of a box its words and group, and whether it is gone."""
    match = CODE.fullmatch(box_code)
    found = tip_doors.fetch_open_communes(conn, match[1]) if match else []
    if match is None or not found:
        raise NotFound("not_found")
    if match[2] is None:
        return found[0], None, None, False
    box = tip_doors.fetch_box(conn, found[0].id, match[2], int(match[3]))
    return (found[0], None, None, True) if box is None else (found[0], *box, False)


@blueprint.get("")
@public
@reads()
def choose(query: dict[str, Any]) -> Response:
    """The communes that take tips."""
    del query
    with begin(engine(), NOBODY) as conn:
        return page("tips/choose.html", communes=tip_doors.fetch_open_communes(conn))


@blueprint.get("/<box_code>")
@public
@reads(TO)
def show(query: dict[str, Any], box_code: str) -> Response:
    """The form, with the village of the box; without one, the choice of a village."""
    with _seat(_FORMS) as has_seat:
        if has_seat:
            with begin(engine(), NOBODY) as conn:
                return _form(conn, box_code, query["to"])
    to = f"?to={query['to']}" if query["to"] else ""
    answer = page("tips/busy.html", 503, address=f"/tin/{quote(box_code)}{to}")
    answer.headers["Retry-After"] = "5"
    return answer


def _form(
    conn: Connection, box_code: str, group_id: int | None, status: int = 200, form: MultiDict[str, str] | None = None,
    **more: Any,
) -> Response:  # fmt: skip
    place, words_of_box, group_of_box, is_gone = _door(conn, box_code)
    groups = tip_doors.fetch_groups(conn, place.id)
    chosen = next((one for wanted in (group_id, group_of_box) for one in groups if one[0] == wanted), None)
    common = {"place": place, "box_code": box_code, "box_words": words_of_box, "is_gone": is_gone}
    if chosen is None:
        return page("tips/groups.html", status, groups=groups, **common)
    lists = lists_of(conn, place.id, chosen[0])
    token, proof, question = tip_proof.make_form(secret_key(), place.code, place.load, words())
    return page(
        "tips/form.html",
        status,
        group=chosen,
        streets=lists.streets,
        landmarks=lists.landmarks,
        subjects=SUBJECTS,
        longest=LONGEST_TEXT,
        cell=tip_doors.fetch_cell(conn, place.id),
        proof={"token": token, "nonce": proof.nonce, "bits": proof.bits, "question": question},
        form=form or MultiDict(),
        spot=kept_spot(form or MultiDict()),
        boot={"messages": {name: t(f"tip.script.{name}") for name in SCRIPT_WORDS}, "longest": LONGEST_TEXT},
        **common,
        **more,
    )


SCRIPT_WORDS = ("draft_kept", "sending", "waiting", "working", "found", "wiped", "locating", "no_location", "here",
                "here_cell", "pick_street", "pick_point", "pick_cell", "pick_device", "picked", "map_failed", "later",
                "more")  # fmt: skip


@blueprint.get("/<box_code>/ban-do")
@public
@reads(Param("to", whole(1, 2**62), "Group of residents", {"type": "integer"}, required=True))
def show_map(query: dict[str, Any], box_code: str) -> Response:
    """Outline, streets and numbered devices of a village, for the little map; fetched only when it is opened."""
    with _seat(_FORMS) as has_seat:
        if not has_seat:
            raise TooManyRequests("tip_busy", retry_after_s=5)
        with begin(engine(), NOBODY) as conn:
            place, *_ = _door(conn, box_code)
            found = tip_doors.fetch_map(conn, place.id, query["to"])
    if found is None:
        raise NotFound("not_found")
    answer = jsonify(found)
    answer.headers.update(HEADERS)
    return answer


@blueprint.get("/<box_code>/moi")
@public
@reads()
def renew(query: dict[str, Any], box_code: str) -> Response:
    """A new token, for a draft that was kept without a network."""
    del query
    with begin(engine(), NOBODY) as conn:
        place, *_ = _door(conn, box_code)
    token, form, _ = tip_proof.make_form(secret_key(), place.code, place.load, words())
    answer = jsonify({"token": token, "nonce": form.nonce, "bits": form.bits})
    answer.headers.update(HEADERS)
    return answer


@blueprint.post("/<box_code>")
@public
def send(box_code: str) -> Response:
    """Take a tip; however often the same is sent, one tip and one receipt."""
    form, files = read_body()
    busy = TooManyRequests("tip_busy", retry_after_s=30)
    match = CODE.fullmatch(box_code)
    ticket = tip_proof.read_ticket(secret_key(), match[1], form, words()) if match else None
    if ticket is not None:
        ticket = replace(ticket, share=share_of(secret_key(), box_code, form.get("poster", "")))
    with _seat(_TIPS if ticket and ticket.mark not in _REFUSED else _FORMS) as has_seat:
        if not has_seat:
            return _again(form, box_code, busy)
        try:
            return _send(form, files, box_code, ticket)
        except (sa.exc.DBAPIError, sa.exc.TimeoutError):
            return _again(form, box_code, None)


def _again(form: MultiDict[str, str], box_code: str, error: GisError | None, *, is_full: bool = False) -> Response:
    """Nothing was taken, and nothing typed is lost: the same form once more, with a button."""
    kept = {name: form.get(name, "")[:4000] for name in AGAIN if form.get(name)}
    status = 503 if error is None else error.status
    answer = page("tips/again.html", status, kept=kept, box_code=box_code[:60], is_full=is_full)
    answer.headers["Retry-After"] = "30"
    return answer


def _send(form: MultiDict[str, str], files: MultiDict[str, Any], box_code: str, ticket: Ticket | None) -> Response:
    with _quietly() as conn:
        place, *_ = _door(conn, box_code)
        group_id = int(form["to"]) if form.get("to", "").isdecimal() and len(form["to"]) < 19 else None
        draft, faults = read_draft(form, files, place.id)
        faults += [] if ticket else [("answer", "proof")]
        if draft is None or ticket is None or faults:
            return _form(conn, box_code, group_id, 422, form, faults=faults)
        if form.get("mask"):
            form = MultiDict(form)
            form["text"] = tip_send.blur(draft.text, t("tip.masked"))
            draft, _ = read_draft(form, files, place.id)
        found = tip_send.find_persons(form.get("text", ""), kept=bool(form.get("keep")))
        if found or draft is None:
            return _form(conn, box_code, group_id, 422, form, persons=found, may_keep=not (
                {one.kind for one in found} & tip_send.NEVER))  # fmt: skip
        try:
            outcome, receipt = tip_send.send(conn, secret_key(), draft, ticket, place.load)
        except GisError as error:
            return _form(conn, box_code, group_id, 422, form, faults=[("photo", error.code)])
        if outcome in FAULT_OF:
            tries = None
            if FAULT_OF[outcome] == "answer":
                _refuse(ticket)
                tries = _next_try(form, had_photo=draft.photo is not None)
            return _form(conn, box_code, group_id, 422, form, faults=[(FAULT_OF[outcome], outcome)], tries=tries)
    if outcome == "full":
        return _again(form, box_code, TooManyRequests("tip_busy"), is_full=ticket.lane == "asked")
    receipt = tip_box.spoken(receipt)
    return page("tips/sent.html", 201, place=place, receipt=receipt, box_code=box_code, is_bare=outcome == "bare")


def _refuse(ticket: Ticket) -> None:
    if len(_REFUSED) >= MOST_REFUSED:
        _REFUSED.clear()
    _REFUSED.add(ticket.mark)


def _next_try(form: MultiDict[str, str], *, had_photo: bool) -> int | None:
    """Whether, and as which try, the script sends again by itself; a photo must be chosen again by hand."""
    tries = form.get("tries", "0")
    count = int(tries) + 1 if tries.isascii() and tries.isdigit() and len(tries) < 3 else MOST_TRIES + 1
    return None if had_photo or count > MOST_TRIES else count
