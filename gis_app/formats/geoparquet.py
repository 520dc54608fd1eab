"""GeoParquet 1.1 (geometry as WKB), for large sets.

By fastparquet, 16 MB installed: pyarrow, which geopandas would use, is 170 MB, and our build of GDAL has no Parquet.
"""

import datetime as dt
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import fastparquet.writer
import geopandas as gpd
import pandas as pd
import pyproj
import shapely
from fastparquet import parquet_thrift

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
    plain,
)
from gis_app.formats.declared_crs import identify, unknown
from gis_app.formats.table import Column, Table

SUFFIXES = (".parquet", ".geoparquet")
MEDIA_TYPE = "application/vnd.apache.parquet"
_MAGIC = b"PAR1"
_CODECS = {getattr(parquet_thrift.CompressionCodec, name) for name in ("UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD")}
_MAX_WIDTH_BITS = 64
_MAX_FOOTER_BYTES, _MAX_ROW_GROUPS = 4 * 2**20, 10_000

_TYPES = {"int": "Int32", "bigint": "Int64", "float": "Float64", "bool": "boolean", "date": "Int32"}
_GEOMETRY = {"POINT": "Point", "LINESTRING": "LineString", "MULTILINESTRING": "MultiLineString",
             "POLYGON": "Polygon", "MULTIPOLYGON": "MultiPolygon"}  # fmt: skip
_EPOCH = dt.date(1970, 1, 1).toordinal()


class _Kept(io.BytesIO):
    """fastparquet closes what it wrote to."""

    def close(self) -> None:
        """Stay readable."""


def write_geoparquet(table: Table) -> bytes:
    """A row group in the rows' order; days as DATE, missing as null, coordinates x before y as GeoParquet has them."""
    frame = pd.DataFrame({column.name: _series(column) for column in table.columns})
    frame["geometry"] = pd.Series([bytes(wkb) for wkb in table.wkb], dtype=object)
    texts = {column.name: "utf8" for column in table.columns if column.type not in _TYPES} | {"geometry": "bytes"}
    meta = fastparquet.writer.make_metadata(
        frame, has_nulls=True, object_encoding=texts, index_cols=[], fixed_text=None, times="int64", cols_dtype="object"
    )
    days = {column.name for column in table.columns if column.type == "date"}
    for element in meta.schema:
        if element.name in days:
            element.converted_type = parquet_thrift.ConvertedType.DATE
    # In place of what pandas would be told: the columns' own types say it, and say days.
    geo = json.dumps(_geo(table), ensure_ascii=False)
    meta.key_value_metadata = [parquet_thrift.KeyValue(key=b"geo", value=geo.encode())]
    out = _Kept()
    fastparquet.writer.write_simple("x.parquet", frame, meta, compression="ZSTD", open_with=lambda *_: out)
    return out.getvalue()


def _series(column: Column) -> pd.Series:
    values = list(column.values)
    if column.type == "date":
        values = [None if value is None else value.toordinal() - _EPOCH for value in values]
    if column.type in _TYPES:
        return pd.Series(values, dtype=_TYPES[column.type])
    return pd.Series(values, dtype=object)


def _geo(table: Table) -> dict[str, Any]:
    """The file's `geo` member; without a CRS it is WGS 84, longitude first."""
    about: dict[str, Any] = {"encoding": "WKB", "geometry_types": [_GEOMETRY[table.geometry]] if table.wkb else []}
    if table.srid != STORED:
        about["crs"] = pyproj.CRS.from_epsg(table.srid).to_json_dict()
    if table.wkb:
        about["bbox"] = [float(edge) for edge in shapely.total_bounds(table.shapes())]
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": about}}


