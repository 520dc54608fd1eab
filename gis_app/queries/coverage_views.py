"""What people see of coverage on the map and in lists: views, lit areas, what does not count, names and places.

Row-level security applies; every row is joined with the device or place that it belongs to, as the actor reads it, so
that nothing outlives its row.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from shapely import to_wkb
from sqlalchemy.engine import Connection

from gis_app.crs import STORED
from gis_app.queries.coverage_inputs import Shapes, metric_wkb, shapes_of
from gis_app.queries.filters import geom_of_wkb, metric
from gis_app.tables.coverage import camera_views, light_areas
from layers import LAYERS, table_of

_V, _A = camera_views.c, light_areas.c
LAYER_OF = {
    "group": "groups", "school": "schools", "venue": "venues", "tip_box": "tip_boxes", "gateway": "gateways",
    "hotspot": "hotspots", "key_route": "key_routes", "office": "facilities", "market": "facilities",
    "worker_housing": "worker_housing", "industrial_zone": "industrial_zones",
}  # fmt: skip
MOST_SHAPES = 5000
# Beyond that a street's name leads nobody to a place.
NAMED_WITHIN_M = 80.0
MOST_DEVICES = 500
_DERIVED = (("cameras", camera_views, "camera_id"), ("lights", light_areas, "light_id"))


def _seventh(column: Any) -> sa.ColumnElement[Any]:
    # Seven decimals: a centimetre.
    return sa.func.ST_AsGeoJSON(column, 7)


def fetch_views(
    conn: Connection, commune_id: int, level: str, bbox: Sequence[float] | None, camera_id: int | None = None
) -> list[Mapping[str, Any]]:
    """Views of cameras that count, at a level: geometry as GeoJSON (EPSG:4326), how it was counted; by camera.

    One more than `MOST_SHAPES` says that there are too many.
    """
    camera = table_of(LAYERS["cameras"])
    joined = camera_views.join(camera, sa.and_(camera.c.commune_id == _V.commune_id, camera.c.id == _V.camera_id))
    statement = (
        sa.select(
            _V.camera_id, camera.c.external_id, _V.rank, _V.assumed, _V.has_infrared, _V.azimuth_deg, _V.fov_deg,
            _V.range_m, _seventh(_V.geom).label("geometry"), sa.func.ST_X(camera.c.geom).label("lon"),
            sa.func.ST_Y(camera.c.geom).label("lat"),
        )
        .select_from(joined)
        .where(_V.commune_id == commune_id, _V.level == level, _V.rank > 0, _V.geom.is_not(None))
        .order_by(_V.camera_id)
        .limit(MOST_SHAPES + 1)
    )  # fmt: skip
    if bbox is not None:
        statement = statement.where(_V.geom.op("&&", is_comparison=True)(sa.func.ST_MakeEnvelope(*bbox, STORED)))
    if camera_id is not None:
        statement = statement.where(_V.camera_id == camera_id)
    return [dict(row) for row in conn.execute(statement).mappings()]


def fetch_lit(conn: Connection, commune_id: int, bbox: Sequence[float] | None) -> list[Mapping[str, Any]]:
    """Lit areas of lamps that count: centre, radius in metres, and a shape where buildings cut the circle."""
    light = table_of(LAYERS["lights"])
    joined = light_areas.join(light, sa.and_(light.c.commune_id == _A.commune_id, light.c.id == _A.light_id))
    statement = (
        sa.select(
            _A.light_id, light.c.external_id, _A.rank, _A.assumed, _A.radius_m, _seventh(_A.geom).label("geometry"),
            sa.func.ST_X(light.c.geom).label("lon"), sa.func.ST_Y(light.c.geom).label("lat"),
        )
        .select_from(joined)
        .where(_A.commune_id == commune_id, _A.rank > 0)
        .order_by(_A.light_id)
        .limit(MOST_SHAPES + 1)
    )  # fmt: skip
    if bbox is not None:
        statement = statement.where(_A.reach.op("&&", is_comparison=True)(sa.func.ST_MakeEnvelope(*bbox, STORED)))
    return [dict(row) for row in conn.execute(statement).mappings()]


def count_assumptions(conn: Connection, commune_id: int) -> dict[str, int]:
    """How many devices of a commune have each thing assumed, by code."""
    found: dict[str, int] = {}
    for layer, derived, key in _DERIVED:
        device = table_of(LAYERS[layer])
        joined = sa.and_(derived.c.commune_id == device.c.commune_id, derived.c[key] == device.c.id)
        if layer == "cameras":
            joined = sa.and_(joined, derived.c.level == "detect")
        codes = (
            sa.select(sa.func.unnest(derived.c.assumed).label("code"))
            .select_from(device.join(derived, joined))
            .where(device.c.commune_id == commune_id, derived.c.rank < 3, device.c.state != "removed")
            .subquery()
        )
        statement = sa.select(codes.c.code, sa.func.count()).group_by(codes.c.code)
        for name, count in conn.execute(statement):
            found[name] = found.get(name, 0) + count
    return found


def fetch_not_counted(conn: Connection, commune_id: int) -> tuple[list[Mapping[str, Any]], int]:
    """Devices that count only in part or not at all, and why: layer, id, external_id, reason; and how many there are.

    At most 500 of each layer, what counts least first. Reasons: no_direction, inside, obstructed, proposed; broken
    (counts unless only working ones are asked for); not_verified (works, nothing assumed, but no look within twelve
    months). What is merely assumed has none.
    """
    found: list[Mapping[str, Any]] = []
    total = 0
    for layer, derived, key in _DERIVED:
        device = table_of(LAYERS[layer])
        joined = sa.and_(derived.c.commune_id == device.c.commune_id, derived.c[key] == device.c.id)
        if layer == "cameras":
            joined = sa.and_(joined, derived.c.level == "detect")
        nothing_assumed = sa.func.cardinality(derived.c.assumed) == 0
        reason = sa.case(
            (derived.c.reason.is_not(None), derived.c.reason),
            (derived.c.rank == 1, "broken"),
            (sa.and_(derived.c.rank == 2, nothing_assumed), "not_verified"),
        )
        statement = (
            sa.select(sa.literal(layer).label("layer"), device.c.id, device.c.external_id, reason.label("reason"),
                      sa.func.ST_X(device.c.geom).label("lon"), sa.func.ST_Y(device.c.geom).label("lat"),
                      sa.func.count().over().label("total"))
            .select_from(device.join(derived, joined))
            .where(device.c.commune_id == commune_id, derived.c.rank < 3, device.c.state != "removed",
                   reason.is_not(None))
            .order_by(derived.c.rank, reason, device.c.id)
            .limit(MOST_DEVICES)
        )  # fmt: skip
        rows = [dict(row) for row in conn.execute(statement).mappings()]
        total += rows[0]["total"] if rows else 0
        found += [{name: row[name] for name in row if name != "total"} for row in rows]
    return found, total


def fetch_names(conn: Connection, kind: str, role: str) -> dict[str, str]:
    """Names of the units of a kind as the role reads them, by id as text, in name order; '' where there is none.

    The unit's own number stands in for a name; the number of an OpenStreetMap object says nothing to a reader.
    """
    layer = LAYERS[LAYER_OF[kind]]
    table = table_of(layer, role)
    number = table.c.external_id
    own = sa.case((number.regexp_match(r"^[nwr][0-9]+(-[0-9]+)*$"), ""), else_=number)
    label = table.c[layer.label] if layer.label else own
    name = sa.func.coalesce(label, own if kind != "hotspot" else "", "")
    statement = sa.select(sa.cast(table.c.id, sa.Text), name)
    order = sa.collate(name, "vi_numeric")
    return {row[0]: row[1] for row in conn.execute(statement.order_by(order, table.c.id))}


def fetch_unit_shapes(
    conn: Connection, commune_id: int, kind: str, units: Sequence[str], role: str, srid: int
) -> dict[str, Any]:
    """Shapes in metres of units by id, or of streets by name, as the role reads them."""
    layer = LAYERS["roads" if kind == "street" else LAYER_OF[kind]]
    table = table_of(layer, role)
    key = table.c.name if kind == "street" else sa.cast(table.c.id, sa.Text)
    statement = (
        sa.select(key, metric_wkb(sa.func.ST_CollectionHomogenize(sa.func.ST_Collect(table.c.geom)), srid))
        .where(table.c.commune_id == commune_id, key.in_(list(units)))
        .group_by(key)
    )
    rows = conn.execute(statement).all()
    shapes: Shapes = shapes_of([row[1] for row in rows])
    return {row[0]: shape for row, shape in zip(rows, shapes, strict=True)}


class Whereabouts(NamedTuple):
    """A named street within NAMED_WITHIN_M, and the present group that is nearest."""

    street: str | None
    group_id: int | None
    group: str | None


def fetch_whereabouts(conn: Connection, points: Sequence[tuple[float, float]], srid: int) -> list[Whereabouts]:
    """Where points (lon, lat) lie, in their order. Nearest by the index of shapes; the street by metres as well."""
    lons, lats = (sa.cast([point[axis] for point in points], sa.ARRAY(sa.Float)) for axis in (0, 1))
    spots = sa.func.unnest(lons, lats).table_valued("lon", "lat", with_ordinality="n").render_derived(name="spot")
    spot = sa.func.ST_SetSRID(sa.func.ST_MakePoint(spots.c.lon, spots.c.lat), STORED)
    roads, groups = table_of(LAYERS["roads"]), table_of(LAYERS["groups"])
    nearest = (
        sa.select(roads.c.name, roads.c.geom)
        .where(sa.func.coalesce(roads.c.name, "") != "")
        .order_by(roads.c.geom.op("<->")(spot), roads.c.id)
        .limit(1)
        .lateral("road")
    )
    group = (
        sa.select(groups.c.id, groups.c.name)
        .order_by(groups.c.geom.op("<->")(spot), groups.c.id)
        .limit(1)
        .lateral("home")
    )
    is_near = sa.func.ST_Distance(metric(nearest.c.geom, srid), metric(spot, srid)) <= NAMED_WITHIN_M
    statement = (
        sa.select(sa.case((is_near, nearest.c.name)), group.c.id, group.c.name)
        .select_from(spots.outerjoin(nearest, sa.true()).outerjoin(group, sa.true()))
        .order_by(spots.c.n)
    )
    return [Whereabouts(*row) for row in conn.execute(statement)]


def to_stored(conn: Connection, shapes: Sequence[Any], srid: int) -> list[str]:
    """Shapes in metres as GeoJSON texts in EPSG:4326."""
    rows = sa.func.unnest(sa.literal([bytes(to_wkb(shape)) for shape in shapes], sa.ARRAY(sa.LargeBinary)))
    wkb = rows.table_valued("wkb", with_ordinality="n").render_derived()
    made = geom_of_wkb(wkb.c.wkb, srid)
    statement = sa.select(_seventh(sa.func.ST_Transform(made, STORED))).select_from(wkb).order_by(wkb.c.n)
    return list(conn.execute(statement).scalars())
