"""The street plan of a town: main roads, then blocks inside each zone; result is a network and faces."""

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from gis_app.analysis.town.arterials import plan_arterials
from gis_app.analysis.town.model import GRID_M, Draft, Face, Frame, Network, Street, Terrain
from gis_app.analysis.town.naming import StreetNames
from gis_app.analysis.town.network import build_network, drop_stubs, renumbered
from gis_app.analysis.town.plan import TownSpec
from gis_app.analysis.town.subdivide import RULES, CutRule, Cuts, divide, trim_loose_ends

_BUILT = {"urban", "suburb"}
_LEAST = {"urban": 0.4, "suburb": 0.3, "village": 0.5}
_WATER_USES = {"sea", "river", "lake"}


def plan_streets(spec: TownSpec, seed: int, terrain: Terrain) -> Draft:
    """Streets without alleys, and the blocks between them."""
    rng = np.random.default_rng([seed, int(spec.code), 2])
    main = plan_arterials(spec, terrain, rng)
    fixed: list[BaseGeometry] = [street.geom for street in main]
    fixed += _borders(terrain)
    cuts = Cuts()
    names = StreetNames(spec, rng)
    for piece, use, zone in _labelled(polygonize(fixed), terrain):
        rule = _rule(use)
        if rule is not None:
            before = len(cuts.lines)
            divide(piece, rule, density_at(spec, terrain.frame, piece, use), cuts, rng)
            cuts.lines[before:] = [(line, f"{klass}|{use}|{zone}") for line, klass in cuts.lines[before:]]
    streets, canals, ghosts = _sorted_cuts(cuts, main, names)
    network = build_network(main + _inside(streets, terrain.outline))
    borders: list[BaseGeometry] = [piece.geom for piece in network.pieces]
    borders += [*_borders(terrain), *ghosts, *(line for _, _, _, line in canals)]
    faces = [
        Face(piece, use, zone, density_at(spec, terrain.frame, piece, use))
        for piece, use, zone in _labelled(polygonize(borders), terrain)
    ]
    return Draft(spec, seed, terrain, network, faces, canals)


def polygonize(lines: list[BaseGeometry]) -> list[Polygon]:
    """Faces of the plane graph of lines, on the coordinate grid."""
    noded = shapely.union_all(lines, grid_size=GRID_M)
    return list(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))


def density_at(spec: TownSpec, frame: Frame, piece: Polygon, use: str = "") -> float:
    """How built-up a place is, 0 to 1, by distance from the town's centres; quarters are never empty."""
    point = shapely.get_coordinates(shapely.centroid(piece))[0]
    distance = np.hypot(*(frame.to_m(spec.centres) - point).T)
    reach = 650.0 if spec.is_rural else 950.0
    return float(np.clip(np.exp(-((distance / reach) ** 2) / 2).sum(), _LEAST.get(use, 0.05), 1.0))


def _rule(use: str) -> CutRule | None:
    return RULES.get("water" if use in _WATER_USES else use)


def _borders(terrain: Terrain) -> list[BaseGeometry]:
    wet = [shapely.boundary(water.geom.intersection(terrain.outline)) for water in terrain.waters]
    # Streets run on from dense to loose quarters: no border between them.
    built = shapely.union_all([zone.geom for zone in terrain.zones if zone.use in _BUILT], grid_size=GRID_M)
    apart = [shapely.boundary(zone.geom) for zone in terrain.zones if zone.use not in _BUILT]
    return [terrain.outline.exterior, *wet, shapely.boundary(built), *apart]


def _labelled(pieces: list[Polygon], terrain: Terrain) -> list[tuple[Polygon, str, str]]:
    """Pieces inside the outline with their use and zone name."""
    labels = [(water.geom, water.klass, water.name) for water in terrain.waters]
    labels += [(zone.geom, zone.use, zone.name) for zone in terrain.zones]
    tree = shapely.STRtree([geom for geom, _, _ in labels])
    points = shapely.point_on_surface(pieces)
    inside = np.atleast_1d(shapely.contains(terrain.outline, points))
    found: dict[int, int] = {}
    for piece, label in sorted(zip(*tree.query(points, predicate="intersects").tolist(), strict=True)):
        found.setdefault(piece, label)
    default = len(labels) - 1
    return [(piece, *labels[found.get(k, default)][1:]) for k, piece in enumerate(pieces) if inside[k]]


