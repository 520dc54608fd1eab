"""Bodies that check themselves: a GeoJSON feature of a layer, value by value."""

import datetime as dt
import json
import math
from collections.abc import Mapping
from typing import Any

from flask import request
from shapely.geometry.base import BaseGeometry

from gis_app.analysis.person_guard import kinds_in
from gis_app.errors import BadRequest, Unprocessable
from gis_app.text import has_controls, tidy
from gis_app.web.params import Malformed, geometry
from layers.base import Field, Layer

MULTI_OF = {"MULTIPOLYGON": "Polygon", "MULTILINESTRING": "LineString"}
NAMES = {
    "POINT": "Point",
    "LINESTRING": "LineString",
    "POLYGON": "Polygon",
    "MULTIPOLYGON": "MultiPolygon",
    "MULTILINESTRING": "MultiLineString",
}


def read_feature(
    layer: Layer, role: str, *, whole: bool, body: Any = None
) -> tuple[dict[str, Any], BaseGeometry | None]:
    """Read the request's GeoJSON feature, or `body`: values by field name, and the shape (EPSG:4326).

    `whole`: a new row, which needs its shape and required fields. Every value that breaks a rule is named at once.
    """
    body = request.get_json() if body is None else body
    if not isinstance(body, dict) or body.get("type", "Feature") != "Feature":
        raise BadRequest("bad_body")
    properties = body.get("properties") or {}
    if not isinstance(properties, dict):
        raise BadRequest("bad_body")
    faults: list[dict[str, str]] = []
    values = _values(layer, role, properties, faults)
    if whole:
        missing = [f.name for f in layer.fields if f.required and f.default is None and values.get(f.name) is None]
        faults += [{"field": name, "rule": "required"} for name in missing]
    if layer.row_expiry and (values.get(layer.row_expiry) or dt.date.max) < dt.datetime.now(dt.UTC).date():
        # The row would be gone at once, for its writer too.
        faults.append({"field": layer.row_expiry, "rule": "past"})
    shape = _shape(layer, body.get("geometry"), faults, needed=whole)
    if faults:
        raise Unprocessable("bad_feature", faults=faults)
    return values, shape


def _values(layer: Layer, role: str, properties: Mapping[str, Any], faults: list[dict[str, str]]) -> dict[str, Any]:
    known = {f.name: f for f in layer.visible_fields(role)}
    values: dict[str, Any] = {}
    for name, value in properties.items():
        if name in layer.managed_names:
            faults.append({"field": name, "rule": "managed"})
            continue
        try:
            values[name] = _text(value, 100) if name == "external_id" else read_value(known.get(name), value)
        except Malformed as error:
            faults.append({"field": str(name)[:60], "rule": str(error)})
    return values


def _shape(layer: Layer, found: Any, faults: list[dict[str, str]], *, needed: bool) -> BaseGeometry | None:
    if found is None:
        if needed:
            faults.append({"field": "geometry", "rule": "required"})
        return None
    accepted = [NAMES[layer.geometry], *([MULTI_OF[layer.geometry]] if layer.geometry in MULTI_OF else [])]
    try:
        return geometry(*accepted)(json.dumps(found))
    except Malformed as error:
        faults.append({"field": "geometry", "rule": str(error)})
        return None


def read_value(f: Field | None, value: Any) -> Any:
    """A JSON value as the column wants it; raises Malformed with the rule that it breaks (None: no such field)."""
    if f is None:
        raise Malformed("unknown_field")
    if value is None:
        if f.required:
            raise Malformed("required")
        return None
    if f.choices:
        if all(value != choice.code for choice in f.choices):
            raise Malformed("choice")
        return value
    readers = {"text": _bounded_text, "bool": _bool, "date": _date, "int": _number, "bigint": _number, "float": _number}
    return readers[f.type](f, value)


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise Malformed("text")
    if has_controls(value):
        raise Malformed("text")
    return value


def _bounded_text(f: Field, value: Any) -> str:
    found = _text(value, f.max_length)
    if f.guarded and kinds_in(tidy(found)):
        raise Malformed("personal_words")
    return found


def _bool(_f: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Malformed("bool")
    return value


def _date(_f: Field, value: Any) -> dt.date:
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise Malformed("date") from error


def _number(f: Field, value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Malformed("number")
    if f.type != "float" and value != int(value):
        raise Malformed("whole")
    if f.low is not None and f.high is not None and not f.low <= value <= f.high:
        raise Malformed("range")
    return value if f.type == "float" else int(value)
