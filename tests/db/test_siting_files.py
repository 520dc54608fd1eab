"""A siting plan leaves the house: files that say the same again, a proposal, tasks that end when devices are there."""

import csv
import io
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from pyproj import Transformer
from sqlalchemy.engine import Connection, Engine

from gis_app.analysis.siting_figures import count_covers, figures_of
from gis_app.formats import csv as csv_format
from gis_app.formats import geopackage
from gis_app.jobs.siting_export import placed_from
from gis_app.jobs.siting_problem import open_bench
from gis_app.queries import siting as q
from gis_app.queries.communes import fetch_commune
from tests.builders import MAU, METRIC
from tests.db import siting as s
from tests.db.conftest import actor_of
from tests.db.officers import Officer

OfficerAs = Callable[[str], Officer]


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    with s.clean(owner_engine):
        yield


@pytest.fixture
def binh(officer_as: OfficerAs) -> Officer:
    return officer_as("binh")


@pytest.fixture
def plan(binh: Officer, engine: Engine) -> dict[str, Any]:
    return s.solve(binh, engine, s.make(binh)["id"])


def test_the_files_come_back_within_five_centimetres(plan: dict[str, Any], binh: Officer, tmp_path: Path) -> None:
    """T-S9: both files, read as the import reads them, in both systems."""
    address = f"/api/siting-plans/{plan['id']}"
    to_metres = Transformer.from_crs(4326, METRIC, always_xy=True)
    wanted = [to_metres.transform(d["lon"], d["lat"]) for d in plan["devices"]]
    for fmt, reader in (("csv", csv_format), ("gpkg", geopackage)):
        answer = binh.get(f"{address}.{fmt}")
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
        path = tmp_path / f"plan.{fmt}"
        path.write_bytes(answer.data)
        table = reader.read(path)
        assert table.attrs["problems"] == []
        places = [(float(x), float(y)) for x, y in zip(table["x_vn2000"], table["y_vn2000"], strict=True)]
        shapes = [(p.x, p.y) for p in table.geometry]
        if fmt == "csv":
            shapes = [to_metres.transform(*spot) for spot in shapes]
        else:
            assert table.crs.to_epsg() == METRIC
        for found in (places, shapes):
            assert len(found) == len(wanted)
            assert max(math.dist(a, b) for a, b in zip(found, wanted, strict=True)) < 0.05


def test_the_figures_are_found_again_from_the_file(
    plan: dict[str, Any], binh: Officer, conn_as: Callable[[str], Connection]
) -> None:
    """T-S6: whoever has the file and the commune's layers counts the same."""
    text = binh.get(f"/api/siting-plans/{plan['id']}.csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    conn = conn_as("binh")
    commune = fetch_commune(conn, MAU.id)
    assert commune is not None
    bench = open_bench(conn, actor_of("binh"), commune, q.fetch_plans(conn, MAU.id, plan["id"])[0])
    covers = [bench.cover(placed_from(row)) for row in rows]
    found = figures_of(bench.ground, count_covers(bench.ground, covers))
    assert found == plan["figures"]["after"]


def test_no_cell_begins_a_formula(binh: Officer, engine: Engine) -> None:
    models = [s.CAMERA | {"name": "=cmd|' /C calc'!A0"}]
    plan = s.solve(binh, engine, s.make(binh, models=models)["id"])
    text = binh.get(f"/api/siting-plans/{plan['id']}.csv").data.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert any(cell.startswith("'=") for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "-"))]


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [document[at].get_textpage() for at in range(len(document))]
        found = "\n".join(page.get_text_range() for page in pages)
        for page in pages:
            page.close()
    finally:
        document.close()
    return found


def test_the_proposal(plan: dict[str, Any], binh: Officer, officer_as: OfficerAs) -> None:
    answer = binh.get(f"/api/siting-plans/{plan['id']}.pdf")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    text = " ".join(text_of(answer.data).split())
    for words in ("TỜ TRÌNH", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Kinh phí theo năm và nguồn vốn", "Quỹ thử",
                  "không có phương án nào tốt hơn", "không hứa hẹn số vụ vi phạm", "gắn biển báo"):  # fmt: skip
        assert words in text, words
    # The form is for all, hotspots are not.
    assert "Điểm nóng" not in text
    assert officer_as("chi").get(f"/api/siting-plans/{plan['id']}.pdf").status_code == 200
    draft = s.make(binh)
    refused = binh.get(f"/api/siting-plans/{draft['id']}.pdf")
    assert (refused.status_code, refused.json["code"]) == (404, "siting_not_counted")
    assert binh.get(f"/api/siting-plans/{plan['id']}.exe").status_code == 404


def test_a_download_is_in_the_log(plan: dict[str, Any], binh: Officer, owner_engine: Engine) -> None:
    binh.get(f"/api/siting-plans/{plan['id']}.csv")
    query = sa.text("SELECT count(*) FROM audit_entries WHERE action = 'export' AND table_name = 'siting_plans'")
    with owner_engine.connect() as conn:
        assert conn.execute(query).scalar_one() >= 1


