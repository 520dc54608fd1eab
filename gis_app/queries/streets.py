"""Streets by name. Row-level security applies; lengths in metres of the commune's VN-2000 zone."""

from dataclasses import dataclass

import sqlalchemy as sa
from shapely import wkb
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gis_app.queries.filters import metric
from layers import LAYERS, table_of

_ROADS = table_of(LAYERS["roads"])


@dataclass(frozen=True)
class Street:
    """A named street: all its pieces together."""

    name: str
    length_m: float


def fetch_streets(conn: Connection, text: str, metric_srid: int, limit: int = 30) -> list[Street]:
    """Streets whose name holds every word of `text` (diacritics do not matter), longest first."""
    length = sa.func.sum(sa.func.ST_Length(metric(_ROADS.c.geom, metric_srid)))
    statement = sa.select(_ROADS.c.name, sa.cast(length, sa.Float).label("length_m")).where(_ROADS.c.name.is_not(None))
    for word in text.split():
        key = sa.func.search_key(sa.literal(word))
        statement = statement.where(sa.func.strpos(sa.func.search_key(_ROADS.c.name), key) > 0)
    statement = statement.group_by(_ROADS.c.name).order_by(sa.text("length_m DESC"), _ROADS.c.name).limit(limit)
    return [Street(name, round(length_m, 1)) for name, length_m in conn.execute(statement)]


def fetch_street_shape(conn: Connection, name: str) -> BaseGeometry | None:
    """All pieces of a street as one shape (EPSG:4326), or None if no street has this name."""
    collected = sa.select(sa.func.ST_AsBinary(sa.func.ST_Collect(_ROADS.c.geom), type_=sa.LargeBinary))
    found = conn.execute(collected.where(_ROADS.c.name == name)).scalar_one()
    return None if found is None else wkb.loads(bytes(found))
