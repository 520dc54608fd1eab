"""Siting plans from settings to devices: fixed devices, exclusions, money, bound, best so far, roles."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.queries import siting as q
from tests.builders import BEN, MAU
from tests.db import siting as s
from tests.db.officers import Officer

ClientAs = Callable[[str | None], FlaskClient]
OfficerAs = Callable[[str], Officer]


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    with s.clean(owner_engine):
        yield


@pytest.fixture
def binh(officer_as: OfficerAs) -> Officer:
    return officer_as("binh")


def layer_rows(engine: Engine) -> list[Any]:
    query = "SELECT id, version, ST_AsEWKB(geom) FROM {} WHERE commune_id = :here ORDER BY id"
    with engine.connect() as conn:
        return [conn.execute(sa.text(query.format(t)), {"here": MAU.id}).all() for t in ("cameras", "lights")]


def test_a_new_plan_starts_from_the_communes_layers(binh: Officer) -> None:
    found = binh.get("/api/siting-plans/defaults").json
    assert found["settings"]["candidates"]["light_poles"] is True
    assert found["name"].startswith("Kịch bản ngày ")
    made = binh.post("/api/siting-plans", found)
    assert made.status_code == 201, made.text
    assert made.json["settings"] == found["settings"]
    assert made.json["state"] == "draft"
    assert made.json["bound_text"] == "Chưa tính."
    assert binh.get("/api/siting-plans/defaults").json["name"] == f"{found['name']} (2)"


def test_solving_keeps_what_stands_excludes_and_pays(binh: Officer, engine: Engine, owner_engine: Engine) -> None:
    """T-S5 and T-S6."""
    before = layer_rows(owner_engine)
    plan = s.solve(binh, engine, s.make(binh)["id"])
    assert layer_rows(owner_engine) == before
    assert plan["state"] == "solved"
    assert plan["status"] == "optimal"
    assert plan["devices"]
    for device in plan["devices"]:
        x, y = metres(owner_engine, device)
        assert 1249 < x < 1951
        assert 1249 < y < 1951
    spent: dict[tuple[int, str], int] = {}
    for device in plan["devices"]:
        key = device["year"], device["fund"]
        spent[key] = spent.get(key, 0) + device["cost_vnd"]
    assert spent[2026, "Quỹ thử"] <= 30_000_000
    assert spent.get((2027, "Quỹ thử"), 0) <= 20_000_000
    figures = plan["figures"]
    assert figures["after"]["weight"] >= figures["before"]["weight"]
    assert not figures["spending"]["is_over"]
    assert figures["after"]["weight"] == pytest.approx(plan["objective"], rel=1e-9)
    assert plan["bound"] >= plan["objective"] - 1e-6
    assert plan["gap_share"] == pytest.approx(0, abs=1e-6)
    assert "Đã chứng minh" in plan["bound_text"]
    assert plan["history"]


def metres(engine: Engine, device: dict[str, Any]) -> tuple[float, float]:
    query = "SELECT ST_X(p), ST_Y(p) FROM ST_Transform(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), 9210) AS p"
    with engine.connect() as conn:
        x, y = conn.execute(sa.text(query), {"lon": device["lon"], "lat": device["lat"]}).one()
    return x - MAU.x, y - MAU.y


def test_a_device_is_moved_turned_locked_refused_and_taken_out(binh: Officer, engine: Engine) -> None:
    plan = s.solve(binh, engine, s.make(binh)["id"])
    address = f"/api/siting-plans/{plan['id']}/devices"
    camera = next(d for d in plan["devices"] if d["kind"] == "camera")
    turned = binh.patch(f"{address}/{camera['id']}", {"azimuth_deg": camera["azimuth_deg"] + 180}, camera["version"])
    assert turned.status_code == 200, turned.text
    assert turned.json["device"]["is_locked"]
    assert turned.json["plan"]["state"] == "edited"
    assert turned.json["view"]["polygon"]["type"] == "Polygon"
    assert turned.json["plan"]["figures"]["after"]["weight"] != plan["figures"]["after"]["weight"]
    assert turned.json["plan"]["gap_share"] >= 0
    again = binh.patch(f"{address}/{camera['id']}", {"azimuth_deg": 10}, camera["version"])
    assert (again.status_code, again.json["code"]) == (412, "stale_version")
    refused = binh.patch(f"{address}/{camera['id']}", {"is_forbidden": True}, turned.json["device"]["version"])
    assert refused.json["device"] | {"is_locked": False, "is_forbidden": True} == refused.json["device"]
    spot = MAU.at(1600, 1510)
    body = {"kind": "camera", "lon": spot.x, "lat": spot.y, "azimuth_deg": 45, "model": s.CAMERA["name"]}
    added = binh.post(address, body)
    assert added.status_code == 201, added.text
    assert added.json["device"] | {"by_hand": True, "is_locked": True, "cost_vnd": 10_000_000} == added.json["device"]
    after = s.solve(binh, engine, plan["id"])
    here = {d["id"]: d for d in after["devices"]}
    assert here[added.json["device"]["id"]]["azimuth_deg"] == 45
    assert here[camera["id"]]["is_forbidden"]
    near = [d for d in after["devices"] if d["kind"] == "camera" and not d["is_forbidden"]]
    assert all(math.hypot(d["lon"] - camera["lon"], d["lat"] - camera["lat"]) > 1e-5 for d in near)
    gone = binh.send("DELETE", f"{address}/{camera['id']}", If_Match=f'"{here[camera["id"]]["version"]}"')
    assert gone.status_code == 200
    assert gone.json["device"] is None


def test_a_drag_writes_nothing(binh: Officer, engine: Engine) -> None:
    plan = s.solve(binh, engine, s.make(binh)["id"])
    camera = next(d for d in plan["devices"] if d["kind"] == "camera")
    spot = MAU.at(1500, 1500)
    query = {"lon": spot.x, "lat": spot.y, "azimuth": 90, "device": camera["id"]}
    # In the middle of the building of 200 m by 200 m.
    found = binh.get(f"/api/siting-plans/{plan['id']}/preview", **query).json
    assert found | {"polygon": None, "is_inside": True, "problem": None, "adds_weight": 0} == found
    spot = MAU.at(1700, 1502)
    found = binh.get(f"/api/siting-plans/{plan['id']}/preview", **query | {"lon": spot.x, "lat": spot.y}).json
    assert found["polygon"]["type"] == "Polygon"
    assert found["problem"] is None
    assert 0 <= found["adds_share"] <= found["weight_share"] <= 1
    spot = MAU.at(100, 100)
    found = binh.get(f"/api/siting-plans/{plan['id']}/preview", **query | {"lon": spot.x, "lat": spot.y}).json
    assert found["problem"] == "excluded"
    spot = BEN.at(100, 100)
    found = binh.get(f"/api/siting-plans/{plan['id']}/preview", **query | {"lon": spot.x, "lat": spot.y}).json
    assert found["problem"] == "outside"
    assert binh.get(f"/api/siting-plans/{plan['id']}").json == plan
    views = binh.get(f"/api/siting-plans/{plan['id']}/views").json["features"]
    assert {f["id"] for f in views} == {d["id"] for d in plan["devices"]}
    more = binh.get(f"/api/siting-plans/{plan['id']}/marginal").json
    assert more["camera"]["weight"] > 0
    assert more["camera"]["model"] == s.CAMERA["name"]


def test_cancelling_keeps_the_best_so_far(binh: Officer, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request comes while the solver runs: what it has found by then is written."""
    plan = s.make(binh)
    job_id = binh.post(f"/api/siting-plans/{plan['id']}/solve").json["id"]
    assert binh.post(f"/api/siting-plans/{plan['id']}/finish").json["code"] == "job_not_running"
    from gis_app.analysis import siting as solver  # noqa: PLC0415
    from gis_app.jobs import job_siting  # noqa: PLC0415

    monkeypatch.setattr(job_siting, "TOLD_EVERY_S", 0.0)
    true_solve, seen = solver.solve, []

    def solve(problem: Any, **values: Any) -> Any:
        tell = values["on_progress"]

        def on_progress(progress: Any) -> bool:
            if progress.incumbent > 0 and not seen:
                answer = binh.send("DELETE", f"/api/jobs/{job_id}")
                seen.append(answer.json)
            return bool(tell(progress))

        return true_solve(problem, **values | {"on_progress": on_progress})

    monkeypatch.setattr(solver, "solve", solve)
    assert s.run_jobs(engine) == [f"job {job_id} siting: done"]
    assert seen[0]["state"] == "running"
    assert seen[0]["wants_finish"] is True
    assert seen[0]["text"] == "Đang dừng và giữ phương án tốt nhất"
    job = binh.get(f"/api/jobs/{job_id}").json
    assert job["state"] == "done"
    assert job["detail"]["best"] >= 0
    found = binh.get(f"/api/siting-plans/{plan['id']}").json
    assert found["state"] == "solved"
    assert found["status"] in ("stopped", "optimal")
    assert found["figures"]["after"]["weight"] >= found["figures"]["before"]["weight"]


