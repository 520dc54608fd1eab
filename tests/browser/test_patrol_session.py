"""The leader's session at 360 × 640: T-P1 to T-P6 of SESSIONS.md 4.1, step by step, on a phone with 4G."""

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import gpxpy
import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, Response, expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from layers import LAYERS
from tests.browser.pages import fits, settle
from tests.browser.phones import SMALL
from tests.builders import BEN, MAU, PASSWORD
from tests.db import patrol as p
from tests.db.patrol_rows import put_shift
from tests.db.siting import run_jobs

# Chromium's own profile of a regular 4G: 9 Mbit/s down, 1.5 up, 60 ms there and back.
FOUR_G = {"offline": False, "latency": 60, "downloadThroughput": 9_000_000 / 8, "uploadThroughput": 1_500_000 / 8}
USABLE_MS = 3000


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    with p.clean(owner_engine):
        yield


@pytest.fixture
def leader(browser: Browser, base_url: str) -> Iterator[Callable[[], Page]]:
    contexts = []

    def open_page() -> Page:
        context = browser.new_context(base_url=base_url, viewport=SMALL, has_touch=True, locale="vi-VN")
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def signed_in(page: Page) -> Page:
    assert page.context.request.post("/api/session", data={"username": "an", "password": PASSWORD}).ok
    return page


def foreign_ids(engine: Engine, answers: list[tuple[str, Any]]) -> list[tuple[str, int]]:
    """Ids of features in answers that are rows of another commune."""
    found: list[tuple[str, int]] = []
    with begin(engine, Actor("system")) as conn:
        for url, body in answers:
            name = re.search(r"/api/layers/([a-z_]+)/features", url)
            ids = [int(one["id"]) for one in body.get("features", []) if one.get("id") is not None]
            if not name or not ids or name[1] not in LAYERS:
                continue
            column = "id" if LAYERS[name[1]].tenant else "commune_id"
            rows = conn.exec_driver_sql(
                f"SELECT id FROM {name[1]} WHERE id = ANY (ARRAY{ids}) AND {column} <> {MAU.id}"
            )
            found += [(name[1], row.id) for row in rows]
    return found


def test_landing_on_tonight(leader: Callable[[], Page], owner_engine: Engine) -> None:
    """T-P1: signing in lands on /tuan-tra; usable map within 3 s on 4G; nothing of another commune in any answer."""
    put_shift(owner_engine, 0)
    page = leader()
    texts: list[str] = []
    answers: list[tuple[str, Any]] = []

    def hear(answer: Response) -> None:
        if answer.status != 200 or "/static/" in answer.url:
            return
        texts.append(answer.body().decode("utf-8", "replace"))
        if "json" in answer.headers.get("content-type", ""):
            answers.append((answer.url, answer.json()))

    page.on("response", hear)
    page.goto("/dang-nhap")
    page.locator("[name=username]").fill("an")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").click()
    page.wait_for_url(re.compile(r"/tuan-tra$"))
    expect(page.get_by_role("heading", name="Ca tối nay")).to_be_visible()
    expect(page.locator(".map-stop")).to_have_count(5)
    settle(page)
    assert fits(page)
    times = []
    for _ in range(3):
        fresh = leader()
        signed_in(fresh)
        fresh.context.new_cdp_session(fresh).send("Network.emulateNetworkConditions", FOUR_G)
        fresh.goto("/tuan-tra")
        fresh.wait_for_selector(".map-stop", state="attached", timeout=30_000)
        times.append(fresh.evaluate("performance.now()"))
    print(f"usable map on 4G after {sorted(round(time) for time in times)} ms")
    # The machine of the tests has other work: the best of three.
    assert min(times) <= USABLE_MS
    assert answers
    assert foreign_ids(owner_engine, answers) == []
    assert [text[:80] for text in texts if BEN.marker.lower() in text.lower()] == []


