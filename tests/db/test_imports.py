"""Files into layers: what is stored, what is refused and why, and that a second time changes nothing."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, act_as, begin
from gis_app.jobs.import_osm import import_osm
from gis_app.jobs.imports import ImportReport, ImportRequest, import_file
from layers import LAYERS, table_of
from tests import difficulties as hard
from tests.builders import BEN, MAU
from tests.difficulties import DATA

MINE = ImportRequest(commune_id=MAU.id)


@pytest.fixture
def conn(conn_as: Callable[[str], Connection]) -> Connection:
    """Hoa's connection: data officer of Xã Mẫu."""
    return conn_as("hoa")


@pytest.fixture
def owner(owner_engine: Engine) -> Iterator[Connection]:
    """The owner's connection, rolled back."""
    with owner_engine.connect() as conn:
        act_as(conn, Actor("system"))
        yield conn
        conn.rollback()


def rows_of(conn: Connection, layer: str, prefix: str = "") -> list[Any]:
    """Rows of a layer whose external id starts so, by id."""
    table = table_of(LAYERS[layer])
    statement = sa.select(table).where(table.c.external_id.startswith(prefix)).order_by(table.c.external_id)
    return list(conn.execute(statement).mappings())


def run(conn: Connection, layer: str, path: Path, request: ImportRequest = MINE) -> ImportReport:
    """Import a file."""
    return import_file(conn, LAYERS[layer], path, request)


def rules(report: ImportReport) -> list[tuple[int, str]]:
    """Row and rule of every error."""
    return [(error.number, error.rule) for error in report.errors]


def test_holes_and_parts_are_kept(conn: Connection) -> None:
    assert run(conn, "groups", DATA / "hole.geojson").inserted_count == 1
    report = run(conn, "groups", DATA / "multipart.geojson")
    assert (report.inserted_count, report.updated_count, report.is_stored) == (1, 1, True)
    parts = conn.execute(sa.text("SELECT ST_NumGeometries(geom) FROM groups WHERE external_id LIKE 'G-%' ORDER BY 1"))
    assert parts.scalars().all() == [1, 2]


def test_one_bad_row_and_nothing_is_stored(conn: Connection) -> None:
    report = run(conn, "groups", DATA / "self_crossing.geojson")
    assert rules(report) == [(1, "geometry_invalid")]
    assert "Self-intersection" in report.errors[0].value
    assert rows_of(conn, "groups", "G-") == []


@pytest.mark.parametrize(
    ("name", "layer", "expected"),
    [
        ("empty.geojson", "lights", [(0, "file_empty")]),
        ("empty_geometry.geojson", "lights", [(1, "geometry_empty"), (2, "geometry_missing")]),
        ("mixed_types.geojson", "lights", [(2, "wrong_type"), (4, "several_parts"), (5, "wrong_type")]),
        ("nan.geojson", "lights", [(1, "not_finite"), (2, "not_finite"), (3, "geometry_malformed")]),
        ("swapped_axes.geojson", "lights", [(0, "axes_swapped")]),
        ("vn2000_undeclared.geojson", "lights", [(0, "crs_projected")]),
        ("vn2000_9210.csv", "lights", [(0, "crs_projected")]),
        ("outside.geojson", "lights", [(3, "outside_commune"), (4, "outside_vietnam")]),
        ("crs_link.geojson", "lights", [(0, "crs_link")]),
        ("vrt.geojson", "lights", [(0, "not_geojson")]),
        ("hole.geojson", "hotspots", [(0, "column_missing"), (1, "wrong_type")]),
        (
            "bad_values.geojson",
            "lights",
            [(2, "not_a_choice"), (3, "out_of_range"), (4, "not_a_number"), (4, "duplicate_id")],
        ),
        (
            "bad_directions.csv",
            "cameras",
            [
                (2, "not_a_direction"),
                (3, "not_a_direction"),
                (5, "duplicate_id"),
                (6, "not_a_number"),
                (7, "row_length"),
            ],
        ),
    ],
)
def test_every_refused_row_is_named(conn: Connection, name: str, layer: str, expected: list[tuple[int, str]]) -> None:
    before = len(rows_of(conn, layer))
    report = run(conn, layer, DATA / name)
    assert rules(report) == expected
    assert not report.is_stored
    assert len(rows_of(conn, layer)) == before
    messages = json.loads(Path("gis_app/messages/vi.json").read_text("utf-8"))
    for error in report.errors:
        assert messages[f"import.{error.rule}"].format(**error.params)