def test_cancelled_twice_it_is_thrown_away(binh: Officer, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = s.make(binh)
    job_id = binh.post(f"/api/siting-plans/{plan['id']}/solve").json["id"]
    from gis_app.analysis import siting as solver  # noqa: PLC0415

    true_solve = solver.solve

    def solve(*args: Any, **values: Any) -> Any:
        for _ in range(2):
            assert binh.send("DELETE", f"/api/jobs/{job_id}").status_code == 200
        return true_solve(*args, **values)

    monkeypatch.setattr(solver, "solve", solve)
    assert s.run_jobs(engine) == [f"job {job_id} siting: stopped"]
    assert binh.get(f"/api/jobs/{job_id}").json["state"] == "cancelled"
    assert binh.get(f"/api/siting-plans/{plan['id']}").json["state"] == "draft"


def test_the_other_commune_sees_nothing(
    binh: Officer, officer_as: OfficerAs, engine: Engine, conn_as: Callable[[str], Connection]
) -> None:
    plan = s.solve(binh, engine, s.make(binh)["id"])
    dung = officer_as("dung")
    device = plan["devices"][0]
    assert dung.get("/api/siting-plans").json == {"plans": []}
    address = f"/api/siting-plans/{plan['id']}"
    spot = {"lon": device["lon"], "lat": device["lat"]}
    for path in ("", "/views", "/marginal"):
        assert dung.get(f"{address}{path}").json["code"] == "siting_plan_not_found"
    assert dung.get(f"{address}/preview", **spot).status_code == 404
    assert dung.patch(address, {"name": "x"}, plan["version"]).status_code == 404
    assert dung.patch(f"{address}/devices/{device['id']}", {"azimuth_deg": 1}, device["version"]).status_code == 404
    assert dung.post(f"{address}/solve").status_code == 404
    assert dung.get("/api/siting-plans/compare", first=plan["id"], second=plan["id"]).status_code == 404
    conn = conn_as("dung")
    for table in ("siting_plans", "siting_devices", "siting_results"):
        assert conn.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one() == 0
        assert conn.execute(sa.text(f"DELETE FROM {table}")).rowcount == 0
    mine = conn_as("binh")
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        mine.execute(sa.text("UPDATE siting_devices SET feature_layer = 'cameras', feature_id = 1"))


def test_committee_reads_without_hotspots_and_changes_nothing(
    binh: Officer, officer_as: OfficerAs, engine: Engine
) -> None:
    plan = s.solve(binh, engine, s.make(binh)["id"])
    assert "hotspots" in plan["figures"]["after"]["classes"]
    for who in ("chi", "lan"):
        reader = officer_as(who)
        found = reader.get(f"/api/siting-plans/{plan['id']}").json
        assert "hotspots" not in found["figures"]["after"]["classes"]
        assert "adds" not in found["figures"]
        assert found["objective"] is found["bound"] is None
        assert found["curve"] == []
        assert {d["adds_weight"] for d in found["devices"]} == {None}
        assert reader.get(f"/api/siting-plans/{plan['id']}/marginal").status_code == 403
        assert reader.post(f"/api/siting-plans/{plan['id']}/solve").status_code == 403
        assert reader.patch(f"/api/siting-plans/{plan['id']}", {"name": "x"}, plan["version"]).status_code == 403


def test_the_figures_are_the_same_for_every_role(binh: Officer, officer_as: OfficerAs, engine: Engine) -> None:
    """Police officers read exact hotspots on their map; a plan, which planners read too, has them where planners do."""
    plan = s.solve(binh, engine, s.make(binh)["id"])
    an = officer_as("an")
    camera = next(d for d in plan["devices"] if d["kind"] == "camera")
    body = {"azimuth_deg": camera["azimuth_deg"]}
    found = an.patch(f"/api/siting-plans/{plan['id']}/devices/{camera['id']}", body, camera["version"]).json
    assert found["plan"]["figures"]["after"] == plan["figures"]["after"]


def test_two_plans_are_compared(binh: Officer, engine: Engine) -> None:
    """T-S7: the table is the difference of the two."""
    first = s.solve(binh, engine, s.make(binh)["id"])
    second = s.solve(binh, engine, s.make(binh, "Kịch bản khác", budget=s.budget(20_000_000))["id"])
    found = binh.get("/api/siting-plans/compare", first=first["id"], second=second["id"]).json
    a, b = first["figures"], second["figures"]
    assert found["difference"]["weight"] == pytest.approx(b["after"]["weight"] - a["after"]["weight"])
    assert found["difference"]["cost_vnd"] == b["spending"]["total_vnd"] - a["spending"]["total_vnd"]
    streets = [one["after"]["classes"]["streets"] for one in (a, b)]
    shares = [one["day"] / one["amount"] for one in streets]
    assert found["difference"]["classes"]["streets"]["day"] == pytest.approx(shares[1] - shares[0])
    same = binh.get("/api/siting-plans/compare", first=first["id"], second=first["id"]).json
    assert same["only_first"] == same["only_second"] == []
    assert same["difference"]["weight"] == 0


def test_settings_are_checked_once_more_by_the_database(conn_as: Callable[[str], Connection]) -> None:
    conn = conn_as("binh")
    plan_id = q.insert_plan(conn, MAU.id, "x", s.settings())
    spot = MAU.at(1500, 1500)
    values = {"kind": "camera", "lon": spot.x, "lat": spot.y, "azimuth_deg": math.nan, "model": "x", "cost_vnd": 1}
    with pytest.raises(sa.exc.IntegrityError, match="azimuth_deg_range"), conn.begin_nested():
        q.insert_devices(conn, MAU.id, plan_id, [values])
    with pytest.raises(sa.exc.IntegrityError, match="azimuth_deg_whole"), conn.begin_nested():
        q.insert_devices(conn, MAU.id, plan_id, [values | {"kind": "lamp", "azimuth_deg": 1.0}])
