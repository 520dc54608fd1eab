"""Every format reads what it should, apart from this process, and names what is wrong."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gis_app.formats import FormatError, Limits, Options, formats, read_file
from tests import difficulties as hard
from tests.builders import MAU
from tests.difficulties import DATA, lamps


def test_geojson_keeps_numbers_types_and_no_crs() -> None:
    table = read_file(DATA / "three_d.geojson")
    assert table.crs is None
    assert table["id"].tolist() == ["L1", "L2"]
    assert list(table.index) == [1, 2]
    assert shapely.has_z(table.geometry.to_numpy()).all()


def test_geojson_with_a_named_crs() -> None:
    assert read_file(DATA / "crs_name_9210.geojson").crs.to_epsg() == 9210


def test_the_person_overrides_the_file() -> None:
    assert read_file(DATA / "crs_name_9210.geojson", Options(crs=9209)).crs.to_epsg() == 9209


def test_unreadable_rows_are_named_and_the_rest_is_read() -> None:
    table = read_file(DATA / "nan.geojson")
    assert [(problem.number, problem.rule) for problem in table.attrs["problems"]] == [(3, "geometry_malformed")]
    assert table.geometry[4] is not None


@pytest.mark.parametrize("name", ["utf8_bom.csv", "cp1258.csv"])
def test_csv_with_semicolons_decimal_commas_and_vietnamese_heads(name: str) -> None:
    table = read_file(DATA / name)
    assert list(table.columns) == ["Mã", "Tên", "Loại hình", "Đã ký cam kết", "geometry"]
    assert table["Tên"].tolist() == ["Khách sạn Biển Đông", "Karaoke Hoàng Yến", "Nhà nghỉ Thuỷ Tiên"]
    assert list(table.index) == [2, 3, 4], "rows count as in a spreadsheet"
    assert table.geometry[2].x == pytest.approx(106.6504782)
    assert table.attrs["encoding"] == ("cp1258" if "1258" in name else "utf-8-sig")


def test_kml_reads_extended_data_and_ids() -> None:
    table = read_file(DATA / "lamps.kml")
    assert table["id"].tolist() == ["L1", "L2"]
    assert table["Chiều cao cột"].tolist() == ["8,5", None]
    assert table.crs.to_epsg() == 4326


def test_kmz_is_a_zipped_kml(tmp_path: Path) -> None:
    path = hard.zip_of(tmp_path / "a.kmz", {"doc.kml": (DATA / "lamps.kml").read_bytes()})
    assert len(read_file(path)) == 2


@pytest.mark.parametrize("srid", [4326, 9210, 9209, 3405])
def test_zipped_shapefile_with_its_own_crs(tmp_path: Path, srid: int) -> None:
    table = read_file(hard.zipped_shapefile(tmp_path / "den.zip", lamps(srid)))
    assert table.crs.to_epsg() == srid
    assert table["ghi_chu"].tolist() == ["Đường Lê Lợi", "Ngõ Thuỷ Tiên", "Phố Cũ"]


def test_shapefile_3d_without_index_or_encoding(tmp_path: Path) -> None:
    path = hard.zipped_shapefile(tmp_path / "den.zip", lamps(heights=True), without=(".shx", ".cpg", ".prj"))
    table = read_file(path)
    assert table.crs is None
    assert shapely.has_z(table.geometry.to_numpy()).all()
    assert table["ghi_chu"][2] == "Ngõ Thuỷ Tiên"


def test_shapefile_in_an_undeclared_windows_1258(tmp_path: Path) -> None:
    table = lamps().assign(ghi_chu=["Đương", "Lô", "Cu"])
    path = hard.zipped_shapefile(tmp_path / "den.zip", table, without=(".cpg",), encoding="CP1258")
    assert read_file(path)["ghi_chu"].tolist() == ["Đương", "Lô", "Cu"]


def test_hand_written_projection_of_survey_software(tmp_path: Path) -> None:
    wkt = (
        'PROJCS["VN2000_HaiPhong",GEOGCS["GCS_VN_2000",DATUM["D_Vietnam_2000",SPHEROID["WGS_1984",6378137.0,'
        '298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
        'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",105.75],'
        'PARAMETER["Scale_Factor",0.9999],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )
    parts = hard.shapefile_parts(tmp_path / "parts", lamps(9210)) | {".prj": wkt.encode()}
    path = hard.zip_of(tmp_path / "den.zip", {f"den{suffix}": data for suffix, data in parts.items()})
    assert read_file(path).crs.to_epsg() == 9210


def test_geopackage(tmp_path: Path) -> None:
    table = read_file(hard.geopackage(tmp_path / "den.gpkg", lamps(9210)))
    assert table.crs.to_epsg() == 9210
    assert table["height_m"].tolist() == [8.0, 8.5, 9.0]


def test_of_several_tables_the_one_named_like_the_layer_is_read(tmp_path: Path) -> None:
    path = hard.geopackage(tmp_path / "a.gpkg", lamps())
    lamps().iloc[:1].to_file(path, layer="lights", driver="GPKG", engine="pyogrio")
    with pytest.raises(FormatError) as caught:
        read_file(path)
    assert caught.value.code == "several_layers"
    assert len(read_file(path, Options(layer="lights"))) == 1


WRITERS = sorted({m.SUFFIXES[0] for m in formats().values() if hasattr(m, "write") and hasattr(m, "read")})


@pytest.mark.parametrize("suffix", WRITERS)
def test_write_then_read_gives_the_same(tmp_path: Path, suffix: str) -> None:
    """A registry test: a new format is tested unasked."""
    before = lamps()
    path = tmp_path / f"out{suffix}"
    with path.open("wb") as stream:
        formats()[suffix].write(before, stream)
    after = read_file(path)
    assert after["id"].tolist() == ["L1", "L2", "L3"]
    assert after["ghi_chu"].tolist() == before["ghi_chu"].tolist()
    assert [float(value) for value in after["height_m"]] == [8.0, 8.5, 9.0]
    placed = gpd.GeoSeries(after.geometry.to_numpy(), crs=4326).to_crs(9210)
    assert max(placed.distance(gpd.GeoSeries(before.to_crs(9210).geometry.to_numpy(), crs=9210))) < 0.05


@pytest.mark.parametrize("suffix", WRITERS)
def test_areas_with_holes_survive(tmp_path: Path, suffix: str) -> None:
    outer, hole = MAU.box(0, 0, 900, 900), MAU.box(300, 300, 600, 600)
    area = shapely.MultiPolygon([outer.difference(hole), MAU.box(1000, 0, 1100, 100)])
    path = tmp_path / f"out{suffix}"
    with path.open("wb") as stream:
        formats()[suffix].write(gpd.GeoDataFrame({"id": ["G1"]}, geometry=[area], crs=4326), stream)
    found = read_file(path).geometry.iloc[0]
    assert [len(part.interiors) for part in found.geoms] == [1, 0]
    assert shapely.hausdorff_distance(found, area) < 2e-7


def test_csv_never_starts_a_cell_like_a_formula(tmp_path: Path) -> None:
    table = lamps().assign(ghi_chu=["=1+1", "@x", "-2"])
    path = tmp_path / "out.csv"
    with path.open("wb") as stream:
        formats()[".csv"].write(table, stream)
    assert "'=1+1" in path.read_text("utf-8-sig")
    assert read_file(path)["ghi_chu"].tolist() == ["=1+1", "@x", "-2"]


def test_limits_are_settable(tmp_path: Path) -> None:
    with pytest.raises(FormatError) as caught:
        read_file(DATA / "utf8_bom.csv", limits=Limits(max_rows=2))
    assert caught.value.code == "too_many_rows"
