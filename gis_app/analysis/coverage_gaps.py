"""Gaps of coverage: what weighs most and is not covered, and where its dark parts lie. Weights are what people see.

    unmet(street)    = metres that are not covered / 100 m x weight
    unmet(place)     = weight, where it is not covered (a school's disc and an industrial zone by the share that is not,
                       a hotspot times its severity)

Metric coordinates. A group's gap is its uncovered street length, listed by itself: it holds the gaps of its streets.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_app.analysis.coverage import Cell, Cover, Devices, box_of, cells_touching

PER_M = 100.0
# Points of weight for 100 m of a line, or for one place.
WEIGHTS: Mapping[str, float] = {
    "street": 1.0, "unnamed": 0.5, "key_route": 3.0, "school": 10.0, "venue": 2.0, "tip_box": 2.0, "gateway": 5.0,
    "hotspot": 4.0, "group": 1.0, "office": 3.0, "market": 4.0, "industrial_zone": 10.0, "worker_housing": 4.0,
}  # fmt: skip
LINES = ("street", "unnamed", "key_route", "group")
AREAS = ("school", "industrial_zone")
# A street of which so little lies away from a key route is that route.
BESIDE_M = 15.0
OTHER_SHARE = 0.1
# Shorter dark pieces are rounding of arcs, not work for anybody.
SHORTEST_M = 5.0
SMALLEST_M2 = 25.0


@dataclass(frozen=True)
class Gap:
    """Something that is not wholly covered: `unmet` in metres, or in the unit's own weight; `unmet_weight` to rank."""

    kind: str
    unit: str
    total: float
    unmet: float
    unmet_weight: float
    # How many places it stands for.
    count: int = 1


def gap_of(kind: str, unit: str, total: float, covered: float) -> Gap | None:
    """The gap of a unit, if it has one."""
    unmet = max(total - covered, 0.0)
    if kind in LINES:
        weight, is_gap = WEIGHTS[kind] * unmet / PER_M, unmet >= SHORTEST_M
    elif kind in AREAS:
        weight, is_gap = WEIGHTS[kind] * unmet / total if total else 0.0, unmet >= SMALLEST_M2
    else:
        weight, is_gap = WEIGHTS[kind] * unmet, unmet > 0
    return Gap(kind, unit, total, unmet, weight) if is_gap else None


def rank_gaps(gaps: Sequence[Gap | None]) -> list[Gap]:
    """Gaps by unmet weight, most first; ties by kind and unit, so that the order is always the same."""
    found = [gap for gap in gaps if gap is not None]
    return sorted(found, key=lambda gap: (-gap.unmet_weight, gap.kind, gap.unit))


def merge_gaps(gaps: Sequence[Gap], shapes: Mapping[tuple[str, str], Any]) -> list[Gap]:
    """Gaps of which each is one place to go to: no street twice as a key route, no spot once for each of its places.

    A street goes where a key route of the list runs along it; places of a kind on the same spot become one, which
    weighs what they weigh together. Gaps without a shape go. Heaviest first, as before.
    """
    routes = [shapes[key].buffer(BESIDE_M) for key in ((g.kind, g.unit) for g in gaps if g.kind == "key_route")
              if key in shapes]  # fmt: skip
    along = shapely.union_all(routes)
    found: dict[tuple[str, bytes | str], Gap] = {}
    for gap in gaps:
        shape = shapes.get((gap.kind, gap.unit))
        if shape is None:
            continue
        if gap.kind == "street" and routes and shape.difference(along).length <= OTHER_SHARE * shape.length:
            continue
        is_spot = shapely.get_dimensions(shape) == 0
        key = (gap.kind, shapely.to_wkb(shape) if is_spot else gap.unit)
        first = found.get(key)
        found[key] = gap if first is None else _together(first, gap)
    return rank_gaps(list(found.values()))


def _together(first: Gap, other: Gap) -> Gap:
    return replace(
        first,
        total=first.total + other.total,
        unmet=first.unmet + other.unmet,
        unmet_weight=first.unmet_weight + other.unmet_weight,
        count=first.count + other.count,
    )


class Darkness:
    """Dark parts of shapes under one cover: `lit` of a rank, or `seen` at a time and level; squares are kept."""

    def __init__(self, devices: Devices, column: Callable[[Any], Any]) -> None:
        self._cover, self._column = Cover(devices), column
        self._known: dict[Cell, Any] = {}

    def _at(self, cell: Cell) -> Any:
        if cell not in self._known:
            self._known[cell] = self._column(self._cover.at(cell))
        return self._known[cell]

    def part(self, shape: Any) -> Any:
        """What of a line or an area is not covered, without slivers; empty if nothing."""
        shapely.prepare(shape)
        dark = []
        for cell in sorted(cells_touching([shape])):
            box = box_of(cell)
            if shapely.intersects(shape, box):
                dark.append(shapely.difference(shapely.intersection(shape, box), self._at(cell)))
        whole = shapely.union_all(dark)
        if shapely.get_dimensions(shape) == 1:
            whole = shapely.line_merge(whole)
        parts = shapely.get_parts(whole)
        if shapely.get_dimensions(shape) == 1:
            return shapely.multilinestrings(parts[shapely.length(parts) >= SHORTEST_M])
        return shapely.multipolygons(parts[shapely.area(parts) >= SMALLEST_M2])


def count_near(shapes: Sequence[Any], xy: NDArray[np.float64], distance_m: float) -> list[int]:
    """How many points (n, 2) lie within a distance of each shape."""
    tree = shapely.STRtree(np.asarray(shapely.points(xy.reshape(-1, 2)), dtype=object).reshape(-1))
    near, _ = tree.query(np.asarray(shapes, dtype=object), predicate="dwithin", distance=distance_m)
    return [int(count) for count in np.bincount(near, minlength=len(shapes))]


def largest_bounds(shape: Any) -> tuple[float, float, float, float]:
    """The box of the largest piece of a shape: what to look at first."""
    parts = shapely.get_parts(shape)
    sizes = shapely.area(parts) + shapely.length(parts)
    return tuple(shapely.bounds(parts[int(np.argmax(sizes))]).tolist())
