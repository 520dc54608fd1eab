"""The page "Đo được không?": asked and answered by keyboard, clean for axe at both sizes."""

from tests.browser.pages import PageAs, by, fits, violations


def test_a_planner_asks_before_and_after(page_as: PageAs) -> None:
    page = page_as("binh")
    page.goto("/do-phu/do-duoc-khong")
    assert by(page, "needed").locator("tbody tr").first.inner_text().split() == ["50", "%", "77"]
    by(page, "events").fill("9")
    by(page, "events").press("Enter")
    assert by(page, "answer").inner_text().startswith("Chưa đủ dữ liệu")
    by(page, "events").fill("300")
    by(page, "ask").press("Enter")
    assert "26,2\u00a0%" in by(page, "answer").inner_text().replace(" %", "\u00a0%")
    by(page, "suggest").press("Enter")
    assert by(page, "displacement-zones").locator("li").count() == 3
    for name, value in (("treated-before", 100), ("treated-after", 40), ("control-before", 90), ("control-after", 85)):
        by(page, name).fill(str(value))
    by(page, "compare").press("Enter")
    assert by(page, "verdict").inner_text().startswith("Số vụ giảm nhiều hơn nơi đối chứng")
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert violations(page) == []
    assert fits(page)
