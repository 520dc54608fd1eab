"""Values that are hard to keep, through every format; and that the comparison notices each way to lose them."""

import csv as csv_file
import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastparquet
import geopandas as gpd
import pyogrio
import pytest
import shapely

from gis_app.formats import Options, csv, geojson, geopackage, kml, shapefile
from gis_app.formats.table import NAMES_FILE, Column, Table, short_names
from gis_app.jobs.export_layer import FORMATS
from layers import LAYERS

LONG = "đường liên thôn " * 40
ROWS: list[dict[str, Any]] = [
    {"external_id": "1", "a_name_of_over_ten": "Ngõ 12\nsau chợ", "a_name_of_over_tenths": LONG,
     "counted": 123456789012, "whole": 0, "share": 0.1, "is_lit": True, "checked_on": dt.date(1969, 12, 31)},
    {"external_id": "2", "a_name_of_over_ten": None, "a_name_of_over_tenths": None, "counted": None, "whole": None,
     "share": None, "is_lit": None, "checked_on": None},
    {"external_id": "3", "a_name_of_over_ten": '=1+1;"x",\'y\' <b>&amp; ]]>', "a_name_of_over_tenths": "0012",
     "counted": -1, "whole": -2147483648, "share": 1e-9, "is_lit": False, "checked_on": dt.date(2026, 11, 22)},
]  # fmt: skip
TYPES = {"counted": "bigint", "whole": "int", "share": "float", "is_lit": "bool", "checked_on": "date"}
PLACES = [(593374.080 + 10 * n, 2303451.845) for n in range(3)]


def table(srid: int) -> Table:
    places = PLACES if srid == 9210 else [(106.648967123 + n / 1000, 20.821482456) for n in range(3)]
    columns = [Column(name, TYPES.get(name, "text"), name, "", [row[name] for row in ROWS]) for name in ROWS[0]]
    return Table("lights", "Đèn", "POINT", srid, columns, [shapely.Point(place).wkb for place in places])


def read(fmt: str, content: bytes, srid: int, folder: Path) -> gpd.GeoDataFrame:
    path = folder / f"file{FORMATS[fmt][0]}"
    path.write_bytes(content)
    readers: dict[str, Callable[..., gpd.GeoDataFrame]] = {
        "geojson": geojson.read, "gpkg": geopackage.read, "shp": shapefile.read, "kml": kml.read,
    }  # fmt: skip
    if fmt in readers:
        return readers[fmt](path, Options())
    if fmt == "csv":
        return csv.read(path, Options(crs=srid))
    if fmt == "parquet":
        frame = fastparquet.ParquetFile(io.BytesIO(content)).to_pandas()
        return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapely.from_wkb(frame["geometry"].to_numpy()))
    if fmt == "fgb":
        return pyogrio.read_dataframe(path).sort_values("external_id", ignore_index=True)
    sheet = pyogrio.read_dataframe(path, layer="lights", HEADERS="FORCE")
    x, y = ("lon", "lat") if srid == 4326 else ("x", "y")
    return gpd.GeoDataFrame(sheet.drop(columns=[x, y]), geometry=gpd.points_from_xy(sheet[x], sheet[y]))


def meant(kind: str, value: Any) -> Any:
    """A value as its column's type means it."""
    if value is None or str(value) in ("", "NaT", "nan", "<NA>"):
        return None
    if kind in ("int", "bigint"):
        return int(value)
    if kind == "float":
        return float(value)
    if kind == "bool":
        return str(value) in ("True", "true", "1", "1.0")
    if kind == "date":
        return str(value)[:10]
    text = str(value)
    return text[1:] if text.startswith("'=") else text


