"""Kinds of place without code: every door knows them by name, the database holds their rules, no other commune's."""

import json
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import mapbox_vector_tile
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, begin
from gis_app.jobs.export_asked import ExportAsked
from gis_app.jobs.export_layer import export_layer
from gis_app.jobs.imports import ImportRequest, import_file
from gis_app.queries import place_classes as q
from gis_app.queries.ogc_items import ItemQuery
from gis_app.words import VIETNAMESE, catalogue
from layers import LAYERS
from tests.builders import BEN, MAU, tile_of
from tests.db.officers import Officer

OfficerAs = Callable[[str], Officer]
PLACES = LAYERS["other_places"]
PUMP = {"name": "Trạm bơm", "letters": "TB", "color": "#0b6e6e", "shape": "point", "visibility": "staff"}
HIDDEN = {**PUMP, "name": "Chốt kín", "letters": "CK", "visibility": "police"}
FIELD = {**PUMP, "name": "Vùng trồng cây", "letters": "VT", "shape": "area"}
SPOT = MAU.at(700, 700)
NEW = "INSERT INTO place_classes (commune_id, name, letters, color, shape) VALUES ({}, 'A', 'A', '#1f4e9c', 'point')"


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    with begin(owner_engine, Actor("system")) as conn:
        for name in ("other_places", "other_areas"):
            conn.exec_driver_sql(f"DELETE FROM {name} WHERE external_id IS NULL OR external_id LIKE 'ql-%%'")
        conn.exec_driver_sql("DELETE FROM place_classes WHERE name NOT LIKE 'MAU1%%' AND name NOT LIKE 'BEN2%%'")
        conn.exec_driver_sql("DELETE FROM audit_entries")


@pytest.fixture
def made(owner_engine: Engine) -> dict[str, int]:
    """Three classes of Xã Mẫu, by name."""
    with begin(owner_engine, Actor("system")) as conn:
        return {str(one["name"]): q.insert_class(conn, MAU.id, one) for one in (PUMP, HIDDEN, FIELD)}


def add(officer: Officer, kind: str, layer: str = "other_places", **values: Any) -> Any:
    shape = SPOT if layer == "other_places" else MAU.box(100, 100, 200, 300)
    body = {"type": "Feature", "geometry": shape.__geo_interface__, "properties": {"kind": kind, **values}}
    return officer.send("POST", f"/api/layers/{layer}/features", body, Idempotency_Key=uuid4().hex)


def page(client: FlaskClient, address: str = "", **form: Any) -> Any:
    token = client.get("/api/session").json["csrf_token"]
    return client.post(f"/du-lieu/loai-dia-diem{address}", data={"csrf_token": token, **form})


def known(conn: Connection, name: str) -> q.PlaceClass:
    return next(one for one in q.fetch_classes(conn, MAU.id) if one.name == name)


def test_the_page_adds_renames_retires_and_deletes(
    client_as: Callable[[str | None], FlaskClient], officer_as: OfficerAs, conn_as: Callable[[str], Connection]
) -> None:
    client = client_as("hoa")
    assert page(client, **{**PUMP, "letters": ""}).status_code == 303
    one = known(conn_as("hoa"), "Trạm bơm")
    assert (one.letters, one.is_active, one.row_count) == ("TB", True, 0)
    assert add(officer_as("hoa"), "Trạm bơm", name="Trạm số 1").status_code == 201
    # Its place follows the new name and the new readers, by the database itself.
    renamed = {**PUMP, "name": "Trạm bơm tiêu", "visibility": "police", "version": one.version}
    assert page(client, f"/{one.id}", **renamed).status_code == 303
    assert page(client, f"/{one.id}", **renamed).status_code == 412
    row = sa.text("SELECT kind, visibility, version FROM other_places WHERE name = 'Trạm số 1'")
    assert tuple(conn_as("hoa").execute(row).one()) == ("Trạm bơm tiêu", "police", 2)
    assert "Trạm số 1" not in client_as("binh").get("/api/layers/other_places/features").text
    # In use: retired, never deleted.
    one = known(conn_as("hoa"), "Trạm bơm tiêu")
    assert page(client, f"/{one.id}/xoa", version=one.version).status_code == 409
    assert page(client, f"/{one.id}/ngung", version=one.version, is_active="").status_code == 303
    refused = add(officer_as("hoa"), "Trạm bơm tiêu")
    assert (refused.status_code, refused.json["params"]["faults"]) == (422, [{"field": "kind", "rule": "choice"}])
    one = known(conn_as("hoa"), "Trạm bơm tiêu")
    assert page(client, f"/{one.id}", **{**renamed, "name": "Trạm bơm cũ", "version": one.version}).status_code == 303
    assert known(conn_as("hoa"), "Trạm bơm cũ").row_count == 1


