"""Clusters of events: DBSCAN by distance, HDBSCAN by lasting density.

DBSCAN (Ester et al. 1996): a core event has at least `min_samples` events (itself counted) within `eps_m`; core events
within `eps_m` of each other are one cluster; another event within `eps_m` of a core event joins the cluster of the
nearest. The rest is noise (-1).

HDBSCAN (Campello, Moulavi & Sander 2013): distance of mutual reach max(core(a), core(b), |ab|) with core(a) the
distance to the `min_samples`-th event; its minimum spanning tree, cut from the longest edge on, gives clusters of at
least `min_size` that are born and die at densities lambda = 1 / distance; taken are those that together last longest.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, QhullError, cKDTree

from gis_app.analysis.hotspot_stats.events import Floats, Ints

EPS_M, MIN_SAMPLES, MIN_SIZE = 80.0, 5, 8
# HDBSCAN compares all pairs: 5,000 events take half a second.
MOST_FOR_HDBSCAN = 5_000


def dbscan(xy: Floats, eps_m: float = EPS_M, min_samples: int = MIN_SAMPLES) -> Ints:
    """The cluster of each event, largest first, -1 for noise.

    Core events that short steps join are joined by short edges of their Delaunay triangulation too, as it holds the
    minimum spanning tree: n log n, however many events are within reach of each other.
    """
    n = len(xy)
    label = np.full(n, -1, dtype=np.int64)
    if n < min_samples:
        return label
    reach = np.asarray(cKDTree(xy).query(xy, k=min_samples)[0]).reshape(n, -1)[:, -1]
    core = reach <= eps_m
    if not core.any():
        return label
    spot, number = np.unique(xy[core], axis=0, return_inverse=True)
    edges = _near_edges(spot, eps_m)
    graph = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(len(spot),) * 2)
    _, part = connected_components(graph, directed=False)
    label[core] = part[number.ravel()]
    if not core.all():
        away, nearest = map(np.asarray, cKDTree(xy[core]).query(xy[~core]))
        label[~core] = np.where(away <= eps_m, label[core][nearest], -1)
    return _ranked(label)


def _near_edges(spot: Floats, eps_m: float) -> Ints:
    """Edges of at most `eps_m` that join all places that are joined at all."""
    try:
        mesh = Delaunay(spot - spot.mean(axis=0))
    except (QhullError, ValueError):
        # Fewer than three places, or all on one line.
        found: Ints = cKDTree(spot).query_pairs(eps_m, output_type="ndarray").astype(np.int64)
        return found
    corners = mesh.simplices
    # What is too near others for the triangulation hangs on its nearest corner.
    edges = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]], mesh.coplanar[:, [0, 2]]])
    away = np.hypot(*(spot[edges[:, 0]] - spot[edges[:, 1]]).T)
    near: Ints = edges[away <= eps_m].astype(np.int64)
    return near


def _ranked(label: Ints) -> Ints:
    """Number clusters by size, the largest 0; of two of a size the one with the earlier event first."""
    names, first, size = np.unique(label[label >= 0], return_index=True, return_counts=True)
    rank = {int(names[k]): place for place, k in enumerate(np.lexsort((first, -size)).tolist())}
    return np.array([rank.get(int(one), -1) for one in label], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class _Merge:
    """The single-linkage tree: row k joins `left` and `right` at `distance` into cluster n + k of `size` events."""

    left: Ints
    right: Ints
    distance: Floats
    size: Ints


def hdbscan(xy: Floats, min_size: int = MIN_SIZE, min_samples: int = MIN_SAMPLES) -> Ints:
    """The cluster of each event, largest first, -1 for noise."""
    n = len(xy)
    if n <= max(min_size, min_samples):
        return np.full(n, -1, dtype=np.int64)
    core = np.asarray(cKDTree(xy).query(xy, k=min_samples)[0]).reshape(n, -1)[:, -1]
    tree = _linkage(n, *_spanning_tree(xy, core))
    return _ranked(_taken(n, tree, min_size))


def _spanning_tree(xy: Floats, core: Floats) -> tuple[Ints, Ints, Floats]:
    """Prim's minimum spanning tree of the mutual reach."""
    n = len(xy)
    best, source = np.full(n, np.inf), np.zeros(n, dtype=np.int64)
    open_, now = np.arange(1, n), 0
    start, end, length = np.empty(n - 1, np.int64), np.empty(n - 1, np.int64), np.empty(n - 1)
    for k in range(n - 1):
        away = np.hypot(xy[open_, 0] - xy[now, 0], xy[open_, 1] - xy[now, 1])
        reach = np.maximum(np.maximum(away, core[open_]), core[now])
        nearer = reach < best[open_]
        best[open_[nearer]], source[open_[nearer]] = reach[nearer], now
        at = int(np.argmin(best[open_]))
        now = int(open_[at])
        start[k], end[k], length[k] = source[now], now, best[now]
        open_[at] = open_[-1]
        open_ = open_[:-1]
    return start, end, length


