"""GeoParquet 1.1 (geometry as WKB), for large sets; written, not read.

By fastparquet, 16 MB installed: pyarrow, which geopandas would use, is 170 MB, and our build of GDAL has no Parquet.
"""

import datetime as dt
import io
import json
from typing import Any

import fastparquet.writer
import pandas as pd
import pyproj
import shapely
from fastparquet import parquet_thrift

from gis_app.crs import STORED
from gis_app.formats.table import Column, Table

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
