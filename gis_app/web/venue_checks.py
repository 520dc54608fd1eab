"""Checks of venues for programs: which are due, as JSON or CSV; the checks of one; a new one."""

from typing import Any

from flask import Blueprint, Response, jsonify

from gis_app.queries import venue_checks as q
from gis_app.web.answers import csv_file
from gis_app.web.as_of import plain
from gis_app.web.context import allow, commune, connection, people_only
from gis_app.web.i18n import t
from gis_app.web.params import Param, one_of, read_query, reads, whole
from gis_app.web.safe_writes import once
from gis_app.web.values import json_body
from gis_app.web.venue_check_forms import CHECK_SCHEMA, KINDS, add_check, csv_table, find_venue
from layers.base import POLICE

blueprint = Blueprint("venue_checks", __name__)

MOST_ROWS = 2000


def _checks(venue_id: int) -> list[dict[str, Any]]:
    found = q.fetch_checks(connection(), commune().id, venue_id)
    return [
        plain({name: getattr(one, name) for name in one.__dataclass_fields__})
        | {"title": t(f"venue_check.outcome.{one.outcome}")}
        for one in found
    ]


@blueprint.get("/api/venue-checks")
@allow(*q.READERS)
@reads(
    Param("standing", one_of(*q.STANDINGS), "Which venues", {"enum": list(q.STANDINGS)}, default="all"),
    Param("kind", one_of(*KINDS), "Venues of this kind", {"enum": list(KINDS)}),
    Param("limit", whole(1, MOST_ROWS), "Most rows", {"type": "integer"}, default=MOST_ROWS),
    Param("offset", whole(0, 1_000_000), "Rows to leave out", {"type": "integer"}, default=0),
    Param("f", one_of("json", "csv"), "Answer as JSON or CSV", {"enum": ["json", "csv"]}, default="json"),
)
def list_due(query: dict[str, Any]) -> Response:
    """Venues with their last check and the day on which the next is due, the longest overdue first."""
    wanted = q.Wanted(query["standing"], query["kind"])
    rows = q.fetch_venues(connection(), commune().id, wanted, limit=query["limit"], offset=query["offset"])
    if query["f"] == "csv":
        return csv_file(*csv_table(rows), "kiem-tra-co-so")
    return jsonify({"venues": [plain({name: getattr(one, name) for name in one.__dataclass_fields__}) for one in rows]})


@blueprint.get("/api/venues/<int:venue_id>/checks")
@allow(*q.READERS)
def list_checks(venue_id: int) -> Response:
    """The checks of a venue, newest first."""
    read_query(())
    return jsonify({"checks": _checks(find_venue(venue_id).id)})


@blueprint.post("/api/venues/<int:venue_id>/checks")
@allow(*POLICE)
@people_only
@once
def create_check(venue_id: int) -> Response:
    """Write a check down; the venue's last and next day follow."""
    add_check(find_venue(venue_id), json_body())
    answer = jsonify({"checks": _checks(venue_id)})
    answer.status_code = 201
    return answer


create_check.body_schema = CHECK_SCHEMA  # type: ignore[attr-defined]
