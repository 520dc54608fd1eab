"""How far cameras and lights cover the commune: streets, area, places; sums alone, and nothing about hotspots."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy.engine import Connection

from gis_app.analysis.report import Cell, Column, Section, Table, Text, grouped
from gis_app.jobs import coverage_figures as figures_of_coverage
from gis_app.jobs.report_sources import Asked, day
from gis_app.queries.reports import LEAST_READER
from gis_app.words import VIETNAMESE as VI

HAS_HISTORY = False
TITLE = "Độ phủ camera, chiếu sáng"


def section(conn: Connection, asked: Asked) -> Section:
    """Shares by day and by night, assumed and verified on site."""
    by_day, by_night = (
        figures_of_coverage.figures_of(conn, asked.commune.id, LEAST_READER, figures_of_coverage.Asked(time=time))
        for time in ("day", "night")
    )
    parts = [("Chiều dài đường", by_day["commune"]["street"], by_night["commune"]["street"], "m"),
             ("Diện tích", by_day["commune"]["area"], by_night["commune"]["area"], "m2")]  # fmt: skip
    if not any(one["total"] for _, one, _, _ in parts):
        return Section("coverage", TITLE, (Text("Độ phủ chưa được tính trên hệ thống."),))
    parts += [
        (VI.say(f"coverage.class_{one['kind']}"), one, other, f"{one['count']} nơi")
        for one, other in zip(by_day["classes"], by_night["classes"], strict=True)
        if one["total"] and one["is_required"]
    ]
    figures: dict[str, int | str] = {}
    for name in ("street", "area"):
        figures[f"{name}_day"] = share(by_day["commune"][name]["assumed_share"])
        figures[f"{name}_night"] = share(by_night["commune"][name]["assumed_share"])
        figures[f"{name}_lit"] = share(by_day["commune"][name]["lit_assumed_share"])
    columns = (
        Column("Đối tượng", 50),
        Column("Tổng", 23, "right"),
        Column("Camera ban ngày", 23, "right"),
        Column("Camera ban đêm", 23, "right"),
        Column("Đủ sáng", 23, "right"),
        Column("Camera đã kiểm tra tại chỗ", 23, "right"),
    )
    note = (
        "Ghi chú: tỷ lệ nằm trong tầm phát hiện của camera (đã trừ phần bị nhà che) và trong vùng sáng của đèn, theo "
        f"số liệu thiết bị ngày {day(asked.frozen_on)}; cột cuối chỉ tính camera đã kiểm tra tại chỗ, ban ngày."
    )
    table = Table("Tỷ lệ được phủ", columns, [_row(*part) for part in parts], "coverage")
    return Section("coverage", TITLE, (table, Text(note, is_note=True)), figures)


def _row(title: str, by_day: dict[str, Any], by_night: dict[str, Any], unit: str) -> tuple[Cell, ...]:
    total = {
        "m": f"{grouped(round(by_day['total'] / 1000))} km",
        "m2": f"{grouped(round(by_day['total'] / 10_000))} ha",
    }
    return (
        title,
        total.get(unit, unit),
        share(by_day["assumed_share"]),
        share(by_night["assumed_share"]),
        share(by_day["lit_assumed_share"]),
        share(by_day["verified_share"]),
    )


def share(value: float | None) -> str:
    """A share from 0 to 1 in per cent with one place."""
    if value is None:
        return "–"
    return f"{VI.number((Decimal(str(value)) * 100).quantize(Decimal('0.1'), ROUND_HALF_UP))} %"
