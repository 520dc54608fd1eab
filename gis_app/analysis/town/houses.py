"""Houses along streets and alleys: rows of narrow tube houses in town, houses with gardens in villages."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Polygon

from gis_app.analysis.town.model import Coords, Draft, House
from gis_app.analysis.town.network import road_surface
from gis_app.analysis.town.sites import large_buildings


@dataclass(frozen=True)
class HouseRule:
    """Size ranges of houses in a zone, metres; `run` is the usual number of houses between gaps."""

    width: tuple[float, float]
    depth: tuple[float, float]
    gap: tuple[float, float]
    setback: tuple[float, float]
    run: float


RULES = {
    "urban": HouseRule((4.5, 7.0), (12.5, 20.5), (0.12, 0.12), (0.6, 1.6), 16),
    "suburb": HouseRule((5.0, 8.0), (11.0, 17.0), (0.12, 0.12), (1.0, 5.0), 5),
    "field": HouseRule((5.0, 8.5), (10.0, 15.0), (0.3, 6.0), (3.0, 7.0), 4),
    "village": HouseRule((6.5, 10.5), (8.0, 13.0), (1.2, 6.5), (1.5, 6.5), 8),
}
# Outside the quarters and villages, houses stand only along these.
_RIBBON = {"trunk", "primary", "secondary", "tertiary"}
# What a frontage adds to the chance of being built up, by class of road.
_WORTH = {"trunk": 0.45, "primary": 0.45, "secondary": 0.4, "tertiary": 0.35, "residential": 0.28}
# How fully a kind of quarter is built up, as a weight when the houses are shared out.
_FILL = {"urban": 1.0, "suburb": 0.62, "village": 1.0, "field": 0.22}
_LEVELS = {"field": (1, 3), "urban": (2, 6), "suburb": (1, 4), "village": (1, 3)}


@dataclass(frozen=True)
class _Slots:
    """Candidate houses: corner on the frontage, unit vectors along and inward, sizes, score."""

    origin: Coords
    along: Coords
    inward: Coords
    width: Coords
    depth: Coords
    face: Coords
    ground: Coords
    score: Coords

    def footprints(self, depth_share: float) -> Coords:
        """Rectangles with their depth shortened to a share."""
        a, b = self.along * self.width[:, None], self.inward * (self.depth * depth_share)[:, None]
        o = self.origin
        corners = np.stack([o, o + a, o + a + b, o + b, o], axis=1)
        polygons: Coords = shapely.polygons(np.round(corners, 2))
        return polygons


def plan_houses(draft: Draft) -> None:
    """Fill the draft's houses: large buildings first, then rows along every frontage, up to the town's count."""
    rng = draft.rng("houses")
    surface = road_surface(draft.network, 0.8)
    inner = _grounds(draft, surface)
    biggest = {face: max(parts, key=lambda part: part.area) for face, parts in inner.items()}
    draft.houses = large_buildings(draft, biggest)
    grounds = [(face, part) for face, parts in sorted(inner.items()) for part in parts]
    slots = _slots(draft, grounds, surface, rng)
    polygons, kept = _without_clash(slots, [part for _, part in grounds])
    limit = draft.spec.counts.buildings - len(draft.houses)
    for k in _best_by_quarter(draft, slots, kept, limit):
        face = int(slots.face[kept[k]])
        use, dense = draft.faces[face].use, draft.faces[face].density
        low, high = _LEVELS[use]
        levels = int(np.clip(round(low + (high - low) * dense * rng.uniform(0.2, 1.1)), low, high))
        draft.houses.append(House(polygons[k], face, "dwelling", levels))


def _best_by_quarter(draft: Draft, slots: _Slots, kept: Coords, limit: int) -> list[int]:
    """The best slots, up to `limit`, with a fair share for each quarter and village: indexes into `kept`."""
    faces = [draft.faces[k] for k in slots.face[kept]]
    quarters: dict[str, list[int]] = {}
    for k, face in enumerate(faces):
        quarters.setdefault(face.use if face.use == "field" else f"{face.use} {face.zone}", []).append(k)
    names = sorted(quarters)
    demand = np.array([sum(faces[k].density * _FILL[faces[k].use] for k in quarters[name]) for name in names])
    room = np.array([len(quarters[name]) for name in names])
    share = np.minimum(np.floor(limit * demand / demand.sum()), room * 0.92).astype(int)
    for _ in range(4):
        spare = limit - share.sum()
        open_room = demand * (share < room * 0.92)
        if spare <= 0 or not open_room.any():
            break
        share = np.minimum(share + np.floor(spare * open_room / open_room.sum()), room * 0.92).astype(int)
    chosen: list[int] = []
    for name, count in zip(names, share.tolist(), strict=True):
        index = np.array(quarters[name])
        chosen += index[np.argsort(-slots.score[kept[index]], kind="stable")[:count]].tolist()
    return sorted(chosen)


def _grounds(draft: Draft, surface: shapely.STRtree) -> dict[int, list[Polygon]]:
    """Each built-up face without its roads, canals and water, in parts, metres."""
    canals = [shapely.buffer(line, width / 2 + 1.5) for _, _, width, line in draft.canals]
    canals += [shapely.buffer(line, width / 2 + 3) for _, _, width, line in draft.terrain.streams]
    canal_tree = shapely.STRtree(canals) if canals else None
    grounds = {}
    for number, face in enumerate(draft.faces):
        if face.use in ("hill", "sea", "river", "lake", "pond", "park", "beach"):
            continue
        near = surface.geometries[np.sort(surface.query(face.geom))].tolist()
        if canal_tree is not None:
            near += canal_tree.geometries[np.sort(canal_tree.query(face.geom))].tolist()
        ground = face.geom.difference(shapely.union_all(near)) if near else face.geom
        ground = ground.intersection(shapely.buffer(draft.terrain.land, -3.0)) if _wet(draft, face.geom) else ground
        parts = [part for part in shapely.get_parts(shapely.buffer(ground, 0)) if part.area > 90]
        if parts:
            grounds[number] = parts
    return grounds


def _wet(draft: Draft, geom: Polygon) -> bool:
    return any(water.geom.distance(geom) < 3.0 for water in draft.terrain.waters)


def _slots(
    draft: Draft, grounds: list[tuple[int, Polygon]], surface: shapely.STRtree, rng: np.random.Generator
) -> _Slots:
    rows: list[tuple[Coords, ...]] = []
    main = [draft.network.streets[piece.street].klass in _RIBBON for piece in draft.network.pieces]
    main_surface = shapely.STRtree(surface.geometries[np.array(main)])
    worth = np.array([_WORTH.get(draft.network.streets[piece.street].klass, 0.0) for piece in draft.network.pieces])
    main_worth = worth[np.array(main)]
    for number, (face_number, ground) in enumerate(grounds):
        face = draft.faces[face_number]
        rule = RULES.get(face.use)
        if rule is None or (face.use == "field" and face.density < 0.1):
            continue
        ring = shapely.simplify(shapely.segmentize(LineString(ground.exterior), 60.0), 0.9)
        coords = shapely.get_coordinates(ring)
        segments = shapely.linestrings(np.stack([coords[:-1], coords[1:]], axis=1))
        middles = shapely.line_interpolate_point(segments, 0.5, normalized=True)
        near = np.zeros(len(segments), dtype=bool)
        roads = main_surface if face.use == "field" else surface
        hit, road = roads.query(middles, predicate="dwithin", distance=1.5)
        near[hit] = True
        bonus = np.zeros(len(segments))
        np.maximum.at(bonus, hit, (main_worth if face.use == "field" else worth)[road])
        for k in np.flatnonzero(near & (shapely.length(segments) > rule.width[0])):
            row = _row(coords[k], coords[k + 1], rule, face.density + float(bonus[k]), ground, rng)
            if len(row[0]):
                count = len(row[0])
                rows.append((*row, np.full(count, face_number), np.full(count, number)))
    parts = [np.concatenate([row[k] for row in rows]) for k in range(8)]
    origin, along, inward, width, depth, score, face_index, ground_index = parts
    return _Slots(origin, along, inward, width, depth, face_index, ground_index, score)


def _row(
    start: Coords, end: Coords, rule: HouseRule, worth: float, ground: Polygon, rng: np.random.Generator
) -> tuple[Coords, Coords, Coords, Coords, Coords, Coords]:
    """Houses side by side from `start` to `end` of a frontage."""
    span = end - start
    length = float(np.hypot(*span))
    along = span / length
    inward = np.array([-along[1], along[0]])
    middle = (start + end) / 2
    if not ground.contains(shapely.points(middle + inward * 2.0)):
        inward = -inward
    count = int(length / rule.width[0]) + 1
    widths = rng.uniform(*rule.width, count)
    gaps = rng.uniform(*rule.gap, count)
    breaks = rng.random(count) < 1.0 / rule.run
    gaps = gaps + breaks * rng.uniform(2.5, 8.0, count)
    first = np.concatenate([[rng.uniform(0.1, 1.2)], rng.uniform(0.1, 1.2) + np.cumsum(widths + gaps)[:-1]])
    fits = first + widths < length - 0.1
    first, widths = first[fits], widths[fits]
    setback = rng.uniform(*rule.setback) + rng.uniform(0, 0.15 * rule.setback[1], len(first))
    origin = start + along * first[:, None] + inward * setback[:, None]
    base = rng.uniform(*rule.depth)
    depth = np.clip(base + rng.normal(0, 1.6, len(first)), *rule.depth)
    score = np.full(len(first), worth + rng.normal(0, 0.24)) + rng.normal(0, 0.02, len(first))
    ones = np.ones((len(first), 1))
    return origin, ones * along, ones * inward, widths, depth, score


def _without_clash(slots: _Slots, grounds: list[Polygon]) -> tuple[Coords, Coords]:
    """Footprints inside their ground that touch no other, tried at full, then at smaller depth."""
    parts = np.array(grounds, dtype=object)
    shapely.prepare(parts)
    chosen: Coords = np.zeros(0, dtype=object)
    kept = np.zeros(0, dtype=int)
    waiting = np.arange(len(slots.width))
    for share in (1.0, 0.72, 0.5):
        polygons = slots.footprints(share)[waiting]
        inside = shapely.contains(parts[slots.ground[waiting]], polygons)
        waiting_in, polygons = waiting[inside], polygons[inside]
        if len(chosen):
            hit = np.unique(shapely.STRtree(chosen).query(polygons, predicate="intersects")[0])
            free = np.setdiff1d(np.arange(len(polygons)), hit)
            waiting_in, polygons = waiting_in[free], polygons[free]
        own = _greedy(polygons, slots.score[waiting_in])
        chosen = np.concatenate([chosen, polygons[own]])
        kept = np.concatenate([kept, waiting_in[own]])
        waiting = np.setdiff1d(waiting, kept)
    return chosen, kept


def _greedy(polygons: Coords, score: Coords) -> Coords:
    """Indexes of a set of polygons without intersections, best score first."""
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    conflicts: dict[int, list[int]] = {}
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        if a != b:
            conflicts.setdefault(a, []).append(b)
    alive = np.ones(len(polygons), dtype=bool)
    for k in np.argsort(-score, kind="stable").tolist():
        if alive[k]:
            alive[conflicts.get(k, [])] = False
    return np.flatnonzero(alive)
