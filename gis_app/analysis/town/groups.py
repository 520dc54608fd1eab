"""Residential groups: a partition of the outline along streets, canals and field tracks.

Model: blocks with weights (homes, and a little for area) are assigned to the seed with the least
power distance |x - s|^2 - w; weights w move until groups are balanced (capacity-constrained
power diagram, Aurenhammer, Hoffmann, Aronov 1998); then parts cut off from their group go to a neighbour.
"""

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely import Polygon

from gis_app.analysis.town.model import Coords, Draft

_ROUNDS = 60
# How much area counts beside homes when groups are balanced, by use; 0: nobody lives there.
_AREA_SHARE = {"sea": 0.0, "river": 0.0, "lake": 0.0, "hill": 0.0, "beach": 0.0, "field": 0.04}


def plan_groups(draft: Draft) -> None:
    """Fill the draft's groups and their names in a natural order."""
    spec = draft.spec
    faces = np.array([face.geom for face in draft.faces], dtype=object)
    points = shapely.get_coordinates(shapely.centroid(faces))
    weight = _weights(draft)
    count = len(spec.group_names)
    if spec.is_rural:
        villages = {zone.name: zone for zone in draft.terrain.zones if zone.use == "village"}
        names = [name.removeprefix("Thôn ") for name in spec.group_names]
        seeds = np.array([shapely.get_coordinates(villages[name].geom.centroid)[0] for name in names])
        owner = _nearest(points, seeds, np.zeros(count))
        index = {name: k for k, name in enumerate(names)}
        owner = np.array([index.get(face.zone, own) for face, own in zip(draft.faces, owner, strict=True)])
        fixed = np.array([face.zone in index for face in draft.faces])
    else:
        owner = _balanced(points, weight, count, draft.rng("groups"))
        fixed = np.zeros(len(faces), dtype=bool)
    owner = _contiguous(faces, owner, fixed)
    parts = [shapely.coverage_union_all(faces[owner == k]) for k in range(count)]
    polygons = [_one(part) for part in parts]
    order = range(count) if spec.is_rural else _reading_order(polygons)
    draft.groups = _softened([polygons[k] for k in order])
    draft.group_names = list(spec.group_names)


def _weights(draft: Draft) -> Coords:
    homes = np.bincount([h.face for h in draft.houses if h.kind == "dwelling"], minlength=len(draft.faces))
    area = shapely.area([face.geom for face in draft.faces])
    counted = np.array([_AREA_SHARE.get(face.use, 0.08) for face in draft.faces])
    weights: Coords = homes + homes.sum() * counted * area / area.sum() + 0.01
    return weights


def _nearest(points: Coords, seeds: Coords, power: Coords) -> Coords:
    squared = ((points[:, None] - seeds[None]) ** 2).sum(axis=2)
    owner: Coords = np.argmin(squared - power, axis=1)
    return owner


def _balanced(points: Coords, weight: Coords, count: int, rng: np.random.Generator) -> Coords:
    seeds = points[rng.choice(len(points), count, replace=False, p=weight / weight.sum())]
    power = np.zeros(count)
    share = weight.sum() / count
    scale = np.median(np.sort(((seeds[:, None] - seeds[None]) ** 2).sum(axis=2), axis=1)[:, 1])
    owner = _nearest(points, seeds, power)
    for step in range(_ROUNDS):
        owner = _nearest(points, seeds, power)
        load = np.bincount(owner, weights=weight, minlength=count)
        power += 0.25 * scale * (1 - step / _ROUNDS) * np.clip(1 - load / share, -1, 1)
        power -= power.mean()
        if step < _ROUNDS * 2 // 3:
            for k in np.flatnonzero(load > 0):
                seeds[k] = np.average(points[owner == k], axis=0, weights=weight[owner == k])
        for k in np.flatnonzero(np.bincount(owner, minlength=count) == 0):
            seeds[k] = points[rng.integers(len(points))]
            power[k] = power.max()
    return owner


def _contiguous(faces: Coords, owner: Coords, fixed: Coords) -> Coords:
    """Move faces cut off from the main part of their group to the neighbour with the longest common border."""
    left, right = shapely.STRtree(faces).query(faces, predicate="touches")
    once = left < right
    left, right = left[once], right[once]
    border = shapely.length(shapely.intersection(faces[left], faces[right]))
    left, right, border = left[border > 1.0], right[border > 1.0], border[border > 1.0]
    area = shapely.area(faces) + 1e9 * fixed
    owner = owner.copy()
    for _ in range(12):
        same = owner[left] == owner[right]
        graph = coo_array((np.ones(same.sum()), (left[same], right[same])), shape=(len(faces), len(faces)))
        _, part = connected_components(graph, directed=False)
        size = np.bincount(part, weights=area)
        main = {k: max(set(part[owner == k].tolist()), key=lambda p: size[p]) for k in sorted(set(owner.tolist()))}
        loose = np.array([part[f] != main[owner[f]] for f in range(len(faces))])
        if not loose.any():
            break
        pull: dict[tuple[int, int], float] = {}
        for a, b, long in zip(left.tolist(), right.tolist(), border.tolist(), strict=True):
            for face, other in ((a, b), (b, a)):
                if loose[face] and not loose[other]:
                    key = (int(part[face]), int(owner[other]))
                    pull[key] = pull.get(key, 0.0) + long
        best: dict[int, tuple[float, int]] = {}
        for (lump, to), long in sorted(pull.items()):
            best[lump] = max(best.get(lump, (0.0, -1)), (long, to))
        for face in np.flatnonzero(loose).tolist():
            if int(part[face]) in best:
                owner[face] = best[int(part[face])][1]
    return owner


def _one(geom: shapely.Geometry) -> Polygon:
    parts = shapely.get_parts(geom)
    if len(parts) != 1:
        message = "a group must be one polygon"
        raise ValueError(message)
    (part,) = parts.tolist()
    return Polygon(part)


def _softened(polygons: list[Polygon]) -> list[Polygon]:
    """Straighten small steps of common borders; the outline itself stays as it is."""
    soft = shapely.coverage_simplify(polygons, 6.0, simplify_boundary=False)
    good = all(part.geom_type == "Polygon" and part.is_valid for part in soft)
    return list(soft) if good else polygons


def _reading_order(polygons: list[Polygon]) -> list[int]:
    """Bands from north to south, left to right and back, so that numbers follow one another on the map."""
    centres = shapely.get_coordinates(shapely.centroid(polygons))
    bands = max(3, round(len(polygons) ** 0.5))
    rank = np.argsort(np.argsort(-centres[:, 1]))
    band = rank * bands // len(polygons)
    return sorted(range(len(polygons)), key=lambda k: (band[k], centres[k, 0] * (-1) ** int(band[k])))
