"""Where a camera looks, from the many ways in which files say it.

One text may hold several views: `45`, `NE`, `Đông Bắc`, `239-284` (clockwise from - to), `90;270`.
Source of the notation: OpenStreetMap wiki, Key:camera:direction and Key:direction.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gis_app.text import fold

_ENGLISH = ("n", "nne", "ne", "ene", "e", "ese", "se", "sse", "s", "ssw", "sw", "wsw", "w", "wnw", "nw", "nnw")
_STEP_DEG = 360 / len(_ENGLISH)
_LONG = {
    "north": 0.0, "north_east": 45.0, "northeast": 45.0, "east": 90.0, "south_east": 135.0, "southeast": 135.0,
    "south": 180.0, "south_west": 225.0, "southwest": 225.0, "west": 270.0, "north_west": 315.0, "northwest": 315.0,
    "bac": 0.0, "dong_bac": 45.0, "dong": 90.0, "dong_nam": 135.0, "nam": 180.0, "tay_nam": 225.0, "tay": 270.0,
    "tay_bac": 315.0,
}  # fmt: skip
# Bắc, Đông, Tây; "N" alone is Nam in a Vietnamese column and north in an English one.
_VIETNAMESE = {"b": 0.0, "db": 45.0, "d": 90.0, "dn": 135.0, "tn": 225.0, "t": 270.0, "tb": 315.0}
_VIETNAMESE_SOUTH = {"n": 180.0}
_UNKNOWN = frozenset({"", "unknown", "none", "khong_ro", "chua_ro", "all", "n_a"})
_SPLIT = re.compile(r"\s*[;/|]\s*|,\s+|\s+và\s+|(?<=\d),(?=\d{3}(?!\d))")
_RANGE = re.compile(r"^(.+?)\s*(?:-|–|—|\.\.|đến|to)\s*(.+)$")
_NUMBER = re.compile(r"^-?\d{1,3}(?:[.,]\d+)?$")


@dataclass(frozen=True)
class View:
    """One view: bearing of its middle, clockwise from north, and its width; None where unknown."""

    azimuth_deg: float | None
    fov_deg: float | None = None


def is_vietnamese(values: Iterable[Any]) -> bool:
    """Return whether a column abbreviates in Vietnamese (B, Đ, T, ĐB …), so that N means south (Nam)."""
    texts = {value for value in values if isinstance(value, str)}
    return any(fold(part) in _VIETNAMESE for text in texts for part in _SPLIT.split(text))


def parse_views(value: Any, *, vietnamese: bool = False) -> tuple[View, ...]:
    """Return the views that a cell describes; one view of unknown direction for an empty cell.

    Parameters
    ----------
    value
        A number of degrees (negative ones count anticlockwise) or a text.
    vietnamese
        Whether "N" means south, see `is_vietnamese`.

    Raises
    ------
    ValueError
        The text is no direction.
    """
    if value is None or (isinstance(value, str) and fold(value) in _UNKNOWN and "-" not in value.strip("- ")):
        return (View(None),)
    if isinstance(value, bool):
        raise ValueError("a yes or no is no direction")  # noqa: TRY004 - one error for one rule
    if isinstance(value, int | float):
        return (View(_normal(float(value))),)
    parts = [part for part in _SPLIT.split(str(value).strip().lower().replace("°", "")) if part.strip()]
    views = tuple(_view(part.strip(), vietnamese) for part in parts)
    if not views:
        raise ValueError("no direction")
    return views


def _view(text: str, vietnamese: bool) -> View:
    single = _bearing(text, vietnamese)
    if single is not None:
        return View(single)
    pair = _RANGE.match(text)
    ends = (None, None) if pair is None else tuple(_bearing(end.strip(), vietnamese) for end in pair.groups())
    if ends[0] is None or ends[1] is None:
        raise ValueError(f"no direction: {text}")
    width = (ends[1] - ends[0]) % 360
    if width == 0:
        return View(None, 360.0)
    return View((ends[0] + width / 2) % 360, width)


def _bearing(text: str, vietnamese: bool) -> float | None:
    if _NUMBER.match(text):
        return _normal(float(text.replace(",", ".")))
    key = fold(text).removeprefix("huong_")
    if vietnamese and key in _VIETNAMESE_SOUTH:
        return _VIETNAMESE_SOUTH[key]
    if key in _LONG:
        return _LONG[key]
    if key in _ENGLISH:
        return _ENGLISH.index(key) * _STEP_DEG
    return _VIETNAMESE.get(key)


def _normal(degrees: float) -> float:
    if not -360 <= degrees <= 360:
        raise ValueError(f"not between -360 and 360: {degrees:g}")
    return degrees % 360
