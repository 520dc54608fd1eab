"""OGC API Features Part 4: by the rules of every other door: roles, versions, place, audit, history; in any CRS."""

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from gis_app.db import Actor, begin
from gis_app.queries.access_tokens import insert_token
from gis_app.web.users import session_memory
from tests.builders import BEN, MAU

ITEMS = "/ogc/collections/lights/items"
HERE = MAU.at(700, 800)


@pytest.fixture
def token(owner_engine: Engine) -> Iterator[Callable[..., dict[str, str]]]:
    """`token("hoa", "write")`: the header of a program with a new token."""

    def make(username: str, scope: str = "write", *, basic: bool = False) -> dict[str, str]:
        with begin(owner_engine, Actor("system")) as conn:
            account = conn.execute(sa.text("SELECT id FROM accounts WHERE username = :u"), {"u": username}).scalar_one()
            made = insert_token(conn, account, "qgis", scope, datetime.now(UTC) + timedelta(days=1))
        both = base64.b64encode(f"{username}:{made}".encode()).decode()
        return {"Authorization": f"Basic {both}" if basic else f"Bearer {made}"}

    yield make
    with owner_engine.begin() as conn:
        conn.execute(sa.text("DELETE FROM access_tokens"))
    session_memory.forget_all()


def light(lon: float, lat: float, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": properties}


@pytest.mark.parametrize("basic", [False, True])
def test_the_life_of_a_feature(basic: bool, app: Flask, token: Callable[..., dict[str, str]]) -> None:
    client, who = app.test_client(), token("hoa", basic=basic)
    made = client.post(ITEMS, json=light(HERE.x, HERE.y, radius_m=15), headers=who)
    assert made.status_code == 201, made.text
    own = made.headers["Location"].removeprefix("http://localhost")
    assert own.startswith(f"{ITEMS}/")
    read = client.get(own, headers=who)
    assert (read.json["properties"]["state"], read.json["properties"]["radius_m"]) == ("working", 15)
    assert read.json["geometry"]["coordinates"] == pytest.approx([HERE.x, HERE.y], abs=1e-9)
    assert read.headers["ETag"] == made.headers["ETag"] == '"1"'

    patch = {"type": "Feature", "properties": {"state": "broken"}}
    assert client.patch(own, json=patch, headers=who).status_code == 428
    assert client.patch(own, json=patch, headers=who | {"If-Match": '"7"'}).status_code == 412
    assert client.patch(own, json=patch, headers=who | {"If-Match": "*"}).status_code == 412
    merge = who | {"If-Match": '"1"', "Content-Type": "application/merge-patch+json"}
    changed = client.patch(own, json=patch, headers=merge)
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert changed.json["properties"]["radius_m"] == 15

    # What a replacement does not name is empty, or its default.
    replaced = client.put(own, json=light(HERE.x, HERE.y, height_m=8), headers=who | {"If-Match": '"2"'})
    assert replaced.status_code == 200, replaced.text
    values = replaced.json["properties"]
    assert (values["state"], values["radius_m"], values["height_m"]) == ("working", None, 8)
    assert client.put(own, json=light(HERE.x, HERE.y), headers=who).status_code == 428

    history = client.get(own.replace("/ogc/collections/lights/items", "/api/layers/lights/features") + "/history",
                         headers=who).json["entries"]  # fmt: skip
    assert [(entry["action"], entry["username"]) for entry in history] == [
        ("update", "hoa"), ("update", "hoa"), ("insert", "hoa")]  # fmt: skip
    assert client.delete(own, headers=who).status_code == 428
    assert client.delete(own, headers=who | {"If-Match": '"2"'}).status_code == 412
    assert client.delete(own, headers=who | {"If-Match": '"3"'}).status_code == 204
    assert client.get(own, headers=who).status_code == 404


@pytest.mark.parametrize(
    ("crs", "place"),
    [("http://www.opengis.net/def/crs/EPSG/0/9210", (593700.0, 2303800.0)),
     ("<http://www.opengis.net/def/crs/EPSG/0/4326>", (HERE.y, HERE.x)),
     ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", (HERE.x, HERE.y))],
)  # fmt: skip
def test_coordinates_come_in_any_crs(
    crs: str, place: tuple[float, float], app: Flask, token: Callable[..., dict[str, str]]
) -> None:
    client, who = app.test_client(), token("hoa")
    made = client.post(ITEMS, json=light(*place), headers=who | {"Content-Crs": crs})
    assert made.status_code == 201, made.text
    own = made.headers["Location"].removeprefix("http://localhost")
    assert made.json["geometry"]["coordinates"] == pytest.approx([HERE.x, HERE.y], abs=1e-8)
    back = client.get(own, query_string={"crs": "EPSG:9210"}, headers=who).json["geometry"]["coordinates"]
    assert back == pytest.approx([593700, 2303800], abs=0.001)
    assert client.delete(own, headers=who | {"If-Match": '"1"'}).status_code == 204


def test_a_group_that_was_read_is_put_back(app: Flask, token: Callable[..., dict[str, str]]) -> None:
    """Managed columns that come back unchanged are no attempt to decide; a changed one is."""
    client, who = app.test_client(), token("hoa")
    address = "/ogc/collections/groups/items"
    found = client.get(address, query_string={"external_id": "MAU1-g2"}, headers=who).json["features"][0]
    tag = client.get(f"{address}/{found['id']}", headers=who).headers["ETag"]
    body = {"type": "Feature", "geometry": found["geometry"], "properties": found["properties"]}
    lifted = body | {"properties": body["properties"] | {"stage": "maintained"}}
    refused = client.put(f"{address}/{found['id']}", json=lifted, headers=who | {"If-Match": tag})
    assert (refused.status_code, refused.json["params"]["faults"]) == (422, [{"field": "stage", "rule": "managed"}])
    kept = client.put(f"{address}/{found['id']}", json=body, headers=who | {"If-Match": tag})
    assert kept.status_code == 200, kept.text
    assert kept.json["properties"] | {"version": 0} == found["properties"] | {"version": 0}


WRONG: list[tuple[dict[str, Any] | list[Any], dict[str, str], int, str]] = [
    ([], {}, 400, "bad_body"),
    (light(HERE.x, HERE.y), {"Content-Crs": "EPSG:1"}, 400, "bad_parameter"),
    (light(1e300, 1), {"Content-Crs": "EPSG:9210"}, 422, "bad_feature"),
    (light(HERE.x, HERE.y), {"Content-Crs": "EPSG:4326"}, 422, "bad_feature"),
    (light(BEN.at(1500, 1500).x, BEN.at(1500, 1500).y), {}, 422, "outside_commune"),
    (light(HERE.x, HERE.y, nothing=1), {}, 422, "bad_feature"),
    (light(HERE.x, HERE.y, state="glowing"), {}, 422, "bad_feature"),
    (light(HERE.x, HERE.y, commune_id=BEN.id), {}, 422, "bad_feature"),
    ({"type": "Feature", "properties": {}}, {}, 422, "bad_feature"),
    ({"type": "Feature", "geometry": {"type": "Point", "coordinates": "x"}}, {"Content-Crs": "EPSG:9210"}, 422,
     "bad_feature"),
    ({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[1, 1], [2, 2], [1, 1]]]}},
     {"Content-Crs": "EPSG:9210"}, 422, "bad_feature"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_wrong_features_are_problems(number: int, app: Flask, token: Callable[..., dict[str, str]]) -> None:
    body, headers, status, code = WRONG[number]
    answer = app.test_client().post(ITEMS, json=body, headers=token("hoa") | headers)
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
    assert answer.mimetype == "application/problem+json"


def test_one_key_is_one_feature(app: Flask, token: Callable[..., dict[str, str]]) -> None:
    client, who = app.test_client(), token("hoa") | {"Idempotency-Key": "ogc-key-0001"}
    answers = [client.post(ITEMS, json=light(HERE.x, HERE.y), headers=who) for _ in range(3)]
    assert {answer.json["id"] for answer in answers} == {answers[0].json["id"]}
    assert answers[2].headers["Idempotent-Replayed"] == "true"


def methods(answer: TestResponse) -> set[str]:
    return set(answer.headers["Allow"].split(", ")) - {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    ("username", "scope", "may"),
    [("hoa", "write", True), ("an", "write", False), ("binh", "write", False), ("chi", "write", False),
     ("lan", "write", False), ("giang", "write", True)],
)  # fmt: skip
def test_who_may_is_told_so_and_nobody_else_can(
    username: str, scope: str, may: bool, app: Flask, token: Callable[..., dict[str, str]], owner_engine: Engine
) -> None:
    client, who = app.test_client(), token(username, scope)
    assert methods(client.options(ITEMS, headers=who)) == ({"POST"} if may else set())
    assert methods(client.options(f"{ITEMS}/1", headers=who)) == ({"PUT", "PATCH", "DELETE"} if may else set())
    with owner_engine.begin() as conn:
        text = f"SELECT id, version FROM lights WHERE commune_id = {MAU.id} ORDER BY id LIMIT 1"
        own_id, version = conn.exec_driver_sql(text).one()
    tag = who | {"If-Match": f'"{version}"'}
    expected = {"hoa": None, "giang": 404}.get(username, 403)
    if expected is None:
        return
    for method in ("PUT", "PATCH", "DELETE"):
        answer = client.open(f"{ITEMS}/{own_id}", method=method, json=light(HERE.x, HERE.y), headers=tag)
        # From the other commune a feature here is either missing, or its place is outside.
        assert answer.status_code in ({404, 422} if username == "giang" else {403}), (method, answer.text)
    assert client.post(ITEMS, json=light(HERE.x, HERE.y), headers=who).status_code == (422 if may else 403)
    assert client.get(f"{ITEMS}/{own_id}", headers=who).status_code == (404 if username == "giang" else 200)


def test_a_reading_token_writes_nothing_and_no_token_nothing_at_all(
    app: Flask, token: Callable[..., dict[str, str]]
) -> None:
    client = app.test_client()
    answer = client.post(ITEMS, json=light(HERE.x, HERE.y), headers=token("hoa", "read"))
    assert (answer.status_code, answer.json["code"]) == (403, "token_reads_only")
    for address in ("/ogc/", "/ogc/api", "/ogc/conformance", "/ogc/collections", ITEMS):
        assert client.get(address).status_code == 401
        assert client.get(address, headers={"Authorization": "Bearer bdby_void"}).status_code == 401


def test_a_cookie_needs_the_form_s_token(client_as: Callable[[str | None], FlaskClient]) -> None:
    client = client_as("hoa")
    assert client.post(ITEMS, json=light(HERE.x, HERE.y)).json["code"] == "csrf"
    assert client.post(ITEMS, json=light(HERE.x, HERE.y), headers={"Origin": "https://evil.example"}).status_code == 400


def test_communes_are_not_edited_here(app: Flask, token: Callable[..., dict[str, str]]) -> None:
    client, who = app.test_client(), token("hoa")
    address = "/ogc/collections/communes/items"
    assert methods(client.options(address, headers=who)) == set()
    assert client.post(address, json=light(HERE.x, HERE.y), headers=who).status_code == 403
