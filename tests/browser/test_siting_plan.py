"""The workbench of a siting plan: map, hand, keyboard, progress, drawing, two plans; clean for axe in three themes."""

import gzip
import math
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, Response, expect
from sqlalchemy.engine import Engine

from tests.browser.pages import by, fits, put_corners, settle, still, violations
from tests.browser.phones import until
from tests.builders import MAU, PASSWORD
from tests.db import siting as s
from tests.db.officers import Officer

Pages = Callable[..., Page]

# Points of a view on the screen, in pixels from the place of the device (the foot of its label).
VIEW = """(id) => {
  const path = document.querySelector(`[data-view="${id}"]`);
  const pin = document.querySelector(`[data-device="${id}"]`).getBoundingClientRect();
  const [x, y] = [pin.left + pin.width / 2, pin.bottom];
  const matrix = path.getScreenCTM();
  return (path.getAttribute("d").match(/-?[\\d.]+[ ,]-?[\\d.]+/g) || []).map((pair) => {
    const [a, b] = pair.split(/[ ,]/).map(Number);
    const p = new DOMPoint(a, b).matrixTransform(matrix);
    return [p.x - x, p.y - y];
  });
}"""


@pytest.fixture
def binh(app: Flask) -> Officer:
    client = app.test_client()
    client.post("/api/session", json={"username": "binh", "password": PASSWORD})
    return Officer(client)


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    with s.clean(owner_engine):
        yield


def open_plan(page: Page, plan: dict[str, Any], query: str = "") -> Page:
    page.goto(f"/do-phu/kich-ban/{plan['id']}{query}")
    expect(by(page, "tab-devices")).to_be_visible(timeout=30_000)
    settle(page)
    return page


def choose(page: Page, device: dict[str, Any]) -> Locator:
    """Choose a device in the table; its label on the map."""
    by(page, "tab-devices").click()
    by(page, f"row-{device['id']}").click()
    settle(page)
    return by(page, f"pin-{device['id']}")


def stored(binh: Officer, plan: dict[str, Any], device_id: int) -> dict[str, Any]:
    devices = binh.get(f"/api/siting-plans/{plan['id']}").json["devices"]
    return next(one for one in devices if one["id"] == device_id)


def with_camera(binh: Officer, azimuth: float = 40.0) -> tuple[dict[str, Any], dict[str, Any]]:
    """A plan with one camera, put by hand on open ground: the only building ends at 1,600 m."""
    plan = s.make(binh)
    spot = MAU.at(1720, 1750)
    body = {"kind": "camera", "lon": spot.x, "lat": spot.y, "model": s.CAMERA["name"], "azimuth_deg": azimuth}
    answer = binh.post(f"/api/siting-plans/{plan['id']}/devices", body)
    assert answer.status_code == 201, answer.text
    return plan, answer.json["device"]


def bearings(points: list[list[float]]) -> list[float]:
    """Bearings of the points that are not the device's own place."""
    return [math.degrees(math.atan2(x, -y)) % 360 for x, y in points if math.hypot(x, y) > 8]


def assert_view_looks_to(page: Page, device_id: int, azimuth: float) -> None:
    """The view on the screen opens by its 90° about the azimuth, within 1°."""
    off = [(one - azimuth + 180) % 360 - 180 for one in bearings(page.evaluate(VIEW, device_id))]
    assert min(off) == pytest.approx(-45, abs=1)
    assert max(off) == pytest.approx(45, abs=1)


def nearer(page: Page) -> None:
    """Leaflet draws to whole pixels: a degree needs a view of more than 60 of them."""
    for _ in range(2):
        page.locator(".leaflet-control-zoom-in").click()
        still(page)
    settle(page)


def drag(page: Page, handle: Locator, dx: float, dy: float) -> None:
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2, steps=4)
    page.mouse.move(x + dx, y + dy, steps=4)


