"""Residential groups: counts per stage and what lies in each. Row-level security applies."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.crs import STORED
from layers import LAYERS, table_of
from layers.base import Layer

_GROUPS = table_of(LAYERS["groups"])


@dataclass(frozen=True)
class GroupCount:
    """How many features of a layer lie in one group."""

    id: int
    name: str
    count: int


def fetch_groups_at(conn: Connection, points: Sequence[tuple[float, float]]) -> list[int | None]:
    """Return the present group nearest to each point (lon, lat), in their order; None where there is no group."""
    lons, lats = ([point[axis] for point in points] for axis in (0, 1))
    at = sa.func.unnest(sa.cast(lons, sa.ARRAY(sa.Float)), sa.cast(lats, sa.ARRAY(sa.Float)))
    spots = at.table_valued("lon", "lat", with_ordinality="n").render_derived(name="spot")
    spot = sa.func.ST_SetSRID(sa.func.ST_MakePoint(spots.c.lon, spots.c.lat), STORED)
    nearest = sa.select(_GROUPS.c.id).order_by(_GROUPS.c.geom.op("<->")(spot), _GROUPS.c.id).limit(1).scalar_subquery()
    return list(conn.execute(sa.select(nearest).select_from(spots).order_by(spots.c.n)).scalars())


def count_per_group(conn: Connection, layer: Layer, role: str) -> tuple[list[GroupCount], int]:
    """Features of a layer per group, in Vietnamese name order, and how many lie in no group.

    Each feature counts once, by a point on its shape; one on a shared border goes to the group of the lowest id.
    """
    table = table_of(layer, role)
    spot = table.c.geom if layer.is_point else sa.func.ST_PointOnSurface(table.c.geom)
    home = (
        sa.select(_GROUPS.c.id)
        .where(
            _GROUPS.c.commune_id == table.c.commune_id,
            _GROUPS.c.geom.op("&&", is_comparison=True)(spot),
            sa.func.ST_Intersects(_GROUPS.c.geom, spot),
        )
        .order_by(_GROUPS.c.id)
        .limit(1)
        .lateral("home")
    )
    located = sa.select(home.c.id.label("group_id")).select_from(table.outerjoin(home, sa.true())).subquery("located")
    statement = (
        sa.select(_GROUPS.c.id, _GROUPS.c.name, sa.func.count(located.c.group_id))
        .select_from(_GROUPS.outerjoin(located, located.c.group_id == _GROUPS.c.id))
        .group_by(_GROUPS.c.id, _GROUPS.c.name)
        .order_by(sa.collate(_GROUPS.c.name, "vi_numeric"), _GROUPS.c.id)
    )
    outside = sa.select(sa.func.count()).select_from(located).where(located.c.group_id.is_(None))
    return [GroupCount(*row) for row in conn.execute(statement)], int(conn.execute(outside).scalar_one())
