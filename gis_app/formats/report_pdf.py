"""A report as PDF in the form of Decree 30/2020/NĐ-CP (Appendix I): A4, margins, faces and sizes, page numbers on top.

Deterministic: fonts are embedded as subsets in the order of use, the document's date is the snapshot's, its id is a
hash of its contents.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from gis_app.formats.proposal_drawings import draw_curve, draw_site_map
from gis_app.formats.report_fonts import BOLD, BOLD_ITALIC, FACE, ITALIC, register_fonts
from gis_app.formats.report_map import draw_map
from gis_app.formats.report_sheet import DEMO, MOTTO, STATE, TO, Sheet, shown
from gis_app.formats.report_text import paragraph

LEFT, RIGHT, TOP, BOTTOM = 30 * mm, 15 * mm, 20 * mm, 20 * mm
WIDTH = A4[0] - LEFT - RIGHT
MAP_HEIGHT = 118 * mm
# Rows (the heading is one) that stay together at the start of a table, one less at its end, if not taller than this.
KEPT = 3
KEPT_HEIGHT = 80 * mm
# The title of a section, or of a table, with the space around it.
TITLE_HEIGHT = 14 * mm
GRID = HexColor("#7d8290")
# Cells hold paragraphs with faces of their own; without this the library names one that is not embedded.
FACE_OF_CELLS = ("FONTNAME", (0, 0), (-1, -1), FACE)
BARE: list[Any] = [
    FACE_OF_CELLS,
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
]
ALIGNS = {"left": TA_LEFT, "center": TA_CENTER, "right": TA_RIGHT}


def _style(face: str, size: float, align: int, **values: Any) -> ParagraphStyle:
    return ParagraphStyle(
        f"{face}{size}{align}{sorted(values)}",
        fontName=face,
        fontSize=size,
        leading=size * 1.28,
        alignment=align,
        **values,
    )


STYLES = {
    "small_caps": _style(FACE, 12, TA_CENTER),
    "strong": _style(BOLD, 12, TA_CENTER),
    "motto": _style(BOLD, 13, TA_CENTER),
    "day": _style(ITALIC, 13, TA_CENTER),
    "symbol": _style(FACE, 13, TA_CENTER),
    "title": _style(BOLD, 14, TA_CENTER, spaceBefore=4 * mm),
    "base": _style(ITALIC, 13, TA_JUSTIFY, firstLineIndent=10 * mm, spaceBefore=2 * mm),
    "body": _style(FACE, 13, TA_JUSTIFY, firstLineIndent=10 * mm, spaceBefore=2 * mm),
    "section": _style(BOLD, 13, TA_LEFT, firstLineIndent=10 * mm, spaceBefore=5 * mm),
    "caption": _style(BOLD, 12, TA_CENTER, spaceBefore=3 * mm, spaceAfter=1.5 * mm),
    "note": _style(ITALIC, 11, TA_JUSTIFY, spaceBefore=2 * mm),
    "to": _style(BOLD_ITALIC, 12, TA_LEFT),
    "recipient": _style(FACE, 11, TA_LEFT),
    "demo": _style(BOLD, 12, TA_CENTER, textColor=HexColor("#a01818"), spaceBefore=3 * mm),
}


# Kinds of blocks that are drawn, and how tall.
DRAWINGS = {"map": (draw_map, MAP_HEIGHT), "site_map": (draw_site_map, MAP_HEIGHT), "curve": (draw_curve, 62 * mm)}


class Drawing(Flowable):  # type: ignore[misc]
    """A map or a curve across the page."""

    def __init__(self, block: Mapping[str, Any]) -> None:
        super().__init__()
        self.block = block
        self.paint, self.height = DRAWINGS[block["type"]]
        self.width = WIDTH

    def draw(self) -> None:
        """Draw where the page has put it."""
        self.paint(self.canv, self.block, (0, 0, self.width, self.height))


class _Document(BaseDocTemplate):  # type: ignore[misc]
    """A4 with the page's number on top from the second page on, and the hash at the foot of each."""

    def __init__(self, out: io.BytesIO, sheet: Sheet) -> None:
        super().__init__(
            out,
            pagesize=A4,
            leftMargin=LEFT,
            rightMargin=RIGHT,
            topMargin=TOP,
            bottomMargin=BOTTOM,
            invariant=1,
            lang="vi-VN",
            initialFontName=FACE,
        )
        self.sheet = sheet
        frame = Frame(LEFT, BOTTOM, WIDTH, A4[1] - TOP - BOTTOM, 0, 0, 0, 0)
        self.addPageTemplates(PageTemplate(frames=[frame], onPage=self._decorate))

    def _decorate(self, canvas: Canvas, _document: BaseDocTemplate) -> None:
        canvas.saveState()
        if canvas.getPageNumber() == 1:
            _date(canvas, self.sheet)
        else:
            canvas.setFont(FACE, 13)
            canvas.drawCentredString(A4[0] / 2, A4[1] - 13 * mm, str(canvas.getPageNumber()))
        canvas.setFont(FACE, 7.5)
        canvas.setFillColor(HexColor("#4a5060"))
        canvas.drawString(LEFT, 10 * mm, self.sheet.foot)
        if self.sheet.is_demo:
            canvas.setFont(BOLD, 8)
            canvas.setFillColor(HexColor("#a01818"))
            canvas.drawString(LEFT, 13.5 * mm, DEMO)
        canvas.restoreState()


