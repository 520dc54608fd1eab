"""Places that no working device serves within a distance. Row-level security applies."""

from typing import Any

import sqlalchemy as sa

from gis_app.queries.features import property_columns
from gis_app.queries.filters import METRES_PER_DEGREE, SPARE, metric
from layers import table_of
from layers.base import Layer

# Longest way to look for the nearest working device, for the figure beside the place.
NEAREST_WITHIN_M = 2000.0


def gap_rows(places: Layer, devices: Layer, role: str, distance_m: float, metric_srid: int) -> sa.Select[Any]:
    """Rows of `places` (geom, id, properties) with no working device within `distance_m` metres.

    `nearest_m` is the distance to the nearest working one in metres, null where there is none within 2 km.
    Order: farthest first. Distances in the commune's metric zone.
    """
    place, device = table_of(places, role), table_of(devices, role).alias("device")
    away = sa.func.ST_Distance(metric(place.c.geom, metric_srid), metric(device.c.geom, metric_srid))
    # The boxes narrow by the index; OFFSET 0 keeps the planner from turning this into a join over all pairs.
    nearest = (
        sa.select(sa.func.min(away).label("nearest_m"))
        .where(
            device.c.commune_id == place.c.commune_id,
            device.c.state == "working",
            device.c.geom.op("&&", is_comparison=True)(_box(place.c.geom, NEAREST_WITHIN_M)),
        )
        .offset(0)
        .lateral("nearest")
    )
    rounded = sa.cast(sa.func.round(sa.cast(nearest.c.nearest_m, sa.Numeric), 1), sa.Float)
    return (
        sa.select(place.c.geom, place.c.id, *property_columns(places, role), rounded.label("nearest_m"))
        .select_from(place.join(nearest, sa.true()))
        .where(sa.or_(nearest.c.nearest_m.is_(None), nearest.c.nearest_m > distance_m))
        .order_by(nearest.c.nearest_m.desc().nulls_first(), place.c.id)
    )


def _box(geom: sa.ColumnElement[object], distance_m: float) -> sa.ColumnElement[object]:
    """The box of a shape widened by a distance; 0.9 is below cos(latitude) of all Vietnam (up to 24° N)."""
    dlat = distance_m / METRES_PER_DEGREE * SPARE
    return sa.func.ST_Expand(sa.func.ST_Envelope(geom), dlat / 0.9, dlat)
