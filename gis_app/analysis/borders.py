"""Borders that areas share: one corner moved for all who have it, and an area cut by a line. Coordinates in degrees.

Real borders meet with a corner on one side only. So before a corner moves, every area along its edges gets the corners
that its neighbours have there; then all of them move the one corner, and what was shared stays shared, to the bit.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize

Spot = tuple[float, float]
Ring = list[Spot]
Parts = list[list[Ring]]

# Two centimetres: what seven decimal places of GeoJSON round away, twice over.
TOUCH_DEG = 2e-7
METRES_PER_DEGREE = 111_320.0
# Growth of overlaps or gaps that counts as a fault; less is rounding.
FAULT_M2 = 1.0
SLIVER_M2 = 10.0


class BorderError(ValueError):
    """An edit that would spoil the borders; the text names the rule."""


@dataclass(frozen=True)
class Move:
    """A corner, or a place on an edge, and where it goes; without `end` the corner is taken out."""

    start: Spot
    end: Spot | None


def move_corners(areas: Mapping[int, shapely.MultiPolygon], moves: Sequence[Move]) -> dict[int, shapely.MultiPolygon]:
    """Areas by id after some moves; only those that changed. Raises BorderError with the rule that an edit breaks."""
    rings = {name: _parts_of(area) for name, area in areas.items()}
    for move in moves:
        _move(rings, move)
    changed = {}
    for name, parts in rings.items():
        try:
            made = shapely.MultiPolygon([(part[0], part[1:]) for part in parts])
        except ValueError as error:
            raise BorderError("geometry_invalid") from error
        if made.equals_exact(areas[name], 0):
            continue
        if not made.is_valid:
            raise BorderError("geometry_invalid")
        changed[name] = made
    _check_tiling(areas, {**areas, **changed}, changed)
    return changed


def cut(area: shapely.MultiPolygon, line: shapely.LineString) -> list[shapely.MultiPolygon]:
    """Return the pieces of an area that a line leaves, from west to east; a part not crossed goes to the nearest."""
    crossed = [part for part in area.geoms if line.crosses(part)]
    faces = polygonize(shapely.unary_union([line, *(part.boundary for part in crossed)]))
    pieces = [[face] for face in faces if any(part.contains(face.representative_point()) for part in crossed)]
    if len(pieces) < 2:
        raise BorderError("not_cut")
    if min(area_m2(piece[0]) for piece in pieces) < SLIVER_M2:
        raise BorderError("sliver")
    heads = [piece[0] for piece in pieces]
    for part in area.geoms:
        if part not in crossed:
            nearest = min(range(len(heads)), key=lambda at: (part.distance(heads[at]), at))
            pieces[nearest].append(part)
    found = [shapely.MultiPolygon(piece) for piece in pieces]
    return sorted(found, key=lambda piece: (round(piece.centroid.x, 9), round(piece.centroid.y, 9)))


def area_m2(shape: BaseGeometry) -> float:
    """Area of a small shape in degrees, good to a few per thousand."""
    if shape.is_empty:
        return 0.0
    latitude = (shape.bounds[1] + shape.bounds[3]) / 2
    return float(shape.area * METRES_PER_DEGREE**2 * math.cos(math.radians(latitude)))


def _parts_of(area: shapely.MultiPolygon) -> Parts:
    def ring(found: shapely.LinearRing) -> Ring:
        return [(float(x), float(y)) for x, y in shapely.get_coordinates(found)[:-1]]

    return [[ring(part.exterior), *map(ring, part.interiors)] for part in area.geoms]


def _each(rings: Mapping[int, Parts]) -> list[Ring]:
    return [ring for parts in rings.values() for part in parts for ring in part]


def _same(one: Spot, other: Spot) -> bool:
    return abs(one[0] - other[0]) < TOUCH_DEG and abs(one[1] - other[1]) < TOUCH_DEG


def _edge_at(ring: Ring, spot: Spot) -> int | None:
    """The edge of a ring that passes a spot, by the number of its first corner."""
    points = np.asarray(ring)
    near, _ = _along(points, np.roll(points, -1, axis=0), np.asarray(spot))
    at = int(np.argmin(near))
    return at if near[at] < TOUCH_DEG else None


def _along(
    start: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    end: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    spot: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Distance of a spot from edges, and how far along each its foot lies (0 to 1)."""
    way = end - start
    length2 = np.maximum((way**2).sum(axis=-1), 1e-30)
    share = np.clip(((spot - start) * way).sum(axis=-1) / length2, 0.0, 1.0)
    return np.hypot(*((start + share[..., None] * way - spot).T)), share