def _date(canvas: Canvas, sheet: Sheet) -> None:
    """What readers show under "properties": all from the snapshot."""
    head = sheet.head
    canvas.setTitle(f"{head['title']} {sheet.symbol.removeprefix('Số: ')}")
    canvas.setSubject(head["subject"])
    canvas.setAuthor(f"Ủy ban nhân dân {head['commune']['full_name']}")
    canvas.setCreator("Bản đồ Bình Yên")
    canvas.setKeywords(f"sha256:{sheet.sha256}")
    # `invariant` writes the year 2000; the library has no setter.
    stamp = canvas._doc._timeStamp
    stamp.t, stamp.lt = sheet.moment.timestamp(), sheet.moment.timetuple()
    stamp.YMDhms = tuple(stamp.lt)[:6]


def write(sheet: Sheet) -> bytes:
    """Print a report as PDF.

    Raises
    ------
    FontsMissing
        No serif face with Vietnamese letters is installed.
    """
    register_fonts()
    out = io.BytesIO()
    story: list[Any] = [*_head(sheet)]
    for title, blocks in sheet.sections():
        parts = [part for block in blocks for part in _block(block)]
        # With what the first table needs, so that the title is not left behind.
        need = parts[0].height + TITLE_HEIGHT if parts and isinstance(parts[0], CondPageBreak) else 0
        story += [CondPageBreak(max(need, 55 * mm)), paragraph(title, STYLES["section"]), *parts]
    story += _foot(sheet)
    _Document(out, sheet).build(story)
    return out.getvalue()


def _lines(texts: Sequence[str], style: str) -> list[Paragraph]:
    return [paragraph(text, STYLES[style]) for text in texts]


class Rule(Flowable):  # type: ignore[misc]
    """A line of a length in the middle of whatever it stands in."""

    def __init__(self, length: float) -> None:
        super().__init__()
        self.length, self.width, self.height = length, 0.0, 2.4 * mm

    def wrap(self, available: float, _height: float) -> tuple[float, float]:
        """As wide as there is room."""
        self.width = available
        return available, self.height

    def draw(self) -> None:
        """Draw where the page has put it."""
        self.canv.setLineWidth(0.8)
        self.canv.line((self.width - self.length) / 2, 1.2 * mm, (self.width + self.length) / 2, 1.2 * mm)


