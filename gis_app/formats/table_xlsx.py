"""A layer's rows as a workbook: numbers, days and yes/no as such, no cell that a spreadsheet would run."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from gis_app.formats.report_sheet import pack_again
from gis_app.formats.report_xlsx import neutral
from gis_app.formats.table import Column, Table

# A cell holds so many letters; a longer shape goes on in the next column.
MAX_CELL = 32_000
DEGREE_DECIMALS, METRE_DECIMALS = 9, 4
_GUARDS = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)


def write_xlsx(table: Table) -> bytes:
    """A sheet of rows with `lon`, `lat` (or `x`, `y` in metres; `wkt` of what is no point), and one of the columns."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True} | _GUARDS)
    book.set_properties({"title": table.title, "created": table.changed_at.replace(tzinfo=None)})
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet(table.name[:31])
    columns = [*table.columns, *place_columns(table)]
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.name, bold)
        for row, value in enumerate(column.values, 1):
            _put(sheet, row, place, value, column, day)
    sheet.freeze_panes(1, 0)
    about = book.add_worksheet("cot")
    for place, head in enumerate(("cot", "nhan", "kieu", "don_vi")):
        about.write_string(0, place, head, bold)
    for row, column in enumerate(columns, 1):
        for place, text in enumerate((column.name, column.title, column.type, column.unit)):
            about.write_string(row, place, neutral(text))
    book.close()
    return pack_again(out.getvalue())


def _put(sheet: Any, row: int, place: int, value: Any, column: Column, day: Any) -> None:
    if value is None:
        return
    if column.type == "bool":
        sheet.write_boolean(row, place, value)
    elif column.type == "date":
        sheet.write_datetime(row, place, value, day)
    elif column.type == "text":
        sheet.write_string(row, place, neutral(value))
    else:
        sheet.write_number(row, place, value)


def place_columns(table: Table) -> Sequence[Column]:
    """The coordinates as columns: two numbers for points, well-known text for all else."""
    shapes = table.shapes()
    is_metric = table.srid != 4326
    decimals, unit = (METRE_DECIMALS, "m") if is_metric else (DEGREE_DECIMALS, "°")
    if table.geometry == "POINT":
        names = ("x", "y") if is_metric else ("lon", "lat")
        return [
            Column(
                name,
                "float",
                f"EPSG:{table.srid}",
                unit,
                [round(float(getattr(shape, axis)), decimals) for shape in shapes],
            )
            for name, axis in zip(names, ("x", "y"), strict=True)
        ]
    texts = [shape.wkt for shape in shapes]
    count = max((-(-len(text) // MAX_CELL) for text in texts), default=1) or 1
    return [
        Column(f"wkt_{part + 1}" if part else "wkt", "text", f"EPSG:{table.srid}", unit,
               [text[part * MAX_CELL : (part + 1) * MAX_CELL] or None for text in texts])
        for part in range(count)
    ]  # fmt: skip
