"""What the demonstration reads of its own communes: an outline with its gates (metres), places to put rows."""

from typing import Any

import sqlalchemy as sa
from shapely import Point, Polygon, from_wkb, get_parts
from sqlalchemy.engine import Connection

from layers import LAYERS, table_of

_COMMUNES, _GATES, _GROUPS = (table_of(LAYERS[name]) for name in ("communes", "gateways", "groups"))


def fetch_outline(conn: Connection, commune_id: int, srid: int) -> tuple[Polygon, list[Point]]:
    """Return the largest part of a commune's outline, and where its roads leave it."""

    def shape(column: sa.Column[Any]) -> sa.Function[bytes]:
        return sa.func.ST_AsBinary(sa.func.ST_Transform(column, srid), type_=sa.LargeBinary)

    whole = conn.execute(sa.select(shape(_COMMUNES.c.geom)).where(_COMMUNES.c.id == commune_id)).scalar_one()
    mine = (_GATES.c.commune_id == commune_id, _GATES.c.kind == "road")
    gates = conn.execute(sa.select(shape(_GATES.c.geom)).where(*mine).order_by(_GATES.c.external_id)).scalars()
    parts: list[Polygon] = get_parts(from_wkb(whole)).tolist()
    return max(parts, key=lambda part: part.area), from_wkb(list(gates)).tolist()


def fetch_group_places(
    conn: Connection, commune_id: int, stage: str, count: int
) -> list[tuple[int, str, float, float]]:
    """Return groups in a stage as (id, name, lon, lat of a point inside), by name."""
    spot = sa.func.ST_PointOnSurface(_GROUPS.c.geom)
    statement = (
        sa.select(_GROUPS.c.id, _GROUPS.c.name, sa.func.ST_X(spot), sa.func.ST_Y(spot))
        .where(_GROUPS.c.commune_id == commune_id, _GROUPS.c.stage == stage)
        .order_by(sa.collate(_GROUPS.c.name, "vi_numeric"))
        .limit(count)
    )
    return [(row[0], row[1], row[2], row[3]) for row in conn.execute(statement)]
