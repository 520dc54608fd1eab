"""Data of the committee page's blocks: indicators, data quality, what is overdue, what comes next, what changed."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from gis_app.analysis.indicators import TITLES
from gis_app.analysis.next_group import Weights, weights_dict
from gis_app.jobs.campaign import current_campaigns
from gis_app.jobs.overview import Overview
from gis_app.jobs.programme import compute_indicators, measure_quality, rank_groups
from gis_app.queries.devices import fetch_spent
from gis_app.queries.notices import REMINDERS, fetch_overdue_groups
from gis_app.queries.statuses import StatusChange, fetch_statuses, find_changes
from gis_app.queries.tasks import TaskFilter, fetch_tasks
from gis_app.queries.units import fetch_charges
from gis_app.web.context import actor, commune, connection
from gis_app.web.i18n import localised

CHANGED_WITHIN = dt.timedelta(days=90)
MOST_NEXT = 5
MOST_NAMED = 6


def overview_blocks(overview: Overview) -> dict[str, Any]:
    """The blocks by name; lists may be empty, and say so."""
    here, conn, role = commune(), connection(), actor().role
    late = fetch_overdue_groups(conn)
    since = overview.today - CHANGED_WITHIN
    before = fetch_statuses(conn, here.id, since)
    indicators = compute_indicators(conn, here.id)
    return {
        "kpi": [(localised(TITLES[one.code]), one) for one in indicators],
        "campaigns": current_campaigns(conn, here.id, overview.today, indicators),
        "most_named": MOST_NAMED,
        "spent": fetch_spent(conn, here.id),
        "quality": measure_quality(conn, here.id, role, here.metric_srid),
        "overdue": [group for group in overview.groups if group.group_id in late],
        "in_charge": {one.group_id: one.unit for one in fetch_charges(conn)},
        "tasks": fetch_tasks(conn, role, TaskFilter(state="open", overdue=True)),
        "may_remind": role in REMINDERS,
        "next": rank_groups(conn, here.id)[:MOST_NEXT],
        "weights": weights_dict(Weights()),
        "since": since,
        # A commune that was not known then did not change in the period.
        "changes": _alike(find_changes(before, overview.groups)) if before else [],
    }


def _alike(changes: Sequence[StatusChange]) -> list[tuple[StatusChange, list[StatusChange]]]:
    """Changes that read alike together, most frequent first, each with the first of them."""
    found: dict[tuple[Any, ...], list[StatusChange]] = {}
    for one in changes:
        left, right = one.before or {}, one.after or {}
        renamed = (left.get("name"), right.get("name")) if left and right and left["name"] != right["name"] else None
        key = (left.get("stage"), right.get("stage"), left.get("drug_free"), right.get("drug_free"), renamed)
        found.setdefault(key, []).append(one)
    return [(group[0], group) for group in sorted(found.values(), key=len, reverse=True)]
