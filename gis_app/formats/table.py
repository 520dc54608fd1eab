"""A layer's rows with the types of their columns, as files keep them: GeoPackage, Shapefile, FlatGeobuf by GDAL."""

import csv
import io
import sqlite3
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio.raw
import shapely
from numpy.typing import NDArray

from gis_app.formats.base import plain
from gis_app.formats.report_sheet import ZIP_EPOCH
from gis_app.text import fold

# dBASE keeps so many letters of a column's name, and so many bytes of a text.
DBF_NAME, DBF_BYTES = 10, 254
NAMES_FILE = "ten_cot.csv"
_TYPES: Mapping[str, str] = {
    "int": "int32",
    "bigint": "int64",
    "float": "float64",
    "bool": "bool",
    "date": "datetime64[D]",
}
_EMPTY: Mapping[str, Any] = {"int": 0, "bigint": 0, "float": 0.0, "bool": False, "date": date(1970, 1, 1)}
_OGR: Mapping[str, str] = {
    "POINT": "Point", "LINESTRING": "LineString", "POLYGON": "Polygon", "MULTIPOLYGON": "MultiPolygon",
    "MULTILINESTRING": "MultiLineString",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column: name, type (text, int, bigint, float, bool, date), title and unit for people, values."""

    name: str
    type: str
    title: str
    unit: str
    values: Sequence[Any]


@dataclass(frozen=True)
class Table:
    """Rows of a layer: `wkb` in the axis order x, y of EPSG:`srid`; `changed_at` the newest change in it."""

    name: str
    title: str
    geometry: str
    srid: int
    columns: Sequence[Column]
    wkb: Sequence[bytes]
    changed_at: datetime = datetime(1980, 1, 1, tzinfo=UTC)

    def shapes(self) -> NDArray[np.object_]:
        """The geometries."""
        found: NDArray[np.object_] = shapely.from_wkb(np.array(self.wkb, dtype=object))
        return found

    def frame(self) -> gpd.GeoDataFrame:
        """The same as a frame of plain values, for formats without types."""
        # As objects from the start: a whole number beside a missing one would become 5.0.
        index = pd.RangeIndex(len(self.wkb))
        values = {
            column.name: pd.Series(list(map(plain, column.values)), dtype=object, index=index)
            for column in self.columns
        }
        return gpd.GeoDataFrame(values, geometry=list(self.shapes()), crs=self.srid, index=index)


def _array(column: Column) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    values = list(column.values)
    if column.type not in _TYPES:
        return np.array(values, dtype=object), None
    missing = np.array([value is None for value in values], dtype=bool)
    filled = [_EMPTY[column.type] if value is None else value for value in values]
    return np.array(filled, dtype=_TYPES[column.type]), missing


def _write(table: Table, path: Path, driver: str, layer: str, **options: Any) -> None:
    pairs = [_array(column) for column in table.columns]
    pyogrio.raw.write(
        path,
        geometry=np.array([bytes(wkb) for wkb in table.wkb], dtype=object),
        field_data=[values for values, _ in pairs],
        field_mask=[missing for _, missing in pairs],
        fields=np.array([column.name for column in table.columns], dtype=object),
        geometry_type=_OGR[table.geometry],
        crs=f"EPSG:{table.srid}",
        driver=driver,
        layer=layer,
        **options,
    )


def write_geopackage(table: Table) -> bytes:
    """One table named like the layer; the file says when its rows last changed, not when it was made."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer.gpkg"
        _write(table, path, "GPKG", table.name, layer_options={"IDENTIFIER": table.title})
        moment = table.changed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        with sqlite3.connect(path) as file:
            file.execute("UPDATE gpkg_contents SET last_change = ?", (moment,))
        file.close()
        return path.read_bytes()


def write_flatgeobuf(table: Table) -> bytes:
    """FlatGeobuf with its index; rows come in the order of the index."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer.fgb"
        _write(table, path, "FlatGeobuf", table.name)
        return path.read_bytes()


def short_names(names: Sequence[str]) -> dict[str, str]:
    """Column names of ten letters, each once: the first ten, with a number at the end where two would be alike."""
    found: dict[str, str] = {}
    for name in names:
        base = fold(name)[:DBF_NAME] or "cot"
        short, number = base, 1
        while short in found.values():
            number += 1
            short = f"{base[: DBF_NAME - len(str(number)) - 1]}_{number}"
        found[name] = short
    return found


def write_shapefile(table: Table) -> bytes:
    """A zipped Shapefile in UTF-8 (.cpg) with the full names, titles and units beside it in `ten_cot.csv`."""
    short = short_names([column.name for column in table.columns])
    columns = [_for_dbase(column, short[column.name]) for column in table.columns]
    out = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        _write(replace(table, columns=columns), Path(folder) / f"{table.name}.shp", "ESRI Shapefile", table.name,
               encoding="UTF-8")  # fmt: skip
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.writestr(_entry(part.name), part.read_bytes())
            archive.writestr(_entry(NAMES_FILE), _names_file(table, short))
    return out.getvalue()


def _for_dbase(column: Column, name: str) -> Column:
    """A column as dBASE holds it: 1 and 0 for yes and no, which not every program reads, and texts cut."""
    values = list(column.values)
    if column.type == "bool":
        return replace(
            column, name=name, type="int", values=[None if value is None else int(value) for value in values]
        )
    return replace(column, name=name, values=[_cut(value) for value in values])


def _is_cut(value: Any) -> bool:
    return isinstance(value, str) and len(value) > DBF_BYTES // 4 and len(value.encode()) > DBF_BYTES


def _cut(value: Any) -> Any:
    """A text as dBASE holds it: whole letters. GDAL would cut it too, and print it in a warning."""
    if _is_cut(value):
        return value.encode()[:DBF_BYTES].decode(errors="ignore")
    return value


def _entry(name: str) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name, ZIP_EPOCH)
    found.compress_type = zipfile.ZIP_DEFLATED
    return found


def _names_file(table: Table, short: Mapping[str, str]) -> bytes:
    """Which column is which, and how many texts of it dBASE had to cut."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["cot", "ten_day_du", "nhan", "don_vi", "so_o_bi_cat"])
    for column in table.columns:
        cut = sum(map(_is_cut, column.values))
        writer.writerow([short[column.name], column.name, column.title, column.unit, cut])
    return text.getvalue().encode("utf-8-sig")
