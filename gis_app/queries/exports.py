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
    conditions = item_conditions(layer, role, wanted)
    if group_id is not None:
        area = sa.select(_GROUPS.c.geom).where(_GROUPS.c.id == group_id).scalar_subquery()
        conditions.append(sa.func.ST_Intersects(table.c.geom, area))
    columns = [sa.func.ST_AsBinary(geom, type_=sa.LargeBinary).label("wkb"), table.c.updated_at, table.c.id]
    statement = sa.select(*columns, *property_columns(layer, role)).where(*conditions)
    try:
        with conn.begin_nested():
            return conn.execute(statement.order_by(table.c.id).limit(wanted.limit + 1)).all()
    except (sa.exc.InternalError, sa.exc.DataError) as error:
        raise BadFilter("geometry_invalid") from error
