"""Releases of the public page. A stranger reads what is released; drafts are the own commune's. Shapes: EPSG:4326."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gis_app.tables.public import public_cells, public_releases, public_settings

_R, _C, _S = public_releases.c, public_cells.c, public_settings.c


@dataclass(frozen=True)
class Release:
    """One release; `target_count` of all groups is reached by the end of `target_year`."""

    id: int
    commune_id: int
    code: str
    full_name: str
    province_name: str | None
    is_demo: bool
    released_on: dt.date
    state: str
    has_counts: bool
    total_class: str | None
    target_count: int | None
    target_year: int | None
    made_at: dt.datetime
    decided_by: str | None
    version: int


@dataclass(frozen=True)
class PublicCell:
    """One group of a release; the shape is GeoJSON text, `label` (lon, lat) a point inside it."""

    position: int
    name: str
    stage: str | None
    lit_class: str | None
    count_class: str | None
    shape: str
    label: tuple[float, float]


@dataclass(frozen=True)
class PublicSettings:
    """A commune's choices for its public page."""

    commune_phone: str | None = None
    pc04_phone: str | None = None
    c04_phone: str | None = None
    with_counts: bool = False
    version: int = 0


def _releases() -> sa.Select[Any]:
    return sa.select(*(_R[name] for name in Release.__dataclass_fields__))


def fetch_public_communes(conn: Connection) -> list[Release]:
    """The newest public release of each commune, by province and Vietnamese name order."""
    newest = sa.select(_R.commune_id, sa.func.max(_R.released_on)).where(_R.state == "released")
    statement = _releases().where(
        _R.state == "released", sa.tuple_(_R.commune_id, _R.released_on).in_(newest.group_by(_R.commune_id))
    )
    order = (sa.collate(_R.province_name, "vi-x-icu"), sa.collate(_R.full_name, "vi-x-icu"))
    return [Release(*row) for row in conn.execute(statement.order_by(*order))]


def fetch_public_releases(conn: Connection, code: str) -> list[Release]:
    """What a stranger may read of a commune, newest first."""
    statement = _releases().where(_R.code == code, _R.state == "released").order_by(_R.released_on.desc())
    return [Release(*row) for row in conn.execute(statement)]


def fetch_own_releases(conn: Connection, commune_id: int) -> list[Release]:
    """Every release of the actor's commune, drafts and withdrawn ones too, newest first."""
    statement = _releases().where(_R.commune_id == commune_id).order_by(_R.released_on.desc())
    return [Release(*row) for row in conn.execute(statement)]


def fetch_cells(conn: Connection, release_id: int) -> list[PublicCell]:
    """The groups of a release, in its order."""
    inside = sa.func.ST_PointOnSurface(_C.geom)
    statement = sa.select(
        _C.position, _C.name, _C.stage, _C.lit_class, _C.count_class,
        sa.func.ST_AsGeoJSON(_C.geom, 5), sa.func.ST_X(inside), sa.func.ST_Y(inside),
    ).where(_C.release_id == release_id)  # fmt: skip
    return [PublicCell(*row[:6], label=(row[6], row[7])) for row in conn.execute(statement.order_by(_C.position))]


def update_decided(conn: Connection, release_id: int, version: int, state: str) -> str:
    """Release or withdraw: done, missing, stale, closed (already decided) or early (before its date)."""
    statement = sa.select(sa.func.decide_public_release(release_id, version, state))
    return str(conn.execute(statement).scalar_one())


def fetch_settings(conn: Connection, commune_id: int) -> PublicSettings:
    """The commune's choices, or those of a commune that has made none."""
    statement = sa.select(*(_S[name] for name in PublicSettings.__dataclass_fields__))
    row = conn.execute(statement.where(_S.commune_id == commune_id)).one_or_none()
    return PublicSettings() if row is None else PublicSettings(*row)


def upsert_settings(conn: Connection, commune_id: int, wanted: PublicSettings) -> bool:
    """Keep the choices; False where somebody else has changed them since `wanted.version`."""
    values = {name: getattr(wanted, name) for name in PublicSettings.__dataclass_fields__ if name != "version"}
    if wanted.version == 0:
        statement = insert(public_settings).values(commune_id=commune_id, **values)
        return conn.execute(statement.on_conflict_do_nothing()).rowcount == 1
    change = sa.update(public_settings).where(_S.commune_id == commune_id, _S.version == wanted.version)
    return conn.execute(change.values(**values, version=_S.version + 1)).rowcount == 1
