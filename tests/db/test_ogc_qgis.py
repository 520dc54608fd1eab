"""QGIS edits without If-Match: PUT with the whole feature of its cache, `version` in it; no update is lost."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from tests.builders import MAU
from tests.db.test_ogc_writes import ITEMS, light
from tests.db.test_ogc_writes import token as token  # noqa: PLC0414 - a fixture

HERE = MAU.at(720, 820)
TokenFor = Callable[..., dict[str, str]]
EPSG_9210 = "http://www.opengis.net/def/crs/EPSG/0/9210"


class Qgis:
    """What QGIS keeps of a layer, and how it writes (qgsoapifprovider.cpp, qgsoapifputfeaturerequest.cpp)."""

    def __init__(self, client: FlaskClient, who: dict[str, str], feature_id: int, crs: str = "") -> None:
        self.client, self.who, self.crs, self.own = client, who, crs, f"{ITEMS}/{feature_id}"
        query = {"crs": crs} if crs else {}
        self.cache: dict[str, Any] = client.get(self.own, query_string=query, headers=who).json

    def put(self) -> TestResponse:
        # QgsJsonExporter writes six decimals, and columns without a value as null.
        x, y = (round(value, 6) for value in self.cache["geometry"]["coordinates"])
        body = {"type": "Feature", "id": self.cache["id"], "geometry": {"type": "Point", "coordinates": [x, y]},
                "properties": self.cache["properties"]}  # fmt: skip
        headers = self.who | {"Content-Type": "application/geo+json"}
        return self.client.put(self.own, json=body, headers=headers | ({"Content-Crs": self.crs} if self.crs else {}))

    def change(self, **values: Any) -> TestResponse:
        """Attributes as QGIS commits them: the cache follows only what went through, and never the version."""
        before = dict(self.cache["properties"])
        self.cache["properties"] |= values
        answer = self.put()
        if answer.status_code >= 300:
            self.cache["properties"] = before
        return answer

    def move(self, *place: float) -> TestResponse:
        before = self.cache["geometry"]["coordinates"]
        self.cache["geometry"]["coordinates"] = list(place)
        answer = self.put()
        if answer.status_code >= 300:
            self.cache["geometry"]["coordinates"] = before
        return answer


@pytest.fixture
def lamp(app: Flask, token: TokenFor, owner_engine: Engine) -> Iterator[int]:
    """A lamp that the officer has just put there."""
    body = light(HERE.x, HERE.y, radius_m=15, external_id="MAU1-qgis")
    made = app.test_client().post(ITEMS, json=body, headers=token("hoa"))
    assert made.status_code == 201, made.text
    yield made.json["id"]
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("SET app.role = 'system'")
        conn.exec_driver_sql("DELETE FROM lights WHERE external_id = 'MAU1-qgis'")
        conn.exec_driver_sql("DELETE FROM audit_entries WHERE table_name = 'lights'")


def by_hand(client: FlaskClient, who: dict[str, str], feature_id: int, **values: Any) -> None:
    """Somebody else's edit through any other door."""
    tag = client.get(f"{ITEMS}/{feature_id}", headers=who).headers["ETag"]
    body = {"type": "Feature", "properties": values}
    answer = client.patch(f"{ITEMS}/{feature_id}", json=body, headers=who | {"If-Match": tag})
    assert answer.status_code == 200, answer.text


def test_shape_and_values_of_one_commit(app: Flask, token: TokenFor, lamp: int) -> None:
    client, who = app.test_client(), token("hoa")
    qgis = Qgis(client, who, lamp)
    assert qgis.cache["properties"]["version"] == 1
    place = (HERE.x + 0.0002, HERE.y)
    assert qgis.move(*place).status_code == 200
    assert qgis.change(state="broken", height_m=8).status_code == 200
    # A second commit of the same cache, which still says version 1.
    assert qgis.change(state="working").status_code == 412
    assert qgis.change(radius_m=22).status_code == 200
    now = client.get(qgis.own, headers=who)
    values = now.json["properties"]
    assert (values["state"], values["height_m"], values["radius_m"], values["version"]) == ("broken", 8, 22, 4)
    assert now.json["geometry"]["coordinates"] == pytest.approx(place, abs=6e-7)
    # Loaded again, it may be set back.
    assert Qgis(client, who, lamp).change(state="working").status_code == 200


@pytest.mark.parametrize("crs", ["", EPSG_9210])
def test_an_edit_of_values_moves_nothing(crs: str, app: Flask, token: TokenFor, lamp: int) -> None:
    """Six decimals of a degree are 0.1 m: the shape that QGIS sends along must not be taken for a new one."""
    client, who = app.test_client(), token("hoa")
    before = client.get(f"{ITEMS}/{lamp}", headers=who).json["geometry"]
    qgis = Qgis(client, who, lamp, crs)
    for number in range(3):
        assert qgis.change(height_m=5 + number).status_code == 200
    assert client.get(f"{ITEMS}/{lamp}", headers=who).json["geometry"] == before


