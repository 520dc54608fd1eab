"""The pages of shifts as a patrol leader uses them: land, make, pin, solve, order, issue; desktop, phone, themes."""

import re
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine

from tests.browser.pages import fits, violations
from tests.builders import PASSWORD
from tests.db import patrol as p
from tests.db.siting import run_jobs

Pages = Callable[..., Page]


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    with p.clean(owner_engine):
        yield


def assert_fits(page: Page) -> None:
    assert fits(page)


def test_the_leader_lands_on_tonight_and_issues_a_shift(page_as: Pages, engine: Engine) -> None:
    page = page_as(None)
    page.goto("/dang-nhap")
    page.locator("[name=username]").fill("an")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").click()
    expect(page).to_have_url(re.compile(r"/tuan-tra$"))
    expect(page.get_by_role("heading", name="Ca tối nay")).to_be_visible()
    assert violations(page) == []
    # A shift that is over by 30 minutes ends by itself, and tests run at night too.
    page.get_by_test_id("end").fill("23:59")
    page.get_by_test_id("create").click()
    expect(page).to_have_url(re.compile(r"/tuan-tra/\d+$"))
    page.locator("[data-testid^=pin-]").first.click()
    expect(page.locator(".patrol-stop.is-pinned")).to_have_count(1)
    page.get_by_test_id("all-stops").click()
    page.locator("[data-testid^=drop-]").last.click()
    expect(page.locator(".patrol-stop.is-dropped")).to_have_count(1)
    page.get_by_test_id("solve").click()
    expect(page.get_by_test_id("jobs")).to_contain_text("Lập tuyến tuần tra")
    worker = threading.Thread(target=run_jobs, args=(engine,))
    worker.start()
    expect(page.get_by_test_id("alternatives")).to_be_visible(timeout=90_000)
    worker.join()
    assert violations(page) == []
    assert_fits(page)
    handle = page.locator("[data-testid^=handle-]").first
    name = str(handle.get_attribute("data-testid"))
    handle.click()
    page.get_by_test_id(name.replace("handle", "down")).click()
    page.get_by_test_id("order-save").click()
    expect(page.get_by_test_id("alternative-1")).to_contain_text("Đã sửa thứ tự bằng tay")
    # And back: the other order may take longer than the shift, and such a plan is not issued.
    page.get_by_test_id(name).press("ArrowUp")
    page.get_by_test_id("order-save").click()
    expect(page.get_by_test_id("order-save")).to_have_count(0)
    page.get_by_test_id("issue").click()
    expect(page.get_by_test_id("state")).to_have_text("Đã ban hành")
    expect(page.get_by_test_id("solve")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_test_id("gpx").click()
    assert download.value.suggested_filename.endswith(".gpx")
    page.goto("/tuan-tra")
    expect(page.get_by_test_id("state")).to_have_text("Đã ban hành")
    for theme in ("dark", "outdoor"):
        page.context.add_cookies([{"name": "theme", "value": theme, "url": page.url}])
        page.set_viewport_size({"width": 390, "height": 844})
        page.reload()
        assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert_fits(page)


def test_a_shift_that_is_too_long_is_refused_in_words(page_as: Pages) -> None:
    page = page_as("an", phone=True, refusals=True)
    page.goto("/tuan-tra/ca")
    page.get_by_test_id("end").fill("19:00")
    page.get_by_test_id("create").click()
    expect(page.get_by_test_id("error")).to_contain_text("Kết thúc: ca dài nhất 12 giờ")
    expect(page.get_by_test_id("end")).to_have_value("19:00")
    assert_fits(page)


def test_weights_are_changed_by_a_form(page_as: Pages) -> None:
    page = page_as("an", refusals=True)
    page.goto("/tuan-tra/trong-so")
    assert violations(page) == []
    page.get_by_test_id("explore_share").fill("0,9")
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("error")).to_contain_text("Phần điểm thăm dò")
    page.get_by_test_id("explore_share").fill("0,2")
    page.get_by_test_id("gateway").fill("2,5")
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("version")).to_have_text("Phiên bản 1")
    expect(page.get_by_test_id("gateway")).to_have_value("2,5")


def test_it_works_without_javascript(page_as: Pages, engine: Engine) -> None:
    page = page_as("an")
    page.goto("/tuan-tra/ca")
    page.get_by_test_id("create").click()
    expect(page).to_have_url(re.compile(r"/tuan-tra/\d+$"))
    context = page.context.browser.new_context(  # type: ignore[union-attr]
        java_script_enabled=False, storage_state=page.context.storage_state()
    )
    try:
        plain = context.new_page()
        plain.goto(page.url)
        plain.get_by_test_id("solve").click()
        expect(plain.get_by_test_id("jobs")).to_be_visible()
        run_jobs(engine)
        plain.goto(page.url)
        expect(plain.get_by_test_id("alternative-1")).to_be_visible()
        plain.get_by_test_id("issue").click()
        expect(plain.get_by_test_id("state")).to_have_text("Đã ban hành")
    finally:
        context.close()
