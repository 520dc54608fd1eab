"""Cells to values: numbers with a comma or a point, yes and no in two languages, Vietnamese dates, codes.

Pure functions of one cell. A cell that cannot be read raises `BadValue` with the rule that it breaks;
the rule is a message key under `import.`.
"""

import datetime as dt
import math
import re
from collections.abc import Mapping
from typing import Any

from gis_app.text import fold, tidy

_YES = frozenset({"co", "x", "1", "true", "t", "yes", "y", "da", "roi", "dung", "v", "1_0"})
_NO = frozenset({"khong", "0", "false", "f", "no", "n", "chua", "k", "ko", "0_0"})
_TICKS = frozenset({"✓", "✔", "☑", "√"})
_CROSSES = frozenset({"✗", "✘", "☐", "-"})
_BLANK = frozenset({"", "-", "--", "null", "none", "nan", "n/a", "#n/a"})
_GROUPS = re.compile(r"^[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*$")
_PLAIN = re.compile(r"^[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d+)?$", re.IGNORECASE)
_DAY_FIRST = re.compile(r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})$")
_YEAR_FIRST = re.compile(r"^(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})(?:[T ].*)?$")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_MAX_BIGINT = 2**63 - 1
# Metres of a unit of length.
LENGTHS: Mapping[str, float] = {"m": 1.0, "cm": 0.01, "mm": 0.001, "dm": 0.1, "km": 1000.0, "ft": 0.3048}
_LENGTH = re.compile(r"^(.*\d[.,]?)(mm|cm|dm|km|m|ft)\.?$", re.IGNORECASE)


class BadValue(ValueError):
    """A cell breaks a rule; `params` go into the message."""

    def __init__(self, rule: str, **params: Any) -> None:
        super().__init__(rule)
        self.rule = rule
        self.params = params


def is_blank(value: Any) -> bool:
    """Return whether a cell holds nothing: empty, a dash, "null"."""
    if value is None:
        return True
    if isinstance(value, float):
        return math.isnan(value)
    return isinstance(value, str) and value.strip().lower() in _BLANK


def to_float(value: Any, unit: str = "", given: str = "") -> float:
    """Read a number in `unit`; another unit of length behind it is converted, plain numbers are in `given`."""
    if isinstance(value, bool):
        raise BadValue("not_a_number")
    text = "" if isinstance(value, int | float) else re.sub(r"[\s\u00a0]", "", str(value))
    behind = _LENGTH.match(text) if unit in LENGTHS else None
    if behind:
        text, given = behind[1], behind[2].lower()
    number = float(value) if isinstance(value, int | float) else _float_of(text, unit)
    if given in LENGTHS and unit in LENGTHS:
        # Rounded, so that 850 cm is 8.5 m and no binary neighbour of it.
        number = round(number * LENGTHS[given] / LENGTHS[unit], 9)
    if not math.isfinite(number):
        raise BadValue("not_finite")
    return number


def _float_of(bare: str, unit: str) -> float:
    if unit and bare.lower().endswith(unit.lower()):
        bare = bare[: -len(unit)]
    if "." in bare and "," in bare:
        # Both: the last one is the decimal sign.
        thousands = "." if bare.rfind(",") > bare.rfind(".") else ","
        bare = bare.replace(thousands, "")
    elif bare.count(".") > 1 or bare.count(",") > 1:
        if not _GROUPS.match(bare):
            raise BadValue("not_a_number")
        bare = bare.replace(".", "").replace(",", "")
    if not _PLAIN.match(bare):
        raise BadValue("not_a_number")
    return float(bare.replace(",", "."))


def to_int(value: Any, unit: str = "") -> int:
    """Read a whole number; "19.208" and "19,208" are thousands here."""
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    else:
        text = re.sub(r"[\s\u00a0]", "", value) if isinstance(value, str) else ""
        if re.fullmatch(r"[+-]?\d{1,19}", text):
            number = int(text)
        elif _GROUPS.match(text):
            number = int(text.replace(".", "").replace(",", ""))
        else:
            real = to_float(value, unit)
            if not real.is_integer():
                raise BadValue("not_integer")
            number = int(real)
    if abs(number) > _MAX_BIGINT:
        raise BadValue("out_of_range", low=-_MAX_BIGINT, high=_MAX_BIGINT)
    return number


def to_bool(value: Any) -> bool:
    """Read có/không, x, 1/0, true/false, yes/no, đã/chưa, ✓."""
    if isinstance(value, bool):
        return value
    text = str(value).strip()
    key = fold(text)
    if key in _YES or text in _TICKS:
        return True
    if key in _NO or text in _CROSSES:
        return False
    raise BadValue("not_yes_or_no")


def to_date(value: Any) -> dt.date:
    """Read dd/MM/yyyy (also with dots and dashes), yyyy-MM-dd, or a date with a time behind it."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    text = str(value).strip()
    if found := _DAY_FIRST.match(text):
        day, month, year = (int(part) for part in found.groups())
    elif found := _YEAR_FIRST.match(text):
        year, month, day = (int(part) for part in found.groups())
    else:
        raise BadValue("not_a_date")
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise BadValue("not_a_date")
    try:
        return dt.date(year, month, day)
    except ValueError as error:
        raise BadValue("not_a_date") from error


def to_text(value: Any, max_length: int) -> str:
    """Read text: NFC, one space between words, no control characters."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = tidy(str(value))
    if _CONTROL.search(text):
        raise BadValue("control_character")
    if len(text) > max_length:
        raise BadValue("too_long", limit=max_length, length=len(text))
    return text


def to_choice(value: Any, codes: Mapping[str, str]) -> str:
    """Read a code by itself or by a label; `codes` maps folded spellings to codes."""
    code = codes.get(fold(str(value)))
    if code is None:
        raise BadValue("not_a_choice", known=", ".join(sorted(set(codes.values()))))
    return code


def check_range(number: float, low: float | None, high: float | None) -> None:
    """Refuse numbers outside inclusive bounds."""
    if low is not None and not low <= number <= (math.inf if high is None else high):
        raise BadValue("out_of_range", low=low, high=high)