def test_tasks_end_when_the_device_works_and_was_verified(
    plan: dict[str, Any], binh: Officer, officer_as: OfficerAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T-S9: five fields; proposed is not installed; a camera without its sign is told of."""
    address = f"/api/siting-plans/{plan['id']}"
    made = binh.post(f"{address}/tasks", {}, plan["version"])
    assert made.status_code == 201, made.text
    tasks = made.json["tasks"]
    assert len(tasks) == len(plan["devices"])
    assert made.json["plan"]["state"] == "assigned"
    cameras = [one for one in tasks if one["feature"]["layer"] == "cameras"]
    assert sorted(made.json["without_sign"]) == sorted(one["device_id"] for one in cameras)
    hoa, one = officer_as("hoa"), cameras[0]
    feature = f"/api/layers/cameras/features/{one['feature']['id']}"
    row = hoa.get(feature)
    device = next(d for d in plan["devices"] if d["id"] == one["device_id"])
    assert row.json["properties"]["state"] == "proposed"
    assert row.json["properties"]["azimuth_deg"] == device["azimuth_deg"]
    assert row.json["geometry"]["coordinates"] == pytest.approx([device["lon"], device["lat"]], abs=1e-6)
    task = binh.get(f"/api/tasks/{one['task_id']}").json
    for name in ("title", "responsibility", "due_on", "result", "holder"):
        assert task[name], name
    close = f"/api/tasks/{one['task_id']}/close"
    assert binh.post(close, None, task["version"]).json["code"] == "measure_not_reached"
    works = hoa.patch(feature, {"type": "Feature", "properties": {"state": "working"}}, int(row.get_etag()[0]))
    assert works.status_code == 200
    assert binh.post(close, None, task["version"]).json["code"] == "measure_not_reached"
    verified = {"type": "Feature", "properties": {"verified_on": today(hoa), "has_notice_sign": True}}
    assert hoa.patch(feature, verified, int(works.get_etag()[0])).status_code == 200
    with monkeypatch.context() as busy:
        # More to compute than one waits for: the worker does it, and nobody is told "not reached".
        busy.setattr("gis_app.jobs.coverage.SOON_DEVICES", 0)
        assert binh.post(close, None, task["version"]).json["code"] == "coverage_not_ready"
    done = binh.post(close, None, task["version"])
    assert done.status_code == 200, done.text
    assert done.json["state"] == "done"
    after = binh.get(address).json
    assert one["device_id"] not in after["without_sign"]


def today(officer: Officer) -> str:
    from tests.db.programme import TODAY  # noqa: PLC0415

    return str(TODAY.isoformat())


def test_what_was_assigned_stays(plan: dict[str, Any], binh: Officer, officer_as: OfficerAs, owner_engine: Engine,
                                 conn_as: Callable[[str], Connection]) -> None:  # fmt: skip
    address, device = f"/api/siting-plans/{plan['id']}", plan["devices"][0]
    assert binh.post(f"{address}/tasks", {}, plan["version"] + 5).json["code"] == "stale_version"
    assert binh.post(f"{address}/tasks", {"measure": "x"}, plan["version"]).json["code"] == "bad_task"
    assert binh.post(f"{address}/tasks", {"due_on": "2001-01-01"}, plan["version"]).json["code"] == "bad_task"
    assert officer_as("an").post(f"{address}/tasks", {}, plan["version"]).status_code == 403
    assert binh.get(address).json["state"] == "solved"
    made = binh.post(f"{address}/tasks", {"holder_role": "data", "responsibility": "Lắp"}, plan["version"]).json
    for answer in (
        binh.patch(address, {"name": "x"}, made["plan"]["version"]),
        binh.patch(f"{address}/devices/{device['id']}", {"azimuth_deg": 1}, device["version"]),
        binh.post(f"{address}/solve"),
        binh.post(f"{address}/tasks", {}, made["plan"]["version"]),
    ):
        assert (answer.status_code, answer.json["code"]) == (409, "siting_plan_assigned")
    conn = conn_as("binh")
    with pytest.raises(sa.exc.IntegrityError, match="assigned"):
        conn.execute(sa.text("UPDATE siting_devices SET azimuth_deg = 1 WHERE kind = 'camera'"))
    gone = binh.send("DELETE", address, If_Match=f'"{made["plan"]["version"]}"')
    assert gone.status_code == 204
    with owner_engine.connect() as own:
        query = sa.text("SELECT count(*) FROM cameras WHERE source = 'siting'")
        assert own.execute(query).scalar_one() == sum(d["kind"] == "camera" for d in plan["devices"])


def test_another_commune_gets_no_file(plan: dict[str, Any], client_as: Callable[[str], FlaskClient]) -> None:
    dung = Officer(client_as("dung"))
    for fmt in ("csv", "gpkg", "pdf"):
        assert dung.get(f"/api/siting-plans/{plan['id']}.{fmt}").status_code == 404
    assert dung.post(f"/api/siting-plans/{plan['id']}/tasks", {}, plan["version"]).status_code == 404
