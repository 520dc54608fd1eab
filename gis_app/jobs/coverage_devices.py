"""Joins devices with what stands around them: the views of cameras, what lamps light, and why some do not count."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gis_app.analysis.coverage import LEVEL_NAMES, STANDING, VERIFIED, WORKING
from gis_app.analysis.device_views import (
    CameraFields,
    CameraView,
    assumed_of_lamp,
    lit_polygons,
    lit_radius_m,
    ranges_of,
    views_of_cameras,
)
from gis_app.analysis.obstacles import Obstacles, make_obstacles
from gis_app.queries.coverage_inputs import NEAR_STREET_M, Area, fetch_devices, fetch_shapes
from gis_app.queries.coverage_store import Lit, View

_RANKS = {"working": WORKING, "broken": STANDING}
# Wider than any building that a camera's point may lie in.
_HOUSE_M = 30.0


def _rank(row: Any, assumed: Sequence[str]) -> int:
    """0 for what is only proposed or gone; a device on which something is assumed is not verified."""
    rank = _RANKS.get(row.state, 0)
    return VERIFIED if rank == WORKING and row.is_fresh and not assumed else rank


def _around(rows: Sequence[Any], reach_m: Sequence[float], srid: int) -> Area:
    places = shapely.points([(row.x, row.y) for row in rows])
    boxes = shapely.envelope(shapely.buffer(places, np.asarray(reach_m), quad_segs=1))
    return Area(shapely.union_all(boxes), srid)


def _obstacles(conn: Connection, commune_id: int, area: Area) -> Obstacles:
    buildings = fetch_shapes(conn, commune_id, "buildings", area)
    return make_obstacles(buildings, fetch_shapes(conn, commune_id, "walls", area))


def derive_cameras(conn: Connection, commune_id: int, ids: Sequence[int], today: dt.date, srid: int) -> list[View]:
    """What some cameras see at each level, in the metric zone `srid`."""
    rows = fetch_devices(conn, commune_id, "cameras", ids, today, srid) if ids else []
    if not rows:
        return []
    fields = [
        CameraFields(row.kind, row.azimuth_deg, row.fov_deg, row.range_m, row.pixel_width, row.has_infrared)
        for row in rows
    ]
    x, y = np.array([(row.x, row.y) for row in rows], dtype=float).T
    streets: Any = []
    lost = [row for row in rows if row.azimuth_deg is None]
    if lost:
        streets = fetch_shapes(conn, commune_id, "roads", _around(lost, [NEAR_STREET_M] * len(lost), srid))
    reach = [max(ranges_of(one).values()) + _HOUSE_M for one in fields]
    seen = views_of_cameras(x, y, fields, streets, _obstacles(conn, commune_id, _around(rows, reach, srid)))
    return [
        view
        for row, far, one in zip(rows, reach, seen, strict=True)
        for view in _levels(row, one, shapely.box(row.x - far, row.y - far, row.x + far, row.y + far))
    ]


def _levels(row: Any, seen: CameraView, reach: Any) -> list[View]:
    stands = row.state in _RANKS
    blocked = "obstructed" if row.obstructed_on else None
    reason = seen.problem or (blocked if stands else row.state)
    rank = 0 if reason else _rank(row, seen.assumed)
    azimuth = None if np.isnan(seen.azimuth_deg) else seen.azimuth_deg
    found = []
    for level in LEVEL_NAMES:
        view = seen.views.get(level)
        shape = None if view is None or view.polygon.is_empty else view.polygon
        found.append(
            View(
                row.id, row.version, rank, tuple(seen.assumed), reason, level, bool(row.has_infrared), azimuth,
                seen.fov_deg, seen.ranges_m[level], shape, reach,
            )
        )  # fmt: skip
    return found


def derive_lights(
    conn: Connection, commune_id: int, ids: Sequence[int], today: dt.date, srid: int, *, blocked: bool
) -> list[Lit]:
    """What some lamps light; `blocked`: buildings and walls stand in the way."""
    rows = fetch_devices(conn, commune_id, "lights", ids, today, srid) if ids else []
    if not rows:
        return []
    radius = np.array([lit_radius_m(row.radius_m, row.height_m, row.lamp) for row in rows])
    x, y = np.array([(row.x, row.y) for row in rows], dtype=float).T
    cut: Any = [None] * len(rows)
    if blocked:
        obstacles = _obstacles(conn, commune_id, _around(rows, radius + _HOUSE_M, srid))
        cut = [None if shape.is_empty else shape for shape in lit_polygons(x, y, radius, obstacles)]
    found = []
    for row, far, shape in zip(rows, radius.tolist(), cut, strict=True):
        shut = blocked and shape is None
        reason = "inside" if shut else None if row.state in _RANKS else row.state
        assumed = assumed_of_lamp(row.radius_m)
        reach = shapely.box(row.x - far, row.y - far, row.x + far, row.y + far)
        found.append(Lit(row.id, row.version, 0 if reason else _rank(row, assumed), assumed, reason, far, shape, reach))
    return found
