"""The page `/do-phu`: sentence, toggles, map, figures, gaps, devices, two days; works without JavaScript."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.analysis.coverage_gaps import AREAS
from gis_app.analysis.dori import LEVELS
from gis_app.errors import BadRequest
from gis_app.jobs import kinds
from gis_app.jobs.coverage import Freshness
from gis_app.jobs.coverage_figures import CLASSES, Asked, compare_days
from gis_app.jobs.coverage_gaps import find_gaps, required_kinds
from gis_app.jobs.speaker_reach import speaker_reach
from gis_app.queries import jobs
from gis_app.queries.coverage_days import fetch_first_day
from gis_app.queries.coverage_store import fetch_lights_blocked, save_left_out, save_lights_blocked
from gis_app.queries.statuses import fetch_today
from gis_app.queries.tasks import MAKERS
from gis_app.web.as_of import DAY_SCHEMA, a_day
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.coverage_parts import ASKED, asked_dict, asked_of, coverage_dict, fresh_figures, length_text
from gis_app.web.i18n import language, t, words
from gis_app.web.job_forms import status_text
from gis_app.web.moments import vietnamese
from gis_app.web.nav import Page
from gis_app.web.params import Param, read_query, reads
from gis_app.web.script_messages import script_messages
from gis_app.web.who import session_dict
from layers.base import STAFF

blueprint = Blueprint("coverage_pages", __name__)

ADDRESS = "/do-phu"
PAGE = Page(ADDRESS, "coverage", STAFF, 25, "camera")
SETTERS = ("admin", "data", "planner")
MOST_GAPS, MOST_DEVICES = 30, 200
# What a task proposes beyond the group's share of today, in percentage points.
MORE_SHARE = 5
PLANS = "/do-phu/kich-ban"


def share_text(share: float | None) -> str:
    """12,3 %; a dash where there is nothing to share."""
    return "–" if share is None else f"{words().number(Decimal(str(round(share * 100, 1))))}\u00a0%"


def _signed(share: float) -> str:
    """A difference of two shares in points, with its sign."""
    points = Decimal(str(round(share * 100, 1)))
    sign = "+" if points > 0 else "−" if points < 0 else ""
    return f"{sign}{words().number(abs(points))}"


def _headline(asked: Asked, found: Mapping[str, Any], fresh: Freshness) -> tuple[str, str]:
    """The sentence of the page, and the one of the verified figures."""
    if fresh.computed_at is None:
        return t("coverage.headline_first"), ""
    area, street = found["commune"]["area"], found["commune"]["street"]
    if not street["total"]:
        return t("coverage.headline_none"), ""
    ppm = words().number(Decimal(str(LEVELS[asked.level])).normalize())
    level = t("coverage.level_of", level=t(f"coverage.level_{asked.level}").lower(), ppm=ppm)
    said = {
        "street": share_text(street["share"]),
        "area": share_text(area["share"]),
        "lit": share_text(street["lit_share"]),
        "level": level,
    }
    verified = {"street": share_text(street["verified_share"]), "area": share_text(area["verified_share"])}
    return t(f"coverage.headline_{asked.time}", **said), t("coverage.two_numbers", **verified)


def _gap_text(gap: Mapping[str, Any]) -> str:
    if gap["kind"] in AREAS:
        return t("coverage.unmet_share", share=share_text(gap["unmet"] / gap["total"] if gap["total"] else None))
    if gap["kind"] in ("street", "unnamed", "key_route"):
        return t("coverage.unmet_m", length=length_text(gap["unmet"]))
    return t("coverage.unmet_places", count=gap["count"]) if gap["count"] > 1 else t("coverage.unmet_place")


def _gap_name(gap: Mapping[str, Any]) -> str:
    """Its own name, or what it is; then where it lies, unless it is a street that says so itself."""
    what = gap["name"] or t("coverage.unnamed_gap" if gap["kind"] == "unnamed" else f"coverage.one_{gap['kind']}")
    if gap["name"] and gap["kind"] in ("street", "key_route"):
        return str(what)
    # An address of a village has no street, one of a town's alley no other name than the street that it leaves.
    where = ", ".join(place for place in (None if gap["name"] else gap["near"], gap["group"]) if place)
    return t("coverage.gap_at", what=what, where=where) if where else str(what)


def _titled(gaps: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Gaps with a title that no other has, and how much is uncovered."""
    seen: dict[str, int] = {}
    found = []
    for gap in gaps:
        name = _gap_name(gap)
        seen[name] = seen.get(name, 0) + 1
        title = name if seen[name] == 1 else t("coverage.gap_again", name=name, number=seen[name])
        found.append({**gap, "title": title, "text": _gap_text(gap)})
    return found