def test_programs_add_change_and_delete(officer_as: OfficerAs) -> None:
    hoa, address = officer_as("hoa"), "/api/place-classes"
    answer = hoa.post(address, {**PUMP, "letters": None})
    assert answer.status_code == 201
    one = answer.json
    assert (one["letters"], one["is_active"], one["row_count"], one["layer"]) == ("TB", True, 0, "other_places")
    here = answer.headers["Location"]
    assert (here, answer.headers["ETag"]) == (f"{address}/{one['id']}", '"1"')
    assert add(hoa, "Trạm bơm", name="Trạm số 1").status_code == 201
    # What is not named stays; what is stale or without a version is refused.
    changed = hoa.patch(here, {"name": "Trạm bơm tiêu", "is_active": False}, 1)
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    told = {name: changed.json[name] for name in ("name", "letters", "color", "is_active", "row_count")}
    assert told == {"name": "Trạm bơm tiêu", "letters": "TB", "color": "#0b6e6e", "is_active": False, "row_count": 1}
    assert hoa.patch(here, {"color": "#1f4e9c"}, 1).status_code == 412
    assert hoa.send("PATCH", here, {"color": "#1f4e9c"}).status_code == 428
    for body, rule in (
        ({"shape": "area"}, "unknown_field"),
        ({"is_active": "no"}, "bool"),
        ({"color": None}, "required"),
    ):
        refused = hoa.patch(here, body, 2)
        assert (refused.status_code, refused.json["params"]["faults"][0]["rule"]) == (422, rule), body
    # In use: never deleted.
    assert hoa.send("DELETE", here, If_Match='"2"').json["code"] == "place_class_in_use"
    area = hoa.post(address, FIELD).json["id"]
    assert hoa.send("DELETE", f"{address}/{area}", If_Match='"2"').status_code == 412
    assert hoa.send("DELETE", f"{address}/{area}").status_code == 428
    assert hoa.send("DELETE", f"{address}/{area}", If_Match='"1"').status_code == 204
    assert hoa.get(f"{address}/{area}").status_code == 404
    assert "Trạm bơm tiêu" in [found["name"] for found in hoa.get(address).json["place_classes"]]


def test_programs_repeat_and_read_as_the_page_does(officer_as: OfficerAs, made: dict[str, int]) -> None:
    hoa, binh, key = officer_as("hoa"), officer_as("binh"), uuid4().hex
    body = {**FIELD, "name": "Vườn", "letters": "VU"}
    first, second = (hoa.send("POST", "/api/place-classes", body, Idempotency_Key=key) for _ in range(2))
    assert (first.status_code, first.json) == (second.status_code, second.json)
    assert hoa.send("POST", "/api/place-classes", body).status_code == 400
    assert hoa.post("/api/place-classes", {**body, "letters": "V1"}).json["params"]["faults"][0]["field"] == "name"
    assert "Chốt kín" in [one["name"] for one in hoa.get("/api/place-classes").json["place_classes"]]
    assert "Chốt kín" not in [one["name"] for one in binh.get("/api/place-classes").json["place_classes"]]
    assert binh.get(f"/api/place-classes/{made['Chốt kín']}").status_code == 404
    assert binh.post("/api/place-classes", body).status_code == 403
    assert (
        officer_as("giang").patch(f"/api/place-classes/{made['Trạm bơm']}", {"color": "#1f4e9c"}, 1).status_code == 404
    )


