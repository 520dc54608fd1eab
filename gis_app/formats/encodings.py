"""Bytes to text: UTF-8 first, else whichever of the Vietnamese encodings gives Vietnamese words."""

import codecs
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gis_app.formats.base import FormatError
from gis_app.formats.vietnamese import as_one_byte, from_tcvn3, from_vni, one_byte_text, vietnamese_share

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# What a person may choose, in the order in which equal guesses win.
ENCODINGS = ("utf-8", "cp1258", "tcvn3", "vni")
OLD: Mapping[str, Callable[[str], str]] = {"tcvn3": from_tcvn3, "vni": from_vni}
# A guess needs so many words that could be Vietnamese; text that came as Unicode is doubted for so many more.
_SURE_SHARE, _BETTER = 0.6, 0.2
_GUESS_BYTES = 200_000
_SAMPLES, _SAMPLE_LENGTH = 6, 60


@dataclass(frozen=True)
class Reading:
    """What a text looks like in one encoding: the share of words that could be Vietnamese (None: all ASCII)."""

    encoding: str
    share: float | None
    samples: tuple[str, ...]


def decode(data: bytes, encoding: str = "", *, lenient: bool = False) -> tuple[str, str]:
    """Return the text in NFC and the name of the encoding.

    Parameters
    ----------
    encoding
        What the person said; empty: guess.
    lenient
        Take the best guess even where none is good, for a person looks at it next.

    Raises
    ------
    FormatError
        `encoding` where no encoding fits.
    """
    if encoding:
        return text_of(data, encoding), encoding
    for mark, name in _MARKS:
        if data.startswith(mark):
            return text_of(data, name), name
    try:
        return _nfc(data.decode("utf-8")), "utf-8"
    except UnicodeDecodeError as error:
        position = error.start
    best = max(_shares(data[:_GUESS_BYTES]), key=lambda pair: pair[1], default=("", 0.0))
    if not best[0] or (best[1] < _SURE_SHARE and not lenient):
        raise FormatError("encoding", position=position)
    return text_of(data, best[0]), best[0]


def _shares(data: bytes) -> list[tuple[str, float]]:
    found = []
    for name in ENCODINGS[1:]:
        try:
            share = vietnamese_share(text_of(data, name))
        except FormatError:
            continue
        found.append((name, 1.0 if share is None else share))
    return found


def text_of(data: bytes, encoding: str) -> str:
    """Bytes in a named encoding as text in NFC; names of Python's codecs will do, too."""
    if encoding in OLD:
        return _nfc(OLD[encoding](one_byte_text(data)))
    try:
        text = _nfc(data.decode(encoding))
    except (UnicodeDecodeError, LookupError) as error:
        raise FormatError("encoding", position=getattr(error, "start", 0)) from error
    # windows-1258 writes tones as marks after the letter; a mark without a letter is another encoding.
    if encoding == "cp1258" and any(unicodedata.combining(char) for char in text):
        raise FormatError("encoding", position=0)
    return text


def readings(cells: Sequence[bytes]) -> list[Reading]:
    """What some cells look like in every encoding that can read them; those with letters beyond ASCII are shown."""
    foreign = list(dict.fromkeys(cell for cell in cells if not cell.isascii()))
    shown = foreign[:_SAMPLES] or list(cells[:_SAMPLES])
    whole = b"\n".join(foreign)[:_GUESS_BYTES]
    found = []
    for name in ENCODINGS:
        try:
            share = vietnamese_share(text_of(whole if name != "utf-8" else b"\n".join(foreign), name))
            samples = tuple(text_of(cell, name)[:_SAMPLE_LENGTH] for cell in shown)
        except FormatError:
            continue
        found.append(Reading(name, share, samples))
    return found


def text_readings(cells: Sequence[str]) -> list[Reading]:
    """The same for text that came as Unicode, but may have been typed in an old font ("Tr¹i Mòa")."""
    foreign = list(dict.fromkeys(cell for cell in cells if not cell.isascii()))
    shown = foreign[:_SAMPLES] or list(cells[:_SAMPLES])
    found = []
    for name in ("utf-8", *OLD):
        texts = [recoded(cell, name) for cell in foreign]
        share = vietnamese_share("\n".join(texts)[:_GUESS_BYTES])
        found.append(Reading(name, share, tuple(recoded(cell, name)[:_SAMPLE_LENGTH] for cell in shown)))
    return found


def recoded(text: str, encoding: str) -> str:
    """A text of an old font as Unicode; one that holds other letters stays as it is."""
    plain = None if encoding not in OLD or text.isascii() else as_one_byte(text)
    return text if plain is None else OLD[encoding](plain)


def best_reading(found: Sequence[Reading]) -> str:
    """The encoding to propose for text that came as Unicode: as it is, unless an old font explains it far better."""
    as_it_is = next((one.share for one in found if one.encoding == "utf-8"), None)
    best = max(found, key=lambda one: one.share or 0.0, default=None)
    if as_it_is is None or best is None or best.share is None:
        return "utf-8"
    return best.encoding if best.share >= _SURE_SHARE and best.share >= as_it_is + _BETTER else "utf-8"


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
