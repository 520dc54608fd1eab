"""The tables of a report as a workbook: a sheet a table, numbers as numbers, no cell that a spreadsheet would run."""

import io
from collections.abc import Mapping
from typing import Any

import xlsxwriter

from gis_app.formats.report_sheet import DEMO, Sheet, pack_again

# A cell that starts with one of these becomes a formula when the sheet is saved as CSV and opened again.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
MAX_NAME = 31


def write(sheet: Sheet) -> bytes:
    """Print the tables of a report as XLSX."""
    out = io.BytesIO()
    guards = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    options = {"in_memory": True} | guards
    book = xlsxwriter.Workbook(out, options)
    head = sheet.head
    about = {"title": head["subject"], "subject": head["days"], "company": head["commune"]["full_name"]}
    about |= {"keywords": f"sha256:{sheet.sha256}", "created": sheet.moment.replace(tzinfo=None)}
    book.set_properties(about)
    faces = _formats(book)
    _cover(book.add_worksheet("Báo cáo"), sheet, faces)
    names: set[str] = {"báo cáo"}
    for number, block in enumerate(sheet.tables(), 1):
        page = book.add_worksheet(_name(f"{number}. {block['title']}", names))
        _fill(page, block, faces)
    book.close()
    return pack_again(out.getvalue())


def neutral(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _formats(book: xlsxwriter.Workbook) -> dict[str, Any]:
    base = {"font_name": "Times New Roman", "font_size": 12, "valign": "vcenter", "text_wrap": True}
    boxed = base | {"border": 1, "border_color": "#7d8290"}
    return {
        "plain": book.add_format(base | {"text_wrap": False}),
        "title": book.add_format(base | {"bold": True, "font_size": 14, "text_wrap": False}),
        "heading": book.add_format(boxed | {"bold": True, "align": "center", "bg_color": "#ece9e2"}),
        "number": book.add_format(boxed | {"num_format": "#,##0", "align": "right"}),
        "left": book.add_format(boxed | {"align": "left"}),
        "center": book.add_format(boxed | {"align": "center"}),
        "right": book.add_format(boxed | {"align": "right"}),
    }


def _name(title: str, taken: set[str]) -> str:
    """A name for a sheet: 31 characters, none that is forbidden, none that is there already."""
    name = title.translate(FORBIDDEN)[:MAX_NAME].strip()
    while name.lower() in taken:
        name = name[: MAX_NAME - 1] + "…"
    taken.add(name.lower())
    return name


def _cover(page: Any, sheet: Sheet, faces: Mapping[str, Any]) -> None:
    head = sheet.head
    lines = [*head["organ"], sheet.symbol, sheet.place_and_day, "", f"{head['title']}: {head['subject']}", head["days"],
             *([DEMO] if sheet.is_demo else []), "", *head["bases"], "", sheet.foot]  # fmt: skip
    page.set_column(0, 0, 110)
    for row, line in enumerate(lines):
        page.write_string(row, 0, neutral(line), faces["title" if line.startswith(head["title"]) else "plain"])


def _fill(page: Any, block: Mapping[str, Any], faces: Mapping[str, Any]) -> None:
    page.write_string(0, 0, neutral(block["title"]), faces["title"])
    page.freeze_panes(3, 0)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(2)
    for place, column in enumerate(block["columns"]):
        page.set_column(place, place, max(8, column["width"]))
        page.write_string(2, place, neutral(column["title"]), faces["heading"])
    for line, row in enumerate(block["rows"], 3):
        for place, (cell, column) in enumerate(zip(row, block["columns"], strict=True)):
            if isinstance(cell, int):
                page.write_number(line, place, cell, faces["number"])
            else:
                page.write_string(line, place, neutral(cell or "").replace("\n", " "), faces[column["align"]])
