"""A newer extract of OpenStreetMap: its news alone. What was edited or deleted here stays so."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.jobs.import_osm import import_osm
from gis_app.jobs.imports import ImportReport, ImportRequest
from layers import LAYERS, table_of
from tests.builders import MAU
from tests.db.import_kit import Wizard, forget_imports, run_jobs_now

REQUEST = ImportRequest(MAU.id, source="OpenStreetMap (ODbL): test")
SPOTS = {1: (100, 100), 2: (200, 100), 3: (300, 100), 4: (200, 200), 5: (250, 100), 6: (250, 200),
         20: (500, 600), 21: (520, 600), 22: (540, 600)}  # fmt: skip
CAMERA = '<tag k="man_made" v="surveillance"/><tag k="camera:direction" v="45"/>'
LAMP = '<tag k="highway" v="street_lamp"/>'
Nodes = dict[int, str]


def way(number: int, nodes: Sequence[int], tags: str = '<tag k="highway" v="residential"/>') -> str:
    return f'<way id="{number}" version="1">' + "".join(f'<nd ref="{n}"/>' for n in nodes) + tags + "</way>"


def extract(path: Path, ways: Sequence[str], nodes: Nodes | None = None, *, boxed: bool = False) -> Path:
    """An extract of these ways and of the tagged nodes; `boxed`: it says for which box it is cut."""
    tagged = {20: CAMERA, 21: LAMP, 22: LAMP} if nodes is None else nodes
    west, north, east, south = MAU.at(0, 3000).x, MAU.at(0, 3000).y, MAU.at(3000, 0).x, MAU.at(3000, 0).y
    box = f'<bounds minlat="{south}" minlon="{west}" maxlat="{north}" maxlon="{east}"/>' if boxed else ""
    spots = [
        f'<node id="{n}" version="1" lat="{MAU.at(*spot).y:.7f}" lon="{MAU.at(*spot).x:.7f}">{tagged.get(n, "")}</node>'
        for n, spot in SPOTS.items()
    ]
    path.write_text(f'<osm version="0.6" generator="test">{box}{"".join(spots)}{"".join(ways)}</osm>', encoding="utf-8")
    return path


FIRST = (way(10, (1, 2, 5, 3)), way(11, (2, 4)))
# A new side street cuts the piece from 2 to 3 at 5.
RECUT = (*FIRST, way(12, (5, 6)))


@pytest.fixture
def conn(conn_as: Callable[[str], Connection]) -> Connection:
    return conn_as("hoa")


def brought(conn: Connection, path: Path) -> dict[str, ImportReport]:
    """Import; the reports by layer."""
    return {report.layer: report for report in import_osm(conn, path, REQUEST)}


def rows(conn: Connection, layer: str, prefix: str) -> dict[str, Any]:
    table = table_of(LAYERS[layer])
    found = conn.execute(sa.select(table).where(table.c.external_id.op("~")(f"^{prefix}[0-9]"))).mappings()
    return {row["external_id"]: row for row in found}


def edit(conn: Connection, layer: str, key: str, **values: Any) -> None:
    table = table_of(LAYERS[layer])
    assert conn.execute(sa.update(table).where(table.c.external_id == key).values(values)).rowcount == 1


def total(reports: dict[str, ImportReport], name: str) -> int:
    return sum(getattr(report, name) for report in reports.values())


def test_the_same_extract_twice_changes_nothing(conn: Connection, tmp_path: Path) -> None:
    path = extract(tmp_path / "a.osm", RECUT, boxed=True)
    first = brought(conn, path)
    assert {name: one.inserted_count for name, one in first.items()} == {"cameras": 1, "lights": 2, "roads": 5}
    before = {layer: rows(conn, layer, kind) for layer, kind in (("roads", "w"), ("lights", "n"), ("cameras", "n"))}
    again = brought(conn, path)
    counts = [total(again, f"{name}_count") for name in ("inserted", "updated", "removed", "kept", "unchanged")]
    assert counts == [0, 0, 0, 0, 8]
    assert {layer: rows(conn, layer, before[layer] and next(iter(before[layer]))[0]) for layer in before} == before


def test_a_way_that_is_cut_anew_leaves_no_old_piece(conn: Connection, tmp_path: Path) -> None:
    brought(conn, extract(tmp_path / "a.osm", FIRST))
    assert set(rows(conn, "roads", "w")) == {"w10-1-2", "w10-2-3", "w11-2-4"}
    report = brought(conn, extract(tmp_path / "b.osm", RECUT))["roads"]
    assert (report.inserted_count, report.removed_count, report.kept_count) == (3, 1, 0)
    assert set(rows(conn, "roads", "w")) == {"w10-1-2", "w10-2-5", "w10-5-3", "w11-2-4", "w12-5-6"}


def test_streets_keep_local_edits(conn: Connection, tmp_path: Path) -> None:
    """One value is edited here, another changes there: both are true afterwards, however often it comes."""
    brought(conn, extract(tmp_path / "a.osm", FIRST))
    edit(conn, "roads", "w11-2-4", name="Ngõ Giếng")
    newer = (way(10, (1, 2, 5, 3)), way(11, (2, 4), '<tag k="highway" v="tertiary"/><tag k="name" v="Lane"/>'))
    for _ in range(3):
        brought(conn, extract(tmp_path / "b.osm", newer))
        street = rows(conn, "roads", "w")["w11-2-4"]
        assert (street["name"], street["class"]) == ("Ngõ Giếng", "tertiary")


def test_new_pieces_take_the_edits_of_the_old_one(conn: Connection, tmp_path: Path) -> None:
    brought(conn, extract(tmp_path / "a.osm", FIRST))
    edit(conn, "roads", "w10-2-3", name="Phố Mới")
    report = brought(conn, extract(tmp_path / "b.osm", RECUT))["roads"]
    found = rows(conn, "roads", "w")
    assert {key: found[key]["name"] for key in ("w10-1-2", "w10-2-5", "w10-5-3", "w12-5-6")} == {
        "w10-1-2": None, "w10-2-5": "Phố Mới", "w10-5-3": "Phố Mới", "w12-5-6": None,
    }  # fmt: skip
    assert "w10-2-3" not in found
    assert report.removed_count == 1
    brought(conn, extract(tmp_path / "b.osm", RECUT))
    assert rows(conn, "roads", "w")["w10-5-3"]["name"] == "Phố Mới"


def test_a_street_that_was_redrawn_stays(conn: Connection, tmp_path: Path) -> None:
    brought(conn, extract(tmp_path / "a.osm", FIRST))
    line = f"ST_GeomFromText('LINESTRING({MAU.at(200, 100).x} {MAU.at(200, 100).y}, "
    line += f"{MAU.at(250, 105).x} {MAU.at(250, 105).y}, {MAU.at(300, 100).x} {MAU.at(300, 100).y})', 4326)"
    edit(conn, "roads", "w10-2-3", geom=sa.text(line))
    drawn = str(rows(conn, "roads", "w")["w10-2-3"]["geom"])
    report = brought(conn, extract(tmp_path / "b.osm", RECUT))["roads"]
    found = rows(conn, "roads", "w")
    assert set(found) == {"w10-1-2", "w10-2-3", "w11-2-4", "w12-5-6"}
    assert str(found["w10-2-3"]["geom"]) == drawn
    assert (report.removed_count, report.kept_count) == (0, 3)


def test_what_was_deleted_here_stays_away(conn: Connection, tmp_path: Path) -> None:
    path = extract(tmp_path / "a.osm", FIRST)
    brought(conn, path)
    lights = table_of(LAYERS["lights"])
    conn.execute(sa.delete(lights).where(lights.c.external_id == "n21"))
    assert brought(conn, path)["lights"].kept_count == 1
    assert set(rows(conn, "lights", "n")) == {"n22"}


def test_what_openstreetmap_has_no_more_goes(conn: Connection, tmp_path: Path) -> None:
    """Within the box of the extract alone, and not where somebody has edited it."""
    brought(conn, extract(tmp_path / "a.osm", FIRST))
    edit(conn, "lights", "n22", verified_on=sa.func.vietnam_today())
    # Without a box nothing is known to be gone but the pieces of a way that is cut anew.
    fewer = brought(conn, extract(tmp_path / "b.osm", FIRST[:1], {}))
    assert {name: one.removed_count for name, one in fewer.items()} == {"roads": 2}
    assert set(rows(conn, "roads", "w")) == {"w10-1-3", "w11-2-4"}
    boxed = brought(conn, extract(tmp_path / "c.osm", FIRST[:1], {}, boxed=True))
    assert {name: (one.removed_count, one.kept_count) for name, one in boxed.items()} == {
        "cameras": (1, 0), "lights": (1, 1), "roads": (1, 0),
    }  # fmt: skip
    assert set(rows(conn, "lights", "n")) == {"n22"}
    assert set(rows(conn, "roads", "w")) == {"w10-1-3"}
    back = brought(conn, extract(tmp_path / "a.osm", FIRST))
    assert (back["cameras"].inserted_count, back["lights"].inserted_count) == (1, 1)


def test_rows_from_before_there_were_notes(conn: Connection, tmp_path: Path) -> None:
    """What was never changed follows OpenStreetMap; what was, stays."""
    brought(conn, extract(tmp_path / "a.osm", FIRST))
    conn.execute(sa.text("DELETE FROM osm_rows"))
    edit(conn, "roads", "w10-1-2", name="Ngõ Cũ")
    named = '<tag k="highway" v="residential"/><tag k="name" v="Lane"/>'
    brought(conn, extract(tmp_path / "b.osm", (way(10, (1, 2, 5, 3), named), way(11, (2, 4), named))))
    found = rows(conn, "roads", "w")
    assert {key: row["name"] for key, row in found.items()} == {
        "w10-1-2": "Ngõ Cũ", "w10-2-3": "Lane", "w11-2-4": "Lane",
    }  # fmt: skip


def test_a_dry_run_says_all_and_stores_nothing(conn: Connection, tmp_path: Path) -> None:
    brought(conn, extract(tmp_path / "a.osm", FIRST))
    path = extract(tmp_path / "b.osm", RECUT)
    report = {one.layer: one for one in import_osm(conn, path, ImportRequest(MAU.id, is_dry_run=True))}["roads"]
    assert (report.inserted_count, report.removed_count, report.is_stored) == (3, 1, False)
    assert set(rows(conn, "roads", "w")) == {"w10-1-2", "w10-2-3", "w11-2-4"}
    assert brought(conn, path)["roads"].removed_count == 1


@pytest.fixture
def hoa(client_as: Callable[[str | None], FlaskClient], engine: Engine, owner_engine: Engine) -> Iterator[Wizard]:
    yield Wizard(client_as("hoa"), engine)
    forget_imports(owner_engine)


def applied(hoa: Wizard, path: Path) -> dict[str, Any]:
    assert hoa.send(path.name, path.read_bytes(), "").status_code == 303
    run_jobs_now(hoa.engine)
    assert hoa.state()["report"]["is_good"], hoa.state()
    return hoa.apply()


def test_an_extract_is_taken_back_and_comes_again(
    hoa: Wizard, conn_as: Callable[[str], Connection], tmp_path: Path
) -> None:
    applied(hoa, extract(tmp_path / "a.osm", FIRST))
    before = set(rows(conn_as("hoa"), "roads", "w"))
    done = applied(hoa, extract(tmp_path / "b.osm", RECUT))
    assert (done["report"]["inserted"], done["report"]["removed"]) == (3, 1)
    assert hoa.undo()["state"] == "undone"
    assert set(rows(conn_as("hoa"), "roads", "w")) == before
    again = applied(hoa, extract(tmp_path / "c.osm", RECUT))
    assert (again["report"]["inserted"], again["report"]["removed"]) == (3, 1)
