"""The pages "Sổ điểm nóng" and one hotspot's: its steps with their days, and the next one. Without JavaScript."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import GisError, PreconditionFailed
from gis_app.queries import hotspot_register as q
from gis_app.queries.tasks import TaskFilter, fetch_tasks, fetch_today
from gis_app.queries.units import fetch_units
from gis_app.tables.hotspots import STATES
from gis_app.web import hotspot_step_forms as forms
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.nav import own_path
from gis_app.web.params import Param, one_of, reads, whole
from gis_app.web.safe_writes import seen_version
from gis_app.web.task_texts import named_faults, render
from layers.base import DATA, POLICE, SITING

blueprint = Blueprint("hotspot_register_pages", __name__, url_prefix="/diem-nong/so")
ADDRESS = "/diem-nong/so"
DONE = Param("xong", one_of("rules", *STATES), "What was just done")
TASKS_OFFERED = 100


def _moves() -> Callable[[q.HotspotRow], list[q.Move]]:
    """What the actor may do with a hotspot now, the plain step first."""
    role = actor().role
    moves = q.fetch_moves(connection()) if role in POLICE else []
    return lambda row: [m for m in moves if m.from_state == row.state and (role in DATA or not m.by_editors)]


def _list(query: dict[str, Any], problem: GisError | None = None) -> str:
    conn, role, here = connection(), actor().role, commune()
    wanted = q.Wanted(query["tt"], query["loai"])
    counts = q.count_register(conn, role, query["loai"])
    last = max(1, -(-counts[query["tt"]] // q.PAGE_ROWS))
    page = min(query["trang"], last)
    days, rules_version = q.fetch_rules(conn, here.id)

    def address(**changed: Any) -> str:
        asked = {"tt": query["tt"], "loai": query["loai"], "trang": page} | changed
        return f"{ADDRESS}?{urlencode({name: value for name, value in asked.items() if value})}"

    offset = (page - 1) * q.PAGE_ROWS
    asked = {"standing": query["tt"]} | ({"class": query["loai"]} if query["loai"] else {})
    return render(
        "hotspots/register.html", problem, rows=q.fetch_register(conn, here.id, role, wanted, offset=offset),
        counts=counts, page=page, last=last, address=address, asked=query,
        moves=_moves(), title=forms.title, classes=forms.CLASSES, standings=q.STANDINGS, states=STATES, days=days,
        rules_version=rules_version, may_rule=role in DATA, is_police=role in POLICE, today=fetch_today(conn),
        longest=forms.LONGEST_NOTE, done=query["xong"], faults=named_faults(problem, "hotspot.column"),
        file=f"/api/hotspot-register?{urlencode({'f': 'csv'} | asked)}",
    )  # fmt: skip


@blueprint.get("")
@allow(*SITING)
@reads(
    Param("tt", one_of(*q.STANDINGS), "Where it stands", {"enum": list(q.STANDINGS)}, default="open"),
    Param("loai", one_of(*forms.CLASSES), "Hotspots of this class", {"enum": list(forms.CLASSES)}),
    Param("trang", whole(1, 100_000), "Page", {"type": "integer"}, default=1),
    DONE,
)
def show_register(query: dict[str, Any]) -> str:
    """The register: what is open, at which step, whose, what is late."""
    return _list(query)


def _one(row: q.HotspotRow, done: str | None = None, problem: GisError | None = None) -> str:
    conn, role = connection(), actor().role
    tasks = fetch_tasks(conn, role, TaskFilter(state="open", limit=TASKS_OFFERED)) if role in POLICE else []
    return render(
        "hotspots/one.html", problem, row=row, moves=_moves()(row), title=forms.title, states=STATES, tasks=tasks,
        units=[unit for unit in fetch_units(conn) if unit.is_active], today=fetch_today(conn),
        is_police=role in POLICE, done=done, longest=forms.LONGEST_NOTE, longest_document=forms.LONGEST_DOCUMENT,
        faults=named_faults(problem, "hotspot.column"),
    )  # fmt: skip


@blueprint.get("/<int:hotspot_id>")
@allow(*SITING)
@reads(DONE)
def show_hotspot(query: dict[str, Any], hotspot_id: int) -> str:
    """One hotspot: every step with day, words, document, unit and task."""
    return _one(forms.find_hotspot(hotspot_id), query["xong"])


@blueprint.post("/<int:hotspot_id>/buoc")
@allow(*POLICE)
@people_only
def take_step(hotspot_id: int) -> AnyResponse | tuple[str, int]:
    """Take a step, and go back to where the form was."""
    row = forms.find_hotspot(hotspot_id)
    raw = {name: request.form.get(name) for name in forms.READERS}
    try:
        state = forms.add_step(row, seen_version(), raw)
    except GisError as error:
        return _one(row, problem=error), error.status
    back = own_path(request.form.get("ve", "")) if request.form.get("ve") else f"{ADDRESS}/{row.id}"
    return redirect(f"{back}{'&' if '?' in back else '?'}{urlencode({'xong': state})}", 303)


@blueprint.post("/thoi-han")
@allow(*DATA)
@people_only
def save_rules() -> AnyResponse | tuple[str, int]:
    """Write the days that the commune gives each step."""
    raw = {name: value for name, value in request.form.items() if name not in ("csrf_token", "version")}
    try:
        days = forms.read_rules(raw)
        if not q.upsert_rules(connection(), commune().id, seen_version(), days):
            raise PreconditionFailed("stale_version")
    except GisError as error:
        return _list({"tt": "open", "loai": None, "trang": 1, "xong": None}, error), error.status
    return redirect(f"{ADDRESS}?xong=rules", 303)