def test_errors_tell_column_value_and_distance(conn: Connection) -> None:
    error = run(conn, "lights", DATA / "bad_values.geojson").errors[0]
    assert (error.number, error.column, error.value) == (2, "Tình trạng", "hỏng nặng")
    error = run(conn, "lights", DATA / "outside.geojson").errors[0]
    assert error.params["distance_km"] == pytest.approx(2.0, abs=0.01)
    assert error.params["commune"] == "Xã Mẫu"


def test_heights_are_dropped_and_said(conn: Connection) -> None:
    report = run(conn, "lights", DATA / "three_d.geojson")
    assert report.inserted_count == 2
    assert ("flattened", {"count": 2}) in report.notes


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("vn2000_9210.csv", ImportRequest(MAU.id, srid=9210)),
        ("vn2000_x_is_north.csv", ImportRequest(MAU.id, srid=9210, swap_axes=True)),
        ("vn2000_wrong_zone.csv", ImportRequest(MAU.id, srid=9209)),
        ("crs_name_9210.geojson", MINE),
        ("swapped_axes.geojson", ImportRequest(MAU.id, swap_axes=True)),
    ],
)
def test_vn2000_lands_on_the_millimetre(conn: Connection, name: str, request_: ImportRequest) -> None:
    report = run(conn, "lights", DATA / name, request_)
    assert report.is_stored, report.errors
    row = next(row for row in rows_of(conn, "lights", "L") if row["external_id"] in ("L0", "L1"))
    shift = 20 if row["external_id"] == "L1" and "crs_name" not in name else 0
    wanted = MAU.at(500 + shift, 500)
    found = conn.execute(sa.select(sa.func.ST_AsBinary(sa.literal_column("geom"))).select_from(sa.text("lights"))
                         .where(sa.text("id = :id")), {"id": row["id"]}).scalar_one()  # fmt: skip
    assert shapely.from_wkb(bytes(found)).distance(wanted) < (2e-7 if "swapped" in name else 1e-8)


def test_the_right_zone_is_named(conn: Connection) -> None:
    for name, request, key, srid in (
        ("vn2000_9210.csv", MINE, "crs_maybe", 9210),
        ("vn2000_wrong_zone.csv", ImportRequest(MAU.id, srid=9210), "crs_maybe", 9209),
        ("vn2000_x_is_north.csv", ImportRequest(MAU.id, srid=9210), "crs_maybe_swapped", 9210),
    ):
        report = run(conn, "lights", DATA / name, request)
        assert not report.is_stored
        assert [(k, params["srid"]) for k, params in report.notes] == [(key, srid)], name


def test_vietnamese_csv_values(conn: Connection) -> None:
    report = run(conn, "venues", DATA / "utf8_bom.csv")
    assert report.inserted_count == 3
    found = [(row["name"], row["kind"], row["has_pledge"]) for row in rows_of(conn, "venues", "V")]
    assert found == [
        ("Khách sạn Biển Đông", "hotel", True),
        ("Karaoke Hoàng Yến", "karaoke", True),
        ("Nhà nghỉ Thuỷ Tiên", "guesthouse", False),
    ]
    again = run(conn, "venues", DATA / "cp1258.csv")
    assert again.unchanged_count == 3, "the same rows in another encoding"
    assert ("read_as_cp1258", {}) in again.notes


def test_directions_become_views(conn: Connection) -> None:
    report = run(conn, "cameras", DATA / "directions.csv")
    assert report.is_stored, report.errors
    found = {row["external_id"]: (row["azimuth_deg"], row["fov_deg"]) for row in rows_of(conn, "cameras", "C")}
    assert found == {
        "C1": (45, 90), "C2": (45, None), "C3": (261.5, 45), "C4": (90, 80), "C4/2": (270, 80), "C5": (45, 60),
        "C6": (None, None), "C7": (0, None), "C8": (5, 30),
    }  # fmt: skip
    poles = {row["external_id"]: row["pole_code"] for row in rows_of(conn, "cameras", "C4")}
    assert poles == {"C4": "C4", "C4/2": "C4"}
    assert run(conn, "cameras", DATA / "directions.csv").unchanged_count == 9


def test_streets_without_nodes_meet(conn: Connection) -> None:
    run(conn, "roads", DATA / "roads_without_nodes.geojson")
    first, second = rows_of(conn, "roads", "R")
    assert first["target_node"] == second["source_node"] != first["source_node"]


def test_the_second_time_changes_nothing(conn: Connection, tmp_path: Path) -> None:
    path = hard.zipped_shapefile(tmp_path / "den.zip", hard.lamps(9210))
    first, second = run(conn, "lights", path), run(conn, "lights", path)
    assert (first.inserted_count, second.inserted_count, second.unchanged_count) == (3, 0, 3)
    assert first.ignored_columns == ("ghi_chu",)
    changed = hard.lamps(9210).assign(height_m=[8.0, 8.5, 12.0])
    third = run(conn, "lights", hard.zipped_shapefile(tmp_path / "den2.zip", changed))
    assert (third.updated_count, third.unchanged_count) == (1, 2)
    row = rows_of(conn, "lights", "L3")[0]
    assert (row["height_m"], row["version"]) == (12.0, 2)


