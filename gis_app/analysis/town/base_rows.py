"""Rows of the base map: commune, roads, buildings, land use, water, walls, neighbours."""

from typing import Any

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from gis_app.analysis.town.model import Array, Coords, Draft, Row
from gis_app.analysis.town.sites import site_walls
from gis_app.analysis.town.terrain import RING_M

_CLASS = {
    "urban": "residential",
    "suburb": "residential",
    "village": "residential",
    "park": "park",
    "pond": "park",
    "field": "farmland",
    "hill": "forest",
    "industrial": "industrial",
    "beach": "beach",
    "square": "square",
    "commercial": "commercial",
    "market": "commercial",
    "cemetery": "cemetery",
    "sea": "",
    "river": "",
    "lake": "",
}
_FLOOR_M = 3.3


def multi(geom: BaseGeometry) -> MultiPolygon:
    """A multipolygon of the polygons of a geometry."""
    parts = [part for part in shapely.get_parts(geom) if part.geom_type == "Polygon"]
    return MultiPolygon(parts)


def commune_row(draft: Draft, outline: Polygon) -> Row:
    """The single row of layer `communes`."""
    spec = draft.spec
    same = (
        "code",
        "name",
        "full_name",
        "kind",
        "province_code",
        "province_name",
        "area_km2",
        "household_count",
        "resident_count",
        "metric_srid",
    )
    properties: dict[str, Any] = {name: getattr(spec, name) for name in same}
    properties |= {"merged_from": spec.merged_from or None, "is_demo": True}
    return Row(multi(outline), properties, spec.code)


def road_rows(draft: Draft, lit: Array) -> list[Row]:
    """Layer `roads`; `lit` says for each piece whether lamps stand along it."""
    network = draft.network
    rows = []
    for k, piece in enumerate(network.pieces):
        street = network.streets[piece.street]
        properties = {
            "name": street.name or None,
            "class": street.klass,
            "oneway": street.oneway,
            "is_lit": bool(lit[k]),
            "is_walkable": street.klass != "motorway",
            "source_node": piece.source + 1,
            "target_node": piece.target + 1,
        }
        rows.append(Row(piece.geom, properties, f"{draft.spec.short}-D{k + 1:05d}"))
    return rows


def building_rows(draft: Draft) -> list[Row]:
    """Layer `buildings`."""
    rng = draft.rng("heights")
    rows = []
    for k, house in enumerate(draft.houses):
        height = round(house.level_count * _FLOOR_M + float(rng.uniform(0.4, 1.6)), 1)
        properties = {"name": house.name or None, "height_m": height, "level_count": house.level_count}
        rows.append(Row(multi(house.geom), properties, f"{draft.spec.short}-N{k + 1:05d}"))
    return rows


def landuse_rows(draft: Draft) -> list[Row]:
    """Layer `landuse`: fields and sites block by block, housing and forest as whole areas."""
    single: list[tuple[str, str | None, BaseGeometry]] = []
    merged: dict[tuple[str, str | None], list[Polygon]] = {}
    for face in draft.faces:
        kind = _CLASS.get(face.use, "residential")
        if kind == "farmland":
            single.append((kind, None, shapely.buffer(face.geom, -1.8, join_style="mitre")))
        elif face.name and kind not in ("residential", ""):
            single.append((kind, face.name if face.use != "pond" else None, face.geom))
        elif kind:
            named = face.zone if kind in ("forest", "industrial", "beach", "park") else None
            merged.setdefault((kind, named or None), []).append(face.geom)
    for (kind, name), faces in merged.items():
        single += [(kind, name, part) for part in shapely.get_parts(shapely.union_all(faces))]
    order = {"farmland": 0, "forest": 1, "residential": 2}
    single = sorted((row for row in single if row[2].area > 300), key=lambda row: order.get(row[0], 3))
    return [
        Row(multi(geom), {"name": name, "class": kind}, f"{draft.spec.short}-SD{k + 1:04d}")
        for k, (kind, name, geom) in enumerate(single)
        if not geom.is_empty
    ]


