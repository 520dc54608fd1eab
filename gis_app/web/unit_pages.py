"""The page of units: add and close them, put them in charge of groups, say which accounts act for them."""

from collections import Counter
from typing import Any

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import GisError, NotFound, PreconditionFailed
from gis_app.queries import units as q
from gis_app.queries.tasks import fetch_today
from gis_app.tables.units import UNIT_KINDS
from gis_app.web import unit_forms as forms
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.nav import Page
from gis_app.web.params import Malformed, Param, one_of, reads
from gis_app.web.safe_writes import seen_version
from gis_app.web.task_forms import read_id
from gis_app.web.task_texts import render
from layers.base import STAFF

blueprint = Blueprint("unit_pages", __name__, url_prefix="/don-vi")
PAGE = Page("/don-vi", "units", STAFF, 60, "people")

DONE = ("unit", "changed", "assigned", "member", "member_removed")


def _page(problem: GisError | None = None, done: str | None = None) -> str:
    commune()
    conn, role = connection(), actor().role
    charges = q.fetch_charges(conn)
    return render(
        "units/index.html", problem, done=done, units=q.fetch_units(conn), charges=charges, kinds=UNIT_KINDS,
        counts=Counter(one.unit_id for one in charges), members=q.fetch_members(conn), today=fetch_today(conn),
        may_edit=role in q.EDITORS, may_people=role == "admin",
    )  # fmt: skip


def _done(word: str) -> AnyResponse:
    return redirect(f"/don-vi?xong={word}", 303)


@blueprint.get("")
@allow(*STAFF)
@reads(Param("xong", one_of(*DONE), "What was just done"))
def show_page(query: dict[str, Any]) -> str:
    """Units and who is in charge of which group."""
    return _page(done=query["xong"])


@blueprint.post("")
@allow(*q.EDITORS)
def create() -> AnyResponse | tuple[str, int]:
    """Add a unit."""
    commune()
    try:
        forms.save_unit({name: request.form.get(name) for name in ("name", "kind")})
    except GisError as error:
        return _page(error), error.status
    return _done("unit")


@blueprint.post("/<int:unit_id>")
@allow(*q.EDITORS)
def change(unit_id: int) -> AnyResponse | tuple[str, int]:
    """Close a unit or open it again."""
    unit, version = forms.find_unit(unit_id), seen_version()
    if forms.save_unit({"is_active": bool(request.form.get("is_active"))}, unit, version) is None:
        error = PreconditionFailed("stale_version", version=unit.version)
        return _page(error), error.status
    return _done("changed")


@blueprint.post("/phu-trach")
@allow(*q.EDITORS)
def assign() -> AnyResponse | tuple[str, int]:
    """Put a unit in charge of the groups that are ticked."""
    commune()
    raw = {name: request.form.get(name) for name in ("unit_id", "from_on")}
    try:
        forms.assign(raw | {"group_ids": request.form.getlist("group_ids")})
    except GisError as error:
        return _page(error), error.status
    return _done("assigned")


def _unit_id(value: str | None) -> int:
    try:
        return read_id(value) or 0
    except Malformed:
        return 0


@blueprint.post("/tai-khoan")
@allow("admin")
@people_only
def add_member() -> AnyResponse | tuple[str, int]:
    """Let an account act for a unit."""
    try:
        forms.add_member(
            _unit_id(request.form.get("unit_id")), request.form.get("username", "")[:80].replace("\x00", "")
        )
    except GisError as error:
        return _page(error), error.status
    return _done("member")


@blueprint.post("/<int:unit_id>/tai-khoan/bo")
@allow("admin")
@people_only
def remove_member(unit_id: int) -> AnyResponse | tuple[str, int]:
    """End that an account acts for a unit."""
    unit = forms.find_unit(unit_id)
    if not q.delete_member(connection(), unit.id, request.form.get("username", "")[:80].replace("\x00", "")):
        error = NotFound("account_not_found")
        return _page(error), error.status
    return _done("member_removed")
