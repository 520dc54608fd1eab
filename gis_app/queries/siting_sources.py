"""What a siting plan is made from: a commune's streets, places, obstacles and devices, in metres of its VN-2000 zone.

Read as the role planner, whoever asks: a plan is shared by all who make plans, so hotspots count where planners see
them (the middle of their street), and places for the police alone do not count.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.crs import STORED
from gis_app.db import Actor, act_as
from gis_app.queries.coverage_store import fetch_lights_blocked
from gis_app.tables import layer_versions
from layers import LAYERS, table_of

Shapes = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]

READER = "planner"
# Layers whose rows a plan is made from.
READ = ("communes", "groups", "roads", "key_routes", "schools", "venues", "facilities", "industrial_zones",
        "worker_housing", "tip_boxes", "gateways", "hotspots", "buildings", "walls", "cameras", "lights")  # fmt: skip
# Streets along which nobody lives and no pole is put up.
NOT_STREETS = ("track", "path", "motorway")
CAMERA_FIELDS = ("kind", "azimuth_deg", "fov_deg", "range_m", "pixel_width", "has_infrared")
LAMP_FIELDS = ("radius_m", "height_m", "lamp")


@contextmanager
def reading_as_planner(conn: Connection, actor: Actor) -> Iterator[None]:
    """Read what planners of the actor's commune read; afterwards the connection is the actor's again."""
    act_as(conn, replace(actor, role=READER))
    try:
        yield
    except sa.exc.DBAPIError:
        # The transaction is dead, and the role with it: another statement would only hide why.
        raise
    except BaseException:
        act_as(conn, actor)
        raise
    act_as(conn, actor)


def fetch_stamp(conn: Connection, commune_id: int) -> str:
    """Return a text that changes whenever a layer changes that plans are made from, and with each new day.

    The day: a hotspot that expires leaves its layer without a change. Whether buildings stand in the way of lamps is
    in it, too.
    """
    c = layer_versions.c
    versions = sa.func.string_agg(
        c.layer + ":" + sa.cast(c.version, sa.Text), sa.literal_column("',' ORDER BY layer_versions.layer")
    )
    statement = sa.select(sa.cast(sa.func.vietnam_today(), sa.Text) + "|" + sa.func.coalesce(versions, ""))
    statement = statement.select_from(layer_versions).where(c.commune_id == commune_id, c.layer.in_(READ))
    blocked = fetch_lights_blocked(conn, commune_id)
    return f"{conn.execute(statement).scalar_one()}|{blocked}"


def fetch_awaited(conn: Connection, commune_id: int, plan_id: int) -> dict[str, list[int]]:
    """Return ids of proposed rows, by layer, whose installing is an open task that is not of this plan."""
    statement = sa.text(
        "SELECT t.feature_layer, t.feature_id FROM tasks AS t WHERE t.commune_id = :here AND t.state = 'open' "
        "AND t.measure = 'device_installed' AND NOT EXISTS (SELECT 1 FROM siting_devices AS d WHERE d.plan_id = :plan "
        "AND d.feature_layer = t.feature_layer AND d.feature_id = t.feature_id) ORDER BY 1, 2"
    )
    found: dict[str, list[int]] = {"cameras": [], "lights": []}
    for layer, feature_id in conn.execute(statement, {"here": commune_id, "plan": plan_id}):
        found.setdefault(layer, []).append(int(feature_id))
    return found


def _metric(geom: sa.ColumnElement[Any], srid: int) -> sa.ColumnElement[Any]:
    return sa.func.ST_AsBinary(sa.func.ST_Transform(geom, srid))


def fetch_shapes(conn: Connection, layer_name: str, srid: int, *where: sa.ColumnElement[bool]) -> Shapes:
    """Return the shapes of a layer as planners read it, in metres, by id."""
    table = table_of(LAYERS[layer_name], READER)
    rows = conn.execute(sa.select(_metric(table.c.geom, srid)).where(*where).order_by(table.c.id)).scalars()
    return _shapes([bytes(row) for row in rows])


def _shapes(wkb: Sequence[bytes]) -> Shapes:
    found = np.empty(len(wkb), dtype=object)
    found[:] = list(shapely.from_wkb(np.array(wkb, dtype=object))) if wkb else []
    return found


def fetch_outline(conn: Connection, commune_id: int, srid: int) -> shapely.Geometry:
    """Return the commune's outline in metres."""
    table = table_of(LAYERS["communes"])
    found: shapely.Geometry = fetch_shapes(conn, "communes", srid, table.c.id == commune_id)[0]
    return found


def fetch_streets(conn: Connection, commune_id: int, srid: int) -> Shapes:
    """Return the lines of streets in metres."""
    table = table_of(LAYERS["roads"])
    return fetch_shapes(conn, "roads", srid, table.c.commune_id == commune_id, table.c["class"].not_in(NOT_STREETS))


def fetch_key_routes(conn: Connection, commune_id: int, srid: int) -> Shapes:
    """Return the lines of key routes in metres."""
    return fetch_shapes(conn, "key_routes", srid, table_of(LAYERS["key_routes"]).c.commune_id == commune_id)


