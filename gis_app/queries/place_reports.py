"""Reports about places.

Row-level security: the police read where exactly, planners the middle of the street, others nothing but counts without
places; what is past its two years nobody reads.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from geoalchemy2 import Geometry
from shapely import Point
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection

from gis_app.queries.filters import shape_parameter
from gis_app.tables.place_reports import CATEGORIES, place_reports
from layers import LAYERS, table_of
from layers.base import POLICE, SITING, STORED_SRID

MAKERS = tuple(sorted(POLICE))
# Writes what it was told, and reads none of it.
HEARER = "committee"
TELLERS = (*MAKERS, HEARER)
READERS = tuple(sorted(SITING))
MOST_ROWS = 5_000
VIETNAM_AHEAD_H = 7
_T = place_reports.c
_GROUPS = table_of(LAYERS["groups"])
# What planners read in place of the table (migrations/sql/hotspot_stats.sql).
_COARSE = sa.Table(
    "place_reports_coarse",
    sa.MetaData(),
    sa.Column("id", sa.BigInteger),
    sa.Column("commune_id", sa.Integer),
    sa.Column("geom", Geometry("POINT", STORED_SRID, spatial_index=False)),
    sa.Column("category", sa.Text),
    sa.Column("seen_at", sa.DateTime(timezone=True)),
    sa.Column("source", sa.Text),
)


@dataclass(frozen=True)
class NewReport:
    """A report to be written; the place in EPSG:4326, the moment with its zone (the database keeps the hour)."""

    place: Point
    category: str
    seen_at: dt.datetime
    source: str
    hotspot_id: int | None = None
    note: str | None = None


@dataclass(frozen=True)
class ReportRow:
    """A report as it is read: lon, lat in EPSG:4326; of a coarse reader version and what is hidden are None."""

    id: int
    lon: float
    lat: float
    category: str
    seen_at: dt.datetime
    source: str
    hotspot_id: int | None
    note: str | None
    version: int | None


def insert_report(conn: Connection, commune_id: int, report: NewReport) -> int:
    """Write a report; returns its id. Checks that fail raise an IntegrityError that names the constraint."""
    statement = sa.insert(place_reports).values(_values(commune_id, report))
    return int(conn.execute(statement.returning(_T.id)).scalar_one())


def insert_heard(conn: Connection, commune_id: int, report: NewReport) -> None:
    """Write a report as who may read none: nothing of the row comes back."""
    conn.execute(sa.insert(place_reports).values(_values(commune_id, report)).inline())


def _values(commune_id: int, report: NewReport) -> dict[str, Any]:
    return {
        "commune_id": commune_id,
        "geom": shape_parameter(report.place),
        "category": report.category,
        "seen_at": report.seen_at,
        "source": report.source,
        "hotspot_id": report.hotspot_id,
        "note": report.note,
    }


def insert_reports(conn: Connection, commune_id: int, rows: Sequence[Mapping[str, Any]]) -> int:
    """Write many at once (`lon`, `lat`, `category`, `seen_at`, `source`); returns how many."""
    if not rows:
        return 0
    spot = sa.func.ST_SetSRID(sa.func.ST_MakePoint(sa.bindparam("lon"), sa.bindparam("lat")), STORED_SRID)
    statement = sa.insert(place_reports).values(
        commune_id=commune_id,
        geom=spot,
        **{name: sa.bindparam(f"of_{name}", type_=_T[name].type) for name in ("category", "seen_at", "source")},
    )
    told = [
        {"lon": row["lon"], "lat": row["lat"]} | {f"of_{n}": row[n] for n in ("category", "seen_at", "source")}
        for row in rows
    ]
    conn.execute(statement, told)
    return len(told)


def fetch_reports(
    conn: Connection,
    commune_id: int,
    *,
    coarse: bool,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    after: int = 0,
    limit: int = MOST_ROWS,
) -> list[ReportRow]:
    """Reports seen in [since, until), by id; `coarse` is how planners read them."""
    table: Any = _COARSE if coarse else place_reports
    c = table.c
    hidden: Sequence[Any] = (
        [sa.null().label(name) for name in ("hotspot_id", "note", "version")]
        if coarse
        else [c.hotspot_id, c.note, c.version]
    )
    statement = sa.select(
        c.id,
        sa.func.ST_X(c.geom).label("lon"),
        sa.func.ST_Y(c.geom).label("lat"),
        c.category,
        c.seen_at,
        c.source,
        *hidden,
    )
    statement = statement.where(c.commune_id == commune_id, c.id > after)
    if since is not None:
        statement = statement.where(c.seen_at >= since)
    if until is not None:
        statement = statement.where(c.seen_at < until)
    return [ReportRow(**row) for row in conn.execute(statement.order_by(c.id).limit(limit)).mappings()]


def fetch_report(conn: Connection, commune_id: int, report_id: int) -> ReportRow | None:
    """One report as the police read it."""
    if report_id < 1:
        return None
    found = fetch_reports(conn, commune_id, coarse=False, after=report_id - 1, limit=1)
    return found[0] if found and found[0].id == report_id else None


def fetch_latest(conn: Connection, commune_id: int, limit: int) -> list[ReportRow]:
    """The reports that were written down last, as the police read them; newest first."""
    last = sa.select(_T.id).where(_T.commune_id == commune_id).order_by(_T.id.desc()).limit(limit).subquery()
    first = conn.execute(sa.select(sa.func.min(last.c.id))).scalar_one()
    return [] if first is None else fetch_reports(conn, commune_id, coarse=False, after=first - 1, limit=limit)[::-1]


def fetch_group_spot(conn: Connection, commune_id: int, group_id: int) -> tuple[float, float] | None:
    """A point inside a group (lon, lat in EPSG:4326), or None: no such group."""
    spot = sa.func.ST_PointOnSurface(_GROUPS.c.geom)
    statement = sa.select(sa.func.ST_X(spot), sa.func.ST_Y(spot))
    row = conn.execute(statement.where(_GROUPS.c.commune_id == commune_id, _GROUPS.c.id == group_id)).one_or_none()
    return None if row is None else (row[0], row[1])


def delete_report(conn: Connection, report_id: int, version: int) -> bool:
    """Delete that version of a report; False where it is not there, or not the actor's to delete."""
    statement = sa.delete(place_reports).where(_T.id == report_id, _T.version == version)
    return conn.execute(statement).rowcount == 1


