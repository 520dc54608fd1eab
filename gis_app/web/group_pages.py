"""The page of one residential group: who is in charge, tasks on it, comments, a reminder of its review."""

from typing import Any

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import GisError, NotFound
from gis_app.queries import comments as comment_queries
from gis_app.queries import tasks as q
from gis_app.queries.notices import REMINDERS, fetch_overdue_groups
from gis_app.queries.reviews import fetch_remarks
from gis_app.queries.units import Charge, fetch_charge_history, fetch_charges
from gis_app.web.comment_forms import add_comment
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.notice_forms import send_reminder
from gis_app.web.params import Param, one_of, reads
from gis_app.web.task_texts import render
from layers.base import STAFF

blueprint = Blueprint("group_pages", __name__, url_prefix="/to/<int:group_id>")
# Reviews whose remarks the page shows.
LATEST = 6


def _find(group_id: int) -> Charge:
    commune()
    found = [one for one in fetch_charges(connection()) if one.group_id == group_id]
    if not found:
        raise NotFound("group_not_found")
    return found[0]


def _page(charge: Charge, problem: GisError | None = None, done: str | None = None) -> str:
    conn, role, number = connection(), actor().role, charge.group_id
    return render(
        "tasks/group.html", problem, charge=charge, done=done,
        tasks=q.fetch_tasks(conn, role, q.TaskFilter(group_id=number)), history=fetch_charge_history(conn, number),
        remarks=fetch_remarks(conn, commune().id, group_id=number)[:LATEST],
        comment_list=comment_queries.fetch_comments(conn, group_id=number), typed=request.form.get("body"),
        is_overdue=number in fetch_overdue_groups(conn), may_remind=role in REMINDERS, may_make=role in q.MAKERS,
        may_comment=role in comment_queries.WRITERS,
    )  # fmt: skip


@blueprint.get("")
@allow(*STAFF)
@reads(Param("xong", one_of("commented", "reminded"), "What was just done"))
def show_group(query: dict[str, Any], group_id: int) -> str:
    """Unit in charge, tasks and comments of a group."""
    return _page(_find(group_id), done=query["xong"])


@blueprint.post("/y-kien")
@allow(*comment_queries.WRITERS)
def comment(group_id: int) -> AnyResponse | tuple[str, int]:
    """Comment on a group."""
    charge = _find(group_id)
    try:
        add_comment({"body": request.form.get("body"), "group_id": group_id})
    except GisError as error:
        return _page(charge, error), error.status
    return redirect(f"/to/{group_id}?xong=commented", 303)


@blueprint.post("/nhac")
@allow(*REMINDERS)
def remind(group_id: int) -> AnyResponse | tuple[str, int]:
    """Remind the unit in charge of an overdue review, once a day."""
    charge = _find(group_id)
    try:
        send_reminder(group_id=group_id)
    except GisError as error:
        return _page(charge, error), error.status
    return redirect(f"/to/{group_id}?xong=reminded", 303)
