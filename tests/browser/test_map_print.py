"""The map on paper."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pages import HEADLINE, PageAs, visit


@pytest.mark.parametrize(
    ("paper", "turn", "size"),
    [
        ("A4", "landscape", (297, 210)),
        ("A4", "portrait", (210, 297)),
        ("A3", "landscape", (420, 297)),
    ],
)
def test_print_is_one_sheet_with_all_its_parts(page_as: PageAs, paper: str, turn: str, size: tuple[int, int]) -> None:
    page = visit(page_as("chi"), f"/?print={paper}&o={turn}")
    sheet = page.locator(".sheet-page").bounding_box()
    assert sheet is not None
    assert (sheet["width"], sheet["height"]) == pytest.approx([mm * 96 / 25.4 for mm in size], abs=1)
    expect(page.get_by_role("heading", level=1)).to_have_text("Bản đồ địa bàn không ma túy xã Mẫu")
    expect(page.locator("#sheet-headline")).to_have_text(HEADLINE)
    expect(page.locator(".sheet-legend")).to_contain_text("Giữ vững")
    expect(page.locator(".sheet-scale")).to_contain_text("m")
    expect(page.locator(".sheet-sign")).to_contain_text("NGƯỜI LẬP BẢN ĐỒ")
    expect(page.locator(".sheet-foot")).to_contain_text(re.compile(r"In ngày \d{2}/\d{2}/\d{4}"))
    expect(page.locator("path.group")).to_have_count(4)
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


@pytest.mark.parametrize("turn", ["landscape", "portrait"])
def test_print_shows_the_whole_commune(page_as: PageAs, turn: str) -> None:
    page = visit(page_as("chi"), f"/?print=A4&o={turn}")
    sheet = page.locator("#sheet-map").bounding_box()
    assert sheet is not None
    for area in page.locator("path.group").all():
        box = area.bounding_box()
        assert box is not None
        assert sheet["x"] <= box["x"] and box["x"] + box["width"] <= sheet["x"] + sheet["width"]  # noqa: PT018
        assert sheet["y"] <= box["y"] and box["y"] + box["height"] <= sheet["y"] + sheet["height"]  # noqa: PT018
