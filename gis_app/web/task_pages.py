"""The page "Việc": own tasks, overdue board, last conclusions; making, closing, changing. Without JavaScript."""

import re
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import Conflict, GisError, PreconditionFailed
from gis_app.queries import comments as comment_queries
from gis_app.queries import tasks as q
from gis_app.queries.notices import REMINDERS
from gis_app.queries.task_measures import MEASURES
from gis_app.queries.units import fetch_own_units, fetch_units
from gis_app.tables.tasks import MEETING_KINDS, STATES
from gis_app.web import task_forms as forms
from gis_app.web.comment_forms import add_comment
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.i18n import t
from gis_app.web.meeting_forms import add_meeting
from gis_app.web.nav import Page
from gis_app.web.notice_forms import send_reminder
from gis_app.web.params import Param, one_of, plain, reads, whole
from gis_app.web.safe_writes import seen_version
from gis_app.web.task_texts import holders, named_faults, render, split_holder
from layers.base import STAFF

blueprint = Blueprint("task_pages", __name__, url_prefix="/viec")
PAGE = Page("/viec", "tasks", STAFF, 35, "review")

DONE = ("made", "closed", "changed", "cancelled", "reminded", "commented", "meeting")
DONE_PARAM = Param("xong", one_of(*DONE), "What was just done")
# What a link to the form may fill in.
GIVEN = ("to", "diem", "noi", "so_lieu", "muc")
POINT = re.compile(r"\s*(-?[0-9]{1,3}(?:\.[0-9]{1,10})?)\s*[,; ]\s*(-?[0-9]{1,3}(?:\.[0-9]{1,10})?)\s*")


def _index(query: dict[str, Any], problem: GisError | None = None) -> str:
    conn, role, here = connection(), actor().role, commune()
    filters = {name: query.get(name) for name in ("tt", "dv", "to")}
    holder = split_holder(filters["dv"])
    unit_id = int(holder["unit_id"]) if str(holder["unit_id"] or "").isdigit() else None
    wanted = q.TaskFilter(
        state=filters["tt"], holder_role=holder["role"], holder_unit_id=unit_id, group_id=filters["to"]
    )
    open_ones = q.fetch_tasks(conn, role, q.TaskFilter(state="open"))
    chosen = open_ones if not any(filters.values()) else q.fetch_tasks(conn, role, wanted)
    late = [task for task in open_ones if task.days_late]
    units = fetch_units(conn)
    own = set(fetch_own_units(conn))
    conclusions = q.fetch_conclusions(conn, here.id, q.fetch_tomorrow(conn))
    return render(
        "tasks/index.html",
        tasks=chosen, mine=[task for task in open_ones if task.is_mine], overdue=_by_holder(late),
        mine_as=", ".join([t(f"role.{role}"), *(unit.name for unit in units if unit.id in own)]),
        overdue_count=len(late), open_count=len(open_ones), conclusions=conclusions,
        done_count=sum(one.state == "done" for one in conclusions),
        may_make=role in q.MAKERS, may_remind=role in REMINDERS, may_meet=role in q.MEETERS,
        meeting_kinds=MEETING_KINDS, states=STATES, holders=holders(units), groups=q.fetch_groups(conn),
        filter=filters, today=q.fetch_today(conn), done=query.get("xong"),
        meeting_problem=None if problem is None else t(f"error.{problem.code}"),
        **({} if problem is None else {"faults": named_faults(problem, "meeting.field")}),
    )  # fmt: skip


def _by_holder(late: list[q.Task]) -> list[tuple[str, list[q.Task]]]:
    """Overdue tasks by holder: who has the latest comes first, and its latest on top."""
    named = [(forms.holder_text(task.holder_role, task.holder_unit), task) for task in late]
    grouped = [
        (holder, [task for _, task in rows])
        for holder, rows in groupby(sorted(named, key=lambda r: r[0]), lambda r: r[0])
    ]
    for _, rows in grouped:
        rows.sort(key=lambda task: (-task.days_late, task.id))
    return sorted(grouped, key=lambda pair: -pair[1][0].days_late)


