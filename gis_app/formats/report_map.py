"""The map of a report, drawn on a PDF canvas: areas in colour and pattern, labels, legend, scale, north, source.

Coordinates are metres of the commune's metric zone; on paper one point is 1/72 inch. Every stage has a pattern of its
own besides its colour, so a copy in grey still tells them apart.
"""

import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2
import shapely
from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from gis_app.formats.report_fonts import BOLD, FACE, ITALIC, register_fonts

INK = HexColor("#1d2433")
LEGEND_WIDTH = 50 * mm
ROW = 5.4 * mm
# Lengths that a scale bar may have, metres.
NICE = tuple(lead * 10**power for power in range(2, 5) for lead in (1, 2, 5))
RASTER_DPI = 200


@dataclass(frozen=True)
class Frame:
    """Where the map lies: lower left corner and size on paper, metres of its lower left corner, points per metre."""

    x: float
    y: float
    width: float
    height: float
    west: float
    south: float
    scale: float

    def at(self, east: float, north: float) -> tuple[float, float]:
        """The spot on paper."""
        return self.x + (east - self.west) * self.scale, self.y + (north - self.south) * self.scale

    @property
    def denominator(self) -> int:
        """The scale as 1 : n, rounded to hundreds."""
        return round(72 / 0.0254 / self.scale / 100) * 100


def _pairs(ring: Sequence[int]) -> list[tuple[int, int]]:
    return list(zip(ring[::2], ring[1::2], strict=True))


def frame_for(block: Mapping[str, Any], box: tuple[float, float, float, float]) -> Frame:
    """Fit the commune into a box (x, y, width, height in points), in the middle of it."""
    rings = [*block["outline"], *(ring for area in block["areas"] for ring in area["rings"])]
    xs, ys = [x for ring in rings for x in ring[::2]], [y for ring in rings for y in ring[1::2]]
    x, y, width, height = box
    wide, high = max(max(xs) - min(xs), 1), max(max(ys) - min(ys), 1)
    scale = 0.96 * min(width / wide, height / high)
    west = (min(xs) + max(xs)) / 2 - width / scale / 2
    south = (min(ys) + max(ys)) / 2 - height / scale / 2
    return Frame(x, y, width, height, west, south, scale)


def draw_map(canvas: Canvas, block: Mapping[str, Any], box: tuple[float, float, float, float]) -> None:
    """Draw the map block into a box (x, y, width, height in points)."""
    register_fonts()
    x, y, width, height = box
    canvas.saveState()
    frame = frame_for(block, (x, y + 9 * mm, width - LEGEND_WIDTH - 3 * mm, height - 9 * mm))
    draw_sheet(canvas, frame)
    looks = {entry["code"]: entry for entry in block["legend"]}
    for area in block["areas"]:
        _area(canvas, frame, area, looks[area["code"]])
    # A light line under the dark one: borders between two dark areas are seen too.
    for color, width_pt in ((white, 1.4), (INK, 0.5)):
        canvas.setStrokeColor(color)
        canvas.setLineWidth(width_pt)
        for area in block["areas"]:
            canvas.drawPath(_path(canvas, frame, area["rings"]), stroke=1, fill=0)
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(1.6)
    for ring in block["outline"]:
        canvas.drawPath(_path(canvas, frame, [ring]), stroke=1, fill=0)
    for area in block["areas"]:
        _label(canvas, frame, area)
    side = x + width - LEGEND_WIDTH
    _legend(canvas, block["legend"], (side, y + height))
    draw_scale_bar(canvas, frame, (side, frame.y + 2 * mm))
    draw_north(canvas, (side + LEGEND_WIDTH / 2, frame.y + 20 * mm))
    draw_source(canvas, block["source"], (x, y + 4.6 * mm), width)
    canvas.restoreState()


def draw_sheet(canvas: Canvas, frame: Frame) -> None:
    """Draw the paper of the map."""
    canvas.setFillColor(HexColor("#f4f3ef"))
    canvas.setStrokeColor(HexColor("#8a8f9c"))
    canvas.setLineWidth(0.6)
    canvas.rect(frame.x, frame.y, frame.width, frame.height, fill=1, stroke=1)


