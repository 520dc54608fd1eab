"""Density of events along the streets: heat that spreads over the network and nowhere else.

Model. Every event puts one unit of heat on the nearest street; it spreads for the time t = h^2 / 2 by

    du/ds = d^2u/dx^2  on each piece,   u continuous and what flows in flows out at each junction, no flow at dead ends.

On one endless street that is the Gaussian kernel with standard deviation h; at junctions the heat divides among the
streets, and no mass is lost or made. It is the kernel estimate of McSwiggan, Baddeley & Nair (2017), Kernel density
estimation on a linear network, Scandinavian Journal of Statistics 44(2).

Numbers. Pieces are cut into segments of at most `STEP_M`; each end of one owns half of the length of the segments that
meet there (finite volumes): M du/ds = -K u, with K the graph Laplacian of the conductances 1 / length. Implicit steps,
first four of backward Euler (a point source is rough), then Crank-Nicolson; both keep sum(M u).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.sparse import coo_array, csc_array, diags_array
from scipy.sparse.linalg import splu

from gis_app.analysis.hotspot_stats.events import Floats, Ints
from gis_app.analysis.street_graph import StreetGraph

STEP_M = 25.0
# An event farther from every street is not counted here.
FARTHEST_M = 60.0
SMOOTH_STEPS, STEPS = 4, 24


@dataclass(frozen=True, eq=False)
class Mesh:
    """Segments of streets: ends (numbers of vertices), length, the edge that a segment is of and its two marks."""

    tail: Ints
    head: Ints
    length_m: Floats
    edge: Ints
    from_m: Floats
    to_m: Floats
    mass_m: Floats
    first: Ints


@dataclass(frozen=True, eq=False)
class StreetDensity:
    """Events per metre of street by segment, how many events lie on streets, and how it was made."""

    mesh: Mesh
    value: Floats
    bandwidth_m: float
    event_count: int
    left_out: int


def make_mesh(graph: StreetGraph, step_m: float = STEP_M) -> Mesh:
    """Cut every edge into equal segments of at most `step_m`."""
    parts = np.maximum(np.ceil(graph.length_m / step_m).astype(np.int64), 1)
    edge = np.repeat(np.arange(len(parts)), parts)
    first = np.concatenate([[0], np.cumsum(parts)])
    place = np.arange(len(edge)) - first[edge]
    length = graph.length_m[edge] / parts[edge]
    # Inner vertices are numbered after the nodes: parts - 1 of each edge.
    inner = len(graph.node_xy) + np.concatenate([[0], np.cumsum(parts - 1)])
    tail = np.where(place == 0, graph.tail[edge], inner[edge] + place - 1)
    head = np.where(place == parts[edge] - 1, graph.head[edge], inner[edge] + place)
    count = int(inner[-1])
    ends, halves = np.concatenate([tail, head]), np.concatenate([length, length]) / 2
    mass = np.bincount(ends, halves, minlength=count).astype(np.float64)
    return Mesh(tail, head, length, edge, place * length, (place + 1) * length, mass, first)


def street_density(xy: Floats, graph: StreetGraph, bandwidth_m: float, step_m: float = STEP_M) -> StreetDensity:
    """Spread events (n, 2) along the streets."""
    mesh = make_mesh(graph, step_m)
    heat, on_street = _sources(xy, graph, mesh)
    if not on_street:
        return StreetDensity(mesh, np.zeros(len(mesh.tail)), bandwidth_m, 0, len(xy))
    value = _spread(mesh, heat, bandwidth_m**2 / 2)
    middle = (value[mesh.tail] + value[mesh.head]) / 2
    return StreetDensity(mesh, middle, bandwidth_m, on_street, len(xy) - on_street)


def _sources(xy: Floats, graph: StreetGraph, mesh: Mesh) -> tuple[Floats, int]:
    """Mass by vertex: each event's unit is shared by the two ends of its segment, nearer end first."""
    heat = np.zeros(len(mesh.mass_m))
    if len(xy) == 0 or graph.edge_count == 0:
        return heat, 0
    points = np.atleast_1d(np.asarray(shapely.points(xy)))
    (at, edge), _ = shapely.STRtree(graph.lines).query_nearest(
        points, max_distance=FARTHEST_M, return_distance=True, all_matches=False
    )
    along = shapely.line_locate_point(graph.lines[edge], points[at])
    step = graph.length_m[edge] / (mesh.first[edge + 1] - mesh.first[edge])
    place = np.minimum((along / step).astype(np.int64), mesh.first[edge + 1] - mesh.first[edge] - 1)
    share = np.clip(along / step - place, 0, 1)
    segment = mesh.first[edge] + place
    np.add.at(heat, mesh.tail[segment], 1 - share)
    np.add.at(heat, mesh.head[segment], share)
    return heat, len(at)


def _spread(mesh: Mesh, heat: Floats, time: float) -> Floats:
    count = len(mesh.mass_m)
    # A node that no street is left at owns nothing.
    mass = np.where(mesh.mass_m > 0, mesh.mass_m, 1.0)
    conductance = 1 / mesh.length_m
    pairs = coo_array((conductance, (mesh.tail, mesh.head)), shape=(count, count))
    both = (pairs + pairs.T).tocsc()
    laplacian = csc_array(diags_array(np.asarray(both.sum(axis=1)).ravel()) - both)
    weights = csc_array(diags_array(mass))
    # A tenth of the time goes to the rough start.
    rough, smooth = 0.1 * time / SMOOTH_STEPS, 0.9 * time / STEPS
    value = heat / mass
    first: Any = splu(csc_array(weights + rough * laplacian))
    for _ in range(SMOOTH_STEPS):
        value = first.solve(mass * value)
    then: Any = splu(csc_array(weights + smooth / 2 * laplacian))
    for _ in range(STEPS):
        value = then.solve(mass * value - smooth / 2 * (laplacian @ value))
    return np.maximum(value, 0.0)


def segment_lines(graph: StreetGraph, mesh: Mesh, segments: Ints) -> list[shapely.LineString]:
    """The shape of some segments (metres)."""
    found = []
    for k in segments.tolist():
        line = graph.lines[mesh.edge[k]]
        corners = shapely.get_coordinates(line)
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
        low, high = float(mesh.from_m[k]), float(mesh.to_m[k])
        ends = shapely.get_coordinates(shapely.line_interpolate_point(line, [low, high]))
        between = corners[(along > low + 1e-6) & (along < high - 1e-6)]
        found.append(shapely.LineString(np.vstack([ends[:1], between, ends[1:]])))
    return found
