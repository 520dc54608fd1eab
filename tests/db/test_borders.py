"""Borders that two groups share move in one edit or not at all; PostGIS sees no overlap and no gap afterwards."""

import json
import math
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tests.builders import BEN, MAU
from tests.db.group_rows import kept_groups
from tests.db.officers import Officer

As = Callable[[str], Officer]

# Square metres of a square degree here. Geography measures other lines than those that are stored.
M2 = 111_320**2 * math.cos(math.radians(20.83))
MEASURE = sa.text(
    "SELECT (SELECT coalesce(sum(ST_Area(ST_Intersection(a.geom, b.geom))), 0) FROM groups AS a "
    "JOIN groups AS b ON a.id < b.id AND a.geom && b.geom WHERE a.commune_id = :c AND b.commune_id = :c) AS overlap, "
    "(SELECT ST_Area(ST_SymDifference(ST_Union(g.geom), (SELECT geom FROM communes WHERE id = :c))) "
    "FROM groups AS g WHERE g.commune_id = :c) AS gap"
)


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    with kept_groups(owner_engine):
        yield


def measure(engine: Engine) -> tuple[float, float]:
    with engine.begin() as conn:
        overlap, gap = conn.execute(MEASURE, {"c": MAU.id}).one()
    return overlap * M2, gap * M2


def groups(officer: Officer) -> dict[str, Any]:
    found = officer.get("/api/layers/groups/features").json["features"]
    return {f["properties"]["external_id"]: f for f in found}


def version(officer: Officer, group_id: int) -> str:
    return officer.get(f"/api/layers/groups/features/{group_id}").headers["ETag"]


def spot(east: float, north: float) -> list[float]:
    point = MAU.at(east, north)
    return [round(point.x, 7), round(point.y, 7)]


def ask(officer: Officer, group_id: int, body: Any, tag: str) -> Any:
    return officer.send("POST", f"/api/groups/{group_id}/borders", body, Idempotency_Key=uuid4().hex, If_Match=tag)


def move(officer: Officer, group_id: int, *moves: tuple[list[float], list[float] | None], tag: str = "") -> Any:
    body = {"moves": [{"from": start, "to": end} for start, end in moves]}
    return ask(officer, group_id, body, tag or version(officer, group_id))


def test_the_middle_corner_moves_for_all_four(officer_as: As, owner_engine: Engine) -> None:
    hoa = officer_as("hoa")
    before = measure(owner_engine)
    first = groups(hoa)[f"{MAU.marker}-g1"]["id"]
    answer = move(hoa, first, (spot(1500, 1500), spot(1580, 1420)))
    assert answer.status_code == 200, answer.text
    assert len(answer.json["changed"]) == 4
    after = measure(owner_engine)
    assert after[0] <= before[0] + 0.05
    assert after[1] <= before[1] + 0.05
    for one in groups(hoa).values():
        assert spot(1580, 1420) in one["geometry"]["coordinates"][0][0]
    # All are undone together, to the very same outline.
    undone = hoa.post("/api/layers/groups/batches/undo", {"features": answer.json["changed"]})
    assert undone.status_code == 200, undone.text
    assert measure(owner_engine) == before


def test_an_edge_that_is_pulled_pulls_the_neighbours(officer_as: As, owner_engine: Engine) -> None:
    hoa = officer_as("hoa")
    first = groups(hoa)[f"{MAU.marker}-g1"]["id"]
    before = measure(owner_engine)
    a, b = spot(1500, 0), spot(1500, 1500)
    middle = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]
    answer = move(hoa, first, (middle, spot(1650, 700)), (spot(1650, 700), spot(1700, 800)))
    assert len(answer.json["changed"]) == 2
    after = measure(owner_engine)
    assert after[0] <= before[0] + 0.05
    assert after[1] <= before[1] + 0.05
    answer = move(hoa, first, (spot(1700, 800), None))
    assert len(answer.json["changed"]) == 2
    assert measure(owner_engine)[1] <= before[1] + 0.05


def test_refusals_change_nothing(officer_as: As, owner_engine: Engine) -> None:
    hoa = officer_as("hoa")
    first = groups(hoa)[f"{MAU.marker}-g1"]["id"]
    before = groups(hoa)
    for moves, rule in (
        (((spot(1500, 1500), None),), "junction"),
        (((spot(700, 700), spot(800, 800)),), "no_corner"),
        (((spot(0, 1500), spot(2000, 2000)),), "geometry_invalid"),
    ):
        answer = move(hoa, first, *moves)
        assert (answer.status_code, answer.json["params"]["faults"][0]["rule"]) == (422, rule)
    far = move(hoa, first, (spot(0, 0), spot(-900, -900)))
    assert far.json["code"] == "outside_commune"
    assert move(hoa, first, (spot(1500, 1500), spot(1510, 1510)), tag='"99"').status_code == 412
    for body in (
        {"moves": []},
        {"moves": [{"from": ["x", 1], "to": None}]},
        {"moves": [{"from": [1, 2]}]},
        {"moves": 3},
    ):
        assert ask(hoa, first, body, version(hoa, first)).status_code == 422
    assert groups(hoa) == before
    taking = {"moves": [{"from": [1, 2], "to": None}]}
    assert ask(officer_as("giang"), first, taking, '"1"').status_code == 404
    assert officer_as("binh").post(f"/api/groups/{first}/borders", {}).status_code == 403
    assert BEN.marker not in str(before)


def test_a_line_cuts_a_group_in_two(officer_as: As, owner_engine: Engine) -> None:
    hoa = officer_as("hoa")
    first = groups(hoa)[f"{MAU.marker}-g1"]["id"]
    line = {"type": "LineString", "coordinates": [spot(500, -100), spot(600, 700), spot(500, 1600)]}
    seen = hoa.get(f"/api/groups/{first}/pieces", line=json.dumps(line)).json["features"]
    assert [piece["properties"]["n"] for piece in seen] == [1, 2]
    assert sum(piece["properties"]["household_count"] for piece in seen) == 100
    children = [{"name": "Tổ 1A", "household_count": 30}, {"name": "Tổ 1B", "household_count": 70}]
    body = {
        "kind": "split",
        "changed_on": "2026-07-01",
        "parents": [first],
        "children": children,
        "document": None,
        "line": line,
    }
    made = hoa.post("/api/group-lineages", body)
    assert made.status_code == 201, made.text
    with owner_engine.begin() as conn:
        pieces = conn.execute(
            sa.text(
                "SELECT g.name, l.household_share, ST_XMin(g.geom) FROM group_lineages AS l "
                "JOIN groups AS g ON g.id = l.child_id ORDER BY g.name"
            )
        ).all()
        tiling = conn.execute(
            sa.text(
                "SELECT ST_Area(ST_SymDifference(ST_Union(c.geom), p.geom)) FROM groups AS c, groups AS p "
                "WHERE c.id = ANY (:c) AND p.id = :p GROUP BY p.geom"
            ),
            {"c": made.json["children"], "p": first},
        ).scalar_one()
    assert [(name, float(share)) for name, share, _ in pieces] == [("Tổ 1A", 0.3), ("Tổ 1B", 0.7)]
    assert pieces[0][2] < pieces[1][2], "the first is the western one"
    assert tiling * M2 < 0.01
    one = hoa.post("/api/group-lineages", body | {"children": children[:1]})
    assert one.status_code in {404, 422}
