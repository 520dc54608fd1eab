"""A kind of place without code: made on its page, put on the map, told by the legend; at both sizes."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.browser.pages import PageAs, by, fits, settle, violations, visit
from tests.builders import MAU

SPOT = MAU.at(700, 700)
NAME = "Nơi dễ ngập"


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM other_places WHERE source = 'manual'"))
        conn.execute(sa.text("DELETE FROM place_classes WHERE name NOT LIKE 'MAU1%' AND name NOT LIKE 'BEN2%'"))


def make_class(page: Page) -> None:
    """Make the class on its page, after a name that tells of a person was refused."""
    page.goto("/du-lieu")
    by(page, "place-classes").click()
    page.wait_for_url("**/du-lieu/loai-dia-diem")
    by(page, "new").locator("summary").click()
    form = by(page, "class-form")
    form.get_by_test_id("name").fill("Nhà ông Nguyễn Văn Tèo")
    form.get_by_test_id("add").click()
    expect(by(page, "error")).to_contain_text("thông tin về người")
    form.get_by_test_id("name").fill(NAME)
    form.get_by_test_id("letters").fill("NG")
    form.get_by_test_id("color-teal").check()
    form.get_by_test_id("add").click()
    expect(by(page, "done")).to_contain_text("Đã thêm loại")
    expect(by(page, "classes")).to_contain_text(NAME)
    assert fits(page)
    assert violations(page) == []


@pytest.mark.parametrize("phone", [False, True])
def test_a_class_a_place_of_it_and_the_legend(phone: bool, page_as: PageAs, owner_engine: Engine) -> None:
    page = page_as("hoa", phone=phone, refusals=True)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": SPOT.x, "latitude": SPOT.y, "accuracy": 8})
    make_class(page)
    visit(page, f"/#18/{SPOT.y}/{SPOT.x}&l=groups,other_places")
    by(page, "edit").click()
    by(page, "add-other_places").click()
    if phone:
        by(page, "place-here").click()
    else:
        expect(page.locator(".draw-bar")).to_be_visible()
        box = page.locator("#map").bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(by(page, "hand-place")).to_be_visible()
    by(page, "field-kind").select_option(NAME)
    by(page, "field-note").fill("Ngập khi mưa lớn")
    by(page, "save").click()
    expect(page.locator("#card")).to_contain_text(NAME)
    settle(page)
    with owner_engine.begin() as conn:
        assert conn.execute(sa.text("SELECT kind FROM other_places WHERE source = 'manual'")).scalars().all() == [NAME]

    visit(page, f"/#15/{SPOT.y}/{SPOT.x}&l=groups,other_places")
    by(page, "tab-layers").click()
    key = by(page, f"key-other_places-{NAME}")
    expect(key).to_be_visible()
    expect(key).to_have_text(NAME)
    key.click()
    expect(key).to_have_attribute("aria-pressed", "false")
    # The link keeps what is hidden, name and all.
    expect(page).to_have_url(re.compile("f=other_places"))
    page.reload()
    settle(page)
    by(page, "tab-layers").click()
    expect(key).to_have_attribute("aria-pressed", "false")
    key.click()
    expect(key).to_have_attribute("aria-pressed", "true")
    assert fits(page)
    assert violations(page) == []


def test_a_class_is_renamed_and_retired(page_as: PageAs, owner_engine: Engine) -> None:
    with begin(owner_engine, Actor("system")) as conn:
        statement = (
            "INSERT INTO place_classes (commune_id, name, letters, color, shape) "
            "VALUES (:c, 'Trạm bơm', 'TB', '#0b6e6e', 'point') RETURNING id"
        )
        number = conn.execute(sa.text(statement), {"c": MAU.id}).scalar_one()
    page = page_as("hoa")
    page.goto("/du-lieu/loai-dia-diem")
    row = by(page, f"class-{number}")
    row.get_by_test_id(f"edit-{number}").click()
    row.get_by_test_id("name").fill("Trạm bơm tiêu")
    row.get_by_test_id("save").click()
    expect(by(page, "done")).to_contain_text("Mọi địa điểm thuộc loại này đổi theo")
    expect(row).to_contain_text("Trạm bơm tiêu")
    row.get_by_test_id(f"edit-{number}").click()
    row.get_by_test_id("retire").click()
    expect(by(page, "done")).to_contain_text("Đã ngừng dùng")
    expect(row).to_contain_text("ngừng dùng")
    other = page_as("chi")
    other.goto("/du-lieu/loai-dia-diem")
    expect(by(other, "classes")).to_contain_text("Trạm bơm tiêu")
    expect(by(other, "class-form")).to_have_count(0)
