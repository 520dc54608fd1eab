"""The scorecard and campaigns in a browser: rows open, a remark is kept, pages fit and are accessible."""

import datetime as dt
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.browser.pages import PageAs, fits, violations

TODAY = dt.datetime.now(dt.timezone(dt.timedelta(hours=7))).date()


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    with begin(owner_engine, Actor("system")) as conn:
        for name in ("score_notes", "score_rules", "scorecards", "campaigns"):
            conn.exec_driver_sql(f"DELETE FROM {name}")


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_remark_is_kept(page_as: PageAs, base_url: str, phone: bool) -> None:
    page = page_as("chi", phone=phone)
    for theme in ("dark", "outdoor", "light"):
        page.context.add_cookies([{"name": "theme", "value": theme, "url": base_url}])
        page.goto("/tong-quan/thi-dua")
        page.locator(".score-row summary").first.click()
        page.get_by_test_id("points").click()
        assert violations(page) == []
        assert fits(page)
    row = page.locator(".score-row").first
    group = (row.get_attribute("id") or "")[1:]
    page.get_by_test_id(f"verdict-{group}").select_option("commend")
    page.get_by_test_id(f"remark-{group}").fill("Hòm thư mở đều hằng tuần")
    page.get_by_test_id(f"save-{group}").click()
    expect(page).to_have_url(f"{base_url}/tong-quan/thi-dua?nam={_year()}#g{group}")
    expect(page.get_by_test_id(f"row-{group}").locator(".chip")).to_have_text("Đề nghị khen thưởng")
    expect(page.get_by_test_id("count-commend")).to_have_text("1")


def _year() -> int:
    return (TODAY + dt.timedelta(days=17)).year


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_campaign_counts_down(page_as: PageAs, base_url: str, phone: bool) -> None:
    page = page_as("chi", phone=phone)
    page.goto("/tong-quan")
    page.get_by_test_id("campaigns").click()
    expect(page.get_by_test_id("create")).to_be_visible()
    assert violations(page) == []
    page.get_by_test_id("name-new").fill("Cao điểm cuối năm")
    page.get_by_test_id("starts_on-new").fill(TODAY.isoformat())
    page.get_by_test_id("ends_on-new").fill((TODAY + dt.timedelta(days=9)).isoformat())
    page.get_by_test_id("target_tip_boxes-new").fill("100")
    page.get_by_test_id("create").click()
    expect(page.locator("[data-testid^=clock-]")).to_have_text("Còn 9 ngày")
    assert violations(page) == []
    assert fits(page)
    page.goto("/tong-quan")
    expect(page.locator(".notice.campaign")).to_contain_text("Còn 9 ngày")
    assert violations(page) == []
    assert fits(page)
