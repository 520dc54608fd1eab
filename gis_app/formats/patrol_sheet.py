"""The sheet of a shift on A4: map with routes and numbered stops, legend, scale, QR, and a table for each team.

Coordinates are metres of the commune's metric zone. Teams differ in dashes and marks besides colours: it is copied.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.lib.colors import HexColor, white
from reportlab.lib.enums import TA_CENTER, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    PageTemplate,
    Table,
    TableStyle,
)

from gis_app.formats import report_map
from gis_app.formats.proposal_drawings import BORDER, STREET, frame_around
from gis_app.formats.qr_code import draw_qr
from gis_app.formats.report_fonts import BOLD, FACE, ITALIC, register_fonts
from gis_app.formats.report_map import INK, LEGEND_WIDTH, draw_north, draw_scale_bar, draw_sheet, draw_source
from gis_app.formats.report_sheet import DEMO
from gis_app.formats.report_text import paragraph

MARGIN = 14 * mm
WIDTH = A4[0] - 2 * MARGIN
MAP_HEIGHT = 128 * mm
QR_SIZE = 27 * mm
# Colour and dash of each team.
TEAMS = (("#1d4ed8", ()), ("#b3261e", (5, 2)), ("#0f6b3a", (1.5, 1.5)), ("#7a3e9d", (7, 2, 1.5, 2)),
         ("#8a5a00", (3, 3)), ("#1d2433", (9, 3)))  # fmt: skip
GRID = HexColor("#7d8290")
_TITLE = ParagraphStyle("title", fontName=BOLD, fontSize=15, leading=19, alignment=TA_CENTER)
_LINE = ParagraphStyle("line", fontName=FACE, fontSize=10.5, leading=14, alignment=TA_CENTER)
_TEAM = ParagraphStyle("team", fontName=BOLD, fontSize=12, leading=15, spaceBefore=4 * mm, spaceAfter=1.5 * mm)
_CELL = ParagraphStyle("cell", fontName=FACE, fontSize=9.5, leading=12, alignment=TA_LEFT)
_MIDDLE = ParagraphStyle("middle", parent=_CELL, alignment=TA_CENTER)
_CODE = ParagraphStyle("code", parent=_MIDDLE, fontName=BOLD, fontSize=11)
_HEAD = ParagraphStyle("head", parent=_MIDDLE, fontName=BOLD)
_NOTE = ParagraphStyle("note", fontName=ITALIC, fontSize=9, leading=12, spaceBefore=3 * mm)


@dataclass(frozen=True)
class SheetTeam:
    """A team: its heading, its way as x, y in turn, its stops as (label, x, y), its rows."""

    title: str
    line: Sequence[float]
    marks: Sequence[tuple[str, float, float]]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class PatrolSheet:
    """What is printed; `extent` west, south, east, north; `address` is what the QR says.

    `draft` is said where the plan was not issued.
    """

    title: str
    lines: Sequence[str]
    is_demo: bool
    extent: tuple[float, float, float, float]
    streets: Sequence[Sequence[float]]
    outline: Sequence[Sequence[float]]
    teams: Sequence[SheetTeam]
    columns: Sequence[str]
    notes: Sequence[str]
    source: str
    address: str
    foot: str
    draft: str


class _Map(Flowable):  # type: ignore[misc]
    def __init__(self, sheet: PatrolSheet) -> None:
        super().__init__()
        self.sheet, self.width, self.height = sheet, WIDTH, MAP_HEIGHT

    def draw(self) -> None:
        """Draw where the page has put it."""
        _draw_map(self.canv, self.sheet, (0, 0, self.width, self.height))


def write(sheet: PatrolSheet) -> bytes:
    """Print a sheet as PDF.

    Raises
    ------
    FontsMissing
        No serif face with Vietnamese letters is installed.
    """
    register_fonts()
    out = io.BytesIO()
    document = BaseDocTemplate(out, pagesize=A4, invariant=1, title=sheet.title, leftMargin=MARGIN, rightMargin=MARGIN)
    box = Frame(MARGIN, 14 * mm, WIDTH, A4[1] - 14 * mm - MARGIN, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate("page", [box], onPage=lambda canvas, _doc: _foot(canvas, sheet)))
    story: list[Any] = [paragraph(sheet.title, _TITLE)]
    story += [paragraph(line, _LINE) for line in sheet.lines]
    if sheet.is_demo:
        story.append(
            paragraph(DEMO, ParagraphStyle("demo", parent=_LINE, fontName=BOLD, textColor=HexColor("#a01818")))
        )
    if sheet.draft:
        story.append(paragraph(sheet.draft, ParagraphStyle("draft", parent=_LINE, fontName=BOLD)))
    story.append(_Map(sheet))
    for team in sheet.teams:
        story += [CondPageBreak(40 * mm), paragraph(team.title, _TEAM), _table(sheet.columns, team.rows)]
    story += [paragraph(note, _NOTE) for note in sheet.notes]
    document.build(story)
    return out.getvalue()


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    styles = (_MIDDLE, _CODE, _MIDDLE, _CELL, _CELL, _CELL)
    cells = [[paragraph(title, _HEAD) for title in columns]]
    cells += [[paragraph(cell, style) for cell, style in zip(row, styles, strict=True)] for row in rows]
    shares = (6, 13, 11, 38, 14, 18)
    table = Table(cells, colWidths=[WIDTH * share / sum(shares) for share in shares], repeatRows=1)
    table.setStyle(TableStyle([
        ("FONTNAME", (0, 0), (-1, -1), FACE), ("GRID", (0, 0), (-1, -1), 0.5, GRID),
        ("BACKGROUND", (0, 0), (-1, 0), HexColor("#ece9e2")), ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3), ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
    ]))  # fmt: skip
    return table


def _foot(canvas: Canvas, sheet: PatrolSheet) -> None:
    canvas.saveState()
    canvas.setFont(FACE, 7.5)
    canvas.setFillColor(HexColor("#4a5060"))
    canvas.drawString(MARGIN, 8 * mm, sheet.foot)
    canvas.drawRightString(A4[0] - MARGIN, 8 * mm, f"Trang {canvas.getPageNumber()}")
    canvas.restoreState()


def _draw_map(canvas: Canvas, sheet: PatrolSheet, box: tuple[float, float, float, float]) -> None:
    x, y, width, height = box
    canvas.saveState()
    frame = frame_around({"extent": sheet.extent}, (x, y + 9 * mm, width - LEGEND_WIDTH - 3 * mm, height - 12 * mm))
    draw_sheet(canvas, frame)
    canvas.saveState()
    clip = canvas.beginPath()
    clip.rect(frame.x, frame.y, frame.width, frame.height)
    canvas.clipPath(clip, stroke=0, fill=0)
    for lines, color, thick in ((sheet.streets, STREET, 0.9), (sheet.outline, BORDER, 1.4)):
        for line in lines:
            _stroke(canvas, frame, line, (color, thick, ()))
    for team, (color, dash) in zip(sheet.teams, TEAMS, strict=False):
        _stroke(canvas, frame, team.line, (white, 3.6, ()))
        _stroke(canvas, frame, team.line, (HexColor(color), 2.0, dash))
    for team, (color, _) in zip(sheet.teams, TEAMS, strict=False):
        if team.line:
            _depot(canvas, frame.at(team.line[0], team.line[1]))
        for label, east, north in team.marks:
            _mark(canvas, frame.at(east, north), label, HexColor(color))
    canvas.restoreState()
    side = x + width - LEGEND_WIDTH
    _legend(canvas, sheet, (side, y + height - 3 * mm))
    draw_scale_bar(canvas, frame, (side, frame.y + 2 * mm))
    draw_north(canvas, (side + LEGEND_WIDTH - 6 * mm, frame.y + 20 * mm))
    _qr(canvas, sheet.address, (side, frame.y + 22 * mm))
    draw_source(canvas, sheet.source, (x, y + 4.6 * mm), width)
    canvas.restoreState()


def _stroke(canvas: Canvas, frame: report_map.Frame, line: Sequence[float], look: tuple[Any, float, Any]) -> None:
    canvas.setStrokeColor(look[0])
    canvas.setLineWidth(look[1])
    canvas.setDash(list(look[2]))
    path = canvas.beginPath()
    for at in range(0, len(line), 2):
        (path.moveTo if at == 0 else path.lineTo)(*frame.at(line[at], line[at + 1]))
    canvas.drawPath(path, stroke=1, fill=0)
    canvas.setDash()


def _mark(canvas: Canvas, spot: tuple[float, float], label: str, color: Any) -> None:
    canvas.setFillColor(color)
    canvas.setStrokeColor(white)
    canvas.setLineWidth(0.7)
    canvas.circle(*spot, 5.2, stroke=1, fill=1)
    canvas.setFillColor(white)
    canvas.setFont(BOLD, 6 if len(label) < 3 else 5)
    canvas.drawCentredString(spot[0], spot[1] - 2.1, label)


def _depot(canvas: Canvas, spot: tuple[float, float]) -> None:
    canvas.setFillColor(INK)
    canvas.setStrokeColor(white)
    canvas.rect(spot[0] - 4, spot[1] - 4, 8, 8, stroke=1, fill=1)


def _legend(canvas: Canvas, sheet: PatrolSheet, top_left: tuple[float, float]) -> None:
    x, y = top_left
    y -= 4 * mm
    canvas.setFillColor(INK)
    canvas.setFont(BOLD, 10)
    canvas.drawString(x, y, "CHÚ GIẢI")
    for team, (color, dash) in zip(sheet.teams, TEAMS, strict=False):
        y -= 6.2 * mm
        canvas.setStrokeColor(HexColor(color))
        canvas.setLineWidth(2)
        canvas.setDash(list(dash))
        canvas.line(x, y + 1.2 * mm, x + 9 * mm, y + 1.2 * mm)
        canvas.setDash()
        canvas.setFillColor(INK)
        canvas.setFont(FACE, 9)
        canvas.drawString(x + 11 * mm, y, team.title.split(" · ")[0][:24])
    y -= 7 * mm
    _mark(canvas, (x + 4.5 * mm, y + 1.2 * mm), "1", INK)
    canvas.setFillColor(INK)
    canvas.setFont(FACE, 9)
    canvas.drawString(x + 11 * mm, y, "Điểm dừng, theo thứ tự")
    y -= 6.6 * mm
    _depot(canvas, (x + 4.5 * mm, y + 1.2 * mm))
    canvas.setFillColor(INK)
    canvas.setFont(FACE, 9)
    canvas.drawString(x + 11 * mm, y, "Nơi xuất phát")


def _qr(canvas: Canvas, text: str, corner: tuple[float, float]) -> None:
    canvas.setFillColor(INK)
    canvas.setFont(FACE, 8)
    canvas.drawString(corner[0] + 3 * mm, corner[1] + QR_SIZE, "Quét để mở ca này")
    draw_qr(canvas, text, corner, QR_SIZE)


def extent_of(lines: Sequence[Sequence[float]], margin_m: float, least_m: float) -> tuple[float, float, float, float]:
    """What the map shows: the lines with a margin, not less than a size."""
    xs = [value for line in lines for value in line[::2]]
    ys = [value for line in lines for value in line[1::2]]
    middle = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    wide = max(max(xs) - min(xs) + 2 * margin_m, least_m) / 2
    high = max(max(ys) - min(ys) + 2 * margin_m, least_m) / 2
    return middle[0] - wide, middle[1] - high, middle[0] + wide, middle[1] + high