def _head(sheet: Sheet) -> list[Any]:
    head = sheet.head
    left = [*_lines(head["organ"], "strong"), Rule(24 * mm)]
    right = [*_lines([STATE], "strong"), *_lines([MOTTO], "motto"), Rule(54 * mm)]
    cells = [[left, right], [_lines([sheet.symbol], "symbol"), _lines([sheet.place_and_day], "day")]]
    table = Table(cells, colWidths=[WIDTH * 0.4, WIDTH * 0.6])
    table.setStyle(TableStyle([*BARE, ("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 1)]))
    story: list[Any] = [table]
    if sheet.is_demo:
        story += _lines([DEMO], "demo")
    story += [*_lines([head["title"]], "title"), *_lines([head["subject"], head["days"]], "motto"), Rule(46 * mm)]
    return [*story, Spacer(1, 2 * mm), *_lines(head["bases"], "base"), *_lines([head["opening"]], "body")]


def _block(block: Mapping[str, Any]) -> list[Any]:
    kind = block["type"]
    if kind in ("text", "note"):
        return _lines([block["text"]], "body" if kind == "text" else "note")
    if kind == "list":
        return _lines([f"- {item}" for item in block["items"]], "body")
    if kind in DRAWINGS:
        return [KeepTogether([*_lines([block["title"]], "caption"), Drawing(block)])]
    # The caption with at least the heading and some rows; the table itself may go on over pages.
    table, need = _table(block)
    return [CondPageBreak(max(need + TITLE_HEIGHT, 45 * mm)), *_lines([block["title"]], "caption"), table]


def _table(block: Mapping[str, Any]) -> tuple[Table, float]:
    """The table, and how tall its first rows are that stay together."""
    columns = block["columns"]
    # Nine columns are as many as an upright page holds in a size that can be read.
    size = 11 if len(columns) < 7 else 9.5
    total = sum(column["width"] for column in columns)
    styles = [_style(FACE, size, ALIGNS[column["align"]]) for column in columns]
    heading = _style(BOLD, size, TA_CENTER)
    rows = [[paragraph(column["title"], heading) for column in columns]]
    strong = [_style(BOLD, size, ALIGNS[column["align"]]) for column in columns]
    for number, row in enumerate(block["rows"], 1):
        faces = strong if block["has_total"] and number == len(block["rows"]) else styles
        rows.append([paragraph(shown(cell), style) for cell, style in zip(row, faces, strict=True)])
    widths = [WIDTH * column["width"] / total for column in columns]
    table = Table(rows, colWidths=widths, repeatRows=1)
    looks: list[Any] = [
        FACE_OF_CELLS,
        ("GRID", (0, 0), (-1, -1), 0.5, GRID),
        ("BACKGROUND", (0, 0), (-1, 0), HexColor("#ece9e2")),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    table.setStyle(TableStyle([*looks, *_kept_together(rows, widths)]))
    return table, min(_height(rows[:KEPT], widths), KEPT_HEIGHT)


def _kept_together(rows: Sequence[Sequence[Paragraph]], widths: Sequence[float]) -> list[Any]:
    """No row alone under the heading, none alone on the next page; not where rows are so tall that it leaves gaps."""
    if len(rows) <= KEPT:
        return [("NOSPLIT", (0, 0), (-1, -1))] if _height(rows, widths) < KEPT_HEIGHT else []
    found = []
    if _height(rows[:KEPT], widths) < KEPT_HEIGHT:
        found.append(("NOSPLIT", (0, 0), (-1, KEPT - 1)))
    if _height([rows[0], *rows[1 - KEPT :]], widths) < KEPT_HEIGHT:
        found.append(("NOSPLIT", (0, 1 - KEPT), (-1, -1)))
    return found


def _height(rows: Sequence[Sequence[Paragraph]], widths: Sequence[float]) -> float:
    """How tall rows are, with what is around their text."""
    heights = [max(cell.wrap(width - 6, A4[1])[1] for cell, width in zip(row, widths, strict=True)) + 5 for row in rows]
    return float(sum(heights))


def _foot(sheet: Sheet) -> list[Any]:
    """Recipients on the left; on the right who signs, with room for the signature and the seal."""
    head = sheet.head
    recipients = _lines([TO], "to") + _lines([f"- {line}" for line in head["recipients"]], "recipient")
    signers = [*_lines(head["signers"], "motto"), Spacer(1, 30 * mm)]
    table = Table([[recipients, signers]], colWidths=[WIDTH * 0.5, WIDTH * 0.5])
    table.setStyle(TableStyle(BARE))
    return [Spacer(1, 6 * mm), KeepTogether([table])]
