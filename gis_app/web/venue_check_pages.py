"""The pages "Kiểm tra cơ sở": which venues are due, and one venue's checks with the form. Without JavaScript."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import GisError
from gis_app.queries import venue_checks as q
from gis_app.queries.tasks import fetch_today
from gis_app.web import venue_check_forms as forms
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.decisions import check_outcome
from gis_app.web.params import Param, one_of, reads, whole
from gis_app.web.task_texts import named_faults, render
from layers import LAYERS
from layers.base import DATA, POLICE

ADDRESS = "/du-lieu/co-so"
blueprint = Blueprint("venue_check_pages", __name__, url_prefix=ADDRESS)
DONE = Param("xong", one_of("recorded", "removed"), "What was just done")


@blueprint.get("")
@allow(*q.READERS)
@reads(
    Param("tt", one_of(*q.STANDINGS), "Which venues", {"enum": list(q.STANDINGS)}, default="overdue"),
    Param("loai", one_of(*forms.KINDS), "Venues of this kind", {"enum": list(forms.KINDS)}),
    Param("trang", whole(1, 100_000), "Page", {"type": "integer"}, default=1),
)
def show_due(query: dict[str, Any]) -> str:
    """Venues by how late their check is."""
    conn, here = connection(), commune()
    wanted = q.Wanted(query["tt"], query["loai"])
    counts = q.count_standings(conn, here.id, query["loai"])
    last = max(1, -(-counts[query["tt"]] // q.PAGE_ROWS))
    page = min(query["trang"], last)
    chosen = {"standing": query["tt"]} | ({"kind": query["loai"]} if query["loai"] else {})

    def address(**changed: Any) -> str:
        asked = {"tt": query["tt"], "loai": query["loai"], "trang": page} | changed
        return f"{ADDRESS}?{urlencode({name: value for name, value in asked.items() if value})}"

    return render(
        "data/venues.html", rows=q.fetch_venues(conn, here.id, wanted, offset=(page - 1) * q.PAGE_ROWS),
        counts=counts, page=page, last=last, address=address, asked=query,
        standings=q.STANDINGS, kinds=forms.KINDS, kind_title=forms.kind_title, soon=q.SOON_DAYS,
        from_data=actor().role in DATA, file=f"/api/venue-checks?{urlencode({'f': 'csv'} | chosen)}",
    )  # fmt: skip


def _one(venue: q.VenueRow, done: str | None = None, problem: GisError | None = None) -> str:
    conn, today = connection(), fetch_today(connection())
    return render(
        "data/venue.html", problem, venue=venue, checks=q.fetch_checks(conn, commune().id, venue.id), today=today,
        usual=today + dt.timedelta(days=LAYERS["venues"].half_life_days), outcomes=forms.CHOSEN, done=done,
        kind_title=forms.kind_title, may_add=actor().role in POLICE, may_remove=actor().role in DATA,
        longest=forms.LONGEST_NOTE, faults=named_faults(problem, "venue_check.column"),
    )  # fmt: skip


@blueprint.get("/<int:venue_id>")
@allow(*q.READERS)
@reads(DONE)
def show_venue(query: dict[str, Any], venue_id: int) -> str:
    """One venue: its checks, newest first, and the form."""
    return _one(forms.find_venue(venue_id), query["xong"])


@blueprint.post("/<int:venue_id>")
@allow(*POLICE)
@people_only
def add_check(venue_id: int) -> AnyResponse | tuple[str, int]:
    """Write a check down."""
    venue = forms.find_venue(venue_id)
    try:
        forms.add_check(venue, {name: request.form.get(name) for name in forms.READERS})
    except GisError as error:
        return _one(venue, problem=error), error.status
    return redirect(f"{ADDRESS}/{venue.id}?xong=recorded", 303)


@blueprint.post("/<int:venue_id>/kiem-tra/<int:venue_check_id>/xoa")
@allow(*DATA)
@people_only
def remove_check(venue_id: int, venue_check_id: int) -> AnyResponse:
    """Take out a check that was a mistake."""
    venue = forms.find_venue(venue_id)
    known = {one.id for one in q.fetch_checks(connection(), commune().id, venue.id)}
    outcome = q.delete_check(connection(), venue_check_id) if venue_check_id in known else "missing"
    check_outcome(outcome, "removed", "venue_check")
    return redirect(f"{ADDRESS}/{venue.id}?xong=removed", 303)