def test_the_default_shift_is_one_press(leader: Callable[[], Page]) -> None:
    """T-P2: no field has to be touched (three at most); a shift that is too long is said and blocks."""
    page = signed_in(leader())
    page.goto("/tuan-tra/ca")
    for end in ("20:00", "19:00"):
        page.get_by_test_id("end").fill(end)
        page.get_by_test_id("create").click()
        expect(page.get_by_test_id("error")).to_contain_text("ca dài nhất 12 giờ")
    page.goto("/tuan-tra/ca")
    page.get_by_test_id("create").click()
    page.wait_for_url(re.compile(r"/tuan-tra/\d+$"))
    expect(page.get_by_test_id("state")).to_have_text("Đang soạn")


def points_of(text: str) -> float:
    return float(text.strip().replace(".", "").replace(",", "."))


def test_reasons_alternatives_and_files(leader: Callable[[], Page], engine: Engine) -> None:
    """T-P3 points are the sum of reasons, a pin is shown; T-P4 alternatives; T-P5 words; T-P6 GPX and sheet."""
    page = signed_in(leader())
    page.goto("/tuan-tra/ca")
    # A shift that is over by 30 minutes ends by itself, and tests run at night too.
    page.get_by_test_id("end").fill("23:59")
    page.get_by_test_id("create").click()
    page.wait_for_url(re.compile(r"/tuan-tra/\d+$"))
    stops = page.locator(".patrol-stop")
    # The strongest reason stands in the row, the rest opens under it.
    more = stops.first.locator(".patrol-why summary")
    expect(stops.first.locator(".patrol-reasons")).not_to_be_visible()
    more.click()
    expect(stops.first.locator(".patrol-reasons")).to_be_visible()
    for stop in stops.all():
        reasons = stop.locator(".patrol-reasons li").all_text_contents()
        assert reasons
        given = [points_of(re.findall(r"([+−-]?\d+(?:,\d)?)\s*điểm|([+−-]?\d+(?:,\d)?)$", one)[-1][0] or
                           re.findall(r"([+−-]?\d+(?:,\d)?)$", one)[-1]) for one in reasons]  # fmt: skip
        assert round(sum(given), 1) == points_of(stop.locator(".patrol-points strong").text_content() or "")
    page.locator("[data-testid^=pin-]").first.click()
    expect(page.locator(".patrol-stop.is-pinned .chip-good")).to_have_text("Bắt buộc ghé")
    plan = page.url.partition("#")[0]
    page.get_by_test_id("solve").click()
    expect(page.get_by_test_id("jobs")).to_be_visible()
    run_jobs(engine)
    page.goto(plan)
    cards = page.locator("[data-testid^=alternative-]")
    assert 1 <= cards.count() <= 3
    for card in cards.all():
        # Minutes used, stops, points, km, and the share of streets of the last three shifts.
        text = card.inner_text()
        for word in ("phút", "điểm dừng", "km", "%"):
            assert word in text
        assert card.locator(".patrol-over").count() == 0
    expect(page.locator("#main, main").first).to_contain_text("được chọn trước, không phải đi trước")
    page.get_by_test_id("issue").click()
    expect(page.get_by_test_id("state")).to_have_text("Đã ban hành")
    wanted = page.locator("[data-testid^=route-] li .patrol-number").count()
    with page.expect_download() as sheet:
        page.get_by_test_id("gpx").click()
    gpx = gpxpy.parse(sheet.value.path().read_text("utf-8"))
    assert len(gpx.waypoints) == wanted
    corners = [MAU.at(0, 0), MAU.at(3000, 3000)]
    for one in [*gpx.waypoints, *(at for route in gpx.tracks for part in route.segments for at in part.points)]:
        assert corners[0].x - 0.01 <= one.longitude <= corners[1].x + 0.01
        assert corners[0].y - 0.01 <= one.latitude <= corners[1].y + 0.01
    answer = page.context.request.get(f"{plan.replace('/tuan-tra/', '/api/patrol-plans/')}.pdf")
    assert answer.ok
    words = "".join(one.get_textpage().get_text_range() for one in pypdfium2.PdfDocument(io.BytesIO(answer.body())))
    for code in page.locator("[data-testid^=route-] li").all_inner_texts():
        found = re.search(r"\b[2-9A-HJKMNP-Z]{6}\b", code)
        assert found is None or found[0] in words
    assert "CHÚ GIẢI" in words
    assert re.search(r"Tỷ lệ 1:\d", words)
