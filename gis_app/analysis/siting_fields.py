"""Fields of a body that check themselves, and a reader that names every fault by its path.

As gis_app/web/params.py does for queries; here without the web, for settings that jobs read too.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import shapely
from shapely.errors import GEOSException, ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gis_app.text import has_personal_number, tidy

MOST_VERTICES = 2000
# Vietnam with its sea; a NaN lies in no box.
WEST, SOUTH, EAST, NORTH = 102.0, 6.0, 118.0, 24.0

Fault = dict[str, str]


class Wrong(ValueError):
    """A value breaks the rule of its field; the text is a message key under `rule.`."""


class FieldReader:
    """Reads parts of a body by their path and keeps every fault."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def part(self, raw: Any, path: str, known: Sequence[str]) -> Mapping[str, Any]:
        """A part with fields; what it has besides is a fault."""
        if not isinstance(raw, Mapping):
            self.fault(path, "required" if raw is None else "choice")
            return {}
        for name in raw:
            if name not in known:
                self.fault(f"{path}.{str(name)[:40]}".lstrip("."), "unknown_field")
        return raw

    def take(self, raw: Mapping[str, Any], path: str, read: Callable[[Any], Any], default: Any) -> Any:
        """The value at the end of a path, or the default and a fault."""
        try:
            return read(raw.get(path.rpartition(".")[2]))
        except Wrong as error:
            self.fault(path, str(error))
            return default

    def fault(self, path: str, rule: str) -> None:
        """Keep a fault; what cannot be read hides what is in it."""
        self.faults.append({"field": path or "settings", "rule": rule})


def number(low: float, high: float) -> Callable[[Any], float]:
    """A finite number between bounds."""

    def read(value: Any) -> float:
        if value is None:
            raise Wrong("required")
        # A whole number of JSON may be larger than any float: only a float is asked whether it is finite.
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Wrong("number")
        if isinstance(value, float) and not math.isfinite(value):
            raise Wrong("number")
        if not low <= value <= high:
            raise Wrong("range")
        return float(value)

    return read


def whole(low: int, high: int) -> Callable[[Any], int]:
    """A whole number between bounds."""

    def read(value: Any) -> int:
        found = number(low, high)(value)
        if found != int(found):
            raise Wrong("whole")
        return int(found)

    return read


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Wrong("required" if value is None else "bool")
    return value


def name_of(longest: int) -> Callable[[Any], str]:
    """Some words without a personal number."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or len(value) > 2 * longest or not tidy(value):
            raise Wrong("required" if value in (None, "") else "text")
        text = tidy(value)
        if len(text) > longest or any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) <= 0xDFFF for c in text):
            raise Wrong("text")
        if has_personal_number(text):
            raise Wrong("personal_number")
        return text

    return read


def one_of(codes: Sequence[str]) -> Callable[[Any], str]:
    """One of some codes."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in codes:
            raise Wrong("required" if value is None else "choice")
        return value

    return read


def some_of(codes: Sequence[str]) -> Callable[[Any], tuple[str, ...]]:
    """Some of the codes, in their order."""

    def read(value: Any) -> tuple[str, ...]:
        found = listed(len(codes))(value)
        if any(not isinstance(one, str) or one not in codes for one in found):
            raise Wrong("choice")
        return tuple(code for code in codes if code in found)

    return read


def listed(most: int) -> Callable[[Any], list[Any]]:
    """A list of bounded length."""

    def read(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise Wrong("required" if value is None else "list")
        if len(value) > most:
            raise Wrong("too_many")
        return value

    return read


def lonlat(value: Any) -> tuple[float, float]:
    """`[lon, lat]` in Vietnam."""
    if not isinstance(value, list) or len(value) != 2 or any(isinstance(v, bool) or not isinstance(v, int | float)
                                                             for v in value):  # fmt: skip
        raise Wrong("lonlat")
    if not (WEST <= value[0] <= EAST and SOUTH <= value[1] <= NORTH):
        raise Wrong("lonlat")
    return float(value[0]), float(value[1])


def polygon(value: Any) -> BaseGeometry:
    """A GeoJSON polygon, valid, two-dimensional, in Vietnam."""
    try:
        found = shapely.force_2d(shape(value))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, OverflowError) as error:
        raise Wrong("geometry") from error
    except (ShapelyError, GEOSException) as error:
        raise Wrong("geometry") from error
    corners = shapely.get_coordinates(found)
    if len(corners) > MOST_VERTICES:
        raise Wrong("geometry_too_large")
    if found.geom_type not in ("Polygon", "MultiPolygon"):
        raise Wrong("geometry_type")
    if any(not (WEST <= lon <= EAST and SOUTH <= lat <= NORTH) for lon, lat in corners):
        raise Wrong("lonlat")
    if found.is_empty or not found.is_valid:
        raise Wrong("geometry_invalid")
    return found
