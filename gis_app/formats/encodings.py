"""Bytes to text: UTF-8 first, then windows-1258; older Vietnamese encodings are named, never guessed silently."""

import codecs
import unicodedata

from gis_app.formats.base import FormatError

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# In TCVN3 (ABC) these code points are letters: a, ă, â, e, ê with tones. Real windows-1258 text hardly has them.
_TCVN3_LETTERS = frozenset("µ¶·¸¹»¼½¾¨©ª«¬®")
_TCVN3_SHARE = 0.02


def decode(data: bytes) -> tuple[str, str]:
    """Return the text in NFC and the name of the encoding.

    Raises
    ------
    FormatError
        `encoding_tcvn3` where the bytes look like TCVN3, `encoding` where no encoding fits.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _strict(data, name), name
    try:
        return _nfc(data.decode("utf-8")), "utf-8"
    except UnicodeDecodeError as error:
        position = error.start
    try:
        text = _nfc(data.decode("cp1258"))
    except UnicodeDecodeError as error:
        raise FormatError("encoding", position=position) from error
    _refuse_legacy(text, position)
    return text, "cp1258"


def _strict(data: bytes, name: str) -> str:
    try:
        return _nfc(data.decode(name))
    except UnicodeDecodeError as error:
        raise FormatError("encoding", position=error.start) from error


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _refuse_legacy(text: str, position: int) -> None:
    foreign = [char for char in text if ord(char) > 127]
    if sum(char in _TCVN3_LETTERS for char in foreign) > _TCVN3_SHARE * len(foreign):
        raise FormatError("encoding_tcvn3", position=position)
    # windows-1258 writes tones as marks after the letter; a mark without a letter is another encoding.
    if any(unicodedata.combining(char) for char in text):
        raise FormatError("encoding", position=position)
