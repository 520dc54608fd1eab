"""What no order by hand, lock, pin or second draft gets round: who may go, hours, the cap of a week; what is told."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.queries.loading import insert_rows
from layers import LAYERS
from tests.builders import MAU
from tests.db import patrol as p
from tests.db.officers import Officer

TEAMS = [p.team(force="police"), p.team("Tổ 2", force="security")]


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    with p.clean(owner_engine):
        yield


@pytest.fixture
def an(officer_as: Callable[[str], Officer]) -> Officer:
    return officer_as("an")


def chosen(plan: dict[str, Any], team: int) -> list[int]:
    routes = [one for one in plan["routes"] if (one["alternative"], one["team"]) == (plan["chosen"], team)]
    return [stop["id"] for stop in routes[0]["stops"]]


def with_complex_point(an: Officer, engine: Engine) -> None:
    facts = {"class": "complex_point", "severity": 5, "state": "verified", "source_kind": "unit", "hour_from": 19,
             "hour_to": 24, "last_seen_on": dt.date(2026, 11, 20)}  # fmt: skip
    with begin(engine, Actor("system")) as conn:
        insert_rows(conn, LAYERS["hotspots"], MAU.id, [("PT-1", MAU.at(1300, 1500), facts)], "patrol test")


def test_a_stop_for_the_police_is_no_security_teams(an: Officer, engine: Engine, owner_engine: Engine) -> None:
    with_complex_point(an, owner_engine)
    plan = p.solve(an, engine, p.make(an, teams=TEAMS)["id"])
    stop = next(one for one in plan["stops"] if one["police_only"])
    assert stop["team"] == 1
    refused = p.post(an, plan, "order", {"team": 2, "stops": [*chosen(plan, 2), stop["id"]]})
    assert (refused.status_code, refused.json["code"]) == (422, "patrol_stop_police")
    assert refused.json["params"] == {"codes": stop["code"], "team": "Tổ 2"}
    # Nor by a lock.
    plan = p.change(an, plan, locked=[{"team": 2, "keys": [stop["key"]]}])
    plan = p.solve(an, engine, plan["id"])
    number = next(one["id"] for one in plan["stops"] if one["key"] == stop["key"])
    assert any(number in [one["id"] for one in route["stops"]] for route in plan["routes"])
    assert all(number not in [one["id"] for one in route["stops"]] for route in plan["routes"] if route["team"] == 2)
    # Nor by any statement.
    with begin(owner_engine, Actor("system")) as conn:
        words = (
            "UPDATE patrol_plans SET settings = jsonb_set(settings, '{teams,0,force}', '\"security\"') WHERE id = :id"
        )
        conn.execute(sa.text(words), {"id": plan["id"]})
    refused = p.post(an, an.get(f"/api/patrol-plans/{plan['id']}").json, "issue")
    assert (refused.status_code, refused.json["code"]) == (409, "patrol_force")
    assert stop["code"] in refused.json["params"]["codes"]


def test_a_gate_that_is_reached_after_its_hours_is_told_and_not_issued(an: Officer, engine: Engine) -> None:
    plan = p.make(an, start="16:00", end="19:00", stay_min=30, teams=[p.team()])
    plan = p.solve(an, engine, plan["id"])
    gate = next(stop for stop in plan["stops"] if stop["kind"] == "school")
    others = [stop["id"] for stop in plan["stops"] if stop["kind"] != "school"][:3]
    # After half an hour each at three others it is past 17:30.
    late = p.post(an, plan, "order", {"team": 1, "stops": [*others, gate["id"]]})
    assert late.status_code == 200, late.text
    plan = late.json
    mine = next(one for one in plan["figures"]["alternatives"] if one["number"] == plan["chosen"])
    assert mine["late"] == [gate["id"]]
    page = an.get(f"/tuan-tra/{plan['id']}").text
    assert f"Có điểm tới sau giờ ghé, chưa ban hành được: {gate['code']}." in page
    assert "tới sau giờ ghé (16:00–17:30)" in page
    refused = p.post(an, plan, "issue")
    assert (refused.status_code, refused.json["code"]) == (409, "patrol_late")
    assert refused.json["params"] == {"team": "Tổ 1", "codes": gate["code"]}
    plan = p.post(an, plan, "order", {"team": 1, "stops": [gate["id"], *others]}).json
    assert next(one for one in plan["figures"]["alternatives"] if one["number"] == plan["chosen"])["late"] == []
    assert p.post(an, plan, "issue").status_code == 200


def by_group(plan: dict[str, Any]) -> Counter[str]:
    return Counter(stop["group_name"] for stop in plan["stops"] if stop["team"] and stop["group_name"])


def test_two_drafts_of_an_evening_and_a_later_day_share_the_cap_of_a_week(an: Officer, engine: Engine) -> None:
    weights = an.get("/api/patrol-weights").json["weights"]
    assert an.post("/api/patrol-weights", weights | {"group_week_cap": 5}, 0).status_code == 201
    today = dt.date.fromisoformat(str(an.get("/api/patrol-plans/defaults").json["shift_on"]))
    day, before = ((today + dt.timedelta(days=days)).isoformat() for days in (3, 1))
    drafts = [p.make(an, shift_on=on, start="12:00", end="23:00")["id"] for on in (day, day, before)]
    first, second, third = (p.solve(an, engine, draft) for draft in drafts)
    assert p.post(an, first, "issue").status_code == 200
    for other in (second, third):
        assert max((by_group(first) + by_group(other)).values()) > 5
        refused = p.post(an, other, "issue")
        assert (refused.status_code, refused.json["code"]) == (409, "patrol_week_cap")
        assert refused.json["params"]["cap"] == 5
        # The list that is made anew knows what was issued.
        again = p.change(an, other, seed=9)
        listed = Counter(stop["group_name"] for stop in again["stops"] if stop["group_name"])
        assert max((by_group(first) + listed).values()) <= 5


def test_pins_that_are_gone_and_streets_that_are_too_few_are_told(an: Officer, owner_engine: Engine) -> None:
    plan = p.make(an, pinned=["hotspot:999999999999"], stop_count=150)
    assert plan["pins_gone"] == ["hotspot:999999999999"]
    page = an.get(f"/tuan-tra/{plan['id']}").text
    assert "Điểm ghim không có trong danh sách" in page
    assert 'value="unpin|hotspot:999999999999"' in page
    gone = {"csrf_token": an.token, "version": plan["version"], "do": "unpin|hotspot:999999999999"}
    assert an.client.post(f"/tuan-tra/{plan['id']}/diem", data=gone).status_code == 303
    plan = an.get(f"/api/patrol-plans/{plan['id']}").json
    assert plan["pins_gone"] == []
    # Every street is dropped: none is left to draw, and what else there is stays.
    before = [stop["key"] for stop in plan["stops"] if stop["kind"] != "explore"]
    with owner_engine.connect() as conn:
        numbers = conn.execute(sa.text("SELECT id FROM roads WHERE commune_id = :here"), {"here": MAU.id}).scalars()
        streets = [f"explore:{number}" for number in numbers]
    plan = p.change(an, plan, dropped=streets[:150])
    assert plan["drawn"]["count"] == 0 < plan["drawn"]["wanted"]
    assert {stop["key"] for stop in plan["stops"] if not stop["is_dropped"]} >= set(before)
    assert "Chỉ chọn ngẫu nhiên được 0/" in an.get(f"/tuan-tra/{plan['id']}").text