def test_solving_moves_lines_and_ends_without_a_reload(page_as: Pages, binh: Officer, engine: Engine) -> None:
    """T-S5, T-S6: existing devices are drawn, none stands in an exclusion, the answer comes by itself."""
    plan = s.make(binh)
    page = open_plan(page_as("binh"), plan)
    page.evaluate("window.sameDocument = true")
    by(page, "solve").click()
    expect(by(page, "progress-state")).not_to_be_empty()
    worker = threading.Thread(target=s.run_jobs, args=(engine,))
    worker.start()
    expect(by(page, "state")).to_have_text("Đã tính", timeout=30_000)
    worker.join()
    settle(page)
    assert page.evaluate("window.sameDocument")
    expect(by(page, "progress")).to_be_hidden()
    devices = binh.get(f"/api/siting-plans/{plan['id']}").json["devices"]
    assert page.locator(".siting-pin .siting-dot").count() == len(devices) > 0
    assert page.locator("path.siting-exclusion").count() == len(s.OUTSIDE)
    inside = page.evaluate(
        """() => [...document.querySelectorAll("[data-device]")].filter((pin) => {
          const box = pin.getBoundingClientRect();
          return [...document.querySelectorAll("path.siting-exclusion")].some((area) => {
            const p = new DOMPoint(box.left + box.width / 2, box.bottom).matrixTransform(area.getScreenCTM().inverse());
            return area.isPointInFill(p);
          });
        }).length"""
    )
    assert inside == 0
    expect(by(page, "lead")).to_contain_text("với kịch bản này")
    expect(by(page, "bars").locator("tbody tr")).to_have_count(2 * 3)
    expect(page.locator("svg.is-curve .chart-budget")).to_have_count(1)
    expect(by(page, "curve-text")).to_contain_text("triệu")
    by(page, "ask-more").click()
    expect(by(page, "more").locator("li")).to_have_count(2)


def test_stopping_keeps_the_best_so_far(page_as: Pages, binh: Officer, engine: Engine) -> None:
    """T-S6: asked to end while it runs, what was found by then is the answer."""
    plan = s.make(binh, time_limit_s=60)
    page = open_plan(page_as("binh"), plan)
    states = iter(range(1, 100))

    def moving(route: Any) -> None:
        """The job as the page sees it half way, until it is asked to end."""
        seconds = next(states)
        found = binh.get("/api/jobs").json["jobs"][0]
        detail = {"seconds": seconds, "best": 20 + seconds, "bound": 60 - seconds, "cameras": 3, "lamps": 1}
        if found["state"] == "queued":
            found |= {"state": "running", "progress": 40, "text": "Đang tìm phương án", "detail": detail}
        route.fulfill(json=found)

    asked: list[str] = []

    def finish(route: Any) -> None:
        asked.append(route.request.method)
        s.run_jobs(engine)
        route.fulfill(status=202, json={})

    page.route("**/api/jobs/*", moving)
    page.route("**/finish", finish)
    by(page, "solve").click()
    expect(page.locator("svg.is-progress .chart-line")).to_have_attribute("d", _has_steps(), timeout=10_000)
    expect(page.locator("svg.is-progress .chart-bound")).to_have_attribute("d", _has_steps())
    expect(by(page, "progress-text")).to_contain_text("3 camera, 1 đèn")
    by(page, "finish").click()
    expect(by(page, "state")).to_have_text("Đã tính", timeout=30_000)
    assert asked == ["POST"]
    assert by(page, "lead").is_visible()


def _has_steps() -> Any:
    return re.compile(r"^M.*H.*V")


def test_a_view_looks_where_the_azimuth_says_and_turns_by_keys(page_as: Pages, binh: Officer) -> None:
    plan, camera = with_camera(binh, 40)
    page = open_plan(page_as("binh"), plan)
    pin = choose(page, camera)
    nearer(page)
    assert_view_looks_to(page, camera["id"], 40)
    aim = by(page, "aim")
    assert aim.get_attribute("aria-valuenow") == "40"
    aim.focus()
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    expect(by(page, "aim")).to_have_attribute("aria-valuenow", "49")
    expect(by(page, "undo")).to_be_enabled()
    settle(page)
    found = stored(binh, plan, camera["id"])
    assert found["azimuth_deg"] == 49
    assert found["is_locked"] is True
    assert_view_looks_to(page, camera["id"], 49)
    assert page.evaluate("document.activeElement.dataset.testid") == "aim", "the key that follows turns it too"
    pin.focus()
    page.keyboard.press("ArrowUp")
    lat = until(lambda: float(stored(binh, plan, camera["id"])["lat"]), lambda found: found != camera["lat"])
    assert lat == pytest.approx(camera["lat"] + 2 / 111_200, abs=2e-7)
    settle(page)
    by(page, "azimuth").fill("275")
    by(page, "azimuth").press("Enter")
    settle(page)
    assert_view_looks_to(page, camera["id"], 275)
    by(page, "undo").click()
    settle(page)
    assert_view_looks_to(page, camera["id"], 49)


