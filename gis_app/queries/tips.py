"""Tips as officers work on them. Row-level security: police roles of the commune; others read the view `tips_coarse`.

Shapes are EPSG:4326. Words and photos are ciphertext here (gis_app/jobs/tip_box.py).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gis_app.tables.tips import tip_messages, tip_settings, tips
from layers import LAYERS, table_of
from layers.base import POLICE, STAFF

OFFICERS = tuple(sorted(POLICE))
READERS = tuple(sorted(STAFF))
OPENERS = ("admin", "committee")
MOST_ROWS = 500
# Of one subject, so near and so long ago, two tips may tell of one thing.
NEAR_POINT_M, NEAR_STREET_M, ALIKE_DAYS = 60, 150, 60
_T, _M, _S = tips.c, tip_messages.c, tip_settings.c
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
    """A tip in the queue; `alike`: open tips that may tell of the same thing."""

    id: int
    version: int
    subject: str
    precision: str
    state: str
    outcome: str | None
    is_held: bool
    received_on: dt.date
    closed_on: dt.date | None
    group_name: str | None
    street: str | None
    lon: float
    lat: float
    channel: str | None
    handed_on: dt.date | None
    shared: bytes | None
    alike: int = 0


@dataclass(frozen=True)
class TipParts:
    """What only the page of one tip needs."""

    body: bytes
    has_photo: bool
    device_layer: str | None
    device_id: int | None
    device_number: str | None
    device_state: str | None
    device_version: int | None
    channel_note: str | None
    duplicate_of: int | None
    group_id: int | None
    hotspot_id: int | None
    task_id: int | None
    report_id: int | None
    received_at: dt.datetime


def fetch_today(conn: Connection) -> dt.date:
    """The day in Vietnam."""
    today: dt.date = conn.execute(sa.select(sa.func.vietnam_today())).scalar_one()
    return today


def _day(moment: Any) -> Any:
    return sa.cast(sa.func.timezone("Asia/Ho_Chi_Minh", moment), sa.Date)


def _alike(one: Any, other: Any) -> sa.ColumnElement[bool]:
    """Whether two tips may tell of one thing: a whole group's with any in it, else by distance."""
    metres = sa.func.ST_DistanceSphere(one.geom, other.geom)
    whole = sa.or_(one.precision == "group", other.precision == "group")
    near = sa.case((sa.and_(one.precision == "point", other.precision == "point"), NEAR_POINT_M), else_=NEAR_STREET_M)
    return sa.and_(
        one.subject == other.subject,
        one.id != other.id,
        sa.case((whole, one.group_id == other.group_id), else_=metres <= near),
        sa.func.abs(_day(one.received_at) - _day(other.received_at)) <= ALIKE_DAYS,
    )


def fetch_tips(
    conn: Connection, *, coarse: bool, state: str | None = None, held: bool = False, tip_id: int | None = None,
    alike_to: int | None = None,
) -> list[TipRow]:  # fmt: skip
    """Tips, oldest first (closed ones newest first); without a state those that are open. `coarse`: as others read."""
    table: Any = _COARSE if coarse else tips
    c = table.c
    other = tips.alias("other")
    count: Any = sa.literal(0)
    if not coarse:
        count = (
            sa.select(sa.func.count())
            .where(other.c.commune_id == c.commune_id, other.c.state != "closed", ~other.c.is_held, _alike(c, other.c))
            .scalar_subquery()
        )
    columns: Any = sa.select(
        c.id, c.version, c.subject, c.precision, c.state, c.outcome,
        sa.literal(False).label("is_held") if coarse else c.is_held,
        _day(c.received_at), c.closed_on, _GROUPS.c.name, _ROADS.c.name, sa.func.ST_X(c.geom), sa.func.ST_Y(c.geom),
        c.channel, c.handed_on, c.shared, count,
    )  # fmt: skip
    joined = table.outerjoin(_GROUPS, _GROUPS.c.id == c.group_id).outerjoin(_ROADS, _ROADS.c.id == c.road_id)
    statement: Any = columns.select_from(joined)
    if tip_id is not None:
        statement = statement.where(c.id == tip_id)
    elif alike_to is not None:
        this = tips.alias("this")
        statement = statement.where(
            sa.select(this.c.id).where(this.c.id == alike_to, _alike(this.c, c)).exists(), ~c.is_held
        )
    else:
        statement = statement.where(c.state == state if state else c.state != "closed")
        if not coarse:
            statement = statement.where(c.is_held if held else ~c.is_held)
    order = (c.closed_on.desc(), c.id) if state == "closed" else (c.received_at, c.id)
    return [TipRow(*row) for row in conn.execute(statement.order_by(*order).limit(MOST_ROWS))]


def fetch_parts(conn: Connection, tip_id: int) -> TipParts | None:
    """The rest of one tip, for a police role."""
    lights, cameras = table_of(LAYERS["lights"]), table_of(LAYERS["cameras"])

    def of(name: str) -> Any:
        return sa.case((_T.device_layer == "lights", lights.c[name]), else_=cameras.c[name])

    joined = tips.outerjoin(lights, sa.and_(_T.device_layer == "lights", lights.c.id == _T.device_id)).outerjoin(
        cameras, sa.and_(_T.device_layer == "cameras", cameras.c.id == _T.device_id)
    )
    statement = sa.select(
        _T.body, _T.photo.is_not(None), _T.device_layer, _T.device_id, of("external_id"), of("state"), of("version"),
        _T.channel_note, _T.duplicate_of, _T.group_id, _T.hotspot_id, _T.task_id, _T.report_id, _T.received_at,
    ).select_from(joined)  # fmt: skip
    row = conn.execute(statement.where(_T.id == tip_id)).one_or_none()
    return None if row is None else TipParts(*row)


