"""Makes a page that asks for nothing outside itself: vendor files inlined, the rest checked, a policy that holds it."""

import base64
import hashlib
import re
from functools import lru_cache
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

PARTS = Path(__file__).resolve().parent / "html_map_parts"
VENDOR = Path(__file__).resolve().parents[2] / "static" / "vendor"

# Names of things, never asked for: XML namespaces, and where Leaflet's own source says who made it.
NAMES = re.compile(r"https?://(?:www\.w3\.org/|leafletjs\.com\b|github\.com/Leaflet/)")
_ADDRESS = re.compile(r"https?://[^\s\"'<>\\)]+")
_CSS_ADDRESS = re.compile(r"url\(\s*['\"]?(?!data:|#)([^)'\"]*)|@import\s+([^;]+)", re.IGNORECASE)
_LOADING_ATTRIBUTES = frozenset(
    {"src", "srcset", "href", "xlink:href", "action", "formaction", "poster", "data", "background", "ping"}
)
_FOLIUM_VIEWPORT = re.compile(r'<meta name="viewport" content="[^"]*"\s*/>')
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class OutsideAddressError(RuntimeError):
    """The page would ask for something outside itself; the message names it."""


@lru_cache
def _environment() -> Environment:
    loader = FileSystemLoader(PARTS)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def render_part(name: str, **values: Any) -> str:
    """Render a template of html_map_parts/; every value is escaped."""
    return _environment().get_template(name).render(**values)


def inline_leaflet_css() -> str:
    """Leaflet's style sheet without its pictures: the map uses no picture marker and no layer button."""
    css = (VENDOR / "leaflet" / "leaflet.css").read_text(encoding="utf-8")
    # Old Internet Explorer drew vectors by a "behavior" address.
    css = re.sub(r"behavior:\s*url\([^)]*\);?", "", css)
    return re.sub(r"url\(\s*['\"]?images/[^)]*\)", "none", css)


@lru_cache
def inline_fonts() -> str:
    """The font faces with the font files inside."""
    folder = VENDOR / "fonts"

    def inside(match: re.Match[str]) -> str:
        data = (folder / match.group(1)).read_bytes()
        return f"url(data:font/woff2;base64,{base64.b64encode(data).decode()})"

    return re.sub(r"url\(([\w.-]+\.woff2)\)", inside, (folder / "fonts.css").read_text(encoding="utf-8"))


def make_offline(page: str, data_texts: str, *, lang: str, title: str) -> str:
    """Return folium's page with language, title, a viewport that zooms and a policy; raise if it asks outside.

    `data_texts` are the texts that people wrote: an address in them is shown, never asked for.
    """
    head = f'<title>{escape(title)}</title>\n<meta name="viewport" content="width=device-width, initial-scale=1">'
    page, found = _FOLIUM_VIEWPORT.subn(lambda _: head, page, count=1)
    if found != 1 or "<html>" not in page:
        raise OutsideAddressError("folium's page has changed: no viewport or html element where it was")
    check_offline(page, data_texts)
    page = page.replace("<html>", f'<html lang="{escape(lang)}">', 1)
    hashes = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in _SCRIPT.findall(page)}
    allowed = " ".join(f"'sha256-{digest}'" for digest in sorted(hashes))
    # Only the scripts that were written here run, and nothing is loaded, whatever the data hold.
    policy = f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; font-src data:"
    meta = f'<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    return page.replace("<head>", f"<head>\n{meta}", 1)


def check_offline(page: str, data_texts: str = "") -> None:
    """Raise OutsideAddressError if a tag, a style sheet or a script names an outside address."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    found = reader.outside
    known = set(_ADDRESS.findall(data_texts))
    found += [a for a in _ADDRESS.findall(reader.code) if not NAMES.match(a) and a not in known]
    if found:
        raise OutsideAddressError(f"the stand-alone map would ask for {sorted(set(found))[:5]}")


class _Reader(HTMLParser):
    """Collects what tags and style sheets load, and the text of scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []
        self.code = ""
        self._tag = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag = tag
        for name, value in attrs:
            if name in _LOADING_ATTRIBUTES and not (value or "#").startswith(("#", "data:")):
                self.outside.append(f"{tag} {name}={value}")
            if name == "style":
                self._css(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._tag = ""

    def handle_data(self, data: str) -> None:
        if self._tag == "style":
            self._css(data)
        elif self._tag == "script":
            self.code += data

    def _css(self, text: str) -> None:
        self.outside += [a or b for a, b in _CSS_ADDRESS.findall(text)]
