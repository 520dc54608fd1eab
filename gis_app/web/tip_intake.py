"""`/tin/tiep-nhan`: the queue of tips, what waits apart, the commune's settings; others see what officers cleared."""

import datetime as dt
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.analysis.tip_clock import VERIFY_DAYS, clock_of
from gis_app.errors import Conflict
from gis_app.jobs import tip_desk
from gis_app.queries import tip_queue as queue
from gis_app.queries import tips as q
from gis_app.queries.audit import record_event
from gis_app.queries.place_reports import TELLERS
from gis_app.tables.tips import CELLS_M, OPEN_DAYS, STATES, SUBJECTS, WARN_DAYS
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.i18n import t
from gis_app.web.nav import Page
from gis_app.web.params import Param, one_of, reads, whole
from gis_app.web.tip_answers import secret_key
from gis_app.web.tip_forms import DONE_PARAM, MAX_ID, choice, goes_on, opened

blueprint = Blueprint("tip_intake", __name__, url_prefix="/tin/tiep-nhan")
PAGE = Page("/tin/tiep-nhan", "tips", frozenset(q.READERS), 45, "box")
LEAST_SHOWN = 5


@blueprint.get("")
@allow(*q.READERS)
@reads(
    Param("tt", one_of(*STATES, "held"), "State, or held"),
    Param("trang", whole(1, 10_000), "Page", {"type": "integer"}),
    DONE_PARAM,
)
def show_queue(query: dict[str, Any]) -> str:
    """The queue by the day on which each is due by law; statistics without places."""
    place, conn = commune(), connection()
    coarse = actor().role not in q.OFFICERS
    held = query["tt"] == "held" and not coarse
    wanted = queue.Wanted(coarse, None if query["tt"] == "held" else query["tt"], held)
    pages = _pages(queue.count_wanted(conn, wanted), queue.HELD_ROWS if held else queue.PAGE_ROWS, query["trang"] or 1)
    rows = queue.fetch_page(conn, wanted, tip_desk.DAYS, pages["first"])
    today, counts = q.fetch_today(conn), queue.count_tips(conn, coarse=coarse)
    return render_template(
        "tips/queue.html",
        place=place, rows=rows, paging=pages, coarse=coarse, state=query["tt"], states=STATES, done=query["xong"],
        clocks={row.id: clock_of(row.subject, row.received_on, row.state, row.handed_on, today) for row in rows},
        goes={row.id: day for row in rows if (day := goes_on(row)) <= today + dt.timedelta(WARN_DAYS)},
        alike={} if coarse or held else queue.count_alike(conn, [row.id for row in rows]), most_alike=queue.MOST_ALIKE,
        held_count=0 if coarse else q.count_held(conn),
        state_counts={} if coarse else {state: _of_state(counts, state) for state in STATES},
        late_count=0 if coarse else queue.count_older(conn, VERIFY_DAYS + 1),
        going_count=0 if coarse else queue.count_older(conn, OPEN_DAYS - WARN_DAYS), open_days=OPEN_DAYS,
        shared={row.id: tip_desk.shared_text(secret_key(), row) for row in rows if row.shared},
        box=q.fetch_settings(conn, place.id), cells=CELLS_M, may_open=actor().role in q.OPENERS,
        figures=_figures(counts), subjects=SUBJECTS, may_tell=actor().role in TELLERS,
    )  # fmt: skip


def _pages(count: int, size: int, number: int) -> dict[str, int]:
    last = max(1, -(-count // size))
    number = min(number, last)
    return {"number": number, "last": last, "count": count, "first": (number - 1) * size, "size": size}


def _of_state(counts: Any, state: str) -> int:
    return sum(count for (_, one), count in counts.items() if one == state)


def _figures(counts: Any) -> list[tuple[str, list[str]]]:
    """Subject by state; below five nothing but that, and no totals to subtract from."""
    return [
        (subject, [_shown(counts.get((subject, state), 0)) for state in STATES])
        for subject in SUBJECTS
    ]  # fmt: skip


def _shown(count: int) -> str:
    return t("tip.few") if 0 < count < LEAST_SHOWN else str(count)


@blueprint.post("/<int:tip_id>/giu")
@allow(*q.OFFICERS)
@people_only
def decide_held(tip_id: int) -> AnyResponse:
    """Let a held tip in, or throw it away."""
    if not opened(tip_id).row.is_held:
        raise Conflict("tip_step")
    return _decide([tip_id])


@blueprint.post("/giu")
@allow(*q.OFFICERS)
@people_only
def decide_all_held() -> AnyResponse:
    """Let in or throw away the held tips that the page listed; what came since waits for a look."""
    commune()
    listed = request.form.getlist("id")[: queue.HELD_ROWS]
    return _decide(
        [int(one) for one in listed if one.isascii() and one.isdigit() and len(one) < 20 and int(one) <= MAX_ID]
    )


def _decide(tip_ids: list[int]) -> AnyResponse:
    if request.form.get("let_in"):
        q.update_held(connection(), tip_ids)
        return redirect("/tin/tiep-nhan?xong=let_in", 303)
    count = q.delete_held(connection(), tip_ids)
    record_event(connection(), "throw_tips", "tips", {"count": count})
    return redirect("/tin/tiep-nhan?xong=thrown", 303)


@blueprint.post("/mo")
@allow(*q.OPENERS)
@people_only
def open_or_shut() -> AnyResponse:
    """Take tips, or stop taking them."""
    wanted = bool(request.form.get("is_open"))
    _settle("open_tips" if wanted else "shut_tips", is_open=wanted)
    return redirect(f"/tin/tiep-nhan?xong={'opened' if wanted else 'shut'}", 303)


@blueprint.post("/o")
@allow(*q.OPENERS)
@people_only
def choose_cell() -> AnyResponse:
    """How wide the areas are that residents may name in place of a point."""
    _settle("cell_of_tips", cell_m=int(choice("cell_m", [str(one) for one in CELLS_M])))
    return redirect("/tin/tiep-nhan?xong=cell", 303)


def _settle(event: str, **values: bool | int) -> None:
    place = commune()
    q.upsert_settings(connection(), place.id, **values)
    record_event(connection(), event, "tip_settings", {"commune": place.id})
