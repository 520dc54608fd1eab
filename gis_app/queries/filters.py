"""What narrows a set of features: shapes, distances, codes. Distances are metres in the commune's VN-2000 zone."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from shapely import wkb
from shapely.geometry.base import BaseGeometry

from gis_app.crs import STORED

# A degree of latitude is at least 110,574 m; of longitude at least 111,319 m × cos(latitude). One per cent is spare.
METRES_PER_DEGREE = 110_574.0
SPARE = 1.01


@dataclass(frozen=True)
class FeatureFilter:
    """Which features of a layer; shapes are EPSG:4326, `distance_m` metres, `metric_srid` the commune's zone."""

    bbox: tuple[float, float, float, float] | None = None
    within: BaseGeometry | None = None
    near: BaseGeometry | None = None
    distance_m: float | None = None
    nearest: int | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    metric_srid: int = 3405
    after: int | None = None
    limit: int = 1000


def geom_of_wkb(wkb: sa.ColumnElement[Any], srid: int) -> sa.ColumnElement[Any]:
    """A geometry from WKB in a CRS that varies from call to call.

    GeoAlchemy2 writes the SRID of ST_GeomFromWKB into the text of the statement, which SQLAlchemy then keeps for every
    other SRID as well: so it is set apart, as a parameter.
    """
    return sa.func.ST_SetSRID(sa.func.ST_GeomFromWKB(wkb), srid)


def shape_parameter(shape: BaseGeometry) -> sa.ColumnElement[object]:
    """A shapely geometry in EPSG:4326 as a bound parameter."""
    return sa.func.ST_GeomFromWKB(sa.literal(wkb.dumps(shape), sa.LargeBinary), STORED)


def metric(geom: sa.ColumnElement[object], metric_srid: int) -> sa.ColumnElement[object]:
    """A geometry in the commune's metric zone."""
    return sa.func.ST_Transform(geom, metric_srid)


def degrees_around(latitude: float, distance_m: float) -> tuple[float, float]:
    """Degrees of longitude and latitude that surely contain `distance_m` at a latitude (degrees)."""
    dlat = distance_m / METRES_PER_DEGREE * SPARE
    return dlat / max(math.cos(math.radians(latitude)), 0.1), dlat


def within_distance(table: sa.Table, near: BaseGeometry, distance_m: float, metric_srid: int) -> sa.ColumnElement[bool]:
    """Rows at most `distance_m` metres from a shape (EPSG:4326).

    The box test on the stored geometry reads the GiST index; the exact test transforms only what it leaves.
    """
    west, south, east, north = near.bounds
    dlon, dlat = degrees_around(max(abs(south), abs(north)), distance_m)
    box = sa.func.ST_MakeEnvelope(west - dlon, south - dlat, east + dlon, north + dlat, STORED)
    exact = sa.func.ST_DWithin(
        metric(table.c.geom, metric_srid), metric(shape_parameter(near), metric_srid), distance_m
    )
    return sa.and_(table.c.geom.op("&&", is_comparison=True)(box), exact)


def conditions(table: sa.Table, wanted: FeatureFilter) -> list[sa.ColumnElement[bool]]:
    """The WHERE parts of a filter, index-friendly ones first."""
    parts: list[sa.ColumnElement[bool]] = [table.c[name] == code for name, code in wanted.codes.items()]
    if wanted.bbox is not None:
        parts.append(table.c.geom.op("&&", is_comparison=True)(sa.func.ST_MakeEnvelope(*wanted.bbox, STORED)))
    if wanted.within is not None:
        area = shape_parameter(wanted.within)
        parts.append(table.c.geom.op("&&", is_comparison=True)(area))
        parts.append(sa.func.ST_Intersects(table.c.geom, area))
    if wanted.near is not None and wanted.distance_m is not None:
        parts.append(within_distance(table, wanted.near, wanted.distance_m, wanted.metric_srid))
    if wanted.after is not None:
        parts.append(table.c.id > wanted.after)
    return parts
