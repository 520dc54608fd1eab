"""A small invented commune beside another one: it meets that outline exactly, so that neighbours can agree. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from gis_app.analysis.town.base_rows import multi
from gis_app.analysis.town.model import Array, Row

CODE = "99001"
NAME, FULL_NAME = "Minh Họa", "Xã Minh Họa, thành phố Hải Phòng"
_DEPTH_M = 1300.0
# Which way it lies from the middle of the other: bearings, clockwise from north.
_FROM_DEG, _TO_DEG, _VILLAGES = 158.0, 256.0, 4
# Roads of its own run along the boundary, so far from it.
_ALONG_M = (180.0, 700.0)
_LAMP_EVERY_M = 55.0
_STAGES = ("building", "not_selected", "building", "maintained")


def _ray(middle: Point, bearing_deg: float, length_m: float) -> LineString:
    angle = np.radians(bearing_deg)
    end = (middle.x + length_m * np.sin(angle), middle.y + length_m * np.cos(angle))
    return LineString([(middle.x, middle.y), end])


def beside_rows(outline: Polygon, gates: Sequence[Point], metric_srid: int) -> dict[str, list[Row]]:
    """Rows by layer of the commune beside `outline`, entered by the roads at `gates` (metres, that zone)."""
    middle = outline.centroid
    reach = shapely.hausdorff_distance(outline, middle) + 2 * _DEPTH_M
    ring = shapely.buffer(outline, _DEPTH_M).difference(outline)
    bearings = np.linspace(_FROM_DEG, _TO_DEG, _VILLAGES + 1)
    rays = [_ray(middle, bearing, reach) for bearing in bearings]
    # Cut along common lines: villages share their corners.
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all([ring.boundary, *rays]))))
    inside = [face for face in faces if ring.contains(face.representative_point())]
    villages = [_at(inside, middle, (a + b) / 2) for a, b in pairwise(bearings)]
    whole = shapely.union_all(villages)
    roads = _roads(outline, whole, middle, gates)
    lines = np.array([line for _, line in roads], dtype=object)
    return {
        "communes": [_commune_row(whole, metric_srid)],
        "groups": [_village_row(shape, number) for number, shape in enumerate(villages, 1)],
        "roads": _road_rows(roads),
        "lights": _light_rows(lines),
        "cameras": _camera_rows(lines[: -len(_ALONG_M)]),
        "gateways": [_point(gate, "CN", n, name=f"Cửa ngõ minh họa {n}") for n, gate in enumerate(_ends(lines), 1)],
        "hotspots": _hotspot_rows(lines, whole),
    }


def _at(faces: Sequence[Polygon], middle: Point, bearing_deg: float) -> Polygon:
    ray = _ray(middle, bearing_deg, 1e5)
    return max(faces, key=lambda face: face.intersection(ray).length)


def _roads(
    outline: Polygon, whole: BaseGeometry, middle: Point, gates: Sequence[Point]
) -> list[tuple[str, LineString]]:
    """Roads that come in at the gates, then those along the boundary."""
    found = []
    for number, gate in enumerate((gate for gate in gates if gate.distance(whole) < 30), 1):
        outward = LineString([(middle.x, middle.y), (3 * gate.x - 2 * middle.x, 3 * gate.y - 2 * middle.y)])
        found.append((f"Đường minh họa {number}", _longest(outward.intersection(whole))))
    for number, away in enumerate(_ALONG_M, 1):
        line: Any = shapely.simplify(shapely.buffer(outline, away).exterior, 6.0).intersection(
            shapely.buffer(whole, -20)
        )
        found.append((f"Đường liên thôn {number}", _longest(shapely.line_merge(line))))
    return found


def _longest(shape: Any) -> LineString:
    parts = (part for part in shapely.get_parts(shape).tolist() if isinstance(part, LineString))
    return max(parts, key=lambda part: part.length)


def _ends(lines: Array) -> list[Point]:
    """Where the roads come in, a step inside."""
    return [line.interpolate(2.0) for line in lines[: -len(_ALONG_M)]]


def _point(place: Point, letters: str, number: int, **values: Any) -> Row:
    return Row(place, values, f"MH-{letters}{number:03d}")


def _commune_row(whole: BaseGeometry, metric_srid: int) -> Row:
    properties = {
        "code": CODE, "name": NAME, "full_name": FULL_NAME, "kind": "commune", "province_code": "31",
        "province_name": "Thành phố Hải Phòng", "area_km2": round(whole.area / 1e6, 2), "household_count": 1200,
        "resident_count": 4300, "metric_srid": metric_srid, "merged_from": None, "is_demo": True,
    }  # fmt: skip
    return Row(multi(whole), properties, CODE)


def _village_row(shape: Polygon, number: int) -> Row:
    properties = {"name": f"Thôn Minh Họa {number}", "kind": "village", "stage": _STAGES[number - 1],
                  "household_count": 300, "resident_count": 1075, "exempt_count": 0, "other_count": 0}  # fmt: skip
    return Row(multi(shape), properties, f"MH-T{number}")


def _road_rows(roads: Sequence[tuple[str, LineString]]) -> list[Row]:
    """Roads cut at their crossings; ends that meet have one number."""
    nodes: dict[tuple[float, float], int] = {}
    pieces = shapely.get_parts(shapely.union_all([line for _, line in roads], grid_size=0.01))
    rows = []
    for number, piece in enumerate(pieces, 1):
        spot = piece.interpolate(0.5, normalized=True)
        name = min(roads, key=lambda road: road[1].distance(spot))[0]
        ends = [nodes.setdefault(piece.coords[k], len(nodes) + 1) for k in (0, -1)]
        properties = {"name": name, "class": "tertiary" if "minh họa" in name else "residential", "oneway": "no",
                      "is_lit": True, "is_walkable": True, "source_node": ends[0], "target_node": ends[1]}  # fmt: skip
        rows.append(Row(piece, properties, f"MH-D{number:03d}"))
    return rows


def _light_rows(lines: Array) -> list[Row]:
    places = [line.interpolate(d) for line in lines for d in np.arange(20.0, line.length, _LAMP_EVERY_M)]
    return [
        _point(place, "DEN", n, state="broken" if n % 9 == 4 else "working", radius_m=15.0)
        for n, place in enumerate(places, 1)
    ]


def _camera_rows(lines: Array) -> list[Row]:
    """Where every other road comes in, and one further along each: gateways without a camera are gaps of both sides."""
    spots = [(line, 40.0 if n % 2 else 520.0) for n, line in enumerate(lines)] + [(line, 900.0) for line in lines]
    return [
        _point(line.interpolate(d), "CAM", n, azimuth_deg=float(n * 67 % 360), fov_deg=90.0, range_m=40.0,
               state="broken" if n == len(spots) else "working")
        for n, (line, d) in enumerate(spots, 1)
    ]  # fmt: skip


def _hotspot_rows(lines: Array, whole: BaseGeometry) -> list[Row]:
    """Three near the boundary, one of them far from any lamp, and one further off."""
    along = lines[-len(_ALONG_M)]
    places = [along.interpolate(share, normalized=True) for share in (0.2, 0.55)]
    places += [whole.boundary.interpolate(0.1, normalized=True).buffer(90).intersection(whole).centroid]
    places += [lines[-1].interpolate(0.6, normalized=True)]
    kinds = ("risk", "gathering", "risk", "complex_point")
    return [
        Row(place, {"place": f"Bãi đất minh họa {n}", "class": kind, "severity": 2, "state": "verified"}, f"MH-DN{n}")
        for n, (place, kind) in enumerate(zip(places, kinds, strict=True), 1)
    ]
