"""Many features in one edit: all or none, every version checked, undone together."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tests.builders import BEN, MAU
from tests.db.officers import Officer

As = Callable[[str], Officer]
LIGHTS = "/api/layers/lights"


@pytest.fixture
def lamps(officer_as: As, owner_engine: Engine) -> Iterator[list[dict[str, int]]]:
    """Twelve lamps in a row, of one officer; they are removed."""
    hoa = officer_as("hoa")
    made = []
    for n in range(12):
        spot = MAU.at(700 + 10 * n, 700)
        shape = {"type": "Point", "coordinates": [spot.x, spot.y]}
        answer = hoa.post(f"{LIGHTS}/features", {"geometry": shape, "properties": {"height_m": n}})
        made.append({"id": answer.json["id"], "version": 1})
    yield made
    with owner_engine.begin() as conn:
        conn.execute(sa.text("DELETE FROM lights WHERE source = 'manual'"))
        conn.execute(sa.text("DELETE FROM audit_entries WHERE table_name = 'lights'"))


def heights(engine: Engine) -> list[tuple[Any, ...]]:
    with engine.begin() as conn:
        columns = "height_m, lamp, state, encode(ST_AsEWKB(geom), 'hex')"
        statement = sa.text(f"SELECT {columns} FROM lights WHERE source = 'manual' ORDER BY id")
        return [tuple(row) for row in conn.execute(statement)]


def test_one_value_for_all_and_back(officer_as: As, lamps: list[dict[str, int]], owner_engine: Engine) -> None:
    hoa = officer_as("hoa")
    area = MAU.box(690, 690, 755, 710)
    within = '{"type": "Polygon", "coordinates": [[%s]]}' % ", ".join(f"[{x}, {y}]" for x, y in area.exterior.coords)  # noqa: UP031
    chosen = hoa.get(f"{LIGHTS}/versions", within=within).json["features"]
    assert chosen == lamps[:6]
    assert hoa.get(f"{LIGHTS}/versions", ids=",".join(str(one["id"]) for one in lamps)).json["features"] == lamps
    before = heights(owner_engine)
    answer = hoa.post(f"{LIGHTS}/batches", {"features": chosen, "properties": {"lamp": "led", "state": "broken"}})
    assert answer.status_code == 200, answer.text
    assert [row[1:3] for row in heights(owner_engine)] == [("led", "broken")] * 6 + [(None, "working")] * 6
    # The history of each tells it.
    entry = hoa.get(f"{LIGHTS}/features/{chosen[0]['id']}/history").json["entries"][0]
    assert entry["changes"] == {"lamp": [None, "led"], "state": ["working", "broken"]}
    undone = hoa.post(f"{LIGHTS}/batches/undo", {"features": answer.json["features"]})
    assert undone.status_code == 200, undone.text
    assert heights(owner_engine) == before


def test_one_that_moved_on_stops_all(officer_as: As, lamps: list[dict[str, int]], owner_engine: Engine) -> None:
    hoa = officer_as("hoa")
    hoa.patch(f"{LIGHTS}/features/{lamps[3]['id']}", {"properties": {"lamp": "sodium"}}, 1)
    before = heights(owner_engine)
    stale = hoa.post(f"{LIGHTS}/batches", {"features": lamps, "properties": {"state": "broken"}})
    assert (stale.status_code, stale.json["params"]) == (412, {"count": 1})
    assert heights(owner_engine) == before
    assert hoa.post(f"{LIGHTS}/batches/undo", {"features": lamps}).status_code == 403
    foreign = officer_as("giang")
    assert (
        foreign.post(f"{LIGHTS}/batches", {"features": lamps[:1], "properties": {"state": "broken"}}).status_code == 412
    )
    assert foreign.get(f"{LIGHTS}/versions", ids=str(lamps[0]["id"])).json["features"] == []
    assert officer_as("binh").post(f"{LIGHTS}/batches", {"features": lamps}).status_code == 403
    assert heights(owner_engine) == before


def test_points_move_together(officer_as: As, lamps: list[dict[str, int]], owner_engine: Engine) -> None:
    spot = MAU.at(900, 900)
    body = {"features": lamps[:2], "geometry": {"type": "Point", "coordinates": [spot.x, spot.y]}}
    assert officer_as("hoa").post(f"{LIGHTS}/batches", body).status_code == 200
    shapes = [row[3] for row in heights(owner_engine)]
    assert shapes[0] == shapes[1] != shapes[2]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({"features": [], "properties": {"lamp": "led"}}, "required"),
        ({"features": "x"}, "required"),
        ({"features": [{"id": 1}], "properties": {"lamp": "led"}}, "whole"),
        ({"features": [{"id": True, "version": 1}]}, "whole"),
        ({"features": [{"id": 1, "version": 1}] * 2, "properties": {"lamp": "led"}}, "twice"),
        ({"features": [{"id": n, "version": 1} for n in range(1, 1002)]}, "too_many"),
        ({"features": [{"id": 1, "version": 1}]}, "required"),
        ({"features": [{"id": 1, "version": 1}], "properties": {"lamp": "torch"}}, "choice"),
        ({"features": [{"id": 1, "version": 1}], "properties": {"height_m": 900}}, "range"),
        ({"features": [{"id": 1, "version": 1}], "properties": {"nothing": 1}}, "unknown_field"),
    ],
)
def test_a_bad_batch_is_named(officer_as: As, body: dict[str, Any], rule: str) -> None:
    answer = officer_as("hoa").post(f"{LIGHTS}/batches", body)
    assert (answer.status_code, answer.json["params"]["faults"][0]["rule"]) == (422, rule)


def test_a_selection_needs_one_way_to_choose(officer_as: As) -> None:
    hoa = officer_as("hoa")
    assert hoa.get(f"{LIGHTS}/versions").status_code == 400
    assert hoa.get(f"{LIGHTS}/versions", ids="x").status_code == 400
    assert BEN.marker not in hoa.get(f"{LIGHTS}/versions", ids="1,2,3").text
