"""Text as people type it: one key for all spellings, NFC for storage. Standard library only."""

import re
import unicodedata

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_SPACE = re.compile(r"[\s\u00a0\u200b\ufeff]+")


def fold(text: str) -> str:
    """Return a key without diacritics, case and punctuation: "Hướng nhìn" and "huong_nhin" are one."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _NOT_WORD.sub("_", plain.lower()).strip("_")


def tidy(text: str) -> str:
    """Return the text in NFC with every run of white space (line breaks too) as one space."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()
