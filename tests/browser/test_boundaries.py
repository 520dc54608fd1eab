"""The check of boundaries in a browser: zoom, names beside the fault, a repair seen and made, all small ones, undo."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.pages import PageAs, by, fits, settle, violations
from tests.db.test_boundaries import seeded

__all__ = ["seeded"]  # Three seeded faults, for every test here.

ADDRESS = "/du-lieu/ranh-gioi"


def sound(page: Page) -> None:
    assert fits(page)
    assert violations(page) == []


@pytest.mark.parametrize("phone", [False, True])
def test_a_fault_is_shown_given_to_somebody_and_taken_back(page_as: PageAs, *, phone: bool) -> None:
    page = page_as("hoa", phone=phone)
    page.goto(ADDRESS)
    settle(page)
    expect(by(page, "summary")).to_contain_text("3 chỗ cần xem lại")
    sound(page)
    by(page, "zoom-0").click()
    expect(page.locator(".bounds-name")).to_have_count(2)
    expect(page.locator("#map")).to_be_in_viewport()
    sound(page)
    by(page, "give-0").first.click()
    expect(by(page, "proposed")).to_contain_text("Diện tích bớt")
    settle(page)
    expect(page.locator(".bounds-after")).to_be_visible()
    sound(page)
    by(page, "mend").click()
    expect(by(page, "done")).to_contain_text("Đã sửa ranh giới của 1")
    expect(by(page, "fault-overlap")).to_have_count(0)
    settle(page)
    sound(page)
    by(page, "undo").click()
    expect(by(page, "fault-overlap")).to_have_count(1)


def test_by_keyboard(page_as: PageAs) -> None:
    page = page_as("hoa")
    page.goto(ADDRESS)
    settle(page)
    by(page, "zoom-1").press("Enter")
    expect(page.locator("[data-row].is-chosen")).to_contain_text("Khe hẹp")
    expect(page.locator("#live")).to_contain_text("Bản đồ đã đến chỗ này")
    by(page, "repair-1").press("Enter")
    by(page, "mend").press("Enter")
    expect(by(page, "fault-sliver")).to_have_count(0)


def test_without_javascript_the_list_does_all(page_as: PageAs, browser: Browser, base_url: str) -> None:
    context = browser.new_context(
        base_url=base_url, java_script_enabled=False, storage_state=page_as("hoa").context.storage_state()
    )
    page = context.new_page()
    page.goto(ADDRESS)
    expect(by(page, "zoom-0")).to_be_hidden()
    expect(page.locator("noscript p")).to_contain_text("Bản đồ cần JavaScript")
    by(page, "fault-outside").get_by_role("link").click()
    by(page, "mend").click()
    expect(by(page, "done")).to_be_visible()
    by(page, "undo").click()
    expect(by(page, "fault-outside")).to_be_visible()
    context.close()