@blueprint.get("")
@allow(*STAFF)
@reads(
    DONE_PARAM,
    Param("tt", one_of(*STATES), "Tasks in this state", {"enum": list(STATES)}),
    Param("dv", plain, "Tasks of this holder: unit:<id> or role:<code>"),
    Param("to", whole(1, 2**62), "Tasks on this group", {"type": "integer"}),
)
def show_page(query: dict[str, Any]) -> str:
    """Own tasks, the overdue board by holder, last meeting's conclusions, and all tasks by filter."""
    return _index(query)


def _form(code: str | None, problem: GisError | None = None, start: dict[str, Any] | None = None) -> str:
    conn, measure = connection(), MEASURES.get(code or "")
    query = {name: value for name, value in request.args.items() if name in GIVEN}
    origins = [(f"source:{code}", t(f"task.source.{code}")) for code in ("manual", "report", "gap", "group")]
    origins += [(f"meeting:{m.id}", f"{t('task.source.meeting')}: {m.title}") for m in q.fetch_meetings(conn)[:20]]
    return render(
        "tasks/new.html", problem, code=code, measure=measure, measures=MEASURES,
        query=lambda chosen: urlencode({"thuoc_do": chosen} | query), today=q.fetch_today(conn), holders=holders(),
        groups=q.fetch_groups(conn), origins=origins,
        features=q.fetch_places(conn, measure.layers) if measure and measure.place == "feature" else [],
        **({} if start is None else {"form": start}),
    )  # fmt: skip


@blueprint.get("/moi")
@allow(*q.MAKERS)
@reads(
    Param("thuoc_do", one_of(*MEASURES), "The measure of the result", {"enum": list(MEASURES)}),
    Param("to", whole(1, 2**62), "The group that the task is on", {"type": "integer"}),
    Param("diem", plain, "The place: latitude, longitude"),
    Param("noi", plain, "The gap that the task is to close, in words"),
    Param("so_lieu", plain, "The measure's option"),
    Param("muc", whole(1, 1000), "The value to reach", {"type": "integer"}),
)
def show_form(query: dict[str, Any]) -> str:
    """Choose the measure, then fill in the five fields."""
    commune()
    start = {"group_id": str(query["to"] or ""), "point": query["diem"] or "", "option": query["so_lieu"] or ""}
    if query["muc"]:
        start["wanted"] = str(query["muc"])
    if query["noi"]:
        start |= {"title": t("task.gap_title", place=query["noi"])[:200], "origin": "source:gap"}
    return _form(query["thuoc_do"], start=start)


def _body(code: str) -> dict[str, Any]:
    """The form as the API's body."""
    form, measure = request.form, MEASURES[code]
    holder = split_holder(form.get("holder"))
    kind, _, number = form.get("origin", "").partition(":")
    spot = POINT.fullmatch(form.get("point", ""))
    body = {name: form.get(name) for name in ("title", "responsibility", "due_on", "group_id", "feature")}
    body |= {"holder_role": holder["role"], "holder_unit_id": holder["unit_id"], "measure": code}
    body["options"] = {measure.option.name: form.get("option")} if measure.option else {}
    body["wanted"] = form.get("wanted") if measure.wanted else None
    # People write latitude first.
    body["point"] = [float(spot[2]), float(spot[1])] if spot else form.get("point") or None
    body["source"] = "meeting" if kind == "meeting" else number or "manual"
    body["meeting_id"] = number if kind == "meeting" else None
    return body


@blueprint.post("/moi")
@allow(*q.MAKERS)
@reads(Param("thuoc_do", one_of(*MEASURES), "The measure of the result", {"enum": list(MEASURES)}, required=True))
def create(query: dict[str, Any]) -> AnyResponse | tuple[str, int]:
    """Make a task by the form."""
    here, conn = commune(), connection()
    try:
        new = forms.read_task(_body(query["thuoc_do"]))
        try:
            with conn.begin_nested():
                number = q.insert_task(conn, here.id, new)
        except sa.exc.IntegrityError as error:
            raise forms.broken_reference(error) from error
    except GisError as error:
        return _form(query["thuoc_do"], error), error.status
    return redirect(f"/viec/{number}?xong=made", 303)


