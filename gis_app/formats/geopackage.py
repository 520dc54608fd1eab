"""GeoPackage through GDAL's own driver, after its tables were looked at with sqlite3, read-only."""

import sqlite3
import tempfile
import warnings
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import geopandas as gpd
import pyogrio

from gis_app.formats.base import DEFAULT_LIMITS, DEFAULT_OPTIONS, FormatError, Limits, Options, check_size, frame, plain
from gis_app.formats.declared_crs import identify, unknown

SUFFIXES = (".gpkg",)
MEDIA_TYPE = "application/geopackage+sqlite3"
DRIVER = "GPKG"

_MAGIC = b"SQLite format 3\x00"
_APPLICATION_IDS = (b"GPKG", b"GP10", b"GP11")
# The format's own numbers for coordinates of which nothing is known.
_UNDEFINED = (-1, 0)


def read(path: Path, options: Options = DEFAULT_OPTIONS, limits: Limits = DEFAULT_LIMITS) -> gpd.GeoDataFrame:
    """Read one feature table: the only one, or the one named like the layer that is filled.

    Raises
    ------
    FormatError
        `not_gpkg`, `gpkg_virtual`, `gpkg_empty`, `several_layers`, `crs_unknown`, `too_many_rows`.
    """
    with path.open("rb") as stream:
        header = stream.read(72)
    if not header.startswith(_MAGIC) or header[68:72] not in _APPLICATION_IDS:
        raise FormatError("not_gpkg")
    table, declared = _pick(path, options, limits)
    return read_ogr(path, table, options, limits, declared=declared)


def _pick(path: Path, options: Options, limits: Limits) -> tuple[str, str]:
    """The table, and the name under which it declares its coordinates, empty where it says that it does not know."""
    try:
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            _refuse_virtual(connection)
            rows = connection.execute("SELECT table_name FROM gpkg_contents WHERE data_type = 'features'").fetchall()
            tables = [str(row[0]) for row in rows]
            table = _one_of(tables, options.layer)
            quoted = table.replace('"', '""')
            count = connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0]  # noqa: S608 - quoted
            declared = _declared(connection, table)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise FormatError("not_gpkg") from error
    check_size(int(count), 0, limits)
    return table, declared


def _declared(connection: sqlite3.Connection, table: str) -> str:
    found = connection.execute(
        "SELECT g.srs_id, s.srs_name FROM gpkg_geometry_columns g"
        " LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id WHERE g.table_name = ?",
        (table,),
    ).fetchone()
    if found is None or found[0] in _UNDEFINED:
        return ""
    return f"{found[1] or ''} (srs_id {found[0]})".strip()


def _refuse_virtual(connection: sqlite3.Connection) -> None:
    """Refuse views and virtual tables other than the spatial index: they may run or reach something else."""
    for kind, sql in connection.execute("SELECT type, sql FROM sqlite_master"):
        text = " ".join(str(sql or "").lower().split())
        if kind == "view" or (text.startswith("create virtual table") and " using rtree" not in text):
            raise FormatError("gpkg_virtual")


def _one_of(tables: list[str], wanted: str) -> str:
    if not tables:
        raise FormatError("gpkg_empty")
    if len(tables) == 1:
        return tables[0]
    if wanted in tables:
        return wanted
    raise FormatError("several_layers", names=", ".join(tables)[:200])


def read_ogr(
    path: Path, table: str | None, options: Options, limits: Limits, encoding: str | None = None, declared: str = ""
) -> gpd.GeoDataFrame:
    """Read one layer through GDAL, which in the reading process knows two drivers only.

    `declared`: what the file says of its coordinates; empty: nothing.
    """
    try:
        with warnings.catch_warnings():
            # What GDAL makes of a bad file is judged by what comes out.
            warnings.simplefilter("ignore", RuntimeWarning)
            raw = pyogrio.read_dataframe(
                path, layer=table, encoding=encoding, datetime_as_string=True, on_invalid="ignore"
            )
            known = pyogrio.read_info(path, layer=table, encoding=encoding)["crs"]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as error:
        raise FormatError("driver_refused", driver=path.suffix.lstrip(".")) from error
    if not isinstance(raw, gpd.GeoDataFrame):
        raise FormatError("no_geometry")
    names = [str(name) for name in raw.columns if name != raw.geometry.name]
    check_size(len(raw), len(names), limits)
    columns: dict[str, list[Any]] = {name: [plain(value) for value in raw[name]] for name in names}
    return frame(columns, list(raw.geometry), options.crs or _crs_of(known, declared))


def _crs_of(known: str | None, declared: str) -> int | None:
    if not declared:
        return None
    try:
        return identify(known or declared)
    except FormatError as error:
        raise unknown(declared, int(error.params["guess"])) from error


def write(gdf: gpd.GeoDataFrame, stream: BinaryIO) -> None:
    """Write one table named `features` in the frame's own CRS."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "features.gpkg"
        pyogrio.write_dataframe(gdf, target, layer="features", driver=DRIVER)
        stream.write(target.read_bytes())