@pytest.mark.parametrize(
    ("values", "field", "rule"),
    [
        ({"name": ""}, "name", "required"),
        ({"name": "Bơm, tưới"}, "name", "signs"),
        ({"name": "Gọi 0912345678"}, None, "personal_words"),
        ({"name": "Nhà ông Nguyễn Văn Tèo"}, None, "personal_words"),
        ({"letters": "?"}, "letters", "text"),
        ({"color": "#ffffff"}, "color", "choice"),
        ({"shape": "line"}, "shape", "choice"),
        ({"letters": "ck"}, "letters", "twice"),
        ({"name": "Chốt kín", "letters": "X"}, "name", "twice"),
    ],
)
def test_what_no_class_can_be(
    values: dict[str, str], field: str | None, rule: str, officer_as: OfficerAs, made: dict[str, int]
) -> None:
    answer = page(officer_as("hoa").client, **{**PUMP, "name": "Nơi mới", "letters": "M", **values})
    assert answer.status_code == 422
    if field is None:
        assert "thông tin về người" in answer.text
    else:
        messages = catalogue("vi")
        assert f"{messages[f'place_class.field.{field}']}: {messages[f'rule.{rule}']}" in unescape(answer.text)


def test_every_door_says_the_name(
    officer_as: OfficerAs, client_as: Callable[[str | None], FlaskClient], made: dict[str, int]
) -> None:
    hoa, binh = officer_as("hoa"), client_as("binh")
    assert add(hoa, "Trạm bơm", note="Chạy khi mưa lớn").status_code == 201
    assert add(hoa, "Chốt kín").status_code == 201
    area = add(hoa, "Vùng trồng cây", "other_areas").json
    assert area["properties"]["area_m2"] == pytest.approx(20_000, rel=0.01)

    def kinds(client: FlaskClient, layer: str = "other_places") -> dict[str, dict[str, Any]]:
        entry = next(one for one in client.get("/api/layers").json["layers"] if one["name"] == layer)
        found = next(f for f in entry["fields"] if f["name"] == "kind")["choices"]
        assert entry["style"]["colors"].keys() == entry["style"]["letters"].keys() == {one["code"] for one in found}
        return {one["code"]: one for one in found}

    assert {"Trạm bơm", "Chốt kín"} <= kinds(hoa.client).keys()
    assert "Vùng trồng cây" in kinds(hoa.client, "other_areas")
    assert "Trạm bơm" in kinds(binh)
    # What is for the police alone is not even a name for others, and no other commune's is.
    for client in (binh, client_as("giang")):
        assert "Chốt kín" not in client.get("/api/layers").text
        assert "Chốt kín" not in client.get("/api/layers/other_places/features").text
        assert "Chốt kín" not in client.get("/du-lieu/loai-dia-diem").text
    assert "<strong>Trạm bơm</strong>" not in client_as("giang").get("/du-lieu/loai-dia-diem").text
    assert [r["label"] for r in binh.get("/api/search?q=tram bom").json["results"]] == ["Trạm bơm"]
    assert len(binh.get("/api/layers/other_places/features?kind=Trạm bơm").json["features"]) == 1
    assert len(binh.get("/ogc/collections/other_places/items?filter=kind='Trạm bơm'").json["features"]) == 1
    assert "Trạm bơm" in binh.get("/ogc/collections/other_places/queryables").json["properties"]["kind"]["enum"]
    z, x, y = tile_of(SPOT, 14)
    tile = mapbox_vector_tile.decode(binh.get(f"/tiles/other_places/{z}/{x}/{y}").data)
    assert "Trạm bơm" in {f["properties"]["kind"] for f in tile["other_places"]["features"]}


