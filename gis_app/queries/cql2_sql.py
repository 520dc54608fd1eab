"""CQL2 trees as SQLAlchemy expressions: known columns and operators only, every value a bound parameter.

Offered: and, or, not; = <> < <= > >= between in like isNull; casei, accenti; the spatial functions; t_after, t_before,
t_equals, t_during, t_intersects on dates. What is compared must be of one kind: no filter makes the database fail.
"""

import datetime as dt
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
import sqlalchemy as sa
from shapely.geometry import shape

from gis_app.crs import STORED, NamedCrs
from gis_app.queries.cql2_parse import BadFilter
from gis_app.queries.filters import geom_of_wkb, shape_parameter
from gis_app.text import has_controls
from layers.base import Layer

MAX_VERTICES = 5_000
KINDS = {"text": "text", "int": "number", "bigint": "number", "float": "number", "bool": "bool", "date": "date"}
GEOMETRY_NAMES = ("geom", "geometry")
_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_SPATIAL = {
    "s_intersects": "ST_Intersects", "s_equals": "ST_Equals", "s_disjoint": "ST_Disjoint", "s_touches": "ST_Touches",
    "s_within": "ST_Within", "s_overlaps": "ST_Overlaps", "s_crosses": "ST_Crosses", "s_contains": "ST_Contains",
}  # fmt: skip
_SHAPES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
_BAD_SHAPE = (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError)
# Where PROJ surely transforms: metres of Vietnam's zones, and far around.
_METRIC_BOUNDS = (-3e6, -1e6, 2e7, 5e6)
_DEGREE_BOUNDS = (-180.0, -90.0, 180.0, 90.0)

Value = tuple[str, sa.ColumnElement[Any]]


def columns_of(layer: Layer, role: str) -> dict[str, str]:
    """The queryable columns of a layer for a role, with their kind: text, number, bool, date."""
    return {"id": "number", "external_id": "text"} | {f.name: KINDS[f.type] for f in layer.visible_fields(role)}


def stored_shape(found: Any, crs: NamedCrs) -> sa.ColumnElement[Any]:
    """A GeoJSON geometry in a CRS as an expression in EPSG:4326.

    Raises
    ------
    BadFilter
        `geometry`, `geometry_type`, `geometry_invalid`, `geometry_too_large`, `lonlat`.
    """
    try:
        here = shapely.force_2d(shape(found))
    except _BAD_SHAPE as error:
        raise BadFilter("geometry") from error
    if here.geom_type not in _SHAPES:
        raise BadFilter("geometry_type")
    return in_stored(here, crs)


def in_stored(here: Any, crs: NamedCrs) -> sa.ColumnElement[Any]:
    """A shapely geometry in a CRS, in that CRS's axis order, as an expression in EPSG:4326."""
    if here.is_empty or not here.is_valid:
        raise BadFilter("geometry_invalid")
    if shapely.get_num_coordinates(here) > MAX_VERTICES:
        raise BadFilter("geometry_too_large")
    if crs.lat_first:
        here = shapely.transform(here, lambda places: places[:, ::-1])
    west, south, east, north = _METRIC_BOUNDS if crs.is_metric else _DEGREE_BOUNDS
    low_x, low_y, high_x, high_y = here.bounds
    # A comparison with NaN is false.
    if not (west <= low_x <= high_x <= east and south <= low_y <= high_y <= north):
        raise BadFilter("lonlat")
    if not crs.is_metric:
        return shape_parameter(here)
    return sa.func.ST_Transform(geom_of_wkb(sa.literal(shapely.to_wkb(here), sa.LargeBinary), crs.srid), STORED)