def wanted(fmt: str, name: str, value: Any) -> Any:
    """What must come back; dBASE alone loses: a text's end after 254 bytes, and that the file says (`ten_cot.csv`)."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if fmt == "shp" and isinstance(value, str):
        return value.encode()[:254].decode(errors="ignore").rstrip() or None
    return value


def faults(fmt: str, found: gpd.GeoDataFrame, srid: int) -> list[str]:
    """What differs, as words."""
    names = short_names(list(ROWS[0])) if fmt == "shp" else {name: name for name in ROWS[0]}
    told = [f"rows {len(found)}"] if len(found) != len(ROWS) else []
    told += [f"column {name}" for name in ROWS[0] if names[name] not in found]
    for n, row in enumerate(ROWS[: len(found)]):
        for name, value in row.items():
            have = meant(TYPES.get(name, "text"), found[names[name]].iloc[n]) if names[name] in found else None
            have = have.rstrip() if fmt == "shp" and isinstance(have, str) else have
            if have != wanted(fmt, name, value):
                told.append(f"{name} {n}: {have!r}")
        exact = shapely.from_wkb(table(srid).wkb[n])
        step = shapely.distance(found.geometry.iloc[n], exact) * (1 if srid == 9210 else 111_000)
        told += [f"place {n}: {step:.3f} m"] if step > 0.005 else []
    return told


@pytest.mark.parametrize("srid", [4326, 9210])
@pytest.mark.parametrize("fmt", list(FORMATS))
def test_hard_values_come_back(fmt: str, srid: int, tmp_path: Path) -> None:
    if (fmt, srid) == ("kml", 9210):
        return
    content = FORMATS[fmt][2](table(srid), LAYERS["lights"])
    assert faults(fmt, read(fmt, content, srid, tmp_path), srid) == []


def test_a_shapefile_says_what_it_cut() -> None:
    content = FORMATS["shp"][2](table(4326), LAYERS["lights"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        lines = list(csv_file.DictReader(archive.read(NAMES_FILE).decode("utf-8-sig").splitlines()))
    assert {line["ten_day_du"]: line["so_o_bi_cat"] for line in lines if line["so_o_bi_cat"] != "0"} == {
        "a_name_of_over_tenths": "1"
    }
    assert len({line["cot"] for line in lines}) == len(ROWS[0])


def test_geoparquet_is_what_it_says() -> None:
    content = FORMATS["parquet"][2](table(9210), LAYERS["lights"])
    file = fastparquet.ParquetFile(io.BytesIO(content))
    geo = json.loads(file.key_value_metadata["geo"])
    column = geo["columns"]["geometry"]
    assert (geo["version"], geo["primary_column"], column["encoding"]) == ("1.1.0", "geometry", "WKB")
    assert column["geometry_types"] == ["Point"]
    assert column["crs"]["id"] == {"authority": "EPSG", "code": 9210}
    assert column["bbox"] == pytest.approx([593374.080, 2303451.845, 593394.080, 2303451.845])
    assert {e.name for e in file.schema.schema_elements if e.converted_type == 6} == {"checked_on"}
    plain = fastparquet.ParquetFile(io.BytesIO(FORMATS["parquet"][2](table(4326), LAYERS["lights"])))
    # Without a CRS it is longitude and latitude of WGS 84.
    assert "crs" not in json.loads(plain.key_value_metadata["geo"])["columns"]["geometry"]


def put(column: str, row: int, value: Any) -> Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]:
    def change(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        frame[column] = frame[column].astype(object)
        frame.loc[frame.index[row], column] = value
        return frame

    return change


def moved(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    frame.geometry = frame.geometry.translate(0.1, 0)
    return frame


MUTATIONS: dict[str, Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]] = {
    "place": moved,
    "column share": lambda frame: frame.drop(columns="share"),
    "rows 2": lambda frame: frame.iloc[:2],
    "whole 0": put("whole", 0, None),
    "whole 1": put("whole", 1, 0),
    "is_lit 2": put("is_lit", 2, None),
    "checked_on 0": put("checked_on", 0, "1970-01-01"),
    "checked_on 2": put("checked_on", 2, "2026-11-21T17:00:00"),
    "counted 0": put("counted", 0, 123456789000),
    "share 2": put("share", 2, 0.0),
    "a_name_of_over_ten 0": put("a_name_of_over_ten", 0, "Ngõ 12 sau chợ"),
    "a_name_of_over_ten 1": put("a_name_of_over_ten", 1, "None"),
    "a_name_of_over_tenths 0": put("a_name_of_over_tenths", 0, LONG[:254]),
    "a_name_of_over_tenths 2": put("a_name_of_over_tenths", 2, 12),
}


@pytest.mark.parametrize("told", list(MUTATIONS))
def test_the_comparison_notices(told: str, tmp_path: Path) -> None:
    """Each fault that an exporter could have is seen, and is the only one seen."""
    content = FORMATS["gpkg"][2](table(9210), LAYERS["lights"])
    found = MUTATIONS[told](read("gpkg", content, 9210, tmp_path))
    seen = faults("gpkg", found, 9210)
    assert seen
    assert all(one.startswith(told.split(" ", maxsplit=1)[0]) or told.startswith("column") for one in seen), seen
    assert any(one.startswith(told) for one in seen), seen
