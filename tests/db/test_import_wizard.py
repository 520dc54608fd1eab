"""The import wizard by its pages: letters, coordinates, columns, faults, changes, all or nothing, undo."""

import html
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from flask.testing import FlaskClient
from pyproj import Transformer
from sqlalchemy.engine import Connection, Engine

from gis_app.web.import_uploads import clean_name
from layers import LAYERS, table_of
from tests import difficulties as hard
from tests.builders import MAU
from tests.db.import_kit import ADDRESS, HTML, MakeWizard, Wizard, forget_imports, run_jobs_now
from tests.difficulties import DATA


@pytest.fixture
def wizard_as(client_as: Callable[[str | None], FlaskClient], engine: Engine) -> MakeWizard:
    """`wizard_as("hoa")`: that person at the wizard."""
    return lambda username: Wizard(client_as(username), engine)


@pytest.fixture
def hoa(wizard_as: MakeWizard) -> Wizard:
    """The data officer of Xã Mẫu."""
    return wizard_as("hoa")


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    """Imports and what they stored go after every test."""
    yield
    forget_imports(owner_engine)


def rows(conn: Connection, layer: str, prefix: str) -> list[Any]:
    """Rows of a layer whose key starts so."""
    table = table_of(LAYERS[layer])
    wanted = sa.select(table).where(table.c.external_id.startswith(prefix)).order_by(table.c.external_id)
    return list(conn.execute(wanted).mappings())


def test_a_survey_in_tcvn3_and_vn2000(hoa: Wizard, conn_as: Callable[[str], Connection], tmp_path: Path) -> None:
    """T-D2: the sample shows "Trại Mũa" right, the zone is found, a wrong meridian is told in km and blocks."""
    found = hoa.upload(hard.survey_shapefile(tmp_path / "khao_sat.zip"), "groups")
    assert found["state"] == "read", found
    assert (found["options"]["encoding"], found["options"]["srid"]) == ("tcvn3", 9210)
    page = html.unescape(hoa.page())
    assert "Trại Mũa" in page
    assert "Khớp: 100 % đối tượng nằm trong Xã Mẫu" in page
    assert hoa.choose("9208", act="try").status_code == 303
    page = html.unescape(hoa.page("?buoc=toa-do"))
    assert 'data-testid="next"' in page
    assert "disabled" in page.split('data-testid="next"')[0].rpartition("<button")[2]
    away = float(page.split("Không khớp: cách địa bàn ")[1].split(" km")[0].replace(",", "."))
    # A degree of longitude at 20.8° N is 104 km; the outline is 3 km wide.
    assert away == pytest.approx(104.0, abs=3.0)
    blocked = hoa.choose("9208")
    assert blocked.status_code == 422
    assert hoa.state()["state"] == "read"
    assert hoa.choose("9210").status_code == 303
    checked = hoa.check()
    assert checked["report"]["is_good"], checked["report"]["faults"]
    assert hoa.apply()["state"] == "applied"
    names = [row["name"] for row in rows(conn_as("hoa"), "groups", "KS")]
    assert names == ["Trại Mũa", "Vân Cầu", "Kim Chuế"]


def in_vn2000(lon: float, lat: float) -> tuple[float, float]:
    """The degrees of VN-2000 of a place, by the zone's own projection: no datum is changed on the way."""
    metres = Transformer.from_crs(4326, 9210, always_xy=True).transform(lon, lat)
    x, y = Transformer.from_crs(9210, 4756, always_xy=True).transform(*metres)
    return float(x), float(y)