def _sorted_cuts(
    cuts: Cuts, main: list[Street], names: StreetNames
) -> tuple[list[Street], list[tuple[str, str, float, LineString]], list[BaseGeometry]]:
    """Cuts by what they become: streets, canals (class, name, width, line), borders only."""
    streets: list[Street] = []
    canals: list[tuple[str, str, float, LineString]] = []
    ghosts: list[BaseGeometry] = []
    tagged = [(line, *_label(label)) for line, label in cuts.lines]
    road_lines = [line for line, klass, _, _ in tagged if klass not in ("ghost", "canal", "ditch")]
    mains = shapely.union_all([street.geom for street in main])
    tree = shapely.STRtree([street.geom for street in main] + road_lines)
    for index, (line, klass, use, zone) in enumerate(tagged):
        if klass == "ghost":
            ghosts.append(line)
        elif klass in ("canal", "ditch"):
            canals.append((klass, names.canal(klass), 7.0 if klass == "canal" else 2.5, line))
            if klass == "canal":
                bank = shapely.offset_curve(line, 7.0 if index % 2 else -7.0)
                streets.append(Street(_reach(LineString(bank.coords), mains), "Đường bờ kênh", "track"))
        else:
            others = _others(tree, line)
            kept, rest = trim_loose_ends(line, others, RULES[use].end_gap_m)
            ghosts.extend(rest)
            if kept is not None:
                streets.append(Street(kept, names.street(kept, klass, use, zone), klass))
    return streets, canals, ghosts


def _inside(streets: list[Street], outline: Polygon) -> list[Street]:
    """The streets, cut off at the outline."""
    shapely.prepare(outline)
    return [
        street if outline.covers(street.geom) else Street(part, street.name, street.klass)
        for street in streets
        for part in shapely.get_parts(street.geom if outline.covers(street.geom) else street.geom.intersection(outline))
        if part.geom_type == "LineString"
    ]


def _label(text: str) -> tuple[str, str, str]:
    klass, use, zone = text.split("|")
    return klass, use, zone


def _others(tree: shapely.STRtree, line: LineString) -> BaseGeometry:
    near = [k for k in tree.query(shapely.buffer(line, 1.0)) if not tree.geometries[k].equals(line)]
    return shapely.union_all(tree.geometries[sorted(near)]) if near else Polygon()


def _reach(line: LineString, roads: BaseGeometry) -> LineString:
    """Carry a line's ends on to a road within 30 m, so that a bank track meets the road it comes from."""
    coords = shapely.get_coordinates(line)
    for end, before in ((0, 1), (-1, -2)):
        heading = coords[end] - coords[before]
        ray = LineString([coords[end], coords[end] + heading / np.hypot(*heading) * 30.0])
        hit = shapely.intersection(ray, roads)
        if not hit.is_empty:
            coords[end] = shapely.get_coordinates(shapely.shortest_line(shapely.points(coords[end]), hit))[1]
    return LineString(coords)


def with_alleys(network: Network, alleys: list[Street]) -> Network:
    """The network again with alleys added."""
    return drop_stubs(build_network(network.streets + alleys))


def without_empty_alleys(draft: Draft) -> Network:
    """The network without dead-end alleys that lead to no house."""
    network = draft.network
    homes = shapely.STRtree(shapely.centroid([house.geom for house in draft.houses]))
    for _ in range(3):
        pieces = network.pieces
        ends = np.array([(piece.source, piece.target) for piece in pieces])
        degree = np.bincount(ends.ravel(), minlength=len(network.nodes))
        alley = np.array([network.streets[piece.street].klass == "alley" for piece in pieces])
        dead = np.flatnonzero(alley & (degree[ends] == 1).any(axis=1))
        lines = np.array([pieces[k].geom for k in dead], dtype=object)
        served = np.unique(homes.query(lines, predicate="dwithin", distance=16.0)[0])
        empty = set(np.delete(dead, served).tolist())
        if not empty:
            break
        network = renumbered(network, [piece for k, piece in enumerate(pieces) if k not in empty])
    return network
