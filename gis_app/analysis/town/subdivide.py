"""Cut land between main roads into blocks; every cut is a street, a track, a canal or only a border.

Model: recursive division across the longer axis of the smallest enclosing rectangle, as in
Vanegas et al. (2012), Procedural generation of parcels in urban modeling. A cut moves to a
junction nearby, so that streets meet in crossings as often as in T-junctions.
"""

from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from gis_app.analysis.town.curves import cut_line, long_axis
from gis_app.analysis.town.model import Coords


@dataclass(frozen=True)
class CutRule:
    """How a zone is cut: block area in m2, bend as a share of length, angle jitter in degrees."""

    block_m2: float
    bend: float
    jitter_deg: float
    ladder: tuple[tuple[float, str], ...]
    snap_m: float = 28.0
    end_gap_m: float = 22.0


# The class of a cut is the first of the ladder whose area (m2) the piece exceeds.
RULES = {
    "urban": CutRule(15_500, 0.035, 4.0, ((110_000, "tertiary"), (0, "residential"))),
    "suburb": CutRule(21_000, 0.06, 6.0, ((150_000, "tertiary"), (0, "residential"))),
    "village": CutRule(11_000, 0.10, 13.0, ((45_000, "residential"), (0, "alley")), end_gap_m=9.0),
    "field": CutRule(46_000, 0.01, 1.6, ((480_000, "canal"), (120_000, "track"), (0, "ditch")), 40.0, 0.0),
    "industrial": CutRule(60_000, 0.0, 0.5, ((0, "residential"),), end_gap_m=18.0),
    "hill": CutRule(160_000, 0.09, 14.0, ((1_500_000, "path"), (0, "ghost")), end_gap_m=30.0),
    "water": CutRule(45_000, 0.03, 5.0, ((0, "ghost"),)),
    "military": CutRule(90_000, 0.0, 0.5, ((0, "ghost"),)),
}


@dataclass
class Cuts:
    """Lines made by cutting: (line, class), and the junctions made so far (metres)."""

    lines: list[tuple[LineString, str]] = field(default_factory=list)
    junctions: list[tuple[float, float]] = field(default_factory=list)


def divide(piece: Polygon, rule: CutRule, density: float, cuts: Cuts, rng: np.random.Generator) -> None:
    """Cut a piece down to blocks of about `rule.block_m2`, larger where density (0 to 1) is low."""
    limit = rule.block_m2 * (1.9 - density)
    stack = [piece]
    while stack:
        part = stack.pop()
        if part.area < limit * rng.uniform(0.75, 1.45):
            continue
        halves = _cut(part, rule, cuts, rng)
        stack.extend(halves)


def _cut(part: Polygon, rule: CutRule, cuts: Cuts, rng: np.random.Generator) -> list[Polygon]:
    axis, length, width = long_axis(part)
    if length < 75 or width < 24:
        return []
    turn = np.deg2rad(rng.normal(0, rule.jitter_deg))
    across = np.array([-axis[1], axis[0]])
    heading = across * np.cos(turn) + axis * np.sin(turn)
    at = shapely.get_coordinates(shapely.centroid(part))[0] + axis * length * rng.uniform(-0.1, 0.1)
    at = at + axis * _shift(part, at, axis, length, rule, cuts)
    if len(part.interiors):
        lines = _through_hole(part, heading)
    else:
        line = cut_line(part, at, heading, rule.bend, rng)
        lines = [line] if line is not None else []
    blades = shapely.union_all([part.boundary, *(_longer(line, 0.02) for line in lines)])
    halves = [half for half in shapely.get_parts(shapely.polygonize(shapely.get_parts(blades))) if half.area > 300]
    halves = [half for half in halves if part.contains(half.representative_point())]
    if len(halves) < 2:
        return []
    klass = next(name for area, name in rule.ladder if part.area > area)
    for line in lines:
        cuts.lines.append((line, klass))
        if klass not in ("ghost", "ditch"):
            coords = shapely.get_coordinates(line)
            cuts.junctions.extend((tuple(coords[0]), tuple(coords[-1])))
    return halves


def _through_hole(part: Polygon, heading: Coords) -> list[LineString]:
    """Straight cuts on both sides of the largest hole, which it meets in the middle."""
    hole = max((Polygon(ring) for ring in part.interiors), key=lambda ring: ring.area)
    middle = shapely.get_coordinates(hole.centroid)[0]
    reach = part.length
    chord = LineString([middle - heading * reach, middle + heading * reach]).intersection(part)
    return [line for line in shapely.get_parts(chord) if line.geom_type == "LineString" and line.length > 12]


def _shift(part: Polygon, at: Coords, axis: Coords, length: float, rule: CutRule, cuts: Cuts) -> float:
    """How far along the axis to move a cut so that it meets a junction already on the edge of the piece."""
    if not cuts.junctions:
        return 0.0
    offsets = (np.asarray(cuts.junctions) - at) @ axis
    reach = min(rule.snap_m, length * 0.16)
    near = np.flatnonzero(np.abs(offsets) < reach)
    if not len(near):
        return 0.0
    points = shapely.points(np.asarray(cuts.junctions)[near])
    on_edge = near[shapely.distance(points, part.exterior) < 0.5]
    return float(offsets[on_edge[np.argmin(np.abs(offsets[on_edge]))]]) if len(on_edge) else 0.0


def _longer(line: LineString, by_m: float) -> LineString:
    coords = shapely.get_coordinates(line)
    head, tail = coords[0] - coords[1], coords[-1] - coords[-2]
    coords[0] += head / np.hypot(*head) * by_m
    coords[-1] += tail / np.hypot(*tail) * by_m
    return LineString(coords)


def trim_loose_ends(line: LineString, roads: BaseGeometry, gap_m: float) -> tuple[LineString | None, list[LineString]]:
    """Pull ends that meet no road back from the edge; the removed ends are returned too (borders only)."""
    start, end = 0.0, line.length
    loose = [shapely.distance(shapely.Point(line.coords[k]), roads) > 0.5 for k in (0, -1)]
    if gap_m <= 0 or not any(loose):
        return line, []
    low, high = start + gap_m * loose[0], end - gap_m * loose[1]
    if high - low < 20:
        return None, [line]
    rest = [_part(line, a, b) for a, b in ((start, low), (high, end)) if b - a > 0.1]
    return _part(line, low, high), rest


def _part(line: LineString, start_m: float, end_m: float) -> LineString:
    return LineString(substring(line, start_m, end_m).coords)
