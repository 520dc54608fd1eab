"""A QR code on a page of a PDF."""

import segno
from reportlab.lib.colors import HexColor, white
from reportlab.pdfgen.canvas import Canvas

INK = HexColor("#1d2433")
# What readers want to see free around it, in modules.
QUIET = 4


def draw_qr(canvas: Canvas, text: str, corner: tuple[float, float], side: float, *, error: str = "m") -> None:
    """Draw the code of a text into a square (points), its quiet border included."""
    matrix = segno.make(text, error=error, micro=False).matrix
    step = side / (len(matrix) + 2 * QUIET)
    x, y = corner
    canvas.setFillColor(white)
    canvas.rect(x, y, side, side, stroke=0, fill=1)
    canvas.setFillColor(INK)
    for row, cells in enumerate(matrix):
        for column, cell in enumerate(cells):
            if cell:
                left, low = x + (column + QUIET) * step, y + side - (row + QUIET + 1) * step
                # A hair larger than a module, so that no light line shows between them.
                canvas.rect(left, low, step * 1.02, step * 1.02, stroke=0, fill=1)
