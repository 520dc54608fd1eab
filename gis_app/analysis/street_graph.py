"""Streets as a graph: nodes where lines meet or end, seconds by mode, stops put onto the streets, fastest ways.

Model: every piece of street is an edge of length l (metres); by mode m it takes l / v(m, class) seconds in each
direction that m may use. On foot both directions of a one-way street; no car in an alley. A stop lies on the nearest
edge that its mode may use and cuts it there. Ways are Dijkstra's over the cut graph (METHODS.md section 4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]

MODES = ("walk", "motorbike", "car")
CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary", "residential", "alley", "track", "path")
# km/h on patrol: slow enough to look; 0: may not. Estimates, the ways of a commune are short.
SPEEDS: Mapping[str, Mapping[str, float]] = {
    "walk": {"motorway": 0, "trunk": 4.5, "primary": 4.5, "secondary": 4.5, "tertiary": 4.5, "residential": 4.5,
             "alley": 4.2, "track": 4.0, "path": 4.0},
    "motorbike": {"motorway": 0, "trunk": 30, "primary": 28, "secondary": 25, "tertiary": 22, "residential": 18,
                  "alley": 10, "track": 12, "path": 0},
    "car": {"motorway": 60, "trunk": 35, "primary": 30, "secondary": 26, "tertiary": 22, "residential": 15,
            "alley": 0, "track": 0, "path": 0},
}  # fmt: skip
# Ends nearer than this are one place: two transformations of one surveyed point.
SAME_PLACE_M = 0.02
# What is shorter is no street but rounding.
SHORTEST_M = 1e-3


@dataclass(frozen=True)
class Streets:
    """Lines in metres with what the layer says of them; `noded`: pieces that already end at junctions."""

    lines: Shapes
    classes: Sequence[str]
    oneway: Sequence[str]
    walkable: Flags
    noded: Flags


@dataclass(frozen=True, eq=False)
class StreetGraph:
    """Edges from `tail` to `head` (numbers of `node_xy`); `source` is the line that an edge is a piece of.

    `seconds[mode]` is (edges, 2): along the line and against it, inf where the mode may not go. `part[mode]` numbers
    the connected parts of nodes, the largest is 0 and a node that the mode never reaches -1.
    """

    node_xy: Floats
    tail: Ints
    head: Ints
    lines: Shapes
    length_m: Floats
    source: Ints
    seconds: Mapping[str, Floats]
    part: Mapping[str, Ints]
    streets: Streets

    @property
    def edge_count(self) -> int:
        """How many pieces there are."""
        return len(self.tail)

    def disconnected_m(self, mode: str) -> float:
        """Metres of street that a mode may use and cannot reach from the largest part."""
        usable = np.isfinite(self.seconds[mode]).any(axis=1)
        return float(self.length_m[usable & (self.part[mode][self.tail] != 0)].sum())


def make_graph(streets: Streets, speeds: Mapping[str, Mapping[str, float]] = SPEEDS) -> StreetGraph:
    """Make the graph.

    Parameters
    ----------
    streets
        LineStrings in metres. Those that are not `noded` are cut where they cross others.
    speeds
        km/h by mode and class; 0 where the mode may not go.
    """
    lines, source = _cut_at_crossings(streets.lines, streets.noded)
    long = shapely.length(lines) > SHORTEST_M if len(lines) else np.zeros(0, dtype=bool)
    lines, source = lines[long], source[long]
    length = shapely.length(lines) if len(lines) else np.zeros(0)
    ends = np.concatenate([_ends(lines, 0), _ends(lines, -1)])
    node, node_xy = _merge(ends)
    tail, head = node[: len(lines)], node[len(lines) :]
    seconds = _seconds(streets, source, length, speeds)
    part = {mode: _parts(len(node_xy), tail, head, both) for mode, both in seconds.items()}
    return StreetGraph(node_xy, tail, head, lines, length, source, seconds, part, streets)


def without(graph: StreetGraph, areas: Sequence[shapely.Geometry]) -> StreetGraph:
    """The same streets with what lies in some areas cut out; `source` still names the same lines."""
    if not areas:
        return graph
    hole = shapely.union_all(list(areas))
    shapely.prepare(hole)
    hit = shapely.intersects(hole, graph.lines) if graph.edge_count else np.zeros(0, dtype=bool)
    if not hit.any():
        return graph
    border = shapely.boundary(hole)
    pieces: list[Any] = []
    owner: list[int] = []
    for k in np.flatnonzero(hit).tolist():
        # By distance along the line, so that one-way streets keep their direction.
        spots = shapely.points(shapely.get_coordinates(shapely.intersection(graph.lines[k], border)))
        found = cut_line(graph.lines[k], shapely.line_locate_point(graph.lines[k], spots).tolist())
        outside = [one for one in found if not hole.intersects(one.interpolate(0.5, normalized=True))]
        pieces += outside
        owner += [k] * len(outside)
    kept = np.flatnonzero(~hit)
    lines = np.concatenate([graph.lines[kept], _array(pieces)])
    source = graph.source[np.concatenate([kept, np.array(owner, dtype=np.int64)])]
    old = graph.streets
    cut = Streets(lines, [old.classes[k] for k in source], [old.oneway[k] for k in source], old.walkable[source],
                  np.ones(len(lines), dtype=bool))  # fmt: skip
    made = make_graph(cut)
    return StreetGraph(made.node_xy, made.tail, made.head, made.lines, made.length_m, source[made.source],
                       made.seconds, made.part, old)  # fmt: skip


def _ends(lines: Shapes, which: int) -> Floats:
    if len(lines) == 0:
        return np.empty((0, 2))
    return shapely.get_coordinates(shapely.get_point(lines, which))


def _merge(spots: Floats) -> tuple[Ints, Floats]:
    """Number places; what is nearer than SAME_PLACE_M is one."""
    if len(spots) == 0:
        return np.zeros(0, dtype=np.int64), np.empty((0, 2))
    distinct, number = np.unique(spots, axis=0, return_inverse=True)
    near = cKDTree(distinct).query_pairs(SAME_PLACE_M, output_type="ndarray")
    if len(near):
        pairs = coo_array((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(len(distinct),) * 2)
        _, label = connected_components(pairs, directed=False)
        _, first = np.unique(label, return_index=True)
        distinct, number = distinct[first], label[number].astype(np.intp)
    return number.astype(np.int64).ravel(), distinct


def _cut_at_crossings(lines: Shapes, noded: Flags) -> tuple[Shapes, Ints]:
    """Cut lines where one that is not noded meets another; pieces and the line of each."""
    source = np.arange(len(lines), dtype=np.int64)
    if len(lines) == 0 or noded.all():
        return lines, source
    tree = shapely.STRtree(lines)
    loose = np.flatnonzero(~noded)
    mine, other = tree.query(lines[loose], predicate="intersects")
    first, second = loose[mine], other
    once = (first != second) & (noded[second] | (first < second))
    first, second = first[once], second[once]
    met = shapely.intersection(lines[first], lines[second])
    marks: dict[int, list[float]] = {}
    for spots, pair in zip(met, np.stack([first, second], axis=1).tolist(), strict=True):
        # Where two lines lie on each other they part at the ends of what they share.
        points = shapely.points(shapely.get_coordinates(spots))
        for line in pair:
            marks.setdefault(line, []).extend(shapely.line_locate_point(lines[line], points).tolist())
    pieces: list[Any] = []
    owner: list[int] = []
    for k, line in enumerate(lines):
        found = cut_line(line, marks[k]) if k in marks else [line]
        pieces += found
        owner += [k] * len(found)
    return _array(pieces), np.array(owner, dtype=np.int64)


def cut_line(line: shapely.LineString, marks: Sequence[float]) -> list[shapely.LineString]:
    """Cut a line at distances from its start; pieces in order, none without length."""
    corners = shapely.get_coordinates(line)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    inner = sorted({m for m in marks if SHORTEST_M < m < along[-1] - SHORTEST_M})
    if not inner:
        return [line]
    bounds = [0.0, *inner, float(along[-1])]
    spots = shapely.get_coordinates(shapely.line_interpolate_point(line, bounds))
    spots[0], spots[-1] = corners[0], corners[-1]
    found = []
    for k in range(len(bounds) - 1):
        between = corners[(along > bounds[k] + 1e-9) & (along < bounds[k + 1] - 1e-9)]
        found.append(shapely.LineString(np.vstack([spots[k], between, spots[k + 1]])))
    return [piece for piece in found if piece.length > SHORTEST_M]


def _seconds(
    streets: Streets, source: Ints, length: Floats, speeds: Mapping[str, Mapping[str, float]]
) -> dict[str, Floats]:
    code = np.array([CLASSES.index(name) for name in streets.classes], dtype=np.int64)[source]
    oneway = np.array(streets.oneway, dtype=object)[source] if len(source) else np.zeros(0, dtype=object)
    found = {}
    for mode in MODES:
        speed = np.array([speeds[mode][name] for name in CLASSES])[code] / 3.6
        both = np.full((len(source), 2), np.inf)
        may = speed > 0
        if mode == "walk":
            may &= streets.walkable[source]
        both[may] = (length[may] / speed[may])[:, None]
        if mode != "walk":
            both[oneway == "backward", 0] = np.inf
            both[oneway == "forward", 1] = np.inf
        found[mode] = both
    return found


def _parts(count: int, tail: Ints, head: Ints, both: Floats) -> Ints:
    """Strongly connected parts, the one with most nodes first: only there is every way possible."""
    found = np.full(count, -1, dtype=np.int64)
    ahead, back = np.isfinite(both[:, 0]), np.isfinite(both[:, 1])
    start = np.concatenate([tail[ahead], head[back]])
    end = np.concatenate([head[ahead], tail[back]])
    if len(start) == 0:
        return found
    _, label = connected_components(
        coo_array((np.ones(len(start)), (start, end)), shape=(count, count)), directed=True, connection="strong"
    )
    touched = np.zeros(count, dtype=bool)
    touched[start] = touched[end] = True
    names, size = np.unique(label[touched], return_counts=True)
    rank = np.empty(int(label.max()) + 1, dtype=np.int64)
    rank[names[np.lexsort((names, -size))]] = np.arange(len(names))
    found[touched] = rank[label[touched]]
    return found


def _array(shapes: Sequence[Any]) -> Shapes:
    found = np.empty(len(shapes), dtype=object)
    found[:] = list(shapes)
    return found
