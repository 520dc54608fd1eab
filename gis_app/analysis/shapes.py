"""Rules that a geometry must meet before it is stored, on whole arrays. EPSG:4326 throughout, lon before lat."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]

MAX_POINTS = 100_000
# The bounds of every layer's database check (layers/base.py): Vietnam with its islands.
WEST, SOUTH, EAST, NORTH = 102.0, 6.0, 118.0, 24.0

_TYPES = {
    "POINT": (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT),
    "LINESTRING": (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING),
    "POLYGON": (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON),
}
_MULTI_MAKERS: dict[str, Any] = {
    "MULTIPOINT": shapely.multipoints,
    "MULTILINESTRING": shapely.multilinestrings,
    "MULTIPOLYGON": shapely.multipolygons,
}


@dataclass
class Checked:
    """Geometries of the wanted type, None where refused; `faults` are (position, value, rule)."""

    shapes: Shapes
    faults: list[tuple[int, str, str]] = field(default_factory=list)
    flattened_count: int = 0

    def refuse(self, where: NDArray[np.bool_], rule: str, values: list[str] | None = None) -> None:
        """Record a rule for positions that are not refused yet."""
        positions = np.flatnonzero(where & ~shapely.is_missing(self.shapes))
        for position in positions.tolist():
            value = describe(self.shapes[position]) if values is None else values[position]
            self.faults.append((position, value, rule))
        self.shapes[positions] = None


def describe(shape: Any) -> str:
    """Return a short text of a geometry for a table of errors."""
    if shape is None:
        return ""
    if shape.geom_type == "Point" and not shape.is_empty:
        return f"{shape.x:.6f} {shape.y:.6f}"
    text: str = shapely.to_wkt(shape, rounding_precision=5)
    return text if len(text) <= 60 else text[:57] + "..."


def check_readable(shapes: Shapes, wanted: str, unread: NDArray[np.bool_]) -> Checked:
    """Check presence, type and numbers, before any change of coordinates.

    Parameters
    ----------
    shapes
        Geometries as read, shape (n,); not changed.
    wanted
        The PostGIS type of the layer. One part becomes many and one of many becomes one where needed;
        a third coordinate is dropped and counted.
    unread
        Rows that a format has refused already: they get no second fault.
    """
    checked = Checked(shapes.copy())
    missing = shapely.is_missing(shapes)
    checked.faults += [(p, "", "geometry_missing") for p in np.flatnonzero(missing & ~unread).tolist()]
    checked.refuse(shapely.is_empty(checked.shapes), "geometry_empty")
    checked.refuse(_not_finite(checked.shapes), "not_finite")
    solid = shapely.has_z(checked.shapes)
    checked.flattened_count = int(solid.sum())
    checked.shapes = shapely.force_2d(checked.shapes)
    _to_type(checked, wanted)
    too_many = shapely.get_num_coordinates(checked.shapes) > MAX_POINTS
    checked.refuse(too_many, "too_many_points")
    return checked


def _not_finite(shapes: Shapes) -> NDArray[np.bool_]:
    places, owner = shapely.get_coordinates(shapes, include_z=False, return_index=True)
    bad = np.zeros(len(shapes), dtype=bool)
    bad[owner[~np.isfinite(places).all(axis=1)]] = True
    return bad


def _to_type(checked: Checked, wanted: str) -> None:
    single, multi = _TYPES[wanted.removeprefix("MULTI")]
    kinds = shapely.get_type_id(checked.shapes)
    checked.refuse(~np.isin(kinds, (single, multi, -1)), "wrong_type")
    kinds = shapely.get_type_id(checked.shapes)
    if wanted.startswith("MULTI"):
        lone = kinds == single
        if lone.any():
            parts = checked.shapes[lone]
            checked.shapes[lone] = _MULTI_MAKERS[wanted](parts, indices=np.arange(len(parts)))
        return
    several = (kinds == multi) & (shapely.get_num_geometries(checked.shapes) > 1)
    checked.refuse(several, "several_parts")
    packed = shapely.get_type_id(checked.shapes) == multi
    checked.shapes[packed] = shapely.get_geometry(checked.shapes[packed], 0)


def check_placed(checked: Checked) -> None:
    """Check validity and that all lies in Vietnam, once the geometries are in EPSG:4326."""
    bounds = shapely.bounds(checked.shapes)
    swapped = (bounds[:, 0] >= SOUTH) & (bounds[:, 2] <= NORTH) & (bounds[:, 1] >= WEST) & (bounds[:, 3] <= EAST)
    checked.refuse(swapped, "axes_swapped")
    checked.refuse(_not_finite(checked.shapes), "not_finite")
    inside = (bounds[:, 0] >= WEST) & (bounds[:, 1] >= SOUTH) & (bounds[:, 2] <= EAST) & (bounds[:, 3] <= NORTH)
    checked.refuse(~inside, "outside_vietnam")
    invalid = ~shapely.is_valid(checked.shapes) & ~shapely.is_missing(checked.shapes)
    if invalid.any():
        reasons = [str(reason or "") for reason in np.where(invalid, shapely.is_valid_reason(checked.shapes), "")]
        checked.refuse(invalid, "geometry_invalid", reasons)
