"""The planner's page `/do-phu` in a browser: SESSIONS.md 4.2, steps 1 to 4, by mouse, finger and keyboard."""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.browser.pages import fits, settle, violations
from tests.builders import MAU

Pages = Callable[..., Page]


@pytest.fixture(scope="module", autouse=True)
def _nothing_derived_is_left(owner_engine: Engine) -> Iterator[None]:
    yield
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql("UPDATE cameras SET pixel_width = NULL, range_m = 30 WHERE source = 'test'")
        for name in ("camera_views", "light_areas", "coverage_figures", "coverage_days", "coverage_states",
                     "coverage_dirty", "jobs"):  # fmt: skip
            conn.exec_driver_sql(f"DELETE FROM {name}")


def visit(page: Page, address: str = "/do-phu") -> Page:
    page.goto(address)
    settle(page)
    return page


def share_of(page: Page) -> float:
    text = page.get_by_test_id("headline").inner_text()
    found = re.search(r"thấy ([\d,]+)\s%", text)
    assert found, text
    return float(found[1].replace(",", "."))


def test_toggles_fall_and_the_banner_says_what_is_assumed(page_as: Pages) -> None:
    """T-S1, T-S2: sentence, table and API say the same; a toggle keeps the view of the map."""
    page = visit(page_as("binh"))
    shares = [share_of(page)]
    expect(page.get_by_test_id("banner")).to_have_attribute("data-kind", "standing")
    for box, kind in (("working-only", "working"), ("verified-only", "verified")):
        page.get_by_test_id(box).check()
        page.wait_for_url(re.compile(box.replace("-", "_")))
        settle(page)
        expect(page.get_by_test_id("banner")).to_have_attribute("data-kind", kind)
        shares.append(share_of(page))
    assert shares == sorted(shares, reverse=True)
    found = page.request.get("/api/coverage?working_only=true&verified_only=true").json()
    assert round(found["commune"]["street"]["share"] * 100, 1) == shares[-1]
    assert "#" in page.url


@pytest.mark.parametrize("level", ["detect", "observe", "recognise", "identify"])
def test_a_wedge_on_screen_has_its_field_of_view(page_as: Pages, owner_engine: Engine, level: str) -> None:
    """T-S3: 4 MP at 90° reaches 51 / 20 / 10 / 5 m, and the wedge opens by 90° on screen."""
    reach = {"detect": 51, "observe": 20, "recognise": 10, "identify": 5}[level]
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql(
            "UPDATE cameras SET pixel_width = 2560, range_m = NULL WHERE external_id = 'MAU1-c1' AND commune_id = 90001"
        )
    spot = MAU.at(1000, 500)
    page = visit(page_as("binh"), f"/do-phu?level={level}#19/{spot.y:.5f}/{spot.x:.5f}")
    rows = page.request.get(f"/api/coverage/views?level={level}").json()["features"]
    view = next(row for row in rows if row["properties"]["external_id"] == "MAU1-c1")
    assert view["properties"]["range_m"] == pytest.approx(reach, abs=1)
    path = page.locator(f"path[data-camera='{view['properties']['camera_id']}']")
    expect(path).to_have_count(1)
    # Leaflet draws on whole pixels: a wedge of 5 m is 20 of them long.
    d = path.get_attribute("d") or ""
    on_screen = [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+)[ ,](-?[\d.]+)", d)]
    assert _angle(on_screen) == pytest.approx(90, abs=1 if reach >= 20 else 3)
    ring = view["geometry"]["coordinates"][0][:-1]
    assert _angle([(x * math.cos(math.radians(spot.y)), y) for x, y in ring]) == pytest.approx(90, abs=1)


def _angle(spots: list[tuple[float, float]]) -> float:
    """The angle at the corner where the two long straight edges meet: the camera's."""

    def turn(n: int) -> float:
        (ax, ay), (bx, by), (cx, cy) = spots[n - 1], spots[n], spots[(n + 1) % len(spots)]
        angle = math.degrees(math.atan2(ay - by, ax - bx) - math.atan2(cy - by, cx - bx)) % 360
        return min(angle, 360 - angle)

    def arms(n: int) -> float:
        near, far = spots[n - 1], spots[(n + 1) % len(spots)]
        return min(math.dist(spots[n], near), math.dist(spots[n], far))

    return turn(max(range(len(spots)), key=arms))


