"""Cards, table and search: one selection for all of them."""

import re

from playwright.sync_api import expect

from tests.browser.pages import PageAs, by, fits, violations, visit
from tests.builders import MAU


def test_card_of_a_group_tells_stage_criteria_and_honest_gaps(page_as: PageAs) -> None:
    page = visit(page_as("hoa"))
    page.locator("path.group[data-stage=building]").click(position={"x": 40, "y": 60})
    card = by(page, "card")
    expect(card.get_by_role("heading", level=2)).to_have_text(f"Tổ dân phố số 2 {MAU.marker}")
    expect(card.get_by_test_id("stage-chip")).to_contain_text("Đang xây dựng")
    expect(card.locator(".criterion")).to_have_count(3)
    expect(card.locator(".criterion").first).to_contain_text("Chưa rà soát")
    expect(card.locator(".verdict")).to_contain_text("Chưa đủ căn cứ")
    expect(card.locator("[data-field=household_count] dd")).to_have_text("200")
    expect(by(page, "card-seen")).to_have_text(re.compile(r"^\d+(,\d)?.% chiều dài đường \(đã kiểm \d"))
    expect(by(page, "card-lit")).to_have_text(re.compile(r"^\d+(,\d)?.% chiều dài đường"))
    expect(card.locator("[data-field=exempt_count] dd")).to_have_text("2")


def test_committee_sees_no_person_counts(page_as: PageAs) -> None:
    page = visit(page_as("chi"))
    page.locator("path.group[data-stage=building]").click(position={"x": 40, "y": 60})
    expect(by(page, "card").locator(".criterion")).to_have_count(3)
    expect(by(page, "card").locator("[data-field=exempt_count]")).to_have_count(0)
    by(page, "tab-layers").click()
    expect(by(page, "layer-cameras")).to_have_count(1)
    expect(by(page, "layer-hotspots")).to_have_count(0)


def test_table_and_map_select_each_other_and_sort_by_vietnamese_numbers(page_as: PageAs) -> None:
    page = visit(page_as("chi"))
    by(page, "tab-table").click()
    names = page.locator("#panel-table tbody th")
    expect(names.first).to_contain_text("số 1")
    page.locator("#panel-table .sort").first.click()
    expect(names.first).to_contain_text("số 4")
    expect(page.locator("#panel-table thead th").first).to_have_attribute("aria-sort", "descending")
    page.get_by_role("button", name=re.compile("số 3")).and_(page.locator(".row-button")).click()
    expect(by(page, "card").get_by_role("heading", level=2)).to_contain_text("số 3")
    expect(page.locator("path.halo-chosen")).to_have_count(2)


def test_search_without_diacritics_finds_and_opens(page_as: PageAs) -> None:
    page = visit(page_as("chi"))
    box = by(page, "search")
    box.fill("to dan pho so 3")
    expect(page.get_by_role("option").first).to_contain_text("Tổ dân phố số 3")
    box.press("ArrowDown")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(by(page, "card").get_by_role("heading", level=2)).to_contain_text("số 3")
    expect(box).to_have_attribute("aria-expanded", "false")


def test_markup_in_a_name_is_text(page_as: PageAs) -> None:
    page = page_as("chi")
    page.route(
        "**/api/search?*",
        lambda route: route.fulfill(
            json={
                "results": [
                    {
                        "layer": "groups",
                        "layer_title": "<b>x</b>",
                        "id": 1,
                        "label": "<img src=x onerror=alert(1)>",
                        "detail": "<i>",
                        "lon": 106.6,
                        "lat": 20.8,
                        "bbox": [106.6, 20.8, 106.7, 20.9],
                    }
                ]
            }
        ),
    )
    visit(page)
    by(page, "search").fill("x")
    expect(page.get_by_role("option").first).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator(".combo-list img").count() == 0


def test_table_is_the_text_of_any_layer_that_is_shown(page_as: PageAs) -> None:
    page = visit(page_as("hoa"))
    by(page, "tab-table").click()
    choice = by(page, "table-layer")
    layers = ["Tổ dân phố, thôn", "Camera an ninh", "Điểm nóng", "Tuyến trọng điểm"]
    expect(choice.locator("option")).to_have_text(layers)
    choice.select_option("cameras")
    rows = page.locator("#panel-table tbody tr")
    expect(rows).to_have_count(4)
    page.get_by_role("button", name=f"{MAU.marker}-c0").press("Enter")
    expect(by(page, "card").get_by_role("heading", level=2)).to_have_text(f"{MAU.marker}-c0")
    # The camera stands in the middle of the map, and a click there opens the same card.
    by(page, "card").get_by_role("button", name="Đóng").click()
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(by(page, "card").get_by_role("heading", level=2)).to_have_text(f"{MAU.marker}-c0")
    by(page, "tab-table").click()
    expect(page.locator("#panel-table tr.is-chosen")).to_contain_text(f"{MAU.marker}-c0")
    by(page, "tab-layers").click()
    by(page, "layer-cameras").uncheck()
    by(page, "tab-table").click()
    expect(choice).to_have_value("groups")
    expect(rows).to_have_count(4)


def test_states_of_points_are_hidden_by_their_legend(page_as: PageAs) -> None:
    """The row of a state hides its points on the map and in the table; the address keeps it."""
    page = visit(page_as("hoa"))
    by(page, "tab-layers").click()
    shown = by(page, "key-cameras-working")
    expect(shown).to_have_attribute("aria-pressed", "true")
    shown.focus()
    page.keyboard.press("Enter")
    expect(shown).to_have_attribute("aria-pressed", "false")
    page.wait_for_url(re.compile(r"f=cameras\.working"))
    link = page.url
    by(page, "tab-table").click()
    by(page, "table-layer").select_option("cameras")
    rows = page.locator("#panel-table tbody tr")
    expect(rows).not_to_have_count(4)
    other = visit(page_as("hoa", phone=True), link[link.index("/#") :])
    by(other, "tab-layers").click()
    expect(by(other, "key-cameras-working")).to_have_attribute("aria-pressed", "false")
    assert fits(other)
    assert violations(other) == []
    by(page, "tab-layers").click()
    shown.click()
    by(page, "tab-table").click()
    expect(rows).to_have_count(4)
    expect(page).not_to_have_url(re.compile("f=cameras"))
