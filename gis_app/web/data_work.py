"""What waits for a data officer: reviews of the period, tasks held, what others said, data to mend. No views here."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from gis_app.analysis.periods import period_of
from gis_app.jobs.programme import measure_quality
from gis_app.queries import reviews
from gis_app.queries.comments import fetch_talk
from gis_app.queries.notices import fetch_overdue_groups
from gis_app.queries.statuses import fetch_today
from gis_app.queries.tasks import TaskFilter, fetch_tasks
from gis_app.web.context import actor, commune, connection
from gis_app.web.numbers import plain_number
from gis_app.web.task_texts import texts

# Which states of a review stand in a tab; none: there is no review yet.
TABS: Mapping[str, Sequence[str | None]] = {
    "open": ("returned", None, "draft"),
    "submitted": ("submitted",),
    "approved": ("approved",),
    "all": ("returned", None, "draft", "submitted", "approved"),
}
# Rows that stand first; the rest opens.
FIRST_ROWS, FIRST_TASKS = 12, 5
TALK_DAYS = 7


def due_reviews(kind: str, day: dt.date | None, chosen: int | None, tab: str | None) -> dict[str, Any]:
    """Groups and their review of the period that a day lies in: the chosen one, then the longest without a review."""
    here, conn = commune(), connection()
    today = fetch_today(conn)
    starts_on, ends_on = period_of(kind, day or today)
    groups = reviews.fetch_due(conn, here.id, kind, starts_on)
    shown = tab or ("all" if chosen else "open")
    rows = [one for one in groups if one.state in TABS[shown]]
    rows.sort(key=lambda one: (one.group_id != chosen, one.last_reviewed_on or dt.date.min))
    return {
        "place": here,
        "kind": kind,
        "day": day or today,
        "period": (starts_on, ends_on),
        "group_count": len(groups),
        "tab": shown,
        "tab_counts": {name: sum(one.state in states for one in groups) for name, states in TABS.items()},
        "due": rows,
        "first_rows": FIRST_ROWS,
        "late": fetch_overdue_groups(conn),
        "chosen": chosen,
        "returned": reviews.fetch_reviews(conn, here.id, states=["returned"]),
    }


def other_work() -> dict[str, Any]:
    """Tasks that the officer's role and units hold, what others said lately, and the four bars."""
    here, conn, role = commune(), connection(), actor().role
    return {
        "tasks": fetch_tasks(conn, role, TaskFilter(state="open", mine=True)),
        "first_tasks": FIRST_TASKS,
        "texts": texts,
        "number": plain_number,
        "talk": fetch_talk(conn, TALK_DAYS),
        "talk_days": TALK_DAYS,
        "bars": measure_quality(conn, here.id, role, here.metric_srid),
    }
