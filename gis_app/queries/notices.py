"""Notices to the actor's role and units, and reminders. Row-level security shows an account its own alone.

The database writes all notices but instructions and decisions itself (migrations/sql/notices.sql, notices_made.sql,
due_notices.sql).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, array, insert
from sqlalchemy.engine import Connection

from gis_app.tables.notices import notice_reads, notices
from gis_app.tables.tasks import tasks
from gis_app.tables.tips import tips
from gis_app.tables.units import units
from layers import LAYERS, table_of

WRITERS = ("admin", "committee", "data")
REMINDERS = ("admin", "committee", "data", "planner")
MAX_LENGTH = 500

_N, _R = notices.c, notice_reads.c
_GROUPS = table_of(LAYERS["groups"])


@dataclass(frozen=True)
class Notice:
    """A notice as its reader sees it; neither role nor unit: it is to the reader's account alone."""

    id: int
    kind: str
    role: str | None
    unit: str | None
    group_id: int | None
    group: str | None
    task_id: int | None
    task: str | None
    about: str | None
    link: str | None
    body: str | None
    created_at: dt.datetime
    is_read: bool


@dataclass(frozen=True)
class Reminded:
    """What came of a reminder: outcome reminded, already, not_overdue, missing or role; and whom it reached."""

    outcome: str
    unit: str | None
    role: str | None


def _unread() -> sa.ColumnElement[bool]:
    # Row-level security leaves the actor's own marks alone.
    return ~sa.exists().where(_R.notice_id == _N.id)


def _unread_count() -> sa.Select[Any]:
    return sa.select(sa.func.count()).select_from(notices).where(_unread())


def count_unread(conn: Connection) -> int:
    """Return how many notices the actor has not read."""
    return int(conn.execute(_unread_count()).scalar_one())


@dataclass(frozen=True)
class Waiting:
    """What waits for the actor: notices not read, tips that nobody has looked at (none for who may not read tips)."""

    notices: int
    tips: int


def fetch_waiting(conn: Connection) -> Waiting:
    """Return the numbers of the navigation, in one query."""
    new_tips = sa.select(sa.func.count()).select_from(tips).where(tips.c.state == "new", ~tips.c.is_held)
    statement = sa.select(_unread_count().scalar_subquery(), new_tips.scalar_subquery())
    return Waiting(*conn.execute(statement).one())


def insert_tip_notices(conn: Connection, maybe_crime: Sequence[str], days: tuple[int, int, int]) -> int:
    """Tell of tips that came and of those whose day has come (the system's, in no commune); return how many notices.

    `days`: for the first look, for verifying, for a remark.
    """
    call = sa.func.tell_of_tips(sa.cast(list(maybe_crime), sa.ARRAY(sa.Text)), *days)
    return int(conn.execute(sa.select(call)).scalar_one())


def insert_due_notices(conn: Connection, usual_days: Mapping[str, int], soon_days: int) -> int:
    """Tell of late steps of hotspots and of checks of venues (the system's, in no commune); return how many notices.

    `usual_days`: by state, where a commune gives none. `soon_days`: how long before its day a check is told of.
    """
    call = sa.func.tell_of_dues(sa.cast(dict(usual_days), JSONB), soon_days)
    return int(conn.execute(sa.select(call)).scalar_one())


def delete_old(conn: Connection) -> int:
    """Delete what is older than a year, of tips than 90 days; return how many."""
    return int(conn.execute(sa.select(sa.func.delete_old_notices())).scalar_one())


def fetch_notices(conn: Connection, *, unread: bool = False, limit: int = 100) -> list[Notice]:
    """Return the actor's notices, newest first."""
    statement = (
        sa.select(_N.id, _N.kind, _N.role, units.c.name, _N.group_id, _GROUPS.c.name, _N.task_id, tasks.c.title,
                  _N.about, _N.link, _N.body, _N.created_at, ~_unread())
        .select_from(notices.outerjoin(units, units.c.id == _N.unit_id)
                     .outerjoin(_GROUPS, _GROUPS.c.id == _N.group_id)
                     .outerjoin(tasks, tasks.c.id == _N.task_id))
        .order_by(_N.id.desc())
        .limit(limit)
    )  # fmt: skip
    if unread:
        statement = statement.where(_unread())
    return [Notice(*tuple(row)) for row in conn.execute(statement)]


def update_read(conn: Connection, username: str, up_to_id: int) -> int:
    """Mark the actor's notices up to an id as read; return how many were not."""
    unread = sa.select(_N.id, sa.literal(username)).where(_N.id <= up_to_id, _unread())
    statement = insert(notice_reads).from_select(["notice_id", "username"], unread).on_conflict_do_nothing()
    return conn.execute(statement).rowcount


def insert_notice(
    conn: Connection,
    commune_id: int,
    kind: str,
    *,
    role: str | None = None,
    unit_id: int | None = None,
    group_id: int | None = None,
    body: str | None = None,
) -> None:
    """Tell a role or a unit of a changed instruction (`instruction`, with `body`) or a decision (`proposal_decided`).

    Raises IntegrityError for a unit or group that is not the commune's. No id comes back: the writer may not read it.
    """
    values = {"commune_id": commune_id, "kind": kind, "role": role, "unit_id": unit_id, "group_id": group_id}
    conn.execute(notices.insert().inline().values(values | {"body": body}))


def insert_reminder(conn: Connection, *, group_id: int | None = None, task_id: int | None = None) -> Reminded:
    """Remind of an overdue review or task, once a day."""
    call = sa.func.remind(sa.cast(group_id, sa.BigInteger), sa.cast(task_id, sa.BigInteger))
    found = call.table_valued("outcome", "to_unit", "to_role")
    statement = sa.select(found.c.outcome, units.c.name, found.c.to_role)
    row = conn.execute(statement.select_from(found.outerjoin(units, units.c.id == found.c.to_unit))).one()
    return Reminded(*row)


def fetch_overdue_groups(conn: Connection) -> set[int]:
    """Return the groups whose review is overdue."""
    answers = sa.cast(
        array([_GROUPS.c.users_answer, _GROUPS.c.offenders_answer, _GROUPS.c.places_answer]),
        sa.ARRAY(sa.Text),
    )
    statement = sa.select(_GROUPS.c.id).where(sa.func.is_review_overdue(answers, _GROUPS.c.last_reviewed_on))
    return set(conn.execute(statement).scalars())
