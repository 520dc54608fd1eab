"""Rows of layers `gateways` and `key_routes`."""

from typing import Any

import numpy as np
import shapely
from shapely import LineString

from gis_app.analysis.town.model import Draft, Row


def in_sentence(name: str) -> str:
    """A street's or river's name inside a longer name: Đường tỉnh 355 becomes đường tỉnh 355."""
    common = ("Đường ", "Quốc lộ ", "Cao tốc ", "Sông ")
    return name[0].lower() + name[1:] if name.startswith(common) else name


# How far a key route is drawn beyond the boundary, metres.
_BEYOND_M = 900.0
_WINDS = ("Bắc", "Đông Bắc", "Đông", "Đông Nam", "Nam", "Tây Nam", "Tây", "Tây Bắc")


def gateway_rows(draft: Draft) -> list[Row]:
    """Layer `gateways`: where roads reach the boundary, and landings on the river."""
    network, outline = draft.network, draft.terrain.outline
    middle = shapely.get_coordinates(outline.centroid)[0]
    edge = LineString(outline.exterior)
    found: dict[int, tuple[str, str]] = {}
    for piece in network.pieces:
        street = network.streets[piece.street]
        if street.klass not in ("motorway", "trunk", "primary", "secondary", "tertiary"):
            continue
        for node in (piece.source, piece.target):
            if edge.distance(shapely.points(network.nodes[node])) < 1.0:
                found[node] = (f"Cửa ngõ {in_sentence(street.name)}", "road")
    rows = []
    for k, (node, (name, kind)) in enumerate(sorted(found.items())):
        wind = _WINDS[round(float(np.degrees(np.arctan2(*(network.nodes[node] - middle)))) / 45) % 8]
        point = shapely.points(network.nodes[node] + (middle - network.nodes[node]) * 0.0005)
        rows.append(Row(point, {"name": f"{name} (phía {wind})", "kind": kind}, f"{draft.spec.short}-CN{k + 1:02d}"))
    rivers = [water for water in draft.terrain.waters if water.klass == "river"]
    for water in rivers[:1]:
        bank = shapely.boundary(draft.terrain.land).intersection(shapely.buffer(water.geom, 1.0))
        bank = max(shapely.get_parts(shapely.line_merge(bank)), key=lambda part: part.length)
        for share, label in ((0.3, "Bến đò"), (0.72, "Bến tàu")):
            point = bank.interpolate(share, normalized=True)
            name = f"{label} {water.name.removeprefix('Sông ')}"
            rows.append(Row(point, {"name": name, "kind": "landing"}, f"{draft.spec.short}-CN{len(rows) + 1:02d}"))
    return rows


def key_route_rows(draft: Draft) -> list[Row]:
    """Layer `key_routes`: main roads carried on beyond the boundary, and the river."""
    network, spec = draft.network, draft.spec
    rows: list[Row] = []
    for name in spec.key_routes:
        pieces = [piece.geom for piece in network.pieces if network.streets[piece.street].name == name]
        merged = shapely.line_merge(shapely.multilinestrings(pieces))
        lines = [_carried_out(line, draft) for line in shapely.get_parts(merged)]
        law = "Quyết định 28/2025/QĐ-TTg, Điều 3"
        properties: dict[str, Any] = {"name": f"Tuyến {in_sentence(name)}", "kind": "road", "document": law}
        rows.append(Row(shapely.multilinestrings(lines), properties, f"{spec.short}-TT{len(rows) + 1}"))
    rivers = [line for klass, _, width, line in draft.terrain.streams if klass == "river" and width > 80]
    if rivers:
        name = next(n for klass, n, width, _ in draft.terrain.streams if klass == "river" and width > 80)
        properties = {"name": f"Tuyến đường thủy {in_sentence(name)}", "kind": "water", "document": None}
        near = shapely.get_parts(rivers[0].intersection(shapely.buffer(draft.terrain.outline, _BEYOND_M)))
        rows.append(Row(shapely.MultiLineString(list(near)), properties, f"{spec.short}-TT{len(rows) + 1}"))
    return rows


def _carried_out(line: LineString, draft: Draft, by_m: float = _BEYOND_M) -> LineString:
    edge = LineString(draft.terrain.outline.exterior)
    coords = shapely.get_coordinates(line)
    for end, before in ((0, 1), (-1, -2)):
        if edge.distance(shapely.points(coords[end])) < 1.0:
            heading = coords[end] - coords[before]
            further = coords[end] + heading / np.hypot(*heading) * by_m
            coords = np.vstack([further, coords]) if end == 0 else np.vstack([coords, further])
    return LineString(coords)
