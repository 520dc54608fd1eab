"""A shift from 22:00 to 02:00 with the clock around midnight: the form, the phone without a network, tonight."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.jobs.patrol_hours import VIETNAM
from gis_app.web import patrol_pages
from tests.browser.pages import fits, settle, violations
from tests.browser.phones import Open, go, until
from tests.db.patrol_rows import NIGHT, clear, put_shift

Pages = Callable[..., Page]


@pytest.fixture(autouse=True)
def _nothing_is_left(owner_engine: Engine) -> Iterator[None]:
    yield
    clear(owner_engine)


def today(engine: Engine) -> dt.date:
    with begin(engine, Actor("system")) as conn:
        found: dt.date = conn.exec_driver_sql("SELECT vietnam_today()").scalar_one()
    return found


def test_the_form_says_on_which_day_it_ends(page_as: Pages) -> None:
    page = page_as("an", phone=True)
    page.goto("/tuan-tra/ca")
    hint = page.get_by_test_id("end-day")
    expect(hint).to_contain_text("ca dài nhất 12 giờ")
    page.get_by_test_id("shift-on").fill("2026-12-31")
    page.get_by_test_id("start").fill("22:00")
    expect(hint).to_contain_text("ca dài nhất 12 giờ")
    page.get_by_test_id("end").fill("02:00")
    expect(hint).to_have_text("Ca qua nửa đêm, hết lúc 02:00 ngày 01/01/2027.")
    page.get_by_test_id("create").click()
    expect(page.locator(".facts-line")).to_contain_text("Ngày 31/12/2026, 22:00 (31/12) – 02:00 (01/01)")
    assert violations(page) == []
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 700})
        assert fits(page)
    page.get_by_test_id("open-settings").click()
    expect(page.get_by_test_id("end-day")).to_have_text("Ca qua nửa đêm, hết lúc 02:00 ngày 01/01/2027.")


def test_a_team_walks_on_over_midnight_without_a_network(phone: Open, owner_engine: Engine) -> None:
    """Arrived at 23:52, left after midnight, arrived again at 00:12, all of it offline and over a reload."""
    shift, day = put_shift(owner_engine, 0, hours=NIGHT), today(owner_engine)
    context = phone()
    page = go(context, shift, kept=True)
    # Only now: a clock of the test's own hides from the page what it has loaded and should keep.
    page.clock.install(time=dt.datetime.combine(day, dt.time(23, 52), VIETNAM))
    expect(page.locator(".walk-title")).to_contain_text(
        f"22:00 ({day:%d/%m}) – 02:00 ({day + dt.timedelta(days=1):%d/%m})"
    )
    assert fits(page)
    page.get_by_test_id("start").click()
    context.set_offline(True)
    page.get_by_test_id("arrived").click()
    page.clock.fast_forward("20:00")
    expect(page.locator("#timer .walk-clock")).to_contain_text("20:")
    page.get_by_test_id("leave").click()
    page.get_by_test_id("arrived").click()
    expect(page.get_by_test_id("card")).to_contain_text("Đến lúc 00:12")
    page.reload()
    settle(page)
    expect(page.get_by_test_id("stop-1")).to_contain_text("Đến lúc 23:5")
    expect(page.get_by_test_id("stop-2")).to_contain_text("Đến lúc 00:12")
    context.set_offline(False)
    expect(page.get_by_test_id("net")).to_have_attribute("data-waiting", "0", timeout=20_000)

    def rows() -> list[Any]:
        with begin(owner_engine, Actor("system")) as conn:
            ask = f"SELECT stop_id, device_at, minutes FROM patrol_visits WHERE plan_id = {shift.plan} ORDER BY id"
            return list(conn.exec_driver_sql(ask))

    found = until(rows, lambda all_of: len(all_of) == 2)
    assert [one.stop_id for one in found] == shift.stops[:2]
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), VIETNAM)
    assert found[0].device_at < midnight < found[1].device_at < midnight + dt.timedelta(minutes=15)
    assert found[0].minutes == 20
    expect(page.get_by_test_id("card")).not_to_contain_text("không hoàn thành")


def test_tonight_after_midnight_is_the_shift_that_goes_on(
    page_as: Pages, owner_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift, day = put_shift(owner_engine, 0, hours=NIGHT), today(owner_engine)
    next_one, next_day = put_shift(owner_engine, 1), day + dt.timedelta(days=1)
    moment = dt.datetime.combine(next_day, dt.time(0, 30), VIETNAM)
    monkeypatch.setattr(patrol_pages, "now", lambda: moment)
    page = page_as("an", phone=True)
    page.goto("/tuan-tra")
    expect(page.get_by_role("heading", name="Ca tối nay")).to_be_visible()
    expect(page.locator(".facts-line")).to_contain_text(f"22:00 ({day:%d/%m}) – 02:00 ({next_day:%d/%m})")
    expect(page.locator("#patrol-map")).to_have_attribute("data-plan", str(shift.plan))
    moment = dt.datetime.combine(next_day, dt.time(2, 30), VIETNAM)
    page.reload()
    expect(page.locator("#patrol-map")).to_have_attribute("data-plan", str(next_one.plan))
