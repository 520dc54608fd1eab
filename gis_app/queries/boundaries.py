"""Groups and the commune in metres, for checks of their boundaries. Row-level security applies."""

from dataclasses import dataclass
from typing import Any

import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers import LAYERS, table_of

_GROUPS, _COMMUNES = table_of(LAYERS["groups"]), table_of(LAYERS["communes"])


@dataclass(frozen=True)
class MetricGroup:
    """A group with its shape in the metric CRS that was asked for."""

    id: int
    name: str
    version: int
    shape: Any


def fetch_metric_groups(conn: Connection, commune_id: int, srid: int) -> list[MetricGroup]:
    """The groups of today by id; shapes in the metric CRS `srid`."""
    c = _GROUPS.c
    shape = sa.func.ST_AsBinary(sa.func.ST_Transform(c.geom, srid))
    statement = sa.select(c.id, c.name, c.version, shape).where(c.commune_id == commune_id).order_by(c.id)
    return [MetricGroup(row[0], row[1], row[2], shapely.from_wkb(bytes(row[3]))) for row in conn.execute(statement)]


def fetch_metric_outline(conn: Connection, commune_id: int, srid: int) -> Any:
    """The commune in the metric CRS `srid`."""
    shape = sa.func.ST_AsBinary(sa.func.ST_Transform(_COMMUNES.c.geom, srid))
    return shapely.from_wkb(bytes(conn.execute(sa.select(shape).where(_COMMUNES.c.id == commune_id)).scalar_one()))
