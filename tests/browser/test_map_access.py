"""Keyboard, phone, themes, languages, and what axe-core says."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pages import PageAs, by, fits, pixel, settle, violations, visit


def test_groups_by_keyboard(page_as: PageAs) -> None:
    page = visit(page_as("chi"))
    expect(page.locator("path.group[tabindex='0']")).to_have_count(1)
    page.locator("path.group[tabindex='0']").focus()
    expect(page.locator("path.group:focus")).to_have_attribute("aria-label", re.compile("số 1.*Giữ vững"))
    page.keyboard.press("ArrowRight")
    expect(page.locator("path.group:focus")).to_have_attribute("aria-label", re.compile("số 2"))
    page.keyboard.press("ArrowUp")
    expect(page.locator("path.group:focus")).to_have_attribute("aria-label", re.compile("số 4"))
    page.keyboard.press("Enter")
    expect(by(page, "card").get_by_role("heading", level=2)).to_be_focused()
    page.keyboard.press("Escape")
    expect(by(page, "card")).to_be_hidden()
    expect(page.locator("path.group:focus")).to_have_attribute("aria-label", re.compile("số 4"))


def test_phone_has_a_sheet_a_bar_of_tabs_and_large_targets(page_as: PageAs) -> None:
    page = visit(page_as("chi", phone=True))
    sheet = page.locator("#panel").bounding_box()
    assert sheet is not None
    assert sheet["height"] == pytest.approx(116, abs=1)
    expect(by(page, "headline")).to_be_in_viewport()
    for target in page.locator("#tabs [role=tab], .tool:visible, .account-button").all():
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 48, target.inner_html()
    by(page, "tab-layers").tap()
    expect(page.locator("#panel")).to_have_attribute("data-height", "half")
    assert fits(page)


def test_small_phone_reflows(page_as: PageAs) -> None:
    page = page_as("chi", phone=True)
    page.set_viewport_size({"width": 320, "height": 640})
    visit(page)
    assert fits(page)
    expect(by(page, "headline")).to_be_in_viewport()


@pytest.mark.parametrize("theme", ["light", "dark", "outdoor"])
@pytest.mark.parametrize("phone", [False, True])
def test_no_accessibility_violation(page_as: PageAs, theme: str, phone: bool) -> None:
    page = page_as("hoa", phone=phone)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": "http://127.0.0.1"}])
    visit(page)
    assert page.locator("html").get_attribute("data-theme") == theme
    assert violations(page) == []
    for name in ("layers", "table", "query"):
        by(page, f"tab-{name}").click()
        settle(page)
        assert violations(page) == [], name
    by(page, "tab-table").click()
    page.locator(".row-button").first.click()
    expect(by(page, "card")).to_be_visible()
    assert violations(page) == [], "card"
    by(page, "menu").click()
    assert violations(page) == [], "menu"


def test_themes_change_the_map_and_stay(page_as: PageAs) -> None:
    page = visit(page_as("chi"))
    light = pixel(page, ".leaflet-base-pane canvas", 0.02, 0.02)
    by(page, "menu").click()
    by(page, "theme-dark").click()
    settle(page)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    visit(page)
    dark = pixel(page, ".leaflet-base-pane canvas", 0.02, 0.02)
    assert sum(dark[:3]) < sum(light[:3]) / 2


def test_english_by_a_switch(page_as: PageAs) -> None:
    page = visit(page_as("chi"))
    by(page, "menu").click()
    by(page, "lang-en").click()
    settle(page)
    expect(by(page, "headline")).to_have_text("1 of 4 residential groups are drug-free (25\u00a0%)")
    expect(by(page, "legend-lapsed")).to_contain_text("Lapsed")
    assert page.locator("html").get_attribute("lang") == "en"