def test_no_person_in_a_place_and_no_class_of_the_other_shape(officer_as: OfficerAs, made: dict[str, int]) -> None:
    hoa = officer_as("hoa")
    for layer, kind, values, fault in (
        ("other_places", "Trạm bơm", {"note": "Nhà ông Nguyễn Văn Tèo"}, {"field": "note", "rule": "personal_words"}),
        ("other_places", "Trạm bơm", {"name": "Gọi 0912345678"}, {"field": "name", "rule": "personal_words"}),
        ("other_places", "Trạm bơm", {"visibility": "police"}, {"field": "visibility", "rule": "managed"}),
        ("other_places", "Vùng trồng cây", {}, {"field": "kind", "rule": "choice"}),
        ("other_places", f"{BEN.marker} kind point", {}, {"field": "kind", "rule": "choice"}),
        ("other_areas", "Trạm bơm", {}, {"field": "kind", "rule": "choice"}),
    ):
        answer = add(hoa, kind, layer, **values)
        assert (answer.status_code, answer.json["params"]["faults"][0]) == (422, fault), (layer, kind, values)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE other_places SET visibility = 'staff'",
        NEW.format(BEN.id),
        "UPDATE place_classes SET shape = 'area'",
    ],
)
def test_the_database_refuses_whatever_the_query(
    statement: str, conn_as: Callable[[str], Connection], made: dict[str, int]
) -> None:
    with pytest.raises(sa.exc.ProgrammingError):
        conn_as("hoa").exec_driver_sql(statement)
    with pytest.raises(sa.exc.ProgrammingError):
        conn_as("binh").exec_driver_sql(NEW.format(MAU.id))


def test_a_pole_number_like_a_telephones_is_a_fault_of_its_row(
    conn_as: Callable[[str], Connection], made: dict[str, int], tmp_path: Path
) -> None:
    """The guard's rules let it pass, no column takes it: told before the file is written."""
    conn, path = conn_as("hoa"), tmp_path / "places.geojson"
    places = [{"type": "Feature", "geometry": SPOT.__geo_interface__, "properties": {"loai": "Trạm bơm", "ten": name}}
              for name in ("Cột 0912345678", "Cột 12")]  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": places}), "utf-8")
    report = import_file(conn, q.with_classes(conn, MAU.id, PLACES), path, ImportRequest(MAU.id))
    assert [(one.rule, one.value) for one in report.errors] == [("personal_words", "Cột 0912345678")]


def test_a_file_in_and_out_says_the_names(
    conn_as: Callable[[str], Connection], made: dict[str, int], tmp_path: Path
) -> None:
    conn = conn_as("hoa")
    layer = q.with_classes(conn, MAU.id, PLACES)
    rows = [("ql-1", "tram bom"), ("ql-2", "CHỐT KÍN"), ("ql-3", "Chuồng trại")]
    features = [
        {"type": "Feature", "geometry": SPOT.__geo_interface__, "properties": {"ma": code, "loai": kind, "ten": code}}
        for code, kind in rows
    ]
    path = tmp_path / "places.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    report = import_file(conn, layer, path, ImportRequest(MAU.id))
    assert [(one.rule, one.value) for one in report.errors] == [("not_a_choice", "Chuồng trại")]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features[:2]}), "utf-8")
    assert import_file(conn, layer, path, ImportRequest(MAU.id)).is_stored
    found = conn.execute(sa.text("SELECT kind, visibility FROM other_places WHERE external_id LIKE 'ql-%' ORDER BY 1"))
    assert [tuple(row) for row in found] == [("Chốt kín", "police"), ("Trạm bơm", "staff")]
    made_file = export_layer(conn, layer, "data", ExportAsked("csv", 4326, ItemQuery(limit=100)), VIETNAMESE)
    assert "Trạm bơm" in made_file.content.decode("utf-8-sig")


@pytest.mark.parametrize("many", [False, True])
def test_an_edit_that_can_no_longer_be_taken_back_says_so(
    many: bool, client_as: Callable[[str | None], FlaskClient], officer_as: OfficerAs, made: dict[str, int]
) -> None:
    """The class has another name since: a reason to read, no fault of the server."""
    hoa = officer_as("hoa")
    place = add(hoa, "Trạm bơm", name="Trạm số 1").json["id"]
    assert (
        page(client_as("hoa"), f"/{made['Trạm bơm']}", **{**PUMP, "name": "Trạm mới", "version": 1}).status_code == 303
    )
    path = "/api/layers/other_places/" + ("batches/undo" if many else f"features/{place}/undo")
    body = {"features": [{"id": place, "version": 2}]} if many else {}
    answer = hoa.post(path, body, version=None if many else 2)
    assert (answer.status_code, answer.json["params"]["faults"]) == (422, [{"field": "kind", "rule": "choice"}])
