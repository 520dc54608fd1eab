"""The frame of the work pages: the bar of a phone; the menu with theme, language, sign-out; without scripts too."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.pages import PageAs, by, fits, still, violations
from tests.builders import PASSWORD

SMALL = {"width": 360, "height": 640}
THEMES = ["light", "dark", "outdoor"]


def boxes(page: Page) -> list[dict[str, float]]:
    """Where the parts of the bar are."""
    found = by(page, "tabs").locator(":scope > a, summary").all()
    return [box for box in (one.bounding_box() for one in found) if box]  # type: ignore[misc]


@pytest.mark.parametrize("theme", THEMES)
def test_a_phone_has_its_pages_below(page_as: PageAs, theme: str, base_url: str) -> None:
    page = page_as("an", phone=True)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": base_url}])
    page.set_viewport_size(SMALL)  # type: ignore[arg-type]
    page.goto("/thong-bao")
    expect(page.locator(".shell-nav")).to_be_hidden()
    assert len(boxes(page)) == 5
    assert all(box["height"] >= 44 and box["width"] >= 44 and box["y"] + box["height"] <= 640 for box in boxes(page))
    # Notices have no tab: the last one says where this is, and leads there.
    expect(by(page, "tab-more")).to_have_class(re.compile("is-current"))
    by(page, "tab-more").click()
    expect(by(page, "tab-notices")).to_have_attribute("aria-current", "page")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(by(page, "tab-list")).to_be_hidden()
    by(page, "tab-hotspots").click()
    page.wait_for_url("**/diem-nong")
    expect(by(page, "tab-hotspots")).to_have_attribute("aria-current", "page")
    assert fits(page)
    page.set_viewport_size({"width": 320, "height": 640})
    assert fits(page)
    assert len(boxes(page)) == 5


def test_the_bar_covers_neither_content_nor_note(page_as: PageAs) -> None:
    page = page_as("chi", phone=True)
    page.goto("/tong-quan")
    page.wait_for_selector('html[data-ready="1"]', state="attached")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    bar = by(page, "tabs").bounding_box()
    last = page.locator("main > *:visible").last.bounding_box()
    assert bar
    assert last
    assert last["y"] + last["height"] <= bar["y"]
    page.evaluate("document.querySelector('#toast').classList.add('is-on')")
    page.evaluate("document.querySelector('#toast').textContent = 'Đã lưu'")
    still(page, "#toast")
    note = page.locator("#toast").bounding_box()
    assert note
    assert note["y"] > 0
    assert note["y"] + note["height"] <= bar["y"]


def test_the_menu_has_theme_language_and_sign_out(page_as: PageAs) -> None:
    page = page_as("hoa")
    page.goto("/du-lieu?kind=quarter")
    by(page, "menu").click()
    assert violations(page) == []
    by(page, "theme-dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    by(page, "menu").click()
    by(page, "lang-en").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    # The same page, with the same choice.
    page.wait_for_url("**kind=quarter**")
    by(page, "menu").click()
    by(page, "sign-out").click()
    page.wait_for_url("**/dang-nhap")


def test_a_map_takes_the_theme_at_once(page_as: PageAs) -> None:
    page = page_as("binh")
    page.goto("/do-phu")
    page.wait_for_selector('html[data-ready="1"]', state="attached")
    by(page, "menu").click()
    by(page, "theme-outdoor").click()
    page.wait_for_selector('html[data-ready="1"]', state="attached")
    assert violations(page) == []


def test_without_scripts(browser: Browser, base_url: str) -> None:
    context = browser.new_context(base_url=base_url, java_script_enabled=False, viewport=SMALL)  # type: ignore[arg-type]
    assert context.request.post("/api/session", data={"username": "an", "password": PASSWORD}).ok
    page = context.new_page()
    page.goto("/don-vi")
    by(page, "tab-more").click()
    expect(by(page, "tab-units")).to_be_visible()
    by(page, "tab-more").click()
    by(page, "menu").click()
    by(page, "theme-outdoor").click()
    page.wait_for_url("**/don-vi")
    expect(page.locator("html")).to_have_attribute("data-theme", "outdoor")
    by(page, "menu").click()
    by(page, "sign-out").click()
    page.wait_for_url("**/dang-nhap")
    context.close()


@pytest.mark.parametrize("address", ["/giap-ranh", "/tai-khoan", "/quan-tri/tai-khoan", "/nhat-ky"])
@pytest.mark.parametrize("theme", THEMES)
def test_every_page_has_the_frame(page_as: PageAs, address: str, theme: str, base_url: str) -> None:
    page = page_as("quantri", phone=True)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": base_url}])
    page.goto("/tai-khoan")
    # Outside a commune there is one way: to choose one.
    assert violations(page) == []
    page.goto("/")
    page.locator(".choose button").first.click()
    page.wait_for_url("**/tong-quan")
    page.goto(address)
    expect(by(page, "tabs")).to_be_visible()
    assert fits(page)
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert fits(page)
