"""Reviews of groups as bodies and forms have them; no views here."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from gis_app.analysis.periods import period_of
from gis_app.errors import NotFound, PreconditionFailed, Unprocessable
from gis_app.queries import reviews
from gis_app.tables.statuses import COUNT_NAMES, CRITERION_CODES, LONGEST_REMARK, REMARKS, REVIEW_KINDS
from gis_app.web.context import commune, connection
from gis_app.web.decisions import check_outcome
from gis_app.web.guarded_words import refuse_persons
from gis_app.web.params import Malformed
from gis_app.web.records import words
from gis_app.web.values import ID, MAX_ID, choice, count, day, needed, read_values, text
from layers.groups import ANSWERS

# A number as documents bear it ("12/BB-TDP"): digits, capitals and marks, so that no name fits in.
DOCUMENT = re.compile(r"[0-9][0-9A-ZĐ/.-]{1,39}")


def _document(value: Any) -> str | None:
    found = text(40)(value)
    if found is not None and not DOCUMENT.fullmatch(found):
        raise Malformed("document_number")
    return str(found) if found is not None else None


def _remark(value: Any) -> str | None:
    """Text whose line breaks become spaces; empty is None."""
    return words(LONGEST_REMARK)(value) or None


_ANSWER = needed(choice(*(answer.code for answer in ANSWERS)))
VALUE_READERS = {
    "reviewed_on": day,
    **{f"{code}_answer": _ANSWER for code in CRITERION_CODES},
    **{f"{code}_document": _document for code in CRITERION_CODES},
    "communication_count": count(0, 1000),
    "pledge_household_count": count(0, 20_000),
    **dict.fromkeys(REMARKS, _remark),
}
COUNT_READERS = dict.fromkeys(COUNT_NAMES, needed(count(0, 10_000)))
NEW_READERS = {
    "group_id": needed(ID),
    "kind": needed(choice(*REVIEW_KINDS)),
    "day": day,
    "starts_on": day,
    "ends_on": day,
}
DECISION_READERS = {"decision": needed(choice(*reviews.DECISIONS)), "note": text(500)}


def make_draft(raw: Mapping[str, Any]) -> int:
    """Make, or find, the review of a group in the period that holds `day`; a campaign names its own days."""
    values = read_values(raw, NEW_READERS, code="bad_review")
    if values["kind"] == "campaign":
        span = (needed_day(values["starts_on"]), needed_day(values["ends_on"]))
    else:
        span = period_of(values["kind"], needed_day(values["day"]))
    found = reviews.insert_review(connection(), commune().id, values["group_id"], values["kind"], *span)
    if found is None:
        raise NotFound("group_not_found")
    return found


def needed_day(value: dt.date | None) -> dt.date:
    """A day that must be there."""
    if value is None:
        raise Unprocessable("bad_review", faults=[{"field": "day", "rule": "required"}])
    return value


def find_review(review_id: int) -> reviews.Review:
    """The review, if it is of the actor's commune; 404 alike for another's and for none."""
    here = commune()
    found = reviews.fetch_reviews(connection(), here.id, review_id=review_id) if review_id <= MAX_ID else []
    if not found:
        raise NotFound("review_not_found")
    return found[0]


def save(review: reviews.Review, version: int, raw: Mapping[str, Any]) -> None:
    """Change a draft of the version that the person saw."""
    read = read_values(raw, {**VALUE_READERS, **COUNT_READERS}, code="bad_review", whole=False)
    on = read.get("reviewed_on")
    if on is not None and not review.starts_on <= on <= review.ends_on:
        raise Unprocessable("bad_review", faults=[{"field": "reviewed_on", "rule": "outside_period"}])
    for name in REMARKS:
        refuse_persons(read.get(name))
    counts = {name: value for name, value in read.items() if name in COUNT_NAMES}
    values = {name: value for name, value in read.items() if name not in COUNT_NAMES}
    if review.state not in ("draft", "returned"):
        check_outcome("sent_before", "saved", "review")
    if reviews.update_review(connection(), review, version, values, counts) is None:
        raise PreconditionFailed("stale_version", version=review.version)


def submit(review: reviews.Review, version: int) -> None:
    """Send the version that the person saw to the second person."""
    outcome = reviews.update_submitted(connection(), review.id, version)
    check_outcome(outcome, "submitted", "review", review.version)


def decide(review: reviews.Review, version: int, raw: Mapping[str, Any]) -> None:
    """Read a decision and carry it out."""
    values = read_values(raw, DECISION_READERS, code="bad_decision")
    outcome = reviews.update_decided(connection(), review.id, version, values["decision"], values["note"])
    check_outcome(outcome, values["decision"], "review", review.version)
