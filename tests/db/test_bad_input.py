"""Every wrong address, parameter and body gets a 4xx problem with a stable code and a Vietnamese sentence."""

import json
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gis_app.web.i18n import catalogue

FEATURES = "/api/layers/lights/features"
BAD_ADDRESSES = [
    ("/api/layers/nothing/features", 404, "unknown_layer"),
    ("/api/layers/lights;DROP TABLE lights/features", 404, "unknown_layer"),
    ("/api/layers/../../etc/passwd/features", 404, "not_found"),
    ("/api/layers/lights/features/abc", 404, "not_found"),
    ("/api/layers/lights/features/99999999999999999999999999", 404, "feature_not_found"),
    (f"{FEATURES}?bbox=1,2,3", 400, "bad_parameter"),
    (f"{FEATURES}?bbox=nan,2,3,4", 400, "bad_parameter"),
    (f"{FEATURES}?bbox=107,21,106,20", 400, "bad_parameter"),
    (f"{FEATURES}?bbox=-inf,-inf,inf,inf", 400, "bad_parameter"),
    (f"{FEATURES}?near=NaN,20&distance_m=5", 400, "bad_parameter"),
    (f"{FEATURES}?near=1e400,20&distance_m=5", 400, "bad_parameter"),
    (f"{FEATURES}?near=20.8,106.6&distance_m=5", 400, "bad_parameter"),
    (f"{FEATURES}?near=593374,2303451&distance_m=5", 400, "bad_parameter"),
    (f"{FEATURES}?near=106.6,20.8", 400, "missing_parameter"),
    (f"{FEATURES}?nearest=5", 400, "missing_parameter"),
    (f"{FEATURES}?near=106.6,20.8&distance_m=-1", 400, "bad_parameter"),
    (f"{FEATURES}?near=106.6,20.8&nearest=0", 400, "bad_parameter"),
    (f"{FEATURES}?near=106.6,20.8&nearest=٣", 400, "bad_parameter"),
    (f"{FEATURES}?limit=99999999", 400, "bad_parameter"),
    (f"{FEATURES}?limit=1.5", 400, "bad_parameter"),
    (f"{FEATURES}?after=-1", 400, "bad_parameter"),
    (f"{FEATURES}?f=exe", 400, "bad_parameter"),
    (f"{FEATURES}?state=working' OR 1=1", 400, "bad_parameter"),
    (f"{FEATURES}?unknown=1", 400, "unknown_parameter"),
    (f"{FEATURES}?source=demo", 400, "unknown_parameter"),
    ("/api/gaps?places=hotspots", 400, "missing_parameter"),
    ("/api/gaps?places=groups&devices=lights&distance_m=5", 400, "not_points"),
    ("/api/gaps?places=hotspots&devices=venues&distance_m=5", 400, "not_a_device"),
    ("/api/gaps?places=hotspots&devices=lights&distance_m=1e9", 400, "bad_parameter"),
    ("/api/streets/nearby?name=không có&layer=lights&distance_m=5", 404, "street_not_found"),
    ("/api/search", 400, "missing_parameter"),
    ("/api/search?q=a%00b", 400, "bad_parameter"),
    (f"/api/search?q={'a' * 300}", 400, "bad_parameter"),
    ("/api/nothing", 404, "not_found"),
    ("/tiles/nothing/1/0/0", 404, "unknown_layer"),
    ("/tiles/lights/3/8/0", 400, "tile_out_of_range"),
    ("/tiles/lights/3/0/8", 400, "tile_out_of_range"),
    ("/tiles/lights/23/0/0", 400, "tile_out_of_range"),
    ("/tiles/lights/99999999999/0/0", 400, "tile_out_of_range"),
    ("/tiles/lights/-1/0/0", 404, "not_found"),
    ("/tiles/lights/1.5/0/0", 404, "not_found"),
]


