"""The page of reports: ask for one, see how far it is, read and download what was frozen; works without JavaScript."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from gis_app.analysis.report_periods import FREE_KINDS, MONTHS, Period, last_full, latest_periods
from gis_app.errors import GisError
from gis_app.queries import jobs, reports
from gis_app.queries.statuses import fetch_today
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.i18n import t
from gis_app.web.job_forms import status_text
from gis_app.web.moments import vietnamese
from gis_app.web.nav import Page
from gis_app.web.params import read_query
from gis_app.web.report_forms import KIND, MAX_CONCLUSIONS, ask_report

blueprint = Blueprint("report_pages", __name__)

ADDRESS = "/bao-cao"
PAGE = Page(ADDRESS, "reports", frozenset(reports.READERS), 50, "print")
# How many periods of a kind the list offers.
OFFERED = {"month": 7, "quarter": 5, "half_year": 3, "year": 3}
# What failed a while ago is no news.
SHOWN_JOBS = 3


def period_title(period: Period) -> str:
    """A period in the reader's language, with its days."""
    name = {
        "month": t("report.name.month", month=period.to_on.month, year=period.year),
        "quarter": t("report.name.quarter", number=period.ordinal, year=period.year),
        "half_year": t(f"report.name.half_{min(period.ordinal, 2)}", year=period.year),
        "year": t("report.name.year", year=period.year),
    }.get(period.kind, t(f"report.kind.{period.kind}"))
    return f"{name} ({period.from_on:%d/%m/%Y} – {period.to_on:%d/%m/%Y})"


def _page(form: Any = None, problem: GisError | None = None) -> str:
    here, conn = commune(), connection()
    today, asked = fetch_today(conn), jobs.fetch_jobs(conn, here.id, kind=KIND)
    offered = {kind: latest_periods(kind, today, count) for kind, count in OFFERED.items()}
    faults = [] if problem is None else problem.params.get("faults", [])
    boot = {
        "csrf_token": generate_csrf(),
        "offline": t("common.offline"),
    }
    return render_template(
        "reports/index.html",
        boot=boot,
        place=here,
        back=ADDRESS,
        jobs=[job for job in asked if job.is_open],
        failed=[job for job in asked[:SHOWN_JOBS] if job.state == "failed"],
        status_text=status_text,
        reports=reports.fetch_snapshots(conn, here.id),
        formats=reports.FORMATS,
        may_make=actor().role in reports.MAKERS,
        offered=offered,
        default=last_full("quarter", today),
        free_kinds=FREE_KINDS,
        kinds=MONTHS,
        today=today,
        title=period_title,
        period_of=lambda one: Period(one.kind, one.from_on, one.to_on),
        moment=vietnamese,
        max_conclusions=MAX_CONCLUSIONS,
        form=form or {},
        problem=None if problem is None else t(f"error.{problem.code}", **problem.params),
        faults=[(t(f"report.{fault['field']}"), t(f"rule.{fault['rule']}")) for fault in faults],
    )


@blueprint.get(ADDRESS)
@allow(*reports.READERS)
def show_page() -> str:
    """Frozen reports of the commune and, for those who may, the form that asks for one."""
    read_query(())
    return _page()


@blueprint.post(ADDRESS)
@allow(*reports.MAKERS)
def create() -> AnyResponse | tuple[str, int]:
    """Ask for a report by the form; pressed twice, it is one."""
    form = request.form
    raw: dict[str, Any] = {"conclusions": form.get("conclusions"), "as_known_in": form.get("as_known_in")}
    # The list gives kind and first day in one value; kinds with days of their own have fields for them.
    kind, _, first = form.get("period", "").partition(":")
    raw |= {"kind": kind, "from_on": first or form.get("from_on"), "to_on": None if first else form.get("to_on")}
    try:
        ask_report(raw)
    except GisError as error:
        return _page(form, error), error.status
    return redirect(ADDRESS, 303)
