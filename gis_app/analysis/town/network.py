"""Street plan to network: cut at junctions, keep one connected part, number the nodes."""

from itertools import pairwise

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from gis_app.analysis.town.model import GRID_M, HALF_WIDTH_M, RANK, Array, Coords, Network, Piece, Street

_MIN_PIECE_M = 0.5


def build_network(streets: list[Street]) -> Network:
    """Node the streets and drop what cannot be reached.

    A motorway passes over and under the other roads: it has junctions only where one of
    them ends on it.
    """
    lines = [_snap(street.geom) for street in streets]
    ground = [k for k, street in enumerate(streets) if street.klass != "motorway"]
    pieces = _noded([lines[k] for k in ground])
    owners = np.asarray(ground)[_owners(pieces, [lines[k] for k in ground], [streets[k] for k in ground])]
    for k, street in enumerate(streets):
        if street.klass == "motorway":
            parts = _cut_at_ends(lines[k], lines, streets)
            pieces = np.concatenate([pieces, parts])
            owners = np.concatenate([owners, np.full(len(parts), k)])
    return _numbered(streets, pieces, owners)


def _snap(line: BaseGeometry) -> LineString:
    return LineString(np.round(shapely.get_coordinates(line) / GRID_M) * GRID_M)


def _noded(lines: list[LineString]) -> Array:
    union = shapely.union_all(lines, grid_size=GRID_M)
    pieces = shapely.get_parts(union)
    kept: Array = pieces[shapely.length(pieces) > 0]
    return kept


def _owners(pieces: Array, lines: list[LineString], streets: list[Street]) -> Array:
    """For each piece, the street that it lies on; the more important one where two overlap."""
    middle = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    tree = shapely.STRtree(lines)
    piece_index, line_index = tree.query_nearest(middle, max_distance=2.0, all_matches=True)
    rank = np.array([RANK[street.klass] for street in streets])
    order = np.lexsort((line_index, rank[line_index], piece_index))
    _, first = np.unique(piece_index[order], return_index=True)
    best: Array = line_index[order][first]
    return best


def _cut_at_ends(line: LineString, lines: list[LineString], streets: list[Street]) -> Array:
    ends: list[Point] = []
    for other, street in zip(lines, streets, strict=True):
        if street.klass != "motorway" and "Nút giao" in street.name:
            ends += [p for p in map(Point, (other.coords[0], other.coords[-1])) if p.distance(line) < 0.1]
    coords = shapely.get_coordinates(line)
    for point in ends:
        along = line.project(point)
        position = int(np.searchsorted([line.project(shapely.points(c)) for c in coords], along))
        coords = np.insert(coords, position, shapely.get_coordinates(point)[0], axis=0)
        line = LineString(coords)
    marks = sorted({0.0, line.length, *(line.project(point) for point in ends)})
    parts = [_snap(substring(line, a, b)) for a, b in pairwise(marks) if b - a > 1]
    return np.array(parts, dtype=object)


def _numbered(streets: list[Street], pieces: Array, owners: Array) -> Network:
    ends = np.array([shapely.get_coordinates(piece)[[0, -1]] for piece in pieces])
    keys = np.round(ends.reshape(-1, 2) / GRID_M).astype(np.int64)
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    links = inverse.reshape(-1, 2)
    graph = coo_array((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(len(first), len(first)))
    _, part = connected_components(graph, directed=False)
    weight = np.bincount(part[links[:, 0]], weights=shapely.length(pieces))
    keep = np.flatnonzero(part[links[:, 0]] == np.argmax(weight))
    keep = keep[np.lexsort((keep, owners[keep]))]
    used = np.unique(links[keep])
    number = np.full(len(first), -1)
    number[used] = np.arange(len(used))
    nodes = ends.reshape(-1, 2)[first][used]
    made = [Piece(pieces[k], int(owners[k]), int(number[links[k, 0]]), int(number[links[k, 1]])) for k in keep]
    return Network(streets, made, nodes)


def drop_stubs(network: Network, limit_m: float = 8.0) -> Network:
    """Without dead ends shorter than `limit_m`, the crumbs of noding."""
    pieces = network.pieces
    degree = np.bincount([n for piece in pieces for n in (piece.source, piece.target)], minlength=len(network.nodes))
    kept = [
        piece
        for piece in pieces
        if piece.geom.length > limit_m
        or RANK[network.streets[piece.street].klass] <= RANK["tertiary"]
        or (degree[piece.source] > 1 and degree[piece.target] > 1)
    ]
    return renumbered(network, kept)


def renumbered(network: Network, kept: list[Piece]) -> Network:
    """A network of some of the pieces, with nodes numbered anew."""
    lines = np.array([piece.geom for piece in kept], dtype=object)
    return _numbered(network.streets, lines, np.array([piece.street for piece in kept]))


def half_widths(network: Network) -> Coords:
    """Half of the road's width for each piece, metres, shape (n,)."""
    return np.array([HALF_WIDTH_M[network.streets[piece.street].klass] for piece in network.pieces])


def road_surface(network: Network, verge_m: float = 0.0) -> shapely.STRtree:
    """Spatial index of the pieces widened to their carriageway plus `verge_m`."""
    lines = np.array([piece.geom for piece in network.pieces], dtype=object)
    return shapely.STRtree(shapely.buffer(lines, half_widths(network) + verge_m, quad_segs=3))
