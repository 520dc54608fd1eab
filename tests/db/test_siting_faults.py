"""Bad input of siting plans: nothing to buy, nowhere to stand, nothing to see, too much of it, wrong values."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from tests.builders import BEN, MAU
from tests.db import siting as s
from tests.db.officers import Officer

OfficerAs = Callable[[str], Officer]


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    with s.clean(owner_engine):
        yield


@pytest.fixture
def binh(officer_as: OfficerAs) -> Officer:
    return officer_as("binh")


NO_PLACES = {"light_poles": False, "camera_poles": False, "street_spacing_m": None, "points": []}


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"budget": s.budget(0)}, "zero_budget"),
        ({"candidates": NO_PLACES}, "no_candidate"),
        ({"exclusions": [s.box(-100, -100, 3100, 3100)]}, "no_candidate"),
    ],
)
def test_what_cannot_be_solved_says_so(values: dict[str, Any], status: str, binh: Officer, engine: Engine) -> None:
    plan = s.solve(binh, engine, s.make(binh, **values)["id"])
    assert plan["status"] == status
    assert plan["devices"] == []
    assert plan["bound_text"] != f"siting.status.{status}"
    assert plan["figures"]["after"]["weight"] == plan["figures"]["before"]["weight"]


def test_nothing_can_be_covered(binh: Officer, engine: Engine) -> None:
    spot = MAU.at(1750, 1750)
    candidates = NO_PLACES | {"points": [[spot.x, spot.y]]}
    weights = {"weights": {"schools": 1.0}, "street_spacing_m": 50.0}
    plan = s.solve(binh, engine, s.make(binh, candidates=candidates, targets=weights)["id"])
    assert plan["status"] in ("nothing_coverable", "no_candidate")
    assert plan["devices"] == []


def test_too_much_is_refused_at_once(binh: Officer) -> None:
    targets = {"weights": {"streets": 1.0}, "street_spacing_m": 5.0}
    assert binh.post("/api/siting-plans", {"name": "x", "settings": s.settings(targets=targets)}).status_code == 201
    spots = [[MAU.at(i % 3000, 10).x, MAU.at(0, i % 3000).y] for i in range(2001)]
    body = {"name": "x", "settings": s.settings(candidates=NO_PLACES | {"points": spots})}
    answer = binh.post("/api/siting-plans", body)
    assert answer.status_code == 422
    assert answer.json["params"]["faults"] == [{"field": "candidates.points", "rule": "too_many"}]


def test_a_hundred_thousand_candidates_are_refused(
    binh: Officer, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gis_app.analysis import siting_ground  # noqa: PLC0415
    from gis_app.jobs import siting_problem  # noqa: PLC0415

    plan = s.make(binh)
    monkeypatch.setattr(siting_problem, "MOST_POLES", 5)
    answer = binh.post(f"/api/siting-plans/{plan['id']}/solve")
    assert (answer.status_code, answer.json["code"]) == (422, "siting_too_many_candidates")
    assert answer.json["params"]["limit"] == 5
    monkeypatch.undo()
    monkeypatch.setattr(siting_ground, "MOST_POLES", 5)
    job = binh.post(f"/api/siting-plans/{plan['id']}/solve").json
    assert s.run_jobs(engine) == [f"job {job['id']} siting: failed siting_too_many_candidates"]


def test_the_settings_of_a_running_plan_stay(binh: Officer) -> None:
    plan = s.make(binh)
    first = binh.post(f"/api/siting-plans/{plan['id']}/solve").json
    assert binh.post(f"/api/siting-plans/{plan['id']}/solve").json["id"] == first["id"]
    answer = binh.patch(f"/api/siting-plans/{plan['id']}", {"name": "Khác"}, plan["version"])
    assert (answer.status_code, answer.json["code"]) == (409, "siting_running")
    assert binh.send("DELETE", f"/api/jobs/{first['id']}").json["state"] == "cancelled"
    answer = binh.patch(f"/api/siting-plans/{plan['id']}", {"name": "Khác"}, plan["version"])
    assert answer.json["name"] == "Khác"
    stale = binh.patch(f"/api/siting-plans/{plan['id']}", {"name": "Khác nữa"}, plan["version"])
    assert stale.status_code == 412
    gone = binh.send("DELETE", f"/api/siting-plans/{plan['id']}", If_Match=f'"{answer.json["version"]}"')
    assert gone.status_code == 204
    assert binh.get(f"/api/siting-plans/{plan['id']}").status_code == 404


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("level", "far", "choice"),
        ("views_per_pole", 0, "range"),
        ("views_per_pole", True, "number"),
        ("objective.day", float("nan"), "number"),
        ("exclusions.0", {"type": "Point", "coordinates": [106, 20]}, "geometry_type"),
        ("exclusions.0", {"type": "Polygon", "coordinates": [[[106, 20], [107, 21], [107, 20], [106, 21], [106, 20]]]},
         "geometry_invalid"),
        ("exclusions.0", "x", "geometry"),
        ("candidates.points.0", [20.8, 106.6], "lonlat"),
        ("models.0.fov_deg", float("nan"), "number"),
        ("models.0.cost_vnd", 0, "range"),
        ("models.0.name", "Gọi 0912345678", "personal_number"),
        ("budget.funds.0.amounts", [1], "named_count"),
        ("budget.years", [2027, 2026], "year_order"),
        ("secret", 1, "unknown_field"),
    ],
)  # fmt: skip
def test_each_fault_is_named(path: str, value: Any, rule: str, binh: Officer) -> None:
    body = copy.deepcopy(s.settings())
    body["candidates"]["points"] = [[106.6, 20.8]]
    at: Any = body
    *parts, last = path.split(".")
    for part in parts:
        at = at[int(part)] if part.isdigit() else at.setdefault(part, {"day": 1, "night": 1})
    at[int(last) if last.isdigit() else last] = value
    answer = binh.post("/api/siting-plans", {"name": "x", "settings": body})
    assert answer.status_code == 422
    assert {"field": path, "rule": rule} in answer.json["params"]["faults"]


@pytest.mark.parametrize(
    ("values", "field", "rule"),
    [
        ({"azimuth_deg": float("nan")}, "azimuth_deg", "number"),
        ({"azimuth_deg": float("inf")}, "azimuth_deg", "number"),
        ({"azimuth_deg": 361}, "azimuth_deg", "range"),
        ({"azimuth_deg": None}, "azimuth_deg", "required"),
        ({"lon": 10}, "lon", "range"),
        ({"model": "khác"}, "model", "choice"),
        ({"year": 2030}, "year", "range"),
        ({"fund": "khác"}, "fund", "choice"),
        ({"is_locked": 1}, "is_locked", "bool"),
        ({"task_id": 1}, "task_id", "unknown_field"),
        ({"lon": MAU.at(100, 100).x, "lat": MAU.at(100, 100).y}, "lon", "excluded"),
        ({"lon": BEN.at(100, 100).x, "lat": BEN.at(100, 100).y}, "lon", "outside"),
    ],
)
def test_each_fault_of_a_device_is_named(values: dict[str, Any], field: str, rule: str, binh: Officer) -> None:
    plan, spot = s.make(binh), MAU.at(1500, 1502)
    body = {"kind": "camera", "lon": spot.x, "lat": spot.y, "azimuth_deg": 0, "model": s.CAMERA["name"]} | values
    answer = binh.post(f"/api/siting-plans/{plan['id']}/devices", body)
    assert (answer.status_code, answer.json["code"]) == (422, "bad_siting_device"), answer.text
    assert {"field": field, "rule": rule} in answer.json["params"]["faults"]


def test_a_preview_of_no_angle_is_refused(binh: Officer) -> None:
    plan = s.make(binh)
    for query in ({"azimuth": "nan"}, {"lon": "nan"}, {"azimuth": "400"}, {"kind": "gun"}, {"model": "khác"}):
        answer = binh.get(f"/api/siting-plans/{plan['id']}/preview", **{"lon": 106.6, "lat": 20.8} | query)
        assert (answer.status_code, answer.json["code"]) == (400, "bad_parameter"), query
