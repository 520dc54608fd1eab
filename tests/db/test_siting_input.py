"""Siting plans: values that broke them, light and devices as coverage counts them, what readers are not told."""

import math
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from shapely.geometry import shape
from sqlalchemy.engine import Engine

from tests.builders import MAU
from tests.db import siting as s
from tests.db.officers import Officer
from tests.db.test_siting_files import text_of

OfficerAs = Callable[[str], Officer]
HUGE = 10**400


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    with s.clean(owner_engine):
        yield


@pytest.fixture
def binh(officer_as: OfficerAs) -> Officer:
    return officer_as("binh")


def faults_of(officer: Officer, **values: Any) -> list[dict[str, str]]:
    answer = officer.post("/api/siting-plans", {"name": "x", "settings": s.settings(**values)})
    assert answer.status_code == 422, answer.text
    return list(answer.json["params"]["faults"])


def ring(count: int) -> dict[str, Any]:
    """A round exclusion of so many corners, each with all its decimals."""
    turns = [2 * math.pi * k / count for k in range(count)]
    spots = [MAU.at(500 + 400 * math.cos(a), 500 + 400 * math.sin(a)) for a in turns]
    corners = [[spot.x, spot.y] for spot in spots]
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


@pytest.mark.parametrize(
    ("values", "field", "rule"),
    [
        ({"views_per_pole": HUGE}, "views_per_pole", "range"),
        ({"objective": {"day": HUGE, "night": 1}}, "objective.day", "range"),
        ({"models": [s.CAMERA | {"cost_vnd": HUGE}]}, "models.0.cost_vnd", "range"),
        ({"budget": s.budget(HUGE)}, "budget.funds.0.amounts.0", "range"),
        ({"exclusions": [{"type": "Polygon", "coordinates": [[[HUGE, 20], [107, 21], [107, 20], [HUGE, 20]]]}]},
         "exclusions.0", "geometry"),
        ({"candidates": {"light_poles": "x"}}, "candidates.light_poles", "bool"),
        ({"candidates": {"camera_poles": 1}}, "candidates.camera_poles", "bool"),
        ({"candidates": {"points": [[HUGE, 20]]}}, "candidates.points.0", "lonlat"),
        ({"budget": {}}, "budget.years", "required"),
        ({"budget": {}}, "budget.funds", "required"),
        ({"targets": {}}, "targets.weights", "required"),
        ({"targets": {"weights": {}, "street_spacing_m": 20}}, "targets.weights", "required"),
        ({"exclusions": [ring(1880)] * 12}, "exclusions", "geometry_too_large"),
    ],
)  # fmt: skip
def test_each_fault_is_named(values: dict[str, Any], field: str, rule: str, binh: Officer) -> None:
    assert {"field": field, "rule": rule} in faults_of(binh, **values)


@pytest.mark.parametrize("name", ["lon", "lat", "azimuth_deg", "year"])
def test_a_whole_number_beyond_every_float_is_a_fault_of_a_device(name: str, binh: Officer) -> None:
    plan, spot = s.make(binh), MAU.at(1500, 1502)
    body = {"kind": "camera", "lon": spot.x, "lat": spot.y, "azimuth_deg": 0, "model": s.CAMERA["name"]}
    made = binh.post(f"/api/siting-plans/{plan['id']}/devices", body).json["device"]
    added = binh.post(f"/api/siting-plans/{plan['id']}/devices", body | {name: HUGE})
    changes = {"lon": spot.x, "lat": spot.y, name: HUGE}
    changed = binh.patch(f"/api/siting-plans/{plan['id']}/devices/{made['id']}", changes, made["version"])
    for answer in (added, changed):
        assert answer.status_code == 422, answer.text
        assert {"field": name, "rule": "range"} in answer.json["params"]["faults"]


@pytest.mark.parametrize(("text", "status"), [("[]", 400), ("{", 400), ("null", 400), ('"x"', 400), ("", 201)])
def test_a_body_that_is_none_assigns_nothing(text: str, status: int, binh: Officer, engine: Engine) -> None:
    plan = s.solve(binh, engine, s.make(binh)["id"])
    address = f"/api/siting-plans/{plan['id']}"
    headers = {"If-Match": f'"{plan["version"]}"', "Idempotency-Key": uuid4().hex, "X-CSRFToken": binh.token}
    answer = binh.client.post(f"{address}/tasks", data=text, content_type="application/json", headers=headers)
    assert answer.status_code == status, answer.text
    assert status == 201 or answer.json["code"] in ("bad_body", "bad_request")
    assert binh.get(address).json["state"] == ("assigned" if status == 201 else "solved")


