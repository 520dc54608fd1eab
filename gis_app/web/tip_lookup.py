"""`/tin/tra-cuu`: a receipt opens its tip: state, questions, replies. By POST alone, so that no address holds a code.

A code that is none and one that does not exist give the same answer after the same time. Codes of 100 bits cannot be
guessed; still, after twenty misses in a minute, by anybody, every look-up takes longer, and few wait at once.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, Response
from werkzeug.datastructures import MultiDict

from gis_app.db import NOBODY, begin
from gis_app.errors import TooManyRequests
from gis_app.jobs import tip_box, tip_send
from gis_app.queries import tip_doors
from gis_app.tables.tips import LONGEST_TEXT
from gis_app.text import has_controls, tidy
from gis_app.web.context import engine, public
from gis_app.web.i18n import t
from gis_app.web.params import reads
from gis_app.web.tip_answers import begin_answer, page, read_body, secret_key
from gis_app.web.users import csrf

blueprint = Blueprint("tip_lookup", __name__, url_prefix="/tin/tra-cuu")
blueprint.before_request(begin_answer)
csrf.exempt(blueprint)

MISSES_A_MINUTE = 20
ANSWER_AFTER_S, SLOW_AFTER_S = 0.25, 3.0
# Waiting takes a thread of the server: so many may.
_WAITING = threading.BoundedSemaphore(2)


@blueprint.get("")
@public
@reads()
def ask(query: dict[str, object]) -> Response:
    """The form for the code."""
    del query
    return page("tips/lookup.html")


@contextmanager
def _seat() -> Iterator[None]:
    """One of the few who may wait. Taken before anything is written: what is refused here was not kept."""
    if not _WAITING.acquire(blocking=False):
        raise TooManyRequests("tip_busy", retry_after_s=10)
    try:
        yield
    finally:
        _WAITING.release()


def _wait_until(due: float) -> None:
    time.sleep(max(0.0, due - time.monotonic()))


@blueprint.post("")
@public
def look_up() -> Response:
    """What became of a tip, or that there is none; either takes as long."""
    form, _ = read_body()
    with _seat():
        return _answer(form.get("code", ""))


def _answer(typed: str, **more: object) -> Response:
    begun = time.monotonic()
    with begin(engine(), NOBODY) as conn:
        is_slow = tip_doors.fetch_missed(conn) >= MISSES_A_MINUTE
    answer = _found(typed, **more)
    _wait_until(begun + (SLOW_AFTER_S if is_slow else ANSWER_AFTER_S))
    return answer


def _found(typed: str, **more: object) -> Response:
    key = secret_key()
    receipt = tip_box.read_receipt(typed)
    digest = tip_box.receipt_hash(key, receipt)
    with begin(engine(), NOBODY) as conn:
        tip_doors.hush(conn)
        tip = tip_doors.fetch_sent(conn, digest)
        messages = tip_doors.fetch_sent_messages(conn, digest)
        if tip is None:
            tip_doors.count_missed(conn)
            return page("tips/lookup.html", 404, is_missing=True)
    said = [
        (by_officer, (tip_box.unseal_words(key, row, "message", body) or {}).get("text"), sent_on)
        for by_officer, body, sent_on, row in messages
    ]
    return page("tips/state.html", tip=tip, messages=said, code=tip_box.spoken(receipt), longest=LONGEST_TEXT, **more)


@blueprint.post("/tra-loi")
@public
def answer() -> Response:
    """Write to the officers under the code; what points at a person is refused, or covered on request."""
    form, _ = read_body()
    with _seat():
        return _write(form)


def _write(form: MultiDict[str, str]) -> Response:
    typed, text = form.get("code", ""), tidy(form.get("text", ""))
    if form.get("mask"):
        text = tip_send.blur(text, t("tip.masked"))[:LONGEST_TEXT]
    if not text or len(text) > LONGEST_TEXT or has_controls(text):
        return _answer(typed, fault="text", text=text[:LONGEST_TEXT])
    found = tip_send.find_persons(text, kept=bool(form.get("keep")))
    if found:
        may_keep = not ({one.kind for one in found} & tip_send.NEVER)
        return _answer(typed, persons=found, may_keep=may_keep, text=text)
    row, key = tip_box.make_id(), secret_key()
    digest = tip_box.receipt_hash(key, tip_box.read_receipt(typed))
    with begin(engine(), NOBODY) as conn:
        tip_doors.hush(conn)
        outcome = tip_doors.insert_answer(conn, digest, row, tip_box.seal_words(key, row, "message", {"text": text}))
    return _answer(typed, **({"done": True} if outcome == "made" else {"fault": outcome, "text": text}))
