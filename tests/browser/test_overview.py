"""The committee's page and the roadmap page in a browser: slider, map by keyboard, card, forms, axe, narrow screens."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.jobs.roadmap_fixtures import load_roadmap
from gis_app.tables.roadmap import clauses, commune_figures, resolutions, target_rules, unit_counts
from tests.browser.pages import HEADLINE, PageAs, by, fits, settle, violations, visit
from tests.builders import BEN, MAU


@pytest.fixture
def roadmaps(owner_engine: Engine) -> Iterator[Engine]:
    """Đồ Sơn's roadmap in Xã Mẫu, Tân An's in Xã Bên."""
    with begin(owner_engine, Actor("system")) as conn:
        load_roadmap(conn, MAU.id, "11455")
        load_roadmap(conn, BEN.id, "11167")
    yield owner_engine
    with begin(owner_engine, Actor("system")) as conn:
        for table in (target_rules, clauses, resolutions, unit_counts, commune_figures):
            conn.execute(sa.delete(table))


def assert_fits(page: Page) -> None:
    assert fits(page)


def test_the_committee_reads_its_page(page_as: PageAs, roadmaps: Engine) -> None:
    page = visit(page_as("chi"), "/tong-quan?nam=2026")
    expect(by(page, "headline")).to_contain_text("Đạt 1/4 tổ dân phố không ma túy (25 %)")
    expect(by(page, "targets-2026")).to_be_visible()
    by(page, "year").focus()
    page.keyboard.press("ArrowRight")
    expect(by(page, "targets-2027")).to_be_visible()
    expect(by(page, "targets-2026")).to_be_hidden()
    page.wait_for_url("**nam=2027**")
    area = page.locator("path.group[tabindex='0']")
    area.focus()
    page.keyboard.press("Enter")
    expect(by(page, "card")).to_be_visible()
    expect(by(page, "card")).to_contain_text("Ba tiêu chí")
    expect(page.locator("tr.is-chosen[data-group]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(by(page, "card")).to_be_hidden()
    page.locator(".group-link").first.click()
    expect(by(page, "card")).to_be_visible()
    settle(page)
    assert violations(page) == []
    # Names stand on the small map as well, and the map page says the target too.
    expect(page.locator("#map .label-name").first).to_be_visible()
    page.goto("/")
    expect(by(page, "headline")).to_have_text(f"{HEADLINE} · mục tiêu 2026: 1/4")


@pytest.mark.parametrize("theme", ["light", "dark", "outdoor"])
@pytest.mark.parametrize("address", ["/tong-quan", "/lo-trinh"])
def test_pages_are_accessible_and_fit(
    address: str, theme: str, page_as: PageAs, roadmaps: Engine, base_url: str
) -> None:
    page = page_as("hoa", phone=True)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": base_url}])
    page.goto(address)
    if address == "/tong-quan":
        settle(page)
        # The long parts begin folded on a phone.
        expect(by(page, "groups")).to_be_hidden()
    for details in page.locator("main details").all():
        details.evaluate("(d) => { d.open = true }")
    assert_fits(page)
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert_fits(page)


def test_enter_a_clause_and_choose_its_reading(page_as: PageAs, roadmaps: Engine) -> None:
    hoa = page_as("hoa")
    hoa.goto("/lo-trinh")
    by(hoa, "add").click()
    form = hoa.get_by_test_id("add-form")
    form.get_by_label("Tên văn bản").fill("Kế hoạch bổ sung")
    form.get_by_label("Nguyên văn điều khoản").fill("Năm 2027: 30 % cơ quan")
    form.get_by_label("Đối tượng").select_option(label="Cơ quan")
    form.get_by_label("Năm", exact=True).fill("2027")
    form.get_by_label("Tỷ lệ (%)").fill("30")
    form.get_by_label(re.compile("hai cách hiểu")).check()
    form.get_by_role("button", name="Lưu văn bản, điều khoản").click()
    expect(hoa.get_by_text("Kế hoạch bổ sung").first).to_be_visible()
    assert hoa.get_by_role("button", name=re.compile("Chọn cách hiểu này")).count() == 0
    chi = page_as("chi")
    chi.goto("/lo-trinh")
    chi.get_by_role("button", name=re.compile("Chọn cách hiểu này Cộng dồn")).click()
    expect(chi.get_by_text("đã chọn cách hiểu")).to_be_visible()
    assert_fits(chi)
