"""Posters for tip boxes and boards: one a page, A4 or A5, with a QR code that leads to the form of its village."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4, A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from gis_app.formats.qr_code import draw_qr
from gis_app.formats.report_fonts import BOLD, FACE, register_fonts
from gis_app.formats.report_text import paragraph

SIZES = {"A4": A4, "A5": A5}
INK, RED = HexColor("#1d2433"), HexColor("#a01818")


@dataclass(frozen=True)
class Poster:
    """One poster: the village, what the QR says, the same address to type, and where it hangs."""

    group: str
    address: str
    place: str


@dataclass(frozen=True)
class Posters:
    """What all posters of a commune share: name, words, telephone numbers."""

    commune: str
    is_demo: bool
    lines: Sequence[str]
    phones: Sequence[str]
    title: str
    foot: str
    posters: Sequence[Poster]


def write(posters: Posters, size: str) -> bytes:
    """Print as PDF, one page each.

    Raises
    ------
    FontsMissing
        No serif face with Vietnamese letters is installed.
    """
    register_fonts()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=SIZES[size], invariant=1)
    canvas.setTitle(posters.title)
    for poster in posters.posters:
        _page(canvas, posters, poster, SIZES[size])
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _page(canvas: Canvas, shared: Posters, poster: Poster, size: tuple[float, float]) -> None:
    width, height = size
    scale = width / A4[0]
    edge = 16 * mm * scale
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(2 * scale)
    canvas.roundRect(edge / 2, edge / 2, width - edge, height - edge, 8 * mm * scale)
    y = height - edge
    y = _words(canvas, shared.commune, (edge, y, width - 2 * edge), (BOLD, 18 * scale, INK))
    y = _words(canvas, poster.group, (edge, y, width - 2 * edge), (BOLD, 22 * scale, INK))
    y = _words(canvas, shared.title.upper(), (edge, y - 4 * mm * scale, width - 2 * edge), (BOLD, 34 * scale, RED))
    side = 118 * mm * scale
    y -= side + 6 * mm * scale
    draw_qr(canvas, poster.address, ((width - side) / 2, y), side, error="q")
    y = _words(canvas, poster.address, (edge, y - 2 * mm * scale, width - 2 * edge), (BOLD, 15 * scale, INK))
    for line in shared.lines:
        y = _words(canvas, line, (edge, y - 1.5 * mm * scale, width - 2 * edge), (FACE, 18 * scale, INK))
    # A number that is broken over two lines is dialled wrong: all in one size that fits.
    longest = max((stringWidth(line, BOLD, 20 * scale) for line in shared.phones), default=1)
    points = 20 * scale * min(1, 0.99 * (width - 2 * edge) / longest)
    for line in shared.phones:
        y = _words(canvas, line, (edge, y - 1.5 * mm * scale, width - 2 * edge), (BOLD, points, RED))
    foot = f"{poster.place} · {shared.foot}" if poster.place else shared.foot
    if shared.is_demo:
        foot = f"SỐ LIỆU MINH HỌA · {foot}"
    canvas.setFont(FACE, 8 * scale)
    canvas.setFillColor(INK)
    canvas.drawCentredString(width / 2, edge / 2 + 3 * mm * scale, foot[:150])


def _words(canvas: Canvas, text: str, box: tuple[float, float, float], look: tuple[str, float, HexColor]) -> float:
    """Centred words below `y`; the new y."""
    face, points, color = look
    style = ParagraphStyle(
        "p", fontName=face, fontSize=points, leading=points * 1.32, alignment=TA_CENTER, textColor=color
    )
    words = paragraph(text, style)
    x, y, width = box
    _, high = words.wrap(width, 1000)
    words.drawOn(canvas, x, y - high)
    return float(y - high)
