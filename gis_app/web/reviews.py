"""Reviews of groups: a draft of a period is filled, sent, and approved or returned by a second person."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify

from gis_app.analysis.periods import period_of
from gis_app.errors import Forbidden, NotFound, PreconditionFailed, Unprocessable
from gis_app.queries import reviews
from gis_app.tables.statuses import COUNT_NAMES, CRITERION_CODES, REVIEW_KINDS
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.decisions import check_outcome
from gis_app.web.params import Malformed, Param, one_of, read_query, reads
from gis_app.web.safe_writes import once, wanted_version
from gis_app.web.statuses import DAY_SCHEMA, plain
from gis_app.web.values import ID, MAX_ID, choice, count, day, json_body, needed, read_values, text
from layers.base import DATA, STAFF
from layers.groups import ANSWERS

blueprint = Blueprint("reviews", __name__)

DECIDERS = ("admin", "committee", "data")
# A number as documents bear it ("12/BB-TDP"): digits, capitals and marks, so that no name fits in.
DOCUMENT = re.compile(r"[0-9][0-9A-ZĐ/.-]{1,39}")


def _document(value: Any) -> str | None:
    found = text(40)(value)
    if found is not None and not DOCUMENT.fullmatch(found):
        raise Malformed("document_number")
    return str(found) if found is not None else None


_ANSWER = needed(choice(*(answer.code for answer in ANSWERS)))
VALUE_READERS = {
    "reviewed_on": day,
    **{f"{code}_answer": _ANSWER for code in CRITERION_CODES},
    **{f"{code}_document": _document for code in CRITERION_CODES},
    "communication_count": count(0, 1000),
    "pledge_household_count": count(0, 20_000),
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
NEW_SCHEMA = {
    "type": "object",
    "required": ["group_id", "kind"],
    "properties": {
        "group_id": {"type": "integer"},
        "kind": {"enum": list(REVIEW_KINDS)},
        "day": {"type": ["string", "null"], "format": "date"},
        "starts_on": {"type": ["string", "null"], "format": "date"},
        "ends_on": {"type": ["string", "null"], "format": "date"},
    },
}
VALUES_SCHEMA = {"type": "object", "properties": {name: {} for name in (*VALUE_READERS, *COUNT_READERS)}}
DECISION_SCHEMA = {
    "type": "object",
    "required": ["decision"],
    "properties": {"decision": {"enum": list(reviews.DECISIONS)}, "note": {"type": ["string", "null"]}},
}


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


def _dict(review: reviews.Review) -> dict[str, Any]:
    named = {n: getattr(review, n) for n in review.__dataclass_fields__ if n not in ("values", "counts")}
    return plain(named) | {"values": plain(review.values), "counts": dict(review.counts)}


def _answer(review_id: int, status: int = 200) -> Response:
    review = find_review(review_id)
    answer = jsonify(_dict(review))
    answer.status_code = status
    answer.set_etag(str(review.version))
    answer.headers["Location"] = f"/api/group-reviews/{review.id}"
    return answer


@blueprint.get("/api/group-reviews")
@allow(*STAFF)
@reads(
    Param("kind", one_of(*REVIEW_KINDS), "Kind of period", {"enum": list(REVIEW_KINDS)}),
    Param("day", day, "A day in the period: every group, with its review", DAY_SCHEMA),
    Param("state", one_of("draft", "submitted", "approved", "returned"), "Only of this state"),
)
def list_group_reviews(query: dict[str, Any]) -> Response:
    """Reviews of the commune, newest first; with `kind` and `day` what every group has of that period."""
    here, conn = commune(), connection()
    if query["kind"] and query["kind"] != "campaign" and query["day"]:
        starts_on, ends_on = period_of(query["kind"], query["day"])
        due = reviews.fetch_due(conn, here.id, query["kind"], starts_on)
        groups = [plain({name: getattr(one, name) for name in one.__dataclass_fields__}) for one in due]
        return jsonify({"starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat(), "groups": groups})
    states = [query["state"]] if query["state"] else []
    found = reviews.fetch_reviews(conn, here.id, states=states)
    return jsonify({"reviews": [_dict(review) for review in found if query["kind"] in (None, review.kind)]})


@blueprint.get("/api/group-reviews/<int:review_id>")
@allow(*STAFF)
def show_group_review(review_id: int) -> Response:
    """One review; counts of persons only for police roles."""
    read_query(())
    return _answer(review_id)


@blueprint.post("/api/group-reviews")
@allow(*DATA)
@people_only
@once
def create_group_review() -> Response:
    """Make, or find, the draft of a group and a period."""
    return _answer(make_draft(json_body()), 201)


@blueprint.patch("/api/group-reviews/<int:review_id>")
@allow(*DATA)
@people_only
def update_group_review(review_id: int) -> Response:
    """Change the named values of a draft of the version that If-Match names."""
    version, review = wanted_version(), find_review(review_id)
    if actor().is_national:
        raise Forbidden("no_commune")
    save(review, version, json_body())
    return _answer(review_id)


@blueprint.post("/api/group-reviews/<int:review_id>/submit")
@allow(*DATA)
@people_only
@once
def submit_group_review(review_id: int) -> Response:
    """Send the version that If-Match names to a second person."""
    version, review = wanted_version(), find_review(review_id)
    submit(review, version)
    return _answer(review_id)


@blueprint.post("/api/group-reviews/<int:review_id>/decision")
@allow(*DECIDERS)
@people_only
@once
def decide_group_review(review_id: int) -> Response:
    """Approve or return, as a second person, the version that If-Match names."""
    version, review = wanted_version(), find_review(review_id)
    decide(review, version, json_body())
    return _answer(review_id)


create_group_review.body_schema = NEW_SCHEMA  # type: ignore[attr-defined]
update_group_review.body_schema = VALUES_SCHEMA  # type: ignore[attr-defined]
decide_group_review.body_schema = DECISION_SCHEMA  # type: ignore[attr-defined]
for _view in (update_group_review, submit_group_review, decide_group_review):
    _view.needs_version = True  # type: ignore[attr-defined]
