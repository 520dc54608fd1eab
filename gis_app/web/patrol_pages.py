"""The page "Ca tối nay" and its shifts: form, stops with reasons, alternatives, issue, files. Without JavaScript."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from gis_app.analysis.patrol_settings import FORCES
from gis_app.analysis.street_graph import MODES
from gis_app.errors import BadRequest, GisError
from gis_app.jobs import patrol_plan as plans
from gis_app.jobs import patrol_words as say
from gis_app.jobs.campaign import current_campaigns
from gis_app.jobs.patrol_hours import VIETNAM, hours_text, is_tonight, tonight
from gis_app.jobs.patrol_list import drawn_of, pins_gone
from gis_app.queries import jobs
from gis_app.queries import patrol as q
from gis_app.queries.patrol_notes import NoteRow, fetch_notes
from gis_app.queries.patrol_sources import fetch_depots, fetch_start
from gis_app.queries.tasks import fetch_today
from gis_app.tables.visits import REASONS
from gis_app.web import patrol_forms as forms
from gis_app.web import visit_forms as visits
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.i18n import catalogue, language, t, words
from gis_app.web.job_forms import keeps_best, status_text
from gis_app.web.map_boot import map_boot
from gis_app.web.moments import vietnamese
from gis_app.web.nav import Page
from gis_app.web.params import read_query
from gis_app.web.patrol_form_values import alternatives_of, depots_of, edited, settings_of_form, spot_text, teams_of
from gis_app.web.patrol_note_forms import choices
from gis_app.web.safe_writes import seen_version
from gis_app.web.siting_forms import share_text

blueprint = Blueprint("patrol_pages", __name__, url_prefix="/tuan-tra")

ADDRESS = "/tuan-tra"
PAGE = Page(ADDRESS, "patrol", frozenset(q.MAKERS), 5, "route")


def _faults(problem: GisError | None) -> list[tuple[str, str]]:
    """The faults of an error as (field, rule) in words; numbers in a path are rows, counted from 1."""
    found, known = [], catalogue(language())
    for fault in [] if problem is None else problem.params.get("faults", []):
        parts = fault["field"].split(".")
        key = "patrol.field." + ".".join(part for part in parts if not part.isdigit())
        rows = [str(int(part) + 1) for part in parts if part.isdigit()]
        name = t(key) if key in known else fault["field"]
        found.append((" ".join([name, *rows]), t(f"rule.{fault['rule']}")))
    return found


def _render(template: str, problem: GisError | None = None, **values: Any) -> str:
    shared: Mapping[str, Any] = {
        "place": commune(),
        "moment": vietnamese,
        "tenths": lambda value: say.tenths(words(), value),
        "km": lambda metres: say.kilometres(words(), metres),
        "minutes": say.minutes,
        "at_clock": say.at_clock,
        "hours_text": hours_text,
        "share_text": share_text,
        "reason": lambda one: say.reason_with_points(words(), one),
        "due_text": lambda about: say.reason_text(words(), {"code": "due", "values": about}),
        "title_of": lambda stop: say.title_of(words(), stop.kind, stop.title),
        "modes": MODES,
        "spot_text": spot_text,
        "forces": FORCES,
        "status_text": status_text,
        "keeps_best": keeps_best,
        "problem": None if problem is None else t(f"error.{problem.code}", **problem.params),
        "faults": _faults(problem),
    }
    return render_template(template, **{**shared, **values})


def _boot(plan: q.Plan | None) -> dict[str, Any]:
    here = commune()
    return map_boot("patrol") | {
        "csrf_token": generate_csrf(), "offline": t("common.offline"), "role": actor().role,
        "commune": {"id": here.id, "code": here.code, "bbox": list(here.bbox), "center": list(here.center)},
        "plan_id": None if plan is None else plan.id, "plan_state": None if plan is None else plan.state,
    }  # fmt: skip


def now() -> dt.datetime:
    """This moment."""
    return dt.datetime.now(dt.UTC)


def _tonight() -> q.Plan | None:
    """Today's shift, or yesterday's that goes on: the one that is issued, else the one that was made last."""
    return tonight(q.fetch_plans(connection(), commune().id), now())


def _depots(settings: Mapping[str, Any]) -> list[dict[str, str]]:
    conn, here = connection(), commune()
    return depots_of(fetch_depots(conn, here.id), settings, fetch_start(conn, here.id))


def _list(problem: GisError | None = None, settings: Mapping[str, Any] | None = None) -> str:
    here = commune()
    wanted = settings or plans.defaults_of(connection(), here)
    return _render(
        "patrol/index.html", problem, depots=_depots(wanted),
        plans=q.fetch_plans(connection(), here.id), settings=wanted, teams=teams_of(wanted),
        boot=_boot(None), today=fetch_today(connection()),
        campaigns=current_campaigns(connection(), here.id, fetch_today(connection())),
    )  # fmt: skip


def _page(plan_id: int, problem: GisError | None = None) -> str:
    plan, conn, here = visits.open_plan(plan_id), connection(), commune()
    asked = [job for job in jobs.fetch_jobs(conn, here.id, kind=forms.KIND) if job.parameters["plan_id"] == plan.id]
    stops, routes = q.fetch_stops(conn, plan.id), q.fetch_routes(conn, plan.id)
    by_id = {stop.id: stop for stop in stops}
    chosen = [route for route in routes if route.alternative == plan.chosen]
    return _render(
        "patrol/plan.html", problem, plan=plan, back=f"{ADDRESS}/{plan.id}", boot=_boot(plan), stops=stops,
        alternatives=alternatives_of(plan, routes, by_id), routes=chosen, too_late=forms.late_stops(plan),
        rows={route.team: [(by_id[int(one["id"])], one) for one in route.stops] for route in chosen},
        jobs=[job for job in asked if job.is_open], failed=[job for job in asked[:1] if job.state == "failed"],
        settings=plan.settings, teams=teams_of(plan.settings), is_draft=plan.state == "draft",
        late=[stop for stop in stops if stop.due and stop.team is None] if plan.chosen else [],
        depots=_depots(plan.settings), drawn=drawn_of(conn, here.id, plan, stops),
        pins_gone=pins_gone(plan, stops), left=visits.left_of(plan),
        effort=None if plan.state == "draft" else visits.effort_dict(plan),
        stop_by_id=by_id, given=request.form, miss_reasons=REASONS[:-1],
        notes=[] if plan.state == "draft" else fetch_notes(conn, here.id, plan_id=plan.id), choices_of=choices,
        note_hour=_hour, is_tonight=is_tonight(plan, now()),
        campaigns=current_campaigns(conn, here.id, fetch_today(conn)),
    )  # fmt: skip


def _hour(note: NoteRow) -> str:
    return t("patrol.note.hour", hour=note.seen_at.astimezone(VIETNAM).hour)


@blueprint.get("")
@allow(*q.MAKERS)
def show_tonight() -> str:
    """Tonight's shift; where none was made yet, the form of a new one."""
    read_query(())
    plan = _tonight()
    return _list() if plan is None else _page(plan.id)


