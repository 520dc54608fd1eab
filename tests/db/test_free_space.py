"""A new group upon others is refused by every door; the free part is told and taken."""

import json
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
import sqlalchemy as sa
from shapely.geometry import mapping
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from gis_app.db import Actor, begin
from tests.builders import MAU
from tests.db.officers import Officer

OfficerAs = Callable[[str], Officer]
LAST = f"{MAU.marker}-g4"


@pytest.fixture(autouse=True)
def _room(owner_engine: Engine) -> Iterator[None]:
    """The fourth group leaves 400 m at the commune's corner to nobody; then as before."""
    put = sa.text("UPDATE groups SET geom = ST_Multi(CAST(:geom AS geometry)) WHERE external_id = :key")
    with begin(owner_engine, Actor("system")) as conn:
        kept = conn.execute(sa.text("SELECT geom::text FROM groups WHERE external_id = :key"), {"key": LAST}).scalar()
        geom = MAU.box(1500, 1500, 3000, 3000).difference(MAU.box(2600, 2600, 3100, 3100))
        conn.execute(put, {"geom": f"SRID=4326;{geom.wkt}", "key": LAST})
    yield
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql("DELETE FROM groups WHERE name LIKE 'Mới %%'")
        conn.execute(put, {"geom": kept, "key": LAST})


def feature(shape: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": mapping(shape), "properties": {"name": f"Mới {uuid4().hex[:6]}"}}


def test_upon_a_neighbour_is_refused_and_the_free_part_is_taken(officer_as: OfficerAs) -> None:
    hoa, drawn = officer_as("hoa"), MAU.box(2500, 2500, 3000, 3000)
    refused = hoa.post("/api/layers/groups/features", feature(drawn))
    assert (refused.status_code, refused.json["code"]) == (422, "group_overlap")
    assert "MAU1" in refused.json["title"]
    assert hoa.post("/ogc/collections/groups/items", feature(drawn)).json["code"] == "group_overlap"
    free = hoa.get(f"/api/groups/free?shape={json.dumps(mapping(drawn))}").json
    assert free["properties"]["area_m2"] == pytest.approx(160_000, rel=0.01)
    assert free["properties"]["taken_m2"] == pytest.approx(90_000, rel=0.01)
    assert len(free["properties"]["groups"]) == 1
    made = hoa.post("/api/layers/groups/features", free | {"properties": {"name": "Mới chỗ trống"}})
    assert made.status_code == 201, made.text


def test_where_there_is_no_room_it_says_so(officer_as: OfficerAs) -> None:
    hoa = officer_as("hoa")
    answer = hoa.get(f"/api/groups/free?shape={json.dumps(mapping(MAU.box(100, 100, 300, 300)))}")
    assert (answer.status_code, answer.json["geometry"]) == (200, None)
    assert answer.json["properties"]["groups"] == ["Tổ dân phố số 1 MAU1"]
    assert officer_as("chi").get("/api/groups/free?shape=x").status_code == 403
    # Of another commune nothing is known.
    other = officer_as("giang").get(f"/api/groups/free?shape={json.dumps(mapping(MAU.box(100, 100, 300, 300)))}")
    assert (other.json["geometry"], "MAU1" in other.text) == (None, False)


def _fourth(hoa: Officer) -> tuple[int, int]:
    """Id and version of the group 1,500 to 3,000 m east and north; it has neighbours in the west and in the south."""
    found = hoa.get("/ogc/collections/groups/items?limit=100").json["features"]
    one = next(feature for feature in found if feature["properties"]["external_id"] == LAST)
    return one["id"], one["properties"]["version"]


def _patch(hoa: Officer, key: int, version: int, shape: object) -> TestResponse:
    return hoa.patch(f"/api/layers/groups/features/{key}", {"type": "Feature", "geometry": mapping(shape)}, version)


def _ogc_patch(hoa: Officer, key: int, version: int, shape: object) -> TestResponse:
    return hoa.patch(f"/ogc/collections/groups/items/{key}", {"geometry": mapping(shape)}, version)


def _put(hoa: Officer, key: int, version: int, shape: object) -> TestResponse:
    path = f"/ogc/collections/groups/items/{key}"
    now = hoa.get(path).json["properties"]
    body = {"type": "Feature", "geometry": mapping(shape), "properties": now}
    return hoa.send("PUT", path, body, If_Match=f'"{version}"')


DOORS = {"api": _patch, "ogc_patch": _ogc_patch, "ogc_put": _put}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("box", "is_good"),
    [
        ((1400, 1500, 3000, 3000), False),
        ((1500, 1480, 3000, 3000), False),
        ((0, 0, 3000, 3000), False),
        # Less of its own, the free corner, and a hair over the border.
        ((1600, 1600, 2900, 2900), True),
        ((1500, 1500, 3000, 3000), True),
        ((1499.5, 1500, 3000, 3000), True),
    ],
)
def test_one_group_by_itself_takes_nothing_of_another(
    officer_as: OfficerAs, door: str, box: tuple[float, float, float, float], is_good: bool
) -> None:
    hoa = officer_as("hoa")
    key, version = _fourth(hoa)
    answer = DOORS[door](hoa, key, version, MAU.box(*box))
    assert answer.status_code == (200 if is_good else 422), answer.text
    if not is_good:
        assert answer.json["code"] == "group_overlap"
        assert "MAU1" in answer.json["title"]
        assert _fourth(hoa) == (key, version)


def test_what_overlaps_may_shrink_and_stay_but_not_grow(officer_as: OfficerAs, owner_engine: Engine) -> None:
    with begin(owner_engine, Actor("system")) as conn:
        wide = MAU.box(1300, 1500, 3000, 3000)
        put = sa.text("UPDATE groups SET geom = ST_Multi(ST_GeomFromText(:wkt, 4326)) WHERE external_id = :key")
        conn.execute(put, {"wkt": wide.wkt, "key": LAST})
    hoa = officer_as("hoa")
    for west, status in ((1300, 200), (1250, 422), (1400, 200), (1350, 422), (1500, 200), (1400, 422)):
        assert _patch(hoa, *_fourth(hoa), MAU.box(west, 1500, 3000, 3000)).status_code == status, west


def test_an_undo_does_not_bring_an_overlap_back(officer_as: OfficerAs) -> None:
    """What a group gave up may have been taken since."""
    hoa = officer_as("hoa")
    key, version = _fourth(hoa)
    assert _patch(hoa, key, version, MAU.box(2000, 1500, 3000, 3000)).status_code == 200
    made = hoa.post("/api/layers/groups/features", feature(MAU.box(1600, 1600, 1900, 1900)))
    assert made.status_code == 201, made.text
    refused = hoa.post(f"/api/layers/groups/features/{key}/undo", version=version + 1)
    assert (refused.status_code, refused.json["code"]) == (422, "group_overlap")
    named = {"features": [{"id": key, "version": version + 1}]}
    assert hoa.post("/api/layers/groups/batches/undo", named).json["code"] == "group_overlap"
    assert _fourth(hoa) == (key, version + 1)