def test_figures_follow_the_drag_and_an_exclusion_refuses_it(page_as: Pages, binh: Officer) -> None:
    plan, camera = with_camera(binh)
    page = open_plan(page_as("binh", refusals=True), plan)
    choose(page, camera)
    nearer(page)
    drag(page, by(page, "aim"), 60, 120)
    expect(by(page, "float")).to_contain_text("thiết bị này thêm")
    still(page, "[data-testid=float]")
    shown = int(by(page, "float").inner_text().partition("°")[0])
    page.mouse.up()
    settle(page)
    turned = stored(binh, plan, camera["id"])
    assert turned["azimuth_deg"] == pytest.approx(shown, abs=1)
    assert_view_looks_to(page, camera["id"], turned["azimuth_deg"])
    # A little to the east, then far out of the area where devices may stand.
    pin = by(page, f"pin-{camera['id']}")
    drag(page, pin, 40, 0)
    page.mouse.up()
    settle(page)
    moved = stored(binh, plan, camera["id"])
    assert moved["lon"] > camera["lon"]
    assert moved["lat"] == pytest.approx(camera["lat"], abs=3e-5)
    for _ in range(4):
        page.locator(".leaflet-control-zoom-out").click()
        still(page)
    settle(page)
    drag(page, by(page, f"pin-{camera['id']}"), -260, 0)
    expect(by(page, "float")).to_contain_text("vùng loại trừ")
    page.mouse.up()
    expect(page.locator("#toast")).to_contain_text("vùng loại trừ")
    settle(page)
    assert stored(binh, plan, camera["id"])["lon"] == moved["lon"]


def test_lock_forbid_delete_add_and_undo(page_as: Pages, binh: Officer) -> None:
    plan, camera = with_camera(binh)
    page = open_plan(page_as("binh"), plan)
    choose(page, camera)
    by(page, "forbid").click()
    expect(page.locator(".siting-pin .siting-dot.is-forbidden")).to_have_count(1)
    by(page, "undo").click()
    expect(page.locator(".siting-pin .siting-dot.is-forbidden")).to_have_count(0)
    settle(page)
    assert stored(binh, plan, camera["id"])["is_locked"] is True
    by(page, "device-delete").click()
    expect(page.locator(".siting-pin .siting-dot")).to_have_count(0)
    by(page, "undo").click()
    expect(page.locator(".siting-pin .siting-dot")).to_have_count(1)
    by(page, "add-lamp").click()
    box = by(page, "plan-canvas").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".siting-pin .siting-dot")).to_have_count(2)
    expect(by(page, "device-card")).to_contain_text("Đèn 2")
    settle(page)
    kinds = [one["kind"] for one in binh.get(f"/api/siting-plans/{plan['id']}").json["devices"]]
    assert sorted(kinds) == ["camera", "lamp"]


def test_a_change_of_somebody_else_is_told_in_words(page_as: Pages, binh: Officer) -> None:
    plan, camera = with_camera(binh)
    page = open_plan(page_as("binh", refusals=True), plan)
    choose(page, camera)
    address = f"/api/siting-plans/{plan['id']}/devices/{camera['id']}"
    assert binh.patch(address, {"azimuth_deg": 200}, camera["version"]).status_code == 200
    by(page, "azimuth").fill("10")
    by(page, "azimuth").press("Enter")
    expect(page.locator("#toast")).to_contain_text("Người khác vừa sửa")
    settle(page)
    expect(by(page, "azimuth")).to_have_value("200")


