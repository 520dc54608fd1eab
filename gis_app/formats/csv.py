"""CSV with coordinates in two columns (lon/lat or x/y) or as WKT in one."""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import geopandas as gpd
import shapely

from gis_app.crs import STORED
from gis_app.formats.base import (
    DEFAULT_LIMITS,
    DEFAULT_OPTIONS,
    FormatError,
    Limits,
    Options,
    Problem,
    check_size,
    frame,
    number_or_none,
    plain,
)
from gis_app.formats.encodings import decode, readings
from gis_app.text import fold

SUFFIXES = (".csv", ".tsv")
# The encoding is this module's business.
READS_BYTES = True
MEDIA_TYPE = "text/csv; charset=utf-8"

_DELIMITERS = ",;\t|"
_X = ("lon", "lng", "long", "longitude", "kinh_do", "kinhdo", "x", "toa_do_x", "point_x", "easting", "east", "e")
_Y = ("lat", "latitude", "vi_do", "vido", "y", "toa_do_y", "point_y", "northing", "north", "n")
_WKT = ("wkt", "geom", "geometry", "the_geom")
# A spreadsheet would run a cell that starts so.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MAX_CELL = 1_000_000
_CELLS = re.compile(rb"[,;\t|\r\n\"]+")
_SEEN_BYTES = 1_000_000


def read(path: Path, options: Options = DEFAULT_OPTIONS, limits: Limits = DEFAULT_LIMITS) -> gpd.GeoDataFrame:
    """Read a table with a header; the number of a row is its line in a spreadsheet (the header is 1).

    Raises
    ------
    FormatError
        `encoding`, `csv_broken`, `csv_binary`, `csv_header`, `no_coordinates`, `too_many_rows`.
    """
    data = path.read_bytes()
    text, encoding = decode(data, options.encoding, lenient=options.lenient)
    if "\0" in text:
        raise FormatError("csv_binary")
    text = text.removeprefix("\ufeff")
    result = table_frame(_numbered(text, limits), options, limits)
    result.attrs["encoding"] = encoding
    if options.lenient:
        result.attrs["readings"] = readings(_CELLS.split(data[:_SEEN_BYTES]))
    return result


def _numbered(text: str, limits: Limits) -> list[tuple[int, list[Any]]]:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    csv.field_size_limit(_MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    numbered: list[tuple[int, list[Any]]] = []
    try:
        for number, row in enumerate(reader, start=1):
            if any(cell.strip() for cell in row):
                numbered.append((number, row))
            if len(numbered) > limits.max_rows + 1:
                raise FormatError("too_many_rows", count=len(numbered), limit=limits.max_rows)
    except csv.Error as error:
        raise FormatError("csv_broken", line=reader.line_num) from error
    if not numbered:
        raise FormatError("file_empty")
    return numbered


def table_frame(numbered: Sequence[tuple[int, list[Any]]], options: Options, limits: Limits) -> gpd.GeoDataFrame:
    """Put a frame together from the numbered rows of a table; the first is the header."""
    header = ["" if cell is None else str(cell).strip() for cell in numbered[0][1]]
    check_size(len(numbered) - 1, len(header), limits)
    named = [name for name in header if name]
    if len(set(named)) != len(named):
        raise FormatError("csv_header", name=next(name for name in named if named.count(name) > 1)[:60])
    return _to_frame(header, numbered[1:], _coordinate_columns(header), options.crs)


def _coordinate_columns(header: Sequence[str]) -> tuple[int, ...]:
    """Return the positions of x and y, or of the one WKT column."""
    keys = [fold(name) for name in header]
    x, y = _position(keys, _X), _position(keys, _Y)
    if x is not None and y is not None:
        return x, y
    wkt = _position(keys, _WKT)
    if wkt is not None:
        return (wkt,)
    raise FormatError("no_coordinates", columns=", ".join(header)[:200])


def _position(keys: Sequence[str], names: Sequence[str]) -> int | None:
    return next((keys.index(name) for name in names if name in keys), None)


def _to_frame(
    header: Sequence[str], rows: Sequence[tuple[int, list[Any]]], places: tuple[int, ...], crs: int | None
) -> gpd.GeoDataFrame:
    columns: dict[str, list[Any]] = {
        name: [] for position, name in enumerate(header) if name and position not in places
    }
    positions = {name: header.index(name) for name in columns}
    shapes: list[Any] = []
    problems: list[Problem] = []
    for number, row in rows:
        cells = row + [""] * (len(header) - len(row))
        if len(row) > len(header):
            problems.append(Problem(number, "", f"{len(row)} > {len(header)}", "row_length"))
            shapes.append(None)
        else:
            shapes.append(_place(number, cells, header, places, problems))
        for name, column in columns.items():
            column.append(_unguard(cells[positions[name]]))
    return frame(columns, shapes, crs, numbers=[number for number, _ in rows], problems=problems)


def _place(
    number: int, cells: Sequence[Any], header: Sequence[str], places: tuple[int, ...], problems: list[Problem]
) -> Any:
    if len(places) == 1:
        text = _text(cells[places[0]])
        try:
            return shapely.from_wkt(text) if text else None
        except shapely.errors.ShapelyError:
            problems.append(Problem(number, header[places[0]], text[:80], "geometry_malformed"))
            return None
    texts = [_text(cells[place]) for place in places]
    if not any(texts):
        return None
    values = [number_or_none(text) for text in texts]
    for place, text, value in zip(places, texts, values, strict=True):
        if value is None:
            problems.append(Problem(number, header[place], text[:80], "not_a_number"))
            return None
    return shapely.Point(*values)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _unguard(cell: Any) -> Any:
    if not isinstance(cell, str):
        return plain(cell)
    return (cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell) or None


def _guard(value: Any) -> Any:
    value = plain(value)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value


def write(gdf: gpd.GeoDataFrame, stream: BinaryIO, *, keep_crs: bool = False) -> None:
    """Write UTF-8 with a byte order mark (for Excel): `lon`, `lat` for points, `wkt` for all else, EPSG:4326.

    `keep_crs`: coordinates of the frame's own CRS, `x` (east) and `y` (north) for points in metres.
    """
    declared = keep_crs and gdf.crs is not None and gdf.crs.to_epsg() != STORED
    frame4326 = gdf if gdf.crs is None or declared else gdf.to_crs(STORED)
    names = [name for name in frame4326.columns if name != frame4326.geometry.name]
    shapes = frame4326.geometry.to_numpy()
    if all(shape is not None and shape.geom_type == "Point" for shape in shapes):
        head, decimals = (["x", "y"], 4) if declared else (["lon", "lat"], 9)
        places: list[tuple[Any, ...]] = [(round(shape.x, decimals), round(shape.y, decimals)) for shape in shapes]
    else:
        head = ["wkt"]
        places = [("" if shape is None else shape.wkt,) for shape in shapes]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([_guard(name) for name in names] + head)
    for place, *values in zip(places, *(frame4326[name] for name in names), strict=True):
        writer.writerow([*(_guard(value) for value in values), *place])
    stream.write(text.getvalue().encode("utf-8-sig"))
