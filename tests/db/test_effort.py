"""Effort: planned and done, minutes for each thousand residents, gaps, streets; who reads which; the map is the sum."""

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, begin
from tests.builders import MAU
from tests.db.officers import Officer
from tests.db.patrol_rows import Shift, clear, put_shift
from tests.db.test_visits import body, end, send

OfficerAs = Callable[[str], Officer]
ConnAs = Callable[[str], Connection]
GROUP = "Tổ dân phố số 2 MAU1"


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    clear(owner_engine)


def run(engine: Engine, text: str, **values: Any) -> None:
    with begin(engine, Actor("system")) as conn:
        conn.execute(sa.text(text), values)


def name_groups(engine: Engine, shift: Shift, *names: str) -> None:
    for stop, name in zip(shift.stops, names, strict=False):
        run(engine, "UPDATE patrol_stops SET group_name = :name WHERE id = :stop", name=name, stop=stop)


@pytest.fixture
def walked(owner_engine: Engine, officer_as: OfficerAs) -> Shift:
    """Yesterday's shift: three of five stops, one of them without minutes."""
    shift, an = put_shift(owner_engine, -1), officer_as("an")
    name_groups(owner_engine, shift, GROUP, GROUP, GROUP, "Tổ cũ", "")
    for stop, minutes in ((shift.stops[0], 12), (shift.stops[1], 10), (shift.stops[3], None)):
        assert send(an, shift, body(stop, minutes=minutes, is_outside=minutes == 12)).status_code == 201
    assert end(an, shift, 1, **{f"s{shift.stops[2]}": "closed"}).status_code == 200
    return shift


