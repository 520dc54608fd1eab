"""The proposal of a siting plan as a printed form: what is there, what is proposed, for how much, what it changes.

For whoever decides about the money: it holds no hotspot, and promises nothing but coverage.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gis_app.analysis.report import Column, Section, Table, Text, grouped
from gis_app.analysis.siting_figures import camera_range_m
from gis_app.analysis.siting_settings import CLASSES, STREETS
from gis_app.jobs.report_sources import COMMUNE_KINDS
from gis_app.jobs.siting_bound import bound_text, ground_hash
from gis_app.jobs.siting_plan import share, shown_figures
from gis_app.jobs.siting_problem import Bench
from gis_app.queries import siting as q
from gis_app.queries.communes import Commune
from gis_app.queries.siting import Device, Plan
from gis_app.words import VIETNAMESE as VI

# Who reads figures without hotspots; the form is for all.
READER = "committee"
# Metres around the devices that the map shows.
MARGIN_M = 120.0
LEAST_EXTENT_M = 400.0
# The curve goes on to so many times the plan's money.
CURVE_TIMES = 5
PROMISE = (
    "Ghi chú: độ phủ chỉ cho biết nơi nào được nhìn thấy, được chiếu sáng theo dữ liệu hiện có; hồ sơ này không hứa "
    "hẹn số vụ vi phạm sẽ giảm. Camera lắp tại nơi công cộng phải gắn biển báo theo quy định trước khi hoạt động."
)


@dataclass(frozen=True)
class Asked:
    """A plan with all that is printed of it."""

    commune: Commune
    plan: Plan
    bench: Bench
    devices: Sequence[Device]
    places: Mapping[int, tuple[float, float]]
    streets: Mapping[int, str]
    today: dt.date

    @property
    def place(self) -> str:
        """The commune in the middle of a sentence."""
        return f"{COMMUNE_KINDS[self.commune.kind]} {self.commune.name}"


def print_proposal(conn: Connection, commune: Commune, plan: Plan, bench: Bench, today: dt.date) -> bytes:
    """The proposal as PDF."""
    # Here, not above: fonts and PDF libraries are a second of start that the web does not need.
    from gis_app.formats import report_pdf  # noqa: PLC0415
    from gis_app.formats.report_sheet import Sheet  # noqa: PLC0415

    class Proposal(Sheet):
        """A form whose number the registry writes in."""

        @property
        def symbol(self) -> str:
            return "Số:        /TTr-UBND"

        @property
        def foot(self) -> str:
            return f"Tờ trình từ kịch bản số {plan.id} (bản {plan.version}) · mã băm SHA-256 {self.sha256}"

    devices = [device for device in q.fetch_devices(conn, plan.id) if not device.is_forbidden]
    places = q.fetch_metric_places(conn, plan.id, commune.metric_srid)
    streets = q.fetch_near_streets(conn, plan.id, commune.metric_srid)
    content = content_of(Asked(commune, plan, bench, devices, places, streets, today))
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return report_pdf.write(Proposal(content, 0, today, "", hashlib.sha256(text.encode()).hexdigest()))


def content_of(asked: Asked) -> dict[str, Any]:
    """Head and sections of the form."""
    figures = shown_figures(asked.plan.figures, READER) or {}
    sections = [_now(asked, figures), _devices(asked), _money(asked, figures), _effect(asked, figures)]
    return {"head": _head(asked), "sections": sections}


def _head(asked: Asked) -> dict[str, Any]:
    commune, place = asked.commune, asked.place
    return {
        "commune": {"code": commune.code, "full_name": commune.full_name, "is_demo": commune.is_demo},
        "organ": ["ỦY BAN NHÂN DÂN", place.upper()],
        "place": commune.name,
        "title": "TỜ TRÌNH",
        "subject": "Về việc lắp đặt camera an ninh, đèn chiếu sáng công cộng",
        "days": f"(Kịch bản: {asked.plan.name})",
        "bases": [
            f"Căn cứ số liệu thiết bị, đường, địa điểm của {place} ghi nhận trên hệ thống Bản đồ Bình Yên đến ngày "
            f"{asked.today:%d/%m/%Y},"
        ],
        "opening": f"Kính trình cấp có thẩm quyền xem xét phương án lắp đặt trên địa bàn {place} như sau:",
        "signers": ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"],
        "recipients": ["Như trên;", f"Ban Chỉ đạo {place};", "Lưu: VT."],
    }


def _per_cent(part: float, whole: float) -> str:
    found = share(part, whole)
    if found is None:
        return "–"
    return f"{VI.number((Decimal(str(found)) * 100).quantize(Decimal('0.1')))} %"


def _now(asked: Asked, figures: Mapping[str, Any]) -> dict[str, Any]:
    standing = asked.bench.sources.standing
    streets = figures["before"]["classes"].get(STREETS)
    cameras, lamps = standing.awaited
    texts = [
        f"Hiện có {grouped(len(standing.cameras) - cameras)} camera và {grouped(len(standing.lamps) - lamps)} đèn đang "
        "hoạt động trên hệ thống; các thiết bị này giữ nguyên."
    ]
    if cameras or lamps:
        texts.append(f"Đã giao việc lắp thêm {grouped(cameras)} camera và {grouped(lamps)} đèn; coi như đã có.")
    if streets is not None:
        day, night = (_per_cent(streets[key], streets["amount"]) for key in ("day", "night"))
        texts.append(f"Chiều dài đường được camera nhìn thấy: ban ngày {day}, ban đêm {night}.")
    return Section("now", "Hiện trạng", [Text(text) for text in texts]).as_json()


def _devices(asked: Asked) -> dict[str, Any]:
    columns = (
        Column("STT", 7, "center"),
        Column("Thiết bị", 20),
        Column("Gần đường", 20),
        Column(f"X đông (m), EPSG:{asked.commune.metric_srid}", 15, "right"),
        Column("Y bắc (m)", 15, "right"),
        Column("Hướng (°)", 8, "right"),
        Column("Năm", 8, "center"),
        Column("Kinh phí (đồng)", 14, "right"),
    )
    rows = []
    for number, device in enumerate(asked.devices, 1):
        x, y = asked.places[device.id]
        azimuth = "" if device.azimuth_deg is None else f"{device.azimuth_deg:.0f}"
        kind = VI.say(f"siting.kind.{device.kind}")
        year = "" if device.year is None else str(device.year)
        what = device.model if device.model.startswith(kind) else f"{kind}: {device.model}"
        street = asked.streets.get(device.id, "")
        rows.append((number, what, street, _metres(x), _metres(y), azimuth, year, device.cost_vnd))
    cameras = sum(device.kind == "camera" for device in asked.devices)
    text = f"Đề xuất lắp {cameras} camera và {len(asked.devices) - cameras} đèn tại các vị trí sau (hệ tọa độ VN-2000)."
    section = Section("devices", "Nội dung đề xuất", (Text(text), Table("Danh sách thiết bị", columns, rows))).as_json()
    return section | {"blocks": [*section["blocks"], *([_map(asked)] if asked.devices else [])]}


def _metres(value: float) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def _map(asked: Asked) -> dict[str, Any]:
    spots = np.array([asked.places[device.id] for device in asked.devices])
    (west, south), (east, north) = spots.min(axis=0) - MARGIN_M, spots.max(axis=0) + MARGIN_M
    grow_x, grow_y = (max(0.0, LEAST_EXTENT_M - size) / 2 for size in (east - west, north - south))
    extent = (west - grow_x, south - grow_y, east + grow_x, north + grow_y)
    window = shapely.box(*extent).buffer(200)
    near = [line for line in asked.bench.sources.streets if window.intersects(line)]
    settings, standing = asked.bench.settings, asked.bench.sources.standing
    devices = []
    for number, device in enumerate(asked.devices, 1):
        camera, lamp = settings.camera(device.model), settings.lamp(device.model)
        reach = 0.0 if camera is None else camera_range_m(camera, settings.px_per_m)
        x, y = asked.places[device.id]
        devices.append({"kind": device.kind, "x": x, "y": y, "label": str(number), "azimuth_deg": device.azimuth_deg,
                        "fov_deg": 0.0 if camera is None else camera.fov_deg,
                        "reach_m": reach if lamp is None else lamp.radius_m})  # fmt: skip
    old = [("camera", standing.camera_xy), ("lamp", standing.lamp_xy)]
    return {
        "type": "site_map",
        "title": "Sơ đồ vị trí và hướng nhìn (số là số thứ tự trong danh sách)",
        "extent": [float(value) for value in extent],
        "streets": [shapely.get_coordinates(line).ravel().tolist() for line in near],
        "outline": [shapely.get_coordinates(ring).ravel().tolist()
                    for ring in shapely.get_rings(shapely.get_parts(asked.bench.sources.outline))],
        "devices": devices,
        "standing": [{"kind": kind, "x": x, "y": y} for kind, xy in old for x, y in xy.tolist()],
        "legend": [{"kind": kind, "is_standing": is_old, "title": title} for kind, is_old, title in (
            ("camera", False, "Camera đề xuất"), ("lamp", False, "Đèn đề xuất"),
            ("camera", True, "Camera hiện có"), ("lamp", True, "Đèn hiện có"))],
        "source": "Nguồn: dữ liệu địa bàn trên hệ thống Bản đồ Bình Yên; nền đường OpenStreetMap (ODbL).",
    }  # fmt: skip


def _money(asked: Asked, figures: Mapping[str, Any]) -> dict[str, Any]:
    spending = figures["spending"]
    columns = (Column("Năm", 10, "center"), Column("Nguồn vốn", 34), Column("Số camera", 12, "right"),
               Column("Số đèn", 12, "right"), Column("Kinh phí (đồng)", 20, "right"),
               Column("Ngân sách (đồng)", 20, "right"))  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    for row in spending["rows"]:
        mine = [d for d in asked.devices if d.year == row["year"] and d.fund == row["fund"]]
        cameras = sum(device.kind == "camera" for device in mine)
        rows.append((str(row["year"]), row["fund"], cameras, len(mine) - cameras, row["spent_vnd"], row["budget_vnd"]))
    cameras = sum(device.kind == "camera" for device in asked.devices)
    rows.append(("Cộng", "", cameras, len(asked.devices) - cameras, spending["total_vnd"], spending["budget_vnd"]))
    blocks: list[Any] = [Table("Kinh phí theo năm và nguồn vốn", columns, rows, has_total=True)]
    if spending["unpaid_vnd"]:
        blocks.append(Text(f"Chưa bố trí được nguồn cho {grouped(spending['unpaid_vnd'])} đồng."))
    return Section("money", "Kinh phí", blocks).as_json()


def _effect(asked: Asked, figures: Mapping[str, Any]) -> dict[str, Any]:
    columns = (Column("Mục tiêu", 30), *(Column(title, 14, "right") for title in
               ("Ngày, trước", "Ngày, sau", "Đêm, trước", "Đêm, sau")))  # fmt: skip
    rows = []
    for code in CLASSES:
        before, after = (figures[name]["classes"].get(code) for name in ("before", "after"))
        if before is not None and after is not None:
            cells = [_per_cent(one[key], one["amount"]) for key in ("day", "night") for one in (before, after)]
            rows.append((VI.say(f"siting.class.{code}"), *cells))
    level = VI.say(f"siting.level.{asked.bench.settings.level}")
    blocks: list[Any] = [
        Text(f"Mức quan sát dùng để tính: {level}. Ban đêm, camera chỉ tính nơi có đèn hoặc khi có hồng ngoại."),
        Table("Tỷ lệ được phủ trước và sau khi lắp", columns, rows),
        Text(bound_text(_plan_now(asked), VI)),
        Text(PROMISE, is_note=True),
    ]
    section = Section("effect", "Hiệu quả dự kiến", blocks).as_json()
    curve = _curve(asked, figures)
    found = [*section["blocks"][:2], *([curve] if curve else []), *section["blocks"][2:]]
    return section | {"blocks": found}


def _plan_now(asked: Asked) -> Plan:
    """The plan, its bound only where it is of the ground as it is today."""
    solved = (asked.plan.solved_basis or {}).get("ground")
    return replace(asked.plan, bound_holds=asked.plan.bound_holds and solved == ground_hash(asked.bench))


def _curve(asked: Asked, figures: Mapping[str, Any]) -> dict[str, Any] | None:
    plan = asked.plan
    if len(plan.curve) < 2 or plan.figures is None:
        return None
    full, spent = plan.figures["after"]["full_weight"] or 1.0, figures["spending"]["total_vnd"]
    return {
        "type": "curve",
        "title": "Chi phí và tỷ lệ mục tiêu được phủ (theo trọng số)",
        "x_title": "Kinh phí (triệu đồng)",
        # Ten times the money is nobody's question.
        "points": [(cost, weight / full) for cost, weight in plan.curve if cost <= CURVE_TIMES * max(spent, 1)],
        "here": (spent, plan.figures["after"]["weight"] / full),
    }
