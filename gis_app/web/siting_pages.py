"""The pages "Kịch bản": list, a new plan by a form, one plan with figures, devices, files. Without JavaScript."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.analysis.siting_settings import CLASSES
from gis_app.errors import Conflict, GisError
from gis_app.jobs.siting_plan import share, shown_figures
from gis_app.queries import jobs
from gis_app.queries import siting as q
from gis_app.queries.tasks import fetch_today
from gis_app.web import siting_answers as views
from gis_app.web import siting_forms as forms
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.i18n import language, t, words
from gis_app.web.job_forms import keeps_best, status_text
from gis_app.web.moments import vietnamese
from gis_app.web.params import Param, plain, reads, whole
from gis_app.web.safe_writes import seen_version
from gis_app.web.script_messages import script_messages
from gis_app.web.siting_settings_form import fault_texts, settings_of_form, shown_settings
from gis_app.web.siting_tasks import assign
from gis_app.web.task_forms import broken_reference
from gis_app.web.task_texts import holders, split_holder
from gis_app.web.who import session_dict

blueprint = Blueprint("siting_pages", __name__, url_prefix="/do-phu/kich-ban")

ADDRESS = "/do-phu/kich-ban"
SECOND = Param("so-voi", whole(1, 2**62), "Id of the plan to compare with", {"type": "integer"})


def _render(template: str, problem: GisError | None = None, **values: Any) -> str:
    shared: Mapping[str, Any] = {
        "place": commune(),
        "moment": vietnamese,
        "number": words().number,
        "vnd": lambda value: words().number(int(value)),
        "share_text": forms.share_text,
        "points_text": forms.points_text,
        "share": share,
        "classes": CLASSES,
        "bound_text": forms.bound_text,
        "status_text": status_text,
        "keeps_best": keeps_best,
        "may_make": actor().role in q.MAKERS,
        "may_assign": actor().role in q.ASSIGNERS,
        "problem": None if problem is None else t(f"error.{problem.code}", **problem.params),
        "faults": fault_texts(problem),
    }
    return render_template(template, **{**shared, **values})


def _boot() -> dict[str, Any]:
    may_edit = actor().role in q.MAKERS
    messages = script_messages(language(), "siting_plan")
    today = fetch_today(connection()).isoformat()
    return {"session": session_dict(), "messages": messages, "lang": language(), "today": today, "may_edit": may_edit}


def _list(problem: GisError | None = None, settings: Mapping[str, Any] | None = None, name: str = "") -> str:
    role = actor().role
    given = views.defaults() if role in q.MAKERS else None
    now = settings or (given["settings"] if given else None)
    return _render(
        "siting/index.html",
        problem,
        plans=forms.list_plans(),
        figures=lambda plan: shown_figures(plan.figures, role),
        settings=now,
        shown=None if now is None else shown_settings(now),
        name=name or (given["name"] if given else ""),
    )


@blueprint.get("")
@allow(*q.READERS)
@reads(Param("xong", plain, "What was just done"))
def show_list(query: dict[str, Any]) -> str:
    """Plans of the commune and, for those who make plans, the form of a new one."""
    del query
    return _list()


@blueprint.post("")
@allow(*q.MAKERS)
def create() -> AnyResponse | tuple[str, int]:
    """Make a plan by the form; the page of the new plan follows."""
    commune()
    name = request.form.get("name", "")
    settings = settings_of_form(request.form, views.defaults()["settings"])
    try:
        plan_id = forms.create({"name": name, "settings": settings})
    except GisError as error:
        return _list(error, settings, name[:200]), error.status
    return redirect(f"{ADDRESS}/{plan_id}", 303)


def _page(plan_id: int, problem: GisError | None = None, second_id: int | None = None) -> str:
    plan, conn = forms.find_plan(plan_id), connection()
    here = commune()
    asked = [job for job in jobs.fetch_jobs(conn, here.id, kind=forms.KIND) if job.parameters["plan_id"] == plan.id]
    devices = q.fetch_devices(conn, plan.id)
    return _render(
        "siting/plan.html",
        problem,
        plan=plan,
        back=f"{ADDRESS}/{plan.id}",
        boot=_boot() | {"plan_id": plan.id},
        figures=shown_figures(plan.figures, actor().role),
        adds=(plan.figures or {}).get("adds", {}) if actor().role in q.MAKERS else {},
        devices=devices,
        streets=q.fetch_near_streets(conn, plan.id, here.metric_srid),
        task_states=q.fetch_tasks_state(conn, plan.id),
        without_sign=q.fetch_without_sign(conn, plan.id),
        missing=forms.missing_dicts(plan),
        jobs=[job for job in asked if job.is_open],
        failed=[job for job in asked[:1] if job.state == "failed"],
        settings=plan.settings,
        shown=shown_settings(plan.settings),
        others=[one for one in q.fetch_plans(conn, here.id) if one.id != plan.id],
        second=None if second_id is None else forms.find_plan(second_id),
        compared=None if second_id is None else views.compared(plan.id, second_id),
        holders=holders(),
    )


@blueprint.get("/<int:plan_id>")
@allow(*q.READERS)
@reads(SECOND)
def show_plan(query: dict[str, Any], plan_id: int) -> str:
    """One plan; `so-voi` names another to compare it with."""
    return _page(plan_id, second_id=query["so-voi"])


@blueprint.post("/<int:plan_id>/tinh")
@allow(*q.MAKERS)
def solve(plan_id: int) -> AnyResponse | tuple[str, int]:
    """Ask for the devices; pressed twice it is one job."""
    try:
        forms.ask_solving(plan_id)
    except GisError as error:
        return _page(plan_id, error), error.status
    return redirect(f"{ADDRESS}/{plan_id}", 303)


@blueprint.post("/<int:plan_id>/sua")
@allow(*q.MAKERS)
def change(plan_id: int) -> AnyResponse | tuple[str, int]:
    """Change name and settings of the version that the page showed."""
    version = seen_version()
    try:
        plan = forms.changeable_plan(plan_id)
        body = {"name": request.form.get("name"), "settings": settings_of_form(request.form, plan.settings)}
        if not q.update_plan(connection(), plan.id, version, forms.read_plan(body, is_whole=True, plan=plan)):
            raise forms.stale(plan.version)
    except GisError as error:
        if error.status == 404:
            raise
        return _page(plan_id, error), error.status
    return redirect(f"{ADDRESS}/{plan_id}", 303)


@blueprint.post("/<int:plan_id>/giao-viec")
@allow(*q.ASSIGNERS)
def give(plan_id: int) -> AnyResponse | tuple[str, int]:
    """Turn the devices of the version that the page showed into tasks."""
    version, holder = seen_version(), split_holder(request.form.get("holder"))
    body = {"holder_role": holder["role"], "holder_unit_id": holder["unit_id"], "due_on": request.form.get("due_on")}
    try:
        # The page of a refusal shows the plan as it was.
        with connection().begin_nested():
            assign(forms.changeable_plan(plan_id), version, body)
    except sa.exc.IntegrityError as error:
        raise broken_reference(error) from error
    except GisError as error:
        if error.status == 404:
            raise
        return _page(plan_id, error), error.status
    return redirect(f"{ADDRESS}/{plan_id}", 303)


@blueprint.post("/<int:plan_id>/xoa")
@allow(*q.MAKERS)
def delete(plan_id: int) -> AnyResponse:
    """Delete the version that the page showed."""
    version, plan = seen_version(), forms.held_plan(plan_id)
    if forms.open_job(plan.id) is not None:
        raise Conflict("siting_running")
    if not q.delete_plan(connection(), plan.id, version):
        raise forms.stale(plan.version)
    return redirect(f"{ADDRESS}?xong=xoa", 303)
