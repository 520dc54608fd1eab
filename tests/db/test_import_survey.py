"""What a new officer meets with a survey of groups: no codes, borders to be checked, files side by side."""

import html
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.analysis.shapes import Checked
from gis_app.jobs.import_places import _mend
from gis_app.jobs.import_report import ImportReport
from gis_app.jobs.import_rows import ids_by_name
from tests import difficulties as hard
from tests.db.import_kit import ADDRESS, HTML, Wizard, run_jobs_now


@pytest.fixture
def hoa(client_as: Callable[[str | None], FlaskClient], engine: Engine, owner_engine: Engine) -> Iterator[Wizard]:
    """The data officer of Xã Mẫu; her imports go after every test. Nothing here is applied."""
    yield Wizard(client_as("hoa"), engine)
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("SET LOCAL app.role = 'system'")
        conn.exec_driver_sql("DELETE FROM imports WHERE commune_id = 90001")
        conn.exec_driver_sql("DELETE FROM jobs WHERE kind = 'import'")


def survey(path: Path, conn: Connection) -> Path:
    """The groups that are there, measured again, without codes: the first reaches 40 m into its neighbour."""
    rows = conn.exec_driver_sql("SELECT name, ST_AsBinary(geom) FROM groups WHERE commune_id = 90001 ORDER BY id").all()
    names, shapes = [row[0] for row in rows], [shapely.from_wkb(bytes(row[1])) for row in rows]
    frame = gpd.GeoDataFrame({"TEN_TO": names}, geometry=shapes, crs=4326).to_crs(9210)
    frame.loc[0, "geometry"] = frame.geometry[0].union(shapely.affinity.translate(frame.geometry[0], 40, 0))
    return hard.geopackage(path, frame)


def test_a_survey_without_codes_is_known_by_its_names(
    hoa: Wizard, conn_as: Callable[[str], Connection], tmp_path: Path
) -> None:
    found = hoa.through(survey(tmp_path / "a.gpkg", conn_as("hoa")), "groups")
    count = found["report"]["row_count"]
    assert (found["report"]["inserted"], found["report"]["gone"]["count"]) == (0, 0)
    assert ["known_by_name", {"count": count}] in found["report"]["notes"]
    assert found["report"]["bounds"]["counts"]["overlap"] >= 1
    assert found["report"]["bounds"]["covered_count"] == 0
    page = html.unescape(hoa.page())
    assert "chồng lấn" in page
    assert "Ranh giới đổi: khác đi" in page


def test_without_names_or_codes_it_says_what_would_be_doubled(
    hoa: Wizard, conn_as: Callable[[str], Connection], tmp_path: Path
) -> None:
    hoa.upload(survey(tmp_path / "a.gpkg", conn_as("hoa")), "groups")
    assert hoa.choose(hoa.guessed()).status_code == 303
    found = hoa.check(id_column="")
    count = found["report"]["row_count"]
    assert found["report"]["inserted"] == found["report"]["bounds"]["covered_count"] == count
    page = html.unescape(hoa.page())
    assert f"{count} tổ, thôn trong tệp nằm đè lên" in page
    assert "đừng lưu vội" in page


def test_names_that_stand_twice_say_nothing() -> None:
    known = {"A": (1, "Tổ 1"), "B": (2, "Tổ 2"), "C": (3, "tổ 2")}
    assert ids_by_name(["x", "y", "z", "w"], ["TỔ 1", "Tổ 2", "", "Tổ 9"], known) == (["A", "y", "z", "w"], 1)
    assert ids_by_name(["x", "y"], ["Tổ 1", "tổ 1"], known) == (["x", "y"], 0)


def test_the_parts_of_a_shapefile_are_chosen_side_by_side(hoa: Wizard, tmp_path: Path) -> None:
    with zipfile.ZipFile(hard.survey_shapefile(tmp_path / "a.zip")) as archive:
        parts = {Path(name).suffix: archive.read(name) for name in archive.namelist()}

    def send(*names: str) -> tuple[int, str]:
        token = hoa.client.get("/api/session").json["csrf_token"]
        files = [(io.BytesIO(parts.get(Path(name).suffix.lower(), b"x")), name) for name in names]
        answer = hoa.client.post(
            ADDRESS, data={"csrf_token": token, "layer": "groups", "file": files}, headers=HTML,
            content_type="multipart/form-data",
        )  # fmt: skip
        return answer.status_code, answer.headers.get("Location") or html.unescape(answer.text)

    status, location = send("Khảo sát.shp", "Khảo sát.shx", "Khảo sát.DBF", "Khảo sát.prj", "Khảo sát.cpg")
    assert status == 303
    hoa.import_id = int(location.rpartition("/")[2])
    run_jobs_now(hoa.engine)
    assert hoa.state()["file_name"] == "Khảo sát.zip"
    assert hoa.state()["state"] == "read"
    status, location = send("a.shp", "a.shx", "a.dbf", "a.prj", "a.sbn")
    assert status == 303
    hoa.import_id = int(location.rpartition("/")[2])
    run_jobs_now(hoa.engine)
    assert (hoa.state()["state"], hoa.state()["options"]["srid"]) == ("read", 9210)
    for names, words in {
        ("a.shp",): "Còn thiếu: .shx, .dbf",
        ("a.dbf",): "Còn thiếu: .shp, .shx",
        ("a.shp", "b.shx", "a.dbf"): "Chỉ chọn một tệp",
        ("a.csv", "b.csv"): "Chỉ chọn một tệp",
        ("a.shp", "a.shp", "a.dbf"): "Chỉ chọn một tệp",
    }.items():
        status, text = send(*names)
        assert (status, words in text) == (422, True), names


def test_corners_a_hair_apart_are_mended_unasked_and_crossings_only_if_asked() -> None:
    bow = shapely.MultiPolygon([shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])])
    sound = shapely.MultiPolygon([shapely.box(0, 0, 1, 1)])
    for before, repair, rows in (([bow, sound], True, "7"), ([bow, sound], False, ""), ([sound, sound], False, "7")):
        checked, report = Checked(gpd.GeoSeries([bow, sound]).to_numpy()), ImportReport("groups")
        _mend(checked, gpd.GeoSeries(before).to_numpy(), [7, 8], report, repair=repair)
        assert bool(shapely.is_valid(checked.shapes).all()) == bool(rows)
        assert report.notes == ([("repaired", {"count": 1, "rows": rows})] if rows else [])
        assert {one.geom_type for one in checked.shapes} == {"MultiPolygon"}


def test_a_crossing_is_told_by_name_and_place(hoa: Wizard) -> None:
    found = hoa.through(hard.DATA / "self_crossing.geojson", "groups")
    assert found["report"]["names"]
    page = html.unescape(hoa.page())
    assert "chỗ chéo ở vĩ độ 2" in page
    assert "Self-intersection" not in page
    assert "Self-intersection" not in hoa.client.get(f"{hoa.address}/loi.csv").text


def test_the_drawing_shows_streets_and_waters(hoa: Wizard, tmp_path: Path) -> None:
    hoa.upload(hard.survey_shapefile(tmp_path / "a.zip"), "groups")
    assert 'class="wizard-street"' in hoa.page()