@blueprint.get("/ca")
@allow(*q.MAKERS)
def show_list() -> str:
    """All shifts, and the form of a new one."""
    read_query(())
    return _list()


@blueprint.post("")
@allow(*q.MAKERS)
def create() -> AnyResponse | tuple[str, int]:
    """Make a plan by the form; its page follows."""
    settings = settings_of_form(request.form, plans.defaults_of(connection(), commune()))
    try:
        plan_id = forms.create(settings)
    except GisError as error:
        return _list(error, settings), error.status
    return redirect(f"{ADDRESS}/{plan_id}", 303)


@blueprint.get("/<int:patrol_plan_id>")
@allow(*q.MAKERS)
def show_plan(patrol_plan_id: int) -> str:
    """One shift."""
    read_query(())
    return _page(patrol_plan_id)


def _after(plan_id: int, do: Any, anchor: str = "") -> AnyResponse | tuple[str, int]:
    """Do something with a plan and show it; what was refused is said on its page."""
    try:
        do()
    except GisError as error:
        if error.status == 404:
            raise
        return _page(plan_id, error), error.status
    return redirect(f"{ADDRESS}/{plan_id}{anchor}", 303)


@blueprint.post("/<int:patrol_plan_id>/sua")
@allow(*q.MAKERS)
def change(patrol_plan_id: int) -> AnyResponse | tuple[str, int]:
    """Change day, hours and teams of the version that the page showed."""
    settings = settings_of_form(request.form, forms.find_plan(patrol_plan_id).settings)
    version = seen_version()
    return _after(patrol_plan_id, lambda: forms.change(patrol_plan_id, version, settings))


