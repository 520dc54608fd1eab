"""Query parameters that check themselves; views and the OpenAPI document read the same list."""

import datetime as dt
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from flask import request
from shapely.errors import GEOSException, ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gis_app.errors import BadRequest
from gis_app.text import has_controls

# A shape drawn by hand has tens of points; this keeps a query bounded.
MAX_VERTICES = 5_000
MAX_TEXT = 200
WORLD = (-180.0, -90.0, 180.0, 90.0)


class Malformed(ValueError):
    """A value breaks the rule of its parameter; the text is a message key under `rule.`."""


@dataclass(frozen=True)
class Param:
    """One query parameter: how to read it, and what the API document says."""

    name: str
    read: Callable[[str], Any]
    about: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    required: bool = False
    default: Any = None


def read_moment(value: Any) -> dt.datetime | None:
    """A moment with its offset, as UTC; None: it is none."""
    try:
        found = dt.datetime.fromisoformat(value)
        return None if found.tzinfo is None else found.astimezone(dt.UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def read_query(params: Sequence[Param], *, others: Sequence[str] = ()) -> dict[str, Any]:
    """Read the request's query string; an unknown, missing or malformed parameter is a 400 that names it."""
    known = {param.name for param in params} | {"lang", "v", *others}
    for name in request.args:
        if name not in known:
            raise BadRequest("unknown_parameter", name=name[:60], known=sorted(known))
    return {param.name: _read_one(param, request.args) for param in params}


def read_body(params: Sequence[Param], body: Any) -> dict[str, Any]:
    """The same of a JSON object whose values are texts, numbers or yes/no."""
    if not isinstance(body, Mapping):
        raise BadRequest("bad_body")
    known = {param.name for param in params}
    for name, value in body.items():
        if name not in known:
            raise BadRequest("unknown_parameter", name=name[:60], known=sorted(known))
        if isinstance(value, list | dict):
            raise BadRequest("bad_parameter", name=name, rule="text")
    texts = {name: str(value) for name, value in body.items() if value is not None}
    return {param.name: _read_one(param, texts) for param in params}


def _read_one(param: Param, given: Mapping[str, str]) -> Any:
    text = given.get(param.name)
    if text is None or text == "":
        if param.required:
            raise BadRequest("missing_parameter", name=param.name)
        return param.default
    try:
        return param.read(text)
    except Malformed as error:
        raise BadRequest("bad_parameter", name=param.name, rule=str(error)) from error


def finite(text: str) -> float:
    """A finite number."""
    try:
        number = float(text)
    except ValueError as error:
        raise Malformed("number") from error
    if not math.isfinite(number):
        raise Malformed("number")
    return number


def number(low: float, high: float) -> Callable[[str], float]:
    """A finite number between bounds."""

    def read(text: str) -> float:
        value = finite(text)
        if not low <= value <= high:
            raise Malformed("range")
        return value

    return read


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number between bounds."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or len(text) > 18 or not low <= int(text) <= high:
            raise Malformed("whole")
        return int(text)

    return read


def one_of(*values: str) -> Callable[[str], str]:
    """One of some words."""

    def read(text: str) -> str:
        if text not in values:
            raise Malformed("choice")
        return text

    return read


def plain(text: str) -> str:
    """Short text without control characters (PostgreSQL cannot hold NUL)."""
    if len(text) > MAX_TEXT or has_controls(text):
        raise Malformed("text")
    return text


def lonlat(text: str) -> BaseGeometry:
    """`lon,lat` in degrees."""
    parts = [finite(part) for part in text.split(",")]
    if len(parts) != 2 or not _inside_world(parts[0], parts[1]):
        raise Malformed("lonlat")
    return shapely.Point(parts[0], parts[1])


def bbox(text: str) -> tuple[float, ...]:
    """`west,south,east,north` in degrees."""
    parts = [finite(part) for part in text.split(",")]
    if len(parts) != 4 or not _inside_world(*parts[:2]) or not _inside_world(*parts[2:]):
        raise Malformed("bbox")
    if parts[0] > parts[2] or parts[1] > parts[3]:
        raise Malformed("bbox")
    return tuple(parts)


def geometry(*types: str) -> Callable[[str], BaseGeometry]:
    """A GeoJSON geometry of some types, valid, two-dimensional, of bounded size."""

    def read(text: str) -> BaseGeometry:
        found = _geojson(text)
        if found.geom_type not in types:
            raise Malformed("geometry_type")
        if found.is_empty or not found.is_valid:
            raise Malformed("geometry_invalid")
        return found

    return read


def place(text: str) -> BaseGeometry:
    """`lon,lat`, or a GeoJSON point or line."""
    return geometry("Point", "LineString")(text) if text.lstrip().startswith("{") else lonlat(text)


def _geojson(text: str) -> BaseGeometry:
    try:
        found = shapely.force_2d(shape(json.loads(text)))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise Malformed("geometry") from error
    except (ShapelyError, GEOSException) as error:
        raise Malformed("geometry") from error
    coordinates = shapely.get_coordinates(found)
    if len(coordinates) > MAX_VERTICES:
        raise Malformed("geometry_too_large")
    if not all(_inside_world(lon, lat) for lon, lat in coordinates):
        raise Malformed("lonlat")
    return found


def _inside_world(lon: float, lat: float) -> bool:
    west, south, east, north = WORLD
    # A comparison with NaN is false, so NaN stays outside.
    return west <= lon <= east and south <= lat <= north


def reads(*params: Param) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Hand the view its checked parameters as the first argument `query`."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        def reading(*args: Any, **kwargs: Any) -> Any:
            return view(read_query(params), *args, **kwargs)

        reading.__name__, reading.__doc__, reading.__module__ = view.__name__, view.__doc__, view.__module__
        reading.params = params  # type: ignore[attr-defined]
        return reading

    return decorate
