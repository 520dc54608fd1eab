"""What a siting plan claims of itself: proven only of the question that was solved; versions, models, one at a time."""

import dataclasses
import io
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pypdfium2
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gis_app.jobs.siting_bound import bound_text, gap_of
from gis_app.queries import siting as q
from gis_app.words import Words
from tests.builders import MAU
from tests.db import siting as s
from tests.db.officers import Officer

OfficerAs = Callable[[str], Officer]
PROVEN, STALE = "không có phương án nào", "khác với lần tính gần nhất"
OTHER_CAMERA = s.CAMERA | {"name": "Camera khác"}


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    with s.clean(owner_engine):
        yield


@pytest.fixture
def binh(officer_as: OfficerAs) -> Officer:
    return officer_as("binh")


def address(plan: dict[str, Any]) -> str:
    return f"/api/siting-plans/{plan['id']}"


def said(officer: Officer, plan: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The plan as it is, and the text of its proposal."""
    document = pypdfium2.PdfDocument(io.BytesIO(officer.get(f"{address(plan)}.pdf").data))
    try:
        pages = [document[at].get_textpage() for at in range(len(document))]
        text = " ".join(" ".join(page.get_text_range() for page in pages).split())
        for page in pages:
            page.close()
    finally:
        document.close()
    return officer.get(address(plan)).json, text


def assert_unproven(officer: Officer, plan: dict[str, Any]) -> None:
    found, pdf = said(officer, plan)
    assert found["gap_share"] is None
    assert STALE in found["bound_text"]
    assert PROVEN not in pdf
    assert STALE in pdf


@pytest.mark.parametrize(
    "values",
    [
        {"budget": s.budget(600_000_000, 400_000_000)},
        {"targets": {"weights": {"streets": 10.0, "schools": 50.0, "hotspots": 80.0}, "street_spacing_m": 50.0}},
    ],
)
def test_other_settings_prove_nothing(values: dict[str, Any], binh: Officer, engine: Engine) -> None:
    plan = s.solve(binh, engine, s.make(binh)["id"])
    assert PROVEN in said(binh, plan)[1]
    changed = binh.patch(address(plan), {"settings": s.settings(**values)}, plan["version"])
    assert changed.status_code == 200, changed.text
    assert_unproven(binh, plan)
    # A device by hand counts the figures anew; the bound is still of the old settings.
    camera = plan["devices"][0]
    binh.patch(f"{address(plan)}/devices/{camera['id']}", {"is_locked": True}, camera["version"])
    assert_unproven(binh, plan)
    assert "Đã chứng minh" in s.solve(binh, engine, plan["id"])["bound_text"]


def test_the_same_settings_keep_the_proof(binh: Officer, engine: Engine) -> None:
    plan = s.solve(binh, engine, s.make(binh)["id"])
    body = {"name": "Tên mới", "settings": plan["settings"]}
    renamed = binh.patch(address(plan), body, plan["version"]).json
    assert (renamed["name"], renamed["bound_text"]) == ("Tên mới", plan["bound_text"])


def test_what_was_fixed_and_is_no_longer_proves_nothing(binh: Officer, engine: Engine) -> None:
    """The bound is of plans that keep the locked device: without it a better one may be."""
    plan, spot = s.make(binh), MAU.at(1260, 1260)
    body = {"kind": "camera", "lon": spot.x, "lat": spot.y, "azimuth_deg": 225, "model": s.CAMERA["name"]}
    poor = binh.post(f"{address(plan)}/devices", body).json["device"]
    plan = s.solve(binh, engine, plan["id"])
    assert "Đã chứng minh" in plan["bound_text"]
    poor = next(device for device in plan["devices"] if device["id"] == poor["id"])
    binh.patch(f"{address(plan)}/devices/{poor['id']}", {"is_locked": False}, poor["version"])
    assert_unproven(binh, plan)


def test_another_ground_proves_nothing(binh: Officer, engine: Engine, owner_engine: Engine) -> None:
    plan = s.solve(binh, engine, s.make(binh)["id"])
    spot = MAU.at(1600, 1600)
    with owner_engine.begin() as conn:
        conn.execute(
            sa.text(
                "INSERT INTO lights (commune_id, external_id, geom, radius_m, state, source) VALUES "
                "(:here, 'DEN-THU', ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), 30, 'working', 'siting')"
            ),
            {"here": MAU.id, "lon": spot.x, "lat": spot.y},
        )
    # The proposal looks at the ground of today, before anything is counted anew.
    assert PROVEN not in said(binh, plan)[1]
    camera = plan["devices"][0]
    binh.patch(f"{address(plan)}/devices/{camera['id']}", {"is_locked": True}, camera["version"])
    assert_unproven(binh, plan)


def test_what_must_be_and_cannot_is_named_on_page_and_paper(binh: Officer, engine: Engine) -> None:
    candidates = {"light_poles": False, "camera_poles": False, "street_spacing_m": 60.0, "points": []}
    values = {"must": {"classes": ["schools"]}, "candidates": candidates, "budget": s.budget(10_000_000)}
    plan = s.solve(binh, engine, s.make(binh, **values)["id"])
    assert plan["status"] == "must_infeasible"
    assert plan["conflict"] == "must"
    assert plan["missing"]
    assert {one["class"] for one in plan["missing"]} == {"schools"}
    found, pdf = said(binh, plan)
    assert "mục tiêu bắt buộc" in found["bound_text"]
    assert "mục tiêu bắt buộc" in pdf
    assert PROVEN not in pdf
    page = binh.get(f"/do-phu/kich-ban/{plan['id']}").text
    assert 'data-testid="missing"' in page


def test_locked_devices_that_cost_too_much_say_so(binh: Officer, engine: Engine) -> None:
    plan = s.make(binh, budget=s.budget(5_000_000))
    spot = MAU.at(1600, 1510)
    body = {"kind": "camera", "lon": spot.x, "lat": spot.y, "azimuth_deg": 45, "model": s.CAMERA["name"]}
    assert binh.post(f"{address(plan)}/devices", body).status_code == 201
    found = s.solve(binh, engine, plan["id"])
    assert (found["status"], found["conflict"]) == ("must_infeasible", "locked")
    assert "không đủ chi cho các thiết bị đã giữ" in found["bound_text"]


def test_equity_says_among_which_plans(binh: Officer, engine: Engine) -> None:
    plan = s.solve(binh, engine, s.make(binh, equity=True)["id"])
    assert plan["status"] == "optimal"
    assert 0 <= plan["floor"] <= plan["floor_bound"] <= 1
    found, pdf = said(binh, plan)
    for text in (found["bound_text"], pdf):
        assert "ở tổ, thôn được phủ ít nhất" in text
        assert "Bỏ ràng buộc này thì tổng độ phủ có thể cao hơn" in text
    # Changed by hand it may be below the floor, of which alone the bound is.
    device = plan["devices"][0]
    edited = binh.send("DELETE", f"{address(plan)}/devices/{device['id']}", If_Match=f'"{device["version"]}"').json
    assert edited["plan"]["gap_share"] is None
    assert PROVEN not in edited["plan"]["bound_text"]
    plain = s.solve(binh, engine, s.make(binh, "Không ràng buộc")["id"])
    assert plain["floor"] is plain["floor_bound"] is None


def test_a_small_gap_is_not_none(binh: Officer, engine: Engine, conn_as: Callable[[str], Connection]) -> None:
    plan = q.fetch_plans(conn_as("binh"), MAU.id, s.solve(binh, engine, s.make(binh)["id"])["id"])[0]
    assert plan.figures is not None
    before, after = (plan.figures[name]["weight"] for name in ("before", "after"))
    near = dataclasses.replace(plan, bound=after + 0.0004 * (after - before))
    assert gap_of(near) == pytest.approx(0.0004)
    assert PROVEN not in bound_text(near, Words("vi"))
    assert "chưa tới 0,05 %" in bound_text(near, Words("vi"))


def test_the_version_changes_with_the_devices(binh: Officer, officer_as: OfficerAs, engine: Engine) -> None:
    plan = s.solve(binh, engine, s.make(binh)["id"])
    seen, hoa = [plan["version"]], officer_as("hoa")
    for turn in range(2):
        device = next(d for d in binh.get(address(plan)).json["devices"] if d["kind"] == "camera")
        body = {"azimuth_deg": 10.0 + turn}
        answer = binh.patch(f"{address(plan)}/devices/{device['id']}", body, device["version"])
        seen.append(answer.json["plan"]["version"])
    assert seen == sorted(set(seen))
    again = s.solve(binh, engine, plan["id"])
    assert again["version"] > seen[-1]
    once_more = s.solve(binh, engine, plan["id"])
    assert once_more["version"] > again["version"]
    # Who saw other devices gives out no tasks, and changes and deletes nothing.
    for answer in (
        hoa.post(f"{address(plan)}/tasks", {}, again["version"]),
        hoa.patch(address(plan), {"name": "Khác"}, again["version"]),
        hoa.send("DELETE", address(plan), If_Match=f'"{again["version"]}"'),
    ):
        assert answer.status_code == 412, answer.text


def test_a_model_in_use_stays(binh: Officer, engine: Engine) -> None:
    plan = s.solve(binh, engine, s.make(binh)["id"])
    assert {d["kind"] for d in plan["devices"]} >= {"camera"}
    for models in ([OTHER_CAMERA, s.LAMP], [s.LAMP], [s.CAMERA | {"name": "x"}, s.LAMP | {"name": s.CAMERA["name"]}]):
        answer = binh.patch(address(plan), {"settings": s.settings(models=models)}, plan["version"])
        assert (answer.status_code, answer.json["code"]) == (422, "bad_siting_plan")
        assert {"field": "models", "rule": "in_use"} in answer.json["params"]["faults"]
    models = [s.CAMERA | {"cost_vnd": 9_000_000}, s.LAMP, OTHER_CAMERA]
    assert binh.patch(address(plan), {"settings": s.settings(models=models)}, plan["version"]).status_code == 200


@pytest.mark.parametrize("kind", ["camera", "lamp"])
def test_a_locked_device_without_its_model_fails_the_job(
    kind: str, binh: Officer, engine: Engine, owner_engine: Engine
) -> None:
    plan, spot = s.make(binh), MAU.at(1600, 1510)
    model = s.CAMERA if kind == "camera" else s.LAMP
    body = {"kind": kind, "lon": spot.x, "lat": spot.y, "model": model["name"]}
    body |= {"azimuth_deg": 45} if kind == "camera" else {}
    device = binh.post(f"{address(plan)}/devices", body).json["device"]
    with owner_engine.begin() as conn:
        conn.execute(sa.text("UPDATE siting_devices SET model = 'Đã bỏ' WHERE id = :id"), {"id": device["id"]})
    job = binh.post(f"{address(plan)}/solve").json
    assert s.run_jobs(engine) == [f"job {job['id']} siting: failed siting_model_missing"]
    left = binh.get(address(plan)).json["devices"]
    assert [(d["id"], d["cost_vnd"]) for d in left] == [(device["id"], model["cost_vnd"])]
    assert binh.get(f"{address(plan)}.pdf").status_code == 200


def test_two_who_ask_at_once_get_one_job(binh: Officer, officer_as: OfficerAs, monkeypatch: pytest.MonkeyPatch) -> None:
    from gis_app.web import siting_forms  # noqa: PLC0415

    plan, hoa = s.make(binh), officer_as("hoa")
    look = siting_forms.open_job

    def slow(plan_id: int) -> Any:
        found = look(plan_id)
        time.sleep(0.4)
        return found

    monkeypatch.setattr(siting_forms, "open_job", slow)
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(one.post, f"{address(plan)}/solve") for one in (binh, hoa)]
        answers = [one.result() for one in asked]
    assert [one.status_code for one in answers] == [202, 202]
    assert answers[0].json["id"] == answers[1].json["id"]


def test_a_change_waits_for_who_asks_to_solve(
    binh: Officer, officer_as: OfficerAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gis_app.web import siting_forms  # noqa: PLC0415

    plan, hoa = s.make(binh), officer_as("hoa")
    ask = siting_forms.ask

    def slow(*values: Any) -> int:
        time.sleep(0.6)
        return ask(*values)

    monkeypatch.setattr(siting_forms, "ask", slow)
    with ThreadPoolExecutor(2) as pool:
        solving = pool.submit(hoa.post, f"{address(plan)}/solve")
        time.sleep(0.2)
        changed = binh.patch(address(plan), {"settings": s.settings(budget=s.budget(0))}, plan["version"])
        assert solving.result().status_code == 202
    assert (changed.status_code, changed.json["code"]) == (409, "siting_running")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE siting_plans SET settings_version = settings_version + 1 WHERE id = :id",
        "UPDATE siting_devices SET cost_vnd = cost_vnd WHERE plan_id = :id",
        "DELETE FROM siting_devices WHERE plan_id = :id",
    ],
)
def test_an_answer_to_another_question_is_not_written(
    change: str, binh: Officer, engine: Engine, owner_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gis_app.analysis import siting as solver  # noqa: PLC0415

    plan = s.solve(binh, engine, s.make(binh)["id"])
    true_solve = solver.solve

    def solve(*args: Any, **values: Any) -> Any:
        with owner_engine.begin() as conn:
            conn.execute(sa.text(change), {"id": plan["id"]})
        return true_solve(*args, **values)

    monkeypatch.setattr(solver, "solve", solve)
    job = binh.post(f"{address(plan)}/solve").json
    assert s.run_jobs(engine) == [f"job {job['id']} siting: failed siting_changed"]
    assert binh.get(address(plan)).json["solved_at"] == plan["solved_at"]
