"""The page of notices, and the number on the bell that every page shows."""

from typing import Any

from flask import Blueprint, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import GisError
from gis_app.queries import notices as q
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.nav import Page
from gis_app.web.notice_forms import notice_link, notice_title, notice_to, send_instruction
from gis_app.web.params import Malformed, Param, one_of, reads
from gis_app.web.task_forms import read_id
from gis_app.web.task_texts import holders, render, split_holder
from layers.base import STAFF

blueprint = Blueprint("notice_pages", __name__, url_prefix="/thong-bao")
PAGE = Page("/thong-bao", "notices", STAFF, 70, "bell")


def _waiting() -> q.Waiting:
    """What waits, asked once by pages that show the bell or the navigation."""
    if "waiting" not in g:
        here = actor().commune_id is not None and actor().role in STAFF
        g.waiting = q.fetch_waiting(connection()) if here else q.Waiting(0, 0)
    found: q.Waiting = g.waiting
    return found


@blueprint.app_context_processor
def _counts() -> dict[str, Any]:
    return {
        "unread_count": lambda: _waiting().notices,
        "waiting_count": lambda page_name: getattr(_waiting(), page_name, 0),
    }


def _page(problem: GisError | None = None, done: str | None = None) -> str:
    commune()
    found = q.fetch_notices(connection())
    unread = any(not one.is_read for one in found)
    return render(
        "notices/index.html", problem, notices=found, unread=unread, done=done,
        title=notice_title, leads_to=notice_link, addressee=notice_to,
        may_write=actor().role in q.WRITERS, holders=holders(),
    )  # fmt: skip


@blueprint.get("")
@allow(*STAFF)
@reads(Param("xong", one_of("sent"), "What was just done"))
def show_page(query: dict[str, Any]) -> str:
    """Notices to the own role and units, newest first."""
    return _page(done=query["xong"])


@blueprint.post("")
@allow(*q.WRITERS)
def send() -> AnyResponse | tuple[str, int]:
    """Tell a role or a unit of a changed instruction."""
    try:
        send_instruction({"body": request.form.get("body")} | split_holder(request.form.get("holder")))
    except GisError as error:
        return _page(error), error.status
    return redirect("/thong-bao?xong=sent", 303)


@blueprint.post("/da-doc")
@allow(*STAFF)
def read_all() -> AnyResponse:
    """Mark what the page showed as read."""
    commune()
    try:
        up_to_id = read_id(request.form.get("up_to_id"))
    except Malformed:
        up_to_id = None
    if up_to_id:
        q.update_read(connection(), actor().username, up_to_id)
    return redirect("/thong-bao", 303)