def water_rows(draft: Draft) -> list[Row]:
    """Layer `water_areas`: sea, rivers, lakes, and ponds with a green shore."""
    found = [(water.klass, water.name, water.geom) for water in draft.terrain.waters]
    for face in (face for face in draft.faces if face.use == "pond"):
        shore = shapely.buffer(shapely.buffer(face.geom, -18.0), 8.0)
        found.append(("pond", face.name, shore))
    rng = draft.rng("ponds")
    lived_in = {house.face for house in draft.houses}
    for face in (face for k, face in enumerate(draft.faces) if face.use == "field" and k not in lived_in):
        if rng.random() < 0.06 and 2000 < face.geom.area < 45_000:
            pond = shapely.buffer(face.geom, -0.16 * float(np.sqrt(face.geom.area)))
            found.append(("pond", "", shapely.simplify(pond, 1.0)))
    return [
        Row(multi(geom), {"name": name or None, "class": klass}, f"{draft.spec.short}-MN{k + 1:03d}")
        for k, (klass, name, geom) in enumerate(found)
        if not geom.is_empty
    ]


def waterway_rows(draft: Draft) -> list[Row]:
    """Layer `waterways`: lines of rivers, canals and ditches with their width."""
    lines = draft.terrain.streams + draft.canals
    return [
        Row(line, {"name": name or None, "class": klass, "width_m": width}, f"{draft.spec.short}-SK{k + 1:04d}")
        for k, (klass, name, width, line) in enumerate(lines)
    ]


def wall_rows(draft: Draft) -> list[Row]:
    """Layer `walls`: round schools, offices, works."""
    walls = site_walls(draft)
    roads = shapely.union_all(shapely.buffer([piece.geom for piece in draft.network.pieces], 9.0))
    for zone in draft.terrain.zones:
        if zone.use in ("industrial", "military"):
            ring = shapely.simplify(shapely.boundary(shapely.buffer(zone.geom, -10.0)), 1.0).difference(roads)
            walls += [(line, 3.0) for line in shapely.get_parts(shapely.line_merge(ring)) if line.length > 20]
    return [
        Row(line, {"height_m": height}, f"{draft.spec.short}-TR{k + 1:03d}")
        for k, (line, height) in enumerate(walls)
        if line.geom_type == "LineString"
    ]


def neighbour_rows(draft: Draft, outline: Polygon) -> list[Row]:
    """Layer `neighbours`: a ring round the outline without the sea, cut by winding borders."""
    rng, spec = draft.rng("neighbours"), draft.spec
    reach = RING_M * 0.96
    outer = shapely.simplify(shapely.buffer(outline, reach), 30.0)
    ring = outer.difference(outline).difference(shapely.buffer(draft.terrain.sea, 0.5))
    ring = max(shapely.get_parts(ring), key=lambda part: part.area)
    shore = LineString(outline.exterior).intersection(shapely.buffer(ring, 1.0))
    shore = shapely.line_merge(shore)
    shore = max(shapely.get_parts(shore), key=lambda part: part.length)
    count = len(spec.neighbours)
    closed = draft.terrain.sea.is_empty
    marks = (np.arange(count) if closed else np.arange(1, count)) / count
    marks = marks + rng.uniform(-0.25, 0.25, len(marks)) / count
    middle = shapely.get_coordinates(outline.centroid)[0]
    starts = shapely.get_coordinates(shapely.line_interpolate_point(shore, marks % 1.0, normalized=True))
    cuts = [_border(start, middle, reach, rng) for start in starts]
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all([ring.boundary, *cuts]))))
    parts = [part for part in faces.tolist() if ring.contains(part.representative_point()) and part.area > 50_000]
    parts.sort(key=lambda part: -part.area)
    parts = _clockwise(parts[:count], middle)
    return [
        Row(multi(part), {"name": name, "code": None}, f"{spec.short}-GR{k + 1}")
        for k, (part, name) in enumerate(zip(parts, spec.neighbours, strict=False))
    ]


def _border(at: Coords, middle: Coords, reach: float, rng: np.random.Generator) -> LineString:
    away = (at - middle) / np.hypot(*(at - middle))
    side = np.array([-away[1], away[0]])
    far = np.linspace(-50.0, 1.7 * reach, 240)
    wave = np.sin(far / rng.uniform(700, 1100) + rng.uniform(0, 6)) * 240
    wave += np.sin(far / rng.uniform(3000, 5000)) * 900 + np.sin(far / 230) * 60
    return LineString(at + away * far[:, None] + side * ((wave - wave[0]) * np.clip(far / 1500, 0, 1))[:, None])


def _clockwise(parts: list[Polygon], middle: Coords) -> list[Polygon]:
    def bearing(part: Polygon) -> float:
        dx, dy = shapely.get_coordinates(part.centroid)[0] - middle
        return float(np.arctan2(dx, dy) % (2 * np.pi))

    return sorted(parts, key=bearing)
