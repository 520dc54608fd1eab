"""The page `/tuan-tra/no-luc`: where the effort of patrols went, and where not. Works without JavaScript."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any

from flask import Blueprint, render_template

from gis_app.analysis.patrol_effort import LEAST_RESIDENTS, Column
from gis_app.jobs.patrol_effort import Effort, effort_of
from gis_app.jobs.patrol_words import kilometres
from gis_app.queries import patrol_effort as q
from gis_app.queries.tasks import fetch_today
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.effort_query import FROM, LIMIT, TO, period_of
from gis_app.web.i18n import words
from gis_app.web.map_boot import map_boot
from gis_app.web.nav import Page
from gis_app.web.params import reads
from gis_app.web.siting_forms import share_text
from layers.base import POLICE

blueprint = Blueprint("patrol_effort_page", __name__)

ADDRESS = "/tuan-tra/no-luc"
# The police come here from their own page.
PAGE = Page(ADDRESS, "effort", frozenset({"committee"}), 27, "route")
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 190, 34, 24, 10


@dataclass(frozen=True)
class Bar:
    """A column of the chart in its box: planned behind, done before it; `label` below some."""

    x: float
    width: float
    planned_y: float
    planned_height: float
    done_y: float
    done_height: float
    label: str


def _number(value: float | None) -> str:
    """A number with at most one place; a dash for none."""
    if value is None:
        return "–"
    rounded = round(float(value), 1)
    return words().number(int(rounded) if rounded.is_integer() else Decimal(str(rounded)))


def _bars(columns: Sequence[Column]) -> tuple[list[Bar], list[tuple[float, int]]]:
    """Columns and ticks (y, stops) of the chart."""
    most = max([1, *(max(one.planned, one.done) for one in columns)])
    step = next(n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10**9) if most <= 5 * n)
    top = -(-most // step) * step
    room, high = (WIDTH - LEFT) / max(1, len(columns)), HEIGHT - BOTTOM - TOP
    every = -(-len(columns) // 7)

    def at(value: int) -> tuple[float, float]:
        height = round(high * value / top, 1)
        return round(HEIGHT - BOTTOM - height, 1), height

    bars = [
        Bar(round(LEFT + n * room + room * 0.15, 1), round(room * 0.7, 1), *at(one.planned), *at(one.done),
            f"{one.first:%d/%m}" if n % every == 0 else "")
        for n, one in enumerate(columns)
    ]  # fmt: skip
    return bars, [(at(value)[0], value) for value in range(0, top + 1, step)]


def _fairness(found: Effort) -> dict[str, Any] | None:
    """The lowest, the middle and the highest rate, and how many groups have none."""
    if not found.rates:
        return None
    without = sum(one.per_thousand is None for one in found.groups if one.id is not None)
    return {"low": found.rates[0], "middle": median(found.rates), "high": found.rates[-1], "without": without}


@blueprint.get(ADDRESS)
@allow(*q.READERS)
@reads(FROM, TO, LIMIT)
def show_page(query: dict[str, Any]) -> str:
    """Effort over a period: figures, chart, map, tables; places by name for the police alone."""
    here, conn, period = commune(), connection(), period_of(query)
    found, is_police = effort_of(conn, here, period), actor().role in POLICE
    total, streets = found.total, found.streets
    timed = total["visits"] - total["untimed"]
    bars, ticks = _bars(found.columns)
    return render_template(
        "patrol/effort.html", place=here, period=period, found=found, total=total, is_police=is_police, bars=bars,
        ticks=ticks, chart={"width": WIDTH, "height": HEIGHT, "left": LEFT, "bottom": HEIGHT - BOTTOM},
        fairness=_fairness(found), least=LEAST_RESIDENTS, number=_number, share_text=share_text,
        km=lambda metres: kilometres(words(), metres), today=fetch_today(conn),
        done_share=total["done"] / total["planned"] if total["planned"] else None,
        per_visit=total["minutes"] / timed if timed else None,
        walked_share=streets.walked_m / streets.total_m if streets.total_m else None,
        issued_share=streets.issued_m / streets.total_m if streets.total_m else None,
        late=q.fetch_late_places(conn, here.id, period) if is_police else [], boot=map_boot("patrol_effort"),
        asked={"from": period.first.isoformat(), "to": period.last.isoformat(), "limit_days": period.limit_days},
    )  # fmt: skip
