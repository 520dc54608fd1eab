"""Large files as jobs: small ones at once by a cheap count; the file is its owner's alone and goes after a week."""

import csv
import gzip
import hashlib
import io
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from pmtiles.reader import MemorySource, Reader
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.jobs import export_layer, job_export, retention
from gis_app.jobs.export_asked import ExportAsked, from_json, to_json
from gis_app.jobs.runner import run_one
from gis_app.queries import export_files
from gis_app.web import layer_files
from tests.builders import BEN, MAU, tile_of
from tests.db.conftest import actor_of
from tests.db.test_tiles import by_id
from tests.db.test_writes import Officer

ClientAs = Callable[[str | None], FlaskClient]
PAGE = "/du-lieu/tai-ve"


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    with begin(owner_engine, Actor("system")) as conn:
        for table in ("jobs", "export_files", "idempotency_keys"):
            conn.exec_driver_sql(f"DELETE FROM {table}")
        conn.exec_driver_sql("DELETE FROM audit_entries WHERE action IN ('export', 'retention')")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer of ten rows is a large one, as is a box of ten tiles."""
    monkeypatch.setattr(export_layer, "DIRECT_ROWS", 9)
    monkeypatch.setattr(layer_files, "DIRECT_TILES", 9)


def run_all(engine: Engine) -> list[str]:
    said: list[str] = []
    with engine.connect() as keeper:
        while run_one(engine, keeper, threading.Event(), said.append):
            pass
    return said


def ask(client: FlaskClient, **body: Any) -> Any:
    token = client.get("/api/session").json["csrf_token"]
    headers = {"X-CSRFToken": token, "Idempotency-Key": uuid4().hex}
    return client.post("/api/exports", json=body, headers=headers)


def codes(content: bytes) -> set[str]:
    return {row["external_id"] for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))}


def test_a_large_file_is_a_job_and_holds_what_the_small_one_would(
    client_as: ClientAs, engine: Engine, owner_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, asked = client_as("hoa"), {"format": "csv", "zone": "vn2000", "filter": "state = 'working'"}
    with owner_engine.connect() as conn:
        last = conn.exec_driver_sql("SELECT coalesce(max(id), 0) FROM audit_entries").scalar_one()
    direct = client.get("/api/exports/layers/lights", query_string=asked).data
    monkeypatch.setattr(export_layer, "DIRECT_ROWS", 9)
    refused = client.get("/api/exports/layers/lights", query_string=asked)
    assert (refused.status_code, refused.json["code"]) == (413, "export_is_job")
    few = client.get("/api/exports/layers/lights", query_string=asked | {"filter": "state = 'broken'"})
    assert few.status_code == 200

    answer = ask(client, layer="lights", **asked)
    assert answer.status_code == 202, answer.text
    waiting = client.get("/api/exports").json["exports"]
    assert [(one["layer"], one["href"], one["job"]) for one in waiting] == [
        ("lights", None, answer.headers["Location"].removeprefix("http://localhost"))
    ]
    assert client.get(f"/api/exports/{waiting[0]['id']}/file").json["code"] == "export_not_made"
    assert run_all(engine) == [f"job {answer.json['id']} export: done"]
    job = client.get(answer.headers["Location"]).json
    assert (job["state"], job["progress"]) == ("done", 100)
    made = client.get(job["result"])
    assert made.data == direct
    assert made.headers["Content-Disposition"] == 'attachment; filename="lights-9210.csv"'
    assert made.headers["Cache-Control"] == "private, no-store"
    about = client.get(f"/api/exports/{waiting[0]['id']}").json
    assert (about["byte_count"], about["sha256"]) == (len(direct), hashlib.sha256(direct).hexdigest())
    assert about["row_count"] == len(codes(direct)) > 9
    with owner_engine.connect() as conn:
        text = "SELECT username, table_name FROM audit_entries WHERE action = 'export' AND id > %s ORDER BY id"
        log = [tuple(row) for row in conn.exec_driver_sql(text, (last,))]
    # Two small ones, the job's writing, the download.
    assert log == [("hoa", "lights")] * 3 + [("hoa", "export_files")]


def test_the_file_is_its_owner_s_alone(client_as: ClientAs, engine: Engine) -> None:
    answer = ask(client_as("hoa"), layer="hotspots", format="geojson")
    run_all(engine)
    address = client_as("hoa").get(answer.headers["Location"]).json["result"]
    assert client_as("hoa").get(address).status_code == 200
    for username in ("an", "binh", "chi", "lan", "giang", "dung", "quantri"):
        client = client_as(username)
        assert client.get(address).status_code in (403, 404), username
        # Nobody sees from the job what was asked for.
        assert "hotspots" not in client.get(answer.headers["Location"]).text
    # Not the commune's administrator either, and not the same person in another role.
    for actor in (Actor("admin", MAU.id, "quantri"), Actor("admin", MAU.id, "hoa"), Actor("data", BEN.id, "hoa"),
                  Actor("data", MAU.id, ""), Actor("data", MAU.id, "giang")):  # fmt: skip
        with begin(engine, actor) as conn:
            assert export_files.fetch_files(conn, MAU.id) == []
            assert conn.exec_driver_sql("SELECT count(*) FROM export_parts").scalar_one() == 0
            assert not export_files.delete_file(conn, int(address.split("/")[3]))
    with pytest.raises(sa.exc.IntegrityError, match="stays as it is"), begin(engine, actor_of("hoa")) as conn:
        conn.exec_driver_sql("UPDATE export_files SET row_count = 0")


def test_wrong_questions_are_answered_at_once(client_as: ClientAs) -> None:
    hoa, chi = client_as("hoa"), client_as("chi")
    wrong: list[tuple[FlaskClient, dict[str, Any], int, str]] = [
        (hoa, {}, 400, "missing_parameter"),
        (hoa, {"layer": "lights", "tileset": "lights"}, 400, "missing_parameter"),
        (hoa, {"layer": "nothing"}, 404, "unknown_layer"),
        (hoa, {"tileset": "nothing"}, 404, "unknown_layer"),
        (chi, {"layer": "hotspots"}, 403, "layer_not_yours"),
        (chi, {"tileset": "hotspots"}, 403, "layer_not_yours"),
        (hoa, {"layer": "lights", "format": "dwg"}, 400, "bad_parameter"),
        (hoa, {"layer": "lights", "format": ["csv"]}, 400, "bad_parameter"),
        (hoa, {"layer": "lights", "kind": "csv"}, 400, "unknown_parameter"),
        (hoa, {"layer": "lights", "filter": "nothing = 1"}, 400, "bad_filter"),
        (hoa, {"layer": "lights", "format": "kml", "zone": "vn2000"}, 400, "only_wgs84"),
        (hoa, {"layer": "groups", "tags": "osm"}, 400, "no_osm_tags"),
    ]
    for client, body, status, code in wrong:
        answer = ask(client, **body)
        assert (answer.status_code, answer.json["code"]) == (status, code), body
    assert hoa.get("/api/exports").json == {"exports": []}
    assert client_as("quantri").get("/api/exports").status_code == 403


def test_what_was_asked_survives_being_kept(client_as: ClientAs, engine: Engine) -> None:
    """Every way to narrow, through JSON and back."""
    client = client_as("hoa")
    queries: list[dict[str, str]] = [
        {"bbox": "593450,2303450,594250,2303550", "bbox-crs": "EPSG:9210"},
        {"datetime": "2020-01-01/.."},
        {"filter": '{"op":"=","args":[{"property":"state"},"broken"]}', "filter-lang": "cql2-json"},
        {"filter": "S_INTERSECTS(geom, POINT(593500 2303500))", "filter-crs": "EPSG:9210"},
        {"tags": "osm"},
    ]
    for query in queries:
        layer = "groups" if "datetime" in query else "lights"
        direct = client.get(f"/api/exports/layers/{layer}", query_string=query | {"format": "csv"})
        assert direct.status_code == 200, direct.text
        answer = ask(client, layer=layer, format="csv", **query)
        run_all(engine)
        assert client.get(client.get(answer.headers["Location"]).json["result"]).data == direct.data, query
    plain = ExportAsked("csv")
    assert from_json(to_json(plain)) == plain


def test_tiles_are_a_job_too(small: None, client_as: ClientAs, engine: Engine) -> None:
    client = client_as("chi")
    assert client.get("/api/exports/tiles/lights").json["code"] == "export_is_job"
    answer = ask(client, tileset="lights")
    run_all(engine)
    made = client.get(client.get(answer.headers["Location"]).json["result"])
    assert made.headers["Content-Type"] == "application/vnd.pmtiles"
    z, x, y = tile_of(MAU.at(500, 500), 15)
    tile = gzip.decompress(Reader(MemorySource(made.data)).get(z, x, y))
    assert by_id(tile, "lights") == by_id(client.get(f"/tiles/lights/{z}/{x}/{y}").data, "lights")


def test_cancelled_it_leaves_nothing(
    client_as: ClientAs, engine: Engine, owner_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hoa = Officer(client_as("hoa"))
    answer = ask(client_as("hoa"), layer="lights", format="csv")
    keep = job_export.keep_content

    def cancelled(*arguments: Any) -> None:
        keep(*arguments)
        assert hoa.send("DELETE", answer.headers["Location"]).status_code == 200

    monkeypatch.setattr(job_export, "keep_content", cancelled)
    assert run_all(engine) == [f"job {answer.json['id']} export: stopped"]
    with owner_engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM export_parts").scalar_one() == 0
        assert conn.exec_driver_sql("SELECT made_at FROM export_files").scalars().all() == [None]
        assert conn.exec_driver_sql("SELECT count(*) FROM audit_entries WHERE action = 'export'").scalar_one() == 0
    assert "data-job=" not in client_as("hoa").get(PAGE).text


def test_thrown_away_while_it_is_made(client_as: ClientAs, engine: Engine) -> None:
    hoa = Officer(client_as("hoa"))
    answer = ask(client_as("hoa"), layer="lights", format="csv")
    export_id = client_as("hoa").get("/api/exports").json["exports"][0]["id"]
    assert hoa.send("DELETE", f"/api/exports/{export_id}").status_code == 204
    assert hoa.send("DELETE", f"/api/exports/{export_id}").status_code == 404
    assert run_all(engine) == []
    assert client_as("hoa").get(answer.headers["Location"]).json["state"] == "cancelled"


def test_retention_takes_it_after_a_week(
    client_as: ClientAs, engine: Engine, owner_engine: Engine, tmp_path: Any
) -> None:
    for days in (6, 8):
        ask(client_as("hoa"), layer="lights", format="csv", filter=f"radius_m > {days}")
        run_all(engine)
        with owner_engine.begin() as conn:
            conn.exec_driver_sql("ALTER TABLE export_files DISABLE TRIGGER export_files_keep")
            text = f"UPDATE export_files SET created_at = now() - interval '{days} days' WHERE asked->>'filter' = %s"
            conn.exec_driver_sql(text, (f"radius_m > {days}",))
            conn.exec_driver_sql("ALTER TABLE export_files ENABLE TRIGGER export_files_keep")
    counts = retention.run_retention(engine, tmp_path)
    assert counts is not None
    assert counts["exports"] == 1
    left = client_as("hoa").get("/api/exports").json["exports"]
    assert [one["asked"]["filter"] for one in left] == ["radius_m > 6"]
    with owner_engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT count(DISTINCT export_file_id) FROM export_parts").scalar_one() == 1


def test_the_oldest_goes_where_there_are_many(
    client_as: ClientAs, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_files, "MOST_KEPT", 3)
    for number in range(5):
        ask(client_as("hoa"), layer="lights", format="csv", filter=f"radius_m > {number}")
        run_all(engine)
    kept = client_as("hoa").get("/api/exports").json["exports"]
    assert [one["asked"]["filter"][-1] for one in kept] == ["4", "3", "2"]


def test_the_form_leads_to_a_small_file_and_asks_for_a_large_one(
    client_as: ClientAs, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_as("hoa")
    page = client.get(PAGE).text
    assert 'value="http://localhost/ogc/"' in page
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    form = {"csrf_token": token, "layer": "lights", "format": "csv", "zone": "vn2000", "group": "",
            "filter": "state = 'broken'"}  # fmt: skip
    answer = client.post(PAGE, data=form, follow_redirects=True)
    assert codes(answer.data) == {"MAU1-l5"}
    monkeypatch.setattr(export_layer, "DIRECT_ROWS", 9)
    large = form | {"filter": ""}
    for _ in range(2):
        answer = client.post(PAGE, data=large)
        assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    # Pressed twice it is one.
    assert client.get(PAGE).text.count("data-job=") == 1
    run_all(engine)
    ready = client.get(PAGE).text
    assert "CSV (bảng chữ) · VN-2000 (EPSG:9210) · 29 đối tượng" in ready
    address = re.findall(r'href="(/api/exports/\d+/file)"', ready)
    assert len(address) == 1
    assert len(codes(client.get(address[0]).data)) > 9
    wrong = client.post(PAGE, data=form | {"filter": "nothing = 1"})
    assert wrong.status_code == 400
    assert "nothing = 1" in wrong.text
    gone = client.post(f"{PAGE}/{address[0].split('/')[3]}/xoa", data={"csrf_token": token})
    assert gone.status_code == 303
    assert client.get(address[0]).status_code == 404
    assert client.post(PAGE, data={"csrf_token": token, "tileset": "base"}).status_code == 303
    assert client.get("/api/exports").json["exports"][0]["asked"]["format"] == "pmtiles"
    assert client_as("chi").get(PAGE).status_code == 200
    assert 'value="hotspots"' not in client_as("chi").get(PAGE).text
    # Without the form's token.
    assert client_as("hoa").post(PAGE, data={"layer": "lights"}).status_code == 400
