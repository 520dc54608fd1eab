"""The page "Ghi phản ánh": a place that was told of outside a shift, by telephone, paper, tip box or party cell.

Works without JavaScript: the place is then the group; with it any spot is taken from the map.
"""

import datetime as dt
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import GisError, PreconditionFailed
from gis_app.queries import place_reports as q
from gis_app.queries.tasks import fetch_groups
from gis_app.tables.place_reports import CATEGORIES, LONGEST_NOTE
from gis_app.web import place_report_forms as forms
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.i18n import language, t
from gis_app.web.moments import VIETNAM, vietnamese
from gis_app.web.params import Param, one_of, reads
from gis_app.web.safe_writes import seen_version
from gis_app.web.script_messages import script_messages
from gis_app.web.who import session_dict

blueprint = Blueprint("place_report_pages", __name__)
ADDRESS = "/phan-anh"
LATEST = 6


def _page(done: str | None = None, problem: GisError | None = None) -> str:
    conn, here, role = connection(), commune(), actor().role
    now = dt.datetime.now(VIETNAM)
    faults = [] if problem is None else problem.params.get("faults", [])
    sources, reads_them = forms.sources_for(role), role in q.MAKERS
    boot = {
        "session": session_dict(),
        "messages": script_messages(language(), "place_report"),
        "lang": language(),
        "today": now.date().isoformat(),
    }
    return render_template(
        "hotspots/tell.html",
        boot=boot,
        place=here,
        done=done,
        categories=CATEGORIES,
        sources=sources,
        groups=fetch_groups(conn),
        rows=q.fetch_latest(conn, here.id, LATEST) if reads_them else [],
        reads_them=reads_them,
        may_remove=lambda row: row.source in sources,
        moment=vietnamese,
        now=now,
        longest=LONGEST_NOTE,
        form=request.form,
        problem=None if problem is None else t(f"error.{problem.code}", **problem.params),
        # A place that is missing is missing twice, lon and lat.
        faults=dict.fromkeys((t(f"place_report.{fault['field']}"), t(f"rule.{fault['rule']}")) for fault in faults),
    )


@blueprint.get(ADDRESS)
@allow(*q.TELLERS)
@reads(Param("xong", one_of("told", "removed"), "What was just done"))
def show_page(query: dict[str, Any]) -> str:
    """The form, and what was written down last."""
    return _page(query["xong"])


def _spot(value: str | None) -> tuple[float | None, float | None]:
    """`group:<id>` or `lon,lat` as a place; what is neither is no place."""
    text = value or ""
    number = text.removeprefix("group:")
    if number != text and number.isascii() and number.isdigit() and len(number) < 19:
        return q.fetch_group_spot(connection(), commune().id, int(number)) or (None, None)
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        return None, None
    return lon, lat


def _moment(day: str | None, hour: str | None) -> str | None:
    """The day and hour of the form as a moment in Vietnam; whether it is one the reader says."""
    return f"{day}T{hour:0>2}:00:00+07:00" if day and hour else None


@blueprint.post(ADDRESS)
@allow(*q.TELLERS)
@people_only
def create() -> AnyResponse | tuple[str, int]:
    """Write down what was told."""
    form = request.form
    lon, lat = _spot(form.get("where"))
    raw = {name: form.get(name) for name in ("category", "source", "note")}
    raw |= {"seen_at": _moment(form.get("day"), form.get("hour")), "lon": lon, "lat": lat}
    try:
        write = forms.hear_report if actor().role == q.HEARER else forms.add_report
        write(forms.read_report(raw, dt.datetime.now(dt.UTC)))
    except GisError as error:
        return _page(problem=error), error.status
    return redirect(f"{ADDRESS}?xong=told", 303)


@blueprint.post(f"{ADDRESS}/<int:place_report_id>/xoa")
@allow(*q.MAKERS)
@people_only
def remove(place_report_id: int) -> AnyResponse | tuple[str, int]:
    """Take out what was written down by mistake."""
    found, version = forms.find_report(place_report_id), seen_version()
    if not q.delete_report(connection(), found.id, version):
        error = (
            forms.not_yours()
            if version == found.version
            else PreconditionFailed("stale_version", version=found.version)
        )
        return _page(problem=error), error.status
    return redirect(f"{ADDRESS}?xong=removed", 303)
