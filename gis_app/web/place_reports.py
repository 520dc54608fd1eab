"""Reports about places: list, add, take out. What a patrol tells is kept as found by a patrol."""

import datetime as dt
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gis_app.errors import PreconditionFailed
from gis_app.queries import place_reports as q
from gis_app.tables.place_reports import CATEGORIES, LONGEST_NOTE, SOURCES
from gis_app.web import place_report_forms as forms
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.params import Malformed, Param, read_query, reads, whole
from gis_app.web.safe_writes import once, wanted_version

blueprint = Blueprint("place_reports", __name__)

VIETNAM = dt.timezone(dt.timedelta(hours=7))
DAY = {"type": "string", "format": "date"}
INTEGER = {"type": "integer"}


def _midnight(text: str) -> dt.datetime:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise Malformed("date") from error
    if not 2000 <= day.year < 2100:
        raise Malformed("range")
    return dt.datetime(day.year, day.month, day.day, tzinfo=VIETNAM)


def _answer(row: q.ReportRow, status: int = 200) -> Response:
    answer = jsonify(forms.report_dict(row))
    answer.status_code = status
    answer.set_etag(str(row.version))
    answer.headers["Location"] = f"/api/place-reports/{row.id}"
    return answer


@blueprint.get("/api/place-reports")
@allow(*q.READERS)
@reads(
    Param("since", _midnight, "Seen on this day or later (Vietnam)", DAY),
    Param("until", _midnight, "Seen before this day (Vietnam)", DAY),
    Param("after", whole(0, 2**62), "Go on after this id", INTEGER, default=0),
    Param("limit", whole(1, q.MOST_ROWS), "Most reports", INTEGER, default=q.MOST_ROWS),
)
def list_reports(query: dict[str, Any]) -> Response:
    """Reports about places, by id; {"reports": [{"id", "lon", "lat", "category", "seen_at" (the hour), "source", …}]}.

    Planners read the middle of the street, no note and nothing that patrols found.
    """
    coarse = actor().role == "planner"
    rows = q.fetch_reports(connection(), commune().id, coarse=coarse, **query)
    return jsonify({"reports": [forms.report_dict(row) for row in rows]})


@blueprint.get("/api/place-reports/<int:place_report_id>")
@allow(*q.MAKERS)
def show_report(place_report_id: int) -> Response:
    """One report; 404 alike for another's and for none."""
    read_query(())
    return _answer(forms.find_report(place_report_id))


@blueprint.post("/api/place-reports")
@allow(*q.MAKERS)
@once
def create_report() -> Response:
    """Tell what was seen at a place; the moment is kept to the hour.

    Whoever has the role of patrols tells as a patrol: what patrols find counts in no statistic and raises no risk.
    """
    report = forms.read_report(request.get_json(), dt.datetime.now(dt.UTC))
    return _answer(forms.add_report(report), 201)


@blueprint.delete("/api/place-reports/<int:place_report_id>")
@allow(*q.MAKERS)
def delete_report(place_report_id: int) -> tuple[str, int]:
    """Take out the version of a report that If-Match names; a patrol only what patrols found."""
    read_query(())
    version, found = wanted_version(), forms.find_report(place_report_id)
    if not q.delete_report(connection(), found.id, version):
        if version == found.version:
            raise forms.not_yours()
        raise PreconditionFailed("stale_version", version=found.version)
    return "", 204


create_report.body_schema = {  # type: ignore[attr-defined]
    "type": "object",
    "required": ["category", "seen_at", "lon", "lat"],
    "properties": {
        "category": {"enum": list(CATEGORIES)},
        "seen_at": {"type": "string", "format": "date-time"},
        "lon": {"type": "number"},
        "lat": {"type": "number"},
        "source": {"enum": list(SOURCES)},
        "hotspot_id": {"type": ["integer", "null"]},
        "note": {"type": ["string", "null"], "maxLength": LONGEST_NOTE},
    },
}
delete_report.needs_version = True  # type: ignore[attr-defined]