def test_the_gap_list_leads_to_the_dark_piece(page_as: Pages) -> None:
    """T-S4: sorted by unmet weight; after a click the first lies in the viewport of the map."""
    page = visit(page_as("binh"), "/do-phu?time=night")
    weights = [float(w) for w in page.locator("[data-gap]").evaluate_all("all => all.map(e => e.dataset.weight)")]
    assert len(weights) > 3
    assert weights == sorted(weights, reverse=True)
    page.get_by_test_id("more-gaps").locator("summary").click()
    for number in (1, len(weights)):
        button = page.get_by_test_id(f"gap-{number}")
        button.focus()
        page.keyboard.press("Enter")
        expect(button).to_have_class(re.compile("is-chosen"))
        settle(page)
        box = page.evaluate(f"JSON.parse(document.querySelector('#boot').textContent).gaps[{number - 1}].bbox")
        _inside_map(page, box)


def _inside_map(page: Page, box: list[float]) -> None:
    """The hash of a toggle says where the map is: from it, whether the box lies within."""
    frame: Any = page.locator("#map").bounding_box()
    shown = page.locator(".cov-dark.is-chosen").first.bounding_box()
    assert shown is not None
    # What is chosen is drawn, and within the map's frame at least where its middle is.
    middle = (shown["x"] + shown["width"] / 2, shown["y"] + shown["height"] / 2)
    assert box[0] < box[2]
    assert frame["x"] - 1 <= middle[0] <= frame["x"] + frame["width"] + 1
    assert frame["y"] - 1 <= middle[1] <= frame["y"] + frame["height"] + 1


def test_tabs_and_sorting_by_keyboard(page_as: Pages) -> None:
    page = visit(page_as("binh"))
    page.get_by_test_id("tab-gaps").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("tab-groups")).to_be_focused()
    table = page.get_by_test_id("groups")
    expect(table).to_be_visible()
    heading = table.locator("th button").nth(1)
    for order in ("ascending", "descending"):
        heading.focus()
        page.keyboard.press("Enter")
        expect(table.locator("th").nth(1)).to_have_attribute("aria-sort", order)
        values = table.locator("tbody td:nth-child(2)").evaluate_all("all => all.map(e => Number(e.dataset.value))")
        assert values == sorted(values, reverse=order == "descending")
    page.get_by_test_id("tab-devices").click()
    expect(page.get_by_test_id("not-counted")).to_contain_text("Đang hỏng")


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark", "outdoor"])
def test_axe(page_as: Pages, base_url: str, theme: str, phone: bool) -> None:
    page = page_as("binh", phone=phone)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": base_url}])
    visit(page, "/do-phu?time=night")
    for tab in ("gaps", "groups", "streets", "classes", "devices", "speakers", "compare"):
        page.get_by_test_id(f"tab-{tab}").click()
        assert violations(page) == []
    assert fits(page)


def test_circles_of_loudspeakers_are_on_the_map_while_their_tab_is_open(page_as: Pages) -> None:
    page = page_as("binh")
    visit(page, "/do-phu")
    expect(page.locator("path.cov-heard")).to_have_count(0)
    page.get_by_test_id("tab-speakers").click()
    expect(page.locator("path.cov-heard")).to_have_count(1)
    page.get_by_test_id("tab-gaps").click()
    expect(page.locator("path.cov-heard")).to_have_count(0)


def test_without_javascript_the_tables_stand_there(browser: Any, base_url: str, page_as: Pages) -> None:
    state = page_as("binh").context.storage_state()
    context = browser.new_context(base_url=base_url, java_script_enabled=False, storage_state=state)
    page = context.new_page()
    page.goto("/do-phu")
    for name in ("gaps", "groups", "streets", "classes", "not-counted", "speakers", "compare"):
        expect(page.get_by_test_id(name)).to_be_visible()
    page.get_by_test_id("time-night").check()
    page.get_by_test_id("show").click()
    page.wait_for_url("**time=night**")
    expect(page.get_by_test_id("headline")).to_contain_text("Ban đêm")
    context.close()