def test_who_reads_no_hotspots_gets_no_sum_that_holds_them(
    binh: Officer, officer_as: OfficerAs, engine: Engine
) -> None:
    plan = s.solve(binh, engine, s.make(binh)["id"])
    chi = officer_as("chi")
    for found in (chi.get(f"/api/siting-plans/{plan['id']}").json, chi.get("/api/siting-plans").json["plans"][0]):
        assert found["id"] == plan["id"]
        assert found["gap_share"] is None
        assert found["bound_text"].startswith("Giới hạn so với phương án tốt nhất chỉ người lập kịch bản xem")
    assert binh.get(f"/api/siting-plans/{plan['id']}").json["gap_share"] == plan["gap_share"]
    curve = "Chi phí và tỷ lệ mục tiêu được phủ"
    for officer, one, is_told in ((binh, plan, True), (chi, plan, False)):
        text = " ".join(text_of(officer.get(f"/api/siting-plans/{one['id']}.pdf").data).split())
        assert (curve in text, "không có phương án nào tốt hơn" in text) == (is_told, is_told)
        assert officer.client.get(f"/do-phu/kich-ban/{one['id']}").status_code == 200


def lit_before_and_after(binh: Officer, engine: Engine, plan_id: int) -> list[float]:
    found = s.solve(binh, engine, plan_id)["figures"]
    return [found[name]["classes"]["streets"]["lit"] for name in ("before", "after")]


def test_buildings_stand_in_the_way_of_lamps_where_the_commune_says_so(
    binh: Officer, engine: Engine, owner_engine: Engine
) -> None:
    targets = {"weights": {"streets": 1.0}, "street_spacing_m": 20.0}
    plan = s.make(binh, models=[s.LAMP], targets=targets, budget=s.budget(5_000_000))
    spot = MAU.at(1720, 1520)
    address = f"/api/siting-plans/{plan['id']}"
    lamp = {"kind": "lamp", "lon": spot.x, "lat": spot.y, "model": s.LAMP["name"]}
    made = binh.post(f"{address}/devices", lamp)
    assert made.status_code == 201, made.text
    wall = sa.text("INSERT INTO buildings (commune_id, geom) VALUES (:here, ST_Multi(ST_GeomFromText(:shape, 4326)))")
    # One between the plan's lamp and its street, one beside a lamp that stands on its street.
    boxes = (MAU.box(1680, 1505, 1760, 1512), MAU.box(1104, 495, 1107, 505))
    try:
        before, after = lit_before_and_after(binh, engine, plan["id"])
        assert after > before + 39
        view = made.json["view"]["polygon"]
        with owner_engine.begin() as conn:
            for box in boxes:
                conn.execute(wall, {"here": MAU.id, "shape": box.wkt})
        assert lit_before_and_after(binh, engine, plan["id"]) == [before, after]
        choose(owner_engine, is_blocked=True)
        now = lit_before_and_after(binh, engine, plan["id"])
        assert now == [pytest.approx(before - 20, abs=0.5)] * 2
        cut = binh.get(f"{address}/views").json["features"][0]["geometry"]
        assert shape(cut).area < 0.8 * shape(view).area
    finally:
        choose(owner_engine, is_blocked=False)
        with owner_engine.begin() as conn:
            conn.execute(sa.text("DELETE FROM coverage_settings"))
            conn.execute(
                sa.text("DELETE FROM buildings WHERE external_id IS NULL AND commune_id = :id"), {"id": MAU.id}
            )


def choose(engine: Engine, *, is_blocked: bool) -> None:
    statement = sa.text(
        "INSERT INTO coverage_settings (commune_id, lights_blocked) VALUES (:here, :is_blocked) "
        "ON CONFLICT (commune_id) DO UPDATE SET lights_blocked = excluded.lights_blocked"
    )
    with engine.begin() as conn:
        conn.execute(statement, {"here": MAU.id, "is_blocked": is_blocked})


def test_devices_of_another_plan_that_are_on_their_way_count_as_standing(
    binh: Officer, officer_as: OfficerAs, engine: Engine
) -> None:
    plan = s.solve(binh, engine, s.make(binh)["id"])
    other = s.solve(binh, engine, s.make(binh, "Sau đó")["id"])
    assert other["figures"]["before"]["weight"] == plan["figures"]["before"]["weight"]
    made = binh.post(f"/api/siting-plans/{plan['id']}/tasks", {}, plan["version"])
    assert made.status_code == 201, made.text
    after = s.solve(binh, engine, other["id"])
    assert after["figures"]["before"]["weight"] == pytest.approx(plan["figures"]["after"]["weight"])
    text = " ".join(text_of(binh.get(f"/api/siting-plans/{other['id']}.pdf").data).split())
    assert "Đã giao việc lắp thêm" in text
    # They are no news to the plan that they are of.
    own = binh.get(f"/api/siting-plans/{plan['id']}").json
    assert own["figures"]["before"]["weight"] == plan["figures"]["before"]["weight"]
    camera = next(one for one in made.json["tasks"] if one["feature"]["layer"] == "cameras")
    task = binh.get(f"/api/tasks/{camera['task_id']}").json
    gone = officer_as("chi").post(f"/api/tasks/{task['id']}/cancel", {"reason": "Thôi"}, task["version"])
    assert gone.status_code == 200, gone.text
    fewer = s.solve(binh, engine, other["id"])
    assert fewer["figures"]["before"]["weight"] < after["figures"]["before"]["weight"]


