"""What a program chooses for an import: letters, coordinates, columns; checked against what was found. No views."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from gis_app.analysis.coerce import LENGTHS
from gis_app.errors import BadRequest
from gis_app.queries.import_records import ImportRecord
from gis_app.text import fold
from gis_app.web.context import own_layer
from gis_app.web.import_forms import offered_reading
from layers import LAYERS
from layers.base import Field

_NAMES = {"type": "object", "additionalProperties": {"type": "string"}}
COLUMNS_SCHEMA = {
    "type": "object",
    "properties": {
        "fields": _NAMES,
        "id_column": {"type": "string", "nullable": True},
        "units": _NAMES,
        "values": {"type": "object", "additionalProperties": _NAMES},
    },
    "additionalProperties": False,
}
CHOICES_SCHEMA = {
    "type": "object",
    "properties": {
        "encoding": {"type": "string"},
        "srid": {"type": "integer"},
        "swap_axes": {"type": "boolean"},
        "columns": COLUMNS_SCHEMA,
        "repair": {"type": "boolean"},
    },
    "additionalProperties": False,
}
_KINDS = {"encoding": str, "srid": int, "swap_axes": bool, "columns": dict, "repair": bool}


def read_choices(record: ImportRecord, body: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Reading, and the other options, as the record keeps them; what the body leaves out stays as it is.

    Raises
    ------
    BadRequest
        `bad_body`, `bad_parameter` with the place in the body as `name`.
    """
    for name, value in body.items():
        # To Python a boolean is a number, too.
        if name not in _KINDS or not isinstance(value, _KINDS[name]) or (name == "srid" and isinstance(value, bool)):
            raise _bad(name)
    now = record.options
    encoding = body.get("encoding", str(now.get("encoding", "")))
    swapped = body.get("swap_axes", bool(now.get("swap_axes")))
    reading = offered_reading(record, encoding, body.get("srid", now.get("srid")), swapped=swapped)
    reading["crs_chosen"] = "srid" in body or bool(now.get("crs_chosen"))
    others: dict[str, Any] = {"repair": body.get("repair", bool(now.get("repair")))}
    if "columns" in body:
        others["columns"] = _columns(record, body["columns"])
    return reading, others


def _bad(name: str) -> BadRequest:
    return BadRequest("bad_parameter", name=str(name)[:60], rule="choice")


def _columns(record: ImportRecord, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Columns as `import_columns.chosen_columns` wants them."""
    known = {column["name"] for column in (record.found or {}).get("columns", [])}
    fields = {f.name: f for f in own_layer(LAYERS[record.layer]).fields if not f.managed}
    id_column = raw.get("id_column")
    if not raw.keys() <= COLUMNS_SCHEMA["properties"].keys():  # type: ignore[attr-defined]
        raise _bad("columns")
    if id_column is not None and (not isinstance(id_column, str) or id_column not in known):
        raise _bad("columns.id_column")
    parts: dict[str, dict[str, Any]] = {}
    for part, is_good in (("fields", partial(_is_column, known)), ("units", _is_length), ("values", _are_codes)):
        found = raw.get(part, {})
        if not isinstance(found, dict) or not found.keys() <= fields.keys():
            raise _bad(f"columns.{part}")
        for name, value in found.items():
            if not is_good(fields[name], value):
                raise _bad(f"columns.{part}.{name}")
        parts[part] = found
    values = {name: {fold(text): code for text, code in pairs.items()} for name, pairs in parts["values"].items()}
    return {"fields": parts["fields"], "id_column": id_column, "units": parts["units"], "values": values}


def _is_column(known: Collection[str], _field: Field, value: Any) -> bool:
    return isinstance(value, str) and value in known


def _is_length(f: Field, value: Any) -> bool:
    return f.unit in LENGTHS and isinstance(value, str) and value in LENGTHS


def _are_codes(f: Field, value: Any) -> bool:
    codes = {choice.code for choice in f.choices}
    return isinstance(value, dict) and all(isinstance(code, str) and code in codes for code in value.values())
