"""Campaigns as pages and reports tell of them: how long they last, targets, shifts and tasks within their days."""

import datetime as dt
from collections.abc import Sequence
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
    conn: Connection, commune_id: int, campaign: q.Campaign, today: dt.date, indicators: Sequence[Indicator] = ()
) -> Told:
    """What there is to say of a campaign, as the actor reads it; without indicators, nothing of its targets."""
    days = campaign.starts_on, campaign.ends_on
    clock = clock_of(*days, today)
    effort = None if clock.state == "before" else fetch_effort(conn, Period(*days, 7))
    shifts = None if effort is None else sum(int(one["shifts"]) for one in effort["sums"] if one["part"] == "total")
    targets = targets_of(campaign.targets, indicators)
    return Told(campaign, clock, targets, q.count_tasks(conn, commune_id, *days), shifts)


def current_campaigns(
    conn: Connection, commune_id: int, today: dt.date, indicators: Sequence[Indicator] = ()
) -> list[Told]:
    """The campaigns that pages tell of today, the one that ends first on top."""
    found = [
        tell(conn, commune_id, one, today, indicators)
        for one in q.fetch_campaigns(conn, commune_id)
        if is_shown(clock_of(one.starts_on, one.ends_on, today))
    ]
    return sorted(found, key=lambda one: (one.campaign.ends_on, one.campaign.id))
