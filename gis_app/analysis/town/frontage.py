"""Where a house could stand: slots side by side along every frontage of a block."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Polygon

from gis_app.analysis.town.model import Array, Coords, Draft, Face


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


@dataclass(frozen=True)
class Slots:
    """Candidate houses: corner on the frontage, unit vectors along and inward, sizes, score."""

    origin: Coords
    along: Coords
    inward: Coords
    width: Coords
    depth: Coords
    face: Array
    ground: Array
    score: Coords

    def footprints(self, depth_share: float) -> Array:
        """Rectangles with their depth shortened to a share."""
        a, b = self.along * self.width[:, None], self.inward * (self.depth * depth_share)[:, None]
        o = self.origin
        corners = np.stack([o, o + a, o + a + b, o + b, o], axis=1)
        polygons: Array = np.asarray(shapely.polygons(np.round(corners, 2)))
        return polygons


def house_slots(
    draft: Draft, grounds: list[tuple[int, Polygon]], surface: shapely.STRtree, rng: np.random.Generator
) -> Slots:
    """All slots of a town.

    Parameters
    ----------
    draft
        The town with its network and faces.
    grounds
        Index of the face and a part of it without roads and water, metres.
    surface
        Index of the widened pieces of road, in the order of the network's pieces.
    rng
        Random stream of this step.

    Returns
    -------
    Slots with `face` and `ground` (index into `grounds`); they may still overlap.
    """
    classes = [draft.network.streets[piece.street].klass for piece in draft.network.pieces]
    worth = np.array([_WORTH.get(klass, 0.0) for klass in classes])
    ribbon = np.array([klass in _RIBBON for klass in classes])
    everywhere, along_main = (surface, worth), (shapely.STRtree(surface.geometries[ribbon]), worth[ribbon])
    rows: list[tuple[Array, ...]] = []
    for number, (face_number, ground) in enumerate(grounds):
        face = draft.faces[face_number]
        if face.use not in RULES or (face.use == "field" and face.density < 0.1):
            continue
        roads, road_worth = along_main if face.use == "field" else everywhere
        for row in _round_block(face, ground, roads, road_worth, rng):
            count = len(row[0])
            rows.append((*row, np.full(count, face_number), np.full(count, number)))
    parts = [np.concatenate([row[k] for row in rows]) for k in range(8)]
    origin, along, inward, width, depth, score, face_index, ground_index = parts
    return Slots(origin, along, inward, width, depth, face_index, ground_index, score)


def _round_block(
    face: Face, ground: Polygon, roads: shapely.STRtree, worth: Coords, rng: np.random.Generator
) -> list[tuple[Coords, ...]]:
    """Rows of houses along the sides of a ground that face a road."""
    rule = RULES[face.use]
    ring = shapely.simplify(shapely.segmentize(LineString(ground.exterior), 60.0), 0.9)
    coords = shapely.get_coordinates(ring)
    segments: Array = np.asarray(shapely.linestrings(np.stack([coords[:-1], coords[1:]], axis=1)))
    middles = shapely.line_interpolate_point(segments, 0.5, normalized=True)
    hit, road = roads.query(middles, predicate="dwithin", distance=1.5)
    bonus = np.full(len(coords) - 1, -1.0)
    np.maximum.at(bonus, hit, worth[road])
    wide = shapely.length(segments) > rule.width[0]
    found: list[tuple[Coords, ...]] = []
    for k in np.flatnonzero(np.logical_and(bonus >= 0, wide)).tolist():
        row = _row(coords[k], coords[k + 1], rule, face.density + float(bonus[k]), ground, rng)
        if len(row[0]):
            found.append(row)
    return found


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
