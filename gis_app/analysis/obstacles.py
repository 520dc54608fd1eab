"""What stands in the way of a view: buildings and walls as segments in a tree.

Overlapping and touching buildings are one. Each segment of a building has the building on its left, so a view from
outside needs only those that it has on their right. Walls that people draw have no thickness and are seen from both
sides; they are cut where they cross one another and end where they enter a building: segments never cross.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis_app.errors import Unprocessable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Shapes = NDArray[np.object_]

# A camera drawn on its wall, or up to 3 m inside its building, hangs this far off the wall.
OFF_WALL_M = 0.2
DEEPEST_M = 3.0
# Nearer than this is on the wall.
TOUCH_M = 0.01
_TURN = np.arange(16) * (2 * np.pi / 16)
_COMPASS = np.column_stack([np.sin(_TURN), np.cos(_TURN)])


@dataclass(frozen=True)
class Obstacles:
    """Buildings that do not overlap, and the segments (starts[i], ends[i]) of their outlines and of walls."""

    buildings: Shapes
    starts: Floats
    ends: Floats
    is_wall: Flags
    tree: shapely.STRtree
    building_tree: shapely.STRtree


def make_obstacles(buildings: Sequence[Any] | Shapes, walls: Sequence[Any] | Shapes = ()) -> Obstacles:
    """Build obstacles from polygons and lines in metres; missing and empty ones are passed over.

    Raises
    ------
    Unprocessable
        `view_not_finite`: a coordinate is not a number.
    """
    solid = _united(_clean(buildings, dimension=2))
    building_tree = shapely.STRtree(solid)
    lines = _cut_walls(_clean(walls, dimension=1), solid, building_tree)
    rings = shapely.get_rings(shapely.orient_polygons(solid)) if len(solid) else solid
    starts, ends, owner = _segments(np.concatenate([rings, lines]))
    return Obstacles(
        solid,
        starts,
        ends,
        owner >= len(rings),
        shapely.STRtree(np.asarray(shapely.linestrings(np.stack([starts, ends], axis=1)))),
        building_tree,
    )


def numbers(*values: ArrayLike) -> list[Floats]:
    """Arrays of one length; refuse what is not finite."""
    found = [np.atleast_1d(np.asarray(value, dtype=float)) for value in values]
    if not all(np.isfinite(each).all() for each in found):
        raise Unprocessable("view_not_finite")
    return list(np.broadcast_arrays(*found))


def _clean(shapes: Sequence[Any] | Shapes, dimension: int) -> Shapes:
    """Valid single parts of one dimension, without a third coordinate."""
    found = np.empty(len(shapes), dtype=object)
    found[:] = list(shapes)
    found = shapely.force_2d(found[~(shapely.is_missing(found) | shapely.is_empty(found))])
    if not np.isfinite(shapely.get_coordinates(found)).all():
        raise Unprocessable("view_not_finite")
    if dimension == 2:
        wrong = ~shapely.is_valid(found)
        found[wrong] = shapely.make_valid(found[wrong])
    parts = shapely.get_parts(shapely.get_parts(found))
    kept: Shapes = parts[shapely.get_dimensions(parts) == dimension]
    return kept


def _united(polygons: Shapes) -> Shapes:
    if not len(polygons):
        return polygons
    parts: Shapes = shapely.get_parts(shapely.disjoint_subset_union_all(polygons))
    return parts


def _cut_walls(walls: Shapes, buildings: Shapes, tree: shapely.STRtree) -> Shapes:
    if not len(walls):
        return walls
    lines = shapely.get_parts(shapely.union_all(walls))
    line, building = tree.query(lines, predicate="intersects")
    for number in np.unique(line):
        lines[number] = shapely.difference(lines[number], shapely.union_all(buildings[building[line == number]]))
    return _clean(lines, dimension=1)


def _segments(lines: Shapes) -> tuple[Floats, Floats, Ints]:
    """Starts, ends and line of every segment that has a length."""
    places, owner = shapely.get_coordinates(lines, return_index=True)
    follows = (owner[1:] == owner[:-1]) & (places[1:] != places[:-1]).any(axis=1)
    return places[:-1][follows], places[1:][follows], owner[:-1][follows]


def stand(places: Floats, obstacles: Obstacles) -> tuple[Floats, Flags]:
    """Where cameras hang, and which of them are shut in a building.

    One on a building's wall, or up to 3 m inside, goes 0.2 m off the nearest wall to where it has most room.
    """
    places, inside = places.copy(), np.zeros(len(places), dtype=np.bool_)
    points = np.asarray(shapely.points(places))
    stuck, building = obstacles.building_tree.query(points, predicate="dwithin", distance=TOUCH_M)
    stuck, first = np.unique(stuck, return_index=True)
    if not len(stuck):
        return places, inside
    lines = shapely.shortest_line(shapely.boundary(obstacles.buildings[building[first]]), points[stuck])
    foot = shapely.get_coordinates(lines)[::2]
    within = shapely.intersects(obstacles.buildings[building[first]], points[stuck])
    outward = np.where(within[:, None], foot - places[stuck], places[stuck] - foot)
    length = np.hypot(outward[:, 0], outward[:, 1])[:, None]
    outward = np.divide(outward, length, out=np.repeat(_COMPASS[:1], len(stuck), axis=0), where=length > 1e-6)
    ways = np.concatenate([outward[:, None], np.broadcast_to(_COMPASS, (len(stuck), len(_COMPASS), 2))], axis=1)
    choices = foot[:, None] + OFF_WALL_M * ways
    room = _room(choices.reshape(-1, 2), obstacles).reshape(len(stuck), -1)
    # Off a corner many ways have the same room: the middle one sees along both walls.
    widest = room > room.max(axis=1, keepdims=True) - 1e-3
    middle = (ways * widest[:, :, None]).sum(axis=1)
    best = np.argmax(np.where(widest, (ways * middle[:, None]).sum(axis=2), -np.inf), axis=1)
    places[stuck] = choices[np.arange(len(stuck)), best]
    inside[stuck] = (within & (shapely.length(lines) > DEEPEST_M)) | (room.max(axis=1) <= 0)
    return places, inside


def _room(places: Floats, obstacles: Obstacles) -> Floats:
    """Distance to the nearest segment; 0 in a building or on its wall."""
    points = np.asarray(shapely.points(places))
    blocked = obstacles.building_tree.query(points, predicate="dwithin", distance=TOUCH_M)[0]
    free = np.setdiff1d(np.arange(len(points)), blocked)
    room = np.zeros(len(points))
    (asked, _), distance = obstacles.tree.query_nearest(points[free], return_distance=True, all_matches=False)
    room[free[asked]] = distance
    return room