@blueprint.post("/<int:patrol_plan_id>/diem")
@allow(*q.MAKERS)
def mark_stop(patrol_plan_id: int) -> AnyResponse | tuple[str, int]:
    """Pin or drop a stop, or take that back: `do` is the word, a stroke, the stop's key."""
    version, settings = seen_version(), forms.find_plan(patrol_plan_id).settings
    stops = {stop.key: stop.keys for stop in q.fetch_stops(connection(), patrol_plan_id)}
    wanted = edited(settings, request.form.get("do", ""), stops)
    return _after(patrol_plan_id, lambda: forms.change(patrol_plan_id, version, wanted), "#stops")


@blueprint.post("/<int:patrol_plan_id>/tinh")
@allow(*q.MAKERS)
def solve(patrol_plan_id: int) -> AnyResponse | tuple[str, int]:
    """Ask for the alternatives; pressed twice it is one job."""
    return _after(patrol_plan_id, lambda: forms.ask_solving(patrol_plan_id))


@blueprint.post("/<int:patrol_plan_id>/chon")
@allow(*q.MAKERS)
def choose(patrol_plan_id: int) -> AnyResponse | tuple[str, int]:
    """Take the alternative that was pressed, or draw one."""
    text, version = request.form.get("alternative", ""), seen_version()
    body: dict[str, Any] = {"alternative": int(text)} if re.fullmatch(r"[1-9]", text) else {"draw": True}
    return _after(patrol_plan_id, lambda: forms.choose(patrol_plan_id, version, body), "#routes")


@blueprint.post("/<int:patrol_plan_id>/thu-tu")
@allow(*q.MAKERS)
def order(patrol_plan_id: int) -> AnyResponse | tuple[str, int]:
    """Move a stop: `do` is up or down, a stroke, its id; or order, a stroke, the team that has `stops` so."""
    version, plan = seen_version(), forms.find_plan(patrol_plan_id)
    word, _, text = request.form.get("do", "").partition("|")
    listed = request.form.get("stops", "")
    if (
        word == "order"
        and re.fullmatch(r"[0-9]{1,4}", text)
        and re.fullmatch(r"[0-9]{1,18}(?:,[0-9]{1,18}){0,199}", listed)
    ):
        whole = {"team": int(text), "stops": [int(one) for one in listed.split(",")]}
        return _after(patrol_plan_id, partial(forms.reorder, patrol_plan_id, version, whole), "#routes")
    stop_id = int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0
    for route in q.fetch_routes(connection(), plan.id):
        ids = [int(one["id"]) for one in route.stops]
        if route.alternative == plan.chosen and stop_id in ids and word in ("up", "down"):
            moved = _moved(ids, ids.index(stop_id), -1 if word == "up" else 1)
            body = {"team": route.team, "stops": moved}
            return _after(patrol_plan_id, partial(forms.reorder, patrol_plan_id, version, body), f"#stop-{stop_id}")
    raise BadRequest("bad_parameter", name="do", rule="choice")


def _moved(ids: Sequence[int], place: int, by: int) -> list[int]:
    found = list(ids)
    other = min(max(place + by, 0), len(found) - 1)
    found[place], found[other] = found[other], found[place]
    return found


@blueprint.post("/<int:patrol_plan_id>/ban-hanh")
@allow(*q.MAKERS)
def issue(patrol_plan_id: int) -> AnyResponse | tuple[str, int]:
    """Issue the version that the page showed."""
    version = seen_version()
    return _after(patrol_plan_id, lambda: forms.issue(patrol_plan_id, version))


@blueprint.post("/<int:patrol_plan_id>/ket-thuc")
@allow(*q.MAKERS)
def close(patrol_plan_id: int) -> AnyResponse | tuple[str, int]:
    """End a shift with a reason for each stop where nobody came, or one for all the others."""
    form, same = request.form, request.form.get("reason_all", "")
    left = [stop for one in visits.left_of(forms.find_plan(patrol_plan_id)) for stop in one["stops"]]
    asked = [{"stop_id": stop.id, "reason": form.get(f"reason_{stop.id}") or same} for stop in left]
    missed = [one for one in asked if one["reason"]]
    return _after(patrol_plan_id, lambda: visits.end_shift(patrol_plan_id, missed, now()), "#end")


@blueprint.post("/<int:patrol_plan_id>/xoa")
@allow(*q.MAKERS)
def delete(patrol_plan_id: int) -> AnyResponse:
    """Delete the draft that the page showed."""
    version = seen_version()
    plan = forms.draft_plan(patrol_plan_id, version)
    if not q.delete_plan(connection(), plan.id, version):
        raise forms.stale(plan)
    return redirect(f"{ADDRESS}/ca", 303)
