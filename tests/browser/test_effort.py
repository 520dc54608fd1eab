"""Effort, the end of a shift at a desk, starts from a map, the joint timetable."""

import re
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine

from tests.browser.pages import fits, settle, violations
from tests.builders import PASSWORD
from tests.db import neighbours as nb
from tests.db.officers import Officer
from tests.db.patrol_rows import clear, put_shift

Pages = Callable[..., Page]


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    clear(owner_engine)


def officer(app: Flask, username: str) -> Officer:
    client = app.test_client()
    answer = client.post("/api/session", json={"username": username, "password": PASSWORD})
    assert answer.status_code == 200
    return Officer(client)


def looked_at(page: Page) -> None:
    """Light, dark and outdoor; desktop, phone and 320 px."""
    for theme, width in (("light", 1440), ("dark", 390), ("outdoor", 320)):
        page.context.add_cookies([{"name": "theme", "value": theme, "url": page.url}])
        page.set_viewport_size({"width": width, "height": 844})
        page.reload()
        settle(page)
        assert violations(page) == []
        assert fits(page)


def test_effort_has_charts_tables_and_a_map(page_as: Pages, app: Flask, owner_engine: Engine) -> None:
    shift, an = put_shift(owner_engine, -1), officer(app, "an")
    for stop in shift.stops[:4]:
        visit = {"client_id": str(uuid4()), "stop_id": stop, "at": "2026-11-21T20:14:00+07:00", "minutes": 11}
        assert an.post(f"/api/patrol-plans/{shift.plan}/visits", visit).status_code == 201
    page = page_as("an")
    page.goto("/tuan-tra/ca")
    page.get_by_test_id("effort").click()
    expect(page.get_by_test_id("headline")).to_contain_text("đã đến 4/5 điểm (80 %), 44 phút tại chỗ")
    settle(page)
    expect(page.locator(".effort-street")).not_to_have_count(0)
    page.get_by_test_id("show-groups").click()
    expect(page.locator(".effort-group[class*=leaflet], path.effort-group")).to_have_count(4)
    page.get_by_test_id("open-time").click()
    expect(page.locator("#time-table")).to_contain_text("44")
    page.get_by_test_id("limit-days").fill("3")
    page.get_by_test_id("show").click()
    expect(page).to_have_url(re.compile("limit_days=3"))
    with page.expect_download() as download:
        page.get_by_test_id("csv").click()
    assert download.value.suggested_filename.startswith("no-luc-tuan-tra-")
    looked_at(page)


def test_the_committee_comes_by_the_navigation(page_as: Pages, owner_engine: Engine) -> None:
    put_shift(owner_engine, -1)
    page = page_as("chi")
    page.goto("/tong-quan")
    page.get_by_test_id("nav-effort").click()
    expect(page.get_by_test_id("headline")).to_contain_text("đã đến 0/5 điểm")
    settle(page)
    expect(page.get_by_test_id("show-streets")).to_have_count(0)
    expect(page.get_by_test_id("late")).to_have_count(0)
    assert violations(page) == []


def test_a_shift_ends_at_a_desk_without_javascript(page_as: Pages, owner_engine: Engine) -> None:
    shift, page = put_shift(owner_engine), page_as("an", refusals=True)
    page.goto(f"/tuan-tra/{shift.plan}")
    settle(page)
    page.get_by_test_id("open-end").click()
    assert violations(page) == []
    context = page.context.browser.new_context(  # type: ignore[union-attr]
        java_script_enabled=False, storage_state=page.context.storage_state(), viewport={"width": 390, "height": 844}
    )
    try:
        plain = context.new_page()
        plain.goto(page.url)
        plain.get_by_test_id("open-end").click()
        plain.get_by_test_id(f"reason_{shift.stops[0]}").select_option("unsafe")
        plain.get_by_test_id("close").click()
        expect(plain.get_by_test_id("error")).to_be_visible()
        expect(plain.get_by_test_id(f"reason_{shift.stops[0]}")).to_have_value("unsafe")
        plain.get_by_test_id("reason_all").select_option("no_time")
        plain.get_by_test_id("close").click()
        expect(plain.get_by_test_id("state")).to_have_text("Đã kết thúc")
        expect(plain.get_by_test_id("results")).to_contain_text("Không an toàn")
        expect(plain.get_by_test_id("end-form")).to_have_count(0)
    finally:
        context.close()


def test_a_start_is_taken_from_the_map(page_as: Pages) -> None:
    page = page_as("an")
    page.goto("/tuan-tra/ca")
    settle(page)
    before = page.get_by_test_id("team_0-start").input_value()
    page.get_by_test_id("team_0-ends").click()
    page.get_by_test_id("team_1-ends").click()
    page.get_by_test_id("team_0-start-pick").click()
    dialog = page.get_by_test_id("depot-dialog")
    expect(dialog.locator(".draw-bar")).to_be_visible()
    assert violations(page) == []
    dialog.locator(".patrol-canvas").click(position={"x": 120, "y": 260})
    expect(dialog).to_have_count(0)
    taken = page.get_by_test_id("team_0-start").input_value()
    assert taken != before
    assert re.fullmatch(r"106\.\d{6},20\.\d{6}", taken)
    expect(page.get_by_test_id("team_1-end").locator(f"option[value='{taken}']")).to_have_count(1)
    page.get_by_test_id("team_1-start-pick").click()
    page.get_by_test_id("depot-close").click()
    expect(dialog).to_have_count(0)
    page.get_by_test_id("create").click()
    expect(page).to_have_url(re.compile(r"/tuan-tra/\d+$"))
    page.get_by_test_id("open-settings").click()
    expect(page.get_by_test_id("team_0-start")).to_have_value(taken)


def test_neighbours_have_one_timetable(page_as: Pages, app: Flask, owner_engine: Engine) -> None:
    nb.make_neighbourhood(owner_engine)
    try:
        number = nb.Sides(officer(app, "hoa"), officer(app, "mai")).agree()
        put_shift(owner_engine, 1)
        page = page_as("an")
        page.goto("/giap-ranh")
        page.get_by_test_id(f"presence-{number}").click()
        expect(page.get_by_test_id("timetable")).to_be_visible()
        for width in (1440, 390, 320):
            page.set_viewport_size({"width": width, "height": 844})
            assert violations(page) == []
            assert fits(page)
    finally:
        nb.drop_neighbourhood(owner_engine)
