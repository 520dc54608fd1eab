"""Statistics through the API: what patrols found never counts, who reads how much, small numbers, filters."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.queries.place_reports import insert_reports
from tests.builders import BEN, MAU, SampleCommune
from tests.db.officers import Officer

OfficerAs = Callable[[str], Officer]
PLACES = ("density", "street-density", "clusters", "gi-star", "local-moran", "near-repeat")
TIMES = ("hours", "trend")
NOW = dt.datetime.now(dt.UTC)


def some(place: SampleCommune, n: int, seed: int, source: str = "police", **more: Any) -> list[dict[str, Any]]:
    """Events around three places and all over the commune, of the last ten months."""
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(n):
        middle = [(700, 800), (2100, 900), (1500, 2300)][k % 3]
        east, north = rng.normal(0, 35, 2) + middle if k % 5 else rng.uniform(100, 2900, 2)
        spot = place.at(float(east), float(north))
        seen_at = NOW - dt.timedelta(days=float(rng.uniform(1, 300)))
        rows.append(
            {"lon": spot.x, "lat": spot.y, "category": "gathering", "seen_at": seen_at, "source": source} | more
        )
    return rows


@pytest.fixture(scope="module", autouse=True)
def _events(owner_engine: Engine) -> Iterator[None]:
    with begin(owner_engine, Actor("system")) as conn:
        insert_reports(conn, MAU.id, some(MAU, 160, 1))
        insert_reports(conn, MAU.id, some(MAU, 40, 2, "tip", category="light_out"))
        insert_reports(conn, BEN.id, some(BEN, 12, 3))
    yield
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM place_reports")


def ask(officer: Officer, what: str, **query: Any) -> dict[str, Any]:
    answer = officer.get(f"/api/hotspot-stats/{what}", **query)
    assert answer.status_code == 200, answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    found: dict[str, Any] = answer.json
    return found


def test_twenty_finds_of_patrols_change_nothing(officer_as: OfficerAs, owner_engine: Engine) -> None:
    """Acceptance: the risk surface, and every other statistic, is the same to the last byte."""
    an = officer_as("an")
    before = {what: ask(an, what) for what in PLACES + TIMES}
    spot = MAU.at(2500, 2500)
    for _ in range(20):
        body = {"category": "gathering", "seen_at": NOW.isoformat(), "lon": spot.x, "lat": spot.y}
        made = an.post("/api/place-reports", body)
        assert made.status_code == 201
        assert made.json["source"] == "patrol"
    after = {what: ask(an, what) for what in PLACES + TIMES}
    for what in PLACES:
        assert after[what].pop("found_by_patrol") == before[what].pop("found_by_patrol") + 20
    assert json.dumps(after, sort_keys=True) == json.dumps(before, sort_keys=True)
    # Told by anybody else, they do.
    with begin(owner_engine, Actor("system")) as conn:
        insert_reports(conn, MAU.id, some(MAU, 20, 9))
    assert ask(an, "density")["features"] != before["density"]["features"]
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql("DELETE FROM place_reports WHERE source = 'patrol'")


def test_the_three_places_are_found(officer_as: OfficerAs) -> None:
    an = officer_as("an")
    surface = ask(an, "density")
    assert surface["verdict"] == "ok"
    assert surface["rule"] in ("silverman", "most")
    assert [one["properties"]["share"] for one in surface["features"]] == [0.9, 0.75, 0.5, 0.25]
    found = ask(an, "clusters", categories="gathering")
    assert [one["properties"]["number"] for one in found["features"][:3]] == [1, 2, 3]
    sizes = [one["properties"]["event_count"] for one in found["features"]]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == found["clustered"]
    assert ask(an, "clusters", method="hdbscan")["cluster_count"] >= 3
    cells = ask(an, "gi-star")
    assert cells["kinds"]["hot"] >= 3
    assert all(one["properties"]["p"] <= 0.05 for one in cells["features"])
    streets = ask(an, "street-density")
    assert streets["on_street"] + streets["left_out"] == streets["event_count"]
    assert streets["features"]


def test_filters(officer_as: OfficerAs) -> None:
    an = officer_as("an")
    assert ask(an, "density", categories="light_out")["event_count"] in range(40, 60)
    assert ask(an, "density", hour_from=22, hour_to=4)["event_count"] < 100
    assert ask(an, "density", bandwidth_m=400)["bandwidth_m"] == 400
    old = (NOW - dt.timedelta(days=700)).date().isoformat()
    few = ask(an, "gi-star", from_on=old, to_on=(NOW - dt.timedelta(days=500)).date().isoformat())
    assert (few["verdict"], few["features"], few["least_events"]) == ("too_few", [], 30)
    for wrong in ({"from_on": "2026-13-01"}, {"categories": "person"}, {"from_on": "2020-01-01"}, {"bandwidth_m": 3}):
        assert an.get("/api/hotspot-stats/density", **wrong).status_code == 400


def test_who_reads_what(officer_as: OfficerAs, client_as: Any) -> None:
    for what in PLACES:
        for name, status in (("chi", 403), ("lan", 403), (None, 401)):
            assert client_as(name).get(f"/api/hotspot-stats/{what}").status_code == status
        assert ask(officer_as("giang"), what)["verdict"] == "too_few"
    for what in TIMES:
        assert client_as(None).get(f"/api/hotspot-stats/{what}").status_code == 401
        for name in ("chi", "lan", "binh"):
            assert ask(officer_as(name), what)["is_exact"] is False
        assert ask(officer_as("an"), what)["is_exact"] is True


def test_planners_read_no_small_number_and_no_place(officer_as: OfficerAs) -> None:
    binh = officer_as("binh")
    surface = ask(binh, "density")
    assert surface["bandwidth_m"] >= 150
    assert surface["found_by_patrol"] is None
    assert [one["properties"]["share"] for one in surface["features"]] == [0.5, 0.25]
    assert ask(binh, "near-repeat")["features"] == []
    for row in ask(binh, "near-repeat")["table"]:
        assert all(cell["observed"] is None or cell["observed"] == 0 or cell["observed"] >= 5 for cell in row)
    for what in ("gi-star", "local-moran"):
        counts = [one["properties"]["count"] for one in ask(binh, what)["features"]]
        assert all(count is None or count == 0 or count >= 5 for count in counts)
    assert all(one["properties"]["event_count"] >= 5 for one in ask(binh, "clusters")["features"])


def test_the_committee_reads_when(officer_as: OfficerAs) -> None:
    exact, told = ask(officer_as("hoa"), "hours"), ask(officer_as("chi"), "hours")
    assert len(told["rows"]) == 7
    assert {len(row) for row in told["rows"]} == {8}
    # Whole months, 1 to 4 hidden, the total rounded.
    assert told["from_on"].endswith("-01")
    assert told["total"] % 5 == 0
    assert exact["total"] >= told["total"] - 2
    cells = [cell for row in told["rows"] for cell in row]
    assert None in cells
    # To 5, and of every category and hour whatever is asked: no difference of two answers is a small count.
    assert {cell % 5 for cell in cells if cell} == {0}
    assert ask(officer_as("chi"), "hours", categories="syringes", hour_from=3, hour_to=4) == told


def test_a_trend_says_so_where_there_is_too_little(officer_as: OfficerAs) -> None:
    rows = {row["category"]: row for row in ask(officer_as("an"), "trend")["rows"]}
    assert rows[None]["verdict"] == "more"
    assert rows[None]["before"] == 0
    assert rows["syringes"]["verdict"] == "too_few"
    assert rows["syringes"]["ratio"] is None
    long_ago = (NOW - dt.timedelta(days=600)).date().isoformat()
    assert ask(officer_as("an"), "trend", from_on=long_ago)["rows"][0]["verdict"] == "not_kept"
