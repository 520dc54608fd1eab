"""Rows of layers `other_places` and `other_areas`: kinds of place that the invented commune has added itself."""

from collections.abc import Sequence
from typing import Any

import shapely
from shapely import Point

from gis_app.analysis.town.base_rows import multi
from gis_app.analysis.town.model import Draft, Face, Row
from gis_app.analysis.town.place_rows import days_before

# Name, letters, colour, shape, who sees it.
CHECKPOINT = ("Chốt kiểm tra giao thông", "CG", "#1f4e9c", "point", "staff")
FLOOD = ("Nơi dễ ngập", "NG", "#0b6e6e", "point", "staff")
MODEL = ("Mô hình tự quản", "MH", "#2b6a2b", "point", "staff")
QUARTER = ("Khu dân cư mới", "KM", "#7b2fa0", "area", "staff")
CROPS = ("Vùng trồng cây cần kiểm tra", "TC", "#a61e4d", "area", "police")
OWN_CLASSES = (CHECKPOINT, FLOOD, MODEL, QUARTER, CROPS)
_OPEN = ("field", "park", "hill", "pond")
_CHECKPOINTS, _FLOODS, _MODELS = 3, 4, 2


def _row(draft: Draft, place: Any, one: Sequence[str], number: int, **values: Any) -> Row:
    properties = {"kind": one[0], "visibility": one[4], "state": "current", "since_on": days_before(30 * number)}
    return Row(place, properties | values, f"{draft.spec.short}-{one[1]}{number}")


def other_place_rows(draft: Draft, gateways: Sequence[Row], culture: Sequence[tuple[str, Point]]) -> list[Row]:
    """Check-points at the first gateways, blocks near water that flood, models at culture houses."""
    middle = draft.terrain.outline.centroid
    roads = [row for row in gateways if row.properties["kind"] == "road"][:_CHECKPOINTS]
    rows = []
    for n, row in enumerate(roads, 1):
        place = shapely.line_interpolate_point(shapely.shortest_line(row.geom, middle), 60.0)
        name = f"Chốt {row.properties['name'].removeprefix('Cửa ngõ ')}"
        rows.append(_row(draft, place, CHECKPOINT, n, name=name, hours="20:00–23:00 thứ sáu, thứ bảy"))
    water = shapely.union_all([one.geom for one in draft.terrain.waters])
    homes = [face for face in draft.faces if face.density > 0]
    wet = sorted(homes, key=lambda face: (round(face.geom.distance(water)), -face.geom.area))[:_FLOODS]
    for n, face in enumerate(wet, 1):
        note = "Ngập khi mưa lớn trùng triều cường; xe không qua được."
        rows.append(_row(draft, face.geom.representative_point(), FLOOD, n, note=note))
    for n, (name, place) in enumerate(culture[:_MODELS], 1):
        rows.append(_row(draft, place, MODEL, n, name=f"Tổ tự quản an ninh trật tự {name}"))
    return rows


def other_area_rows(draft: Draft) -> list[Row]:
    """A new quarter, and a field to look at for police alone."""

    def largest(faces: Sequence[Face], most_m2: float) -> Face:
        # Blocks, not strips along water or roads.
        small = [f for f in faces if f.geom.area <= min(most_m2, f.geom.length**2 / 24)]
        return max(small, key=lambda face: face.geom.area)

    homes = [face for face in draft.faces if face.density > 0]
    open_land = [face for face in draft.faces if face.use in _OPEN] or homes
    note = "Đang có người mới đến ở; tuyên truyền lại trong quý."
    quarter = _row(draft, multi(largest(homes, 60_000).geom), QUARTER, 1, name="Khu dân cư mới số 1", note=note)
    crops = _row(draft, multi(largest(open_land, 20_000).geom), CROPS, 1, note="Kiểm tra trước vụ xuân.")
    return [quarter, crops]
