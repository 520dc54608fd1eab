"""OGC API Features Part 4, class Update: PATCH with a JSON Merge Patch, by the abstract tests of the draft."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from tests.builders import MAU
from tests.db.test_ogc_writes import HERE, ITEMS, light, methods, token

__all__ = ["token"]
MERGE = "application/merge-patch+json"
TokenFor = Callable[..., dict[str, str]]


class Lamp:
    """A lamp of Xã Mẫu and who changes it."""

    def __init__(self, app: Flask, who: dict[str, str]) -> None:
        self.client, self.who = app.test_client(), who
        made = self.client.post(ITEMS, json=light(HERE.x, HERE.y, radius_m=15, height_m=8), headers=who)
        self.id, self.address = made.json["id"], made.headers["Location"].removeprefix("http://localhost")

    def now(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(self.address, headers=self.who).json
        return found

    def patch(self, body: Any, tag: str | None = '"1"', **headers: str) -> TestResponse:
        sent = self.who | {"Content-Type": MERGE} | ({} if tag is None else {"If-Match": tag}) | headers
        return self.client.patch(self.address, json=body, headers=sent)


@pytest.fixture
def lamp(app: Flask, token: TokenFor, owner_engine: Engine) -> Iterator[Lamp]:
    """A lamp; it goes at the end."""
    made = Lamp(app, token("hoa"))
    yield made
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("SET LOCAL app.role = 'system'")
        conn.exec_driver_sql(f"DELETE FROM lights WHERE id = {made.id}")


def test_the_methods_and_media_types_are_told(lamp: Lamp) -> None:
    """/conf/update/options, /conf/create-replace-delete/options."""
    one, many = (lamp.client.options(address, headers=lamp.who) for address in (lamp.address, ITEMS))
    assert (one.status_code, many.status_code) == (200, 200)
    assert (methods(one), methods(many)) == ({"PUT", "PATCH", "DELETE"}, {"POST"})
    assert (one.headers["Accept-Patch"], many.headers["Accept-Post"]) == (MERGE, "application/geo+json")
    api = lamp.client.get("/ogc/api", headers=lamp.who).json["paths"]["/ogc/collections/{name}/items/{feature_id}"][
        "patch"
    ]
    assert list(api["requestBody"]["content"]) == [MERGE]
    assert [(one["name"], one["required"]) for one in api["parameters"] if one["in"] == "header"] == [
        ("If-Match", True)
    ]
    # QGIS would patch without a version; it is not told that it might.
    qgis = lamp.client.options(lamp.address, headers=lamp.who | {"User-Agent": "Mozilla/5.0 QGIS/34009/Linux"})
    assert methods(qgis) == {"PUT"}
    assert "Accept-Patch" not in qgis.headers
    assert "User-Agent" in qgis.headers["Vary"]


def test_a_merge_patch_changes_what_it_names(lamp: Lamp) -> None:
    """/conf/update/update, /conf/features/json-merge-patch: a value, a new one, null, the shape; no more."""
    before = lamp.now()
    there = [MAU.at(750, 820).x, MAU.at(750, 820).y]
    patch = {"properties": {"state": "broken", "radius_m": None}, "geometry": {"coordinates": there}}
    done = lamp.patch(patch)
    assert (done.status_code, done.headers["ETag"]) == (200, '"2"'), done.text
    after = lamp.now()
    assert after["geometry"]["coordinates"] == pytest.approx(there, abs=1e-9)
    wanted = before["properties"] | {"state": "broken", "radius_m": None, "version": 2}
    assert after["properties"] == wanted
    assert done.json["properties"] == wanted
    # In another CRS, and with the identifier as it is.
    metres = {"id": lamp.id, "geometry": {"type": "Point", "coordinates": [593700, 2303800]}}
    moved = lamp.patch(metres, '"2"', **{"Content-Crs": "EPSG:9210"})
    assert moved.status_code == 200, moved.text
    assert moved.json["geometry"]["coordinates"] == pytest.approx([HERE.x, HERE.y], abs=1e-8)


@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        ({"id": 1}, "id", "managed"),
        ({"id": None}, "id", "managed"),
        ({"id": "x"}, "id", "managed"),
        ({"geometry": None}, "geometry", "required"),
        ({"properties": None}, "properties", "required"),
        ({"type": None}, "type", "required"),
        ({"properties": {"state": None}}, "state", "required"),
        ({"properties": {"nothing": 1}}, "nothing", "unknown_field"),
        ({"properties": {"commune_id": 90002}}, "commune_id", "unknown_field"),
        ({"geometry": {"coordinates": "x"}}, "geometry", "geometry"),
        ({"geometry": {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}}, "geometry", "geometry_type"),
    ],
)
def test_what_a_patch_cannot_do_is_refused(lamp: Lamp, body: dict[str, Any], field: str, rule: str) -> None:
    """Also /req/features/update-json-merge-patch B: the identifier stays. Nothing is passed over in silence."""
    before, answer = lamp.now(), lamp.patch(body)
    assert (answer.status_code, answer.json["code"]) == (422, "bad_feature"), answer.text
    assert answer.json["params"]["faults"] == [{"field": field, "rule": rule}]
    assert lamp.now() == before


def test_versions_of_a_patch(lamp: Lamp) -> None:
    """/conf/optimistic-locking-etags/update, and /conf/update/update-content-type."""
    patch = {"properties": {"height_m": 9}}
    assert lamp.patch(patch, None).status_code == 428
    assert lamp.patch(patch, '"0"').status_code == 412
    assert lamp.patch(patch, '"2"').status_code == 412
    assert lamp.patch([], '"1"').status_code == 400
    assert lamp.patch(patch, **{"Content-Type": "text/plain"}).status_code == 415
    bare = lamp.who | {"If-Match": '"1"'}
    assert lamp.client.patch(lamp.address, data=b'{"properties": {"height_m": 9}}', headers=bare).status_code == 400
    for method, address in (("POST", ITEMS), ("PUT", lamp.address)):
        assert lamp.client.open(address, method=method, data=b"{}", headers=bare).status_code == 400, method
    assert lamp.now()["properties"]["height_m"] == 8
    assert lamp.patch(patch).headers["ETag"] == '"2"'


@pytest.mark.parametrize(
    ("username", "scope", "status"),
    [("giang", "write", 404), ("an", "write", 403), ("binh", "write", 403), ("chi", "write", 403),
     ("lan", "write", 403), ("hoa", "read", 403)],
)  # fmt: skip
def test_who_may_not_changes_nothing(lamp: Lamp, token: TokenFor, username: str, scope: str, status: int) -> None:
    """The other commune's officer is told the same of this lamp as of one that is nowhere."""
    before, other = lamp.now(), token(username, scope) | {"If-Match": '"1"', "Content-Type": MERGE}
    patch = {"properties": {"state": "broken"}}
    answer = lamp.client.patch(lamp.address, json=patch, headers=other)
    missing = lamp.client.patch(f"{ITEMS}/999999999", json=patch, headers=other)
    assert (answer.status_code, answer.json["code"]) == (status, missing.json["code"])
    assert answer.json["params"] == missing.json["params"]
    assert lamp.now() == before
    assert lamp.client.patch(lamp.address, json=patch, headers={"If-Match": '"1"'}).status_code in (400, 401)