def effort(officer: Officer, **query: Any) -> dict[str, Any]:
    answer = officer.client.get("/api/patrol-effort", query_string=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


def named(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(dict(one) for one in found["groups"] if one["name"] == name)


def test_planned_done_missed_and_minutes(officer_as: OfficerAs, walked: Shift, owner_engine: Engine) -> None:
    put_shift(owner_engine, -2, state="draft")
    found = effort(officer_as("an"))
    figures = {"shifts": 1, "planned": 5, "done": 3, "missed": 1, "extra": 0, "visits": 3, "minutes": 22, "untimed": 1}
    assert found["total"] == figures | {"outside": 1}
    group = named(found, GROUP)
    assert (group["planned"], group["done"], group["minutes"], group["resident_count"]) == (3, 2, 22, 800)
    assert group["minutes_per_1000"] == 27.5
    assert named(found, "Tổ cũ")["minutes_per_1000"] is None
    assert named(found, "Tổ dân phố số 1 MAU1")["minutes_per_1000"] == 0
    assert [one["name"] for one in found["groups"]][-2:] == ["Tổ cũ", ""]
    assert [one["kind"] for one in found["kinds"]] == ["venue"]
    assert found["reasons"] == {"closed": 1}
    assert found["walks"] == {"missed": 1}
    assert len(found["time"]) == 28
    assert [(one["planned"], one["done"]) for one in found["time"] if one["planned"]] == [(5, 3)]
    long = effort(officer_as("an"), **{"from": "2026-06-01", "to": "2026-12-31"})
    assert long["total"] == found["total"]
    assert all(dt.date.fromisoformat(one["from"]).weekday() == 0 for one in long["time"])
    assert sum(one["minutes"] for one in long["time"]) == 22


def test_few_residents_have_no_rate(officer_as: OfficerAs, walked: Shift, owner_engine: Engine) -> None:
    change = "UPDATE groups SET resident_count = :count WHERE name = :name"
    try:
        for count, rate in ((49, None), (None, None), (50, 440.0)):
            run(owner_engine, change, count=count, name=GROUP)
            assert named(effort(officer_as("an")), GROUP)["minutes_per_1000"] == rate
    finally:
        run(owner_engine, change, count=800, name=GROUP)
    assert walked.plan


def test_the_map_is_the_sum_of_the_walked_routes(officer_as: OfficerAs, walked: Shift, owner_engine: Engine) -> None:
    """T-P9: ± 1 %. Team 1 was at two of three stops, team 2 at one of two; a route of which less was done is none."""
    idle, an = put_shift(owner_engine, -3), officer_as("an")
    send(an, idle, body(idle.stops[0]))
    found = an.get("/api/patrol-effort/map").json
    with owner_engine.connect() as conn:
        query = "SELECT sum(ST_Length(ST_Transform(geom, 9210))) FROM patrol_routes WHERE plan_id = :plan"
        wanted = float(conn.execute(sa.text(query), {"plan": walked.plan}).scalar_one())
    metres = sum(one["properties"]["metres"] for one in found["streets"]["features"])
    assert metres + found["off_m"] == pytest.approx(wanted, rel=0.01)
    assert metres == pytest.approx(wanted, rel=0.01)
    assert {one["properties"]["times"] for one in found["streets"]["features"]} <= {0, 1}
    assert "client_id" not in str(found)
    assert "team" not in str(found)


def test_streets_are_counted_once(officer_as: OfficerAs, walked: Shift, owner_engine: Engine) -> None:
    an = officer_as("an")
    first = effort(an)["streets"]
    with owner_engine.connect() as conn:
        query = (
            "SELECT sum(ST_Length(ST_Transform(geom, 9210))) FROM roads "
            "WHERE commune_id = :here AND class <> 'motorway'"
        )
        whole = float(conn.execute(sa.text(query), {"here": MAU.id}).scalar_one())
    assert first["total_m"] == pytest.approx(whole, abs=1)
    assert first["issued_m"] == first["walked_m"] == pytest.approx(3000, rel=0.03)
    # The same routes once more, walked by nobody: no street is added.
    put_shift(owner_engine, -2)
    assert effort(an)["streets"] == first
    assert effort(an, to=(dt.date.today() - dt.timedelta(days=40)).isoformat())["streets"]["issued_m"] == 0  # noqa: DTZ011
    assert walked.plan


def test_gaps_between_visits(officer_as: OfficerAs, owner_engine: Engine) -> None:
    """A place on days 20, 12 and 3 ago: gaps of 8 and 9, the open one of 3; another once, 12 days ago; three never."""
    an = officer_as("an")
    for days, places in ((-20, (0,)), (-12, (0, 1)), (-3, (0,))):
        shift = put_shift(owner_engine, days)
        for place in places:
            send(an, shift, body(shift.stops[place]))
    gaps = effort(an, limit_days=8)["gaps"]
    assert gaps == {"places": 5, "visited": 2, "never": 3, "median": 8.5, "longest": 12, "over": 2}
    assert effort(an, limit_days=9)["gaps"]["over"] == 1
    assert effort(an, limit_days=30)["gaps"]["over"] == 0
    page = an.get("/tuan-tra/no-luc?limit_days=9").text
    assert "Điểm 2" in page


def ahead(days: int = 8) -> str:
    return (dt.datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date() + dt.timedelta(days=days)).isoformat()


def last_week(engine: Engine) -> None:
    """A week that is over holds the shift, whatever day it is."""
    run(engine, "UPDATE patrol_plans SET shift_on = vietnam_today() - 7")


def test_the_committee_reads_sums_and_no_place(
    officer_as: OfficerAs, conn_as: ConnAs, walked: Shift, owner_engine: Engine
) -> None:
    an, chi = officer_as("an"), officer_as("chi")
    # What is not over is not for the committee; whole weeks are, without the kinds of stops.
    run(owner_engine, "UPDATE patrol_plans SET shift_on = vietnam_today() + 1")
    assert effort(an, to=ahead())["total"]["planned"] > 0
    for query in ({}, {"to": ahead()}, {"from": ahead(1), "to": ahead(1)}):
        assert effort(chi, **query)["total"]["planned"] == 0
    last_week(owner_engine)
    told = effort(chi)
    exact = effort(an, **{"from": told["from"], "to": told["to"]})
    assert told["total"]["planned"] > 0
    assert told | {"kinds": exact["kinds"]} == exact
    assert told["kinds"] == []
    answer = chi.get("/api/patrol-effort/map").json
    assert answer["streets"] is None
    assert {one["properties"]["name"] for one in answer["groups"]["features"]} >= {GROUP}
    page = chi.get("/tuan-tra/no-luc")
    assert page.status_code == 200
    assert "Điểm 1" not in page.text
    conn = conn_as("chi")
    for table in ("patrol_plans", "patrol_stops", "patrol_routes", "patrol_visits", "patrol_walks"):
        assert conn.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0
    places = f"SELECT count(*) FROM patrol_place_gaps({MAU.id}, '2026-01-01', '2027-01-01')"
    assert conn.exec_driver_sql(places).scalar_one() == 0
    for name in ("binh", "lan"):
        for address in ("/api/patrol-effort", "/api/patrol-effort/map", "/tuan-tra/no-luc"):
            assert officer_as(name).get(address).status_code == 403
        conn = conn_as(name)
        assert conn.exec_driver_sql("SELECT patrol_effort('2026-01-01', '2027-01-01', 7)").scalar_one() is None
        sums = conn.exec_driver_sql("SELECT total_m FROM patrol_street_sums('2026-01-01', '2027-01-01')")
        assert sums.scalar_one() is None
    giang = officer_as("giang")
    assert effort(giang)["total"]["planned"] == 0
    assert MAU.marker not in str(effort(giang))
    assert conn_as("giang").exec_driver_sql(places).scalar_one() == 0
    assert walked.plan


def test_the_table_as_csv_starts_no_formula(officer_as: OfficerAs, walked: Shift, owner_engine: Engine) -> None:
    name_groups(owner_engine, walked, "=HYPERLINK(1)", "@x")
    last_week(owner_engine)
    answer = officer_as("chi").get("/api/patrol-effort?f=csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert rows[0][:4] == ["Phần", "Tên", "Số ca", "Điểm kế hoạch"]
    names = {row[1] for row in rows[1:]}
    assert {"'=HYPERLINK(1)", "'@x", "Ngoài các tổ"} <= names
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


@pytest.mark.parametrize(
    "query",
    ["from=2026-11-20&to=2026-11-19", "from=2020-01-01&to=2026-01-01", "limit_days=0", "from=x", "f=xlsx", "a=1"],
)
def test_a_period_that_is_none_is_refused(officer_as: OfficerAs, query: str) -> None:
    assert officer_as("an").get(f"/api/patrol-effort?{query}").status_code == 400
