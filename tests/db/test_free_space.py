"""A new group upon others is refused by every door; the free part is told and taken."""

import json
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
import sqlalchemy as sa
from shapely.geometry import mapping
from sqlalchemy.engine import Engine

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
