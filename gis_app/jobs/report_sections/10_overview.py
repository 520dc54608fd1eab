"""How far the commune is: the headline, stages at the beginning and the end, the map."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from pyproj import Transformer
from sqlalchemy.engine import Connection

from gis_app import crs
from gis_app.analysis.report import Column, MapDrawing, Section, Table, Text, grouped, percent
from gis_app.analysis.status import ACHIEVED_STAGES
from gis_app.jobs.report_sources import GROUPS, STAGE_TITLES, Asked, day
from gis_app.queries.reports import fetch_commune_outline

HAS_HISTORY = True
# On A4 a commune of 5 km is drawn at about 1:30,000, where this is a fifth of a millimetre.
TOLERANCE_M = 5.0


def section(conn: Connection, asked: Asked) -> Section:
    """The overview."""
    after, before = (Counter(group.stage for group in groups) for groups in (asked.after, asked.before))
    total, achieved = len(asked.after), sum(after[code] for code in ACHIEVED_STAGES)
    met = sum(group.drug_free == "met" for group in asked.after)
    unreviewed = sum(group.drug_free == "not_reviewed" for group in asked.after)
    households = sum(group.household_count or 0 for group in asked.after)
    figures = {"groups": total, "achieved": achieved, "achieved_share": percent(achieved, total), "criteria_met": met,
               "criteria_not_reviewed": unreviewed, "households": households}  # fmt: skip
    figures |= {f"stage_{code}": after[code] for code in STAGE_TITLES}
    headline = (
        f"Đến ngày {day(asked.valid_on)}, {asked.place} có {total} {asked.unit} với {grouped(households)} "
        f"hộ. Có {achieved}/{total} {asked.unit} ({percent(achieved, total)}) được công nhận hoặc giữ vững không ma "
        f"túy. Theo ba tiêu chí tại Điều 6 Quyết định số 28/2025/QĐ-TTg, {met} {asked.unit} đạt đủ, "
        f"{unreviewed} {asked.unit} chưa rà soát đủ trong kỳ đánh giá."
    )
    before_on = asked.period.from_on - dt.timedelta(days=1)
    rows = [
        (title, before[code], after[code], _signed(after[code] - before[code])) for code, title in STAGE_TITLES.items()
    ]
    rows.append(("Cộng", len(asked.before), total, _signed(total - len(asked.before))))
    columns = (
        Column("Giai đoạn", 40),
        Column(f"Trước kỳ (ngày {day(before_on)})", 20, "right"),
        Column(f"Ngày {day(asked.valid_on)}", 20, "right"),
        Column("Tăng, giảm", 20, "right"),
    )
    table = Table(f"Số {asked.unit} theo giai đoạn", columns, rows, "stages", has_total=True)
    blocks = (Text(headline), table, _map(conn, asked, after))
    return Section("overview", "Kết quả chung", blocks, figures)


def _signed(number: int) -> str:
    return f"+{number}" if number > 0 else str(number).replace("-", "−")


def _map(conn: Connection, asked: Asked, counts: Mapping[str, int]) -> MapDrawing:
    srid = asked.commune.metric_srid
    project = Transformer.from_crs(crs.STORED, srid, always_xy=True)
    areas = []
    for number, group in enumerate(asked.after, 1):
        shape = asked.shapes.get(group.group_id)
        if shape is not None:
            areas.append((group.stage, str(number), _rings(shape, project)))
    style = GROUPS.style
    legend = [
        {"code": code, "title": title, "count": counts[code], "color": style.colors[code],
         "pattern": style.patterns[code]}
        for code, title in STAGE_TITLES.items()
    ]  # fmt: skip
    source = (
        f"Nguồn: dữ liệu của {asked.place} trên hệ thống Bản đồ Bình Yên; ranh giới {asked.unit} do đơn vị "
        f"cập nhật. Hệ tọa độ VN-2000 (EPSG:{srid}). Số trên bản đồ là số thứ tự trong bảng {asked.unit}."
    )
    outline = fetch_commune_outline(conn, asked.commune.id, TOLERANCE_M)
    title = f"Bản đồ giai đoạn xây dựng {asked.unit} không ma túy, ngày {day(asked.valid_on)}"
    return MapDrawing(title, srid, list(_whole(_exterior_and_holes(outline))), areas, legend, source)


def _exterior_and_holes(shape: Mapping[str, Any]) -> Iterable[Any]:
    polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    return (ring for polygon in polygons for ring in polygon)


def _rings(shape: Mapping[str, Any], project: Transformer) -> list[list[int]]:
    rings = []
    for ring in _exterior_and_holes(shape):
        lon, lat = np.asarray(ring, dtype=float)[:, :2].T
        rings.append(np.column_stack(project.transform(lon, lat)))
    return list(_whole(rings))


def _whole(rings: Iterable[Any]) -> Iterable[list[int]]:
    """Whole metres, x and y in turn, without points that fall on the one before."""
    for ring in rings:
        points = np.rint(np.asarray(ring, dtype=float)).astype(np.int64)
        kept = np.concatenate(([True], np.any(points[1:] != points[:-1], axis=1)))
        yield [int(value) for value in points[kept].ravel()]
