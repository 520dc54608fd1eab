"""Devices that the documents ask for: how many work, and which groups have none."""

from decimal import Decimal

from sqlalchemy.engine import Connection

from gis_app.analysis.report import Cell, Column, Section, Table, Text, percent
from gis_app.jobs.report_sources import Asked, name_list
from gis_app.jobs.speaker_reach import speaker_reach
from gis_app.queries.devices import count_devices
from gis_app.queries.groups import count_per_group
from gis_app.words import VIETNAMESE
from layers import LAYERS
from layers.base import STAFF, Layer

HAS_HISTORY = False
TITLE = "Thiết bị"


def section(conn: Connection, asked: Asked) -> Section:
    """The table of devices."""
    rows: list[tuple[Cell, ...]] = []
    figures: dict[str, int | str] = {}
    for layer in _devices():
        all_of, working = count_devices(conn, layer, asked.commune.id)
        groups, _ = count_per_group(conn, layer, "committee")
        without = [group.name for group in groups if group.count == 0]
        share = f"{len(groups) - len(without)}/{len(groups)} ({percent(len(groups) - len(without), len(groups))})"
        rows.append((layer.title[0], all_of, working, share, name_list(without)))
        figures |= {f"{layer.name}_working": working, f"{layer.name}_groups_without": len(without)}
    columns = (
        Column("Thiết bị", 30),
        Column("Tổng số", 14, "right"),
        Column("Hoạt động", 16, "right"),
        Column(f"{asked.unit[0].upper()}{asked.unit[1:]} đã có", 26, "center"),
        Column("Chưa có", 74),
    )
    note = Text(
        "Số liệu thiết bị là số hiện có trên hệ thống lúc chốt báo cáo; nơi “đã có” tính cả thiết bị hỏng.",
        is_note=True,
    )
    blocks: list[Table | Text] = [Table("Thiết bị hiện có", columns, rows, "equipment"), note]
    reach = speaker_reach(conn, asked.commune)
    if reach and reach["share"] is not None:
        share = f"{VIETNAMESE.number(Decimal(str(round(reach['share'] * 100, 1))))} %"
        blocks.insert(
            1, Text(f"Loa truyền thanh đang hoạt động tới được khoảng {share} số hộ (ước tính theo tầm nghe).")
        )
        figures["speaker_share"] = share
    return Section("equipment", TITLE, blocks, figures)


def _devices() -> list[Layer]:
    """Devices that every role reads whole, so that a report is the same whoever makes it."""
    return [
        layer for layer in LAYERS.values() if layer.is_device and layer.readers >= STAFF and not layer.row_visibility
    ]
