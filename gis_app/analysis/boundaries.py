"""Faults of the boundaries of groups, and repairs that are safe by themselves.

With groups A_i and the commune C, all in metres: an overlap is A_i ∩ A_j, a gap a part of C − ∪A_i, a hole a gap that
one group surrounds, outside A_i − C. A piece whose mean width 2·area/perimeter is under `SLIVER_M` is a sliver:
borders that were drawn twice. Along the commune's own border survey and outline differ, so pieces that stay within
`BORDER_M` of it are no faults.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import shapely

from gis_app.text import fold

MIN_AREA_M2 = 5.0
SLIVER_M = 3.0
BORDER_M = 10.0
# Coordinates are kept to the millimetre, so that a repair leaves no slivers of its own.
_GRID_M = 0.001
KINDS = ("self_crossing", "overlap", "gap", "hole", "sliver", "outside", "duplicate_name")


@dataclass(frozen=True)
class Bounded:
    """A group: its id, name, version and shape (metric CRS of the commune)."""

    id: int
    name: str
    version: int
    shape: Any


@dataclass(frozen=True)
class Fault:
    """A fault: its kind, the groups that it concerns (largest first), where it is, and how large."""

    kind: str
    group_ids: tuple[int, ...]
    shape: Any
    area_m2: float

    @property
    def key(self) -> str:
        """The same for the same fault as long as nobody mends it."""
        spot = shapely.centroid(self.shape)
        text = f"{self.kind} {self.group_ids} {spot.x:.1f} {spot.y:.1f} {self.area_m2:.0f}"
        return sha256(text.encode()).hexdigest()[:16]


def find_faults(groups: Sequence[Bounded], outline: Any) -> list[Fault]:
    """Every fault, by kind and then by size, largest first.

    Parameters
    ----------
    groups, outline
        Shapes in one metric CRS.
    """
    found = [Fault("self_crossing", (g.id,), g.shape, g.shape.area) for g in groups if not g.shape.is_valid]
    sound = {g.id: _sound(g.shape) for g in groups}
    border = outline.boundary.buffer(BORDER_M)
    found += _overlaps(sound)
    found += _gaps(sound, outline, border)
    found += _outside(sound, outline)
    found += _duplicates(groups)
    return sorted(found, key=lambda fault: (KINDS.index(fault.kind), -fault.area_m2, fault.group_ids))


def _sound(shape: Any) -> Any:
    valid = shape if shape.is_valid else shapely.make_valid(shape, method="structure", keep_collapsed=False)
    return shapely.set_precision(valid, _GRID_M)


def _areas(shape: Any) -> list[Any]:
    parts = shapely.get_parts(shape) if shape.geom_type == "GeometryCollection" else [shape]
    pieces = [piece for part in parts for piece in shapely.get_parts(part) if piece.geom_type == "Polygon"]
    return [piece for piece in pieces if piece.area >= MIN_AREA_M2]


def _is_thin(piece: Any) -> bool:
    return bool(2 * piece.area / piece.length < SLIVER_M)


def _overlaps(shapes: Mapping[int, Any]) -> list[Fault]:
    if not shapes:
        return []
    ids, found = list(shapes), []
    tree = shapely.STRtree(list(shapes.values()))
    for at, other in zip(*tree.query(list(shapes.values()), predicate="intersects"), strict=True):
        if at >= other:
            continue
        first, second = sorted((ids[at], ids[other]), key=lambda one: -shapes[one].area)
        pieces = _areas(shapes[first].intersection(shapes[second]))
        for is_thin in (True, False):
            some = [piece for piece in pieces if _is_thin(piece) == is_thin]
            if some:
                whole = shapely.union_all(some)
                found.append(Fault("sliver" if is_thin else "overlap", (first, second), whole, whole.area))
    return found


def _gaps(shapes: Mapping[int, Any], outline: Any, border: Any) -> list[Fault]:
    if not shapes:
        return []
    found = []
    for piece in _areas(shapely.set_precision(outline, _GRID_M).difference(shapely.union_all(list(shapes.values())))):
        if piece.within(border):
            continue
        around = next((one for one, shape in shapes.items() if _fills(shape).contains(piece)), None)
        if around is not None:
            found.append(Fault("hole", (around,), piece, piece.area))
        elif _is_thin(piece):
            found.append(Fault("sliver", _neighbours(piece, shapes), piece, piece.area))
        else:
            found.append(Fault("gap", _neighbours(piece, shapes), piece, piece.area))
    return found


def _fills(shape: Any) -> Any:
    return shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(shape)])


def _neighbours(piece: Any, shapes: Mapping[int, Any]) -> tuple[int, ...]:
    """The groups beside a piece, the one with the longest common border first."""
    shared = {one: shape.boundary.intersection(piece.buffer(0.01)).length for one, shape in shapes.items()}
    return tuple(sorted((one for one, length in shared.items() if length > 0), key=lambda one: -shared[one]))


def _outside(shapes: Mapping[int, Any], outline: Any) -> list[Fault]:
    found, near = [], outline.buffer(BORDER_M)
    for one, shape in shapes.items():
        if _areas(shape.difference(near)):
            beyond = shapely.union_all(_areas(shape.difference(outline)))
            found.append(Fault("outside", (one,), beyond, beyond.area))
    return found


def _duplicates(groups: Sequence[Bounded]) -> list[Fault]:
    named = defaultdict(list)
    for group in groups:
        named[fold(group.name)].append(group)
    return [
        Fault("duplicate_name", tuple(one.id for one in same), shapely.union_all([one.shape for one in same]), 0.0)
        for same in named.values()
        if len(same) > 1
    ]


def repair(fault: Fault, groups: Sequence[Bounded], outline: Any, keeper: int | None = None) -> dict[int, Any]:
    """The new shapes, by group, of the repair that is safe, or (`keeper`) that a person has decided on; else empty.

    A sliver between two groups goes to the smaller one where they overlap and to the longest neighbour where nobody has
    it; a hole goes to the group around it; what lies outside is cut off; a crossing shape is made valid. A wide overlap
    or gap goes to the keeper.
    """
    shapes = {group.id: _sound(group.shape) for group in groups}
    first = fault.group_ids[0] if fault.group_ids else None
    if first is None or any(one not in shapes for one in fault.group_ids):
        return {}
    if keeper is not None:
        return _decided(fault, shapes, keeper)
    own = shapes[first]
    made = None
    if fault.kind == "self_crossing":
        made = own
    elif fault.kind == "outside":
        made = own.intersection(outline)
    elif fault.kind == "hole":
        made = own.union(fault.shape)
    elif fault.kind == "sliver":
        overlaps = len(fault.group_ids) > 1 and own.intersection(fault.shape).area > fault.area_m2 / 2
        # A little more than the sliver: a common border, not one beside the other.
        made = own.difference(shapes[fault.group_ids[1]]) if overlaps else own.union(fault.shape)
    return _whole(first, made)


def _decided(fault: Fault, shapes: Mapping[int, Any], keeper: int) -> dict[int, Any]:
    if keeper not in fault.group_ids:
        return {}
    if fault.kind == "gap":
        return _whole(keeper, shapes[keeper].union(fault.shape))
    if fault.kind == "overlap":
        other = next(one for one in fault.group_ids if one != keeper)
        return _whole(other, shapes[other].difference(shapes[keeper]))
    return {}


def _whole(group_id: int, made: Any) -> dict[int, Any]:
    pieces = [] if made is None else _areas(shapely.set_precision(made, _GRID_M))
    return {group_id: shapely.MultiPolygon(pieces)} if pieces else {}


def repair_all(groups: Sequence[Bounded], outline: Any, kinds: Collection[str]) -> dict[int, Any]:
    """The new shapes, by group, after every safe repair of these kinds, one upon another."""
    now = {group.id: group for group in groups}
    made: dict[int, Any] = {}
    for fault in find_faults(groups, outline):
        if fault.kind not in kinds:
            continue
        for group_id, shape in repair(fault, [*now.values()], outline).items():
            now[group_id] = replace(now[group_id], shape=shape)
            made[group_id] = shape
    return made
