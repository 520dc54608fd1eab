"""The page "Đo được không?": asked and answered by keyboard, clean for axe at both sizes."""

import re

from playwright.sync_api import expect

from tests.browser.pages import PageAs, by, fits, violations


def test_a_planner_asks_before_and_after(page_as: PageAs) -> None:
    page = page_as("binh")
    page.goto("/do-phu/do-duoc-khong")
    expect(by(page, "needed").locator("tbody tr").first).to_have_text(re.compile(r"^\s*50\s%\s*77\s*$"))
    by(page, "events").fill("9")
    by(page, "events").press("Enter")
    expect(by(page, "answer")).to_have_text(re.compile(r"^\s*Chưa đủ dữ liệu"))
    by(page, "events").fill("300")
    by(page, "ask").press("Enter")
    expect(by(page, "answer")).to_have_text(re.compile(r"26,2\s%"))
    by(page, "suggest").press("Enter")
    expect(by(page, "displacement-zones").locator("li")).to_have_count(3)
    for name, value in (("treated-before", 100), ("treated-after", 40), ("control-before", 90), ("control-after", 85)):
        by(page, name).fill(str(value))
    by(page, "compare").press("Enter")
    expect(by(page, "verdict")).to_have_text(re.compile(r"^\s*Số vụ giảm nhiều hơn nơi đối chứng"))
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert violations(page) == []
    assert fits(page)
