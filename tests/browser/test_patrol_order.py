"""T-P5: the order of stops by a finger, a mouse, the arrow keys or two buttons; saved by one press."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.browser.pages import PageAs, by, fits, violations, visit
from tests.browser.phones import until
from tests.builders import PASSWORD
from tests.db import patrol as p
from tests.db.officers import Officer


@pytest.fixture(autouse=True)
def shift(owner_engine: Engine, app: Flask) -> Iterator[int]:
    """A shift of one team, solved: its routes are walked on the streets of the sample commune."""
    with p.clean(owner_engine):
        client = app.test_client()
        assert client.post("/api/session", json={"username": "an", "password": PASSWORD}).status_code == 200
        an = Officer(client)
        plan = p.make(an, teams=[p.team()], stop_count=12)
        p.solve(an, owner_engine, plan["id"])
        yield plan["id"]


def opened(page: Page, shift: int) -> Page:
    """The page of the shift; its map stays empty, since nothing here asks for it."""
    page.route("**/tiles/**", lambda route: route.fulfill(status=200, body=b""))
    return visit(page, f"/tuan-tra/{shift}")


def order(engine: Engine, shift: int, team: int = 1) -> list[int]:
    """The stops of a team as the server has them."""
    with begin(engine, Actor("system")) as conn:
        found = conn.exec_driver_sql(
            f"SELECT stops FROM patrol_routes WHERE plan_id = {shift} "
            f"AND team = {team} AND alternative = (SELECT chosen FROM patrol_plans WHERE id = {shift})"
        ).scalar_one()
    return [int(one["id"]) for one in found]


def seen(page: Page) -> list[int]:
    """The stops of the first team as the page shows them."""
    return [int(one.get_attribute("data-stop") or 0) for one in by(page, "route-1").locator("li").all()]


def middle(handle: Locator) -> tuple[float, float]:
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def saved(page: Page, shift: int) -> None:
    by(page, "order-save").click()
    page.wait_for_url(f"**/tuan-tra/{shift}#routes")
    expect(by(page, "order-save")).to_have_count(0)


def test_a_mouse_drags_a_stop_to_another_place(page_as: PageAs, shift: int, owner_engine: Engine) -> None:
    page = opened(page_as("an"), shift)
    before = seen(page)
    assert len(before) > 2
    x, y = middle(by(page, f"handle-{before[0]}"))
    _, below = middle(by(page, f"handle-{before[2]}"))
    x, y = middle(by(page, f"handle-{before[0]}"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 20, steps=3)
    page.mouse.move(x, below + 30, steps=8)
    wanted = [*before[1:3], before[0], *before[3:]]
    expect(by(page, "order-said")).to_contain_text(f"vị trí 3/{len(before)}, chưa lưu")
    page.mouse.up()
    assert seen(page) == wanted
    assert by(page, "route-1").locator(".patrol-number").all_text_contents() == [str(n + 1) for n in range(len(before))]
    assert order(owner_engine, shift) == before, "nothing is saved before it is said"
    # Issuing now would issue the old order.
    by(page, "issue").click()
    expect(by(page, "order-said")).to_contain_text("lưu hoặc bỏ thứ tự")
    assert violations(page) == []
    saved(page, shift)
    assert order(owner_engine, shift) == wanted
    assert seen(page) == wanted


def test_the_arrow_keys_move_and_escape_drops(page_as: PageAs, shift: int, owner_engine: Engine) -> None:
    page = opened(page_as("an"), shift)
    before = seen(page)
    handle = by(page, f"handle-{before[0]}")
    handle.focus()
    page.keyboard.press("ArrowDown")
    expect(handle).to_be_focused()
    assert seen(page)[:2] == [before[1], before[0]]
    page.keyboard.press("Escape")
    assert seen(page) == before
    expect(by(page, "order-save")).to_have_count(0)
    handle.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    saved(page, shift)
    assert order(owner_engine, shift) == [*before[1:3], before[0], *before[3:]]


def test_a_finger_and_without_dragging_on_a_phone(page_as: PageAs, shift: int, owner_engine: Engine) -> None:
    page = opened(page_as("an", phone=True), shift)
    before = seen(page)
    route = by(page, "route-1")
    expect(route.get_by_role("button").locator("visible=true")).to_have_count(0)
    # Two taps, no drag.
    by(page, f"handle-{before[1]}").tap()
    by(page, f"up-{before[1]}").tap()
    expect(by(page, "order-said")).to_contain_text("vị trí 1/")
    assert seen(page)[:2] == [before[1], before[0]]
    # A finger that draws: the page does not scroll under it.
    x, y = middle(by(page, f"handle-{before[2]}"))
    finger = page.context.new_cdp_session(page)
    top = page.evaluate("scrollY")
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 9):
        at = {"x": x, "y": y + 15 * step}
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
    assert until(lambda: seen(page).index(before[2]), lambda place: place > 2) > 2
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert abs(page.evaluate("scrollY") - top) < 60
    assert sorted(seen(page)) == sorted(before)
    assert violations(page) == []
    assert fits(page)
    by(page, "order-drop").tap()
    expect(by(page, "order-drop")).to_have_count(0)
    assert seen(page) == before


def test_without_javascript_two_buttons_do(browser: Browser, base_url: str, shift: int, owner_engine: Engine) -> None:
    before = order(owner_engine, shift)
    context = browser.new_context(base_url=base_url, java_script_enabled=False)
    assert context.request.post("/api/session", data={"username": "an", "password": PASSWORD}).ok
    page = context.new_page()
    page.goto(f"/tuan-tra/{shift}")
    by(page, f"handle-{before[1]}").click()
    by(page, f"up-{before[1]}").click()
    page.wait_for_url(f"**/tuan-tra/{shift}#stop-{before[1]}")
    assert order(owner_engine, shift) == [before[1], before[0], *before[2:]]
    context.close()
