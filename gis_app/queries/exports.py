"""All rows of a layer for a file. Row-level security applies.

Geometry is WKB in EPSG:`srid`, x before y; the other columns are those that the role may read. Order: by id.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.crs import STORED
from gis_app.queries.cql2_parse import BadFilter
from gis_app.queries.features import property_columns
from gis_app.queries.filters import metric
from gis_app.queries.ogc_items import ItemQuery, item_conditions
from layers import LAYERS, table_of
from layers.base import Layer

_GROUPS = table_of(LAYERS["groups"])


def _conditions(layer: Layer, role: str, wanted: ItemQuery, group_id: int | None) -> list[sa.ColumnElement[bool]]:
    conditions = item_conditions(layer, role, wanted)
    if group_id is not None:
        area = sa.select(_GROUPS.c.geom).where(_GROUPS.c.id == group_id).scalar_subquery()
        conditions.append(sa.func.ST_Intersects(table_of(layer, role).c.geom, area))
    return conditions


def fetch_size(
    conn: Connection, layer: Layer, role: str, wanted: ItemQuery, group_id: int | None, most: int
) -> tuple[int, int]:
    """How many rows match and how many corners they have; counting stops after `most` rows and one.

    Raises
    ------
    BadFilter
        A filter or shape that cannot be asked for.
    """
    table = table_of(layer, role)
    rows = sa.select(table.c.geom).where(*_conditions(layer, role, wanted, group_id)).limit(most + 1).subquery()
    corners = sa.func.coalesce(sa.func.sum(sa.func.ST_NPoints(rows.c.geom)), 0)
    try:
        with conn.begin_nested():
            count, points = conn.execute(sa.select(sa.func.count(), corners).select_from(rows)).one()
    except (sa.exc.InternalError, sa.exc.DataError) as error:
        raise BadFilter("geometry_invalid") from error
    return int(count), int(points)


def fetch_export(
    conn: Connection, layer: Layer, role: str, wanted: ItemQuery, srid: int, group_id: int | None = None
) -> Sequence[sa.Row[Any]]:
    """Rows of (WKB, newest change, id, external_id, fields …) that match, at most `wanted.limit` + 1.

    `group_id` narrows to what touches a residential group's area.

    Raises
    ------
    BadFilter
        A filter or shape that cannot be asked for.
    """
    table = table_of(layer, role)
    geom = table.c.geom if srid == STORED else metric(table.c.geom, srid)
    conditions = _conditions(layer, role, wanted, group_id)
    columns = [sa.func.ST_AsBinary(geom, type_=sa.LargeBinary).label("wkb"), table.c.updated_at, table.c.id]
    statement = sa.select(*columns, *property_columns(layer, role)).where(*conditions)
    try:
        with conn.begin_nested():
            return conn.execute(statement.order_by(table.c.id).limit(wanted.limit + 1)).all()
    except (sa.exc.InternalError, sa.exc.DataError) as error:
        raise BadFilter("geometry_invalid") from error
