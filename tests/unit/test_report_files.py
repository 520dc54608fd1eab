"""Printed reports: the same bytes in two processes, the state header, no formula, a map that is not empty."""

import datetime as dt
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from typing import Any

import docx
import pypdfium2
import pytest

from gis_app.analysis.report import Column, MapDrawing, Points, ReportContent, Section, Table, Text, sha256_of
from gis_app.formats import report_docx, report_pdf, report_xlsx
from gis_app.formats.report_map import HATCHES, frame_for, map_png
from gis_app.formats.report_sheet import MOTTO, STATE, Sheet
from gis_app.formats.report_text import paragraph
from gis_app.formats.report_xlsx import neutral
from gis_app.settings import ROOT
from layers.groups import STAGES
from layers.groups import layer as groups

WRITERS = {"pdf": report_pdf.write, "docx": report_docx.write, "xlsx": report_xlsx.write}
NASTY = ["=1+1", "+84 225", "-2", "@SUM(A1)", "\tx", "=cmd|' /C calc'!A0", "Tổ dân phố <b>số</b> 1 & 2"]


def box(x: int, y: int, side: int) -> list[int]:
    return [x, y, x + side, y, x + side, y + side, x, y + side, x, y]


def sample(rows: int = 60) -> dict[str, Any]:
    style = groups.style
    legend = [
        {"code": c.code, "title": c.vi, "count": n, "color": style.colors[c.code], "pattern": style.patterns[c.code]}
        for n, c in enumerate(STAGES)
    ]
    areas = [(c.code, str(n + 1), [box(593000 + 1000 * n, 2303000, 1000)]) for n, c in enumerate(STAGES)]
    drawing = MapDrawing("Bản đồ", 9210, [box(593000, 2303000, 7000)], areas, legend, "Nguồn: số liệu thử.")
    columns = (Column("TT", 8, "center"), Column("Tổ dân phố", 40), Column("Số hộ", 12, "right"))
    table = Table(
        "Danh sách: [nhóm]/*?", columns, [(n, NASTY[n % len(NASTY)], 1000 + n) for n in range(rows)], "groups"
    )
    head = {
        "kind": "quarter", "organ": ["ỦY BAN NHÂN DÂN", "PHƯỜNG KIẾN AN"], "place": "Kiến An", "title": "BÁO CÁO",
        "subject": "Kết quả xây dựng tổ dân phố không ma túy quý III năm 2026", "days": "(từ ngày … đến ngày …)",
        "bases": ["Căn cứ Quyết định số 28/2025/QĐ-TTg;"], "opening": "Ủy ban nhân dân phường báo cáo như sau:",
        "signers": ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"], "recipients": ["UBND thành phố (để báo cáo);", "Lưu: VT."],
        "commune": {"code": "11443", "full_name": "Phường Kiến An", "is_demo": True},
    }  # fmt: skip
    blocks = (Text("Đến ngày 14/09/2026 có 2/23 tổ dân phố (8,7 %)."), Points(["một", "hai"]), drawing, table)
    section = Section("overview", "Kết quả chung", blocks, {"groups": 23})
    return ReportContent(head, [section.as_json()]).as_json()


def sheet(content: dict[str, Any] | None = None) -> Sheet:
    found = content or sample()
    return Sheet(found, 7, dt.date(2026, 2, 5), "Rà soát tiếp.\nLắp hòm thư.", sha256_of(found))


ELSEWHERE = """
import datetime as dt, hashlib, json, sys
from gis_app.formats import report_docx, report_pdf, report_xlsx
from gis_app.formats.report_sheet import Sheet
content, sha256 = json.load(sys.stdin)
sheet = Sheet(content, 7, dt.date(2026, 2, 5), "Rà soát tiếp.\\nLắp hòm thư.", sha256)
for writer in (report_xlsx, report_docx, report_pdf):
    print(hashlib.sha256(writer.write(sheet)).hexdigest())
"""


