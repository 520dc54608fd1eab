"""Drawings of a siting proposal on a PDF canvas: the map with devices and directions, the cost-coverage curve.

Metres of the commune's metric zone; the map shows what lies around the devices, not the whole commune.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from reportlab.lib.colors import HexColor, white
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from gis_app.formats.report_fonts import BOLD, FACE, register_fonts
from gis_app.formats.report_map import INK, LEGEND_WIDTH, Frame, draw_north, draw_scale_bar, draw_sheet, draw_source

STREET, BORDER = HexColor("#b9bcc6"), HexColor("#5b6270")
COLORS = {"camera": HexColor("#7048e8"), "lamp": HexColor("#e8a200")}
STANDING = {"camera": HexColor("#0b7285"), "lamp": HexColor("#a8842f")}
VIEW = HexColor("#d9ccff")
# A wedge shorter than this on paper says nothing.
SHORTEST = 4.5 * mm
Box = tuple[float, float, float, float]


def frame_around(block: Mapping[str, Any], box: Box) -> Frame:
    """Fit the extent [west, south, east, north] of a block into a box, in the middle of it."""
    west, south, east, north = block["extent"]
    x, y, width, height = box
    scale = min(width / max(east - west, 1), height / max(north - south, 1))
    return Frame(
        x,
        y,
        width,
        height,
        (west + east) / 2 - width / scale / 2,
        (south + north) / 2 - height / scale / 2,
        scale,
    )


def draw_site_map(canvas: Canvas, block: Mapping[str, Any], box: Box) -> None:
    """Draw streets, outline, what stands and what is proposed; the numbers are those of the table."""
    register_fonts()
    x, y, width, height = box
    canvas.saveState()
    frame = frame_around(block, (x, y + 9 * mm, width - LEGEND_WIDTH - 3 * mm, height - 9 * mm))
    draw_sheet(canvas, frame)
    canvas.saveState()
    clip = canvas.beginPath()
    clip.rect(frame.x, frame.y, frame.width, frame.height)
    canvas.clipPath(clip, stroke=0, fill=0)
    _lines(canvas, frame, block["streets"], (STREET, 1.1))
    _lines(canvas, frame, block["outline"], (BORDER, 1.4))
    for device in block["standing"]:
        canvas.setFillColor(STANDING[device["kind"]])
        canvas.circle(*frame.at(device["x"], device["y"]), 1.5 if device["kind"] == "camera" else 0.6, stroke=0, fill=1)
    for device in block["devices"]:
        _reach(canvas, frame, device)
    for device in block["devices"]:
        _mark(canvas, frame, device)
    canvas.restoreState()
    side = x + width - LEGEND_WIDTH
    _legend(canvas, block["legend"], (side, y + height))
    draw_scale_bar(canvas, frame, (side, frame.y + 2 * mm))
    draw_north(canvas, (side + LEGEND_WIDTH / 2, frame.y + 20 * mm))
    draw_source(canvas, block["source"], (x, y + 4.6 * mm), width)
    canvas.restoreState()


def _lines(canvas: Canvas, frame: Frame, lines: Sequence[Sequence[float]], look: tuple[Any, float]) -> None:
    canvas.setStrokeColor(look[0])
    canvas.setLineWidth(look[1])
    for line in lines:
        path = canvas.beginPath()
        for at in range(0, len(line), 2):
            spot = frame.at(line[at], line[at + 1])
            (path.moveTo if at == 0 else path.lineTo)(*spot)
        canvas.drawPath(path, stroke=1, fill=0)


def _reach(canvas: Canvas, frame: Frame, device: Mapping[str, Any]) -> None:
    """The sector of a camera, the circle of a lamp; walls are left out at this scale."""
    x, y = frame.at(device["x"], device["y"])
    radius = max(device["reach_m"] * frame.scale, SHORTEST)
    canvas.setStrokeColor(COLORS[device["kind"]])
    canvas.setLineWidth(0.5)
    if device["kind"] == "lamp":
        canvas.setDash(1.5, 1.5)
        canvas.circle(x, y, radius, stroke=1, fill=0)
        canvas.setDash()
        return
    canvas.setFillColor(VIEW)
    if device["fov_deg"] <= 0:
        return
    if device["fov_deg"] >= 360:
        canvas.circle(x, y, radius, stroke=1, fill=1)
        return
    # reportlab turns against the clock from east; a bearing turns with it from north.
    start = 90.0 - device["azimuth_deg"] - device["fov_deg"] / 2
    canvas.wedge(x - radius, y - radius, x + radius, y + radius, start, device["fov_deg"], stroke=1, fill=1)


def _mark(canvas: Canvas, frame: Frame, device: Mapping[str, Any]) -> None:
    x, y = frame.at(device["x"], device["y"])
    color = COLORS[device["kind"]]
    if device["azimuth_deg"] is not None:
        way = math.radians(device["azimuth_deg"])
        canvas.setStrokeColor(color)
        canvas.setLineWidth(1.1)
        canvas.line(x, y, x + 3.2 * mm * math.sin(way), y + 3.2 * mm * math.cos(way))
    canvas.setFillColor(color)
    canvas.setStrokeColor(white)
    canvas.setLineWidth(0.6)
    canvas.circle(x, y, 3.6, stroke=1, fill=1)
    canvas.setFillColor(white if device["kind"] == "camera" else INK)
    canvas.setFont(BOLD, 5 if len(device["label"]) < 3 else 4)
    canvas.drawCentredString(x, y - 1.7, device["label"])


def _legend(canvas: Canvas, legend: Sequence[Mapping[str, Any]], top_left: tuple[float, float]) -> None:
    x, y = top_left
    y -= 4 * mm
    canvas.setFillColor(INK)
    canvas.setFont(BOLD, 10)
    canvas.drawString(x, y, "CHÚ GIẢI")
    for look in legend:
        y -= 6.4 * mm
        color = (STANDING if look["is_standing"] else COLORS)[look["kind"]]
        canvas.setFillColor(color)
        canvas.circle(x + 3 * mm, y + 1.2 * mm, 1.3 if look["is_standing"] else 3.4, stroke=0, fill=1)
        canvas.setFillColor(INK)
        canvas.setFont(FACE, 9)
        canvas.drawString(x + 8 * mm, y, look["title"])


def draw_curve(canvas: Canvas, block: Mapping[str, Any], box: Box) -> None:
    """Draw points (money, share of one) as a line, with the plan itself as a dot."""
    register_fonts()
    x, y, width, height = box
    left, bottom, right, top = x + 16 * mm, y + 12 * mm, x + width - 6 * mm, y + height - 5 * mm
    points = block["points"]
    most = max([cost for cost, _ in points] + [block["here"][0], 1])
    high = max([share for _, share in points] + [block["here"][1], 0.01])
    canvas.saveState()
    canvas.setStrokeColor(BORDER)
    canvas.setLineWidth(0.5)
    canvas.line(left, bottom, right, bottom)
    canvas.line(left, bottom, left, top)
    canvas.setFillColor(INK)
    canvas.setFont(FACE, 8)
    for millions in _ticks(most / 1e6):
        canvas.drawCentredString(left + (right - left) * millions * 1e6 / most, bottom - 4 * mm, _plain(millions))
    for per_cent in _ticks(100 * high):
        at_y = bottom + (top - bottom) * per_cent / 100 / high
        canvas.drawRightString(left - 1.5 * mm, at_y - 2, f"{_plain(per_cent)} %")
        canvas.setStrokeColor(HexColor("#e2e3e8"))
        canvas.line(left, at_y, right, at_y)
    canvas.drawCentredString((left + right) / 2, y + 1.5 * mm, block["x_title"])

    def at(cost: float, share: float) -> tuple[float, float]:
        return left + (right - left) * cost / most, bottom + (top - bottom) * share / high

    canvas.setStrokeColor(COLORS["camera"])
    canvas.setLineWidth(1.4)
    path = canvas.beginPath()
    for count, point in enumerate(points):
        (path.moveTo if count == 0 else path.lineTo)(*at(*point))
    if points:
        canvas.drawPath(path, stroke=1, fill=0)
    canvas.setFillColor(COLORS["camera"])
    canvas.circle(*at(*block["here"]), 3, stroke=0, fill=1)
    canvas.restoreState()


def _ticks(high: float) -> list[float]:
    """Round numbers from 0 to at most `high`, about four of them."""
    rough = high / 4
    size = 10.0 ** math.floor(math.log10(rough))
    step = size * next(one for one in (1, 2, 2.5, 5, 10) if one * size >= rough)
    return [count * step for count in range(math.floor(high / step + 1e-9) + 1)]


def _plain(value: float) -> str:
    return f"{value:,g}".translate(str.maketrans(",.", ".,"))
