"""What coverage is computed from: devices, what stands in the way, and units, in the commune's metric zone.

Row-level security applies; the computation reads as the officer of data, and hotspots a second time as the planner.
Boxes come as one area in the metric zone; every query names the commune, and tests boxes before shapes (GiST).
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from shapely import from_wkb, to_wkb
from sqlalchemy.engine import Connection

from gis_app.crs import STORED
from gis_app.queries.filters import geom_of_wkb, metric
from gis_app.tables.coverage import camera_views, light_areas
from layers import LAYERS, table_of

Shapes = NDArray[Any]

VERIFIED_FOR = sa.text("interval '12 months'")
# Half the width of Vietnam's shortest side road: what lies beyond no camera of ours looks at (device_views.py).
NEAR_STREET_M = 60.0
# Layers whose points are places; a hotspot weighs as much as it is severe.
POINTS = ("venues", "tip_boxes", "gateways")
KIND_OF = {"venues": "venue", "tip_boxes": "tip_box", "gateways": "gateway"}


class UnitRow(NamedTuple):
    """Something that is measured: its kind, id or street name, shape in metres, weight, who reads its figures."""

    kind: str
    unit: str
    shape: Any
    weight: float = 1.0
    audience: str = "staff"


@dataclass(frozen=True)
class Area:
    """A shape in the metric zone of the commune; None: everywhere."""

    shape: Any
    srid: int

    def widened(self, by_m: float) -> "Area":
        """The same with what lies so near."""
        return Area(None if self.shape is None else self.shape.buffer(by_m), self.srid)

    def stored(self) -> sa.ColumnElement[Any]:
        """The same in EPSG:4326."""
        return sa.func.ST_Transform(geom_of_wkb(sa.literal(to_wkb(self.shape), sa.LargeBinary), self.srid), STORED)


def metric_wkb(geom: Any, srid: int) -> sa.ColumnElement[Any]:
    """A stored geometry as WKB in metres."""
    return sa.func.ST_AsBinary(metric(geom, srid), type_=sa.LargeBinary)


def shapes_of(values: Sequence[Any]) -> Shapes:
    """WKB of the database as shapes; None stays None."""
    found = np.empty(len(values), dtype=object)
    found[:] = from_wkb([None if value is None else bytes(value) for value in values])
    return found


def meets(geom: Any, area: Area) -> sa.ColumnElement[bool]:
    """Whether a stored geometry lies in an area: its box first, for the index."""
    if area.shape is None:
        return sa.true()
    stored = area.stored()
    return sa.and_(geom.op("&&", is_comparison=True)(stored), sa.func.ST_Intersects(geom, stored))


def is_fresh(verified_on: Any, day: dt.date) -> sa.ColumnElement[bool]:
    """Whether a look on site counts on a day: at most twelve months old, and not to come."""
    at = sa.literal(day, sa.Date)
    return sa.and_(verified_on.is_not(None), verified_on > at - VERIFIED_FOR, verified_on <= at)


def _changed(
    device: sa.Table, derived: sa.Table, key: str, days: tuple[dt.date, dt.date], *more: Any, level: bool
) -> sa.Select[Any]:
    """Ids of devices whose row is newer than what was derived of it, or whose look on site expired between the days."""
    joined = sa.and_(derived.c.commune_id == device.c.commune_id, derived.c[key] == device.c.id)
    if level:
        joined = sa.and_(joined, derived.c.level == "detect")
    then, now = (is_fresh(device.c.verified_on, day) for day in days)
    return (
        sa.select(device.c.id)
        .select_from(device.outerjoin(derived, joined))
        .where(sa.or_(derived.c.version.is_distinct_from(device.c.version), then != now, *more))
    )


def find_changed_cameras(
    conn: Connection, commune_id: int, days: tuple[dt.date, dt.date], walls: Area | None, streets: Area | None
) -> list[int]:
    """Cameras to look at again: changed themselves, behind a changed building or wall, aimed at a changed street."""
    table = table_of(LAYERS["cameras"])
    more: list[sa.ColumnElement[bool]] = []
    if walls is not None:
        more.append(camera_views.c.reach.op("&&", is_comparison=True)(walls.stored()))
    if streets is not None:
        unknown = sa.or_(camera_views.c.reason == "no_direction", camera_views.c.assumed.contains(["direction"]))
        more.append(sa.and_(unknown, table.c.geom.op("&&", is_comparison=True)(streets.stored())))
    statement = _changed(table, camera_views, "camera_id", days, *more, level=True)
    return list(conn.execute(statement.where(table.c.commune_id == commune_id)).scalars())


def find_changed_lights(
    conn: Connection, commune_id: int, days: tuple[dt.date, dt.date], walls: Area | None
) -> list[int]:
    """Lamps to look at again; `walls` where buildings stand in their way."""
    table = table_of(LAYERS["lights"])
    more: list[sa.ColumnElement[bool]] = []
    if walls is not None:
        more.append(light_areas.c.reach.op("&&", is_comparison=True)(walls.stored()))
    statement = _changed(table, light_areas, "light_id", days, *more, level=False)
    return list(conn.execute(statement.where(table.c.commune_id == commune_id)).scalars())


def fetch_ids(conn: Connection, commune_id: int, layer: str) -> list[int]:
    """Ids of all devices of a layer."""
    table = table_of(LAYERS[layer])
    return list(conn.execute(sa.select(table.c.id).where(table.c.commune_id == commune_id)).scalars())


def find_gone(conn: Connection, commune_id: int, layer: str, derived: sa.Table, key: str) -> list[int]:
    """Ids of devices of which something was derived and which are there no more."""
    device = table_of(LAYERS[layer])
    joined = sa.and_(device.c.commune_id == derived.c.commune_id, device.c.id == derived.c[key])
    statement = sa.select(derived.c[key]).distinct().select_from(derived.outerjoin(device, joined))
    return list(conn.execute(statement.where(derived.c.commune_id == commune_id, device.c.id.is_(None))).scalars())


def fetch_devices(
    conn: Connection, commune_id: int, layer: str, ids: Collection[int], day: dt.date, srid: int
) -> list[Any]:
    """Rows of devices by id: x, y in metres, `is_fresh` on a day, and the columns of the layer."""
    table = table_of(LAYERS[layer])
    place = metric(table.c.geom, srid)
    columns = [table.c[f.name] for f in LAYERS[layer].fields]
    statement = sa.select(
        table.c.id,
        table.c.version,
        sa.func.ST_X(place).label("x"),
        sa.func.ST_Y(place).label("y"),
        is_fresh(table.c.verified_on, day).label("is_fresh"),
        *columns,
    )
    wanted = sa.literal(list(ids), sa.ARRAY(sa.BigInteger))
    statement = statement.where(table.c.commune_id == commune_id, table.c.id == sa.func.any(wanted))
    return list(conn.execute(statement.order_by(table.c.id)))


def fetch_shapes(conn: Connection, commune_id: int, layer: str, area: Area, *, nameless: bool = False) -> Shapes:
    """Shapes of a layer that meet an area; `nameless`: of rows without a name alone."""
    table = table_of(LAYERS[layer])
    statement = sa.select(metric_wkb(table.c.geom, area.srid))
    statement = statement.where(table.c.commune_id == commune_id, meets(table.c.geom, area)).order_by(table.c.id)
    if nameless:
        statement = statement.where(sa.func.coalesce(table.c.name, "") == "")
    return shapes_of(conn.execute(statement).scalars().all())


def fetch_outline(conn: Connection, commune_id: int, srid: int) -> Any:
    """The commune's outline in metres."""
    table = table_of(LAYERS["communes"])
    found = conn.execute(sa.select(metric_wkb(table.c.geom, srid)).where(table.c.id == commune_id)).scalar_one()
    return from_wkb(bytes(found))


