"""Visits, promises and limits in the list of a shift; where teams start and end."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.queries.loading import insert_rows
from layers import LAYERS
from tests.builders import MAU
from tests.db import patrol as p
from tests.db.officers import Officer


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    with p.clean(owner_engine):
        yield


@pytest.fixture
def an(officer_as: Callable[[str], Officer]) -> Officer:
    return officer_as("an")


def was_at(officer: Officer, plan: dict[str, Any], stop: int) -> None:
    visit = {"client_id": str(uuid4()), "stop_id": stop, "at": "2026-11-21T20:14:00+07:00", "minutes": 10}
    assert officer.post(f"/api/patrol-plans/{plan['id']}/visits", visit).status_code == 201


def codes_of(plan: dict[str, Any]) -> dict[str, set[str]]:
    return {stop["key"]: {one["code"] for one in stop["reasons"]} for stop in plan["stops"]}


def test_a_shift_remembers_where_teams_were_and_not_what_was_planned(an: Officer, engine: Engine) -> None:
    first = p.solve(an, engine, p.make(an, shift_on="2026-11-21")["id"])
    assert p.post(an, first, "issue").status_code == 200
    met = [stop for stop in first["stops"] if stop["team"] and stop["kind"] != "explore"]
    assert len(met) > 2
    planned = codes_of(p.make(an))
    assert all("never" in planned[stop["key"]] for stop in met if stop["key"] in planned)
    assert not any("revisit" in one for one in planned.values())
    for stop in met[1:]:
        was_at(an, first, stop["id"])
    was_at(an, first, met[1]["id"])
    second = p.solve(an, engine, p.make(an)["id"])
    codes = codes_of(second)
    seen = [codes[stop["key"]] for stop in met[1:] if stop["key"] in codes]
    assert seen
    assert all("revisit" in one and "never" not in one for one in seen)
    assert "never" in codes[met[0]["key"]]
    assert any(one["shared_recent"] > 0 for one in second["figures"]["alternatives"])


def test_what_is_promised_counts_for_the_cap_until_the_shift_is_over(an: Officer, engine: Engine) -> None:
    """A group may have five stops in seven days: an issued shift of tonight has them, a missed one of yesterday not."""
    weights = an.get("/api/patrol-weights").json["weights"]
    assert an.post("/api/patrol-weights", weights | {"group_week_cap": 5}, 0).status_code == 201

    def most(plan: dict[str, Any]) -> int:
        return max(Counter(stop["group_name"] for stop in plan["stops"]).values(), default=0)

    today = str(an.get("/api/patrol-plans/defaults").json["shift_on"])
    yesterday = (dt.date.fromisoformat(today) - dt.timedelta(days=1)).isoformat()
    first = p.solve(an, engine, p.make(an, shift_on=yesterday)["id"])
    assert p.post(an, first, "issue").status_code == 200
    whole = p.make(an, shift_on=today, start="12:00", end="23:59")
    assert most(whole) == 5
    second = p.solve(an, engine, whole["id"])
    assert p.post(an, second, "issue").status_code == 200
    served = Counter(stop["group_name"] for stop in second["stops"] if stop["team"])
    third = Counter(stop["group_name"] for stop in p.make(an, shift_on=today, end="23:59")["stops"])
    for group in third:
        assert third[group] + served[group] <= 5


def test_a_hotspot_that_is_due_comes_first_and_what_is_not_reached_is_named(an: Officer, engine: Engine) -> None:
    plan = p.solve(an, engine, p.make(an)["id"])
    due = [stop for stop in plan["stops"] if stop["is_due"]]
    assert due
    assert plan["left_due"] == []
    for one in plan["figures"]["alternatives"]:
        routes = [route for route in plan["routes"] if route["alternative"] == one["number"]]
        met = {stop["id"] for route in routes for stop in route["stops"]}
        assert {stop["id"] for stop in due} <= met
    plan = p.change(an, plan, dropped=[due[0]["key"]])
    plan = p.solve(an, engine, plan["id"])
    page = an.get(f"/tuan-tra/{plan['id']}").text
    assert "điểm nóng đến hạn mà ca này chưa ghé được" in page
    assert f"mã {due[0]['code']}): Đến hạn ghé: chưa có lượt ghé nào" in page
    weights = an.get("/api/patrol-weights").json["weights"]
    none = weights | {"revisit_limit": dict.fromkeys(weights["revisit_limit"], 0)}
    assert an.post("/api/patrol-weights", none, 0).status_code == 201
    assert not any(stop["is_due"] for stop in p.make(an)["stops"])


def test_a_due_hotspot_without_room_is_named(an: Officer, owner_engine: Engine) -> None:
    rows = [
        (f"PT-{n}", MAU.at(200 + 100 * n, 800),
         {"class": "complex_point", "severity": 3, "state": "verified", "source_kind": "unit", "hour_from": 19,
          "hour_to": 23, "last_seen_on": dt.date(2026, 11, 20)})
        for n in range(8)
    ]  # fmt: skip
    with begin(owner_engine, Actor("system")) as conn:
        insert_rows(conn, LAYERS["hotspots"], MAU.id, rows, "patrol test")
    plan = p.make(an, stop_count=5)
    assert plan["left_due"]
    assert {one["why"] for one in plan["left_due"]} == {"count"}
    assert {one["limit"] for one in plan["left_due"] if one["class"] == "complex_point"} <= {7}
    assert "Danh sách đã đủ số điểm." in an.get(f"/tuan-tra/{plan['id']}").text


def test_starts_and_ends_come_from_the_plain_form(an: Officer, owner_engine: Engine) -> None:
    """A team from the police station, another from a culture house to a point; a place that is none is named."""
    rows = [("PT-culture", MAU.at(700, 700), {"name": "Nhà văn hóa MAU1", "kind": "culture", "visibility": "staff"})]
    with begin(owner_engine, Actor("system")) as conn:
        insert_rows(conn, LAYERS["facilities"], MAU.id, rows, "patrol test")
    try:
        page = an.get("/tuan-tra/ca").text
        assert "Nhà văn hóa: Nhà văn hóa MAU1" in page
        house = [round(value, 6) for value in p.spot(700, 700)]
        values = {
            "csrf_token": an.token, "shift_on": "2026-11-22", "start": "20:00", "end": "22:00",
            "team_0_name": "Một", "team_0_mode": "walk", "team_0_force": "mixed",
            "team_1_name": "Hai", "team_1_mode": "walk", "team_1_force": "mixed",
            "team_1_start": f"{house[0]:.6f},{house[1]:.6f}", "team_1_end": "106.650000,20.830000",
            "team_2_name": "Ba", "team_2_mode": "walk", "team_2_force": "mixed", "team_2_start": "", "team_2_end": "",
        }  # fmt: skip
        made = an.client.post("/tuan-tra", data=values)
        assert made.status_code == 303, made.text
        plan = an.get(f"/api/patrol-plans/{made.location.rsplit('/', 1)[1]}").json
        one, two, three = plan["settings"]["teams"]
        usual = an.get("/api/patrol-plans/defaults").json["teams"][0]["start"]
        assert one["start"] == one["end"] == usual
        assert (two["start"], two["end"]) == (house, [106.65, 20.83])
        assert three["start"] == three["end"]
        assert "Điểm trên bản đồ 106.650000,20.830000" in an.get(made.location).text
        for wrong in ("0,0", "x", "106.65", "106.65,20.83,1", "nan,20"):
            answer = an.client.post("/tuan-tra", data=values | {"team_1_start": wrong})
            assert answer.status_code == 422
            assert "Nơi xuất phát 2" in answer.text
    finally:
        with begin(owner_engine, Actor("system")) as conn:
            conn.execute(sa.text("DELETE FROM facilities WHERE source = 'patrol test'"))
