"""Campaigns of a commune, and what tasks are due within one. Row-level security applies."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gis_app.tables.campaigns import campaigns
from gis_app.tables.tasks import tasks

LEADERS = ("admin", "committee")
_C, _T = campaigns.c, tasks.c
NAMES = ("name", "starts_on", "ends_on", "targets")


@dataclass(frozen=True)
class Campaign:
    """A campaign; both days belong to it."""

    id: int
    version: int
    name: str
    starts_on: dt.date
    ends_on: dt.date
    targets: Mapping[str, int]


@dataclass(frozen=True)
class TaskCount:
    """Tasks that are due within the days: all but cancelled ones, done ones, and open ones past their day."""

    total: int
    done: int
    late: int


def fetch_campaigns(conn: Connection, commune_id: int) -> list[Campaign]:
    """Return campaigns, the one that ends last first."""
    statement = sa.select(_C.id, _C.version, *(_C[name] for name in NAMES)).where(_C.commune_id == commune_id)
    return [Campaign(*row) for row in conn.execute(statement.order_by(_C.ends_on.desc(), _C.id.desc()))]


def insert_campaign(conn: Connection, commune_id: int, values: Mapping[str, Any]) -> bool:
    """Make a campaign; False: another one has that name."""
    statement = insert(campaigns).values(commune_id=commune_id, **values).on_conflict_do_nothing().returning(_C.id)
    return conn.execute(statement).one_or_none() is not None


def update_campaign(conn: Connection, campaign: Campaign, version: int, values: Mapping[str, Any]) -> bool:
    """Change that version of a campaign; False: it has moved on, or another one has taken that name."""
    statement = sa.update(campaigns).where(_C.id == campaign.id, _C.version == version).values(**values)
    try:
        with conn.begin_nested():
            return conn.execute(statement.returning(_C.id)).one_or_none() is not None
    except sa.exc.IntegrityError:
        return False


def delete_campaign(conn: Connection, campaign: Campaign, version: int) -> bool:
    """Delete that version of a campaign; False: it has moved on."""
    statement = sa.delete(campaigns).where(_C.id == campaign.id, _C.version == version).returning(_C.id)
    return conn.execute(statement).one_or_none() is not None


def is_named(conn: Connection, commune_id: int, name: str, but_id: int | None = None) -> bool:
    """Whether another campaign of the commune has that name."""
    same = sa.select(_C.id).where(_C.commune_id == commune_id, _C.name == name, _C.id.is_distinct_from(but_id))
    return conn.execute(same).first() is not None


def count_tasks(conn: Connection, commune_id: int, first: dt.date, last: dt.date) -> TaskCount:
    """Return how many tasks that the actor sees are due between two days."""
    late = sa.and_(_T.state == "open", _T.due_on < sa.func.vietnam_today())
    done = sa.func.count().filter(_T.state == "done")
    statement = sa.select(sa.func.count(), done, sa.func.count().filter(late)).where(
        _T.commune_id == commune_id, _T.state != "cancelled", _T.due_on.between(first, last)
    )
    return TaskCount(*conn.execute(statement).one())
