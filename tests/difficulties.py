"""Files that are hostile or binary, built when a test wants them; the readable ones lie in tests/data."""

import io
import sqlite3
import stat
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import shapely

from gis_app.formats.vietnamese import TCVN3
from tests.builders import MAU

DATA = Path(__file__).parent / "data"


def lamps(crs: int = 4326, *, heights: bool = False) -> gpd.GeoDataFrame:
    """Three lamps of Xã Mẫu with a Vietnamese name each."""
    spots = [MAU.at(500 + 20 * n, 500) for n in range(3)]
    if heights:
        spots = [shapely.Point(spot.x, spot.y, 5.0) for spot in spots]
    table = {
        "id": ["L1", "L2", "L3"],
        "ghi_chu": ["Đường Lê Lợi", "Ngõ Thuỷ Tiên", "Phố Cũ"],
        "height_m": [8.0, 8.5, 9.0],
    }
    return gpd.GeoDataFrame(table, geometry=spots, crs=4326).to_crs(crs)


def shapefile_parts(folder: Path, table: gpd.GeoDataFrame, encoding: str = "UTF-8") -> dict[str, bytes]:
    """The parts of a Shapefile by suffix."""
    folder.mkdir(parents=True, exist_ok=True)
    pyogrio.write_dataframe(table, folder / "den.shp", driver="ESRI Shapefile", encoding=encoding)
    return {part.suffix: part.read_bytes() for part in folder.iterdir()}


def zip_of(path: Path, entries: dict[str, bytes]) -> Path:
    """A zip with these entries."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def zipped_shapefile(
    path: Path, table: gpd.GeoDataFrame, *, without: tuple[str, ...] = (), encoding: str = "UTF-8"
) -> Path:
    """A zipped Shapefile, perhaps without some parts."""
    parts = shapefile_parts(path.parent / f"{path.stem}_parts", table, encoding)
    return zip_of(path, {f"Bản đồ/den{suffix}": data for suffix, data in parts.items() if suffix not in without})


def zip_slip(path: Path, table: gpd.GeoDataFrame) -> Path:
    """A Shapefile that wants to be unpacked two folders up."""
    parts = shapefile_parts(path.parent / "slip_parts", table)
    return zip_of(path, {f"../../den{suffix}": data for suffix, data in parts.items()})


def zip_with_link(path: Path) -> Path:
    """A zip whose .shp is a symbolic link to /etc/passwd."""
    entry = zipfile.ZipInfo("den.shp")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    return path


def zip_bomb(path: Path, size: int = 300 * 2**20) -> Path:
    """A small zip that unpacks to `size` zero bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        with archive.open("den.shp", "w") as sink:
            for _ in range(size // 2**20):
                sink.write(bytes(2**20))
        archive.writestr("den.dbf", b"")
    return path


def lying_bomb(path: Path) -> Path:
    """A zip that unpacks to 20 MB but claims 1,000 bytes."""
    buffer = io.BytesIO()
    zip_bomb_path = path.with_suffix(".tmp")
    zip_bomb(zip_bomb_path, 20 * 2**20)
    buffer.write(zip_bomb_path.read_bytes().replace(struct.pack("<I", 20 * 2**20), struct.pack("<I", 1000)))
    path.write_bytes(buffer.getvalue())
    return path


def many_entries(path: Path) -> Path:
    """A zip of 500 entries."""
    return zip_of(path, {f"{n}.txt": b"x" for n in range(500)})


def geopackage(path: Path, table: gpd.GeoDataFrame, *statements: str) -> Path:
    """A GeoPackage with one table `den`, and then these SQL statements."""
    pyogrio.write_dataframe(table, path, layer="den", driver="GPKG")
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


def in_tcvn3(text: str) -> str:
    """A text as a program that knows no Vietnamese shows it when its font is TCVN3: "Tr¹i Mòa"."""
    back = {letter: byte for byte, letter in TCVN3.items()}
    return "".join(back.get(char, char) for char in text)


def survey_shapefile(path: Path) -> Path:
    """Three groups of Xã Mẫu as a survey brings them: VN-2000 105°45', TCVN3, no .cpg, a .prj of its own making."""
    names = ["Trại Mũa", "Vân Cầu", "Kim Chuế"]
    table = {
        "MA": ["KS1", "KS2", "KS3"],
        "TEN_THON": [in_tcvn3(name) for name in names],
        "SO_HO": [120, 95, 210],
        "LOAI": [in_tcvn3("Thôn")] * 3,
    }
    shapes = [MAU.box(1000 * n, 0, 1000 * (n + 1), 3000) for n in range(3)]
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs=4326).to_crs(9210)
    parts = shapefile_parts(path.parent / f"{path.stem}_parts", frame, "ISO-8859-1")
    return zip_of(path, {f"khao_sat{suffix}": parts[suffix] for suffix in (".shp", ".shx", ".dbf", ".prj")})


def metric_rows() -> list[tuple[object, ...]]:
    """Two lamps of Xã Mẫu in metres of VN-2000 105°45'."""
    spots = gpd.GeoSeries([MAU.at(500, 500), MAU.at(530, 500)], crs=4326).to_crs(9210)
    return [(f"X{n + 1}", spot.x, spot.y, 8.5) for n, spot in enumerate(spots)]


def workbook(path: Path, rows: Sequence[Sequence[object]], sheet: str = "Sheet1") -> Path:
    """A workbook of one sheet."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    book.save(path)
    return path
