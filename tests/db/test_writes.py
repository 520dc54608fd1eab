"""Safe writes: one winner per version, one row per key, every fault named, undo to the very same shape."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
import shapely
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from layers import LAYERS
from layers.base import Layer
from tests.builders import BEN, MAU, sample_row
from tests.db.officers import Officer

LIGHTS = "/api/layers/lights/features"
ClientAs = Callable[[str | None], FlaskClient]


class LightOfficer(Officer):
    """One who adds lights."""

    def add_light(self, key: str | None = None, **values: Any) -> TestResponse:
        return self.send("POST", LIGHTS, light(**values), Idempotency_Key=key or uuid4().hex)


def light(east: float = 700, north: float = 700, **values: Any) -> dict[str, Any]:
    spot = MAU.at(east, north)
    point = {"type": "Point", "coordinates": [spot.x, spot.y]}
    return {"type": "Feature", "geometry": point, "properties": {"state": "working", "radius_m": 15} | values}


@pytest.fixture
def hoa(client_as: ClientAs, owner_engine: Engine) -> Iterator[LightOfficer]:
    """Hoa, data officer of Xã Mẫu; the rows that she makes are removed."""
    yield LightOfficer(client_as("hoa"))
    with owner_engine.begin() as conn:
        for layer in LAYERS.values():
            conn.execute(sa.text(f"DELETE FROM {layer.name} WHERE source = 'manual'"))
        conn.execute(sa.text("DELETE FROM audit_entries"))


def count_lights(engine: Engine) -> int:
    with engine.begin() as conn:
        return int(conn.execute(sa.text("SELECT count(*) FROM lights WHERE source = 'manual'")).scalar_one())


def test_create_read_change_delete(hoa: LightOfficer) -> None:
    made = hoa.add_light(external_id="L-9")
    assert made.status_code == 201
    address = made.headers["Location"]
    assert made.headers["ETag"] == '"1"' == hoa.client.get(address).headers["ETag"]
    changed = hoa.send("PATCH", address, {"properties": {"state": "broken"}}, If_Match='"1"')
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert (
        hoa.client.get(address).json["properties"] | {"state": "broken", "radius_m": 15}
        == (hoa.client.get(address).json["properties"])
    )
    assert hoa.send("DELETE", address, If_Match='"1"').status_code == 412
    assert hoa.send("DELETE", address, If_Match='"2"').status_code == 204
    assert hoa.client.get(address).status_code == 404


def test_a_write_must_name_its_version(hoa: LightOfficer) -> None:
    address = hoa.add_light().headers["Location"]
    assert hoa.send("PATCH", address, {"properties": {}}).json["code"] == "if_match_missing"
    assert hoa.send("PATCH", address, {"properties": {}}).status_code == 428
    stale = hoa.send("PATCH", address, {"properties": {"state": "broken"}}, If_Match='"7"')
    assert (stale.status_code, stale.json["params"]) == (412, {"version": 1})


def test_of_two_editors_one_wins_each_round(client_as: ClientAs, hoa: LightOfficer) -> None:
    editors = [hoa, Officer(client_as("hoa"))]
    address = hoa.add_light(radius_m=1).headers["Location"]
    with ThreadPoolExecutor(2) as pool:
        for version in range(1, 31):
            answers = list(
                pool.map(
                    lambda editor, version=version: (
                        editor.send(
                            "PATCH", address, {"properties": {"radius_m": 1 + version}}, If_Match=f'"{version}"'
                        ).status_code
                    ),
                    editors,
                )
            )
            assert sorted(answers) == [200, 412]
    assert hoa.client.get(address).headers["ETag"] == '"31"'


def test_ten_equal_posts_make_one_row(client_as: ClientAs, hoa: LightOfficer, owner_engine: Engine) -> None:
    editors = [LightOfficer(client_as("hoa")) for _ in range(5)] * 2
    key = uuid4().hex
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda editor: editor.add_light(key), editors))
    assert {a.status_code for a in answers} == {201}
    assert len({a.json["id"] for a in answers}) == 1
    assert count_lights(owner_engine) == 1


def test_a_key_is_for_one_content(hoa: LightOfficer) -> None:
    key = uuid4().hex
    assert hoa.add_light(key).status_code == 201
    assert hoa.add_light(key, radius_m=16).json["code"] == "idempotency_key_reused"
    assert hoa.send("POST", LIGHTS, light()).json["code"] == "idempotency_key_missing"


def test_a_failed_post_does_not_use_up_its_key(hoa: LightOfficer, owner_engine: Engine) -> None:
    key = uuid4().hex
    assert hoa.add_light(key, radius_m=-5).status_code == 422
    assert count_lights(owner_engine) == 0
    assert hoa.add_light(key).status_code == 201


FAULTS = [
    ({"radius_m": 9999}, "radius_m", "range"),
    ({"radius_m": "15"}, "radius_m", "number"),
    ({"radius_m": True}, "radius_m", "number"),
    ({"state": "on fire"}, "state", "choice"),
    ({"state": None}, "state", "required"),
    ({"verified_on": "31/12/2026"}, "verified_on", "date"),
    ({"lamp": ["led"]}, "lamp", "choice"),
    ({"owner": "anybody"}, "owner", "unknown_field"),
    ({"commune_id": 90002}, "commune_id", "unknown_field"),
    ({"external_id": "a\u0000b"}, "external_id", "text"),
]


@pytest.mark.parametrize(("values", "field", "rule"), FAULTS)
def test_each_fault_is_named(
    values: dict[str, Any], field: str, rule: str, hoa: LightOfficer, owner_engine: Engine
) -> None:
    answer = hoa.add_light(**values)
    assert answer.status_code == 422
    assert {"field": field, "rule": rule} in answer.json["params"]["faults"]
    assert count_lights(owner_engine) == 0


def test_a_row_cannot_be_born_expired(hoa: LightOfficer) -> None:
    values = {"class": "risk", "severity": 1, "expires_on": "2026-03-01"}
    body = light() | {"properties": values}
    answer = hoa.send("POST", "/api/layers/hotspots/features", body, Idempotency_Key=uuid4().hex)
    assert answer.json["params"]["faults"] == [{"field": "expires_on", "rule": "past"}]


SHAPES = {
    "none": (None, "required"),
    "a line": ({"type": "LineString", "coordinates": [[106.65, 20.82], [106.66, 20.83]]}, "geometry_type"),
    "swapped": ({"type": "Point", "coordinates": [20.82, 106.65]}, "lonlat"),
    "metres": ({"type": "Point", "coordinates": [593374, 2303451]}, "lonlat"),
    "text": ({"type": "Point", "coordinates": ["a", "b"]}, "geometry"),
    "empty": ({"type": "Point", "coordinates": []}, "geometry_invalid"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_bad_shape_is_named(name: str, hoa: LightOfficer) -> None:
    geometry, rule = SHAPES[name]
    answer = hoa.send("POST", LIGHTS, light() | {"geometry": geometry}, Idempotency_Key=uuid4().hex)
    assert answer.status_code == 422
    assert answer.json["params"]["faults"] == [{"field": "geometry", "rule": rule}]


def test_outside_the_commune_is_refused_with_the_distance(hoa: LightOfficer) -> None:
    assert hoa.send("POST", LIGHTS, light(-40, 700), Idempotency_Key=uuid4().hex).status_code == 201
    far = hoa.send("POST", LIGHTS, light(700, 5000), Idempotency_Key=uuid4().hex)
    assert (far.status_code, far.json["code"], far.json["params"]) == (422, "outside_commune", {"km": 2.0})


@pytest.mark.parametrize("layer", [la for la in LAYERS.values() if not la.tenant], ids=lambda la: la.name)
def test_every_layer_can_be_written_by_its_editors_alone(layer: Layer, hoa: LightOfficer, client_as: ClientAs) -> None:
    _, shape, values = sample_row(layer, MAU)
    if layer.name == "groups":
        # Upon others it would be refused: the strip that surveys may differ by along the border.
        shape = MAU.box(3001, 100, 3045, 300)
    plain = {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in values.items()
        if name not in layer.managed_names
    }
    body = {"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": plain}
    address = f"/api/layers/{layer.name}/features"
    made = hoa.send("POST", address, body, Idempotency_Key=uuid4().hex)
    assert made.status_code == 201, made.text
    for username in ("an", "binh", "chi"):
        other = Officer(client_as(username))
        role = {"an": "patrol", "binh": "planner", "chi": "committee"}[username]
        version = hoa.client.get(made.headers["Location"]).headers["ETag"]
        answer = other.send("PATCH", made.headers["Location"], {"properties": {}}, If_Match=version)
        assert answer.status_code == (200 if role in layer.editors else 403), username


def test_nobody_writes_into_another_commune(client_as: ClientAs, hoa: LightOfficer) -> None:
    address = hoa.add_light().headers["Location"]
    giang = Officer(client_as("giang"))
    for answer in (
        giang.send("PATCH", address, {"properties": {"state": "broken"}}, If_Match='"1"'),
        giang.send("DELETE", address, If_Match='"1"'),
        giang.send("POST", f"{address}/undo", If_Match='"1"', Idempotency_Key=uuid4().hex),
        giang.send("GET", f"{address}/history"),
    ):
        assert answer.status_code == 404
        assert answer.json["code"] == "feature_not_found"
    assert giang.send("POST", LIGHTS, light(), Idempotency_Key=uuid4().hex).json["code"] == "outside_commune"
    assert BEN.id != MAU.id


def test_undo_brings_back_the_very_same_shape(hoa: LightOfficer, owner_engine: Engine) -> None:
    def stored() -> Any:
        with owner_engine.begin() as conn:
            return conn.execute(
                sa.text("SELECT encode(ST_AsEWKB(geom), 'hex'), state, verified_on FROM lights WHERE source = 'manual'")
            ).one()

    address = hoa.add_light(verified_on="2026-02-03").headers["Location"]
    before = stored()
    changed = light(800, 800)["geometry"]
    body = {"geometry": changed, "properties": {"state": "broken", "verified_on": None}}
    hoa.send("PATCH", address, body, If_Match='"1"')
    assert stored() != before
    undone = hoa.send("POST", f"{address}/undo", If_Match='"2"', Idempotency_Key=uuid4().hex)
    assert (undone.status_code, undone.headers["ETag"]) == (200, '"3"')
    assert stored() == before


def test_undo_is_for_ones_own_last_edit_of_the_last_day(hoa: LightOfficer, owner_engine: Engine) -> None:
    address = hoa.add_light().headers["Location"]
    undo = f"{address}/undo"
    assert hoa.send("POST", undo, If_Match='"1"', Idempotency_Key=uuid4().hex).json["code"] == "nothing_to_undo"
    hoa.send("PATCH", address, {"properties": {"state": "broken"}}, If_Match='"1"')
    assert hoa.send("POST", undo, If_Match='"1"', Idempotency_Key=uuid4().hex).json["code"] == "stale_version"
    with owner_engine.begin() as conn:
        conn.execute(sa.text("UPDATE audit_entries SET at = now() - interval '25 hours'"))
    assert hoa.send("POST", undo, If_Match='"2"', Idempotency_Key=uuid4().hex).json["code"] == "nothing_to_undo"


def test_history_tells_who_changed_what(hoa: LightOfficer) -> None:
    address = hoa.add_light().headers["Location"]
    hoa.send("PATCH", address, {"properties": {"state": "broken"}}, If_Match='"1"')
    entries = hoa.send("GET", f"{address}/history").json["entries"]
    assert [entry["action"] for entry in entries] == ["update", "insert"]
    assert entries[0]["changes"] == {"state": ["working", "broken"]}
    assert (entries[0]["username"], entries[0]["role"], entries[0]["shape_changed"]) == ("hoa", "data", False)