@dataclass(frozen=True)
class HourCounts:
    """Counts without places: (weekday 1 Monday to 7, first of three hours) -> reports, None for 1 to 4; all to 5."""

    cells: Mapping[tuple[int, int], int | None]
    total: int


def count_by_hour(
    conn: Connection, from_on: dt.date, to_on: dt.date, hours: tuple[int, int], categories: Sequence[str] = CATEGORIES
) -> HourCounts:
    """Counts of whole months for readers of no place, without what patrols found."""
    call = sa.func.count_place_reports(
        from_on, to_on, hours[0], hours[1], sa.cast(sa.literal(list(categories), ARRAY(sa.Text)), ARRAY(sa.Text))
    ).table_valued("weekday", "hour", "reports", "total")
    rows = list(conn.execute(sa.select(call)))
    cells = {(int(row.weekday), int(row.hour)): row.reports for row in rows}
    return HourCounts(cells, int(rows[0].total) if rows else 0)


def delete_expired(conn: Connection) -> dict[str, int]:
    """Delete reports past their two years, and blank what the log told of those long gone; counts for the log."""
    gone = conn.execute(sa.text("SELECT delete_expired_place_reports()")).scalar_one()
    blanked = conn.execute(sa.text("SELECT redact_gone_place_reports()")).scalar_one()
    return {"place_reports": int(gone), "audit_of_place_reports": int(blanked)}


@dataclass(frozen=True)
class EventRows:
    """Events: places in metres of the commune's zone, hours since the midnight that began 1970 in Vietnam."""

    xy: np.ndarray
    hour: np.ndarray
    category: Sequence[str]
    source: Sequence[str]


def fetch_events(
    conn: Connection, commune_id: int, srid: int, period: tuple[dt.datetime, dt.datetime], *, coarse: bool, limit: int
) -> EventRows:
    """Events seen in [since, until), by id; one more than `limit` tells that there are more."""
    table: Any = _COARSE if coarse else place_reports
    c = table.c
    # The view's shape is a function of the row: it is made once.
    some = sa.select(c.id, c.geom, c.category, c.seen_at, c.source)
    some = some.where(c.commune_id == commune_id, c.seen_at >= period[0], c.seen_at < period[1])
    rows = some.order_by(c.id).limit(limit + 1).cte("rows").prefix_with("MATERIALIZED")
    spot = sa.func.ST_Transform(rows.c.geom, srid)
    hour = sa.cast(sa.func.floor(sa.extract("epoch", rows.c.seen_at) / 3600), sa.BigInteger) + VIETNAM_AHEAD_H
    statement = sa.select(sa.func.ST_X(spot), sa.func.ST_Y(spot), hour, rows.c.category, rows.c.source)
    found = conn.execute(statement.order_by(rows.c.id)).all()
    columns: list[tuple[Any, ...]] = list(zip(*found, strict=True)) if found else [()] * 5
    xy = np.array([columns[0], columns[1]], dtype=float).T.reshape(-1, 2)
    return EventRows(xy, np.array(columns[2], dtype=np.int64), columns[3], columns[4])
