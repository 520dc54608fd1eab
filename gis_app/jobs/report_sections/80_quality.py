"""Data quality in four measured words, with the main faults; over layers that every reader of reports reads."""

from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy.engine import Connection

from gis_app.analysis.report import Column, Section, Table, Text, grouped
from gis_app.jobs.programme import Bar, measure_quality
from gis_app.jobs.report_sources import Asked, day
from gis_app.queries.quality import Check
from gis_app.queries.reports import LEAST_READER
from gis_app.words import VIETNAMESE as VI
from layers import LAYERS

HAS_HISTORY = False
TITLE = "Chất lượng dữ liệu"
MAIN = 3


def section(conn: Connection, asked: Asked) -> Section:
    """The four bars."""
    bars = measure_quality(conn, asked.commune.id, LEAST_READER, asked.commune.metric_srid)
    figures: dict[str, int | str] = {}
    for bar in bars:
        figures |= {f"{bar.word}_score": _score(bar.score), f"{bar.word}_faults": bar.fault_count}
    columns = (
        Column("Yêu cầu", 50),
        Column("Mức đạt", 18, "right"),
        Column("Số lỗi", 17, "right"),
        Column("Lỗi chính", 80),
    )
    rows = [(_word(bar), _score(bar.score), bar.fault_count, _main(bar)) for bar in bars]
    note = (
        f"Ghi chú: máy kiểm tra dữ liệu bản đồ lúc chốt báo cáo, ngày {day(asked.frozen_on)}; mức đạt là trung bình "
        "các phép kiểm tra; một đối tượng có thể có nhiều lỗi."
    )
    return Section(
        "quality", TITLE, (Table("Bốn yêu cầu", columns, rows, "quality"), Text(note, is_note=True)), figures
    )


def _score(score: Decimal) -> str:
    """A score from 0 to 1 in per cent; only all is 100 %."""
    share = (score * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{VI.number(min(share, Decimal('99.9')) if score < 1 else share)} %"


def _main(bar: Bar) -> str:
    worst = sorted((check for check in bar.checks if check.fault_count), key=lambda check: -check.fault_count)
    said = [_said(check) for check in worst[:MAIN]]
    return "\n".join(said) if said else "Không có lỗi"


def _word(bar: Bar) -> str:
    return f"{VI.say(f'quality.{bar.word}')}: {VI.say(f'quality.{bar.word}_long')}"


def _said(check: Check) -> str:
    share = f"{grouped(check.fault_count)}/{grouped(check.checked_count)}"
    return f"{VI.say(f'quality.check.{check.code}')}, {LAYERS[check.layer].title[0].lower()}: {share}"
