"""The pages "Việc", "Đơn vị", "Thông báo" as people use them, and the map coloured by the unit in charge."""

import datetime as dt
import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.queries.demo_tasks import load_tasks
from tests.browser.pages import PageAs, by, fits, violations, visit
from tests.builders import MAU
from tests.db import programme as pg


@pytest.fixture
def programme(owner_engine: Engine) -> Iterator[Engine]:
    with owner_engine.begin() as conn:
        load_tasks(conn, MAU.id)
    yield owner_engine
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("UPDATE groups SET stage = 'building' WHERE external_id = 'MAU1-g2'"))
    pg.clear(owner_engine)


def assert_sound(page: Page) -> None:
    assert fits(page)
    # Where a form was scrolled to, a link may lie half under the bar at the top.
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    assert violations(page) == []


def test_a_task_is_given_measured_and_closed_on_the_phone(page_as: PageAs, programme: Engine) -> None:
    page = page_as("hoa", phone=True)
    page.goto("/viec")
    assert_sound(page)
    expect(by(page, "overdue")).to_contain_text("Trễ 9 ngày")
    by(page, "new-task").click()
    assert_sound(page)
    by(page, "measure-group_stage").click()
    by(page, "title").fill("Đưa tổ số 2 đến bước đề nghị")
    by(page, "holder").select_option(label="Cán bộ dữ liệu")
    by(page, "responsibility").fill("Hoàn thiện hồ sơ")
    by(page, "due_on").fill((pg.TODAY + dt.timedelta(days=7)).isoformat())
    by(page, "option").select_option(label="Đề nghị công nhận")
    by(page, "group_id").select_option(label=f"Tổ dân phố số 2 {MAU.marker}")
    assert_sound(page)
    by(page, "save").click()
    expect(by(page, "done")).to_contain_text("Đã giao việc")
    expect(page.locator(".measured")).to_contain_text("Đo được: Đang xây dựng · cần: Đề nghị công nhận")
    assert_sound(page)
    by(page, "comment-body").fill("Hồ sơ đã đủ, có ảnh chụp.")
    by(page, "comment-send").click()
    expect(by(page, "comments")).to_contain_text("Hồ sơ đã đủ")


def test_closing_says_what_was_measured(page_as: PageAs, programme: Engine, owner_engine: Engine) -> None:
    with owner_engine.begin() as conn:
        row = conn.execute(sa.text("SELECT id FROM tasks WHERE measure = 'group_stage'")).scalar_one()
    page = page_as("hoa", phone=True)
    # A refused form answers 409, which the browser writes to its console.
    answer = page.request.get(f"/viec/{row}")
    token = answer.text().split('name="csrf_token" value="')[1].split('"')[0]
    form = {"csrf_token": token, "version": "1"}
    refused = page.request.post(f"/viec/{row}/xong", form=form, headers={"Accept": "text/html"})
    assert refused.status == 409
    assert "đo lại được Đang xây dựng, cần Đề nghị công nhận" in refused.text()
    with begin(programme, Actor("system")) as conn:
        conn.execute(sa.text("UPDATE groups SET stage = 'proposed' WHERE external_id = 'MAU1-g2'"))
    page.goto(f"/viec/{row}")
    by(page, "close").click()
    expect(by(page, "done")).to_contain_text("Đã kết thúc")
    expect(by(page, "close")).to_have_count(0)
    by(page, "on-map").click()
    expect(page.locator(".leaflet-container")).to_be_visible()


def test_a_reminder_rings_the_bell(page_as: PageAs, programme: Engine) -> None:
    chi, hoa = page_as("chi"), page_as("hoa")
    chi.goto("/viec")
    assert_sound(chi)
    chi.get_by_role("button", name="Nhắc Rà soát đủ 3 tiêu chí của tổ").click()
    expect(by(chi, "done")).to_contain_text("Đã nhắc")
    # The demonstration's units have no accounts, so the data officer hears of it.
    visit(hoa)
    expect(by(hoa, "bell-count")).to_have_text("1")
    by(hoa, "bell").click()
    expect(by(hoa, "notices")).to_contain_text("Nhắc việc quá hạn: Rà soát đủ 3 tiêu chí của tổ")
    assert_sound(hoa)
    by(hoa, "read-all").click()
    expect(by(hoa, "bell-count")).to_have_count(0)