def touching(geom: sa.ColumnElement[Any], area: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Rows that touch a shape (EPSG:4326); && is LEAKPROOF here, so the index is read before the policy."""
    return sa.and_(geom.op("&&", is_comparison=True)(area), sa.func.ST_Intersects(geom, area))


@dataclass(frozen=True)
class Translator:
    """Writes conditions on one table; `kinds` are the columns that may be named, `crs` that of literal shapes."""

    table: sa.FromClause
    kinds: Mapping[str, str]
    crs: NamedCrs

    def condition(self, node: Any) -> sa.ColumnElement[bool]:
        """A tree as a condition; raises BadFilter."""
        if isinstance(node, bool):
            return sa.true() if node else sa.false()
        if isinstance(node, dict) and "property" in node:
            kind, column = self._value(node)
            if kind != "bool":
                raise BadFilter("filter_type", str(node["property"]))
            return column.is_(True)
        name, args = _operation(node)
        writers = (
            (("and", "or"), self._join), (("not",), self._not), (tuple(_SPATIAL), self._spatial),
            (("between",), self._between), (("in",), self._in), (("like",), self._like),
            (("isnull",), self._is_null), (tuple(_COMPARE), self._compare), (tuple(_TEMPORAL), self._temporal),
        )  # fmt: skip
        for names, write in writers:
            if name in names:
                return write(name, args)
        raise BadFilter("filter_operator", name)

    def _join(self, name: str, args: Sequence[Any]) -> sa.ColumnElement[bool]:
        if len(args) < 2:
            raise BadFilter("filter_operator", name)
        parts = [self.condition(arg) for arg in args]
        return sa.and_(*parts) if name == "and" else sa.or_(*parts)

    def _not(self, name: str, args: Sequence[Any]) -> sa.ColumnElement[bool]:
        _expect(name, args, 1)
        return sa.not_(self.condition(args[0]))

    def _compare(self, name: str, args: Sequence[Any]) -> sa.ColumnElement[bool]:
        _expect(name, args, 2)
        left, right = self._same_kind(args)
        if left[0] == "bool" and name not in ("=", "<>"):
            raise BadFilter("filter_type", name)
        found: sa.ColumnElement[bool] = _COMPARE[name](left[1], right[1])
        return found

    def _same_kind(self, args: Sequence[Any]) -> list[Value]:
        values = [self._value(arg) for arg in args]
        kinds = {kind for kind, _ in values}
        if kinds == {"date", "text"}:
            # A day may be written as text.
            values = [("date", _day(arg)) if isinstance(arg, str) else self._value(arg) for arg in args]
            kinds = {kind for kind, _ in values}
        if len(kinds) != 1:
            raise BadFilter("filter_type", ", ".join(sorted(kinds)))
        return values

    def _between(self, name: str, args: Sequence[Any]) -> sa.ColumnElement[bool]:
        _expect(name, args, 3)
        value, low, high = self._same_kind(args)
        if value[0] == "bool":
            raise BadFilter("filter_type", name)
        return value[1].between(low[1], high[1])

    def _in(self, name: str, args: Sequence[Any]) -> sa.ColumnElement[bool]:
        _expect(name, args, 2)
        if not isinstance(args[1], list) or not args[1]:
            raise BadFilter("filter_operator", name)
        value, *others = self._same_kind([args[0], *args[1]])
        return value[1].in_([other for _, other in others])

    def _like(self, name: str, args: Sequence[Any]) -> sa.ColumnElement[bool]:
        _expect(name, args, 2)
        pattern = args[1]
        while isinstance(pattern, dict) and len(pattern.get("args") or ()) == 1:
            pattern = pattern["args"][0]
        text = pattern if isinstance(pattern, str) else ""
        if not text or (len(text) - len(text.rstrip("\\"))) % 2:
            # PostgreSQL refuses a pattern that ends with its escape.
            raise BadFilter("filter_pattern", text)
        left, right = (self._value(arg) for arg in args)
        if left[0] != "text" or right[0] != "text":
            raise BadFilter("filter_type", name)
        return left[1].like(right[1])

    def _is_null(self, name: str, args: Sequence[Any]) -> sa.ColumnElement[bool]:
        _expect(name, args, 1)
        return self._value(args[0])[1].is_(None)

    def _value(self, node: Any) -> Value:
        if isinstance(node, bool):
            return "bool", sa.literal(node)
        if isinstance(node, int | float):
            # 12.0 as 12, so that the index of a whole-number column is read.
            whole = isinstance(node, int) or (node.is_integer() and abs(node) < 2**53)
            return "number", sa.literal(int(node) if whole else node)
        if isinstance(node, str):
            if has_controls(node):
                raise BadFilter("text")
            return "text", sa.literal(node)
        if isinstance(node, dict):
            return self._named_value(node)
        raise BadFilter("filter_syntax")

    def _named_value(self, node: Mapping[str, Any]) -> Value:
        if "property" in node:
            name = node["property"]
            if not isinstance(name, str) or name not in self.kinds:
                raise BadFilter("filter_property", str(name))
            return self.kinds[name], self.table.c[name]
        for unit in ("date", "timestamp"):
            if unit in node:
                return "date", _day(node[unit])
        name, args = _operation(node)
        if name in ("casei", "accenti"):
            _expect(name, args, 1)
            kind, value = self._value(args[0])
            if kind != "text":
                raise BadFilter("filter_type", name)
            # accenti also folds case: Vietnamese is searched so everywhere here.
            lower = sa.func.lower(sa.collate(value, "vi-x-icu"))
            return "text", lower if name == "casei" else sa.func.search_key(value)
        raise BadFilter("filter_operator", name)

    def _spatial(self, name: str, args: Sequence[Any]) -> sa.ColumnElement[bool]:
        places = [place for place, arg in enumerate(args) if _is_geometry_column(arg)]
        if len(args) != 2 or len(places) != 1:
            raise BadFilter("filter_geometry", name)
        literal = args[1 - places[0]]
        box = literal.get("bbox") if isinstance(literal, dict) else None
        area = stored_shape(literal, self.crs) if box is None else in_stored(_box(box), self.crs)
        geom = self.table.c.geom
        both = (geom, area) if places[0] == 0 else (area, geom)
        exact: sa.ColumnElement[bool] = getattr(sa.func, _SPATIAL[name])(*both, type_=sa.Boolean)
        return exact if name == "s_disjoint" else sa.and_(geom.op("&&", is_comparison=True)(area), exact)

    def _temporal(self, name: str, args: Sequence[Any]) -> sa.ColumnElement[bool]:
        _expect(name, args, 2)
        kind, value = self._value(args[0])
        if kind != "date":
            raise BadFilter("filter_type", name)
        start, end = _span(args[1])
        return _TEMPORAL[name](value, start, end)


def _between_days(value: Any, start: Any, end: Any, *, open_ends: bool) -> sa.ColumnElement[bool]:
    parts = [value.is_not(None)]
    if start is not None:
        parts.append(value > start if open_ends else value >= start)
    if end is not None:
        parts.append(value < end if open_ends else value <= end)
    return sa.and_(*parts)


_TEMPORAL: Mapping[str, Callable[[Any, Any, Any], sa.ColumnElement[bool]]] = {
    "t_after": lambda value, _start, end: sa.false() if end is None else value > end,
    "t_before": lambda value, start, _end: sa.false() if start is None else value < start,
    "t_equals": lambda value, start, end: sa.and_(value == start, value == end),
    "t_during": lambda value, start, end: _between_days(value, start, end, open_ends=True),
    "t_intersects": lambda value, start, end: _between_days(value, start, end, open_ends=False),
}


def _operation(node: Any) -> tuple[str, Sequence[Any]]:
    if not isinstance(node, dict) or not isinstance(node.get("op"), str) or not isinstance(node.get("args"), list):
        raise BadFilter("filter_syntax")
    return node["op"].lower(), node["args"]


def _expect(name: str, args: Sequence[Any], count: int) -> None:
    if len(args) != count:
        raise BadFilter("filter_operator", name)


def _is_geometry_column(node: Any) -> bool:
    return isinstance(node, dict) and node.get("property") in GEOMETRY_NAMES


def _box(numbers: Any) -> Any:
    if not isinstance(numbers, list) or len(numbers) not in (4, 6) or not all(type(n) in (int, float) for n in numbers):
        raise BadFilter("bbox")
    half = len(numbers) // 2
    (west, south), (east, north) = numbers[:2], numbers[half : half + 2]
    if west > east or south > north:
        raise BadFilter("bbox")
    return shapely.box(west, south, east, north) if west < east and south < north else shapely.Point(west, south)


def _a_day(text: Any) -> dt.date:
    try:
        return dt.date.fromisoformat(text[:10])
    except (TypeError, ValueError) as error:
        raise BadFilter("date", str(text)) from error


def _day(text: Any) -> sa.ColumnElement[Any]:
    return sa.literal(_a_day(text))


def _span(node: Any) -> tuple[dt.date | None, dt.date | None]:
    """The first and last day of a date, timestamp, text or interval; None: without end."""
    if isinstance(node, str):
        return _a_day(node), _a_day(node)
    if isinstance(node, dict):
        for unit in ("date", "timestamp"):
            if unit in node:
                return _a_day(node[unit]), _a_day(node[unit])
        ends = node.get("interval")
        if isinstance(ends, list) and len(ends) == 2:
            start, end = (None if text == ".." else _a_day(text) for text in ends)
            return start, end
    raise BadFilter("date")