def _task_links(gaps: Sequence[Mapping[str, Any]], asked: Asked, shares: Mapping[int, float | None]) -> dict[int, str]:
    """Where a task against each gap is made: measure, group, value to reach and place filled in.

    Of a hotspot neither place nor name goes into a task, which more people read.
    """
    found = {}
    for number, gap in enumerate(gaps):
        group_id = gap["group_id"]
        if group_id is None:
            continue
        is_hotspot = gap["kind"] == "hotspot"
        share = shares.get(group_id)
        values = {
            "thuoc_do": "group_coverage",
            "to": group_id,
            "so_lieu": f"street_{asked.time}",
            "muc": 50 if share is None else min(int(share * 100) + MORE_SHARE, 100),
            "noi": t("coverage.gap_hotspot") if is_hotspot else gap["title"],
        }
        if not is_hotspot:
            values["diem"] = "{1:.5f}, {0:.5f}".format(*gap["center"])
        found[number] = f"/viec/moi?{urlencode(values)}"
    return found


def _banner(asked: Asked) -> str:
    return "verified" if asked.verified_only else "working" if asked.working_only else "standing"


def _compared(asked: Asked, query: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if query["from"] is None:
        return None
    today = fetch_today(connection())
    days = (query["from"], query["to"] or today)
    found = compare_days(connection(), commune().id, actor().role, asked, days, today)
    kept = [unit for unit in found["units"] if unit["kind"] in ("commune", "group_street")]
    return {"before": min(days), "after": max(days), "units": kept}


def _page(asked: Asked, query: Mapping[str, Any], fresh: Freshness, job_id: int | None) -> str:
    here, conn = commune(), connection()
    found = coverage_dict(asked, None, fresh, job_id)
    gaps = find_gaps(conn, actor(), here, asked, what="seen", kinds=required_kinds(conn, here.id), limit=MOST_GAPS)
    shares = {one["group_id"]: one["street"]["share"] for one in found["groups"]}
    headline, verified = _headline(asked, found, fresh)
    named = _titled(gaps)
    session = session_dict()
    reach = speaker_reach(conn, here)
    boot = {
        "session": session,
        "messages": script_messages(language()),
        "lang": language(),
        "today": fetch_today(conn).isoformat(),
        "asked": asked_dict(asked),
        "groups": shares,
        "gaps": named,
        "speakers": reach["speakers"] if reach else [],
    }
    return render_template(
        "coverage/index.html",
        boot=boot,
        place=here,
        session=session,
        asked=asked,
        query=query,
        found=found,
        gaps=named,
        tasks=_task_links(named, asked, shares) if actor().role in MAKERS else {},
        reach=reach,
        headline=headline,
        verified=verified,
        banner=_banner(asked),
        fresh=fresh,
        jobs=jobs.fetch_jobs(conn, here.id, kind="coverage", is_open=True),
        status_text=status_text,
        back=ADDRESS,
        levels=LEVELS,
        compared=_compared(asked, query),
        first_day=fetch_first_day(conn, here.id),
        today=fetch_today(conn),
        may_set=actor().role in SETTERS,
        lights_blocked=fetch_lights_blocked(conn, here.id),
        plans=PLANS,
        most_devices=MOST_DEVICES,
        share=share_text,
        length=length_text,
        moment=vietnamese,
        weight=lambda value: words().number(Decimal(str(round(value, 1)))),
        number=words().number,
        signed=_signed,
    )


@blueprint.get(ADDRESS)
@allow(*STAFF)
@reads(
    *ASKED,
    Param("from", a_day, "Compare from this day", DAY_SCHEMA),
    Param("to", a_day, "Compare to this day; today if not named", DAY_SCHEMA),
)
def show_page(query: dict[str, Any]) -> str:
    """Coverage of the commune as its officers see it."""
    commune()
    return _page(asked_of(query), query, *fresh_figures())


@blueprint.post(f"{ADDRESS}/tinh-lai")
@allow(*STAFF)
def refresh() -> AnyResponse:
    """Ask for the job that computes whatever is out of date, by a form."""
    read_query(())
    commune()
    kinds.ask(connection(), "coverage", {})
    return redirect(ADDRESS, 303)


@blueprint.post(f"{ADDRESS}/noi-trong-diem")
@allow(*SETTERS)
@people_only
def change_classes() -> AnyResponse:
    """Choose which classes of places must be covered; the others leave list, report and new siting plans."""
    read_query(())
    chosen = set(request.form.getlist("class"))
    if not chosen <= set(CLASSES):
        raise BadRequest("bad_parameter", name="class", rule="choice")
    save_left_out(connection(), commune().id, set(CLASSES) - chosen)
    return redirect(ADDRESS, 303)


@blueprint.post(f"{ADDRESS}/cai-dat")
@allow(*SETTERS)
@people_only
def change_settings() -> AnyResponse:
    """Choose whether buildings stand in the way of lamps; the figures are computed anew."""
    read_query(())
    here, wanted = commune(), request.form.get("lights_blocked", "")
    if wanted not in ("", "1"):
        raise BadRequest("bad_parameter", name="lights_blocked", rule="choice")
    save_lights_blocked(connection(), here.id, lights_blocked=wanted == "1")
    return redirect(ADDRESS, 303)