def fetch_units(conn: Connection, commune_id: int, area: Area, gate_m: float) -> list[UnitRow]:
    """Groups, streets and places that meet an area, but for hotspots; schools from `gate_m` around, as points.

    An area without a shape is everywhere, as in all functions here.
    """
    units = _units(conn, commune_id, area, "groups", "group")
    units += _units(conn, commune_id, area, "roads", "street", name="name")
    units += _units(conn, commune_id, area.widened(gate_m), "schools", "school")
    for layer in POINTS:
        units += _units(conn, commune_id, area, layer, KIND_OF[layer], state=layer == "tip_boxes")
    return units + _units(conn, commune_id, area, "key_routes", "key_route")


def _units(
    conn: Connection, commune_id: int, area: Area, layer: str, kind: str, *, name: str = "id", state: bool = False
) -> list[UnitRow]:
    table = table_of(LAYERS[layer])
    statement = (
        sa.select(sa.func.coalesce(sa.cast(table.c[name], sa.Text), ""), metric_wkb(table.c.geom, area.srid))
        .where(table.c.commune_id == commune_id, meets(table.c.geom, area))
        .order_by(table.c.id)
    )
    if state:
        statement = statement.where(table.c.state.in_(("working", "broken")))
    rows = conn.execute(statement).all()
    shapes = shapes_of([row[1] for row in rows])
    return [UnitRow(kind, row[0], shape) for row, shape in zip(rows, shapes, strict=True)]


def fetch_hotspots(conn: Connection, commune_id: int, area: Area, role: str, audience: str) -> list[UnitRow]:
    """Hotspots that are not closed, as `role` sees them: their severity, at their place or on their street."""
    table = table_of(LAYERS["hotspots"], role)
    statement = sa.select(table.c.id, table.c.severity, metric_wkb(table.c.geom, area.srid)).where(
        table.c.commune_id == commune_id,
        table.c.state.in_(("new", "verified", "watched")),
        meets(table.c.geom, area),
    )
    rows = conn.execute(statement.order_by(table.c.id)).all()
    shapes = shapes_of([row[2] for row in rows])
    return [
        UnitRow("hotspot", str(row[0]), shape, float(row[1]), audience) for row, shape in zip(rows, shapes, strict=True)
    ]