def fetch_groups(conn: Connection, commune_id: int, srid: int) -> Shapes:
    """Return the areas of the residential groups in metres."""
    table = table_of(LAYERS["groups"])
    return fetch_shapes(conn, "groups", srid, table.c.commune_id == commune_id)


def fetch_places(conn: Connection, commune_id: int, layer_name: str, srid: int) -> tuple[Floats, Floats]:
    """Return places (n, 2) in metres and what each counts for: a hotspot its severity, anything else 1.

    Hotspots that were handled or closed, and devices that do not work, are not there any more.
    """
    layer = LAYERS[layer_name]
    table = table_of(layer, READER)
    where = [table.c.commune_id == commune_id]
    amount: sa.ColumnElement[Any] = sa.literal(1)
    if layer.row_expiry:
        amount = table.c.severity
        where.append(table.c.state.not_in(("handled", "closed")))
    elif layer.is_device:
        where.append(table.c.state == "working")
    spot = sa.func.ST_Transform(sa.func.ST_PointOnSurface(table.c.geom), srid)
    statement = sa.select(sa.func.ST_X(spot), sa.func.ST_Y(spot), amount).where(*where).order_by(table.c.id)
    found = np.array([tuple(row) for row in conn.execute(statement)], dtype=float).reshape(-1, 3)
    return found[:, :2], found[:, 2]


def fetch_obstacle_shapes(conn: Connection, commune_id: int, srid: int) -> tuple[Shapes, Shapes]:
    """Return buildings and walls in metres."""
    names = ("buildings", "walls")
    found = [fetch_shapes(conn, n, srid, table_of(LAYERS[n]).c.commune_id == commune_id) for n in names]
    return found[0], found[1]


def fetch_devices(
    conn: Connection, commune_id: int, layer_name: str, srid: int, states: Sequence[str], awaited: Sequence[int] = ()
) -> tuple[Floats, list[tuple[Any, ...]]]:
    """Return devices in some states: (n, 2) in metres, and CAMERA_FIELDS or LAMP_FIELDS of each, by id.

    `awaited`: ids of proposed ones that count besides.
    """
    table = table_of(LAYERS[layer_name])
    spot = sa.func.ST_Transform(table.c.geom, srid)
    names = CAMERA_FIELDS if layer_name == "cameras" else LAMP_FIELDS
    statement = sa.select(sa.func.ST_X(spot), sa.func.ST_Y(spot), *(table.c[name] for name in names))
    coming = sa.and_(table.c.state == "proposed", table.c.id.in_(list(awaited)))
    counted = sa.or_(table.c.state.in_(states), coming)
    if layer_name == "cameras":
        # What a tree or a sign blocks sees nothing.
        counted = sa.and_(counted, table.c.obstructed_on.is_(None))
    statement = statement.where(table.c.commune_id == commune_id, counted).order_by(table.c.id)
    rows = [tuple(row) for row in conn.execute(statement)]
    return np.array([row[:2] for row in rows], dtype=float).reshape(-1, 2), [row[2:] for row in rows]


def count_by_state(conn: Connection, commune_id: int, layer_name: str, states: Sequence[str]) -> int:
    """Return how many devices of a layer are in some states."""
    table = table_of(LAYERS[layer_name])
    statement = sa.select(sa.func.count()).where(table.c.commune_id == commune_id, table.c.state.in_(states))
    return int(conn.execute(statement).scalar_one())


def fetch_street_length_m(conn: Connection, commune_id: int, srid: int) -> tuple[float, int]:
    """Return metres of street, and of how many pieces."""
    table = table_of(LAYERS["roads"])
    length = sa.func.coalesce(sa.func.sum(sa.func.ST_Length(sa.func.ST_Transform(table.c.geom, srid))), 0.0)
    statement = sa.select(length, sa.func.count()).where(
        table.c.commune_id == commune_id, table.c["class"].not_in(NOT_STREETS)
    )
    row = conn.execute(statement).one()
    return float(row[0]), int(row[1])


def project(conn: Connection, shapes: Sequence[bytes], from_srid: int, to_srid: int) -> Shapes:
    """Return shapes (WKB) in another system, by the database's own definitions, so that all agree."""
    if not shapes:
        return _shapes([])
    statement = sa.text(
        "SELECT ST_AsBinary(ST_Transform(ST_GeomFromWKB(w.shape, :a), :b)) "
        "FROM unnest(CAST(:shapes AS bytea[])) WITH ORDINALITY AS w (shape, place) ORDER BY w.place"
    )
    rows = conn.execute(statement, {"a": from_srid, "b": to_srid, "shapes": list(shapes)}).scalars()
    return _shapes([bytes(row) for row in rows])


def to_metres(conn: Connection, shapes: Sequence[shapely.Geometry], srid: int) -> Shapes:
    """Return shapes of EPSG:4326 in metres."""
    return project(conn, [shapely.to_wkb(shape) for shape in shapes], STORED, srid)


def to_degrees(conn: Connection, shapes: Sequence[shapely.Geometry], srid: int) -> Shapes:
    """Return shapes in metres as EPSG:4326."""
    return project(conn, [shapely.to_wkb(shape) for shape in shapes], srid, STORED)