def check_problem(answer: object, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text  # type: ignore[attr-defined]
    assert answer.mimetype == "application/problem+json"  # type: ignore[attr-defined]
    body = answer.json  # type: ignore[attr-defined]
    assert body["code"] == code
    assert body["status"] == status
    assert body["type"] == f"/problems/{code}"
    assert len(body["request_id"]) == 32
    # A sentence from the Vietnamese catalogue, with every parameter filled in.
    assert not body["title"].startswith("error.")
    assert "{" not in body["title"]


@pytest.mark.parametrize(("address", "status", "code"), BAD_ADDRESSES)
def test_bad_address(address: str, status: int, code: str, client_as: Callable[[str | None], FlaskClient]) -> None:
    check_problem(client_as("an").get(address), status, code)


SHAPES = {
    "not json": ("{", "geometry"),
    "not a geometry": ('{"type": "Cat"}', "geometry"),
    "no coordinates": ('{"type": "Polygon"}', "geometry"),
    "null coordinates": ('{"type": "Polygon", "coordinates": null}', "geometry_invalid"),
    "text coordinates": ('{"type": "Polygon", "coordinates": [[["a", "b"]]]}', "geometry"),
    "empty": ('{"type": "Polygon", "coordinates": []}', "geometry_invalid"),
    "a point": ('{"type": "Point", "coordinates": [106, 20]}', "geometry_type"),
    "self-crossing": (
        json.dumps({"type": "Polygon", "coordinates": [[[106, 20], [107, 21], [107, 20], [106, 21], [106, 20]]]}),
        "geometry_invalid",
    ),
    "metres": (
        json.dumps({"type": "Polygon", "coordinates": [[[593e3, 23e5], [594e3, 23e5], [594e3, 24e5], [593e3, 23e5]]]}),
        "lonlat",
    ),
    "NaN": ('{"type": "Polygon", "coordinates": [[[NaN, 20], [107, 21], [107, 20], [NaN, 20]]]}', "geometry"),
    "mixed": ('{"type": "GeometryCollection", "geometries": []}', "geometry_type"),
    "deep": ("[" * 100_000, "geometry"),
    "huge": (
        json.dumps({"type": "Polygon", "coordinates": [[[106 + i / 1e5, 20] for i in range(6000)] + [[106, 20]]]}),
        "geometry_too_large",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_bad_shape(shape: str, client_as: Callable[[str | None], FlaskClient]) -> None:
    text, rule = SHAPES[shape]
    answer = client_as("an").get(FEATURES, query_string={"within": text})
    check_problem(answer, 400, "bad_parameter")
    assert answer.json["params"] == {"name": "within", "rule": rule}
    assert f"rule.{rule}" in catalogue("vi")


def test_a_shape_with_height_is_read_flat(client_as: Callable[[str | None], FlaskClient]) -> None:
    ring = [[106.6, 20.8, 5], [106.7, 20.8, 5], [106.7, 20.9, 5], [106.6, 20.8, 5]]
    answer = client_as("an").get(
        FEATURES, query_string={"within": json.dumps({"type": "Polygon", "coordinates": [ring]})}
    )
    assert answer.status_code == 200


BODIES = [
    (b"", "application/json"),
    (b"{", "application/json"),
    (b"[]", "application/json"),
    (b"null", "application/json"),
    (b'{"username": 1, "password": []}', "application/json"),
    (b'{"username": "a\\u0000", "password": "b"}', "application/json"),
    (b"[" * 100_000, "application/json"),
    (b'{"username": "' + b"a" * 100_000 + b'", "password": "b"}', "application/json"),
    (b"\xff\xfe", "application/json"),
    (b"username=a&password=b", "application/x-www-form-urlencoded"),
]


@pytest.mark.parametrize("number", range(len(BODIES)))
def test_bad_body(number: int, client_as: Callable[[str | None], FlaskClient]) -> None:
    data, mimetype = BODIES[number]
    answer = client_as(None).post("/api/session", data=data, content_type=mimetype)
    assert 400 <= answer.status_code < 500
    check_problem(answer, answer.status_code, answer.json["code"])


def test_a_body_of_100_mb_is_refused(app: Flask) -> None:
    answer = app.test_client().post("/api/session", data=b" " * 100 * 2**20, content_type="application/json")
    check_problem(answer, 413, "body_too_large")


def test_an_unsafe_request_needs_the_token(client_as: Callable[[str | None], FlaskClient]) -> None:
    client = client_as("quantri")
    check_problem(client.post("/api/session/commune", json={"commune_id": 90001}), 400, "csrf")
    token = client.get("/api/session").json["csrf_token"]
    answer = client.post("/api/session/commune", json={"commune_id": 90001}, headers={"X-CSRFToken": token})
    assert answer.status_code == 200
    assert client.get("/api/session").json["commune"]["code"] == "90001"


def test_english_by_cookie(client_as: Callable[[str | None], FlaskClient]) -> None:
    client = client_as("an")
    assert client.get("/api/layers/x/features").json["title"].startswith("Không có lớp")
    assert client.get("/api/layers/x/features?lang=en").json["title"].startswith("There is no layer")
    assert client.get("/api/layers/x/features").json["title"].startswith("There is no layer")
