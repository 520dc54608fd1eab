"""Alleys (ngõ, ngách) that reach from the streets into the blocks, and their house-number names."""

import numpy as np
import shapely
from shapely import LineString, MultiLineString, Polygon

from gis_app.analysis.town.model import Coords, Draft, Face, Network, Street

# An edge of a block this near a street lies on it, metres.
_ON_STREET_M = 0.6
_BUILT = {"urban": 54.0, "suburb": 62.0, "village": 62.0}


def plan_alleys(draft: Draft) -> list[Street]:
    """Dead ends, bent ways and through ways, by block; ends overshoot the street by 0.3 m to be noded."""
    rng = draft.rng("alleys")
    index = shapely.STRtree([piece.geom for piece in draft.network.pieces])
    taken = {site.face for site in draft.sites}
    alleys: list[LineString] = []
    for number, face in enumerate(draft.faces):
        if face.use in _BUILT and number not in taken and face.geom.area > 3200:
            alleys.extend(_in_block(face, index, rng))
    return [Street(line, "", "alley") for line in alleys]


def _in_block(face: Face, index: shapely.STRtree, rng: np.random.Generator) -> list[LineString]:
    block = face.geom
    ring = LineString(block.exterior)
    streets = MultiLineString(index.geometries[np.sort(index.query(block))].tolist())
    shapely.prepare(streets)
    spacing = _BUILT[face.use] * (1.5 - 0.5 * face.density)
    marks = np.arange(rng.uniform(14, spacing), ring.length - 10, spacing)
    marks = marks + rng.uniform(-0.22, 0.22, len(marks)) * spacing
    made: list[LineString] = []
    for mark in rng.permutation(marks):
        start = _frontage(ring, float(mark), streets)
        if start is None:
            continue
        line = _reach_in(block, ring, streets, *start, rng)
        if line is None or any(line.distance(other) < 19 for other in made):
            continue
        made.append(line)
        twig = _twig(block, line, rng)
        if twig is not None and all(twig.distance(other) > 13 for other in made[:-1]):
            made.append(twig)
    return made


def _frontage(ring: LineString, mark: float, streets: MultiLineString) -> tuple[Coords, Coords] | None:
    """The point on the street and the heading into the block, where the edge is straight enough."""
    spots = shapely.line_interpolate_point(ring, np.clip([mark - 13, mark, mark + 13], 0.0, ring.length))
    before, at, after = shapely.get_coordinates(spots)
    if not shapely.dwithin(streets, spots[1], _ON_STREET_M):
        return None
    first, second = at - before, after - at
    sizes = np.hypot(*first) * np.hypot(*second)
    if sizes < 1 or first @ second / sizes < 0.93:
        return None
    along = (after - before) / np.hypot(*(after - before))
    # Exterior rings of polygonize run clockwise; test both sides instead of trusting it.
    return at, np.array([along[1], -along[0]])


def _reach_in(
    block: Polygon, ring: LineString, streets: MultiLineString, at: Coords, heading: Coords, rng: np.random.Generator
) -> LineString | None:
    if not block.contains(shapely.points(at + heading * 2)):
        heading = -heading
    turn = rng.normal(0, 0.07)
    cos, sin = np.cos(turn), np.sin(turn)
    heading = np.array([heading[0] * cos - heading[1] * sin, heading[0] * sin + heading[1] * cos])
    ray = LineString([at + heading * 1.0, at + heading * 400])
    hits = shapely.get_coordinates(shapely.intersection(ray, ring))
    if not len(hits):
        return None
    depth = float(np.hypot(*(hits - at).T).min())
    if depth < 42:
        return None
    far = at + heading * depth
    through = depth < 190 and rng.random() < 0.3 and shapely.dwithin(streets, shapely.points(far), _ON_STREET_M)
    length = depth + 0.3 if through else min(depth - rng.uniform(16, 24), rng.uniform(38, 115))
    if length < 24:
        return None
    side = np.array([-heading[1], heading[0]])
    bends = int(length // 34)
    t = np.concatenate([[-0.3 / length], np.sort(rng.uniform(0.25, 0.8, bends)), [1.0]])
    offset = np.concatenate([[0.0], rng.normal(0, 2.1, bends), [0.0 if through else rng.normal(0, 2.0)]])
    return LineString(at + heading * (t * length)[:, None] + side * offset[:, None])


def _twig(block: Polygon, line: LineString, rng: np.random.Generator) -> LineString | None:
    """A side way (ngách) off an alley."""
    if line.length < 45 or rng.random() > 0.5:
        return None
    along = line.length * rng.uniform(0.5, 0.85)
    at, ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, [along, along + 2]))
    heading = (ahead - at) / max(float(np.hypot(*(ahead - at))), 1e-9)
    side = np.array([-heading[1], heading[0]]) * rng.choice([-1.0, 1.0])
    twig = LineString([at - side * 0.3, at + side * rng.uniform(22, 46)])
    return twig if shapely.buffer(block, -14).covers(shapely.points(twig.coords[-1])) else None


