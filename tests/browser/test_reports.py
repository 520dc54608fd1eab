"""The page of reports: ask, watch the bar, download, cancel; a supervisor reads; without JavaScript it works too."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.engine import Engine

from gis_app.jobs.runner import run_jobs
from tests.browser.pages import fits, violations
from tests.builders import PASSWORD
from tests.db.test_reports import delete_reports

Pages = Callable[..., Page]


@pytest.fixture(autouse=True)
def _no_reports_left(owner_engine: Engine) -> Iterator[None]:
    yield
    delete_reports(owner_engine)


@contextmanager
def worker(engine: Engine) -> Iterator[None]:
    """A worker beside the server, as `make run` has it."""
    stop = threading.Event()
    thread = threading.Thread(target=run_jobs, args=(engine, stop, lambda _line: None))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def assert_fits(page: Page) -> None:
    assert fits(page)


def ask(page: Page) -> None:
    page.goto("/bao-cao")
    page.get_by_test_id("period").select_option("range")
    page.get_by_label("Từ ngày").fill("2026-01-01")
    page.get_by_label("Đến hết ngày").fill("2026-03-31")
    page.get_by_test_id("conclusions").fill("Công an xã rà soát tổ 2.")
    page.get_by_test_id("make-button").click()


def test_from_the_form_to_the_file(page_as: Pages, engine: Engine) -> None:
    page = page_as("chi")
    page.goto("/")
    page.get_by_test_id("menu").click()
    page.get_by_test_id("nav-reports").click()
    expect(page.get_by_role("heading", name="Báo cáo", exact=True)).to_be_visible()
    # The last full quarter is chosen, and days are asked for only where the kind has none of its own.
    expect(page.get_by_test_id("period")).to_have_value(re.compile("^quarter:"))
    expect(page.get_by_test_id("from-on")).to_be_hidden()
    ask(page)
    expect(page.get_by_test_id("jobs")).to_contain_text("Đang chờ đến lượt")
    with worker(engine):
        expect(page.get_by_test_id("reports")).to_contain_text("Khoảng ngày (01/01/2026 – 31/03/2026)", timeout=20_000)
    expect(page.get_by_test_id("jobs")).to_have_count(0)
    expect(page.get_by_test_id("reports")).to_contain_text(re.compile("SHA-256 [0-9a-f]{64}"))
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^PDF")).click()
    assert re.fullmatch(r"bao-cao-90001-range-20260331-01\.pdf", download.value.suggested_filename)
    page.get_by_role("button", name=re.compile("^Lập lại như lúc đó")).click()
    with worker(engine):
        expect(page.locator(".hash")).to_have_count(2, timeout=20_000)
    hashes = page.locator(".hash").all_text_contents()
    assert hashes[0] == hashes[1]
    assert_fits(page)
    for theme in ("light", "dark", "outdoor"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        assert violations(page) == [], theme
    page.set_viewport_size({"width": 320, "height": 700})
    assert_fits(page)


def test_cancel(page_as: Pages) -> None:
    page = page_as("hoa", phone=True)
    ask(page)
    expect(page.get_by_test_id("jobs")).to_be_visible()
    assert_fits(page)
    page.get_by_role("button", name="Hủy").click()
    expect(page.get_by_test_id("jobs")).to_have_count(0)
    expect(page.get_by_test_id("reports")).to_contain_text("Chưa có báo cáo nào")


def test_faults_stand_in_the_form(page_as: Pages) -> None:
    page = page_as("chi")
    page.goto("/bao-cao")
    page.get_by_test_id("period").select_option("campaign")
    page.get_by_label("Từ ngày").fill("2026-03-31")
    page.get_by_label("Đến hết ngày").fill("2026-01-01")
    page.on("console", lambda _message: None)
    answer = page.context.request.post(
        "/bao-cao",
        form={
            "csrf_token": page.locator("[name=csrf_token]").first.input_value(),
            "period": "campaign",
            "from_on": "2026-03-31",
            "to_on": "2026-01-01",
            "conclusions": "giữ lại",
        },
        headers={"Accept": "text/html"},
    )
    assert answer.status == 422
    assert "Đến hết ngày: ngoài khoảng cho phép" in answer.text()
    assert "giữ lại</textarea>" in answer.text()


def test_a_supervisor_only_reads(page_as: Pages) -> None:
    page = page_as("lan")
    page.goto("/bao-cao")
    expect(page.get_by_test_id("reports")).to_be_visible()
    expect(page.get_by_test_id("make")).to_have_count(0)


def test_without_javascript(browser: Browser, base_url: str, engine: Engine) -> None:
    """The page asks again by itself until the report is there."""
    context = browser.new_context(base_url=base_url, java_script_enabled=False, locale="vi-VN")
    assert context.request.post("/api/session", data={"username": "chi", "password": PASSWORD}).ok
    page = context.new_page()
    ask(page)
    expect(page.get_by_test_id("jobs")).to_contain_text("Lập báo cáo")
    with worker(engine):
        expect(page.get_by_test_id("reports")).to_contain_text("01/01/2026 – 31/03/2026", timeout=20_000)
    context.close()