def fetch_photo(conn: Connection, tip_id: int) -> bytes | None:
    """The photo as it is stored."""
    found = conn.execute(sa.select(_T.photo).where(_T.id == tip_id)).scalar_one_or_none()
    return None if found is None else bytes(found)


def fetch_street_middle(conn: Connection, commune_id: int, tip_id: int) -> tuple[float, float]:
    """The middle of the tip's street, lon and lat: what everybody may see of a point."""
    spot = sa.case((_T.precision == "point", sa.func.middle_of_street(_T.geom, commune_id)), else_=_T.geom)
    row = conn.execute(sa.select(sa.func.ST_X(spot), sa.func.ST_Y(spot)).where(_T.id == tip_id)).one()
    return float(row[0]), float(row[1])


def fetch_messages(conn: Connection, tip_id: int) -> Sequence[tuple[bool, bytes, dt.date, int]]:
    """(by an officer, ciphertext, day, id), in order."""
    statement = sa.select(_M.is_officer, _M.body, _M.sent_on, _M.id).where(_M.tip_id == tip_id).order_by(_M.position)
    return [(row[0], bytes(row[1]), row[2], row[3]) for row in conn.execute(statement)]


def insert_message(conn: Connection, commune_id: int, tip_id: int, message_id: int, body: bytes) -> bool:
    """An officer's question or reply; False where forty were written."""
    place = sa.select(sa.func.coalesce(sa.func.max(_M.position), 0) + 1).where(_M.tip_id == tip_id).scalar_subquery()
    values = {
        "id": message_id, "commune_id": commune_id, "tip_id": tip_id, "is_officer": True, "body": body,
        "sent_on": sa.func.vietnam_today(), "position": place,
    }  # fmt: skip
    if int(conn.execute(sa.select(sa.func.count()).where(_M.tip_id == tip_id)).scalar_one()) >= 40:
        return False
    conn.execute(sa.insert(tip_messages).values(values))
    return True


def update_tip(conn: Connection, tip_id: int, version: int, values: Mapping[str, Any]) -> bool:
    """Change that version of a tip; False: another version, or not there. The trigger keep_tip holds the steps."""
    statement = sa.update(tips).where(_T.id == tip_id, _T.version == version).values(dict(values))
    return conn.execute(statement).rowcount == 1


def count_held(conn: Connection) -> int:
    """How many wait apart."""
    return int(conn.execute(sa.select(sa.func.count(_T.id)).where(_T.is_held)).scalar_one())


def delete_held(conn: Connection, tip_ids: Sequence[int]) -> int:
    """Throw these away, as far as they are held; how many."""
    return conn.execute(sa.delete(tips).where(_T.is_held, _T.id.in_(tip_ids))).rowcount


def update_held(conn: Connection, tip_ids: Sequence[int]) -> int:
    """Let these in, as far as they are held; how many."""
    return conn.execute(sa.update(tips).where(_T.is_held, _T.id.in_(tip_ids)).values(is_held=False)).rowcount


def count_tips(conn: Connection, *, coarse: bool) -> Mapping[tuple[str, str], int]:
    """(subject, state) -> tips that are kept now; no place, and the page hides small numbers."""
    c: Any = (_COARSE if coarse else tips).c
    statement = sa.select(c.subject, c.state, sa.func.count()).group_by(c.subject, c.state)
    statement = statement if coarse else statement.where(~c.is_held)
    return {(row[0], row[1]): row[2] for row in conn.execute(statement)}


def count_period(conn: Connection, first: dt.date, last: dt.date) -> Mapping[str, tuple[int, int]]:
    """Subject -> (received between two days, of these closed), as readers of no exact place count them."""
    c: Any = _COARSE.c
    closed = sa.func.count().filter(c.state == "closed")
    statement = sa.select(c.subject, sa.func.count(), closed).where(_day(c.received_at).between(first, last))
    return {row[0]: (row[1], row[2]) for row in conn.execute(statement.group_by(c.subject))}


def count_all(conn: Connection, commune_id: int) -> int:
    """How many tips of a commune are kept."""
    return int(conn.execute(sa.select(sa.func.count(_T.id)).where(_T.commune_id == commune_id)).scalar_one())


def is_open(conn: Connection, commune_id: int) -> bool:
    """Whether the commune takes tips."""
    found = conn.execute(sa.select(_S.is_open).where(_S.commune_id == commune_id)).scalar_one_or_none()
    return bool(found)


def upsert_open(conn: Connection, commune_id: int, wanted: bool) -> None:
    """Take tips, or stop."""
    statement = insert(tip_settings).values(commune_id=commune_id, is_open=wanted)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["commune_id"], set_={"is_open": wanted, "version": _S.version + 1}
        )
    )


def delete_old(conn: Connection, days: int) -> int:
    """Delete tips so many days after they were closed, whoever's (the daily job's); how many."""
    return int(conn.execute(sa.select(sa.func.delete_old_tips(days))).scalar_one())
