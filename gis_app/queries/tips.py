"""Tips as officers work on them; the queue is in tip_queue.py. Row-level security: police roles of the commune.

Shapes are EPSG:4326. Words and photos are ciphertext here (gis_app/jobs/tip_box.py).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.engine import Connection

from gis_app.tables.tips import CELLS_M, tip_messages, tip_settings, tips
from layers import LAYERS, table_of
from layers.base import POLICE, STAFF

OFFICERS = tuple(sorted(POLICE))
READERS = tuple(sorted(STAFF))
OPENERS = ("admin", "committee")
_T, _M, _S = tips.c, tip_messages.c, tip_settings.c


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


def fetch_streets(conn: Connection, tip_id: int) -> list[tuple[int, str]]:
    """The named streets that a tip of a whole group or cell may mean: the segment nearest to its middle, the name."""
    groups, roads = table_of(LAYERS["groups"]), table_of(LAYERS["roads"])
    around: Any = sa.case((_T.precision == "group", groups.c.geom), else_=sa.func.ST_Expand(_T.geom, 0.0025))
    joined = tips.outerjoin(groups, groups.c.id == _T.group_id).join(
        roads, sa.and_(roads.c.commune_id == _T.commune_id, sa.func.ST_Intersects(roads.c.geom, around))
    )
    nearest = (
        sa.select(roads.c.id, roads.c.name)
        .select_from(joined)
        .where(_T.id == tip_id, sa.func.btrim(roads.c.name) != "")
        .ext(distinct_on(roads.c.name))
        .order_by(roads.c.name, sa.func.ST_Distance(roads.c.geom, _T.geom), roads.c.id)
        .subquery()
    )
    rows = conn.execute(sa.select(nearest).order_by(sa.collate(nearest.c.name, "vi_numeric")).limit(300))
    return [(row.id, row.name) for row in rows]


def fetch_road_middle(conn: Connection, road_id: int) -> tuple[float, float, str | None] | None:
    """The middle of a street segment of the acting commune, lon and lat, and the street's name."""
    roads = table_of(LAYERS["roads"])
    spot = sa.func.ST_LineInterpolatePoint(roads.c.geom, 0.5)
    statement = sa.select(sa.func.ST_X(spot), sa.func.ST_Y(spot), roads.c.name).where(roads.c.id == road_id)
    row = conn.execute(statement).one_or_none()
    return None if row is None else (float(row[0]), float(row[1]), row[2])


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


def count_all(conn: Connection, commune_id: int) -> int:
    """How many tips of a commune are kept."""
    return int(conn.execute(sa.select(sa.func.count(_T.id)).where(_T.commune_id == commune_id)).scalar_one())


def age_tip(conn: Connection, tip_id: int, days: int, values: Mapping[str, Any]) -> None:
    """Make an invented tip so many days older, with what became of it since (owner rights)."""
    ago, today = sa.func.make_interval(0, 0, 0, days), sa.func.vietnam_today()
    more = {
        "received_at": _T.received_at - ago,
        "verifying_on": today - days if values["state"] != "new" else None,
        "closed_on": today - days + min(days, 10) if values["state"] == "closed" else None,
        "handed_on": today - days + 1 if values["channel"] else None,
    }
    conn.execute(sa.update(tips).where(_T.id == tip_id).values(**values, **more))


def fetch_settings(conn: Connection, commune_id: int) -> tuple[bool, int]:
    """Whether the commune takes tips, and the width of its cells in metres."""
    row = conn.execute(sa.select(_S.is_open, _S.cell_m).where(_S.commune_id == commune_id)).one_or_none()
    return (False, CELLS_M[0]) if row is None else (row.is_open, row.cell_m)


def upsert_settings(conn: Connection, commune_id: int, **values: bool | int) -> None:
    """Take tips or stop (`is_open`), choose the width of cells (`cell_m`); what is not named stays."""
    statement = insert(tip_settings).values(commune_id=commune_id, **values)
    conn.execute(
        statement.on_conflict_do_update(index_elements=["commune_id"], set_=values | {"version": _S.version + 1})
    )


def sweep(conn: Connection, kept_days: int, open_days: int, late_days: int) -> dict[str, int]:
    """Delete what is past its time, whoever's (the daily job's); what went, and how many tips are late."""
    row = conn.execute(
        sa.text("SELECT * FROM sweep_tips(:kept, :open, :late)"),
        {"kept": kept_days, "open": open_days, "late": late_days},
    ).one()
    return {name: int(count) for name, count in row._mapping.items()}
