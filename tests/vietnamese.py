"""What is English in a page that says it is Vietnamese: words of the English catalogue that Vietnamese has not."""

import re
from collections.abc import Iterable
from functools import lru_cache
from html.parser import HTMLParser

from gis_app.words import catalogue
from layers import LAYERS

_WORD = re.compile(r"[A-Za-zÀ-ỹ]+")
_HOLE = re.compile(r"\{[^}]*\}")
# Common words that the catalogue may lack; a Vietnamese syllable is none of them.
_COMMON = """
about above after again also and any are back been before below between browse by cancel choose click close
could delete done download draft edit empty error false file files find first for from have help if invalid is
item last loading log login logout more must name next not null of off ok open or other page password please
previous save search select should show sign some state submit success than that then there these this true type
undefined unknown update upload user value view was what when where which who will with without yes you your
"""
# Said in Vietnamese offices as they are, or proper names.
KNOWN = frozenset({"ok", "english", "file"})
# Vietnamese syllables without a mark: Hoàng Sa, Lạc Long.
_SYLLABLES = frozenset({"sa", "long"})
_SPOKEN = ("aria-label", "title", "placeholder", "alt", "label", "aria-description")
_SILENT = frozenset({"script", "style", "code", "svg", "noscript", "template"})


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(_HOLE.sub(" ", text))}


@lru_cache
def english() -> frozenset[str]:
    """Words that stand in English texts of the product and in no Vietnamese one."""
    fields = [title for layer in LAYERS.values() for field in layer.fields for title in (field.title, *_choices(field))]
    titles = [layer.title for layer in LAYERS.values()] + fields
    vi = set().union(*map(_words, catalogue("vi").values()), *(_words(title[0]) for title in titles))
    en = set().union(*map(_words, catalogue("en").values()), *(_words(title[1]) for title in titles))
    return (
        frozenset(word for word in (en - vi) | set(_COMMON.split()) if len(word) > 1 and word.isascii())
        - KNOWN
        - _SYLLABLES
    )


def _choices(field: object) -> list[tuple[str, str]]:
    return [(choice.vi, choice.en) for choice in getattr(field, "choices", ())]


class _Spoken(HTMLParser):
    """The texts of a page that are seen or heard, those in another language left out."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.away: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("br", "hr", "img", "input", "link", "meta", "source"):
            pass
        elif self.away or tag in _SILENT or (tag != "html" and given.get("lang") not in (None, "vi")):
            self.away.append(tag)
        if not self.away:
            self.texts += [given[name] or "" for name in _SPOKEN if name in given]
            if tag == "input" and given.get("type") in ("submit", "button"):
                self.texts.append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if self.away and self.away[-1] == tag:
            self.away.pop()

    def handle_data(self, data: str) -> None:
        if not self.away:
            self.texts.append(data)


def texts_of(html: str) -> list[str]:
    """What a page says."""
    reader = _Spoken()
    reader.feed(html)
    return [" ".join(text.split()) for text in reader.texts if text.strip()]


def common_english_in(text: str) -> list[str]:
    """The common English words of a text."""
    return sorted(_words(text) & set(_COMMON.split()) - KNOWN)


def english_in(texts: Iterable[str], known: frozenset[str] = frozenset()) -> list[str]:
    """The texts that have an English word, with the words; `known`: names of the test's own data."""
    found = []
    for text in texts:
        words = _words(text) & english() - known
        if words:
            found.append(f"{text[:160]!r}: {', '.join(sorted(words))}")
    return found
