"""Communes as the frame of a session. Row-level security applies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers import LAYERS, table_of

_COMMUNES = table_of(LAYERS["communes"])


@dataclass(frozen=True)
class Commune:
    """A commune in one line: `bbox` west, south, east, north and `center` lon, lat in EPSG:4326."""

    id: int
    code: str
    name: str
    full_name: str
    kind: str
    province_name: str | None
    metric_srid: int
    is_demo: bool
    bbox: tuple[float, float, float, float]

    @property
    def center(self) -> tuple[float, float]:
        """The middle of the box."""
        west, south, east, north = self.bbox
        return (west + east) / 2, (south + north) / 2


def _statement() -> sa.Select[Any]:
    c, geom = _COMMUNES.c, _COMMUNES.c.geom
    box = (sa.func.ST_XMin(geom), sa.func.ST_YMin(geom), sa.func.ST_XMax(geom), sa.func.ST_YMax(geom))
    return sa.select(
        c.id, c.code, c.name, c.full_name, c.kind, c.province_name, c.metric_srid, c.is_demo, *box
    ).order_by(c.province_code, sa.collate(c.name, "vi-x-icu"))


def fetch_communes(conn: Connection) -> list[Commune]:
    """All communes that the actor may see, by province and Vietnamese name order."""
    return [_commune(row) for row in conn.execute(_statement())]


def fetch_commune(conn: Connection, commune_id: int) -> Commune | None:
    """One commune, or None if there is none that the actor may see."""
    row = conn.execute(_statement().where(_COMMUNES.c.id == commune_id)).one_or_none()
    return None if row is None else _commune(row)


def _commune(row: Sequence[Any]) -> Commune:
    values: tuple[Any, ...] = tuple(row)
    west, south, east, north = values[8:]
    names = ("id", "code", "name", "full_name", "kind", "province_name", "metric_srid", "is_demo")
    return Commune(**dict(zip(names, values[:8], strict=True)), bbox=(west, south, east, north))


def fetch_own_id(conn: Connection) -> int:
    """The acting commune's id, as row-level security reads it."""
    return int(conn.execute(sa.text("SELECT current_setting('app.commune_id')::int")).scalar_one())
