"""The product's own symbols as SVG, for pages that show them without JavaScript: those of static/js/core/symbols.js."""

import re
from functools import lru_cache

from markupsafe import Markup

from gis_app.web.assets import STATIC

_ENTRY = re.compile(r'(\w+): "([^"]+)"')


@lru_cache
def _paths() -> tuple[dict[str, str], dict[str, str]]:
    """Path data by name: filled glyphs, and lines."""
    filled, lines = (STATIC / "js" / "core" / "symbols.js").read_text(encoding="utf-8").split("export const LINES", 1)
    return dict(_ENTRY.findall(filled)), dict(_ENTRY.findall(lines))


def icon(name: str) -> Markup:
    """A symbol in the colour of the text around it, hidden from screen readers."""
    filled, lines = _paths()
    kind, path = ("icon-fill", filled[name]) if name in filled else ("icon-line", lines[name])
    return Markup(
        '<svg class="icon {}" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{}"/></svg>'
    ).format(kind, path)
