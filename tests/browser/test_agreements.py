"""The pages of neighbour agreements and of the city, as people use them: a form, a click of the other side, a table."""

import re
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.jobs.accounts import set_account
from gis_app.queries.city import upsert_grant
from tests.browser.pages import fits
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