def test_rows_without_ids_are_known_by_what_they_are(conn: Connection, tmp_path: Path) -> None:
    table = hard.lamps().drop(columns="id")
    twice = hard.geopackage(tmp_path / "den.gpkg", table.iloc[[0, 1, 2, 0]])
    report = run(conn, "lights", twice)
    assert report.inserted_count == 4, "two equal rows are two lamps"
    assert ("ids_made", {"count": 4}) in report.notes
    assert run(conn, "lights", twice).unchanged_count == 4


def test_an_import_leaves_columns_that_the_file_lacks(conn: Connection, tmp_path: Path) -> None:
    run(conn, "lights", hard.geopackage(tmp_path / "a.gpkg", hard.lamps()))
    moved = hard.lamps().drop(columns="height_m").assign(trang_thai=["hỏng", "Đang hoạt động", "working"])
    report = run(conn, "lights", hard.geopackage(tmp_path / "b.gpkg", moved))
    assert report.updated_count == 1
    first = rows_of(conn, "lights", "L1")[0]
    assert (first["height_m"], first["state"]) == (8.0, "broken")


def test_a_dry_run_stores_nothing_but_says_all(conn: Connection) -> None:
    report = run(conn, "venues", DATA / "utf8_bom.csv", ImportRequest(MAU.id, is_dry_run=True))
    assert (report.inserted_count, report.is_stored) == (3, False)
    assert rows_of(conn, "venues", "V") == []


def test_the_actor_stays_in_the_own_commune(conn: Connection, conn_as: Callable[[str], Connection]) -> None:
    assert rules(run(conn, "lights", DATA / "three_d.geojson", ImportRequest(BEN.id))) == [(0, "commune_unknown")]
    assert rules(run(conn_as("giang"), "lights", DATA / "three_d.geojson", MINE)) == [(0, "commune_unknown")]
    report = run(conn_as("chi"), "lights", DATA / "three_d.geojson")
    assert rules(report) == [(0, "database_refused")], "the committee edits nothing"
    assert report.errors[0].params["code"] == "42501"
    assert rules(run(conn, "communes", DATA / "communes.geojson"))[0][1] == "database_refused"


def test_the_transaction_lives_after_a_refusal(conn: Connection, conn_as: Callable[[str], Connection]) -> None:
    chi = conn_as("chi")
    run(chi, "lights", DATA / "three_d.geojson")
    assert chi.execute(sa.text("SELECT count(*) FROM lights")).scalar_one() > 0


def test_communes_by_the_owner(owner: Connection) -> None:
    report = run(owner, "communes", DATA / "communes.geojson", ImportRequest())
    assert report.is_stored, report.errors
    row = next(row for row in rows_of(owner, "communes") if row["id"] == 90003)
    assert (row["kind"], row["metric_srid"], row["area_km2"], row["province_name"]) == (
        "ward",
        9212,
        9.0,
        "Thành phố Mẫu",
    )
    assert run(owner, "communes", DATA / "communes.geojson", ImportRequest()).unchanged_count == 1


def test_without_a_commune_rows_go_where_they_lie(owner: Connection, tmp_path: Path) -> None:
    assert rules(run(owner, "lights", DATA / "outside.geojson", ImportRequest())) == [(4, "outside_vietnam")]
    table = hard.lamps()
    table.loc[2, "geometry"] = MAU.at(-900, 100)
    report = run(owner, "lights", hard.geopackage(tmp_path / "out.gpkg", table), ImportRequest())
    assert rules(report) == [(3, "outside_commune")]
    table.loc[1, "geometry"] = MAU.at(-30, 100)  # on the far side of the boundary road
    table.loc[2, "geometry"] = BEN.at(100, 100)
    assert run(owner, "lights", hard.geopackage(tmp_path / "den.gpkg", table), ImportRequest()).inserted_count == 3
    assert sorted(row["commune_id"] for row in rows_of(owner, "lights", "L")) == [MAU.id, MAU.id, BEN.id]