def test_five_centimetres_are_a_move_in_metres(app: Flask, token: TokenFor, lamp: int) -> None:
    client, who = app.test_client(), token("hoa")
    qgis = Qgis(client, who, lamp, EPSG_9210)
    x, y = qgis.cache["geometry"]["coordinates"]
    assert qgis.move(x + 0.05, y).status_code == 200
    now = client.get(qgis.own, query_string={"crs": EPSG_9210}, headers=who).json["geometry"]["coordinates"]
    assert now == pytest.approx([x + 0.05, y], abs=0.001)


def test_what_others_wrote_meanwhile_stays(app: Flask, token: TokenFor, lamp: int, owner_engine: Engine) -> None:
    client, who = app.test_client(), token("hoa")
    qgis = Qgis(client, who, lamp)
    with owner_engine.begin() as conn:
        # A colleague, as the log has it: the change below is told as theirs.
        by_hand(client, who, lamp, height_m=9)
        conn.exec_driver_sql(
            "UPDATE audit_entries SET username = 'thu' WHERE table_name = 'lights' AND action = 'update'"
        )
    assert qgis.change(radius_m=30).status_code == 200
    values = client.get(qgis.own, headers=who).json["properties"]
    assert (values["height_m"], values["radius_m"]) == (9, 30)
    refused = qgis.change(height_m=4)
    assert (refused.status_code, refused.json["code"]) == (412, "edited_meanwhile")
    assert "Chiều cao" in refused.json["title"]
    assert client.get(qgis.own, headers=who).json["properties"]["height_m"] == 9
    # The same value is no conflict, and no new version.
    version = client.get(qgis.own, headers=who).json["properties"]["version"]
    assert qgis.change(height_m=9).headers["ETag"] == f'"{version}"'


def test_a_second_window_of_the_same_person_takes_nothing_back(app: Flask, token: TokenFor, lamp: int) -> None:
    client, who = app.test_client(), token("hoa")
    first, second = Qgis(client, who, lamp), Qgis(client, who, lamp)
    assert first.change(height_m=7).status_code == 200
    # The second still holds no height and sends that along.
    answer = second.change(radius_m=33)
    assert answer.status_code == 412
    assert client.get(first.own, headers=who).json["properties"]["height_m"] == 7


def test_without_a_version_nothing_is_written(app: Flask, token: TokenFor, lamp: int) -> None:
    client, who = app.test_client(), token("hoa")
    for version in (None, "1", 0, -1, 1.5, True, [1]):
        body = light(HERE.x, HERE.y, radius_m=99, version=version)
        answer = client.put(f"{ITEMS}/{lamp}", json=body, headers=who)
        assert (answer.status_code, answer.json["code"]) == (428, "version_missing"), version
        assert "tải lại lớp" in answer.json["title"]
    for version in (2, 10**12, 2**70):
        answer = client.put(f"{ITEMS}/{lamp}", json=light(HERE.x, HERE.y, version=version), headers=who)
        assert (answer.status_code, answer.json["code"]) == (412, "stale_version"), version
    # PATCH and DELETE, which carry no whole feature, go by If-Match alone.
    patch = {"type": "Feature", "properties": {"radius_m": 99, "version": 1}}
    assert client.patch(f"{ITEMS}/{lamp}", json=patch, headers=who).status_code == 428
    assert client.delete(f"{ITEMS}/{lamp}", headers=who).status_code == 428
    assert client.get(f"{ITEMS}/{lamp}", headers=who).json["properties"]["radius_m"] == 15


def test_a_row_whose_history_is_not_told_is_not_guessed_at(
    app: Flask, token: TokenFor, lamp: int, owner_engine: Engine
) -> None:
    client, who = app.test_client(), token("hoa")
    qgis = Qgis(client, who, lamp)
    with owner_engine.begin() as conn:
        # What the system writes (an import of the server's) is not in the log.
        conn.exec_driver_sql("SET app.role = 'system'")
        conn.exec_driver_sql(f"UPDATE lights SET height_m = 6 WHERE id = {lamp}")
    assert qgis.change(radius_m=30).json["code"] == "stale_version"


def test_the_version_is_shown_to_who_edits_alone(app: Flask, token: TokenFor) -> None:
    client = app.test_client()
    for username, shown in (("hoa", True), ("an", False), ("chi", False), ("lan", False)):
        who = token(username, "write" if shown else "read")
        first = client.get(ITEMS, headers=who).json["features"][0]["properties"]
        assert ("version" in first) is shown
        schema = client.get("/ogc/collections/lights/schema", headers=who).json["properties"]
        assert ("version" in schema) is shown
        assert "version" not in client.get("/ogc/collections/lights/queryables", headers=who).json["properties"]
        if shown:
            assert schema["version"]["readOnly"]
            assert len({one["x-ogc-propertySeq"] for one in schema.values()}) == len(schema)