def test_degrees_of_vn2000(hoa: Wizard, conn_as: Callable[[str], Connection], tmp_path: Path) -> None:
    """EPSG:4756 without a word of it: both fit and WGS 84 is proposed; chosen, places are right to the millimetre."""
    spot = MAU.at(500, 500)
    path = tmp_path / "do.csv"
    path.write_text("Mã,lon,lat\nV1,{:.10f},{:.10f}\n".format(*in_vn2000(spot.x, spot.y)), encoding="utf-8")
    hoa.upload(path, "lights")
    assert hoa.guessed() == "4326"
    page = html.unescape(hoa.page())
    assert "chỉ lệch nhau khoảng 200 m" in page
    assert "VN-2000, kinh độ và vĩ độ (EPSG:4756) – 100 % trong địa bàn" in page
    assert hoa.choose("4756").status_code == 303
    assert hoa.check()["report"]["is_good"]
    hoa.apply()
    text = (
        "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Transform(geom, 9210) AS p FROM lights WHERE external_id = 'V1') AS q"
    )
    found = conn_as("hoa").execute(sa.text(text)).one()
    assert tuple(found) == pytest.approx(Transformer.from_crs(4326, 9210, always_xy=True).transform(spot.x, spot.y),
                                         abs=0.001)  # fmt: skip


def test_a_file_that_says_vn2000_in_degrees(hoa: Wizard, tmp_path: Path) -> None:
    path = hard.zipped_shapefile(tmp_path / "a.zip", hard.lamps().to_crs(4756))
    found = hoa.upload(path, "lights")
    assert (found["options"]["srid"], found["options"]["swap_axes"]) == (4756, False)
    assert "VN-2000, kinh độ và vĩ độ" in html.unescape(hoa.page())


def test_another_encoding_is_read_again(hoa: Wizard, tmp_path: Path) -> None:
    hoa.upload(hard.survey_shapefile(tmp_path / "a.zip"), "groups")
    assert hoa.choose("9210", "vni", act="try").status_code == 303
    run_jobs_now(hoa.engine)
    assert hoa.state()["options"]["encoding"] == "vni"
    assert "Tr¹i" in html.unescape(hoa.page())


def test_one_bad_row_stores_nothing(hoa: Wizard, conn_as: Callable[[str], Connection]) -> None:
    """T-D3: the row, the column, the value and a Vietnamese reason; nothing is stored; all faults as CSV."""
    found = hoa.through(DATA / "bad_values.geojson", "lights")
    assert found["report"]["fault_count"] == 4
    page = html.unescape(hoa.page())
    assert "hỏng nặng" in page
    assert "Không phải giá trị cho phép. Dùng một trong: Đang hoạt động, Hỏng," in page
    assert hoa.post(f"{hoa.address}/ap-dung").status_code == 409
    csv = hoa.client.get(f"{hoa.address}/loi.csv")
    assert csv.mimetype == "text/csv"
    assert len(csv.text.strip().splitlines()) == 5
    assert "Dùng một trong: Đang hoạt động, Hỏng," in csv.text
    assert rows(conn_as("hoa"), "lights", "L") == []


def test_changes_are_shown_then_stored_then_undone(
    hoa: Wizard, conn_as: Callable[[str], Connection], tmp_path: Path
) -> None:
    first = hoa.through(hard.geopackage(tmp_path / "a.gpkg", hard.lamps()), "lights")
    assert (first["report"]["inserted"], first["report"]["gone"]["count"]) == (3, 29)
    done = hoa.apply()
    assert (done["state"], done["report"]["inserted"], len(done["sha256"])) == ("applied", 3, 64)
    before = rows(conn_as("hoa"), "lights", "L")
    changed = hard.lamps().assign(height_m=[8.0, 12.0, 9.0])
    changed.loc[2, "geometry"] = MAU.at(545, 500)
    second = hoa.through(hard.geopackage(tmp_path / "b.gpkg", changed.iloc[1:]), "lights")
    report = second["report"]
    assert (report["inserted"], report["updated"], report["gone"]["count"]) == (0, 2, 30)
    assert [(c["key"], c["values"], c["moved_m"]) for c in report["changes"]] == [
        ("L2", {"height_m": [8.5, 12.0]}, None), ("L3", {}, pytest.approx(5.0, abs=0.1)),
    ]  # fmt: skip
    page = html.unescape(hoa.page())
    assert "Dời 5\u00a0m" in page
    assert "<del>8,5 m</del>" in page
    assert "<ins>12 m</ins>" in page
    hoa.apply()
    assert rows(conn_as("hoa"), "lights", "L2")[0]["height_m"] == 12.0
    assert hoa.undo()["state"] == "undone"
    after = rows(conn_as("hoa"), "lights", "L")
    assert [(r["external_id"], r["height_m"], str(r["geom"])) for r in after] == [
        (r["external_id"], r["height_m"], str(r["geom"])) for r in before
    ]


