"""What of a drawn area nobody has yet: a new group is trimmed to the room between its neighbours. Degrees."""

from collections.abc import Sequence
from typing import Any

import shapely

from gis_app.analysis.borders import METRES_PER_DEGREE, area_m2

# Pieces smaller or narrower are what two drawings of one border leave.
LEAST_M2 = 5.0
LEAST_WIDTH_M = 1.0


def free_part(drawn: Any, others: Sequence[Any], outline: Any) -> shapely.MultiPolygon:
    """The part inside the outline that no other area has; empty where there is no room."""
    return _wide(drawn.intersection(outline).difference(shapely.union_all(list(others))))


def taken_m2(drawn: Any, other: Any) -> float:
    """How much of a drawn area another has, square metres; borders that merely touch or run a hair apart count 0."""
    return area_m2(_wide(drawn.intersection(other)))


def _wide(shape: Any) -> shapely.MultiPolygon:
    pieces = [one for one in _polygons(shape) if area_m2(one) >= LEAST_M2 and _width_m(one) >= LEAST_WIDTH_M]
    return shapely.MultiPolygon(pieces)


def _polygons(shape: Any) -> list[Any]:
    parts = [piece for part in shapely.get_parts(shape) for piece in shapely.get_parts(part)]
    return [part for part in parts if part.geom_type == "Polygon"]


def _width_m(piece: Any) -> float:
    return float(2 * area_m2(piece) / (piece.length * METRES_PER_DEGREE))
