"""Questions to the map and measuring."""

import re

from playwright.sync_api import expect

from tests.browser.pages import PageAs, by, visit
from tests.builders import MAU


def test_question_what_lies_inside_an_area(page_as: PageAs) -> None:
    page = visit(page_as("hoa"))
    by(page, "tab-query").click()
    by(page, "query-inside").click()
    by(page, "field-layer").select_option("hotspots")
    by(page, "run-polygon").click()
    expect(page.locator(".draw-bar")).to_be_visible()
    box = page.locator("#map").bounding_box()
    assert box is not None
    for x, y in ((0.05, 0.05), (0.8, 0.05), (0.8, 0.95)):
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
    page.mouse.dblclick(box["x"] + box["width"] * 0.05, box["y"] + box["height"] * 0.95)
    expect(by(page, "answer-count")).to_have_text("3 Điểm nóng")
    expect(page.locator("#panel-query .result")).to_have_count(3)
    expect(page.locator("path.found")).to_have_count(3)
    expect(by(page, "csv")).to_have_attribute("href", re.compile("f=csv"))


def test_question_places_without_a_working_camera(page_as: PageAs) -> None:
    page = visit(page_as("hoa"))
    by(page, "tab-query").click()
    by(page, "query-gaps").click()
    by(page, "field-places").select_option("hotspots")
    by(page, "field-devices").select_option("cameras")
    by(page, "field-distance").fill("100")
    by(page, "run-query").click()
    expect(by(page, "answer-count")).to_have_text("2 Điểm nóng")
    expect(page.locator("#panel-query .result").first).to_contain_text("xa")
    expect(page.locator("#panel-query .result-distance").nth(1)).to_have_text("160\u00a0m")


def test_question_along_a_street_and_counts_per_group(page_as: PageAs) -> None:
    page = visit(page_as("hoa"))
    by(page, "tab-query").click()
    by(page, "query-street").click()
    by(page, "field-street").fill("pho ngang 1")
    page.locator(".combo-option").filter(has_text="Phố Ngang 1 ").click()
    by(page, "field-layer").select_option("lights")
    by(page, "run-query").click()
    expect(by(page, "answer-count")).to_have_text("29 Đèn chiếu sáng")
    page.locator(".back").click()
    by(page, "query-counts").click()
    by(page, "field-layer").select_option("cameras")
    by(page, "run-query").click()
    expect(by(page, "answer-count")).to_have_text("4 Camera an ninh")
    page.get_by_label("Hiện số trên bản đồ").check()
    expect(page.locator(".label-count").first).to_be_visible()


def test_escape_gives_up_a_drawing_and_measuring_tells_metres(page_as: PageAs) -> None:
    page = visit(page_as("chi"))
    by(page, "measure-line").click()
    expect(page.locator(".draw-bar")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".draw-bar")).to_have_count(0)
    by(page, "measure-line").click()
    expect(page.locator(".draw-bar")).to_be_visible()
    page.mouse.click(300, 400)
    page.mouse.dblclick(600, 400)
    expect(by(page, "measured")).to_have_text(re.compile(r"Dài \d[\d.,]*\u00a0k?m"))


def test_where_am_i_is_asked_only_by_the_button(page_as: PageAs) -> None:
    page = page_as("an", phone=True)
    spot = MAU.at(700, 800)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": spot.y, "longitude": spot.x, "accuracy": 12})
    visit(page)
    expect(page.locator("path.me")).to_have_count(0)
    by(page, "locate").tap()
    expect(page.locator("path.me")).to_be_in_viewport()
    expect(page.locator("#toast")).to_contain_text("12 m")
