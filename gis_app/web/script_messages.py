"""The messages that the scripts use, found in the scripts themselves: pages send these and no others.

A key stands in a script as a text, or begins (and ends) like a template: t(`query.${name}_hint`).
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from gis_app.web.assets import STATIC
from gis_app.web.i18n import LANGUAGES, catalogue

_TEXT = re.compile(r"""["'`]([a-z_]+\.[a-z0-9_.]+)["'`]""")
_TEMPLATE = re.compile(r"`([a-z_]+\.[a-z0-9_.]*)\$\{[^`{}]*\}([a-z0-9_.]*)`")


@lru_cache
def keys_of_scripts() -> frozenset[str]:
    """Keys of the catalogue that any file of static/js names."""
    known = catalogue(LANGUAGES[0])
    found: set[str] = set()
    for path in sorted((STATIC / "js").rglob("*.js")):
        text = path.read_text(encoding="utf-8")
        found.update(key for key in _TEXT.findall(text) if key in known)
        for start, end in _TEMPLATE.findall(text):
            found.update(key for key in known if key.startswith(start) and key.endswith(end))
    return frozenset(found)


@lru_cache
def script_messages(lang: str) -> Mapping[str, str]:
    """The messages of those keys in a language, by key."""
    used = keys_of_scripts()
    return {key: text for key, text in catalogue(lang).items() if key in used}
