"""The map of a shift at a desk: stops, ways, and the controls beside them; the lists say the same."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.browser.pages import fits, put_corners, settle, violations
from tests.builders import MAU
from tests.db.patrol_rows import Shift, clear, put_shift

Pages = Callable[..., Page]


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_left(owner_engine: Engine) -> Iterator[None]:
    yield
    clear(owner_engine)


@pytest.fixture
def draft(owner_engine: Engine) -> Iterator[Shift]:
    found = put_shift(owner_engine, state="draft")
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql(
            "UPDATE patrol_routes SET stops = (SELECT jsonb_agg(jsonb_build_object('id', s.id, 'arrive_s', 600, "
            "'begin_s', 600) ORDER BY s.position) FROM patrol_stops AS s WHERE s.plan_id = patrol_routes.plan_id "
            f"AND s.team = patrol_routes.team) WHERE plan_id = {found.plan}"
        )
        conn.exec_driver_sql(f"UPDATE patrol_stops SET is_pinned = true WHERE id = {found.stops[1]}")
    yield found
    clear(owner_engine)


def visit(page: Page, shift: Shift) -> Page:
    page.goto(f"/tuan-tra/{shift.plan}")
    settle(page)
    return page


def test_stops_stand_on_the_map_with_their_numbers(page_as: Pages, draft: Shift) -> None:
    page = visit(page_as("an"), draft)
    expect(page.locator(".map-stop")).to_have_count(5)
    expect(page.locator(".map-stop.team-1")).to_have_text(["1", "2", "3"])
    expect(page.locator(".map-stop.is-pinned")).to_have_text("2")
    expect(page.locator(".patrol-way")).to_have_count(2)
    page.locator(".map-stop.is-pinned > span").click()
    card = page.get_by_test_id("map-card")
    expect(card).to_contain_text("Điểm 2 · 3 điểm số")
    expect(card.get_by_test_id("map-unpin")).to_have_attribute("value", "unpin|venue:2")
    expect(card.get_by_test_id("map-drop")).to_have_attribute("form", "marks")


def test_an_area_to_avoid_is_drawn_and_asked_for(page_as: Pages, draft: Shift) -> None:
    page = visit(page_as("an"), draft)
    bodies: list[object] = []
    page.route("**/api/patrol-plans/*", lambda route: (
        bodies.append(route.request.post_data_json), route.fulfill(json={})
    ) if route.request.method == "PATCH" else route.continue_())  # fmt: skip
    page.route("**/solve", lambda route: route.fulfill(json={"id": 1}))
    page.get_by_test_id("draw-avoid").click()
    box = page.locator("#map").bounding_box()
    assert box is not None
    corners = ((0.3, 0.3), (0.6, 0.3), (0.6, 0.6))
    put_corners(page, [(box["x"] + box["width"] * east, box["y"] + box["height"] * north) for east, north in corners])
    page.locator("#map").press("Enter")
    page.wait_for_load_state()
    settle(page)
    (body,) = bodies
    assert isinstance(body, dict)
    (area,) = body["avoid"]
    assert area["type"] == "Polygon"
    assert len(area["coordinates"][0]) == 4
    middle = MAU.at(1500, 1500)
    assert abs(area["coordinates"][0][0][0] - middle.x) < 0.1


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark", "outdoor"])
def test_axe(page_as: Pages, base_url: str, draft: Shift, theme: str, phone: bool) -> None:
    page = page_as("an", phone=phone)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": base_url}])
    visit(page, draft)
    assert violations(page) == []
    assert fits(page)
