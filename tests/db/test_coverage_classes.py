"""Which places a commune must cover, how gaps are told apart, and how far loudspeakers reach."""

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import Engine

from tests.builders import MAU
from tests.db import programme as pg
from tests.db.coverage_kit import ClientAs, add, asked, change, keep_sample

PLACES = ("facilities", "industrial_zones", "worker_housing", "loudspeakers")


@pytest.fixture(autouse=True)
def _as_they_were(owner_engine: Engine) -> Iterator[None]:
    with keep_sample(owner_engine, *PLACES):
        for name in PLACES:
            change(owner_engine, f"DELETE FROM {name} WHERE commune_id = :here", here=MAU.id)
        yield


def counts(client_as: ClientAs, username: str = "chi") -> dict[str, int]:
    return {one["kind"]: one["count"] for one in asked(client_as(username))["classes"] if one["count"]}


def test_offices_markets_zones_and_housing_count_and_what_the_police_know_does_not(
    client_as: ClientAs, owner_engine: Engine
) -> None:
    before = counts(client_as)
    assert not {"office", "market", "industrial_zone", "worker_housing"} & set(before)
    add(owner_engine, "facilities", "ubnd", MAU.at(500, 500), kind="government", visibility="public")
    add(owner_engine, "facilities", "cho", MAU.at(600, 500), kind="market", visibility="staff")
    add(owner_engine, "facilities", "kin", MAU.at(700, 500), kind="police", visibility="police")
    add(owner_engine, "facilities", "doanh-trai", MAU.at(800, 500), kind="military", visibility="staff")
    # Half of it lies outside.
    add(owner_engine, "industrial_zones", "kcn", MAU.box(-100, 0, 100, 100))
    add(owner_engine, "worker_housing", "nha", MAU.at(900, 500))
    assert counts(client_as) == before | {"office": 1, "market": 1, "industrial_zone": 1, "worker_housing": 1}
    zone = next(one for one in asked(client_as("chi"))["classes"] if one["kind"] == "industrial_zone")
    assert zone["unit"] == "m2"
    assert zone["total"] == pytest.approx(10_000, rel=0.02)
    # The police themselves have no other figure of it.
    assert counts(client_as, "hoa")["office"] == 1
    change(owner_engine, "UPDATE facilities SET kind = 'other' WHERE external_id = 'cho'")
    assert "market" not in counts(client_as)


def test_a_class_that_is_left_out_leaves_list_page_and_new_plans(client_as: ClientAs, owner_engine: Engine) -> None:
    add(owner_engine, "worker_housing", "nha", MAU.at(950, 950))
    binh = pg.Officer(client_as("binh"))

    def told() -> tuple[bool, bool, float]:
        asked(binh.client)
        gaps = {gap["kind"] for gap in binh.client.get("/api/coverage/gaps?limit=100").json["gaps"]}
        page = binh.client.get("/do-phu").text
        defaults = binh.client.get("/api/siting-plans/defaults").json["settings"]["targets"]["weights"]
        return "worker_housing" in gaps, 'data-class="worker_housing"' in page, defaults["worker_housing"]

    assert told() == (True, True, 3.0)
    chosen = [one["kind"] for one in asked(binh.client)["classes"] if one["kind"] != "worker_housing"]
    form = {"csrf_token": binh.token, "class": chosen}
    assert binh.client.post("/do-phu/noi-trong-diem", data=form).status_code == 303
    assert told() == (False, False, 0.0)
    row = next(one for one in asked(binh.client)["classes"] if one["kind"] == "worker_housing")
    assert (row["is_required"], row["count"]) == (False, 1)
    # Whoever asks for the class by name still has it.
    assert binh.client.get("/api/coverage/gaps?kind=worker_housing").json["gaps"]
    assert "Không bắt buộc ở đây: Nhà ở công nhân" in " ".join(client_as("chi").get("/do-phu").text.split())
    bad = {"csrf_token": binh.token, "class": ["street"]}
    assert binh.client.post("/do-phu/noi-trong-diem", data=bad).status_code == 400
    for username in ("chi", "an", "lan"):
        other = pg.Officer(client_as(username))
        form = {"csrf_token": other.token, "class": chosen}
        assert other.client.post("/do-phu/noi-trong-diem", data=form).status_code == 403
    binh.client.post("/do-phu/noi-trong-diem", data={"csrf_token": binh.token, "class": [*chosen, "worker_housing"]})
    assert told() == (True, True, 3.0)


def test_rows_of_the_list_are_told_apart(client_as: ClientAs, owner_engine: Engine) -> None:
    for number in (1, 2, 3):
        at = MAU.at(1250, 740 if number < 3 else 790)
        add(owner_engine, "worker_housing", f"nha-{number}", at, name=None)
        change(owner_engine, f"UPDATE worker_housing SET external_id = 'n{number}' WHERE external_id = 'nha-{number}'")
    asked(client_as("chi"))
    gaps = client_as("chi").get("/api/coverage/gaps?kind=worker_housing").json["gaps"]
    assert [gap["count"] for gap in gaps] == [2, 1]
    # Of what weighs the same, that with more houses around it comes first.
    add(owner_engine, "buildings", "nha-canh", MAU.box(1245, 785, 1255, 795))
    change(owner_engine, "DELETE FROM worker_housing WHERE external_id = 'n2'")
    asked(client_as("chi"))
    again = client_as("chi").get("/api/coverage/gaps?kind=worker_housing").json["gaps"]
    assert [(gap["house_count"], gap["unmet_weight"]) for gap in again] == [(1, 4.0), (0, 4.0)]
    assert gaps[0]["unmet_weight"] == 2 * gaps[1]["unmet_weight"]
    assert all(gap["group"] for gap in gaps)
    page = client_as("chi").get("/do-phu").text
    titles = [part.split("<")[0] for part in page.split('class="cov-gap-name">')[1:]]
    assert len(set(titles)) == len(titles) > 5
    # The street of a hotspot is that of where the planner sees it; its words are the police's.
    hotspots = client_as("binh").get("/api/coverage/gaps?kind=hotspot").json["gaps"]
    assert hotspots
    for gap in hotspots:
        assert gap["near"] is None or gap["near"].startswith("Phố ")
        assert gap["name"] == ""


def test_loudspeakers_reach_households(client_as: ClientAs, owner_engine: Engine) -> None:
    client = client_as("chi")
    assert client.get("/api/coverage/loudspeakers").json == {"share": None, "groups": [], "speakers": []}
    assert 'data-testid="speakers"' not in client.get("/do-phu").text
    add(owner_engine, "loudspeakers", "loa-1", MAU.at(1500, 1500), range_m=3000, state="working")
    add(owner_engine, "loudspeakers", "loa-2", MAU.at(100, 100), range_m=None, state="working")
    add(owner_engine, "loudspeakers", "loa-3", MAU.at(100, 100), range_m=500, state="broken")
    add(owner_engine, "loudspeakers", "loa-4", MAU.at(100, 100), range_m=500, state="removed")
    found = client.get("/api/coverage/loudspeakers").json
    assert (found["counted_count"], found["unknown_count"], found["broken_count"]) == (1, 1, 1)
    assert found["share"] == pytest.approx(1.0)
    assert len(found["speakers"]) == 3
    assert [one["share"] for one in found["groups"]] == [pytest.approx(1.0)] * 4
    change(owner_engine, "UPDATE loudspeakers SET range_m = 10 WHERE external_id = 'loa-1'")
    assert client.get("/api/coverage/loudspeakers").json["share"] < 0.5
    page = client.get("/do-phu").text
    assert "1 loa đang hoạt động chưa ghi tầm nghe" in page
