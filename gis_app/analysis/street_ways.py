"""Stops on the streets, the matrix of travel times between them, and the line of each way (street_graph.py)."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis_app.analysis.street_graph import SHORTEST_M, Flags, Floats, Ints, StreetGraph

# A stop farther from its street than this is told to people (SESSIONS.md T-P4).
FAR_M = 30.0
NOWHERE = -9999


@dataclass(frozen=True, eq=False)
class Snapped:
    """Places put onto the street that a mode may use: edge, metres along it, metres away from it, the spot itself.

    `reachable`: on the largest connected part. An edge of -1: there is no street at all.
    """

    mode: str
    edge: Ints
    along_m: Floats
    away_m: Floats
    xy: Floats
    reachable: Flags

    def __len__(self) -> int:
        """How many places."""
        return len(self.edge)


def snap(graph: StreetGraph, places: Floats, mode: str) -> Snapped:
    """Put places (n, 2) onto the nearest street of the largest part that a mode may use, else of any part."""
    usable = np.isfinite(graph.seconds[mode]).any(axis=1)
    main = usable & (graph.part[mode][graph.tail] == 0) & (graph.part[mode][graph.head] == 0)
    choice = np.flatnonzero(main if main.any() else usable)
    count = len(places)
    if len(choice) == 0 or count == 0:
        return Snapped(mode, np.full(count, -1), np.zeros(count), np.full(count, np.inf),
                       np.array(places, dtype=float).reshape(-1, 2), np.zeros(count, dtype=bool))  # fmt: skip
    points = shapely.points(places)
    edge = choice[shapely.STRtree(graph.lines[choice]).nearest(points)]
    along = shapely.line_locate_point(graph.lines[edge], points)
    spots = shapely.line_interpolate_point(graph.lines[edge], along)
    return Snapped(mode, edge.astype(np.int64), along, shapely.distance(points, spots), shapely.get_coordinates(spots),
                   main[edge])  # fmt: skip


@dataclass(frozen=True, eq=False)
class Pieces:
    """The edges cut at the stops: node numbers, share of the edge from `low` to `high`, seconds both ways."""

    tail: Ints
    head: Ints
    edge: Ints
    low_m: Floats
    high_m: Floats
    seconds: Floats
    stop_node: Ints
    node_count: int


def cut_at_stops(graph: StreetGraph, stops: Snapped) -> Pieces:
    """Cut edges where stops lie; stops at one spot share a node."""
    base = len(graph.node_xy)
    node = np.full(len(stops), -1, dtype=np.int64)
    rows: list[tuple[int, int, int, float, float]] = []
    order = np.lexsort((stops.along_m, stops.edge))
    order = order[stops.edge[order] >= 0]
    fresh = base
    edges, first = np.unique(stops.edge[order], return_index=True)
    for edge, mine in zip(edges.tolist(), np.split(order, first[1:])[: len(edges)], strict=True):
        at, here, length = 0.0, int(graph.tail[edge]), float(graph.length_m[edge])
        for k in mine.tolist():
            along = float(stops.along_m[k])
            if along >= length - SHORTEST_M:
                node[k] = graph.head[edge]
            elif along <= at + SHORTEST_M:
                node[k] = here
            else:
                rows.append((here, fresh, edge, at, along))
                node[k], here, at = fresh, fresh, along
                fresh += 1
        rows.append((here, int(graph.head[edge]), edge, at, length))
    whole = np.ones(graph.edge_count, dtype=bool)
    whole[edges] = False
    left = np.flatnonzero(whole)
    cut = np.array(rows, dtype=float).reshape(-1, 5)
    edge_of = np.concatenate([left, cut[:, 2].astype(np.int64)])
    low = np.concatenate([np.zeros(len(left)), cut[:, 3]])
    high = np.concatenate([graph.length_m[left], cut[:, 4]])
    share = (high - low) / graph.length_m[edge_of]
    return Pieces(
        np.concatenate([graph.tail[left], cut[:, 0].astype(np.int64)]),
        np.concatenate([graph.head[left], cut[:, 1].astype(np.int64)]),
        edge_of, low, high, graph.seconds[stops.mode][edge_of] * share[:, None], node, fresh,
    )  # fmt: skip


def arcs_of(pieces: Pieces) -> tuple[Ints, Ints, Floats, Ints]:
    """Start, end, seconds and piece of every arc; of parallel ones the fastest, loops left out."""
    ahead, back = np.isfinite(pieces.seconds[:, 0]), np.isfinite(pieces.seconds[:, 1])
    start = np.concatenate([pieces.tail[ahead], pieces.head[back]])
    end = np.concatenate([pieces.head[ahead], pieces.tail[back]])
    cost = np.concatenate([pieces.seconds[ahead, 0], pieces.seconds[back, 1]])
    piece = np.concatenate([np.flatnonzero(ahead), np.flatnonzero(back)])
    order = np.lexsort((piece, cost, end, start))
    start, end, cost, piece = start[order], end[order], cost[order], piece[order]
    keep = start != end
    keep[1:] &= (start[1:] != start[:-1]) | (end[1:] != end[:-1])
    return start[keep], end[keep], cost[keep], piece[keep]


@dataclass(frozen=True, eq=False)
class TravelMatrix:
    """Seconds between stops (n, n), inf where there is no way within the limit, and what is needed to draw the ways."""

    graph: StreetGraph
    stops: Snapped
    pieces: Pieces
    arcs: tuple[Ints, Ints, Floats, Ints]
    seconds: Floats
    predecessors: npt.NDArray[np.int32] = field(repr=False)

    @cached_property
    def metres(self) -> Floats:
        """Metres along each way (n, n); inf where there is none."""
        return self.along(self.pieces.high_m - self.pieces.low_m, by_piece=True)

    def along(self, values: Floats, *, by_piece: bool = False) -> Floats:
        """Sum values of the arcs (or of their pieces) along each way (n, n); inf where there is none."""
        node = self.pieces.stop_node
        found = np.where(np.isfinite(self.seconds), 0.0, np.inf)
        here = np.broadcast_to(node[None, :], found.shape).copy()
        row = np.broadcast_to(np.arange(len(node))[:, None], found.shape)
        moving = np.isfinite(found) & (here != node[:, None])
        while moving.any():
            at = here[moving]
            before = self.predecessors[row[moving], at].astype(np.int64)
            arc = self.arc_of(before, at)
            found[moving] += values[self.arcs[3][arc] if by_piece else arc]
            here[moving] = before
            moving[moving] = before != node[row[moving]]
        return found

    @cached_property
    def _keys(self) -> Ints:
        return self.arcs[0] * self.pieces.node_count + self.arcs[1]

    def arc_of(self, start: Ints, end: Ints) -> Ints:
        """The arc between two nodes."""
        return np.searchsorted(self._keys, start * self.pieces.node_count + end)

    def piece_of(self, start: Ints, end: Ints) -> Ints:
        """The piece of the arc between two nodes that a way uses."""
        return self.arcs[3][self.arc_of(start, end)]

    def nodes_of(self, first: int, second: int) -> list[int]:
        """The nodes of the way from a stop to another, both among them; empty where there is none."""
        start, here = (int(self.pieces.stop_node[k]) for k in (first, second))
        if not np.isfinite(self.seconds[first, second]):
            return []
        found = [here]
        while here != start:
            here = int(self.predecessors[first, here])
            found.append(here)
        return found[::-1]


def travel_matrix(
    graph: StreetGraph, stops: Snapped, limit_s: float = np.inf, dearer: Floats | None = None
) -> TravelMatrix:
    """Travel times between all stops.

    Parameters
    ----------
    stops
        As `snap` answers; their mode is the mode of travel.
    limit_s
        Ways that take longer are not looked for.
    dearer
        Factors of the streets (by the graph's `source`, at least 1) for choosing ways, such as to keep off some;
        times are the true ones of the ways that are chosen so.
    """
    pieces = cut_at_stops(graph, stops)
    arcs = arcs_of(pieces)
    count = pieces.node_count
    cost = arcs[2] if dearer is None else arcs[2] * dearer[graph.source[pieces.edge[arcs[3]]]]
    first = np.searchsorted(arcs[0], np.arange(count + 1))
    net = csr_array((cost, arcs[1].astype(np.int32), first.astype(np.int32)), shape=(count, count))
    limit_s = limit_s if dearer is None else limit_s * float(dearer.max(initial=1.0))
    asked = np.unique(pieces.stop_node[pieces.stop_node >= 0])
    seconds = np.full((len(stops), len(stops)), np.inf)
    np.fill_diagonal(seconds, 0.0)
    before = np.full((len(stops), count), NOWHERE, dtype=np.int32)
    if len(asked):
        away, ways = dijkstra(net, directed=True, indices=asked, limit=limit_s, return_predecessors=True)
        known = np.flatnonzero(pieces.stop_node >= 0)
        row = np.searchsorted(asked, pieces.stop_node[known])
        seconds[np.ix_(known, known)] = away[row][:, pieces.stop_node[known]]
        before[known] = ways[row]
    found = TravelMatrix(graph, stops, pieces, arcs, seconds, before)
    return found if dearer is None else replace(found, seconds=found.along(arcs[2]))


@dataclass(frozen=True, eq=False)
class Way:
    """A way through stops: its line, and metres of it on each source line (`StreetGraph.source`)."""

    line: shapely.LineString
    metres: float
    by_street: Mapping[int, float]


def route_geometry(matrix: TravelMatrix, first: int, second: int) -> shapely.LineString:
    """The line from a stop to another along the streets."""
    return way_through(matrix, [first, second]).line


def way_through(matrix: TravelMatrix, order: Sequence[int]) -> Way:
    """The way through stops in order.

    Returns
    -------
    Way
        Its line starts and ends on the street at the first and last stop; a way of no length is a line of two equal
        points.
    """
    graph, pieces = matrix.graph, matrix.pieces
    corners: list[Floats] = [matrix.stops.xy[order[0]][None, :]]
    by_street: dict[int, float] = {}
    for first, second in itertools.pairwise(order):
        nodes = np.array(matrix.nodes_of(first, second), dtype=np.int64)
        if len(nodes) < 2:
            continue
        for piece, start in zip(matrix.piece_of(nodes[:-1], nodes[1:]).tolist(), nodes[:-1].tolist(), strict=True):
            edge = int(pieces.edge[piece])
            low, high = float(pieces.low_m[piece]), float(pieces.high_m[piece])
            spots = _between(graph.lines[edge], low, high, float(graph.length_m[edge]))
            corners.append(spots if pieces.tail[piece] == start else spots[::-1])
            source = int(graph.source[edge])
            by_street[source] = by_street.get(source, 0.0) + high - low
    spots = np.vstack(corners)
    keep = np.ones(len(spots), dtype=bool)
    keep[1:] = (np.abs(np.diff(spots, axis=0)) > 1e-9).any(axis=1)
    spots = spots[keep] if keep.sum() > 1 else np.repeat(spots[:1], 2, axis=0)
    return Way(shapely.LineString(spots), sum(by_street.values()), by_street)


def _between(line: shapely.LineString, low: float, high: float, length: float) -> Floats:
    """The corners of a line from one distance along it to another."""
    corners = shapely.get_coordinates(line)
    if low <= 0 and high >= length:
        return corners
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    ends = shapely.get_coordinates(shapely.line_interpolate_point(line, [low, high]))
    found: Floats = np.vstack([ends[:1], corners[(along > low) & (along < high)], ends[1:]])
    return found
