"""The ground: outline of exactly the official area, sea, rivers, hills, zones of use."""

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from gis_app.analysis.town.curves import blob, smooth, wobble
from gis_app.analysis.town.model import GRID_M, Coords, Frame, Terrain, Water, Zone
from gis_app.analysis.town.plan import EdgePlan, TownSpec

_PER_SPAN = 14
# How far sea and neighbours reach beyond the outline, metres: farther than the map can be moved.
RING_M = 26_000.0
_RIVER_BEYOND_M = 12_000.0
_ROUGHNESS = {"village": 0.16, "hill": 0.22, "industrial": 0.03, "military": 0.03, "lake": 0.2}


def build_terrain(spec: TownSpec, rng: np.random.Generator) -> Terrain:
    """Outline, water and zones of a town.

    Parameters
    ----------
    spec
        The town; authored places in km from the centre.
    rng
        Random stream of this step.

    Returns
    -------
    Everything in metres of the commune's zone; `land` is the outline without water.
    """
    plan = _plan_ring(spec) * 1000.0
    rough = wobble(plan, 38.0, 900.0, rng, closed=True)
    scale = float(np.sqrt(spec.area_km2 * 1e6 / Polygon(rough).area))
    frame = Frame(spec.centre_m, scale)
    ring = rough * scale + np.asarray(spec.centre_m)
    outline = shapely.set_precision(Polygon(ring), GRID_M)
    waters, streams, sea = _edge_waters(spec, ring, outline)
    for river in spec.rivers:
        line = LineString(wobble(smooth(frame.to_m(river.points)), 14.0, 420.0, rng))
        streams.append((river.klass, river.name, river.width_m, line))
        if river.width_m >= 12:
            waters.append(Water("river", river.name, shapely.buffer(line, river.width_m / 2)))
    for zone in (z for z in spec.zones if z.use == "lake"):
        lake = blob(frame.to_m([zone.centre])[0], _radii(zone.radii, scale), zone.angle_deg, rng, _ROUGHNESS["lake"])
        waters.append(Water("lake", zone.name, lake))
    waters = [_landward(water, sea) for water in waters]
    streams = [(k, n, w, line) for k, n, w, whole in streams for line in _longest(whole.difference(sea))]
    wet = shapely.union_all([water.geom for water in waters]) if waters else Polygon()
    land = shapely.set_precision(outline.difference(wet), GRID_M)
    return Terrain(frame, outline, land, waters, streams, _zones(spec, frame, ring, land, rng), sea)


def _plan_ring(spec: TownSpec) -> Coords:
    """The outline: smooth along water, more angular over land, where real boundaries follow fields and roads."""
    points = np.asarray(spec.outline)
    curve = smooth(points, _PER_SPAN, closed=True)
    t = np.tile(np.arange(_PER_SPAN) / _PER_SPAN, len(points))[:, None]
    here, there = (np.repeat(np.roll(points, k, axis=0), _PER_SPAN, axis=0) for k in (0, -1))
    straight = here * (1 - t) + there * t
    share = np.full(len(curve), 0.65)
    for edge in spec.edges:
        share[np.arange(edge.first * _PER_SPAN - 3, edge.last * _PER_SPAN + 4) % len(curve)] = 0.0
    share = np.convolve(np.concatenate([share[-4:], share, share[:4]]), np.full(9, 1 / 9), mode="valid")[:, None]
    ring: Coords = curve * (1 - share) + straight * share
    return ring


def _landward(water: Water, sea: BaseGeometry) -> Water:
    """A river as far as its mouth."""
    if water.klass == "sea" or sea.is_empty:
        return water
    parts = shapely.get_parts(water.geom.difference(sea)).tolist()
    return Water(water.klass, water.name, max(parts, key=lambda part: part.area))


def _longest(geom: BaseGeometry) -> list[LineString]:
    parts = [part for part in shapely.get_parts(geom) if part.geom_type == "LineString"]
    return [max(parts, key=lambda part: part.length)] if parts else []


def _radii(radii: tuple[float, float], scale: float) -> tuple[float, float]:
    return radii[0] * 1000 * scale, radii[1] * 1000 * scale


def edge_coords(edge: EdgePlan, ring: Coords) -> Coords:
    """The part of the outline that an edge plan names, shape (n, 2), metres."""
    index = np.arange(edge.first * _PER_SPAN, edge.last * _PER_SPAN + 1) % len(ring)
    part: Coords = ring[index]
    return part


