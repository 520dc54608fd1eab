"""The pages of siting plans as a planner uses them: a form, a job, tables, comparison, tasks; desktop and phone."""

import re
import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.engine import Engine

from tests.browser.pages import fits, violations
from tests.builders import PASSWORD
from tests.db import siting as s
from tests.db.officers import Officer

Pages = Callable[..., Page]


@pytest.fixture
def binh(app: Flask) -> Officer:
    client = app.test_client()
    client.post("/api/session", json={"username": "binh", "password": PASSWORD})
    return Officer(client)


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    with s.clean(owner_engine):
        yield


def assert_fits(page: Page) -> None:
    assert fits(page)


def test_a_plan_by_forms(page_as: Pages, engine: Engine) -> None:
    page = page_as("binh")
    page.goto("/do-phu/kich-ban")
    assert_fits(page)
    page.get_by_test_id("name").fill("Kịch bản quý 3")
    page.get_by_test_id("year_1").fill("")
    page.get_by_test_id("fund_0_amount_0").fill("30000000")
    page.get_by_test_id("pole_spacing_m").fill("400")
    page.get_by_test_id("create").click()
    expect(page).to_have_url(re.compile(r"/do-phu/kich-ban/\d+$"))
    expect(page.get_by_role("heading", name="Kịch bản quý 3")).to_be_visible()
    page.get_by_test_id("solve").click()
    expect(page.get_by_test_id("jobs")).to_contain_text("Tính kịch bản")
    worker = threading.Thread(target=s.run_jobs, args=(engine,))
    worker.start()
    expect(page.get_by_test_id("devices")).to_be_visible(timeout=30_000)
    worker.join()
    expect(page.get_by_test_id("state")).to_have_text("Đã tính")
    expect(page.get_by_test_id("money")).to_contain_text("30.000.000")
    assert_fits(page)
    with page.expect_download() as download:
        page.get_by_test_id("csv").click()
    assert download.value.suggested_filename.endswith(".csv")
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert_fits(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_test_id("give-button").click()
    expect(page.get_by_test_id("state")).to_have_text("Đã giao việc")
    expect(page.get_by_test_id("no-sign")).to_be_visible()
    expect(page.get_by_test_id("devices")).to_contain_text("Việc đang làm")


def test_a_fault_is_named_in_words_and_the_form_keeps_what_was_typed(page_as: Pages) -> None:
    page = page_as("binh", phone=True, refusals=True)
    page.goto("/do-phu/kich-ban")
    assert_fits(page)
    page.get_by_test_id("name").fill("Gọi 0912345678")
    page.get_by_test_id("fund_0_amount_0").fill("77.000 000")
    page.get_by_test_id("create").click()
    expect(page.get_by_test_id("error")).to_contain_text("Tên kịch bản: có số điện thoại")
    expect(page.get_by_test_id("fund_0_amount_0")).to_have_value("77.000.000")


def test_two_plans_side_by_side_and_readers_change_nothing(page_as: Pages, binh: Officer, engine: Engine) -> None:
    first = s.solve(binh, engine, s.make(binh, "Thứ nhất")["id"])
    s.solve(binh, engine, s.make(binh, "Thứ hai", models=[s.CAMERA])["id"])
    page = page_as("chi")
    page.goto(f"/do-phu/kich-ban/{first['id']}")
    expect(page.get_by_test_id("solve")).to_have_count(0)
    expect(page.get_by_test_id("settings")).to_have_count(0)
    expect(page.get_by_test_id("classes")).not_to_contain_text("Điểm nóng")
    page.get_by_test_id("compare").click()
    expect(page.get_by_test_id("difference")).to_contain_text("Mục tiêu được phủ")
    assert_fits(page)


def test_it_works_without_javascript(browser: Browser, base_url: str, binh: Officer, engine: Engine) -> None:
    plan = s.make(binh)
    context = browser.new_context(base_url=base_url, java_script_enabled=False)
    try:
        assert context.request.post("/api/session", data={"username": "binh", "password": PASSWORD}).ok
        page = context.new_page()
        page.goto(f"/do-phu/kich-ban/{plan['id']}")
        page.get_by_test_id("solve").click()
        expect(page.get_by_test_id("jobs")).to_be_visible()
        s.run_jobs(engine)
        page.goto(f"/do-phu/kich-ban/{plan['id']}")
        expect(page.get_by_test_id("devices")).to_be_visible()
    finally:
        context.close()
