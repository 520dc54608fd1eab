"""When a shift is: its hours as people read them, its end, and which shift "tonight" means.

A shift may go over midnight; whatever happens on it counts for the day on which it starts.
"""

import datetime as dt
from collections.abc import Sequence

from gis_app.analysis.patrol_clock import clock_text, days_over
from gis_app.queries.patrol import Plan

VIETNAM = dt.timezone(dt.timedelta(hours=7))
# A shift that nobody ends does so by itself; as patrol_closes_at of migrations/sql/visits.sql has it.
CLOSES_AFTER = dt.timedelta(minutes=30)


def end_on(plan: Plan) -> dt.date:
    """The day on which a shift ends; 24:00 is still the day that it ends."""
    return plan.shift_on + dt.timedelta(days=days_over(plan.end_min))


def hours_text(plan: Plan) -> str:
    """20:00–23:00; a shift over midnight with its days: 22:00 (23/11) – 02:00 (24/11)."""
    start, end = clock_text(plan.start_min), clock_text(plan.end_min)
    if end_on(plan) == plan.shift_on:
        return f"{start}–{end}"
    return f"{start} ({plan.shift_on:%d/%m}) – {end} ({end_on(plan):%d/%m})"


def moment_of(plan: Plan, minutes: int) -> dt.datetime:
    """A moment of a shift, by minutes since its day began."""
    return dt.datetime.combine(plan.shift_on, dt.time(), VIETNAM) + dt.timedelta(minutes=minutes)


def is_tonight(plan: Plan, now: dt.datetime) -> bool:
    """Whether a shift is today's, or one of yesterday that goes on."""
    today = now.astimezone(VIETNAM).date()
    return plan.shift_on == today or (plan.shift_on < today and now < moment_of(plan, plan.end_min) + CLOSES_AFTER)


def tonight(plans: Sequence[Plan], now: dt.datetime) -> Plan | None:
    """Tonight's of the plans, which come latest first: an issued one, yesterday's before today's; else the last."""
    today = now.astimezone(VIETNAM).date()
    found = [plan for plan in plans if is_tonight(plan, now)]
    issued = [plan for plan in found if plan.state == "issued"]
    return next((plan for plan in issued if plan.shift_on < today), next(iter(issued or found), None))
