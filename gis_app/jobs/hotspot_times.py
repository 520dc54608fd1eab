"""When reports come: weekday × hour, and the change to the period before; for the police exact, for others from counts.

Others (the committee, planners, supervisors) read no places and no reports, but counts of whole months and whole days,
by hour of every category together, in which 1 to 4 are hidden and all others rounded to 5 (count_place_reports of
migrations/sql/hotspot_stats.sql).
"""

import datetime as dt
from dataclasses import replace
from typing import Any

from sqlalchemy.engine import Connection

from gis_app.analysis.hotspot_stats import hours
from gis_app.analysis.hotspot_stats.events import LEAST_FOR_TREND, SMALLEST_TOLD, Wanted
from gis_app.jobs.hotspot_stats import Asked, load_events
from gis_app.queries.communes import Commune
from gis_app.queries.place_reports import count_by_hour
from gis_app.tables.place_reports import CATEGORIES, KEPT_DAYS
from layers.base import POLICE

# What readers of counts read together: by single hours most counts would be hidden.
STEP_H = 3
# Days of the period before that may be gone already; beyond, nothing is said.
MOST_LOST = 31


def month_start(day: dt.date, ago: int = 0) -> dt.date:
    """The first of the month so many months before."""
    number = day.year * 12 + day.month - 1 - ago
    return dt.date(number // 12, number % 12 + 1, 1)


def whole_months(asked: Asked) -> Asked:
    """As many whole months as the period is long, up to the one of its last day."""
    months = max(round(asked.days / 30.44), 1)
    last = month_start(asked.to_on, -1) - dt.timedelta(days=1)
    return replace(asked, from_on=month_start(asked.to_on, months - 1), to_on=last)


def period_before(asked: Asked, role: str) -> Asked:
    """As many days just before; for readers of counts as many months."""
    last = asked.from_on - dt.timedelta(days=1)
    if role in POLICE:
        return replace(asked, from_on=asked.from_on - dt.timedelta(days=asked.days), to_on=last)
    months = (asked.to_on.year - asked.from_on.year) * 12 + asked.to_on.month - asked.from_on.month + 1
    return replace(asked, from_on=month_start(asked.from_on, months), to_on=last)


def seen_by(asked: Asked, role: str) -> Asked:
    """The period and hours as that role may ask for them."""
    if role in POLICE:
        return asked
    return replace(whole_months(asked), wanted=Wanted(0, 24, asked.wanted.categories))


def hours_of(conn: Connection, here: Commune, asked: Asked, role: str) -> dict[str, Any]:
    """{"total", "rows": 7 days, Monday first, of counts by `step_h` hours; None: 1 to 4, not told}."""
    asked = seen_by(asked, role)
    told: dict[str, Any] = {"from_on": asked.from_on.isoformat(), "to_on": asked.to_on.isoformat()}
    if role in POLICE:
        events = load_events(conn, here, replace(asked, coarse=False)).events
        return told | {"rows": hours.by_hour(events).tolist(), "step_h": 1, "total": len(events), "is_exact": True}
    counts = _counts(conn, replace(asked, wanted=Wanted(0, 24, ())))
    rows = [[counts.cells.get((day, hour), 0) for hour in range(0, 24, STEP_H)] for day in range(1, 8)]
    told |= {"is_exact": False, "smallest_told": SMALLEST_TOLD}
    return told | {"rows": rows, "step_h": STEP_H, "total": counts.total}


def trend_of(conn: Connection, here: Commune, asked: Asked, role: str, today: dt.date) -> dict[str, Any]:
    """The period against the one before, in all and by category, with what can be said of it."""
    now = seen_by(asked, role)
    before = period_before(now, role)
    # A period that reaches beyond today has had that many days less.
    days_now = max((min(now.to_on, today) - now.from_on).days + 1, 1)
    # What is past its keeping time is gone: the period before has had that many days less.
    lost = max((today - dt.timedelta(days=KEPT_DAYS) - before.from_on).days, 0)
    told = {
        "from_on": now.from_on.isoformat(), "to_on": now.to_on.isoformat(),
        "before_from_on": before.from_on.isoformat(), "before_to_on": before.to_on.isoformat(),
        "least_events": LEAST_FOR_TREND, "level": hours.LEVEL, "is_exact": role in POLICE,
    }  # fmt: skip
    chosen = asked.wanted.categories or CATEGORIES
    rows = []
    for categories in ((), *[(one,) for one in chosen]):
        first, second = (
            _total(conn, here, replace(one, wanted=replace(one.wanted, categories=categories or chosen)), role)
            for one in (before, now)
        )
        found = hours.trend(first, second, max(before.days - lost, 1), days_now)
        verdict = found.verdict if lost <= MOST_LOST else "not_kept"
        rows.append({
            "category": categories[0] if categories else None, "before": found.before, "now": found.now,
            "ratio": _finite(found.ratio), "low": _finite(found.low), "high": _finite(found.high), "verdict": verdict,
        })  # fmt: skip
    return told | {"rows": rows}


def _finite(value: float | None) -> float | None:
    return None if value is None or value == float("inf") else round(value, 2)


def _counts(conn: Connection, asked: Asked) -> Any:
    wanted: Wanted = asked.wanted
    band = (wanted.hour_from, wanted.hour_to)
    return count_by_hour(conn, asked.from_on, asked.to_on, band, wanted.categories or CATEGORIES)


def _total(conn: Connection, here: Commune, asked: Asked, role: str) -> int:
    if role in POLICE:
        return len(load_events(conn, here, replace(asked, coarse=False)).events)
    return int(_counts(conn, asked).total)