def _linkage(n: int, start: Ints, end: Ints, length: Floats) -> _Merge:
    order = np.argsort(length, kind="stable")
    parent = list(range(2 * n - 1))
    size = [1] * n + [0] * (n - 1)
    left, right = np.empty(n - 1, np.int64), np.empty(n - 1, np.int64)

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for k, at in enumerate(order.tolist()):
        left[k], right[k] = root(int(start[at])), root(int(end[at]))
        parent[left[k]] = parent[right[k]] = n + k
        size[n + k] = size[left[k]] + size[right[k]]
    return _Merge(left, right, length[order], np.array(size[n:], dtype=np.int64))


@dataclass
class _Branch:
    """A cluster of the condensed tree: born at a density, its children, how long its events last in all."""

    parent: int
    birth: float
    stability: float = 0.0
    children: tuple[int, ...] = ()


def _taken(n: int, tree: _Merge, min_size: int) -> Ints:
    """The label of each event: number of the chosen branch, or -1."""
    branches = [_Branch(-1, 0.0)]
    leaves = np.full(n, 0, dtype=np.int64)
    todo = [(2 * n - 2, 0)]
    while todo:
        node, branch = todo.pop()
        if node < n:
            leaves[node] = branch
            continue
        k = node - n
        density = 1 / tree.distance[k] if tree.distance[k] > 0 else np.inf
        sides = [int(tree.left[k]), int(tree.right[k])]
        sizes = [1 if side < n else int(tree.size[side - n]) for side in sides]
        big = [side for side, size in zip(sides, sizes, strict=True) if size >= min_size]
        lasting = _times(density, branches[branch].birth)
        if len(big) == 2:
            branches[branch].stability += lasting * sum(sizes)
            branches[branch].children = (len(branches), len(branches) + 1)
            for side in sides:
                todo.append((side, len(branches)))
                branches.append(_Branch(branch, density))
            continue
        for side, size in zip(sides, sizes, strict=True):
            if side in big:
                todo.append((side, branch))
            else:
                # These events leave the cluster here.
                branches[branch].stability += lasting * size
                leaves[_members(side, n, tree)] = branch
    chosen = _choose(branches)
    return np.array([_home(branches, chosen, int(branch)) for branch in leaves], dtype=np.int64)


def _times(density: float, birth: float) -> float:
    return 0.0 if np.isinf(birth) else (density if np.isfinite(density) else 1e12) - birth


def _members(node: int, n: int, tree: _Merge) -> list[int]:
    found, todo = [], [node]
    while todo:
        one = todo.pop()
        if one < n:
            found.append(one)
        else:
            todo += [int(tree.left[one - n]), int(tree.right[one - n])]
    return found


def _choose(branches: list[_Branch]) -> set[int]:
    """Excess of mass: from the leaves up, a cluster or what lasts longer within it; never the whole."""
    best = [branch.stability for branch in branches]
    chosen: set[int] = set()
    for number in range(len(branches) - 1, 0, -1):
        inner = sum(best[child] for child in branches[number].children)
        if branches[number].children and inner > branches[number].stability:
            best[number] = inner
            continue
        chosen.add(number)
        todo = list(branches[number].children)
        while todo:
            child = todo.pop()
            chosen.discard(child)
            todo += branches[child].children
    return chosen


def _home(branches: list[_Branch], chosen: set[int], branch: int) -> int:
    while branch > 0:
        if branch in chosen:
            return branch
        branch = branches[branch].parent
    return -1