def test_the_map_shows_who_is_in_charge(page_as: PageAs, programme: Engine) -> None:
    page = page_as("hoa")
    page.goto("/don-vi")
    assert_sound(page)
    charges = by(page, "charge-form")
    charges.get_by_label("Đơn vị").select_option(label="Hội Phụ nữ")
    charges.get_by_role("checkbox").first.check()
    by(page, "assign").click()
    expect(by(page, "done")).to_contain_text("Đã phân công")
    by(page, "unit-map").click()
    expect(by(page, "theme-legend")).to_contain_text("Hội Phụ nữ")
    expect(by(page, "theme-legend")).to_contain_text("Chưa phân công")
    first = page.locator("path.group").first
    expect(first).to_have_attribute("fill", re.compile(r"#fill-t-units-unit_"))
    page.wait_for_url("**t=units**")
    assert violations(page) == []
    by(page, "theme-select").select_option("")
    expect(first).to_have_attribute("fill", re.compile(r"#fill-(maintained|building|not_selected|lapsed)"))
    expect(by(page, "legend-building")).to_be_visible()


def test_comments_are_a_dot_on_card_and_list(page_as: PageAs, programme: Engine) -> None:
    page = page_as("hoa")
    group = page.request.get("/api/group-units").json()["group_units"][0]["group_id"]
    page.goto(f"/to/{group}")
    assert_sound(page)
    by(page, "comment-body").fill("Cần thêm đèn ở ngõ 3")
    by(page, "comment-send").click()
    expect(by(page, "comments")).to_contain_text("ngõ 3")
    visit(page, f"/#&g=groups.{group}")
    expect(by(page, "group-page").get_by_test_id("comment-dot")).to_contain_text("1")
    page.get_by_role("button", name="Đóng").first.click()
    by(page, "tab-table").click()
    expect(page.locator(f"tr[data-id='{group}']").get_by_test_id("comment-dot")).to_be_visible()


def test_open_tasks_stand_on_the_map(page_as: PageAs, programme: Engine) -> None:
    """C52: a switch among the layers, a sign for what is late, a list with links; the address keeps the choice."""
    page = visit(page_as("hoa"))
    by(page, "tab-layers").click()
    expect(page.locator(".task-place")).to_have_count(0)
    by(page, "layer-tasks").check(force=True)
    late = page.locator(".task-place", has=page.locator(".is-late"))
    expect(late.first).to_be_visible()
    assert violations(page) == []
    late.first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".task-lines").first).to_contain_text("Trễ 9 ngày")
    expect(page).to_have_url(re.compile("l=[a-z_,]*tasks"))
    address = page.url
    again = visit(page_as("hoa", phone=True), address[address.index("/#") :])
    expect(again.locator(".task-pin.is-late").first).to_be_visible()
    assert fits(again)
    page.locator(".task-lines a").first.click()
    page.wait_for_url(re.compile(r"/viec/\d+$"))


def test_a_group_card_tells_its_tasks(page_as: PageAs, programme: Engine) -> None:
    """T-C3: the card lists what is open on the group; who may give a task is led to the form."""
    with programme.begin() as conn:
        row = conn.execute(sa.text("SELECT group_id, title FROM tasks WHERE state = 'open' AND group_id > 0 LIMIT 1"))
        group, title = row.one()
    for username, may_make in (("chi", 1), ("lan", 0)):
        page = visit(page_as(username), f"/#&g=groups.{group}")
        expect(by(page, "card-tasks")).to_contain_text(title)
        expect(by(page, "card-task-new")).to_have_count(may_make)
        assert violations(page) == []
