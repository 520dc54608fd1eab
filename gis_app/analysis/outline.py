"""Shapes for a picture in SVG: longitudes and latitudes to a frame of a given width.

Plate carrée with the middle latitude's scale: x = (lon - west) · cos(lat0) · s, y = (north - lat) · s. At the size of a
commune (under 30 km) this differs from its metric zone by less than a pixel.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Point = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """How degrees become units of the picture."""

    west: float
    north: float
    scale_x: float
    scale_y: float
    width: float
    height: float

    def place(self, lon: float, lat: float) -> Point:
        """Where a point lies in the picture."""
        return round((lon - self.west) * self.scale_x, 1), round((self.north - lat) * self.scale_y, 1)


def _rings(shape: Mapping[str, Any]) -> list[Sequence[Sequence[float]]]:
    found = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    return [ring for polygon in found for ring in polygon]


def frame_of(shapes: Sequence[Mapping[str, Any]], width: float, margin: float) -> Frame:
    """The frame that holds GeoJSON polygons, `margin` units free on every side; at most twice as high as wide."""
    points = [point for shape in shapes for ring in _rings(shape) for point in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    shrink = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * shrink, 1e-6), max(north - south, 1e-6)
    scale = min((width - 2 * margin) / wide, (2 * width - 2 * margin) / high)
    return Frame(
        west - margin / (scale * shrink),
        north + margin / scale,
        scale * shrink,
        scale,
        width,
        round(high * scale + 2 * margin, 1),
    )


def path_of(shape: Mapping[str, Any], frame: Frame) -> str:
    """The `d` of an SVG path; holes are kept by the even-odd rule."""
    parts = []
    for ring in _rings(shape):
        spots = [frame.place(point[0], point[1]) for point in ring[:-1]]
        parts.append("M" + "L".join(f"{x:g} {y:g}" for x, y in spots) + "Z")
    return "".join(parts)