def test_an_exported_file_changes_what_was_edited_in_it(hoa: Wizard, tmp_path: Path) -> None:
    """Files round: a centimetre is no change, and a file that says what the map says leaves nothing to store."""
    hoa.through(hard.geopackage(tmp_path / "a.gpkg", hard.lamps()), "lights")
    hoa.apply()
    again = hard.lamps()
    again.geometry = again.geometry.translate(0.00000004, 0.00000004)
    same = hoa.through(hard.geopackage(tmp_path / "b.gpkg", again), "lights")["report"]
    assert (same["updated"], same["unchanged"], same["changes"]) == (0, 3, [])
    again.loc[1, "height_m"] = 7.0
    edited = hoa.through(hard.geopackage(tmp_path / "c.gpkg", again), "lights")["report"]
    assert [(one["key"], one["moved_m"]) for one in edited["changes"]] == [("L2", None)]


def test_a_survey_in_everyday_words(hoa: Wizard) -> None:
    """The column "Mã đèn" is the code, "Hoạt động" is meant; what is wrong alike stands once with its rows."""
    spots = [MAU.at(500 + 20 * n, 500) for n in range(4)]
    said = ("Hoạt động", "chập chờn", "chập chờn", "Hỏng")
    lines = [f"D{n};{spot.x:.6f};{spot.y:.6f};{said[n]}" for n, spot in enumerate(spots)]
    hoa.import_id = 0
    hoa.send("den.csv", "\n".join(["Mã đèn;Kinh độ;Vĩ độ;Tình trạng", *lines]).encode(), "lights")
    run_jobs_now(hoa.engine)
    hoa.choose(hoa.guessed())
    page = hoa.page()
    assert "<option selected>Mã đèn</option>" in page
    assert '<option value="working" selected>' in page
    assert page.count('<option value="working" selected>') == 1
    form = {"id_column": "Mã đèn", "field:state": "Tình trạng", "value:state:Hoạt động": "working"}
    hoa.post(f"{hoa.address}/cot", act="check", **form)
    run_jobs_now(hoa.engine)
    page = html.unescape(hoa.page())
    assert hoa.state()["report"]["fault_count"] == 2
    assert page.count("chập chờn") == 1
    assert "(2 dòng)" in page


def test_gone_rows_go_and_come_back(hoa: Wizard, conn_as: Callable[[str], Connection], tmp_path: Path) -> None:
    before = rows(conn_as("hoa"), "lights", "MAU1")
    hoa.through(hard.geopackage(tmp_path / "a.gpkg", hard.lamps()), "lights")
    assert hoa.apply(remove_gone="1")["report"]["removed"] == 29
    assert len(rows(conn_as("hoa"), "lights", "")) == 3
    assert hoa.undo()["state"] == "undone"
    after = rows(conn_as("hoa"), "lights", "")
    assert [(r["id"], r["external_id"], str(r["geom"])) for r in after] == [
        (r["id"], r["external_id"], str(r["geom"])) for r in before
    ]


def test_an_edited_row_forbids_undo(
    hoa: Wizard, conn_as: Callable[[str], Connection], tmp_path: Path, owner_engine: Engine
) -> None:
    hoa.through(hard.geopackage(tmp_path / "a.gpkg", hard.lamps()), "lights")
    hoa.apply()
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("UPDATE lights SET height_m = 5 WHERE external_id = 'L1'")
    assert hoa.undo()["state"] == "applied"
    assert "1 dòng đã được sửa sau khi nhập (L1)" in html.unescape(hoa.page())
    assert len(rows(conn_as("hoa"), "lights", "L")) == 3


