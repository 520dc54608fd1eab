"""Columns of a file to fields of a layer, and cells to values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from gis_app.analysis.coerce import (
    BadValue,
    check_range,
    is_blank,
    to_bool,
    to_choice,
    to_date,
    to_float,
    to_int,
    to_text,
)
from gis_app.analysis.person_guard import kinds_in
from gis_app.jobs.import_report import RowError, row_error
from gis_app.text import fold
from layers.base import Field, Layer

ID_NAMES = ("external_id", "id", "ma", "code", "ma_so", "ma_dinh_danh", "osm_id")
# dBASE cuts column names here.
_CUT_LENGTH = 10
_MAX_CACHED = 20_000
# Taken from the full name where a list of communes has no such column.
DERIVED = frozenset({"kind"})


@dataclass
class ColumnMap:
    """Which column of the file fills which field, by field name.

    `units`: the unit of plain numbers, by field; `values`: the code of a folded spelling that the layer does not know.
    """

    fields: dict[str, str] = field(default_factory=dict)
    id_column: str | None = None
    ignored: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def chosen_columns(layer: Layer, columns: Sequence[str], chosen: Mapping[str, Any]) -> ColumnMap:
    """What a person chose as `ColumnMap` has it: `fields`, `id_column`, `units`, `values`; what is not there is not."""
    known = {f.name for f in layer.fields if not f.managed}
    fields = {name: column for name, column in chosen["fields"].items() if name in known and column in columns}
    found = ColumnMap(fields, chosen["id_column"] if chosen["id_column"] in columns else None)
    used = {*fields.values(), found.id_column}
    found.ignored = tuple(column for column in columns if column not in used)
    found.units, found.values = chosen["units"], chosen["values"]
    return found


def map_columns(layer: Layer, columns: Sequence[str]) -> ColumnMap:
    """Match columns with fields by name, alias or title, without case, diacritics and punctuation."""
    names = _names(layer)
    found = ColumnMap()
    ranked = sorted(
        (rank, position, name, column)
        for position, column in enumerate(columns)
        for rank, name in [_match(names, column)]
        if name
    )
    for _, _, name, column in ranked:
        found.fields.setdefault(name, column)
    keys = {fold(column): column for column in reversed(columns)}
    wanted = (*layer.aliases.get("external_id", ()), *ID_NAMES)
    found.id_column = next((keys[key] for key in wanted if key in keys), None) or next(
        (column for column in columns if _is_code(layer, column) and column not in found.fields.values()), None
    )
    used = {*found.fields.values(), found.id_column}
    found.ignored = tuple(column for column in columns if column not in used)
    return found


def _is_code(layer: Layer, column: str) -> bool:
    """Whether a column is called the code of what the layer holds: "Mã đèn", "Mã camera", "Mã tổ"."""
    first, *nouns = fold(column).split("_")
    return first == "ma" and bool(nouns) and set(nouns) <= {*fold(layer.title[0]).split("_")}


def _names(layer: Layer) -> dict[str, tuple[int, str]]:
    """Return rank and field by folded spelling; a title that two fields share belongs to neither.

    Managed fields are left out: a file decides no stage and no criterion, a second person does.
    """
    fields = [f for f in layer.fields if not f.managed]
    names: dict[str, tuple[int, str]] = {f.name: (0, f.name) for f in fields}
    for f in fields:
        for alias in (*f.aliases, *layer.aliases.get(f.name, ())):
            names.setdefault(fold(alias), (1, f.name))
    titles = [(fold(title), f.name) for f in fields for title in f.title]
    for title, name in titles:
        if len({owner for other, owner in titles if other == title}) == 1:
            names.setdefault(title, (2, name))
    return names


def _match(names: Mapping[str, tuple[int, str]], column: str) -> tuple[int, str]:
    key = fold(column)
    if key in names:
        return names[key]
    if len(column) == _CUT_LENGTH:
        longer = {owner for name, (_, owner) in names.items() if name.startswith(key)}
        if len(longer) == 1:
            return 3, longer.pop()
    return 9, ""


def missing_columns(layer: Layer, mapped: ColumnMap) -> list[Field]:
    """Fields that every row needs, without a default and without a column."""
    derived = DERIVED if layer.tenant else frozenset()
    return [
        f
        for f in layer.fields
        if f.required and f.default is None and f.name not in mapped.fields and f.name not in derived
    ]


def coerce_column(
    f: Field, mapped: ColumnMap, cells: Sequence[Any], numbers: Sequence[int]
) -> tuple[list[Any], list[RowError]]:
    """Return the values of a field, None where blank or refused, and the refused cells."""
    column = mapped.fields[f.name]
    read = _reader(f, mapped.units.get(f.name, ""), mapped.values.get(f.name, {}))
    known: dict[str, Any] = {}
    values: list[Any] = []
    errors: list[RowError] = []
    for number, cell in zip(numbers, cells, strict=True):
        if type(cell) is str and cell in known:
            values.append(known[cell])
            continue
        try:
            value = read(cell)
        except BadValue as bad:
            errors.append(row_error(number, column, cell, bad.rule, **bad.params))
            value = None
        else:
            if type(cell) is str and len(known) < _MAX_CACHED:
                known[cell] = value
        values.append(value)
    return values, errors


def _reader(f: Field, unit: str, values: Mapping[str, str]) -> Callable[[Any], Any]:
    convert = _converter(f, unit, values)
    default = f.default

    def read(cell: Any) -> Any:
        if is_blank(cell):
            if f.required and default is None:
                raise BadValue("required")
            return default if f.required else None
        value = convert(cell)
        if f.low is not None:
            check_range(value, f.low, f.high)
        return value

    return read


def _converter(f: Field, unit: str, values: Mapping[str, str]) -> Callable[[Any], Any]:
    if f.choices:
        codes = {choice.code for choice in f.choices if not choice.is_retired}
        return partial(to_choice, codes=spellings(f) | {text: code for text, code in values.items() if code in codes})
    if f.type == "text":
        return partial(_guarded if f.guarded else to_text, max_length=f.max_length)
    if f.type in ("int", "bigint"):
        return partial(to_int, unit=f.unit)
    if f.type == "float":
        return partial(to_float, unit=f.unit, given=unit)
    return to_bool if f.type == "bool" else to_date


def _guarded(value: Any, max_length: int) -> str:
    text = to_text(value, max_length)
    if kinds_in(text):
        raise BadValue("personal_words")
    return text


def spellings(f: Field) -> dict[str, str]:
    """Return codes by code, Vietnamese and English label, folded; codes win over labels."""
    found: dict[str, str] = {}
    known = [choice for choice in f.choices if not choice.is_retired]
    for choice in known:
        found.setdefault(fold(choice.code), choice.code)
    for choice in known:
        found.setdefault(fold(choice.vi), choice.code)
        found.setdefault(fold(choice.en), choice.code)
    return found
