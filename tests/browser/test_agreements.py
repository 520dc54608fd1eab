"""The pages of neighbour agreements and of the city, as people use them: a form, a click of the other side, a table."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.jobs.accounts import set_account
from gis_app.queries.city import upsert_grant
from tests.browser.pages import fits, settle, violations
from tests.builders import BEN, MAU, PASSWORD
from tests.db import neighbours as nb

Pages = Callable[..., Page]


@pytest.fixture
def place(owner_engine: Engine) -> Iterator[Engine]:
    nb.make_neighbourhood(owner_engine)
    yield owner_engine
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM accounts WHERE role = 'city'"))
    nb.drop_neighbourhood(owner_engine)


def test_two_communes_agree_by_forms(page_as: Pages, place: Engine) -> None:
    hoa, mai = page_as("hoa"), page_as("mai", phone=True)
    hoa.goto("/giap-ranh")
    hoa.get_by_label("Phường, xã giáp ranh").select_option(label=f"Xã Bên ({BEN.id})")
    hoa.get_by_label("Camera an ninh").check()
    hoa.get_by_label("Đèn chiếu sáng").check()
    hoa.get_by_label("Đến hết ngày").fill(nb.proposal()["ends_on"])
    hoa.get_by_role("button", name="Gửi đề nghị").click()
    expect(hoa.get_by_test_id("agreements")).to_contain_text("Chờ đồng ý")
    assert fits(hoa)
    mai.goto("/giap-ranh")
    assert fits(mai)
    mai.get_by_role("button", name="Đồng ý Xã Mẫu").click()
    expect(mai.get_by_test_id("agreements")).to_contain_text("Đang chia sẻ")
    hoa.reload()
    hoa.get_by_role("link", name="Xem trên bản đồ").click()
    expect(hoa.locator(".leaflet-container")).to_be_visible()
    hoa.goto("/giap-ranh")
    hoa.get_by_role("button", name="Kết thúc ngay Xã Bên").click()
    expect(hoa.get_by_test_id("agreements")).to_contain_text("Đã kết thúc")


def test_joint_gaps_on_a_map_of_the_strip(page_as: Pages, place: Engine) -> None:
    """T-C8: both sides' devices in the strip, what neither serves as rings and as a list; empty once it has ended."""
    row = (
        "INSERT INTO agreements (commune_a, commune_b, name_a, name_b, width_m, layers, proposed_on, ends_on, state, "
        "proposed_by, approved_by, approved_at, strip) VALUES (90001, 90002, 'Xã Mẫu', 'Xã Bên', 300, "
        "ARRAY['cameras', 'lights', 'gateways'], vietnam_today(), vietnam_today() + 30, 'approved', 'hoa', 'mai', "
        "now(), boundary_strip(90001, 90002, 300)) RETURNING id"
    )
    with begin(place, Actor("system")) as conn:
        number = conn.execute(sa.text(row)).scalar_one()
        conn.execute(sa.text("UPDATE cameras SET state = 'broken' WHERE external_id IN ('MAU1-x-in', 'BEN2-x-in')"))
    page, phone = page_as("chi"), page_as("mai", phone=True)
    for one in (page, phone):
        one.goto("/tong-quan")
        one.get_by_test_id(f"neighbour-{number}").click()
        one.wait_for_url(f"**/giap-ranh/{number}")
        settle(one)
        expect(one.locator(".joint-strip")).to_have_count(1)
        expect(one.locator("#map .joint-place.is-own").first).to_be_attached()
        expect(one.locator("#map .joint-place.is-neighbour").first).to_be_attached()
        rings = one.locator("#map .joint-gap")
        expect(rings).to_have_count(one.locator("[data-gap]").count())
        assert rings.count() > 1
        button = one.locator("[data-gap]").first
        button.focus()
        one.keyboard.press("Enter")
        expect(button).to_have_class(re.compile("is-chosen"))
        expect(one.locator("#map .joint-gap.is-chosen")).to_have_count(1)
        assert fits(one)
        assert violations(one) == []
    if shots := os.environ.get("SHOTS"):
        page.screenshot(path=f"{shots}/joint.png")
        phone.screenshot(path=f"{shots}/joint-phone.png", full_page=True)
    with page.expect_download() as loading:
        page.get_by_test_id("csv-1").click()
    assert "MAU1-x-in" in Path(loading.value.path()).read_text(encoding="utf-8-sig")
    nb.expire(place, number)
    page.reload()
    expect(page.get_by_test_id("nothing-shared")).to_contain_text("không còn gì")
    expect(page.locator("#map")).to_have_count(0)
    assert violations(page) == []


def test_a_city_reader_enters_and_leaves(page_as: Pages, place: Engine) -> None:
    with begin(place, Actor("system")) as conn:
        set_account(conn, "thanh", PASSWORD, "city", None)
        upsert_grant(conn, "thanh", MAU.id, sa.func.vietnam_today(), detail=True)
        upsert_grant(conn, "thanh", BEN.id, sa.func.vietnam_today(), detail=False)
    page = page_as("thanh")
    page.goto("/")
    expect(page.get_by_test_id("totals")).to_contain_text("Xã Bên")
    page.set_viewport_size({"width": 390, "height": 844})
    assert fits(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="Vào xem Xã Mẫu").click()
    page.wait_for_url("**/tong-quan")
    expect(page.locator(".leaflet-container")).to_be_visible()
    page.get_by_test_id("menu").click()
    page.get_by_role("button", name="Chọn phường, xã khác").click()
    expect(page).to_have_url(re.compile("/thanh-pho$"))