OSM = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6" generator="test">
{nodes}
<way id="10" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/>
<tag k="highway" v="residential"/><tag k="name" v="Ngõ 5"/></way>
<way id="11" version="1"><nd ref="2"/><nd ref="4"/><tag k="highway" v="tertiary"/><tag k="oneway" v="yes"/></way>
<way id="12" version="1"><nd ref="3"/><nd ref="9"/><tag k="highway" v="primary"/></way>
<way id="13" version="1"><nd ref="5"/><nd ref="6"/><nd ref="7"/><nd ref="8"/><nd ref="5"/>
<tag k="building" v="yes"/></way>
</osm>
"""


def osm_file(path: Path) -> Path:
    """A T of two streets, one that leaves the extract, a house, a camera with two views, a lamp outside."""
    spots = {1: (100, 100), 2: (200, 100), 3: (300, 100), 4: (200, 200), 5: (400, 400), 6: (420, 400), 7: (420, 420),
             8: (400, 420), 20: (500, 500), 21: (-900, 500)}  # fmt: skip
    tags = {
        20: '<tag k="man_made" v="surveillance"/><tag k="camera:direction" v="NE;200-260"/>',
        21: '<tag k="highway" v="street_lamp"/>',
    }
    nodes = [
        f'<node id="{number}" version="1" lat="{MAU.at(*spot).y:.7f}" lon="{MAU.at(*spot).x:.7f}">'
        f"{tags.get(number, '')}</node>"
        for number, spot in spots.items()
    ]
    path.write_text(OSM.format(nodes="\n".join(nodes)), encoding="utf-8")
    return path


def test_an_openstreetmap_extract(conn: Connection, tmp_path: Path) -> None:
    path = osm_file(tmp_path / "extract.osm")
    reports = {report.layer: report for report in import_osm(conn, path, ImportRequest(MAU.id))}
    assert {name: report.inserted_count for name, report in reports.items()} == {
        "buildings": 1, "cameras": 2, "lights": 0, "roads": 3,
    }  # fmt: skip
    assert reports["lights"].outside_count == 1
    pieces = {row["external_id"]: row for row in rows_of(conn, "roads", "w")}
    assert set(pieces) == {"w10-1-2", "w10-2-3", "w11-2-4"}
    assert (pieces["w10-1-2"]["class"], pieces["w10-1-2"]["target_node"]) == ("alley", 2)
    assert pieces["w11-2-4"]["oneway"] == "forward"
    views = [(row["azimuth_deg"], row["fov_deg"], row["pole_code"]) for row in rows_of(conn, "cameras", "n20")]
    assert views == [(45, None, "n20"), (230, 60, "n20")]
    again = import_osm(conn, path, ImportRequest(MAU.id))
    assert sum(report.unchanged_count for report in again) == 6
    assert sum(report.inserted_count + report.updated_count for report in again) == 0


def test_no_extract_at_all(conn: Connection, tmp_path: Path) -> None:
    path = tmp_path / "a.osm.pbf"
    path.write_bytes(b"PK\x03\x04 no extract")
    assert [rules(report) for report in import_osm(conn, path, MINE)] == [[(0, "not_osm")]]


@pytest.fixture
def cli(app: Flask, owner_engine: Engine) -> Iterator[Callable[..., Result]]:
    """`flask import …` on the test database; what it stores is deleted at the end."""
    runner = app.test_cli_runner()
    yield lambda *arguments: runner.invoke(args=[str(argument) for argument in arguments])
    with begin(owner_engine, Actor("system")) as conn:
        for layer, pattern in (("venues", "V_"), ("lights", "L_")):
            table = table_of(LAYERS[layer])
            conn.execute(sa.delete(table).where(table.c.external_id.like(pattern)))


def test_the_command(cli: Callable[..., Result]) -> None:
    good = cli("import", "venues", DATA / "utf8_bom.csv", "--commune", MAU.id)
    assert good.exit_code == 0, good.output
    assert "đã thêm 3, cập nhật 0, không đổi 0" in good.output
    bad = cli("import", "lights", DATA / "bad_values.geojson", "--commune", MAU.id)
    assert bad.exit_code == 1
    assert "hỏng nặng" in bad.output
    assert "KHÔNG lưu gì: 4 lỗi trên 4 dòng." in bad.output
    zone = cli("import", "lights", DATA / "vn2000_9210.csv", "--commune", MAU.id)
    assert "--crs 9210" in zone.output
    dry = cli(
        "import", "lights", DATA / "vn2000_9210.csv", "--commune", MAU.id, "--crs", 9210, "--dry-run", "--lang", "en"
    )
    assert (dry.exit_code, "would add 3" in dry.output) == (0, True)
    assert cli("import", "no_such_layer", DATA / "utf8_bom.csv").exit_code == 2
    assert cli("import", "lights", DATA / "gone.csv").exit_code == 2


def test_the_command_without_a_commune(cli: Callable[..., Result]) -> None:
    found = cli("import", "lights", DATA / "three_d.geojson")
    assert found.exit_code == 0, found.output
    assert "đã thêm 2" in found.output