def test_areas_and_pole_places_are_drawn_into_the_settings(page_as: Pages, binh: Officer) -> None:
    plan = s.make(binh, exclusions=[])
    page = open_plan(page_as("binh"), plan)
    by(page, "tab-areas").click()
    by(page, "draw-area").click()
    box = by(page, "plan-canvas").bounding_box()
    assert box is not None
    put_corners(page, [(box["x"] + dx, box["y"] + dy) for dx, dy in ((200, 200), (320, 200), (320, 300))])
    page.keyboard.press("Enter")
    expect(page.locator("path.siting-exclusion")).to_have_count(1)
    by(page, "draw-point").click()
    page.mouse.click(box["x"] + 420, box["y"] + 260)
    expect(by(page, "points").locator("li")).to_have_count(1)
    settle(page)
    settings = binh.get(f"/api/siting-plans/{plan['id']}").json["settings"]
    assert len(settings["exclusions"]) == len(settings["candidates"]["points"]) == 1
    by(page, "drop-area-1").click()
    expect(page.locator("path.siting-exclusion")).to_have_count(0)
    by(page, "undo").click()
    expect(page.locator("path.siting-exclusion")).to_have_count(1)


def test_two_plans_with_a_divider_and_a_table(page_as: Pages, binh: Officer, engine: Engine) -> None:
    """T-S7: the table is the difference of the two; the divider moves by arrow keys; a phone chooses A or B."""
    first = s.solve(binh, engine, s.make(binh, "Thứ nhất")["id"])
    second = s.solve(binh, engine, s.make(binh, "Thứ hai", models=[s.CAMERA])["id"])
    page = open_plan(page_as("binh"), first, f"?so-voi={second['id']}")
    expect(by(page, "split-map")).to_be_visible(timeout=30_000)
    rows = by(page, "difference").locator("tbody tr")
    lamps = rows.filter(has_text="Đèn").first.locator("td").all_inner_texts()
    counts = [one["figures"]["lamp_count"] for one in (first, second)]
    assert [int(text) for text in lamps] == [*counts, counts[1] - counts[0]]
    split = by(page, "split")
    split.focus()
    page.keyboard.press("ArrowRight")
    assert split.input_value() == "51"
    assert "51 %" in str(split.get_attribute("aria-valuetext"))
    assert page.evaluate("document.querySelector('.siting-split .is-b').style.clipPath").endswith("51%)")
    settle(page)
    assert violations(page) == []
    phone = open_plan(page_as("binh", phone=True), first, f"?so-voi={second['id']}")
    expect(by(phone, "split-b")).to_be_attached(timeout=30_000)
    settle(phone)
    assert not split_is_shown(phone)
    by(phone, "split-b").check(force=True)
    assert split_is_shown(phone)
    assert violations(phone) == []


def split_is_shown(page: Page) -> bool:
    """Whether the second map covers the first."""
    return str(page.evaluate("document.querySelector('.siting-split .is-b').style.clipPath")).endswith(" 0%)")


@pytest.mark.parametrize("theme", ["light", "dark", "outdoor"])
def test_axe_finds_nothing_and_narrow_screens_fit(page_as: Pages, binh: Officer, theme: str, base_url: str) -> None:
    plan, camera = with_camera(binh)
    page = page_as("binh")
    page.context.add_cookies([{"name": "theme", "value": theme, "url": base_url}])
    open_plan(page, plan)
    assert violations(page) == []
    choose(page, camera)
    for name in ("tab-results", "tab-areas", "tab-devices"):
        by(page, name).click()
        # Under the header that stays, a control would count as too small.
        page.evaluate("scrollTo(0, 0)")
        assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    page.evaluate("scrollTo(0, 0)")
    settle(page)
    assert violations(page) == []
    assert fits(page)


def test_readers_see_and_change_nothing(page_as: Pages, binh: Officer) -> None:
    plan, camera = with_camera(binh)
    page = open_plan(page_as("chi"), plan)
    choose(page, camera)
    for name in ("aim", "add-camera", "device-delete", "undo", "ask-more"):
        assert not page.get_by_test_id(name).is_visible()
    expect(by(page, "azimuth")).to_be_disabled()
    targets = page.evaluate(f"fetch('/api/siting-plans/{plan['id']}/targets').then((answer) => answer.json())")
    assert targets["full_weight"] is None
    assert targets["classes"].index("hotspots") not in {one[0] for one in targets["targets"]}


def test_the_page_is_light(page_as: Pages, binh: Officer) -> None:
    plan, _ = with_camera(binh)
    page = page_as("binh")
    answers: list[Response] = []

    def keep(answer: Response) -> None:
        answers.append(answer)

    page.on("response", keep)
    open_plan(page, plan)
    own = [one for one in answers if "/js/" in one.url and "vendor" not in one.url]
    assert 0 < sum(len(gzip.compress(one.body())) for one in own) < 60_000
