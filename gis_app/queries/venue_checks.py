"""Checks of venues: which are due, what earlier ones found. Days are Vietnam's; no name of a person anywhere.

Row-level security: records are read by the police and by supervisors; the venue and its two days by all staff.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.tables.venue_checks import venue_checks
from layers import LAYERS, table_of

READERS = ("admin", "data", "patrol", "supervisor")
PAGE_ROWS = 30
SOON_DAYS = 30
# overdue: past its day; soon: within SOON_DAYS; never: no check and no day; all.
STANDINGS = ("overdue", "soon", "never", "all")
_C = venue_checks.c
_VENUES = table_of(LAYERS["venues"])
_GROUPS = table_of(LAYERS["groups"])
_V = _VENUES.c
_TODAY = sa.func.vietnam_today()


@dataclass(frozen=True)
class VenueRow:
    """A venue with its last check; `outcome` None: none known; `days_late` past the day on which it was due."""

    id: int
    name: str | None
    kind: str
    group: str | None
    last_checked_on: dt.date | None
    next_due_on: dt.date | None
    outcome: str | None
    check_count: int
    days_late: int


@dataclass(frozen=True)
class Check:
    """A check of a venue."""

    id: int
    checked_on: dt.date
    outcome: str
    note: str | None
    next_due_on: dt.date | None


@dataclass(frozen=True)
class Wanted:
    """Which venues: by standing, kind, or one of them."""

    standing: str = "all"
    kind: str | None = None
    venue_id: int | None = None


def _standing(name: str) -> Any:
    conditions: Mapping[str, Any] = {
        "overdue": _V.next_due_on < _TODAY,
        "soon": _V.next_due_on.between(_TODAY, _TODAY + SOON_DAYS),
        "never": sa.and_(_V.next_due_on.is_(None), _V.last_checked_on.is_(None)),
    }
    return sa.func.coalesce(conditions.get(name, sa.true()), sa.false())


def _conditions(commune_id: int, wanted: Wanted) -> list[Any]:
    found = [_V.commune_id == commune_id, _standing(wanted.standing)]
    if wanted.kind:
        found.append(_V.kind == wanted.kind)
    if wanted.venue_id is not None:
        found.append(_V.id == wanted.venue_id)
    return found


def fetch_venues(
    conn: Connection, commune_id: int, wanted: Wanted, *, limit: int = PAGE_ROWS, offset: int = 0
) -> list[VenueRow]:
    """Return venues, the longest overdue first, then those never looked at, then by the day that is next."""
    last = sa.select(_C.outcome).where(_C.venue_id == _V.id).order_by(_C.checked_on.desc()).limit(1).scalar_subquery()
    count = sa.select(sa.func.count()).where(_C.venue_id == _V.id).scalar_subquery()
    home = (
        sa.select(_GROUPS.c.name)
        .where(_GROUPS.c.commune_id == _V.commune_id, _GROUPS.c.geom.op("&&", is_comparison=True)(_V.geom),
               sa.func.ST_Intersects(_GROUPS.c.geom, _V.geom))
        .order_by(_GROUPS.c.id).limit(1).scalar_subquery()
    )  # fmt: skip
    late = sa.func.greatest(sa.func.coalesce(_TODAY - _V.next_due_on, 0), 0)
    statement = (
        sa.select(_V.id, _V.name, _V.kind, home, _V.last_checked_on, _V.next_due_on, last, count, late)
        .where(*_conditions(commune_id, wanted))
        .order_by(late.desc(), _V.last_checked_on.is_not(None), _V.next_due_on.nulls_last(), _V.id)
        .limit(limit)
        .offset(offset)
    )
    return [VenueRow(*row) for row in conn.execute(statement)]


def count_standings(conn: Connection, commune_id: int, kind: str | None = None) -> Mapping[str, int]:
    """Return how many venues (of a kind) stand where."""
    counts = [sa.func.count().filter(_standing(name)).label(name) for name in STANDINGS]
    statement = sa.select(*counts).select_from(_VENUES).where(*_conditions(commune_id, Wanted(kind=kind)))
    row = conn.execute(statement).mappings().one()
    return {name: int(row[name]) for name in STANDINGS}


def fetch_checks(conn: Connection, commune_id: int, venue_id: int, limit: int = 100) -> list[Check]:
    """Return the checks of a venue, newest first."""
    statement = (
        sa.select(_C.id, _C.checked_on, _C.outcome, _C.note, _C.next_due_on)
        .where(_C.commune_id == commune_id, _C.venue_id == venue_id)
        .order_by(_C.checked_on.desc())
        .limit(limit)
    )
    return [Check(*row) for row in conn.execute(statement)]


def insert_check(conn: Connection, venue_id: int, values: Mapping[str, Any]) -> str:
    """Write a check; return what record_venue_check of migrations/sql/venue_checks.sql answers.

    Raises IntegrityError for words that hold a personal number.
    """
    days = [sa.cast(values[name], sa.Date) for name in ("checked_on", "next_due_on")]
    call = sa.func.record_venue_check(venue_id, days[0], values["outcome"], values["note"], days[1])
    return str(conn.execute(sa.select(call)).scalar_one())


def delete_check(conn: Connection, check_id: int) -> str:
    """Take out a check that was a mistake; return removed, role or missing."""
    return str(conn.execute(sa.select(sa.func.remove_venue_check(check_id))).scalar_one())
