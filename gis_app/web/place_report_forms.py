"""Reports about places as bodies, forms and answers have them; no views here."""

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

import shapely
import sqlalchemy as sa

from gis_app.errors import BadRequest, Forbidden, NotFound, Unprocessable
from gis_app.queries import place_reports as q
from gis_app.queries.writes import OUTSIDE_TOLERANCE_M, outside_by_m
from gis_app.tables.place_reports import CATEGORIES, HEARD_SOURCES, LONGEST_NOTE, SOURCES, TOLD_SOURCES
from gis_app.web.context import actor, commune, connection
from gis_app.web.guarded_words import refuse_persons
from gis_app.web.params import Malformed, read_moment
from gis_app.web.task_forms import Reader, read_id, read_words

FIELDS = ("category", "seen_at", "lon", "lat", "source", "hotspot_id", "note")
# A phone's clock may be ahead by this.
AHEAD = dt.timedelta(hours=1)


def read_report(raw: Any, now: dt.datetime) -> q.NewReport:
    """Check what a body tells: category, moment, place inside the commune; whoever patrols tells as a patrol."""
    if not isinstance(raw, dict):
        raise BadRequest("bad_body")
    told = raw.get("note")
    if isinstance(told, str) and len(told) <= 2 * LONGEST_NOTE:
        refuse_persons(told)
    reader = Reader(raw, FIELDS)
    category = reader.take("category", _one_of(CATEGORIES))
    seen_at = reader.take("seen_at", lambda value: _read_moment(value, now))
    lon, lat = (reader.take(name, _read_number) for name in ("lon", "lat"))
    source = reader.take("source", _read_source)
    hotspot_id = reader.take("hotspot_id", read_id)
    note = reader.take("note", lambda value: None if value in (None, "") else read_words(value, LONGEST_NOTE))
    reader.check("bad_place_report")
    place = shapely.Point(lon, lat)
    here = commune()
    away = outside_by_m(connection(), here.id, place, here.metric_srid)
    if away > OUTSIDE_TOLERANCE_M:
        raise Unprocessable("outside_commune", km=round(away / 1000, 2))
    return q.NewReport(place, category, seen_at, source, hotspot_id, note)


def broken_report(error: sa.exc.IntegrityError) -> Unprocessable:
    """The fault of a report that a rule of the database stands for."""
    constraint = getattr(error.orig, "diag").constraint_name or ""  # noqa: B009 - psycopg2's, untyped
    field = "hotspot_id" if "hotspot" in constraint else constraint.removeprefix("place_reports_").rpartition("_")[0]
    return Unprocessable("bad_place_report", faults=[{"field": field, "rule": "choice"}])


def add_report(report: q.NewReport) -> q.ReportRow:
    """Write a report; a hotspot of nobody or of another commune is one that is not there."""
    conn, here = connection(), commune()
    try:
        with conn.begin_nested():
            report_id = q.insert_report(conn, here.id, report)
    except sa.exc.IntegrityError as error:
        raise broken_report(error) from error
    return find_report(report_id)


def hear_report(report: q.NewReport) -> None:
    """Write what the committee was told; it reads it nowhere."""
    q.insert_heard(connection(), commune().id, report)


def sources_for(role: str, others: tuple[str, ...] = TOLD_SOURCES) -> tuple[str, ...]:
    """What a role names as the source of what it writes by hand; of roles that hear of everything, `others`."""
    return {"patrol": ("patrol",), q.HEARER: HEARD_SOURCES}.get(role, others)


def find_report(report_id: int) -> q.ReportRow:
    """The report, or 404 alike for another's, for an expired one and for none."""
    found = q.fetch_report(connection(), commune().id, report_id)
    if found is None:
        raise NotFound("place_report_not_found")
    return found


def not_yours() -> Forbidden:
    """What a patrol is told that would take out another's word."""
    return Forbidden("role_not_allowed", role=actor().role)


def report_dict(row: q.ReportRow) -> dict[str, Any]:
    """A report as JSON; of a coarse reader without what is hidden."""
    told: Mapping[str, Any] = {
        "id": row.id, "lon": round(row.lon, 6), "lat": round(row.lat, 6), "category": row.category,
        "seen_at": row.seen_at.astimezone(dt.UTC).isoformat(), "source": row.source,
    }  # fmt: skip
    if row.version is None:
        return dict(told)
    return dict(told) | {"hotspot_id": row.hotspot_id, "note": row.note, "version": row.version}


def _read_moment(value: Any, now: dt.datetime) -> dt.datetime:
    if value in (None, ""):
        raise Malformed("required")
    found = read_moment(value)
    if found is None or found.year < 2000 or found > now + AHEAD:
        raise Malformed("date")
    return found


def _read_number(value: Any) -> float:
    if value in (None, ""):
        raise Malformed("required")
    if type(value) not in (int, float) or not math.isfinite(value):
        raise Malformed("number")
    low, high = -180.0, 180.0
    if not low <= value <= high:
        raise Malformed("range")
    return float(value)


def _read_source(value: Any) -> str:
    known = sources_for(actor().role, SOURCES)
    if value in (None, ""):
        return "police" if known is SOURCES else known[0]
    if value not in known:
        raise Malformed("choice")
    return str(value)


def _one_of(values: tuple[str, ...]) -> Any:
    def read(value: Any) -> str:
        if value in (None, ""):
            raise Malformed("required")
        if value not in values:
            raise Malformed("choice")
        return str(value)

    return read
