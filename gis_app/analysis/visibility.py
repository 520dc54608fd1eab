"""What cameras see: exact polygons of views that buildings and walls cut. Metres, bearings clockwise from north.

A pole is swept once over the full turn (`full_view`, `full_views`); every view of it, of any bearing and range, is
cut from that. Areas are exact: triangles and sectors of circles; polygons have arcs in steps of at most half a degree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike

from gis_app.analysis.obstacles import Flags, Floats, Ints, Obstacles, Shapes, make_obstacles, numbers, stand
from gis_app.analysis.sweep import TURN, Wedges, distance_at, spread, sweep
from gis_app.errors import Unprocessable

__all__ = [
    "Isovist", "Obstacles", "View", "Views", "cut_view", "full_view", "full_views", "make_obstacles", "sees",
    "view_polygons", "views",
]  # fmt: skip

_ARC_STEP = np.radians(0.5)
# A target on a wall is seen.
_ON_WALL_M = 1e-6
_POLES_AT_ONCE = 256
_VIEWS_AT_ONCE = 4096


@dataclass(frozen=True)
class Isovist:
    """All that is seen from a pole within `radius_m`; x, y is where its cameras hang, off the wall.

    `inside`: shut in a building, nothing is seen.
    """

    x: float
    y: float
    radius_m: float
    inside: bool
    wedges: Wedges


@dataclass(frozen=True)
class View:
    """One view: its polygon and its exact area."""

    polygon: shapely.Polygon
    area_m2: float


@dataclass(frozen=True)
class Views:
    """Many views: polygons, exact areas, and which cameras are shut in a building."""

    polygons: Shapes
    areas_m2: Floats
    inside: Flags


@dataclass(frozen=True)
class _Asked:
    """Views as they are asked for: pole of each, bearings of its edges in radians, range."""

    pole: Ints
    start: Floats
    end: Floats
    is_full: Flags
    range_m: Floats

    def take(self, part: slice) -> "_Asked":
        return _Asked(*(values[part] for values in vars(self).values()))


@dataclass(frozen=True)
class _Pieces:
    """Parts of views in order of bearing; of a wall where `distance` is finite, else of the range circle."""

    view: Ints
    start: Floats
    end: Floats
    distance: Floats
    foot: Floats


def full_view(x: float, y: float, radius_m: float, obstacles: Obstacles) -> Isovist:
    """Sweep one pole."""
    return full_views([x], [y], [radius_m], obstacles)[0]


def full_views(x: ArrayLike, y: ArrayLike, radius_m: ArrayLike, obstacles: Obstacles) -> list[Isovist]:
    """Sweep many poles at once; x, y, radius_m are (n,).

    Raises
    ------
    Unprocessable
        `view_not_finite`, `view_range`.
    """
    xs, ys, radius = numbers(x, y, radius_m)
    _check_range(radius)
    places, inside = stand(np.column_stack([xs, ys]), obstacles)
    wedges = _sweep_in_parts(places, radius, obstacles)
    return [
        Isovist(float(places[p, 0]), float(places[p, 1]), float(radius[p]), bool(inside[p]), _one(wedges, p))
        for p in range(len(places))
    ]


def cut_view(isovist: Isovist, azimuth_deg: float, fov_deg: float, range_m: float) -> View:
    """One view of a swept pole.

    Raises
    ------
    Unprocessable
        `view_not_finite`, `view_fov`, `view_range`.
    ValueError
        The pole was not swept that far.
    """
    asked = _asked([0], azimuth_deg, fov_deg, range_m)
    if asked.range_m[0] > isovist.radius_m:
        raise ValueError(f"swept to {isovist.radius_m:g} m only")
    found = _cut(isovist.wedges, asked, np.array([[isovist.x, isovist.y]]), np.array([isovist.inside]))
    return View(found.polygons[0], float(found.areas_m2[0]))


def views(
    x: ArrayLike, y: ArrayLike, azimuth_deg: ArrayLike, fov_deg: ArrayLike, range_m: ArrayLike, obstacles: Obstacles
) -> Views:
    """Many views, arrays of (n,); each pole is swept once.

    Raises
    ------
    Unprocessable
        `view_not_finite`, `view_fov`, `view_range`.
    """
    xs, ys, azimuth, fov, ranges = numbers(x, y, azimuth_deg, fov_deg, range_m)
    spots, pole = np.unique(np.column_stack([xs, ys]), axis=0, return_inverse=True)
    asked = _asked(pole.ravel(), azimuth, fov, ranges)
    radius = np.zeros(len(spots))
    np.maximum.at(radius, asked.pole, ranges)
    places, inside = stand(spots, obstacles)
    wedges = _sweep_in_parts(places, radius, obstacles)
    parts = (slice(at, at + _VIEWS_AT_ONCE) for at in range(0, len(asked.pole), _VIEWS_AT_ONCE))
    found = [_cut(wedges, asked.take(part), places, inside) for part in parts]
    return Views(
        np.concatenate([np.empty(0, dtype=object), *(part.polygons for part in found)]),
        np.concatenate([np.empty(0), *(part.areas_m2 for part in found)]),
        inside[asked.pole],
    )


def view_polygons(
    x: ArrayLike, y: ArrayLike, azimuth_deg: ArrayLike, fov_deg: ArrayLike, range_m: ArrayLike, obstacles: Obstacles
) -> Shapes:
    """Polygons of many views; empty where the camera is shut in a building."""
    return views(x, y, azimuth_deg, fov_deg, range_m, obstacles).polygons


def sees(isovist: Isovist, points: Floats) -> tuple[Floats, Floats, Flags]:
    """Bearing, distance and whether a pole sees them, for targets (m, 2)."""
    east, north = np.asarray(points, dtype=float).reshape(-1, 2).T - [[isovist.x], [isovist.y]]
    bearing, distance = np.mod(np.arctan2(east, north), TURN), np.hypot(east, north)
    wedges = isovist.wedges
    wedge = np.searchsorted(wedges.start, bearing, side="right") - 1
    clear = np.minimum(distance_at(wedges.distance[wedge], wedges.foot[wedge], bearing), isovist.radius_m)
    return np.degrees(bearing), distance, (distance <= clear + _ON_WALL_M) & (not isovist.inside)


def _check_range(range_m: Floats) -> None:
    if not (range_m > 0).all():
        raise Unprocessable("view_range")


def _asked(pole: Sequence[int] | Ints, azimuth_deg: ArrayLike, fov_deg: ArrayLike, range_m: ArrayLike) -> _Asked:
    azimuth, fov, ranges = numbers(azimuth_deg, fov_deg, range_m)
    _check_range(ranges)
    if not (fov > 0).all():
        raise Unprocessable("view_fov")
    is_full = fov >= 360
    start = np.where(is_full, 0.0, np.mod(np.radians(azimuth - fov / 2), TURN))
    end = start + np.where(is_full, TURN, np.radians(fov))
    return _Asked(np.asarray(pole), start, end, is_full, ranges)


def _sweep_in_parts(places: Floats, radius: Floats, obstacles: Obstacles) -> Wedges:
    parts = range(0, max(len(places), 1), _POLES_AT_ONCE)
    swept = [sweep(places[at : at + _POLES_AT_ONCE], radius[at : at + _POLES_AT_ONCE], obstacles) for at in parts]
    return Wedges.joined(swept)


def _one(wedges: Wedges, pole: int) -> Wedges:
    low, high = wedges.first[pole], wedges.first[pole + 1]
    parts = (part[low:high] for part in (wedges.start, wedges.end, wedges.distance, wedges.foot))
    return Wedges(np.array([0, high - low]), *parts)


def _cut(wedges: Wedges, asked: _Asked, places: Floats, inside: Flags) -> Views:
    pieces = _pieces(wedges, asked, inside)
    reach = asked.range_m[pieces.view]
    near = np.minimum(distance_at(pieces.distance, pieces.foot, pieces.start), reach)
    far = np.minimum(distance_at(pieces.distance, pieces.foot, pieces.end), reach)
    width = pieces.end - pieces.start
    sizes = near * far * np.where(np.isfinite(pieces.distance), np.sin(width), width) / 2
    areas = np.zeros(len(asked.pole))
    np.add.at(areas, pieces.view, sizes)
    return Views(_polygons(pieces, asked, places), areas, inside[asked.pole])


def _pieces(wedges: Wedges, asked: _Asked, inside: Flags) -> _Pieces:
    """Cut wedges by the edges of views and by range circles."""
    # Twice around, as a view may go over north.
    count = np.where(inside, 0, np.diff(wedges.first))[asked.pole]
    step, view = spread(np.zeros_like(count), 2 * count)
    over = step >= count[view]
    wedge = wedges.first[asked.pole][view] + np.where(over, step - count[view], step)
    start = np.maximum(wedges.start[wedge] + TURN * over, asked.start[view])
    end = np.minimum(wedges.end[wedge] + TURN * over, asked.end[view])
    kept = end > start
    view, wedge, start, end = view[kept], wedge[kept], start[kept], end[kept]
    # A wall is within range up to `half` either side of its foot.
    distance, foot = wedges.distance[wedge], wedges.foot[wedge]
    half = np.arccos(np.minimum(distance / asked.range_m[view], 1.0))
    foot = foot + TURN * np.round(((start + end) / 2 - foot) / TURN)
    left, right = np.clip(foot - half, start, end), np.clip(foot + half, start, end)
    open_view = half <= 0
    left, right = np.where(open_view, end, left), np.where(open_view, end, right)
    edges = np.column_stack([start, left, right, end])
    is_piece = (edges[:, 1:] > edges[:, :-1]).ravel()
    none = np.full(len(view), np.inf)
    return _Pieces(
        np.repeat(view, 3)[is_piece],
        edges[:, :-1].ravel()[is_piece],
        edges[:, 1:].ravel()[is_piece],
        np.column_stack([none, distance, none]).ravel()[is_piece],
        np.repeat(foot, 3)[is_piece],
    )


def _polygons(pieces: _Pieces, asked: _Asked, places: Floats) -> Shapes:
    is_arc = ~np.isfinite(pieces.distance)
    width = pieces.end - pieces.start
    steps = np.where(is_arc, np.ceil(width / _ARC_STEP), 1).astype(np.int64)
    step, piece = spread(np.zeros_like(steps), steps + 1)
    bearing = pieces.start[piece] + width[piece] * step / steps[piece]
    view = pieces.view[piece]
    clear = np.minimum(distance_at(pieces.distance[piece], pieces.foot[piece], bearing), asked.range_m[view])
    # A view of less than a full turn goes back to its camera.
    apex = np.intersect1d(view, np.flatnonzero(~asked.is_full))
    view = np.concatenate([view, apex])
    order = np.argsort(view, kind="stable")
    offset = np.concatenate(
        [np.column_stack([np.sin(bearing), np.cos(bearing)]) * clear[:, None], np.zeros((len(apex), 2))]
    )
    view, spots = view[order], offset[order] + places[asked.pole[view[order]]]
    repeated = np.append(False, (view[1:] == view[:-1]) & (np.abs(np.diff(spots, axis=0)).max(axis=1) < 1e-9))
    view, spots = view[~repeated[: len(view)]], spots[~repeated[: len(view)]]
    polygons = np.full(len(asked.pole), shapely.Polygon(), dtype=object)
    wide = np.flatnonzero(np.bincount(view, minlength=len(polygons)) >= 3)
    kept = np.isin(view, wide)
    if len(wide):
        polygons[wide] = shapely.polygons(shapely.linearrings(spots[kept], indices=np.searchsorted(wide, view[kept])))
    wrong = ~shapely.is_valid(polygons)
    polygons[wrong] = [_mended(polygon) for polygon in polygons[wrong]]
    return polygons


def _mended(polygon: Any) -> Any:
    """A valid polygon where edges a few nanometres apart have met: its largest part."""
    parts = shapely.get_parts(shapely.make_valid(polygon, method="structure", keep_collapsed=False))
    return max(parts, key=lambda part: float(part.area), default=shapely.Polygon())
