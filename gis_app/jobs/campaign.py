"""Campaigns as pages and reports tell of them: how long they last, targets, shifts and tasks within their days."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gis_app.analysis.campaign import Clock, Target, clock_of, is_shown, targets_of
from gis_app.analysis.indicators import Indicator
from gis_app.queries import campaigns as q
from gis_app.queries.patrol_effort import Period, fetch_effort


@dataclass(frozen=True)
class Told:
    """A campaign on a day; `shift_count` None: the role reads no sums of shifts."""

    campaign: q.Campaign
    clock: Clock
    targets: Sequence[Target]
    tasks: q.TaskCount
    shift_count: int | None


def tell(
    conn: Connection,
    commune_id: int,
    campaigns: Sequence[q.Campaign],
    today: dt.date,
    indicators: Sequence[Indicator] = (),
) -> list[Told]:
    """What there is to say of campaigns, as the actor reads it; without indicators, nothing of their targets."""
    by_day = _shifts_by_day(conn, [one for one in campaigns if one.starts_on <= today])
    return [
        Told(
            one,
            clock_of(one.starts_on, one.ends_on, today),
            targets_of(one.targets, indicators),
            q.count_tasks(conn, commune_id, one.starts_on, one.ends_on),
            None if by_day is None or one.starts_on > today else _sum_of(by_day, one),
        )
        for one in campaigns
    ]


def _shifts_by_day(conn: Connection, begun: Sequence[q.Campaign]) -> Mapping[dt.date, int] | None:
    """Shifts of all the days of campaigns, asked for once; None: not for the role."""
    if not begun:
        return None
    days = min(one.starts_on for one in begun), max(one.ends_on for one in begun)
    effort = fetch_effort(conn, Period(*days, 7))
    if effort is None:
        return None
    return {dt.date.fromisoformat(one["name"]): int(one["shifts"]) for one in effort["sums"] if one["part"] == "day"}


def _sum_of(by_day: Mapping[dt.date, int], campaign: q.Campaign) -> int:
    """Who is told of whole weeks is told of days that are not the campaign's."""
    return sum(count for day, count in by_day.items() if campaign.starts_on <= day <= campaign.ends_on)


def current_campaigns(
    conn: Connection, commune_id: int, today: dt.date, indicators: Sequence[Indicator] = ()
) -> list[Told]:
    """The campaigns that pages tell of today, the one that ends first on top."""
    found = [
        one for one in q.fetch_campaigns(conn, commune_id) if is_shown(clock_of(one.starts_on, one.ends_on, today))
    ]
    return tell(conn, commune_id, sorted(found, key=lambda one: (one.ends_on, one.id)), today, indicators)
