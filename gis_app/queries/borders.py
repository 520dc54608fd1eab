"""The outlines of the groups that stand today, and writing some of them at once. EPSG:4326."""

from collections.abc import Mapping
from typing import Any

import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.queries.filters import shape_parameter
from gis_app.queries.writes import Written, update_feature
from layers import LAYERS, table_of

_LAYER = LAYERS["groups"]
_C = table_of(_LAYER).c


def lock_outlines(conn: Connection) -> dict[int, tuple[int, shapely.MultiPolygon]]:
    """Version and outline of each group that stands today, by id; the rows are held to the end of the transaction.

    Two who move borders of one commune go one after the other: each starts from what the other left.
    """
    standing = sa.or_(_C.valid_to.is_(None), _C.valid_to > sa.func.vietnam_today())
    statement = sa.select(_C.id, _C.version, sa.func.ST_AsBinary(_C.geom)).where(standing).order_by(_C.id)
    rows = conn.execute(statement.with_for_update())
    return {key: (version, _areas(geom)) for key, version, geom in rows}


def update_outlines(conn: Connection, outlines: Mapping[int, tuple[int, shapely.MultiPolygon]]) -> list[Written]:
    """Give groups, by id, their new outline on top of the version that is named."""
    made = [update_feature(conn, _LAYER, key, version, {}, shape) for key, (version, shape) in outlines.items()]
    return [one for one in made if one is not None]


def fetch_outline(conn: Connection, group_id: int) -> tuple[shapely.MultiPolygon, int | None] | None:
    """Outline and number of households of a group that the actor may see, or None."""
    statement = sa.select(sa.func.ST_AsBinary(_C.geom), _C.household_count).where(_C.id == group_id)
    row = conn.execute(statement).one_or_none()
    return None if row is None else (_areas(row[0]), row[1])


def fetch_touched(
    conn: Connection, commune_id: int, shape: Any, except_id: int = 0
) -> list[tuple[str, shapely.MultiPolygon]]:
    """Name and outline of the other groups of today that a shape meets, by id."""
    standing = sa.or_(_C.valid_to.is_(None), _C.valid_to > sa.func.vietnam_today())
    statement = sa.select(_C.name, sa.func.ST_AsBinary(_C.geom)).where(
        _C.commune_id == commune_id,
        _C.id != except_id,
        standing,
        sa.func.ST_Intersects(_C.geom, shape_parameter(shape)),
    )
    return [(name, _areas(geom)) for name, geom in conn.execute(statement.order_by(_C.id))]


def _areas(geom: bytes) -> shapely.MultiPolygon:
    found = shapely.from_wkb(bytes(geom))
    if not isinstance(found, shapely.MultiPolygon):
        raise TypeError("the table of groups holds multipolygons")
    return found
