"""A scorecard on paper (PDF) and as a workbook (XLSX): the form of the other reports."""

import datetime as dt
import hashlib
import json
from typing import Any

from gis_app.analysis.report import Cell, Column, Section, Table, Text
from gis_app.analysis.scorecard import CRITERIA
from gis_app.jobs.report_sources import COMMUNE_KINDS, day
from gis_app.jobs.scorecard import Scorecard
from gis_app.queries.communes import Commune
from gis_app.words import VIETNAMESE as VI

FORMATS = ("pdf", "xlsx")
NOTE = (
    "Ghi chú: điểm mỗi tiêu chí = điểm tối đa × mức đạt (không quá 1); tổng tính trên 100, bỏ tiêu chí chưa có căn cứ "
    "(ô “–”). Chỉ dùng số liệu về nơi chốn và công việc, không dùng số người; tin báo dưới 5 tin không tính, từ 5 tin "
    "làm tròn đến một phần tư. Đề xuất theo điểm là gợi ý; cấp ủy, chính quyền quyết định."
)


def print_scorecard(commune: Commune, card: Scorecard, today: dt.date, fmt: str) -> bytes:
    """The card in one of FORMATS."""
    # Here, not above: fonts and PDF libraries are a second of start that the web does not need.
    from gis_app.formats import report_pdf, report_xlsx  # noqa: PLC0415
    from gis_app.formats.report_sheet import Sheet  # noqa: PLC0415

    class Card(Sheet):
        """A form whose number the registry writes in."""

        @property
        def symbol(self) -> str:
            return "Số:        /BC-BCĐ"

        @property
        def foot(self) -> str:
            return f"{_state(card)} · mã băm SHA-256 {self.sha256}"

    content = content_of(commune, card)
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    made_on = card.edition.closed_on if card.edition else today
    sheet = Card(content, 0, made_on, "", hashlib.sha256(text.encode()).hexdigest())
    return report_pdf.write(sheet) if fmt == "pdf" else report_xlsx.write(sheet)


def tenths_text(tenths: int | None) -> str:
    """8,5; a dash where there is no score."""
    return "–" if tenths is None else f"{tenths // 10},{tenths % 10}"


def _state(card: Scorecard) -> str:
    if card.edition is None:
        return f"Bảng điểm chưa chốt, số liệu đến {day(card.counted_to)}"
    return f"Bảng điểm chốt ngày {day(card.edition.closed_on)}, lần {card.edition.edition}"


def content_of(commune: Commune, card: Scorecard) -> dict[str, Any]:
    """Head and sections of the form."""
    place = f"{COMMUNE_KINDS[commune.kind]} {commune.name}"
    return {
        "head": {
            "commune": {"code": commune.code, "full_name": commune.full_name, "is_demo": commune.is_demo},
            "organ": ["BAN CHỈ ĐẠO", place.upper()],
            "place": commune.name,
            "title": "BẢNG ĐIỂM THI ĐUA",
            "subject": f"Xây dựng địa bàn không ma túy năm {card.year}",
            "days": f"({_state(card)})",
            "bases": [f"Căn cứ số liệu của {place} trên hệ thống Bản đồ Bình Yên đến ngày {day(card.counted_to)},"],
            "opening": f"Kết quả chấm điểm từ ngày {day(card.days[0])} đến ngày {day(card.days[1])} như sau:",
            "signers": ["TM. BAN CHỈ ĐẠO", "TRƯỞNG BAN"],
            "recipients": ["Như trên;", f"Ban Chỉ đạo {place};", "Lưu: VT."],
        },
        "sections": [_scores(card).as_json(), _proposals(card).as_json(), _points(card).as_json()],
    }


def _scores(card: Scorecard) -> Section:
    columns = (
        Column("Đơn vị", 30),
        *(Column(VI.say(f"score.short.{name}"), 13, "right") for name in CRITERIA),
        Column("Tổng", 14, "right"),
    )
    rows: list[tuple[Cell, ...]] = [
        (row["name"], *(tenths_text(row["earned"][name]) for name in CRITERIA), tenths_text(row["tenths"]))
        for row in card.rows
    ]
    return Section("scores", "Điểm", (Table("Điểm theo tiêu chí", columns, rows), Text(NOTE, is_note=True)))


def _proposals(card: Scorecard) -> Section:
    columns = (Column("Đơn vị", 40), Column("Tổng", 12, "right"), Column("Đề xuất", 38), Column("Nhận xét", 80))
    rows: list[tuple[Cell, ...]] = [
        (
            row["name"],
            tenths_text(row["tenths"]),
            VI.say(f"score.verdict.{row['verdict'] or 'unknown'}"),
            row["remark"] or "",
        )
        for row in card.rows
        if row["verdict"] in ("commend", "support") or row["remark"]
    ]
    blocks = (Table("Khen thưởng, hỗ trợ", columns, rows),) if rows else (Text("Chưa có đề xuất."),)
    return Section("proposals", "Đề xuất", blocks)


def _points(card: Scorecard) -> Section:
    columns = (Column("Tiêu chí", 110), Column("Điểm tối đa", 25, "right"), Column("Đủ điểm từ (%)", 30, "right"))
    rows: list[tuple[Cell, ...]] = [
        (VI.say(f"score.criterion.{name}"), card.rules.points[name], card.rules.full[name]) for name in CRITERIA
    ]
    text = (
        f"Đề xuất khen thưởng từ {card.rules.commend_from} điểm (đơn vị đã được công nhận hoặc giữ vững); cần hỗ trợ "
        f"khi dưới {card.rules.support_below} điểm."
    )
    return Section("points", "Bảng điểm", (Table("Điểm tối đa của tiêu chí", columns, rows), Text(text)))