def _path(canvas: Canvas, frame: Frame, rings: Sequence[Sequence[int]]) -> Any:
    path = canvas.beginPath()
    for ring in rings:
        first, *others = _pairs(ring)
        path.moveTo(*frame.at(*first))
        for pair in others:
            path.lineTo(*frame.at(*pair))
        path.close()
    return path


def _area(canvas: Canvas, frame: Frame, area: Mapping[str, Any], look: Mapping[str, Any]) -> None:
    path = _path(canvas, frame, area["rings"])
    canvas.setFillColor(HexColor(look["color"]))
    canvas.drawPath(path, stroke=0, fill=1, fillMode=0)
    xs = [frame.at(x, 0)[0] for ring in area["rings"] for x in ring[::2]]
    ys = [frame.at(0, y)[1] for ring in area["rings"] for y in ring[1::2]]
    canvas.saveState()
    canvas.clipPath(path, stroke=0, fill=0, fillMode=0)
    draw_pattern(canvas, look, (min(xs), min(ys), max(xs), max(ys)))
    canvas.restoreState()


def _ink_on(color: str) -> Color:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    bright = 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    return INK if bright > 0.5 else white


Box = tuple[float, float, float, float]


def draw_pattern(canvas: Canvas, look: Mapping[str, Any], box: Box) -> None:
    """Draw the pattern of a stage over a box (west, south, east, north in points); the caller has set the clip.

    All patterns hang on the corner of the paper, so neighbours of one stage join without a seam.
    """
    name, ink = look["pattern"], _ink_on(look["color"])
    canvas.setStrokeColor(ink)
    canvas.setFillColor(ink)
    canvas.setLineWidth(0.45)
    if name == "dots":
        west, south, east, north = box
        for step_x in _steps(west, east, 4):
            for step_y in _steps(south, north, 4):
                if (step_x + step_y) % 2 == 0:
                    canvas.circle(step_x * 4, step_y * 4, 0.75, stroke=0, fill=1)
        return
    canvas.lines([line for make, gap in HATCHES.get(name, ()) for line in make(box, gap)])


def _steps(low: float, high: float, gap: float) -> range:
    return range(math.floor(low / gap), math.ceil(high / gap) + 1)


def _across(box: Box, gap: float) -> list[Box]:
    west, south, east, north = box
    return [(west, k * gap, east, k * gap) for k in _steps(south, north, gap)]


def _upright(box: Box, gap: float) -> list[Box]:
    west, south, east, north = box
    return [(k * gap, south, k * gap, north) for k in _steps(west, east, gap)]


def _falling(box: Box, gap: float) -> list[Box]:
    west, south, east, north = box
    return [(k * gap - south, south, k * gap - north, north) for k in _steps(west + south, east + north, gap)]


def _rising(box: Box, gap: float) -> list[Box]:
    west, south, east, north = box
    return [(south - k * gap, south, north - k * gap, north) for k in _steps(south - east, north - west, gap)]


# The lines of each pattern of the layer file, and how far apart they are on paper (points).
HATCHES: Mapping[str, tuple[tuple[Callable[[Box, float], list[Box]], float], ...]] = {
    "lines": ((_across, 3.6),),
    "grid": ((_across, 5.2), (_upright, 5.2)),
    "diagonal": ((_falling, 5.5),),
    "sparse": ((_falling, 12.0),),
    "cross": ((_falling, 6.5), (_rising, 6.5)),
}


def _label(canvas: Canvas, frame: Frame, area: Mapping[str, Any]) -> None:
    shape = shapely.Polygon(_pairs(area["rings"][0]))
    spot = shape.representative_point() if shape.is_valid else shape.centroid
    x, y = frame.at(spot.x, spot.y)
    radius = 5.2 if len(area["label"]) < 3 else 6.4
    canvas.setFillColor(white)
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(0.5)
    canvas.circle(x, y, radius, stroke=1, fill=1)
    canvas.setFillColor(INK)
    canvas.setFont(BOLD, 7)
    canvas.drawCentredString(x, y - 2.4, area["label"])