def test_two_processes_print_the_same_bytes() -> None:
    """Another process, another hash seed, another order of printing, the content through JSON."""
    printed = sheet()
    here = [hashlib.sha256(WRITERS[fmt](printed)).hexdigest() for fmt in ("xlsx", "docx", "pdf")]
    elsewhere = subprocess.run(
        [sys.executable, "-W", "error", "-c", ELSEWHERE],
        input=json.dumps([printed.content, printed.sha256]),
        env={"PYTHONHASHSEED": "7", "TZ": "America/Lima", "PATH": "/usr/bin"},
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert elsewhere.stdout.split() == here


@pytest.mark.parametrize("fmt", sorted(WRITERS))
def test_another_figure_is_another_file(fmt: str) -> None:
    changed = sample()
    changed["sections"][0]["blocks"][3]["rows"][0][2] = 999
    assert WRITERS[fmt](sheet(changed)) != WRITERS[fmt](sheet())


def pdf_text(printed: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(printed)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


def test_the_pdf_has_the_form_of_decree_30() -> None:
    printed = WRITERS["pdf"](sheet())
    pages = pdf_text(printed)
    for line in (STATE, MOTTO, "PHƯỜNG KIẾN AN", "Số: 07/BC-UBND", "Kiến An, ngày 05 tháng 02 năm 2026", "BÁO CÁO",
                 "I. KẾT QUẢ CHUNG", "2/23 tổ dân phố (8,7 %)"):  # fmt: skip
        assert line in pages[0], line
    whole = "".join(pages)
    for line in (
        "II. KẾT LUẬN",
        "Lắp hòm thư.",
        "Nơi nhận:",
        "CHỦ TỊCH",
        "CHÚ GIẢI",
        "Tỷ lệ 1:",
        "Nguồn: số liệu thử.",
    ):
        assert line in whole, line
    assert len(pages) >= 3
    for number, page in enumerate(pages, 1):
        assert (str(number) in page.splitlines()) == (number > 1)
        assert sheet().sha256 in page
        assert "SỐ LIỆU MINH HỌA" in page
    # Every face is embedded, and is one that has all Vietnamese letters.
    assert b"/Helvetica" not in printed
    assert b"/CreationDate (D:20260205000000" in printed


def test_the_docx_opens_and_has_the_state_header() -> None:
    document = docx.Document(io.BytesIO(WRITERS["docx"](sheet())))
    first = document.tables[0].rows[0].cells
    assert [p.text for p in first[0].paragraphs if p.text] == ["ỦY BAN NHÂN DÂN", "PHƯỜNG KIẾN AN", "Số: 07/BC-UBND"]
    assert [p.text for p in first[1].paragraphs if p.text] == [STATE, MOTTO, "Kiến An, ngày 05 tháng 02 năm 2026"]
    texts = [p.text for p in document.paragraphs]
    assert {"BÁO CÁO", "I. KẾT QUẢ CHUNG", "II. KẾT LUẬN", "Lắp hòm thư."} <= set(texts)
    assert document.tables[1].rows[1].cells[2].text == "1.000"
    assert len(document.inline_shapes) == 1
    assert document.core_properties.created == dt.datetime(2026, 2, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "text", [*NASTY, "<img src='file:///etc/passwd'/>", "a < b &amp; </para>", "<unichar code='1'/>"]
)
def test_typed_text_is_no_markup(text: str) -> None:
    assert paragraph(text, report_pdf.STYLES["section"]).getPlainText().split() == text.split()


def test_the_workbook_runs_nothing() -> None:
    with zipfile.ZipFile(io.BytesIO(WRITERS["xlsx"](sheet()))) as packed:
        pages = [packed.read(name).decode() for name in packed.namelist() if "worksheets/" in name]
        strings = packed.read("xl/sharedStrings.xml").decode()
        assert {info.date_time for info in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert not any("<f>" in page for page in pages)
    assert "<v>1000</v>" in pages[1]
    cells = [part.split("</t>")[0].partition(">")[2] for part in strings.split("<t")[2:]]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert [neutral(text)[0] for text in NASTY[:5]] == ["'"] * 5


def test_the_map_has_a_pattern_for_every_stage_and_keeps_its_scale() -> None:
    style = groups.style
    patterns = set(style.patterns.values())
    assert len(patterns) == len(STAGES)
    assert patterns - set(HATCHES) == {"solid", "dots"}
    block = sample()["sections"][0]["blocks"][2]
    frame = frame_for(block, (0, 0, 400, 900))
    # 7,000 m wide: as many points on paper as its scale says.
    assert frame.at(600000, 2303000)[0] - frame.at(593000, 2303000)[0] == pytest.approx(0.96 * 400)
    assert frame.denominator == pytest.approx(7000 / (0.96 * 400 / 72 * 0.0254), abs=50)
    picture = map_png(block, 400, 300)
    assert picture == map_png(block, 400, 300)
    assert len(picture) > 5_000


def test_a_row_has_a_cell_for_every_column() -> None:
    with pytest.raises(ValueError, match="cells"):
        Table("x", (Column("a"),), [(1, 2)]).as_json()
