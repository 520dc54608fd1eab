"""The messages that the scripts use, found in the scripts themselves: pages send these and no others.

A key stands in a script as a text, or fits a template: t(`query.${name}_hint`), t(`compare.${what}_${how}`).
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from gis_app.web.assets import STATIC
from gis_app.web.i18n import LANGUAGES, catalogue

# Subjects of keys that one page alone needs, with its name.
OWN_PAGE = frozenset({"walk", "patrol_map"})
_TEXT = re.compile(r"""["'`]([a-z_]+\.[a-z0-9_.]+)["'`]""")
_HOLE = re.compile(r"\$\{[^`{}]*\}")
_TEMPLATE = re.compile(rf"`([a-z_]+\.(?:[a-z0-9_.]|{_HOLE.pattern})*)`")


@lru_cache
def keys_of_scripts() -> frozenset[str]:
    """Keys of the catalogue that any file of static/js names."""
    known = catalogue(LANGUAGES[0])
    found: set[str] = set()
    for path in sorted((STATIC / "js").rglob("*.js")):
        text = path.read_text(encoding="utf-8")
        found.update(key for key in _TEXT.findall(text) if key in known)
        for template in _TEMPLATE.findall(text):
            fits = re.compile("[a-z0-9_.]+".join(map(re.escape, _HOLE.split(template))))
            found.update(key for key in known if fits.fullmatch(key))
    return frozenset(found)


@lru_cache
def script_messages(lang: str, page: str = "") -> Mapping[str, str]:
    """The messages of those keys in a language, by key; those of `OWN_PAGE` only where they are asked for."""
    used = {key for key in keys_of_scripts() if key.split(".")[0] not in OWN_PAGE - {page}}
    return {key: text for key, text in catalogue(lang).items() if key in used}
