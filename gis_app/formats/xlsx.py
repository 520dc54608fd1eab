"""XLSX: the first sheet that has a table, read row by row by openpyxl; no macro, no link, no formula is run."""

import datetime as dt
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError  # nosec B405 - the error's class alone

import geopandas as gpd
import openpyxl
from defusedxml.common import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from gis_app.formats.base import DEFAULT_LIMITS, DEFAULT_OPTIONS, FormatError, Limits, Options, check_size
from gis_app.formats.csv import table_frame
from gis_app.formats.zipped import open_zip

SUFFIXES = (".xlsx",)

_MACROS = ("vbaproject.bin", "vbadata.xml", "macrosheets/")
_LINKS = ("externallinks/", "embeddings/", "connections.xml", "activex/")
_BROKEN = (
    InvalidFileException, DefusedXmlException, ParseError, zipfile.BadZipFile, KeyError, ValueError, TypeError,
    AttributeError, IndexError, OSError, EOFError, RecursionError,
)  # fmt: skip
_MOST_BLANK_ROWS = 1000


def read(path: Path, options: Options = DEFAULT_OPTIONS, limits: Limits = DEFAULT_LIMITS) -> gpd.GeoDataFrame:
    """Read a sheet with a header; the number of a row is its line in the spreadsheet.

    The sheet is the first with a table, or the one named like the layer. A cell with a formula has the value that the
    spreadsheet computed last.

    Raises
    ------
    FormatError
        `not_xlsx`, `xlsx_macro`, `xlsx_link`, those of `open_zip`, and those of a CSV's table.
    """
    _look_inside(path, limits)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
            sheets = sorted(book.worksheets, key=lambda sheet: sheet.title.lower() != options.layer.lower())
            table = next((rows for sheet in sheets if (rows := list(_rows(sheet, limits)))), None)
            book.close()
    except _BROKEN as error:
        raise FormatError("not_xlsx") from error
    if table is None:
        raise FormatError("file_empty")
    return table_frame(table, options, limits)


def _look_inside(path: Path, limits: Limits) -> None:
    with open_zip(path, limits) as archive:
        names = [entry.filename.lower() for entry in archive.infolist()]
        types = b""
        if "[content_types].xml" in names and "xl/workbook.xml" in names:
            with archive.open(archive.infolist()[names.index("[content_types].xml")]) as stream:
                types = stream.read(1_000_000).lower()
    if b"macroenabled" in types or any(part in name for name in names for part in _MACROS):
        raise FormatError("xlsx_macro")
    if any(part in name for name in names for part in _LINKS):
        raise FormatError("xlsx_link")
    if b"spreadsheetml" not in types:
        raise FormatError("not_xlsx")


def _rows(sheet: Any, limits: Limits) -> Iterator[tuple[int, list[Any]]]:
    """Rows with something in them; the size that a sheet claims is not believed."""
    sheet.reset_dimensions()
    blank = found = 0
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        row = [_value(cell) for cell in cells]
        while row and row[-1] in (None, ""):
            row.pop()
        blank = 0 if row else blank + 1
        if blank > _MOST_BLANK_ROWS:
            return
        check_size(found, len(row), limits)
        if row:
            found += 1
            yield number, row


def _value(cell: Any) -> Any:
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat()
    if isinstance(cell, dt.date | dt.time | dt.timedelta):
        return str(cell)
    return cell