def _task_page(task: q.Task, problem: GisError | None = None, done: str | None = None) -> str:
    role = actor().role
    holder_now = f"unit:{task.holder_unit_id}" if task.holder_unit_id else f"role:{task.holder_role}"
    return render(
        "tasks/show.html", problem, task=task, done=done, holder_now=holder_now, holders=holders(),
        may_close=forms.may_close(task), may_change=role in q.MAKERS, may_cancel=role in q.CANCELLERS,
        may_remind=role in REMINDERS, may_comment=role in comment_queries.WRITERS, typed=request.form.get("body"),
        comment_list=comment_queries.fetch_comments(connection(), task_id=task.id),
    )  # fmt: skip


@blueprint.get("/<int:task_id>")
@allow(*STAFF)
@reads(DONE_PARAM)
def show_task(query: dict[str, Any], task_id: int) -> str:
    """One task: the five clarities, what its measure answers now, comments."""
    return _task_page(forms.find_task(task_id), done=query["xong"])


def _done(task_id: int, word: str) -> AnyResponse:
    return redirect(f"/viec/{task_id}?xong={word}", 303)


@blueprint.post("/<int:task_id>")
@allow(*q.MAKERS)
def change(task_id: int) -> AnyResponse | tuple[str, int]:
    """Change the instruction of the version that the page showed; those concerned get a notice."""
    task, version, conn = forms.find_task(task_id), seen_version(), connection()
    holder = split_holder(request.form.get("holder"))
    raw = {name: request.form.get(name) for name in ("title", "responsibility", "due_on")}
    raw |= {"holder_role": holder["role"], "holder_unit_id": holder["unit_id"]}
    try:
        values = forms.read_instruction(raw, task)
        if task.state != "open":
            raise Conflict("task_closed")
        try:
            with conn.begin_nested():
                written = q.update_task(conn, task_id, version, values)
        except sa.exc.IntegrityError as error:
            raise forms.broken_reference(error) from error
        if not written:
            raise PreconditionFailed("stale_version", version=task.version)
    except GisError as error:
        return _task_page(task, error), error.status
    return _done(task_id, "changed")


@blueprint.post("/<int:task_id>/xong")
@allow(*q.CLOSERS)
def close(task_id: int) -> AnyResponse | tuple[str, int]:
    """Measure again and close; the page says what was measured where it is not reached."""
    task = forms.find_task(task_id)
    try:
        forms.close(task, seen_version())
    except GisError as error:
        return _task_page(task, error), error.status
    return _done(task_id, "closed")


@blueprint.post("/<int:task_id>/huy")
@allow(*q.CANCELLERS)
def cancel(task_id: int) -> AnyResponse | tuple[str, int]:
    """Cancel with a reason."""
    task, version = forms.find_task(task_id), seen_version()
    try:
        reader = forms.Reader({"reason": request.form.get("reason")}, ("reason",))
        reason = reader.take("reason", lambda value: forms.read_words(value, 300))
        reader.check("bad_task")
        outcome = q.update_cancelled(connection(), task_id, version, reason)
        if outcome != "cancelled":
            raise forms.outcome_error(outcome, task.version)
    except GisError as error:
        return _task_page(task, error), error.status
    return _done(task_id, "cancelled")


@blueprint.post("/<int:task_id>/nhac")
@allow(*REMINDERS)
def remind(task_id: int) -> AnyResponse | tuple[str, int]:
    """Remind the holder of an overdue task, once a day."""
    task = forms.find_task(task_id)
    try:
        send_reminder(task_id=task_id)
    except GisError as error:
        return _task_page(task, error), error.status
    return _done(task_id, "reminded")


@blueprint.post("/<int:task_id>/y-kien")
@allow(*comment_queries.WRITERS)
def comment(task_id: int) -> AnyResponse | tuple[str, int]:
    """Comment on a task."""
    task = forms.find_task(task_id)
    try:
        add_comment({"body": request.form.get("body"), "task_id": task_id})
    except GisError as error:
        return _task_page(task, error), error.status
    return _done(task_id, "commented")


@blueprint.post("/cuoc-hop")
@allow(*q.MEETERS)
def create_meeting() -> AnyResponse | tuple[str, int]:
    """Note a meeting, so that its conclusions can become tasks."""
    commune()
    try:
        add_meeting({name: request.form.get(name) for name in ("held_on", "title", "kind")})
    except GisError as error:
        return _index({}, error), error.status
    return redirect("/viec?xong=meeting", 303)
