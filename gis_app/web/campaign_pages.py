"""The page of campaigns, `/tong-quan/cao-diem`: countdown, targets, shifts and tasks; works without JavaScript."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.analysis.indicators import TITLES
from gis_app.errors import GisError, NotFound, PreconditionFailed, Unprocessable
from gis_app.jobs.campaign import tell
from gis_app.jobs.programme import compute_indicators
from gis_app.queries import campaigns as q
from gis_app.queries.reports import MAKERS as REPORT_MAKERS
from gis_app.queries.statuses import fetch_today
from gis_app.tables.campaigns import MOST_DAYS
from gis_app.text import has_controls, has_personal_number, tidy
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.guarded_words import refuse_persons
from gis_app.web.i18n import localised, t, words
from gis_app.web.params import read_query
from gis_app.web.safe_writes import seen_version
from layers.base import STAFF

blueprint = Blueprint("campaign_pages", __name__)

ADDRESS = "/tong-quan/cao-diem"
FIRST = dt.date(2020, 1, 1)
LONGEST_NAME = 120


def _page(problem: GisError | None = None, key: str = "") -> str:
    here, conn, role = commune(), connection(), actor().role
    today, indicators = fetch_today(conn), compute_indicators(conn, here.id)
    faults = [] if problem is None else problem.params.get("faults", [])
    return render_template(
        "campaigns/index.html",
        place=here,
        back=ADDRESS,
        campaigns=tell(conn, here.id, q.fetch_campaigns(conn, here.id), today, indicators),
        titles={code: localised(title) for code, title in TITLES.items()},
        may_lead=role in q.LEADERS,
        may_report=role in REPORT_MAKERS,
        form={**request.form.to_dict(), "key": key} if problem else {},
        number=words().number,
        problem=None if problem is None else t(f"error.{problem.code}", **problem.params),
        faults=[(_field(fault["field"]), t(f"rule.{fault['rule']}")) for fault in faults],
    )


def _field(name: str) -> str:
    code = name.removeprefix("target_")
    return localised(TITLES[code]) if code in TITLES else t(f"campaign.{name}")


@blueprint.get(ADDRESS)
@allow(*STAFF)
def show_page() -> str:
    """Campaigns of the commune and, for those who lead it, the forms that make and change them."""
    read_query(())
    return _page()


def _values(but_id: int | None = None) -> dict[str, Any]:
    """What a form says; every fault is named at once."""
    form, faults = request.form, []
    name = tidy(form.get("name", ""))
    if not name:
        faults.append({"field": "name", "rule": "required"})
    elif len(name) > LONGEST_NAME or has_controls(name):
        faults.append({"field": "name", "rule": "range"})
    elif has_personal_number(name):
        faults.append({"field": "name", "rule": "personal_number"})
    elif q.is_named(connection(), commune().id, name, but_id):
        faults.append({"field": "name", "rule": "named_twice"})
    days = {side: _day(form, side, faults) for side in ("starts_on", "ends_on")}
    first, last = days["starts_on"], days["ends_on"]
    if first and last and not (FIRST <= first <= last and (last - first).days < MOST_DAYS):
        faults.append({"field": "ends_on", "rule": "range"})
    targets = {}
    for code in TITLES:
        text = form.get(f"target_{code}", "").strip()
        if text and not (re.fullmatch(r"[0-9]{1,3}", text) and 1 <= int(text) <= 100):
            faults.append({"field": f"target_{code}", "rule": "range"})
        elif text:
            targets[code] = int(text)
    if faults:
        raise Unprocessable("bad_campaign", faults=faults)
    refuse_persons(name)
    return {"name": name, **days, "targets": targets}


def _day(form: Mapping[str, str], side: str, faults: list[dict[str, str]]) -> dt.date | None:
    text = form.get(side, "")
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        faults.append({"field": side, "rule": "date" if text else "required"})
        return None


def _found(campaign_id: int) -> q.Campaign:
    """The campaign if it is the commune's; 404 alike for another's and for none."""
    found = next((one for one in q.fetch_campaigns(connection(), commune().id) if one.id == campaign_id), None)
    if found is None:
        raise NotFound("campaign_not_found")
    return found


def _check(done: object, found: q.Campaign | None = None) -> None:
    if not done:
        raise PreconditionFailed("stale_version", **({} if found is None else {"version": found.version}))


@blueprint.post(ADDRESS)
@allow(*q.LEADERS)
@people_only
def create() -> AnyResponse | tuple[str, int]:
    """Make a campaign."""
    read_query(())
    try:
        # Not done: somebody made one of that name at the same moment.
        _check(q.insert_campaign(connection(), commune().id, _values()))
    except (Unprocessable, PreconditionFailed) as error:
        return _page(error, "new"), error.status
    return redirect(ADDRESS, 303)


@blueprint.post(f"{ADDRESS}/<int:campaign_id>")
@allow(*q.LEADERS)
@people_only
def update(campaign_id: int) -> AnyResponse | tuple[str, int]:
    """Change the version that the page showed."""
    read_query(())
    found = _found(campaign_id)
    try:
        _check(q.update_campaign(connection(), found, seen_version(), _values(found.id)), found)
    except (Unprocessable, PreconditionFailed) as error:
        return _page(error, str(found.id)), error.status
    return redirect(ADDRESS, 303)


@blueprint.post(f"{ADDRESS}/<int:campaign_id>/xoa")
@allow(*q.LEADERS)
@people_only
def delete(campaign_id: int) -> AnyResponse:
    """Delete the version that the page showed; the log keeps what it was."""
    read_query(())
    found = _found(campaign_id)
    _check(q.delete_campaign(connection(), found, seen_version()), found)
    return redirect(ADDRESS, 303)
