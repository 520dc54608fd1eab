"""Main roads: authored ones, and roads between villages."""

import numpy as np
import shapely
from shapely import LineString

from gis_app.analysis.town.curves import smooth, wobble
from gis_app.analysis.town.model import Coords, Street, Terrain
from gis_app.analysis.town.plan import RoadPlan, TownSpec

_WAVE = {"motorway": (0.0, 900.0), "trunk": (9.0, 900.0), "primary": (12.0, 700.0)}


def plan_arterials(spec: TownSpec, terrain: Terrain, rng: np.random.Generator) -> list[Street]:
    """Authored roads, clipped to the outline, then roads that join the villages (metres)."""
    streets = []
    for road, line in zip(spec.roads, _met([_road_line(road, terrain, rng) for road in spec.roads]), strict=True):
        for part in _lines(line.intersection(terrain.outline)):
            if part.length > 60:
                streets.append(Street(part, road.name, road.klass))
    streets += _village_roads(terrain, streets, rng)
    return streets + _works_roads(terrain, streets)


def _road_line(road: RoadPlan, terrain: Terrain, rng: np.random.Generator) -> LineString:
    amplitude, wavelength = _WAVE.get(road.klass, (14.0, 450.0))
    per_span = 12
    return LineString(
        wobble(smooth(terrain.frame.to_m(road.points), per_span), amplitude, wavelength, rng, per_span=per_span)
    )


def _met(lines: list[LineString], reach_m: float = 170.0) -> list[LineString]:
    """Move ends that stop just beside another road on to it."""
    met = []
    for k, line in enumerate(lines):
        others = shapely.union_all(lines[:k] + lines[k + 1 :])
        coords = shapely.get_coordinates(line)
        for end in (0, -1):
            point = shapely.points(coords[end])
            if 0 < point.distance(others) < reach_m:
                coords[end] = shapely.get_coordinates(shapely.shortest_line(point, others))[1]
        met.append(LineString(coords))
    return met


def _lines(geom: shapely.Geometry) -> list[LineString]:
    merged = shapely.line_merge(geom)
    return [part for part in shapely.get_parts(merged) if part.geom_type == "LineString"]


def _village_roads(terrain: Terrain, arterials: list[Street], rng: np.random.Generator) -> list[Street]:
    """Join village centres where no third centre lies between them (relative neighbourhood graph)."""
    villages = [zone for zone in terrain.zones if zone.use == "village"]
    if not villages:
        return []
    centres = np.array([shapely.get_coordinates(shapely.centroid(zone.geom))[0] for zone in villages])
    roads = []
    for i, j in _neighbour_pairs(centres):
        start, end = centres[i], centres[j]
        span = end - start
        normal = np.array([-span[1], span[0]])
        bow = rng.uniform(-0.1, 0.1)
        line = LineString(wobble(smooth(np.array([start, start + span / 2 + normal * bow, end]), 20), 16.0, 380.0, rng))
        if not shapely.covers(terrain.outline, line):
            line = LineString([start, end])
        if not shapely.covers(terrain.outline, line):
            continue
        name = f"Đường {villages[i].name} – {villages[j].name}"
        roads.append(Street(line, name, "secondary" if rng.random() < 0.35 else "tertiary"))
    roads.extend(_spurs(centres, [zone.name for zone in villages], arterials, roads))
    return roads


def _works_roads(terrain: Terrain, streets: list[Street]) -> list[Street]:
    """A way from the middle of each industrial zone to the nearest road, where none runs through the zone."""
    main = shapely.union_all([street.geom for street in streets if street.klass != "motorway"])
    roads = []
    for zone in terrain.zones:
        if zone.use == "industrial" and not main.intersects(shapely.buffer(zone.geom, -60.0)):
            way = shapely.shortest_line(zone.geom.representative_point(), main)
            if way.length > 20 and terrain.outline.covers(way):
                roads.append(Street(way, f"Đường vào {zone.name[0].lower()}{zone.name[1:]}", "tertiary"))
    return roads


def _neighbour_pairs(centres: Coords) -> list[tuple[int, int]]:
    distance = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1))
    pairs = []
    for i in range(len(centres)):
        for j in range(i + 1, len(centres)):
            others = np.maximum(distance[i], distance[j])
            others[[i, j]] = np.inf
            if others.min() >= distance[i, j] * 0.92:
                pairs.append((i, j))
    return pairs


def _spurs(centres: Coords, names: list[str], arterials: list[Street], roads: list[Street]) -> list[Street]:
    """A straight way from each village to the nearest main road, where the road is near and not yet joined."""
    main = [street.geom for street in arterials if street.klass != "motorway"]
    if not main:
        return []
    trunk = shapely.union_all(main)
    spurs = []
    for centre, name in zip(centres, names, strict=True):
        point = shapely.points(centre)
        gap = point.distance(trunk)
        touching = any(road.geom.intersects(trunk) and road.geom.distance(point) < 1 for road in roads)
        if 20 < gap < 900 and not touching:
            spurs.append(Street(shapely.shortest_line(point, trunk), f"Đường {name}", "tertiary"))
    return spurs
