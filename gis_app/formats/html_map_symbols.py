"""Fill patterns and symbols of the stand-alone map as SVG, the same on the map and in its legend. Pure.

They are those of the live map (static/js/core/patterns.js).
"""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from gis_app.formats.html_map_drawing import FORMS, Paint, point_options

# Each pattern: size of the tile, strokes as path data with their width, dots (patterns.js).
_PATTERNS: Mapping[str, tuple[float, str, float, Sequence[tuple[float, float, float]]]] = {
    "solid": (8, "", 0, ()),
    "dots": (8, "", 0, ((2, 2, 1.15), (6, 6, 1.15))),
    "diagonal": (8, "M-2 10 10-2M-2 2 2-2M6 10 10 6", 1.1, ()),
    "cross": (8, "M0 0 8 8M8 0 0 8", 1, ()),
    "sparse": (14, "M-2 16 16-2", 0.9, ()),
    "lines": (6, "M0 3H6", 1.1, ()),
    "grid": (8, "M0 4H8M4 0V8", 0.9, ()),
}


# Over any of them: not reviewed in the period.
_UNREVIEWED = Markup(
    '<pattern id="fill-unreviewed" width="20" height="20" patternUnits="userSpaceOnUse">'
    '<path d="M-4 -4 24 24M-4 16 4 24M16 -4 24 4" stroke="#ffffff" stroke-width="4" stroke-opacity="0.9"/>'
    '<path d="M-4 -4 24 24M-4 16 4 24M16 -4 24 4" stroke="#1d2433" stroke-width="1.3"/></pattern>'
)


def ink_on(color: str) -> str:
    """Black or white, whichever reads better on a colour (WCAG 2 luminance)."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return "#1d2433" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.3 else "#ffffff"


def pattern_defs(paint: Paint) -> Markup:
    """SVG patterns `fill-<code>`: colour and pattern together, so that neither has to carry the meaning alone."""
    patterns = (_pattern(code, color, paint.patterns.get(code, "solid")) for code, color in paint.colors.items())
    return Markup("").join([*patterns, _UNREVIEWED])


def _pattern(code: str, color: str, name: str) -> Markup:
    size, path, width, dots = _PATTERNS.get(name, _PATTERNS["solid"])
    ink = ink_on(color)
    strength = 0.6 if ink == "#ffffff" else 0.42
    marks = [
        Markup('<circle cx="{}" cy="{}" r="{}" fill="{}" fill-opacity="{}"/>').format(x, y, r, ink, strength + 0.1)
        for x, y, r in dots
    ]
    if path:
        line = Markup('<path d="{}" stroke="{}" stroke-width="{}" stroke-opacity="{}" fill="none"/>')
        marks.append(line.format(path, ink, width, strength))
    tile = Markup(
        '<pattern id="fill-{}" width="{}" height="{}" patternUnits="userSpaceOnUse">'
        '<rect width="{}" height="{}" fill="{}"/>{}</pattern>'
    )
    return tile.format(code, size, size, size, size, color, Markup("").join(marks))


_FORM_PATHS = {
    "circle": "M10 4a6 6 0 1 1 0 12 6 6 0 0 1 0-12z",
    "diamond": "M10 2.6 17.4 10 10 17.4 2.6 10z",
    "square": "M4.5 4.5h11v11h-11z",
    "hexagon": "M3.4 10l3.3-5.8h6.6l3.3 5.8-3.3 5.8H6.7z",
}


def symbol_svg(kind: str, paint: Paint, section: str, code: str = "") -> Markup:
    """The symbol of a layer (or of one code) for the panel: line, area or the form of its points."""
    color = paint.colors.get(code, paint.color)
    if kind in ("point", "sector"):
        codes = [] if paint.by == "state" else list(paint.colors)
        state = code if paint.by == "state" else ""
        options = point_options(color, state, codes.index(code) if code in codes else -1)
        path = _FORM_PATHS[FORMS.get(section, "circle")]
        drawn = (path, options["fillColor"], options["color"], options["weight"], options["dashArray"] or "none")
    elif kind == "line":
        drawn = ("M1 10h18", "none", color, min(paint.width, 4), paint.dash.replace("10 6", "5 3") or "none")
    else:
        drawn = ("M2 4h16v12H2z", color + "24", color, paint.width, paint.dash or "none")
    return Markup(
        '<svg class="symbol" viewBox="0 0 20 20" aria-hidden="true"><path d="{}" fill="{}" stroke="{}" '
        'stroke-width="{}" stroke-dasharray="{}"/></svg>'
    ).format(*drawn)
