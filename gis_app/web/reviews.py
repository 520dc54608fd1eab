"""Reviews of groups: a draft of a period is filled, sent, and approved or returned by a second person."""

from typing import Any

from flask import Blueprint, Response, jsonify

from gis_app.analysis.periods import period_of
from gis_app.errors import Forbidden, NotFound
from gis_app.queries import reviews
from gis_app.tables.statuses import REVIEW_KINDS
from gis_app.web.as_of import DAY_SCHEMA, a_day, plain
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.params import Param, one_of, read_query, reads
from gis_app.web.review_forms import COUNT_READERS, VALUE_READERS, decide, find_review, make_draft, save, submit
from gis_app.web.safe_writes import once, wanted_version
from gis_app.web.values import MAX_ID, json_body
from layers.base import DATA, STAFF

blueprint = Blueprint("reviews", __name__)

DECIDERS = ("admin", "committee", "data")
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
    Param("day", a_day, "A day in the period: every group, with its review", DAY_SCHEMA),
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


@blueprint.get("/api/groups/<int:group_id>/remarks")
@allow(*STAFF)
def list_remarks(group_id: int) -> Response:
    """What approved reviews of a group say in words, newest first; 404 alike for another's group and for none."""
    read_query(())
    here, conn = commune(), connection()
    if group_id > MAX_ID or not reviews.has_group(conn, group_id):
        raise NotFound("group_not_found")
    found = reviews.fetch_remarks(conn, here.id, group_id=group_id)
    told = [plain({"kind": one.kind, "starts_on": one.starts_on, "ends_on": one.ends_on}) | one.texts for one in found]
    return jsonify({"remarks": told})


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