def test_after_a_day_it_stays(hoa: Wizard, tmp_path: Path, owner_engine: Engine) -> None:
    hoa.through(hard.geopackage(tmp_path / "a.gpkg", hard.lamps()), "lights")
    hoa.apply()
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("SET LOCAL app.role = 'system'")
        conn.exec_driver_sql("UPDATE imports SET applied_at = applied_at - interval '25 hours'")
    assert hoa.undo()["state"] == "applied"
    assert "quá 24 giờ" in html.unescape(hoa.page())


@pytest.mark.parametrize(("metres", "count"), [(6.0, 1), (10.0, 1), (11.0, 0)])
def test_near_duplicates(hoa: Wizard, tmp_path: Path, metres: float, count: int) -> None:
    """T-D6: a hint at 10 m and nearer, none at 11 m."""
    table = hard.lamps().iloc[:1].copy()
    table.loc[0, "geometry"] = MAU.at(500 + metres, 500)
    table = table.drop(columns="height_m")
    report = hoa.through(hard.geopackage(tmp_path / "a.gpkg", table), "cameras")["report"]
    assert report["is_good"], report["faults"]
    near = report["near"]
    assert near["count"] == count
    if count:
        assert (near["rows"][0]["distance_m"], near["rows"][0]["in_table"]) == (metres, True)
        assert f"cách {metres:.0f} m" in html.unescape(hoa.page())


def test_directions_units_and_values_are_chosen(
    hoa: Wizard, conn_as: Callable[[str], Connection], tmp_path: Path
) -> None:
    """T-D5's parsing, a unit of the file, and values that the layer does not know."""
    spots = [MAU.at(1100 + 40 * n, 700) for n in range(3)]
    table = [("ID máy", "Nhìn về", "Cao", "Chất lượng", "lon", "lat")]
    table += [
        (f"Q{n}", text, "450", "tốt", spots[n].x, spots[n].y) for n, text in enumerate(("NE", "239-284", "90;270"))
    ]
    path = tmp_path / "may.csv"
    path.write_text("\n".join(",".join(map(str, row)) for row in table), encoding="utf-8")
    hoa.upload(path, "cameras")
    assert hoa.choose("4326").status_code == 303
    chosen = {"field:azimuth_deg": "Nhìn về", "field:height_m": "Cao", "unit:height_m": "cm", "id_column": "ID máy",
              "field:state": "Chất lượng"}  # fmt: skip
    assert hoa.check(**chosen)["report"]["rules"] == {"not_a_choice": 3}
    page = html.unescape(hoa.page("?buoc=cot"))
    assert "“tốt” =" in page
    assert hoa.check(**{"value:state:tốt": "working"})["report"]["is_good"]
    hoa.apply()
    found = [
        (r["external_id"], r["azimuth_deg"], r["fov_deg"], r["height_m"]) for r in rows(conn_as("hoa"), "cameras", "Q")
    ]
    assert found == [("Q0", 45, None, 4.5), ("Q1", 261.5, 45, 4.5), ("Q2", 90, None, 4.5), ("Q2/2", 270, None, 4.5)]


def test_self_crossing_areas_are_mended_if_asked(hoa: Wizard) -> None:
    found = hoa.through(DATA / "self_crossing.geojson", "groups")
    assert found["report"]["rules"] == {"geometry_invalid": 1}
    assert hoa.post(f"{hoa.address}/sua-hinh").status_code == 303
    run_jobs_now(hoa.engine)
    report = hoa.state()["report"]
    assert report["is_good"]
    assert ["repaired", {"count": 1, "rows": "1"}] in report["notes"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.exe", b"MZ", "Không đọc được loại tệp này"),
        ("a.xlsm", b"PK", "macro"),
        ("a.csv", b"", "không có dòng nào"),
    ],
)
def test_the_door_refuses(hoa: Wizard, name: str, content: bytes, code: str) -> None:
    answer = hoa.send(name, content, "lights")
    assert answer.status_code == 422
    assert code in html.unescape(answer.text)