def _edge_waters(
    spec: TownSpec, ring: Coords, outline: Polygon
) -> tuple[list[Water], list[tuple[str, str, float, LineString]], BaseGeometry]:
    waters: list[Water] = []
    streams: list[tuple[str, str, float, LineString]] = []
    seas: list[BaseGeometry] = []
    for edge in spec.edges:
        coords = edge_coords(edge, ring)
        if edge.kind == "river":
            middle = shapely.get_coordinates(outline.centroid)[0]
            head, tail = (_beyond(end, middle, _RIVER_BEYOND_M) for end in (coords[:12][::-1], coords[-12:]))
            line = LineString(np.vstack([head[::-1], coords, tail]))
            bank = shapely.buffer(line, edge.width_m / 2)
            waters.append(Water("river", edge.name, bank))
            streams.append(("river", edge.name, edge.width_m, line))
        else:
            sea = _offshore(coords, outline).union(shapely.buffer(LineString(coords), edge.width_m))
            waters.append(Water("sea", edge.name, sea))
            seas.append(sea)
    return waters, streams, shapely.union_all(seas) if seas else Polygon()


def _beyond(coords: Coords, middle: Coords, length_m: float) -> Coords:
    """Points that carry a river on beyond the last one, bending away from the commune's middle."""
    heading, away = coords[-1] - coords[0], coords[-1] - middle
    heading, away = heading / np.hypot(*heading), away / np.hypot(*away)
    t = np.linspace(0.02, 1.0, 48)[:, None]
    side = np.array([-away[1], away[0]])
    bends = side * np.sin(t * 15.0) * 0.035 * np.minimum(t * 4, 1.0)
    course = t * (heading * (1 - t) ** 3 * 0.5 + away * np.minimum(0.4 + t, 1.0))
    further: Coords = coords[-1] + length_m * (course + bends)
    return further


def _offshore(coast: Coords, outline: Polygon) -> BaseGeometry:
    """The sea outside a coast, out to `RING_M` beyond the outline, without the outline."""
    middle = np.asarray(outline.centroid.coords[0])
    far = float(np.hypot(*(shapely.get_coordinates(outline) - middle).T).max()) + RING_M
    rays = coast - middle
    angles = np.unwrap(np.arctan2(rays[:, 1], rays[:, 0]))
    sweep = np.linspace(angles[-1], angles[0], 40)
    arc = middle + far * np.column_stack([np.cos(sweep), np.sin(sweep)])
    wedge = shapely.make_valid(Polygon(np.vstack([coast, _shore(coast[-1], arc[0]), arc, _shore(arc[-1], coast[0])])))
    near = shapely.buffer(outline, RING_M)
    return shapely.buffer(wedge.intersection(near).difference(outline), 0)


def _shore(start: Coords, end: Coords) -> Coords:
    """A winding line between two points: the shore that goes on beyond the commune."""
    span = end - start
    far = np.linspace(150.0, 0.98 * float(np.hypot(*span)), 160)[:, None]
    t = far / np.hypot(*span)
    side = np.array([-span[1], span[0]]) / np.hypot(*span)
    wave = np.sin(far / 290.0) * 150.0 + np.sin(far / 1100.0 + 1.0) * 420.0 + np.sin(far / 3900.0) * 900.0
    shore: Coords = start + span * t + side * wave * np.minimum(far / 2500.0, 1.0)
    return shore


def _zones(spec: TownSpec, frame: Frame, ring: Coords, land: BaseGeometry, rng: np.random.Generator) -> list[Zone]:
    zones: list[Zone] = []
    free = land
    coast = [LineString(edge_coords(edge, ring)) for edge in spec.edges if edge.kind == "sea"]
    for plan in spec.zones:
        if plan.use == "lake":
            continue
        shape: BaseGeometry = blob(
            frame.to_m([plan.centre])[0],
            _radii(plan.radii, frame.scale),
            plan.angle_deg,
            rng,
            _ROUGHNESS.get(plan.use, 0.1),
            7.0 if plan.use in ("industrial", "military") else 2.0,
        )
        if plan.use == "beach":
            # Sand lies along the shore only: the blob chooses which part of it.
            shape = shape.intersection(shapely.buffer(shapely.union_all(coast), 62.0 + spec.edges[0].width_m))
        own = shapely.set_precision(shape.intersection(free), GRID_M)
        parts = [part for part in shapely.get_parts(own) if part.geom_type == "Polygon" and part.area > 1500]
        if parts:
            own = shapely.union_all(parts)
            zones.append(Zone(plan.use, plan.name, own))
            free = shapely.set_precision(free.difference(own), GRID_M)
    zones.append(Zone(spec.default_use, "", free))
    return zones
