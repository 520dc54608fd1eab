"""T-D8 on its page: two totals, and the reason where they differ."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.browser.pages import PageAs, by, fits, violations


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM reconciliations"))


@pytest.mark.parametrize("phone", [False, True])
def test_a_difference_needs_a_reason_and_no_person(phone: bool, page_as: PageAs) -> None:
    page = page_as("hoa", phone=phone, refusals=True)
    page.goto("/du-lieu")
    by(page, "reconcile").click()
    page.wait_for_url("**/du-lieu/doi-sanh")
    by(page, "subject").select_option("groups")
    by(page, "field_count").fill("5")
    by(page, "send").click()
    expect(by(page, "error")).to_contain_text("hai con số khác nhau")
    # What was written stays.
    expect(by(page, "field_count")).to_have_value("5")
    by(page, "reason").fill("Tổ mới tách, gọi 0912345678")
    by(page, "send").click()
    expect(by(page, "error")).to_contain_text("số điện thoại")
    by(page, "reason").fill("Tổ mới tách chưa vẽ ranh giới")
    by(page, "send").click()
    expect(by(page, "done")).to_contain_text("Đã ghi chênh lệch")
    expect(by(page, "reconciliations")).to_contain_text("Chênh +1")
    expect(by(page, "reconciliations")).to_contain_text("phần mềm 4, thực địa 5")
    by(page, "subject").select_option("groups")
    by(page, "field_count").fill("4")
    by(page, "send").click()
    expect(by(page, "done")).to_contain_text("hai số khớp")
    assert fits(page)
    assert violations(page) == []


def test_others_read_and_no_other_commune(page_as: PageAs, owner_engine: Engine) -> None:
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(
            sa.text(
                "INSERT INTO reconciliations (commune_id, subject, counted_on, own_count, field_count) "
                "VALUES (90002, 'schools', vietnam_today(), 7, 7)"
            )
        )
    page = page_as("chi")
    page.goto("/du-lieu/doi-sanh")
    expect(by(page, "reconciliations")).to_contain_text("Chưa đối sánh lần nào")
    expect(by(page, "reconciliation")).to_have_count(0)