def number_lanes(draft: Draft) -> None:
    """Name unnamed streets and alleys after the street they leave: Ngõ 12 Trường Chinh, Ngách 12/5 Trường Chinh.

    In villages the village's name stands for the street's: Ngõ 7 thôn Kim Húc.
    """
    network = draft.network
    touching: dict[int, list[int]] = {}
    for piece in network.pieces:
        for node in (piece.source, piece.target):
            touching.setdefault(node, []).append(piece.street)
    used: set[str] = {street.name for street in network.streets}
    village_of = _villages(draft)
    counters: dict[str, int] = {}
    waiting = _nameless(network)
    for _ in range(12):
        later = []
        for lane, nodes in waiting:
            number, parent = _number_and_parent(network, lane, nodes, touching)
            if parent is None:
                later.append((lane, nodes))
                continue
            base = village_of.get(lane, parent)
            if lane in village_of:
                counters[base] = number = counters.get(base, 0) + 1
            while (name := _lane_name(number, base)) in used:
                number += 2
            used.add(name)
            network.streets[lane].name = name
        waiting = later


def _nameless(network: Network) -> list[tuple[int, list[int]]]:
    nodes: dict[int, list[int]] = {}
    for piece in network.pieces:
        street = network.streets[piece.street]
        if not street.name and street.klass in ("alley", "residential"):
            nodes.setdefault(piece.street, []).extend((piece.source, piece.target))
    return sorted(nodes.items())


def _villages(draft: Draft) -> dict[int, str]:
    """For each street inside a village, what stands in its lanes' names."""
    word = "thôn" if draft.spec.is_rural else "khu"
    zones = [zone for zone in draft.terrain.zones if zone.use == "village"]
    if not zones:
        return {}
    middles = shapely.line_interpolate_point([street.geom for street in draft.network.streets], 0.5, normalized=True)
    street, zone = shapely.STRtree([zone.geom for zone in zones]).query(middles, predicate="intersects")
    return {s: f"{word} {zones[z].name}" for s, z in zip(street.tolist(), zone.tolist(), strict=True)}


def _number_and_parent(
    network: Network, lane: int, nodes: list[int], touching: dict[int, list[int]]
) -> tuple[int, str | None]:
    """House number at which a lane leaves its parent (odd on one side, even on the other), and the parent's name."""
    found = [
        (network.streets[other].name.count("/") + network.streets[other].name.startswith("Ng"), other, node)
        for node in nodes
        for other in touching[node]
        if other != lane and network.streets[other].name
    ]
    if not found:
        return 0, None
    _, parent, node = min(found)
    street = network.streets[parent]
    along = street.geom.project(shapely.points(network.nodes[node]))
    middle = network.streets[lane].geom.interpolate(0.5, normalized=True)
    return 2 * int(along // 9) + 1 + _is_left(street.geom, along, middle), street.name


def _is_left(line: LineString, along: float, point: shapely.Point) -> int:
    a, b = shapely.get_coordinates(shapely.line_interpolate_point(line, [max(along - 3, 0), along + 3]))
    p = shapely.get_coordinates(point)[0]
    return int((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) > 0)


def _lane_name(number: int, parent: str) -> str:
    """`Ngõ 12 X`; off an alley `Ngõ 12 X` it is `Ngách 12/5 X`, and so is what lies deeper."""
    first, _, rest = parent.partition(" ")
    if first in ("Ngõ", "Ngách"):
        count, _, street = rest.partition(" ")
        return f"Ngách {count.partition('/')[0]}/{number} {street}"
    return f"Ngõ {number} {parent}"