def draw_north(canvas: Canvas, spot: tuple[float, float]) -> None:
    """Draw the arrow to the north."""
    x, y = spot
    canvas.setFillColor(INK)
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(0.6)
    for side, fill in ((-1, 1), (1, 0)):
        path = canvas.beginPath()
        path.moveTo(x, y + 8 * mm)
        path.lineTo(x + side * 2.4 * mm, y)
        path.lineTo(x, y + 1.8 * mm)
        path.close()
        canvas.drawPath(path, stroke=1, fill=fill)
    canvas.setFont(BOLD, 9)
    canvas.drawCentredString(x, y + 8.8 * mm, "B")


def draw_scale_bar(canvas: Canvas, frame: Frame, spot: tuple[float, float]) -> None:
    """Draw a bar of a round length, as long as the legend allows, and the scale as a number."""
    length_m = max((n for n in NICE if n * frame.scale <= LEGEND_WIDTH - 8 * mm), default=NICE[0])
    length = length_m * frame.scale
    x, y = spot
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(0.6)
    for quarter in range(4):
        canvas.setFillColor(INK if quarter % 2 == 0 else white)
        canvas.rect(x + quarter * length / 4, y, length / 4, 1.6 * mm, stroke=1, fill=1)
    canvas.setFillColor(INK)
    canvas.setFont(FACE, 8)
    label = f"{length_m // 1000} km" if length_m % 1000 == 0 else f"{length_m} m"
    canvas.drawString(x, y + 2.6 * mm, "0")
    canvas.drawCentredString(x + length, y + 2.6 * mm, label)
    scale = f"{frame.denominator:,}".replace(",", ".")
    canvas.drawString(x, y + 6.6 * mm, f"Tỷ lệ 1:{scale}")


def _legend(canvas: Canvas, legend: Sequence[Mapping[str, Any]], top_left: tuple[float, float]) -> None:
    x, y = top_left
    y -= 4 * mm
    canvas.setFillColor(INK)
    canvas.setFont(BOLD, 10)
    canvas.drawString(x, y, "CHÚ GIẢI")
    for look in legend:
        y -= ROW + 1.6 * mm
        canvas.saveState()
        clip = canvas.beginPath()
        clip.rect(x, y, 9 * mm, ROW)
        canvas.setFillColor(HexColor(look["color"]))
        canvas.rect(x, y, 9 * mm, ROW, stroke=0, fill=1)
        canvas.clipPath(clip, stroke=0, fill=0)
        draw_pattern(canvas, look, (x, y, x + 9 * mm, y + ROW))
        canvas.restoreState()
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(0.5)
        canvas.rect(x, y, 9 * mm, ROW, stroke=1, fill=0)
        canvas.setFillColor(INK)
        _fitting(canvas, f"{look['title']}: {look['count']}", (x + 11 * mm, y + 1.6 * mm), LEGEND_WIDTH - 11 * mm)


def _fitting(canvas: Canvas, text: str, spot: tuple[float, float], width: float) -> None:
    """Text on one line, smaller where it would not fit."""
    size = 9.5
    while size > 6 and stringWidth(text, FACE, size) > width:
        size -= 0.25
    canvas.setFont(FACE, size)
    canvas.drawString(*spot, text)


def draw_source(canvas: Canvas, text: str, spot: tuple[float, float], width: float) -> None:
    """Draw the source on two lines at most."""
    canvas.setFont(ITALIC, 7.5)
    canvas.setFillColor(INK)
    line, lines = "", []
    for word in text.split():
        if stringWidth(f"{line} {word}", ITALIC, 7.5) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    for count, part in enumerate([*lines, line]):
        canvas.drawString(spot[0], spot[1] - count * 3.2 * mm, part)


def map_png(block: Mapping[str, Any], width: float, height: float) -> bytes:
    """The same map as a PNG of a size on paper (points), for documents that cannot hold a drawing."""
    page = io.BytesIO()
    canvas = Canvas(page, pagesize=(width, height), invariant=1)
    draw_map(canvas, block, (0, 0, width, height))
    canvas.save()
    document = pypdfium2.PdfDocument(page.getvalue())
    try:
        image = document[0].render(scale=RASTER_DPI / 72).to_pil()
    finally:
        document.close()
    out = io.BytesIO()
    # Few colours: a palette halves the file.
    image.convert("RGB").quantize(128, dither=0).save(out, "PNG", optimize=True)
    return out.getvalue()
