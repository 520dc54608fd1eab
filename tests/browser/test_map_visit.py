"""Signing in, choosing a commune, and the weight of the first load."""

import gzip
import re

from playwright.sync_api import Response, expect

from tests.browser.pages import HEADLINE, PageAs, by, settle, violations, visit
from tests.builders import MAU, PASSWORD


def test_stranger_signs_in_and_out(page_as: PageAs) -> None:
    page = page_as(None)
    page.goto("/")
    expect(page).to_have_url(re.compile("/dang-nhap"))
    page.get_by_label("Tên đăng nhập").fill("an")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    by(page, "sign-in").click()
    settle(page)
    # A patrol leader begins with tonight's shift; the map is one tap away.
    expect(page.get_by_role("heading", level=1)).to_have_text("Ca tối nay")
    by(page, "nav-map").click()
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Xã Mẫu")
    by(page, "menu").click()
    by(page, "sign-out").click()
    expect(page).to_have_url(re.compile("/dang-nhap"))
    assert violations(page) == []


def test_administrator_chooses_a_commune(page_as: PageAs) -> None:
    page = page_as("quantri")
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Chọn phường, xã")
    assert violations(page) == []
    by(page, f"commune-{MAU.id}").click()
    # Who oversees a commune begins with its progress.
    page.wait_for_url("**/tong-quan")
    expect(by(page, "headline")).to_contain_text(HEADLINE)


def test_first_load_is_light(page_as: PageAs) -> None:
    page = page_as("hoa")
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright wraps handlers, not built-ins
    visit(page)
    # Fonts and images are compressed as they are; the rest as a proxy would send it.
    sizes = {a.url: len(gzip.compress(a.body())) for a in answers if a.ok}
    own = sum(size for url, size in sizes.items() if "/js/" in url)
    assert own <= 120_000, own
    assert sum(sizes.values()) <= 400_000, sorted(((size, url) for url, size in sizes.items()), reverse=True)[:15]
