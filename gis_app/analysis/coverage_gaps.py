"""Gaps of coverage: what weighs most and is not covered, and where its dark parts lie. Weights are what people see.

    unmet(street)    = metres that are not covered / 100 m x weight
    unmet(place)     = weight, where it is not covered (a school by the share of its disc, a hotspot times its severity)

Metric coordinates. A group's gap is its uncovered street length, listed by itself: it holds the gaps of its streets.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gis_app.analysis.coverage import Cell, Cover, Devices, box_of, cells_touching

PER_M = 100.0
# Points of weight for 100 m of a line, or for one place.
WEIGHTS: Mapping[str, float] = {
    "street": 1.0, "unnamed": 0.5, "key_route": 3.0, "school": 10.0, "venue": 2.0, "tip_box": 2.0, "gateway": 5.0,
    "hotspot": 4.0, "group": 1.0,
}  # fmt: skip
LINES = ("street", "unnamed", "key_route", "group")
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


def gap_of(kind: str, unit: str, total: float, covered: float) -> Gap | None:
    """The gap of a unit, if it has one."""
    unmet = max(total - covered, 0.0)
    if kind in LINES:
        weight, is_gap = WEIGHTS[kind] * unmet / PER_M, unmet >= SHORTEST_M
    elif kind == "school":
        weight, is_gap = WEIGHTS[kind] * unmet / total if total else 0.0, unmet >= SMALLEST_M2
    else:
        weight, is_gap = WEIGHTS[kind] * unmet, unmet > 0
    return Gap(kind, unit, total, unmet, weight) if is_gap else None


def rank_gaps(gaps: Sequence[Gap | None]) -> list[Gap]:
    """Gaps by unmet weight, most first; ties by kind and unit, so that the order is always the same."""
    found = [gap for gap in gaps if gap is not None]
    return sorted(found, key=lambda gap: (-gap.unmet_weight, gap.kind, gap.unit))


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


def largest_bounds(shape: Any) -> tuple[float, float, float, float]:
    """The box of the largest piece of a shape: what to look at first."""
    parts = shapely.get_parts(shape)
    sizes = shapely.area(parts) + shapely.length(parts)
    return tuple(shapely.bounds(parts[int(np.argmax(sizes))]).tolist())
