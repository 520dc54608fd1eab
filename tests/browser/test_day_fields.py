"""Days and times are written as here, whatever language the browser speaks (it is English in these tests)."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import PageAs, by, violations


@pytest.mark.parametrize("phone", [False, True])
def test_a_day_is_typed_and_shown_as_written_here(page_as: PageAs, phone: bool) -> None:
    page = page_as("an", phone=phone)
    page.goto("/tuan-tra/ca")
    day, start = page.get_by_label("Ngày", exact=True), page.get_by_label("Bắt đầu", exact=True)
    day.fill("31.12.26")
    start.fill("20h30")
    page.get_by_label("Kết thúc", exact=True).fill("2 giờ")
    page.keyboard.press("Tab")
    expect(day).to_have_value("31/12/2026")
    expect(start).to_have_value("20:30")
    expect(by(page, "end-day")).to_have_text("Ca qua nửa đêm, hết lúc 02:00 ngày 01/01/2027.")
    assert (
        page.locator("form:has([name=shift_on])").evaluate("form => new FormData(form).get('shift_on')") == "2026-12-31"
    )
    # A day picked in the browser's calendar is shown at once.
    by(page, "shift-on").fill("2027-01-05")
    expect(day).to_have_value("05/01/2027")
    assert violations(page) == []


def test_what_is_no_day_is_said_and_not_sent(page_as: PageAs) -> None:
    page = page_as("hoa")
    page.goto("/giap-ranh")
    ends, sends = page.get_by_label("Đến hết ngày"), by(page, "propose")
    wrong = {"31/02/2027": "ví dụ 23/11/2026", "11/23/2026": "ví dụ", "01/01/2020": "trở đi", "5/1/2099": "đến ngày"}
    for typed, said in wrong.items():
        ends.fill(typed)
        ends.press("Tab")
        assert said in ends.evaluate("field => field.validationMessage"), typed
        assert not sends.evaluate("form => form.checkValidity()")
    expect(ends).to_have_value("05/01/2099")
