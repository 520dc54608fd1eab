"""Groups as areas of a before-and-after study: how alike they are, and how far apart. Row-level security applies."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.queries.filters import metric
from layers import LAYERS, table_of

_GROUPS = table_of(LAYERS["groups"])


@dataclass(frozen=True)
class Distance:
    """A present group and how far its outline is from the treated one's; 0 where they touch. `area_m2` is its own."""

    group_id: int
    name: str
    away_m: float
    area_m2: float


def fetch_distances(conn: Connection, commune_id: int, group_id: int, metric_srid: int) -> list[Distance]:
    """Return every present group of a commune with its distance (metres, the commune's zone) from one of them.

    The group itself is among them, at 0 m. Order: nearest first. Empty where there is no such group.
    """
    treated = _GROUPS.alias("treated")
    shape, own = metric(_GROUPS.c.geom, metric_srid), metric(treated.c.geom, metric_srid)
    away = sa.func.ST_Distance(shape, own).label("away_m")
    rows = conn.execute(
        sa.select(_GROUPS.c.id, _GROUPS.c.name, away, sa.func.ST_Area(shape).label("area_m2"))
        .select_from(_GROUPS.join(treated, treated.c.commune_id == _GROUPS.c.commune_id))
        .where(_GROUPS.c.commune_id == commune_id, treated.c.id == group_id)
        .order_by(away, _GROUPS.c.id)
    )
    return [Distance(row.id, row.name, float(row.away_m), float(row.area_m2)) for row in rows]