def read(path: Path, options: Options = DEFAULT_OPTIONS, limits: Limits = DEFAULT_LIMITS) -> gpd.GeoDataFrame:
    """Read the primary geometry and the flat columns.

    What pages claim to unpack to is counted before any is, and what they did after; until then pages that lie meet the
    limits of the reading process. Never to be called on a foreign file outside of it: the library does not check all
    that a page says, and may fall with its process.

    Raises
    ------
    FormatError
        `not_parquet`, `not_geoparquet`, `parquet_encoding`, `parquet_codec`, `parquet_broken`, `parquet_bomb`,
        `crs_unknown`, `too_many_rows`, `too_many_columns`.
    """
    _check_ends(path)
    try:
        file = fastparquet.ParquetFile(io.BytesIO(path.read_bytes()))
        unpacked = sum(int(c.meta_data.total_uncompressed_size) for group in file.row_groups for c in group.columns)
        row_count, group_count = int(file.count()), len(file.row_groups)
        names, days = _flat_columns(file)
        codecs = {int(c.meta_data.codec) for group in file.row_groups for c in group.columns}
        widths = [one.type_length or 0 for one in file.fmd.schema]
        about = file.key_value_metadata.get("geo")
    except MemoryError:
        raise
    except Exception as error:
        raise FormatError("parquet_broken") from error
    _check_unpacked(unpacked if group_count <= _MAX_ROW_GROUPS else -1, limits)
    if not codecs <= _CODECS:
        raise FormatError("parquet_codec")
    if any(not 0 <= width <= _MAX_WIDTH_BITS for width in widths):
        # fastparquet 2026.9.0 takes it for the width of a run and writes past its buffer (its issue 985).
        raise FormatError("parquet_broken")
    primary, geo = _primary(about, limits)
    if primary not in names:
        raise FormatError("not_geoparquet")
    check_size(row_count, len(names), limits)
    crs = options.crs or _declared(geo)
    try:
        table = file.to_pandas(columns=names)
        unpacked = sum(len(cell) for name in names for cell in table[name] if isinstance(cell, bytes | str))
        columns = {name: _values(table[name], is_day=name in days) for name in names if name != primary}
        cells = list(table[primary])
    except MemoryError:
        raise
    except Exception as error:
        raise FormatError("parquet_broken") from error
    _check_unpacked(unpacked, limits)
    shapes, problems = _shapes(cells)
    return frame(columns, shapes, crs, problems=problems)


def _check_ends(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(4)
        stream.seek(max(0, size - 8))
        tail = stream.read(8)
    if size < 12 or head != _MAGIC or tail[4:] != _MAGIC:
        raise FormatError("not_parquet")
    if not 0 < int.from_bytes(tail[:4], "little") <= min(size - 12, _MAX_FOOTER_BYTES):
        raise FormatError("parquet_broken")


def _check_unpacked(size: int, limits: Limits) -> None:
    """Refuse what is said to be larger than it may be, and what is so after all."""
    if not 0 <= size <= limits.max_unpacked_bytes:
        raise FormatError("parquet_bomb", limit_mb=limits.max_unpacked_bytes // 2**20)


def _flat_columns(file: Any) -> tuple[list[str], set[str]]:
    """Columns that hold one value a row, and those of days; lists and structures (as a box a row) are left out."""
    found = file.schema.root["children"]
    repeated = parquet_thrift.FieldRepetitionType.REPEATED
    flat = {name: one for name, one in found.items() if not one.num_children and one.repetition_type != repeated}
    days = {name for name, one in flat.items() if one.converted_type == parquet_thrift.ConvertedType.DATE}
    return [name for name in flat if name in file.columns], days


def _primary(about: Any, limits: Limits) -> tuple[str, Mapping[str, Any]]:
    """Name and description of the primary geometry, of the file's `geo` member."""
    text = about.decode("utf-8", "replace") if isinstance(about, bytes) else about
    if not isinstance(text, str):
        raise FormatError("not_geoparquet")
    try:
        geo = json.loads(text)
        primary = geo["primary_column"]
        column = geo["columns"][primary]
        encoding = column["encoding"]
    except RecursionError as error:
        raise FormatError("too_deep", limit=limits.max_depth) from error
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError("not_geoparquet") from error
    if encoding != "WKB":
        raise FormatError("parquet_encoding", name=str(encoding)[:40])
    return str(primary), column


def _declared(column: Mapping[str, Any]) -> int | None:
    """The EPSG code of the `crs` member: without one WGS 84, longitude first; null: nothing is known."""
    if "crs" not in column:
        return STORED
    crs = column["crs"]
    if crs is None:
        return None
    name = str(crs.get("name", "")) if isinstance(crs, dict) else ""
    if isinstance(crs, dict) and crs.get("id") == {"authority": "OGC", "code": "CRS84"}:
        return STORED
    try:
        return identify(crs if isinstance(crs, str) else json.dumps(crs))
    except FormatError as error:
        raise unknown(name or str(crs), int(error.params["guess"])) from error


def _values(column: pd.Series, *, is_day: bool) -> list[Any]:
    missing = column.isna().tolist()
    cells = [None if gone else value for value, gone in zip(column.tolist(), missing, strict=True)]
    if is_day:
        return [None if value is None else pd.Timestamp(value).date().isoformat() for value in cells]
    return [plain(value.decode("utf-8") if isinstance(value, bytes) else value) for value in cells]


def _shapes(cells: list[Any]) -> tuple[list[Any], list[Problem]]:
    shapes: list[Any] = []
    problems: list[Problem] = []
    for number, cell in enumerate(cells, start=1):
        shape = None
        if isinstance(cell, bytes):
            try:
                shape = shapely.from_wkb(cell)
            except (shapely.errors.ShapelyError, ValueError):
                problems.append(Problem(number, "geometry", cell[:20].hex(), "geometry_malformed"))
        shapes.append(shape)
    return shapes, problems
