"""Hotspots of the period: how many were open, how many of them were handled. No place, no small number.

As with tips, a month, its quarter and its half-year can be subtracted from each other: see 54_tips.py.
"""

from sqlalchemy.engine import Connection

from gis_app.analysis.report import Column, Section, Table, Text
from gis_app.jobs.report_sources import COUNT_STEP, Asked, day, told_count
from gis_app.queries.hotspot_register import count_period
from gis_app.words import VIETNAMESE as VI

HAS_HISTORY = False
TITLE = "Điểm nóng về ma túy"


def section(conn: Connection, asked: Asked) -> Section:
    """What was open and what was handled."""
    counts = count_period(conn, asked.period.from_on, asked.period.to_on)
    if counts == (0, 0):
        text = "Trong kỳ không có điểm nóng nào đang mở trên hệ thống."
        return Section("hotspots", TITLE, (Text(text),), {"hotspots_open": "0", "hotspots_handled": "0"})
    few = VI.say("tip.few")
    told = (few, few) if counts is None else (told_count(counts[0]), told_count(counts[1]))
    rows = (("Có trong kỳ (chưa xử lý lúc đầu kỳ, hoặc phát hiện trong kỳ)", told[0]), ("Đã xử lý trong kỳ", told[1]))
    columns = (Column("Điểm nóng", 110), Column("Số điểm", 55, "right"))
    note = (
        f"Ghi chú: chỉ nêu số lượng, không nêu địa điểm; số từ 1 đến 4 chỉ ghi “{few}”, số lớn hơn làm tròn đến "
        f"{COUNT_STEP}. Điểm đã hết hạn lưu không còn tính; số liệu ngày {day(asked.frozen_on)}."
    )
    figures: dict[str, int | str] = {"hotspots_open": told[0], "hotspots_handled": told[1]}
    table = Table("Xử lý điểm nóng", columns, rows, "hotspots")
    return Section("hotspots", TITLE, (table, Text(note, is_note=True)), figures)
