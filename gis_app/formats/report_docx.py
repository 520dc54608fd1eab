"""A report as DOCX in the form of Decree 30/2020/NĐ-CP, for offices that go on editing; deterministic like the PDF."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import docx
from docx.document import Document
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from gis_app.formats.report_map import map_png
from gis_app.formats.report_sheet import DEMO, MOTTO, STATE, TO, Sheet, pack_again, shown

FONT = "Times New Roman"
LEFT, RIGHT, TOP, BOTTOM = 30, 15, 20, 20
WIDTH_MM = 210 - LEFT - RIGHT
MAP_MM = (WIDTH_MM, 118)
POINTS_PER_MM = 72 / 25.4
ALIGNS = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
}


def write(sheet: Sheet) -> bytes:
    """Print a report as DOCX."""
    document = docx.Document()
    _set_up(document, sheet)
    _head(document, sheet)
    for title, blocks in sheet.sections():
        _say(document, title, SECTION)
        for block in blocks:
            _block(document, block)
    _foot(document, sheet)
    out = io.BytesIO()
    document.save(out)
    return pack_again(out.getvalue())


def _set_up(document: Document, sheet: Sheet) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin, page.right_margin, page.top_margin, page.bottom_margin = Mm(LEFT), Mm(RIGHT), Mm(TOP), Mm(BOTTOM)
    page.different_first_page_header_footer = True
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(13)
    fonts = normal.element.rPr.rFonts
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(script), FONT)
    normal.paragraph_format.space_after = Pt(0)
    number = page.header.paragraphs[0]
    number.alignment = ALIGNS["center"]
    _field(number, "PAGE")
    for part in (page.footer, page.first_page_footer):
        if sheet.is_demo:
            _run(part.paragraphs[0], f"{DEMO}\n", Look(size=8, bold=True, red=True))
        _run(part.paragraphs[0], sheet.foot, Look(size=7.5))
    head, core = sheet.head, document.core_properties
    core.title, core.subject = f"{head['title']} {sheet.symbol.removeprefix('Số: ')}", head["subject"]
    core.author, core.last_modified_by = f"Ủy ban nhân dân {head['commune']['full_name']}", "Bản đồ Bình Yên"
    core.keywords, core.language, core.comments = f"sha256:{sheet.sha256}", "vi-VN", ""
    core.created = core.modified = sheet.moment.replace(tzinfo=None)
    core.revision = 1


def _field(paragraph: Any, instruction: str) -> None:
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", instruction), ("end", "")):
        element = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            element.text = text
        else:
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)


@dataclass(frozen=True)
class Look:
    """How a paragraph looks: size and space before it in points."""

    size: float = 13
    bold: bool = False
    italic: bool = False
    align: str = "both"
    before: float = 4
    keep: bool = False
    indent: bool = False
    red: bool = False


BODY = Look(indent=True)
BASE = Look(italic=True, indent=True)
SECTION = Look(bold=True, before=10, keep=True, indent=True)
CAPTION = Look(size=12, bold=True, align="center", before=8, keep=True)
STRONG = Look(size=12, bold=True, align="center", before=0)
MOTTO_LOOK = Look(bold=True, align="center", before=0)
SYMBOL = Look(align="center")
DAY = Look(italic=True, align="center")
TITLE = Look(size=14, bold=True, align="center", before=12)
DEMO_LOOK = Look(size=12, bold=True, align="center", before=8, red=True)
TO_LOOK = Look(size=12, bold=True, italic=True, align="left", before=0)
NOTE = Look(size=11, italic=True)
RECIPIENT = Look(size=11, align="left", before=0)


def _run(paragraph: Any, text: str, look: Look) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = Pt(look.size), look.bold, look.italic
    if look.red:
        run.font.color.rgb = RGBColor(0xA0, 0x18, 0x18)


def _say(where: Any, text: str, look: Look) -> None:
    paragraph = where.add_paragraph()
    _run(paragraph, text, look)
    form = paragraph.paragraph_format
    paragraph.alignment, form.space_before, form.keep_with_next = ALIGNS[look.align], Pt(look.before), look.keep
    if look.indent:
        form.first_line_indent = Mm(10)


def _rule(where: Any, width_mm: float, whole_mm: float) -> None:
    """A line under what was said last: an empty paragraph with a border, drawn in from both sides."""
    paragraph = where.add_paragraph()
    borders, line = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    # Before the rest: the standard has an order, and the library keeps it for what it adds.
    paragraph._p.get_or_add_pPr().append(borders)
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = Mm((whole_mm - width_mm) / 2)
    form.space_before = form.space_after = Pt(0)
    form.line_spacing = Pt(6)


def _pair(document: Document, widths: Sequence[float]) -> Any:
    """Two cells side by side without lines."""
    table = document.add_table(rows=1, cols=2)
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, cell, width in zip(table.columns, table.rows[0].cells, widths, strict=True):
        column.width = cell.width = Mm(width)
        # A new cell has an empty paragraph; it would be a line too many.
        cell._tc.remove(cell.paragraphs[0]._p)
    return table.rows[0].cells


def _head(document: Document, sheet: Sheet) -> None:
    head, widths = sheet.head, (WIDTH_MM * 0.4, WIDTH_MM * 0.6)
    left, right = _pair(document, widths)
    for line in head["organ"]:
        _say(left, line, STRONG)
    _rule(left, 24, widths[0])
    _say(left, sheet.symbol, SYMBOL)
    _say(right, STATE, STRONG)
    _say(right, MOTTO, MOTTO_LOOK)
    _rule(right, 60, widths[1])
    _say(right, sheet.place_and_day, DAY)
    if sheet.is_demo:
        _say(document, DEMO, DEMO_LOOK)
    _say(document, head["title"], TITLE)
    _say(document, head["subject"], MOTTO_LOOK)
    _say(document, head["days"], MOTTO_LOOK)
    _rule(document, 46, WIDTH_MM)
    for base in head["bases"]:
        _say(document, base, BASE)
    _say(document, head["opening"], BODY)


def _block(document: Document, block: Mapping[str, Any]) -> None:
    kind = block["type"]
    if kind in ("text", "note", "list"):
        for line in [f"- {item}" for item in block["items"]] if kind == "list" else [block["text"]]:
            _say(document, line, NOTE if kind == "note" else BODY)
        return
    _say(document, block["title"], CAPTION)
    if kind == "map":
        width, height = MAP_MM
        picture = map_png(block, width * POINTS_PER_MM, height * POINTS_PER_MM)
        paragraph = document.add_paragraph()
        paragraph.alignment = ALIGNS["center"]
        shape = paragraph.add_run().add_picture(io.BytesIO(picture), width=Mm(width))
        # What a screen reader says of the picture.
        counts = "; ".join(f"{entry['title']}: {entry['count']}" for entry in block["legend"])
        shape._inline.docPr.set("descr", f"{block['title']}. {counts}")
        return
    _table(document, block)


def _table(document: Document, block: Mapping[str, Any]) -> None:
    columns = block["columns"]
    size = 11 if len(columns) < 7 else 9.5
    total = sum(column["width"] for column in columns)
    widths = [Mm(WIDTH_MM * column["width"] / total) for column in columns]
    table = document.add_table(rows=1 + len(block["rows"]), cols=len(columns), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for place, width in zip(table.columns, widths, strict=True):
        place.width = width
    heading = [column["title"] for column in columns]
    strong = {0, len(block["rows"])} if block["has_total"] else {0}
    for number, (row, cells) in enumerate(zip(table.rows, [heading, *block["rows"]], strict=True)):
        for cell, text, column, width in zip(row.cells, cells, columns, widths, strict=True):
            cell.width = width
            paragraph = cell.paragraphs[0]
            paragraph.alignment = ALIGNS["center" if number == 0 else column["align"]]
            _run(paragraph, shown(text), Look(size=size, bold=number in strong))
    _tighten(table)
    # The heading again on every page.
    again = OxmlElement("w:tblHeader")
    again.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(again)


def _tighten(table: Any) -> None:
    """Narrow margins, as in the PDF, or a day does not fit into its column; no row is torn between two pages."""
    margins = OxmlElement("w:tblCellMar")
    for side, width in (("top", "25"), ("left", "45"), ("bottom", "25"), ("right", "45")):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), width)
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    # Before tblLook: the standard has an order.
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    if look is None:
        table._tbl.tblPr.append(margins)
    else:
        look.addprevious(margins)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell in row.cells:
            cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
    # The heading stays with two rows, the last row with the one before it.
    for row in [*table.rows[:2], *table.rows[-2:-1]]:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True


def _foot(document: Document, sheet: Sheet) -> None:
    document.add_paragraph()
    left, right = _pair(document, (WIDTH_MM * 0.5, WIDTH_MM * 0.5))
    _say(left, TO, TO_LOOK)
    for line in sheet.head["recipients"]:
        _say(left, f"- {line}", RECIPIENT)
    for line in sheet.head["signers"]:
        _say(right, line, MOTTO_LOOK)
