"""Indicators of the programme: x of N, with what is missing named."""

from sqlalchemy.engine import Connection

from gis_app.analysis.indicators import TITLES, Indicator
from gis_app.analysis.report import Column, Section, Table, Text, grouped, percent
from gis_app.jobs.programme import compute_indicators
from gis_app.jobs.report_sources import Asked, day, name_list
from gis_app.words import VIETNAMESE as VI

HAS_HISTORY = False
TITLE = "Chỉ tiêu của chương trình"
# All groups are named; of schools and businesses so many, the rest are on the map.
PLACES_NAMED = 15


def section(conn: Connection, asked: Asked) -> Section:
    """The board of indicators, as the database has it when the report is frozen."""
    # Hotspots have a section of their own, which tells them to nobody by the one.
    found = [one for one in compute_indicators(conn, asked.commune.id) if one.unit != "hotspot"]
    figures: dict[str, int | str] = {}
    for one in found:
        figures |= {f"{one.code}_done": one.done, f"{one.code}_total": one.total}
    columns = (
        Column("Chỉ tiêu", 44),
        Column("Đạt", 24, "center"),
        Column("Tỷ lệ", 15, "right"),
        Column("Chưa đạt", 82),
    )
    note = (
        f"Ghi chú: số hiện có trên hệ thống lúc chốt báo cáo, ngày {day(asked.frozen_on)}; chỉ tính hòm thư, bảng đang "
        f"hoạt động; truyền thông tính trong tháng {asked.frozen_on:%m/%Y}; hộ ký cam kết: nêu {asked.unit} chưa đủ hộ."
    )
    rows = [_row(one, asked.unit) for one in found]
    table = Table("Kết quả từng chỉ tiêu", columns, rows, "indicators")
    return Section("indicators", TITLE, (table, Text(note, is_note=True)), figures)


def _row(one: Indicator, unit: str) -> tuple[str, str, str, str]:
    title = VI.of(TITLES[one.code])
    if one.total == 0:
        return title, "0/0", "", "Chưa có số liệu"
    if one.by_group and not any(one.by_group.values()):
        names = f"Cả {len(one.by_group)} {unit}"
    else:
        names = name_list([m.name for m in one.missing], len(one.missing) if one.by_group else PLACES_NAMED)
    return title, f"{grouped(one.done)}/{grouped(one.total)}", percent(one.done, one.total), names