def test_a_key_route_is_a_target(binh: Officer, engine: Engine, owner_engine: Engine) -> None:
    road = sa.text(
        "INSERT INTO key_routes (commune_id, name, kind, geom) VALUES (:here, 'Tuyến thử', 'road', "
        "ST_Multi(ST_GeomFromText(:shape, 4326))) RETURNING id"
    )
    one, two = MAU.at(1300, 1500), MAU.at(1900, 1500)
    line = f"LINESTRING({one.x} {one.y}, {two.x} {two.y})"
    with owner_engine.begin() as conn:
        before = conn.execute(sa.text("SELECT coalesce(sum(ST_Length(geom::geography)), 0) FROM key_routes "
                                      "WHERE commune_id = :here"), {"here": MAU.id}).scalar_one()  # fmt: skip
        road_id = conn.execute(road, {"here": MAU.id, "shape": line}).scalar_one()
    try:
        targets = {"weights": {"key_routes": 2.0}, "street_spacing_m": 50.0}
        plan = s.solve(binh, engine, s.make(binh, targets=targets)["id"])
        found = plan["figures"]["after"]["classes"]["key_routes"]
        assert found["amount"] == pytest.approx(600 + before, rel=0.05)
        assert found["day"] > plan["figures"]["before"]["classes"]["key_routes"]["day"]
        drawn = binh.get(f"/api/siting-plans/{plan['id']}/targets").json
        number = drawn["classes"].index("key_routes")
        assert {row[0] for row in drawn["targets"]} == {number}
        assert any(row[3] != 0 for row in drawn["targets"])
        page = binh.client.get(f"/do-phu/kich-ban/{plan['id']}").text
        assert "Tuyến trọng điểm" in page
    finally:
        with owner_engine.begin() as conn:
            conn.execute(sa.text("DELETE FROM key_routes WHERE id = :id"), {"id": road_id})


def test_both_kinds_are_worth_at_least_cameras_alone_and_half_and_half(binh: Officer, engine: Engine) -> None:
    """T-S6: the same ground, the same money."""
    years = [2026]
    halves = [
        {"name": "Quỹ camera", "kinds": ["camera"], "amounts": [30_000_000]},
        {"name": "Quỹ đèn", "kinds": ["lamp"], "amounts": [30_000_000]},
    ]
    asked = {
        "both": {"budget": s.budget(60_000_000)},
        "cameras": {"budget": s.budget(60_000_000), "models": [s.CAMERA]},
        "halves": {"budget": {"years": years, "funds": halves, "carry_over": False}},
    }
    found = {name: s.solve(binh, engine, s.make(binh, name, **values)["id"]) for name, values in asked.items()}
    weight = {name: plan["figures"]["after"]["weight"] for name, plan in found.items()}
    assert all(plan["status"] == "optimal" for plan in found.values())
    assert {d["kind"] for d in found["cameras"]["devices"]} == {"camera"}
    assert weight["both"] >= weight["cameras"] - 1e-6
    assert weight["both"] >= weight["halves"] - 1e-6
    assert weight["both"] > min(weight["cameras"], weight["halves"])


def test_the_form_keeps_a_density_that_it_does_not_show() -> None:
    from werkzeug.datastructures import MultiDict  # noqa: PLC0415

    from gis_app.web.siting_settings_form import settings_of_form  # noqa: PLC0415

    base = s.settings(level="detect", px_per_m=40.0)
    assert settings_of_form(MultiDict({"level": "detect"}), base)["px_per_m"] == 40.0
    assert settings_of_form(MultiDict({"level": "observe"}), base)["px_per_m"] == 62.5


def test_a_difference_of_shares_is_points_with_a_sign(binh: Officer, engine: Engine) -> None:
    first = s.solve(binh, engine, s.make(binh, "Ít", budget=s.budget(10_000_000))["id"])
    second = s.solve(binh, engine, s.make(binh, "Nhiều", budget=s.budget(60_000_000))["id"])
    page = binh.client.get(f"/do-phu/kich-ban/{first['id']}?so-voi={second['id']}").text
    table = page.split('data-testid="difference"')[1].split("</table>")[0]
    assert "điểm phần trăm" in table
    assert "+" in table


def test_the_page_says_why_nothing_was_assigned(binh: Officer, engine: Engine) -> None:
    plan = s.solve(binh, engine, s.make(binh)["id"])
    address = f"/do-phu/kich-ban/{plan['id']}"
    token = binh.client.get(address).text.split('name="csrf_token" value="')[1].split('"')[0]
    form = {"csrf_token": token, "version": plan["version"], "holder": "role:planner", "due_on": "2001-01-01"}
    for values, status in ((form, 422), (form | {"due_on": "", "version": plan["version"] + 5}, 412)):
        answer = binh.client.post(f"{address}/giao-viec", data=values)
        assert answer.status_code == status, answer.text[:500]
        assert 'data-testid="error"' in answer.text
        assert binh.get(f"/api/siting-plans/{plan['id']}").json["state"] == "solved"