def test_the_door_takes_no_more_than_50_mb(hoa: Wizard) -> None:
    assert hoa.send("a.csv", b"x" * (50 * 2**20 + 1), "lights").status_code in (413, 422)
    assert hoa.send("a.csv", b"x" * (52 * 2**20), "lights").status_code == 413


def test_only_data_officers(wizard_as: MakeWizard, hoa: Wizard, tmp_path: Path) -> None:
    hoa.upload(hard.geopackage(tmp_path / "a.gpkg", hard.lamps()), "lights")
    for name, status in (("chi", 403), ("binh", 403), ("giang", 404)):
        other = wizard_as(name)
        assert other.client.get(hoa.address, headers=HTML).status_code == status
        assert other.client.get(f"/api/imports/{hoa.import_id}").status_code == status
        assert other.client.get(f"{hoa.address}/loi.csv").status_code == status
    assert wizard_as("chi").post(ADDRESS).status_code == 403


def test_names_are_cleaned() -> None:
    assert clean_name("C:\\Users\\a\\Bản đồ.zip") == "Bản đồ.zip"
    assert clean_name("../../etc/passwd.csv") == "passwd.csv"
    assert clean_name("a\u202egpj.csv\n") == "agpj.csv"
    assert clean_name("0912345678.csv") == "tep.csv"
    assert len(clean_name("x" * 500 + ".geojson")) <= 120
    assert clean_name("x" * 500 + ".geojson").endswith(".geojson")


def test_cancel_leaves_nothing(hoa: Wizard, conn_as: Callable[[str], Connection], tmp_path: Path) -> None:
    hoa.through(hard.geopackage(tmp_path / "a.gpkg", hard.lamps()), "lights")
    assert hoa.post(f"{hoa.address}/ap-dung").status_code == 303
    token = hoa.client.get("/api/session").json["csrf_token"]
    jobs = hoa.client.get("/api/jobs?kind=import").json["jobs"]
    waiting = next(job for job in jobs if job["state"] == "queued")
    assert hoa.client.delete(f"/api/jobs/{waiting['id']}", headers={"X-CSRFToken": token}).status_code == 200
    run_jobs_now(hoa.engine)
    assert hoa.state()["state"] == "checked"
    assert rows(conn_as("hoa"), "lights", "L") == []
    assert hoa.post(f"{hoa.address}/bo").status_code == 303
    assert hoa.client.get(hoa.address).status_code == 404


def test_xlsx_and_gpx(hoa: Wizard, conn_as: Callable[[str], Connection], tmp_path: Path) -> None:
    spot = MAU.at(700, 900)
    path = tmp_path / "loa.gpx"
    path.write_text(
        f'<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1"><wpt lat="{spot.y}" lon="{spot.x}">'
        f'<name>Loa 1</name></wpt><trk><trkseg><trkpt lat="{spot.y}" lon="{spot.x}"/></trkseg></trk></gpx>'
    )
    assert hoa.through(path, "lights")["report"]["inserted"] == 1
    book = hard.workbook(tmp_path / "den.xlsx", [("Mã", "X", "Y", "Chiều cao"), *hard.metric_rows()])
    found = hoa.through(book, "lights")
    assert found["options"]["srid"] == 9210
    hoa.apply()
    row = rows(conn_as("hoa"), "lights", "X1")[0]
    place = (
        conn_as("hoa").execute(sa.text("SELECT ST_AsBinary(geom) FROM lights WHERE external_id = 'X1'")).scalar_one()
    )
    assert row["height_m"] == 8.5
    assert shapely.from_wkb(bytes(place)).distance(MAU.at(500, 500)) < 1e-8
