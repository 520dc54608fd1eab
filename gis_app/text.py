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


# Cc holds C1 (0x80-0x9f) as well; Zl and Zp are line breaks too; a lone surrogate (Cs) has no UTF-8.
_CONTROLS = frozenset({"Cc", "Cs", "Zl", "Zp"})


def has_controls(text: str) -> bool:
    """Whether a text holds what the database's `[[:cntrl:]]` refuses, or cannot hold at all."""
    return any(unicodedata.category(char) in _CONTROLS for char in text)


# The same rule as the database's has_personal_number() (migrations/sql/personal_numbers.sql); a test compares them.
_DATE = re.compile(r"(?<![0-9])([0-9]{1,2}[./-]){2}(19|20)[0-9]{2}(?![0-9])")
_PERSONAL = re.compile(
    r"(?<![0-9])((\+?84|0)[ .()-]{0,2}[1-9]([ .()-]{0,2}[0-9]){8,9}|0[0-9]([ .()-]{0,2}[0-9]){10}|[0-9]{12})(?![0-9])"
)


def has_personal_number(text: str) -> bool:
    """Whether a text holds a telephone number or the number of an identity card; dates are none."""
    return _PERSONAL.search(_DATE.sub(" ngày ", unicodedata.normalize("NFKC", text))) is not None


def natural_key(text: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts "Tổ 2" before "Tổ 10"; a stable sort keeps the database's Vietnamese order of the rest."""
    parts = re.split(r"([0-9]+)", text)
    return tuple((int(part), "") if part.isascii() and part.isdigit() else (-1, fold(part)) for part in parts)