def _put_in(ring: Ring, spot: Spot) -> None:
    """Give a ring a corner at a spot that its border passes; a corner that is nearly there becomes it."""
    for at, corner in enumerate(ring):
        if _same(corner, spot):
            ring[at] = spot
            return
    at_edge = _edge_at(ring, spot)
    if at_edge is not None:
        ring.insert(at_edge + 1, spot)


def _move(rings: Mapping[int, Parts], move: Move) -> None:
    every = _each(rings)
    for ring in every:
        _put_in(ring, move.start)
    holders = [ring for ring in every if move.start in ring]
    if not holders:
        raise BorderError("no_corner")
    corners = np.asarray([corner for ring in every for corner in ring])
    for ring in holders:
        _share_corners(ring, move.start, corners)
    if move.end is None:
        _take_out(holders, move.start)
        return
    end = move.end
    for ring in every:
        if ring not in holders:
            _put_in(ring, end)
    for ring in holders:
        ring[:] = _without_twins([end if corner == move.start else corner for corner in ring])


def _share_corners(ring: Ring, spot: Spot, corners: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    """Give the two edges of a ring at a corner all corners that other rings have on them."""
    before = ring[ring.index(spot) - 1]
    after = ring[(ring.index(spot) + 1) % len(ring)]
    for near, first in ((before, True), (after, False)):
        ends = np.asarray([near, spot])
        # Sign and both ends are left out; the box first, for there are many corners.
        low, high = ends.min(axis=0) - TOUCH_DEG, ends.max(axis=0) + TOUCH_DEG
        there = corners[((corners >= low) & (corners <= high)).all(axis=1)]
        found: dict[Spot, float] = {}
        for corner in there:
            away, share = _along(ends[:1], ends[1:], corner)
            place = (float(corner[0]), float(corner[1]))
            if away[0] < TOUCH_DEG and not _same(place, near) and not _same(place, spot):
                found[place] = float(share[0])
        ordered = sorted(found, key=lambda place: found[place])
        at = ring.index(spot)
        if first:
            ring[at:at] = ordered
        else:
            ring[at + 1 : at + 1] = ordered[::-1]
    ring[:] = _without_twins(ring)


def _take_out(holders: Sequence[Ring], spot: Spot) -> None:
    def ends(ring: Ring) -> frozenset[tuple[float, float]]:
        at = ring.index(spot)
        return frozenset((round(x, 6), round(y, 6)) for x, y in (ring[at - 1], ring[(at + 1) % len(ring)]))

    if len({ends(ring) for ring in holders}) > 1:
        # Where three areas meet, a corner that goes leaves a hole between them.
        raise BorderError("junction")
    for ring in holders:
        ring.remove(spot)
        if len(ring) < 3:
            raise BorderError("geometry_invalid")


def _without_twins(ring: Ring) -> Ring:
    kept = [corner for at, corner in enumerate(ring) if corner != ring[at - 1]]
    if len(kept) < 3:
        raise BorderError("geometry_invalid")
    return kept


def _check_tiling(
    before: Mapping[int, shapely.MultiPolygon],
    after: Mapping[int, shapely.MultiPolygon],
    changed: Mapping[int, shapely.MultiPolygon],
) -> None:
    """Refuse an edit that makes an overlap or a gap larger; what was wrong before may stay or get better."""
    measures: tuple[tuple[str, Callable[..., float]], ...] = (("overlap", _overlap_m2), ("gap", _gap_m2))
    for rule, measure in measures:
        if measure(after, changed) > measure(before, changed) + FAULT_M2:
            raise BorderError(rule)


def _overlap_m2(areas: Mapping[int, shapely.MultiPolygon], changed: Mapping[int, object]) -> float:
    names = list(areas)
    tree = shapely.STRtree([areas[name] for name in names])
    total = 0.0
    for name in changed:
        for other in (names[int(at)] for at in tree.query(areas[name], predicate="intersects")):
            if other != name:
                total += area_m2(areas[name].intersection(areas[other]))
    return total


def _gap_m2(areas: Mapping[int, shapely.MultiPolygon], _changed: Mapping[int, object]) -> float:
    """Area of the holes that all areas together leave."""
    whole = shapely.unary_union(list(areas.values()))
    return sum(
        area_m2(shapely.Polygon(hole))
        for part in shapely.get_parts(whole)
        if isinstance(part, shapely.Polygon)
        for hole in part.interiors
    )
