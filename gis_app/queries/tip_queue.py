"""The queue of tips: a page of it, how many there are, what is alike.

Row-level security: police roles of the commune read `tips`, others the view `tips_coarse`. Shapes are EPSG:4326; words
are ciphertext.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.tables.tips import tips
from layers import LAYERS, table_of

PAGE_ROWS = 100
# Held tips are looked over, not worked on.
HELD_ROWS = 500
# Of one subject, so near and so long ago, two tips may tell of one thing; counted so far.
NEAR_POINT_M, NEAR_STREET_M, NEAR_CELL_M, ALIKE_DAYS, MOST_ALIKE = 60, 150, 300, 60, 20
# Degrees around a place that hold every such distance in Vietnam.
_AROUND_DEG = 0.004
_T = tips.c
_GROUPS, _ROADS = table_of(LAYERS["groups"]), table_of(LAYERS["roads"])
_COARSE = sa.Table(
    "tips_coarse",
    sa.MetaData(),
    *(sa.Column(name, _T[name].type) for name in (
        "id", "commune_id", "subject", "precision", "group_id", "road_id", "geom", "shared", "received_at", "state",
        "verifying_on", "closed_on", "outcome", "channel", "handed_on", "version")),
)  # fmt: skip


@dataclass(frozen=True)
class TipRow:
    """A tip in the queue."""

    id: int
    version: int
    subject: str
    precision: str
    state: str
    outcome: str | None
    is_held: bool
    received_on: dt.date
    closed_on: dt.date | None
    group_id: int | None
    group_name: str | None
    street: str | None
    lon: float
    lat: float
    channel: str | None
    handed_on: dt.date | None
    shared: bytes | None


@dataclass(frozen=True)
class ClockDays:
    """By how many days after it came a tip is due (analysis/tip_clock.py)."""

    maybe_crime: Collection[str]
    first_look: int
    verify: int
    remark: int


@dataclass(frozen=True)
class Wanted:
    """Which tips: of a state, or those that are open; `coarse`: as others than police roles read; held ones alone."""

    coarse: bool
    state: str | None = None
    held: bool = False


def _day(moment: Any) -> Any:
    return sa.cast(sa.func.timezone("Asia/Ho_Chi_Minh", moment), sa.Date)


def _table(wanted: Wanted) -> Any:
    return _COARSE if wanted.coarse else tips


def _rows(table: Any) -> Any:
    c = table.c
    columns: Any = sa.select(
        c.id, c.version, c.subject, c.precision, c.state, c.outcome, c.is_held if table is tips else sa.false(),
        _day(c.received_at), c.closed_on, c.group_id, _GROUPS.c.name, _ROADS.c.name, sa.func.ST_X(c.geom),
        sa.func.ST_Y(c.geom), c.channel, c.handed_on, c.shared,
    )  # fmt: skip
    joined = table.outerjoin(_GROUPS, _GROUPS.c.id == c.group_id).outerjoin(_ROADS, _ROADS.c.id == c.road_id)
    return columns.select_from(joined)


def _is_wanted(wanted: Wanted) -> Any:
    c = _table(wanted).c
    is_of = c.state == wanted.state if wanted.state else c.state != "closed"
    if wanted.coarse:
        return sa.and_(is_of, sa.false()) if wanted.held else is_of
    return sa.and_(is_of, c.is_held if wanted.held else ~c.is_held)


def fetch_page(conn: Connection, wanted: Wanted, days: ClockDays, offset: int = 0) -> list[TipRow]:
    """A page: closed ones newest first, others by the day on which they are due, then by age."""
    c = _table(wanted).c
    due_in: Any = sa.case(
        (c.subject.not_in(days.maybe_crime), days.remark),
        (sa.and_(c.state == "new", c.handed_on.is_(None)), days.first_look),
        else_=days.verify,
    )
    order = (c.closed_on.desc(), c.id) if wanted.state == "closed" else (_day(c.received_at) + due_in, c.id)
    statement = _rows(_table(wanted)).where(_is_wanted(wanted)).order_by(*order)
    limit = HELD_ROWS if wanted.held else PAGE_ROWS
    return [TipRow(*row) for row in conn.execute(statement.limit(limit).offset(offset))]


def fetch_row(conn: Connection, tip_id: int) -> TipRow | None:
    """One tip, for a police role."""
    row = conn.execute(_rows(tips).where(_T.id == tip_id)).one_or_none()
    return None if row is None else TipRow(*row)


def count_wanted(conn: Connection, wanted: Wanted) -> int:
    """How many there are of what a page shows."""
    statement = sa.select(sa.func.count()).select_from(_table(wanted)).where(_is_wanted(wanted))
    return int(conn.execute(statement).scalar_one())


def count_tips(conn: Connection, *, coarse: bool) -> Mapping[tuple[str, str], int]:
    """(subject, state) -> tips that are kept now; no place, and the page hides small numbers."""
    c: Any = (_COARSE if coarse else tips).c
    statement = sa.select(c.subject, c.state, sa.func.count()).group_by(c.subject, c.state)
    statement = statement if coarse else statement.where(~c.is_held)
    return {(row[0], row[1]): row[2] for row in conn.execute(statement)}


def count_older(conn: Connection, days: int) -> int:
    """How many tips of the commune came at least so many days ago and are not closed; for a police role."""
    is_old = _day(_T.received_at) <= sa.func.vietnam_today() - days
    statement = sa.select(sa.func.count(_T.id)).where(_T.state != "closed", ~_T.is_held, is_old)
    return int(conn.execute(statement).scalar_one())


def _alike(one: Any, other: Any) -> list[Any]:
    """What may tell of the same thing, in three parts that each have an index.

    A whole group's with any in it; any of a group with a whole group's; the rest by distance.
    """
    both = sa.and_(
        other.c.commune_id == one.c.commune_id,
        other.c.subject == one.c.subject,
        other.c.id != one.c.id,
        ~other.c.is_held,
        sa.func.abs(_day(other.c.received_at) - _day(one.c.received_at)) <= ALIKE_DAYS,
    )
    kinds = sa.tuple_(one.c.precision, other.c.precision)
    near: Any = sa.case(
        (sa.or_(one.c.precision == "cell", other.c.precision == "cell"), NEAR_CELL_M),
        (kinds == sa.tuple_(sa.literal("point"), sa.literal("point")), NEAR_POINT_M),
        else_=NEAR_STREET_M,
    )
    same_group = other.c.group_id == one.c.group_id
    return [
        sa.and_(both, one.c.precision == "group", same_group),
        sa.and_(both, one.c.precision != "group", other.c.precision == "group", same_group),
        sa.and_(
            both,
            one.c.precision != "group",
            other.c.precision != "group",
            other.c.geom.op("&&")(sa.func.ST_Expand(one.c.geom, _AROUND_DEG)),
            sa.func.ST_DistanceSphere(one.c.geom, other.c.geom) <= near,
        ),
    ]


def _found(one: Any, *conditions: Any, most: int) -> Any:
    """The numbers of what is alike, at most so many: a lateral part of a query that has `one`."""
    parts = []
    for number in range(3):
        other = tips.alias(f"other_{number}")
        where = sa.and_(_alike(one, other)[number], *(condition(other.c) for condition in conditions))
        parts.append(sa.select(other.c.id).where(where).limit(most).correlate(one))
    return sa.union_all(*parts).limit(most).lateral("found")


def count_alike(conn: Connection, tip_ids: Sequence[int]) -> Mapping[int, int]:
    """For these tips how many open ones may tell of the same thing; MOST_ALIKE + 1 stands for more."""
    one = tips.alias("one")
    found = _found(one, lambda c: c.state != "closed", most=MOST_ALIKE + 1)
    statement = sa.select(one.c.id, sa.func.count()).select_from(one.join(found, sa.true()))
    rows = conn.execute(statement.where(one.c.id.in_(tip_ids)).group_by(one.c.id))
    return {row[0]: row[1] for row in rows}


def fetch_alike(conn: Connection, tip_id: int) -> list[TipRow]:
    """What may tell of the same thing as a tip, closed ones too, oldest first; as many as are counted."""
    one = tips.alias("one")
    found = _found(one, most=MOST_ALIKE)
    ids = sa.select(found.c.id).select_from(one.join(found, sa.true())).where(one.c.id == tip_id)
    statement = _rows(tips).where(_T.id.in_(ids)).order_by(_T.received_at, _T.id)
    return [TipRow(*row) for row in conn.execute(statement)]


def count_period(conn: Connection, first: dt.date, last: dt.date) -> Mapping[str, tuple[int, int]]:
    """Subject -> (received between two days, of these closed), as readers of no exact place count them."""
    c: Any = _COARSE.c
    closed = sa.func.count().filter(c.state == "closed")
    statement = sa.select(c.subject, sa.func.count(), closed).where(_day(c.received_at).between(first, last))
    return {row[0]: (row[1], row[2]) for row in conn.execute(statement.group_by(c.subject))}


def count_groups(conn: Connection, first: dt.date, last: dt.date) -> dict[int, tuple[int, int]]:
    """Group -> (closed, received between two days), as readers of no exact place count them."""
    c: Any = _COARSE.c
    closed = sa.func.count().filter(c.state == "closed")
    statement = sa.select(c.group_id, closed, sa.func.count()).where(
        c.group_id.is_not(None), _day(c.received_at).between(first, last)
    )
    return {row[0]: (row[1], row[2]) for row in conn.execute(statement.group_by(c.group_id))}
