"""The committee's blocks: indicators name what is missing, one reminder a day, the next group, what changed."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.browser.pages import PageAs, by, violations
from tests.builders import MAU


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM notices"))


def test_the_blocks_say_what_the_interface_says(page_as: PageAs) -> None:
    page = page_as("chi")
    page.goto("/tong-quan")
    found = page.request.get("/api/indicators").json()["indicators"]
    for one in found:
        row = by(page, f"kpi-{one['code']}")
        counted = one["done"] is not None
        expect(row).to_contain_text(f"{one['done']}/{one['total']:,}".replace(",", ".") if counted else "dưới 5")
    boxes = next(one for one in found if one["code"] == "tip_boxes")
    assert boxes["missing"]
    for missing in boxes["missing"]:
        expect(by(page, "kpi-tip_boxes")).to_contain_text(missing["name"])
    first = page.request.get("/api/next-groups").json()["groups"][0]
    expect(by(page, "block-next").locator("li").first).to_contain_text(first["name"])
    for word in ("correct", "complete", "clean", "current"):
        expect(by(page, f"quality-{word}")).to_be_visible()
    assert "BEN2" not in page.content()
    assert violations(page) == []


def test_one_reminder_for_a_group_and_day(page_as: PageAs, owner_engine: Engine) -> None:
    page = page_as("chi", refusals=True)
    page.goto("/tong-quan")
    button = by(page, "block-overdue").get_by_role("button", name="Nhắc").first
    button.click()
    page.wait_for_url("**/to/*")
    page.goto("/tong-quan")
    by(page, "block-overdue").get_by_role("button", name="Nhắc").first.click()
    expect(page.locator("main")).to_contain_text("đã nhắc")
    with begin(owner_engine, Actor("system")) as conn:
        count = conn.execute(
            sa.text("SELECT count(*) FROM notices WHERE commune_id = :c AND kind = 'reminder'"), {"c": MAU.id}
        )
        assert count.scalar_one() == 1
