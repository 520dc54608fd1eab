"""From what is stored of a device to what it sees or lights, with every assumption named.

A PTZ camera counts as the full circle. A camera whose direction nobody wrote down looks at the nearest street. What is
assumed is said (`assumed_of`), so that figures exist twice: assumed, and verified.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import ArrayLike

from gis_app.analysis.dori import LEVELS, range_of
from gis_app.analysis.obstacles import Floats, Obstacles, Shapes, numbers
from gis_app.analysis.visibility import View, view_polygons, views

DEFAULT_FOV_DEG = 90.0
DEFAULT_PIXEL_WIDTH = 1920
# No camera of a street is believed beyond this, whatever its lens says.
FARTHEST_M = 1000.0
NEAREST_STREET_M = 60.0
# So near to a street's axis a camera looks along it.
ON_AXIS_M = 1.0

DEFAULT_LIT_M = 15.0
# Lit radius in heights of the pole; lamps stand 3.5 to 4 heights apart where a street is evenly lit (TCXDVN 259:2001).
_LIT_HEIGHTS = {"led": 2.0, "sodium": 1.8}
_LIT_HEIGHTS_OTHER = 1.6
# A lower one is a garden lamp or a slip of the pen.
_LOWEST_LAMP_M = 2.0
_LAMP_SIDES = 64


@dataclass(frozen=True)
class CameraFields:
    """What layer `cameras` stores of one view."""

    kind: str
    azimuth_deg: float | None = None
    fov_deg: float | None = None
    range_m: float | None = None
    pixel_width: int | None = None
    has_infrared: bool | None = None


@dataclass(frozen=True)
class CameraView:
    """What a camera is taken to see, by level; `problem`: `no_direction`, `inside` (then nothing), or None."""

    azimuth_deg: float
    fov_deg: float
    ranges_m: Mapping[str, float]
    assumed: tuple[str, ...]
    problem: str | None = None
    views: Mapping[str, View] = field(default_factory=dict)


def angle_of(camera: CameraFields) -> float:
    """Width of what counts as seen: the full circle for PTZ, and for panoramic unless stored as less."""
    if camera.kind == "ptz":
        return 360.0
    if camera.fov_deg is None:
        return 360.0 if camera.kind == "panoramic" else DEFAULT_FOV_DEG
    return min(camera.fov_deg, 360.0)


def assumed_of(camera: CameraFields) -> tuple[str, ...]:
    """Which parts of its view are assumed: of "ptz", "direction", "fov", "range"."""
    facts = {
        "ptz": camera.kind == "ptz",
        "direction": camera.azimuth_deg is None and angle_of(camera) < 360,
        "fov": camera.fov_deg is None and camera.kind != "panoramic",
        "range": camera.pixel_width is None and camera.range_m is None,
    }
    return tuple(code for code, is_assumed in facts.items() if is_assumed)


def ranges_of(camera: CameraFields, levels: Mapping[str, float] = LEVELS) -> dict[str, float]:
    """Range at each level. A stored range caps all; without pixels it is the one of "detect", and others scale."""
    cap = min(camera.range_m or FARTHEST_M, FARTHEST_M)
    if camera.pixel_width is None and camera.range_m is not None:
        detect = levels.get("detect", LEVELS["detect"])
        return {level: min(camera.range_m * detect / px_per_m, cap) for level, px_per_m in levels.items()}
    lens = camera.fov_deg or (360.0 if camera.kind == "panoramic" else DEFAULT_FOV_DEG)
    pixels, is_panoramic = camera.pixel_width or DEFAULT_PIXEL_WIDTH, camera.kind == "panoramic"
    return {
        level: min(range_of(pixels, lens, px_per_m, is_panoramic=is_panoramic), cap)
        for level, px_per_m in levels.items()
    }


def aim(x: ArrayLike, y: ArrayLike, streets: Sequence[shapely.LineString] | Shapes) -> Floats:
    """Bearing to the nearest point of the nearest street within 60 m, along it where within 1 m; NaN where none is."""
    places = np.column_stack(numbers(x, y))
    bearing = np.full(len(places), np.nan)
    lines = shapely.get_parts(np.asarray(streets, dtype=object)) if len(streets) else np.empty(0, dtype=object)
    points = np.asarray(shapely.points(places))
    near, street = shapely.STRtree(lines).query_nearest(points, max_distance=NEAREST_STREET_M, all_matches=False)
    lines, points = lines[street], points[near]
    at = shapely.line_locate_point(lines, points)
    foot = shapely.get_coordinates(shapely.line_interpolate_point(lines, at))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines, at + 0.5))
    behind = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.maximum(at - 0.5, 0)))
    off = foot - places[near]
    along = np.hypot(off[:, 0], off[:, 1]) <= ON_AXIS_M
    off[along] = (ahead - behind)[along]
    bearing[near] = np.degrees(np.arctan2(off[:, 0], off[:, 1])) % 360
    return bearing


def views_of_cameras(
    x: Floats,
    y: Floats,
    cameras: Sequence[CameraFields],
    streets: Sequence[shapely.LineString] | Shapes,
    obstacles: Obstacles,
    levels: Mapping[str, float] = LEVELS,
) -> list[CameraView]:
    """What each camera sees at each level; cameras of one place share one sweep."""
    angles = np.array([angle_of(camera) for camera in cameras])
    bearings = np.array(
        [np.nan if camera.azimuth_deg is None else camera.azimuth_deg for camera in cameras], dtype=float
    )
    bearings[np.isnan(bearings) & (angles >= 360)] = 0.0
    lost = np.flatnonzero(np.isnan(bearings))
    if len(lost):
        bearings[lost] = aim(np.asarray(x)[lost], np.asarray(y)[lost], streets)
    ranges = [ranges_of(camera, levels) for camera in cameras]
    aimed = np.flatnonzero(~np.isnan(bearings))
    each = np.repeat(aimed, len(levels))
    reach = [ranges[number][level] for number in aimed for level in levels]
    found = views(np.asarray(x)[each], np.asarray(y)[each], bearings[each], angles[each], reach, obstacles)
    views_of: list[dict[str, View]] = [{} for _ in cameras]
    shut = set(each[found.inside].tolist())
    for at, (number, level) in enumerate((number, level) for number in aimed.tolist() for level in levels):
        if number not in shut:
            views_of[number][level] = View(found.polygons[at], float(found.areas_m2[at]))
    problems = [
        "no_direction" if np.isnan(bearings[k]) else "inside" if k in shut else None for k in range(len(cameras))
    ]
    return [
        CameraView(bearing, angle, reach_of, assumed_of(camera), problem, seen)
        for bearing, angle, reach_of, camera, problem, seen in zip(
            bearings.tolist(), angles.tolist(), ranges, cameras, problems, views_of, strict=True
        )
    ]


def view_of_camera(
    place: tuple[float, float],
    camera: CameraFields,
    streets: Sequence[shapely.LineString] | Shapes,
    obstacles: Obstacles,
    levels: Mapping[str, float] = LEVELS,
) -> CameraView:
    """What one camera at x, y sees at each level."""
    return views_of_cameras(np.array([place[0]]), np.array([place[1]]), [camera], streets, obstacles, levels)[0]


def lit_radius_m(radius_m: float | None, height_m: float | None, lamp: str | None) -> float:
    """Radius that a lamp lights: as stored, else from its height and class, else 15 m."""
    if radius_m is not None:
        return radius_m
    if height_m is None or height_m < _LOWEST_LAMP_M:
        return DEFAULT_LIT_M
    return height_m * _LIT_HEIGHTS.get(lamp or "", _LIT_HEIGHTS_OTHER)


def assumed_of_lamp(radius_m: float | None) -> tuple[str, ...]:
    """Whether a lamp's radius is assumed: "radius"."""
    return ("radius",) if radius_m is None else ()


def lit_polygons(x: ArrayLike, y: ArrayLike, radius_m: ArrayLike, obstacles: Obstacles | None = None) -> Shapes:
    """What lamps light: 64 sides with exactly the circle's area, or, with obstacles, what is in sight of the lamp."""
    if obstacles is not None:
        return view_polygons(x, y, 0.0, 360.0, radius_m, obstacles)
    xs, ys, radius = numbers(x, y, radius_m)
    turn = np.arange(_LAMP_SIDES) * (2 * np.pi / _LAMP_SIDES)
    corner = radius * np.sqrt(2 * np.pi / (_LAMP_SIDES * np.sin(2 * np.pi / _LAMP_SIDES)))
    spots = np.stack([xs, ys], axis=1)[:, None] + corner[:, None, None] * np.column_stack([np.sin(turn), np.cos(turn)])
    return np.asarray(shapely.polygons(spots), dtype=object)
