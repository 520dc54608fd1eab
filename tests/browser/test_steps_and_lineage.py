"""Steps of the programme by a page, and where the commune came from: written by the officer, read by the committee."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.jobs.accounts import set_account
from tests.browser.pages import PageAs, by, fits, violations
from tests.builders import MAU, PASSWORD


@pytest.fixture(autouse=True)
def _administrator(owner_engine: Engine) -> Iterator[None]:
    with begin(owner_engine, Actor("system")) as conn:
        set_account(conn, "truong", PASSWORD, "admin", MAU.id)
    yield
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM stage_steps WHERE commune_id IS NOT NULL"))
        conn.execute(sa.text("DELETE FROM commune_lineages"))
        conn.execute(
            sa.text("DELETE FROM sessions WHERE account_id = (SELECT id FROM accounts WHERE username = 'truong')")
        )
        conn.execute(sa.text("DELETE FROM accounts WHERE username = 'truong'"))


@pytest.mark.parametrize("phone", [False, True])
def test_a_step_is_closed_and_taken_back(phone: bool, page_as: PageAs, owner_engine: Engine) -> None:
    page = page_as("truong", phone=phone, refusals=True)
    page.goto("/de-nghi")
    by(page, "steps-page").click()
    page.wait_for_url("**/de-nghi/cac-buoc")
    step = by(page, "step-not_selected-building")
    step.get_by_test_id("edit-not_selected-building").click()
    step.get_by_test_id("is_allowed").uncheck()
    step.get_by_test_id("approver-data").uncheck()
    assert fits(page)
    assert violations(page) == []
    step.get_by_test_id("save").click()
    expect(by(page, "done")).to_contain_text("Đã lưu bước")
    expect(step).to_contain_text("đang tắt")
    with owner_engine.begin() as conn:
        found = conn.execute(sa.text("SELECT is_allowed, approvers FROM stage_steps WHERE commune_id IS NOT NULL"))
        assert [tuple(row) for row in found] == [(False, ["admin", "committee"])]
        told = conn.execute(sa.text("SELECT username FROM audit_entries WHERE table_name = 'stage_steps'"))
        assert "truong" in told.scalars().all()
    # Somebody else was quicker.
    step.get_by_test_id("edit-not_selected-building").click()
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("UPDATE stage_steps SET version = version + 1 WHERE commune_id IS NOT NULL"))
    step.get_by_test_id("usual").click()
    expect(by(page, "error")).to_contain_text("Người khác đã sửa trước bạn")
    step.get_by_test_id("usual").click()
    expect(by(page, "done")).to_contain_text("mặc định")
    expect(step).not_to_contain_text("đang tắt")
    other = page_as("chi", phone=phone)
    other.goto("/de-nghi/cac-buoc")
    expect(by(other, "steps")).to_contain_text("Chưa chọn")
    expect(by(other, "save")).to_have_count(0)


@pytest.mark.parametrize("phone", [False, True])
def test_where_the_commune_came_from(phone: bool, page_as: PageAs) -> None:
    page = page_as("hoa", phone=phone, refusals=True)
    page.goto("/du-lieu/don-vi")
    person = "Nhà ông Nguyễn Văn Tèo"
    for name in (person, "Đông Mẫu", "Tây Mẫu"):
        if not by(page, "parent_name").is_visible():
            by(page, "add-parent").click()
        by(page, "parent_name").fill(name)
        by(page, "save-parent").click()
        if name == person:
            expect(by(page, "error")).to_contain_text("thông tin về người")
        else:
            expect(by(page, "parents")).to_contain_text(name)
    assert fits(page)
    # As long as the page: no small control lies half under the bars of a phone.
    page.set_viewport_size({"width": 390 if phone else 1440, "height": 2400})
    assert violations(page) == []
    chi = page_as("chi", phone=phone)
    chi.goto("/tong-quan")
    block = by(chi, "block-lineage")
    expect(block).to_contain_text("2 phường, xã cũ")
    expect(block).to_contain_text("Đông Mẫu: sáp nhập 01/07/2025")
    by(page, "parents").locator("li", has_text="Đông Mẫu").get_by_role("button").click()
    expect(by(page, "parents")).not_to_contain_text("Đông Mẫu")
