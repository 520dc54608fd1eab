"""The roll-up over communes in a browser: without scripts, sorted and filtered, on a phone, axe."""

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.jobs.accounts import set_account
from gis_app.jobs.roadmap_fixtures import load_roadmap
from gis_app.queries.city import upsert_grant
from gis_app.tables.roadmap import clauses, commune_figures, resolutions, target_rules, unit_counts
from gis_app.web.users import session_memory
from tests.browser.pages import PageAs, by, fits, violations
from tests.builders import BEN, MAU, PASSWORD


@pytest.fixture(scope="module")
def city(owner_engine: Engine) -> Iterator[str]:
    """An account that reads totals of Xã Mẫu (Đồ Sơn's clauses) and may enter Xã Bên (no roadmap)."""
    with begin(owner_engine, Actor("system")) as conn:
        set_account(conn, "thanh", PASSWORD, "city", None)
        upsert_grant(conn, "thanh", MAU.id, dt.date(2999, 1, 1), detail=False)
        upsert_grant(conn, "thanh", BEN.id, dt.date(2999, 1, 1), detail=True)
        load_roadmap(conn, MAU.id, "11455")
    session_memory.forget_all()
    yield "thanh"
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM commune_grants"))
        conn.execute(sa.text("DELETE FROM accounts WHERE username = 'thanh'"))
        for table in (target_rules, clauses, resolutions, unit_counts, commune_figures):
            conn.execute(sa.delete(table))


def test_totals_of_all_and_detail_of_what_was_granted(page_as: PageAs, city: str) -> None:
    page = page_as(city)
    page.goto("/thanh-pho")
    expect(by(page, "headline")).to_contain_text("Đạt 2/8 tổ dân phố, thôn không ma túy (25\u00a0%) ở 2 phường, xã")
    assert page.get_by_test_id("totals").locator("tbody tr").count() == 2
    assert page.get_by_test_id("totals").locator("tbody button").count() == 1
    by(page, "sort-ten").click()
    expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", "descending")
    by(page, "not-met").check()
    by(page, "apply").click()
    page.wait_for_url("**loc=chua-dat**")
    assert page.get_by_test_id("totals").locator("tbody tr th").all_inner_texts() in (
        [],
        ["Xã Mẫu, Tỉnh Thử"],
        ["Xã Mẫu"],
    )
    page.goto("/thanh-pho")
    page.get_by_test_id("totals").locator("tbody button").click()
    page.wait_for_url("**/tong-quan")
    expect(page.locator(".shell-place")).to_contain_text("Bên")


def test_it_works_without_scripts(browser: Browser, base_url: str, city: str) -> None:
    context = browser.new_context(base_url=base_url, java_script_enabled=False)
    assert context.request.post("/api/session", data={"username": city, "password": PASSWORD}).ok
    page = context.new_page()
    page.goto("/thanh-pho")
    by(page, "order").select_option("giam")
    by(page, "apply").click()
    page.wait_for_url("**chieu=giam**")
    expect(by(page, "sum")).to_be_visible()
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark", "outdoor"])
@pytest.mark.parametrize("phone", [False, True])
def test_it_is_accessible_and_fits(theme: str, phone: bool, page_as: PageAs, city: str, base_url: str) -> None:
    page = page_as(city, phone=phone)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": base_url}])
    page.goto("/thanh-pho")
    assert violations(page) == []
    for width in (page.viewport_size or {})["width"], 320:
        page.set_viewport_size({"width": width, "height": 800})
        assert fits(page)
