"""The messages that the scripts use, found in the scripts themselves: pages send these and no others.

A key stands in a script as a text, or fits a template: t(`query.${name}_hint`), t(`compare.${what}_${how}`).
A page with a workshop of its own (js/siting) names its script, and sends what this and its imports use.
"""

import posixpath
import re
from collections.abc import Mapping
from functools import lru_cache

from gis_app.web.assets import STATIC
from gis_app.web.i18n import LANGUAGES, catalogue

_TEXT = re.compile(r"""["'`]([a-z_]+\.[a-z0-9_.]+)["'`]""")
_IMPORT = re.compile(r"""(?:from|import\()\s*["'](\.[^"']+\.js)["']""")
# Scripts of one page alone: other pages send none of their messages.
OWN = (
    "pages/map_edit.js", "pages/map_carry.js", "panels/carry.js", "edit/",
    "pages/siting_plan.js", "siting/", "pages/walk.js", "panels/walk_", "pages/patrol",
    "panels/patrol_", "pages/hotspots.js", "pages/place_report.js", "layers/hotspot_draw.js",
    "pages/agreement.js",
)  # fmt: skip
_HOLE = re.compile(r"\$\{[^`{}]*\}")
_TEMPLATE = re.compile(rf"`([a-z_]+\.(?:[a-z0-9_.]|{_HOLE.pattern})*)`")


def _scripts() -> Mapping[str, str]:
    folder = STATIC / "js"
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.js"))}


def _reached(page: str, scripts: Mapping[str, str]) -> set[str]:
    """The script of a page, and all that it imports, now or later."""
    found: set[str] = set()
    waiting = [f"pages/{page}.js"]
    while waiting:
        name = waiting.pop()
        # What comes with npm has no messages.
        if name in found or name not in scripts:
            continue
        found.add(name)
        waiting += [posixpath.normpath(f"{name}/../{path}") for path in _IMPORT.findall(scripts[name])]
    return found


@lru_cache
def keys_of_scripts(page: str | None = None) -> frozenset[str]:
    """Keys of the catalogue that the scripts of a page name; with None those of all pages but the ones in OWN."""
    known = catalogue(LANGUAGES[0])
    scripts = _scripts()
    names = {name for name in scripts if not name.startswith(OWN)} if page is None else _reached(page, scripts)
    found: set[str] = set()
    for text in (scripts[name] for name in sorted(names)):
        found.update(key for key in _TEXT.findall(text) if key in known)
        for template in _TEMPLATE.findall(text):
            fits = re.compile("[a-z0-9_.]+".join(map(re.escape, _HOLE.split(template))))
            found.update(key for key in known if fits.fullmatch(key))
    return frozenset(found)


@lru_cache
def script_messages(lang: str, page: str | None = None) -> Mapping[str, str]:
    """The messages of those keys in a language, by key."""
    used = keys_of_scripts(page)
    return {key: text for key, text in catalogue(lang).items() if key in used}
