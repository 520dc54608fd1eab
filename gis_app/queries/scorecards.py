"""Scorecards: versions of the points, notes, closed years, and what of a year is counted by group.

Row-level security applies. The counts are read as the least of the readers (gis_app/jobs/scorecard.py), so that a score
is the same for everybody.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gis_app.queries.reports import READERS as REPORT_READERS
from gis_app.tables.scorecards import score_notes, score_rules, scorecards
from gis_app.tables.statuses import group_reviews
from gis_app.tables.tasks import tasks

READERS = tuple(sorted(REPORT_READERS))
# Who writes a remark or decides otherwise than the score; who changes the points and closes a year.
EDITORS = ("admin", "committee", "data")
LEADERS = ("admin", "committee")
# Days after the end of a month within which its review is sent.
REVIEW_DAYS = 5
_U, _N, _C, _R, _T = score_rules.c, score_notes.c, scorecards.c, group_reviews.c, tasks.c
Count = tuple[int, int]


@dataclass(frozen=True)
class Note:
    """What people wrote of a group; `version` 0: nothing yet."""

    verdict: str | None = None
    remark: str | None = None
    version: int = 0


@dataclass(frozen=True)
class Edition:
    """A closed year."""

    id: int
    year: int
    edition: int
    closed_on: dt.date
    closed_by_role: str


def fetch_rules(conn: Connection, commune_id: int) -> tuple[int, Mapping[str, Any] | None]:
    """Return the last version of the points and its number; 0 and None: the program's own."""
    statement = sa.select(_U.version, _U.rules).where(_U.commune_id == commune_id).order_by(_U.version.desc()).limit(1)
    row = conn.execute(statement).one_or_none()
    return (0, None) if row is None else (row[0], row[1])


def insert_rules(conn: Connection, commune_id: int, version: int, rules: Mapping[str, Any]) -> bool:
    """Add a version; False: that number is taken."""
    values = {"commune_id": commune_id, "version": version, "rules": rules}
    statement = insert(score_rules).values(values).on_conflict_do_nothing().returning(_U.version)
    return conn.execute(statement).one_or_none() is not None


def fetch_notes(conn: Connection, commune_id: int, year: int) -> dict[int, Note]:
    """Return notes of a year by group."""
    statement = sa.select(_N.group_id, _N.verdict, _N.remark, _N.version)
    rows = conn.execute(statement.where(_N.commune_id == commune_id, _N.period_year == year))
    return {row[0]: Note(*row[1:]) for row in rows}


def save_note(conn: Connection, commune_id: int, year: int, group_id: int, note: Note) -> bool:
    """Write the note over the one of `note.version`; False: somebody else was first."""
    key = {"commune_id": commune_id, "period_year": year, "group_id": group_id}
    if note.version == 0:
        made = conn.execute(insert(score_notes).values(key).on_conflict_do_nothing().returning(_N.version))
        if made.one_or_none() is None:
            return False
    at = [_N[name] == value for name, value in key.items()]
    statement = sa.update(score_notes).where(*at, _N.version == max(note.version, 1))
    found = conn.execute(statement.values(verdict=note.verdict, remark=note.remark).returning(_N.version))
    return found.one_or_none() is not None


def fetch_editions(conn: Connection, commune_id: int) -> list[Edition]:
    """Return closed years, the last edition of the last year first."""
    statement = sa.select(_C.id, _C.period_year, _C.edition, _C.closed_on, _C.closed_by_role)
    rows = conn.execute(statement.where(_C.commune_id == commune_id).order_by(_C.period_year.desc(), _C.edition.desc()))
    return [Edition(*row) for row in rows]


def fetch_content(conn: Connection, commune_id: int, edition: Edition) -> Mapping[str, Any]:
    """Return what was closed."""
    statement = sa.select(_C.content).where(_C.commune_id == commune_id, _C.id == edition.id)
    found: Mapping[str, Any] = conn.execute(statement).scalar_one()
    return found


def insert_edition(conn: Connection, commune_id: int, year: int, edition: int, content: Mapping[str, Any]) -> bool:
    """Close a year; False: that edition is there already."""
    values = {"commune_id": commune_id, "period_year": year, "edition": edition, "content": content}
    statement = insert(scorecards).values(values).on_conflict_do_nothing().returning(_C.edition)
    return conn.execute(statement).one_or_none() is not None


def fetch_first_month(conn: Connection, commune_id: int, days: tuple[dt.date, dt.date]) -> dt.date | None:
    """Return the first day of the first month that ends within the days and has a review of any group."""
    statement = sa.select(sa.func.min(_R.starts_on)).where(
        _R.commune_id == commune_id, _R.kind == "month", _R.ends_on.between(*days)
    )
    found: dt.date | None = conn.execute(statement).scalar_one()
    return found


def count_reviews(conn: Connection, commune_id: int, months: tuple[dt.date, dt.date]) -> dict[int, tuple[int, int]]:
    """Return, by group, of how many months the review was sent in time, and of how many it tells of communication.

    `months`: the first days of the first and of the last.
    """
    sent_on = sa.cast(sa.func.timezone("Asia/Ho_Chi_Minh", _R.submitted_at), sa.Date)
    in_time = sa.func.count().filter(_R.state.in_(("submitted", "approved")), sent_on <= _R.ends_on + REVIEW_DAYS)
    talked = sa.func.count().filter(_R.state == "approved", _R.communication_count > 0)
    statement = sa.select(_R.group_id, in_time, talked).where(
        _R.commune_id == commune_id, _R.kind == "month", _R.starts_on.between(*months)
    )
    return {row[0]: (row[1], row[2]) for row in conn.execute(statement.group_by(_R.group_id))}


def fetch_pledged(conn: Connection, commune_id: int, days: tuple[dt.date, dt.date]) -> dict[int, int]:
    """Return, by group, the households that had pledged by the last approved review of the days that tells of it."""
    statement = (
        sa.select(_R.group_id, _R.pledge_household_count)
        .where(
            _R.commune_id == commune_id,
            _R.state == "approved",
            _R.pledge_household_count.is_not(None),
            _R.starts_on <= days[1],
            _R.ends_on >= days[0],
        )
        .order_by(_R.ends_on, _R.id)
    )
    return {row[0]: row[1] for row in conn.execute(statement)}


def count_tasks(conn: Connection, commune_id: int, days: tuple[dt.date, dt.date], today: dt.date) -> dict[int, Count]:
    """Return, by group, how many tasks due in the days were done in time, of those that are done or late."""
    closed_on = sa.cast(sa.func.timezone("Asia/Ho_Chi_Minh", _T.closed_at), sa.Date)
    done = sa.func.count().filter(_T.state == "done", closed_on <= _T.due_on)
    counted = sa.or_(_T.state == "done", sa.and_(_T.state == "open", _T.due_on < today))
    statement = sa.select(_T.group_id, done, sa.func.count()).where(
        _T.commune_id == commune_id, _T.group_id.is_not(None), _T.due_on.between(*days), counted
    )
    return {row[0]: (row[1], row[2]) for row in conn.execute(statement.group_by(_T.group_id))}
