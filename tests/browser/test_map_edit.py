"""Editing on the map by mouse and keyboard: place, view, near duplicates, conflicts, undo; others see no tools."""

import math
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine

from layers import LAYERS
from tests.browser.pages import PageAs, by, fits, put_corners, settle, violations, visit
from tests.builders import BEN, MAU

# A street corner of Xã Mẫu without devices.
SPOT = MAU.at(700, 700)


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    """Rows that the tests make go, and cameras are as they were."""
    yield
    with owner_engine.begin() as conn:
        for layer in LAYERS.values():
            if not layer.tenant:
                conn.execute(sa.text(f"DELETE FROM {layer.name} WHERE source = 'manual'"))
        conn.execute(sa.text("UPDATE cameras SET state = 'working', pole_code = NULL WHERE pole_code LIKE 'Cột %'"))


def rows(engine: Engine, layer: str) -> list[dict[str, Any]]:
    statement = f"SELECT *, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM {layer} WHERE source = 'manual' ORDER BY id"
    with engine.begin() as conn:
        return [dict(row) for row in conn.execute(sa.text(statement)).mappings()]


def at(page: Page, spot: Any = SPOT, zoom: int = 19) -> Page:
    visit(page, f"/#{zoom}/{spot.y}/{spot.x}&l=groups,cameras,lights")
    return page


def middle(page: Page) -> tuple[float, float]:
    box = page.locator("#map").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def centre(page: Page, testid: str) -> tuple[float, float]:
    box = by(page, testid).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def place(page: Page, layer: str, dx: float = 0, dy: float = 0) -> None:
    """Add a point so many pixels from the middle of the map."""
    if not by(page, "edit-panel").is_visible():
        by(page, "edit").click()
    by(page, f"add-{layer}").click()
    expect(page.locator(".draw-bar")).to_be_visible()
    x, y = middle(page)
    page.mouse.click(x + dx, y + dy)
    expect(by(page, "hand-place")).to_be_visible()
    settle(page)


def drag(page: Page, testid: str, to: tuple[float, float]) -> None:
    page.mouse.move(*centre(page, testid))
    page.mouse.down()
    page.mouse.move(*to, steps=8)
    page.mouse.up()


def save(page: Page) -> None:
    by(page, "save").click()
    expect(by(page, "edit-panel")).to_be_hidden()
    settle(page)


@pytest.mark.parametrize("bearing", [0, 37, 123, 251, 340])
def test_the_stored_azimuth_is_the_pointers_bearing(page_as: PageAs, owner_engine: Engine, bearing: int) -> None:
    """T-D5."""
    page = at(page_as("hoa"))
    place(page, "cameras")
    x, y = centre(page, "hand-place")
    angle = math.radians(bearing)
    drag(page, "hand-aim", (x + 150 * math.sin(angle), y - 150 * math.cos(angle)))
    save(page)
    (row,) = rows(owner_engine, "cameras")
    off = (row["azimuth_deg"] - bearing + 180) % 360 - 180
    assert abs(off) <= 1
    assert row["commune_id"] == MAU.id
    assert math.hypot((row["lon"] - SPOT.x) * 104_000, (row["lat"] - SPOT.y) * 110_700) < 1


def test_handles_set_range_and_field_of_view_and_fields_follow(page_as: PageAs, owner_engine: Engine) -> None:
    page = at(page_as("hoa"))
    place(page, "cameras")
    by(page, "field-azimuth_deg").fill("90")
    x, y = centre(page, "hand-place")
    drag(page, "hand-range", (x + 140, y))
    wide = float(by(page, "field-range_m").input_value())
    drag(page, "hand-left", (x + 121, y - 70))
    assert float(by(page, "field-fov_deg").input_value()) == pytest.approx(60, abs=1.5)
    save(page)
    (row,) = rows(owner_engine, "cameras")
    assert row["azimuth_deg"] == 90
    # 0.279 m a pixel at zoom 19 and 20.8° north.
    assert row["range_m"] == pytest.approx(wide) == pytest.approx(140 * 0.279, abs=1.5)


def test_two_views_on_one_pole(page_as: PageAs, owner_engine: Engine) -> None:
    page = at(page_as("hoa"))
    place(page, "cameras")
    by(page, "field-azimuth_deg").fill("10")
    by(page, "field-external_id").fill("C-7")
    save(page)
    by(page, "card-view").click()
    by(page, "field-azimuth_deg").fill("190")
    expect(by(page, "near")).to_be_hidden()
    save(page)
    first, second = rows(owner_engine, "cameras")
    assert (first["azimuth_deg"], second["azimuth_deg"]) == (10, 190)
    assert first["pole_code"] == second["pole_code"] == "Cột C-7"
    assert (first["lon"], first["lat"]) == (second["lon"], second["lat"])
    expect(page.locator(".view-button")).to_have_count(2)
    # One step for the view, one for the pole's code, one for the camera.
    for left in (1, 1, 0):
        by(page, "undo").click()
        settle(page)
        assert len(rows(owner_engine, "cameras")) == left
    by(page, "redo").click()
    settle(page)
    assert [row["external_id"] for row in rows(owner_engine, "cameras")] == ["C-7"]


def test_keyboard_alone_adds_a_camera_and_turns_it(page_as: PageAs, owner_engine: Engine) -> None:
    page = at(page_as("hoa"))
    by(page, "edit").focus()
    page.keyboard.press("Enter")
    by(page, "add-cameras").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Đặt tại tâm").focus()
    page.keyboard.press("Enter")
    by(page, "hand-aim").focus()
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    by(page, "hand-place").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    by(page, "save").focus()
    page.keyboard.press("Enter")
    expect(by(page, "card")).to_be_visible()
    (row,) = rows(owner_engine, "cameras")
    assert row["azimuth_deg"] == 11
    assert (row["lat"] - SPOT.y) * 110_700 == pytest.approx(4, abs=0.6)


@pytest.mark.parametrize(("away_m", "hinted"), [(6, True), (10, True), (11, False)])
def test_a_near_duplicate_is_told_at_ten_metres_and_not_at_eleven(page_as: PageAs, away_m: int, hinted: bool) -> None:
    """T-D6, over a camera that stands; another layer's device is no duplicate."""
    page = at(page_as("hoa"), MAU.at(1000, 500))
    place(page, "cameras", dx=200)
    near = MAU.at(1000 + away_m - 0.05, 500)
    by(page, "edit-panel").locator("summary").click()
    by(page, "place-lat").fill(str(near.y))
    by(page, "place-lat").press("Tab")
    by(page, "place-lon").fill(str(near.x))
    with page.expect_response(
        lambda answer: f"{near.x:.7f}".rstrip("0")[:9] in answer.url and "distance_m=10" in answer.url
    ):
        by(page, "place-lon").press("Tab")
    settle(page)
    if hinted:
        expect(by(page, "near")).to_contain_text(f"Đã có camera an ninh cách {away_m} m")
    else:
        expect(by(page, "near")).to_be_hidden()


def test_a_row_of_lamps_and_their_number(page_as: PageAs, owner_engine: Engine) -> None:
    """The next one keeps the choices of the last; the layer's number is the database's."""
    page = at(page_as("hoa"))
    place(page, "lights")
    by(page, "field-lamp").select_option("sodium")
    by(page, "field-height_m").fill("9")
    by(page, "save-more").click()
    x, y = middle(page)
    page.wait_for_selector(".draw-bar")
    page.mouse.click(x + 150, y)
    expect(by(page, "field-lamp")).to_have_value("sodium")
    save(page)
    assert [(row["lamp"], row["height_m"]) for row in rows(owner_engine, "lights")] == [("sodium", 9)] * 2
    with owner_engine.begin() as conn:
        count = conn.execute(sa.text("SELECT count(*) FROM lights WHERE commune_id = 90001")).scalar_one()
    by(page, "card").get_by_role("button", name="Đóng").click()
    by(page, "tab-layers").click()
    row = page.locator(".layer-row", has=by(page, "layer-lights"))
    expect(row.locator(".layer-count")).to_have_text(str(count))


def test_a_wrong_value_is_told_at_its_field(page_as: PageAs, owner_engine: Engine) -> None:
    page = at(page_as("hoa", refusals=True))
    place(page, "lights")
    by(page, "field-height_m").fill("900")
    by(page, "save").click()
    expect(page.locator("#edit-height_m-fault")).to_have_text("phải từ 0 đến 60")
    expect(by(page, "field-height_m")).to_be_focused()
    by(page, "field-height_m").fill("9")
    by(page, "field-external_id").fill("x\u0007")
    by(page, "save").click()
    expect(page.locator("#edit-external_id-fault")).to_have_text("chữ quá dài hoặc có ký tự lạ")
    assert rows(owner_engine, "lights") == []


def test_who_was_overtaken_sees_what_changed_and_chooses(page_as: PageAs, owner_engine: Engine) -> None:
    page = at(page_as("hoa", refusals=True))
    place(page, "lights")
    save(page)
    by(page, "card-edit").click()
    by(page, "field-height_m").fill("7")
    with owner_engine.begin() as conn:
        conn.execute(sa.text("UPDATE lights SET state = 'broken' WHERE source = 'manual'"))
    by(page, "save").click()
    expect(by(page, "edit-problems")).to_contain_text("Tình trạng: Hỏng")
    by(page, "keep-mine").click()
    expect(by(page, "edit-panel")).to_be_hidden()
    (row,) = rows(owner_engine, "lights")
    assert (row["height_m"], row["state"]) == (7, "broken")


def test_move_delete_undo_redo_with_the_keyboard(page_as: PageAs, owner_engine: Engine) -> None:
    page = at(page_as("hoa"))
    place(page, "tip_boxes")
    by(page, "field-place").fill("Cổng nhà văn hóa")
    save(page)
    (made,) = rows(owner_engine, "tip_boxes")
    by(page, "card-move").click()
    expect(by(page, "hand-place")).to_be_focused()
    page.keyboard.press("ArrowRight")
    save(page)
    (moved,) = rows(owner_engine, "tip_boxes")
    assert (moved["lon"] - made["lon"]) * 104_000 == pytest.approx(2, abs=0.1)
    by(page, "card-delete").click()
    by(page, "delete-yes").click()
    expect(page.locator("#toast")).to_contain_text("xóa Cổng nhà văn hóa")
    settle(page)
    assert rows(owner_engine, "tip_boxes") == []
    page.locator("#map").focus()
    page.keyboard.press("Control+z")
    expect(by(page, "redo")).to_be_enabled()
    settle(page)
    (back,) = rows(owner_engine, "tip_boxes")
    assert (back["place"], back["lon"], back["lat"]) == ("Cổng nhà văn hóa", moved["lon"], moved["lat"])
    page.keyboard.press("Control+z")
    settle(page)
    (unmoved,) = rows(owner_engine, "tip_boxes")
    assert (unmoved["lon"], unmoved["lat"]) == (made["lon"], made["lat"])
    page.keyboard.press("Control+Shift+z")
    settle(page)
    assert rows(owner_engine, "tip_boxes")[0]["lon"] == moved["lon"]


def test_a_route_is_drawn_and_its_corner_moved(page_as: PageAs, owner_engine: Engine) -> None:
    page = at(page_as("hoa"), zoom=18)
    by(page, "edit").click()
    by(page, "add-key_routes").click()
    x, y = middle(page)
    put_corners(page, [(x + dx, y + 130 + dx / 9) for dx in (-200, -60, 90)])
    page.locator("#map").focus()
    page.keyboard.press("Enter")
    expect(by(page, "corner")).to_have_count(3)
    by(page, "field-name").fill("Tuyến kiểm tra")
    by(page, "corner").nth(1).focus()
    page.keyboard.press("ArrowUp")
    by(page, "middle").first.focus()
    page.keyboard.press("Enter")
    expect(by(page, "corner")).to_have_count(4)
    save(page)
    with owner_engine.begin() as conn:
        found = conn.execute(sa.text("SELECT name, ST_NPoints(geom) FROM key_routes WHERE source = 'manual'")).one()
    assert tuple(found) == ("Tuyến kiểm tra", 4)


def test_unsaved_work_is_not_lost_by_one_click(page_as: PageAs) -> None:
    page = at(page_as("hoa"))
    place(page, "lights")
    by(page, "tab-layers").click()
    expect(by(page, "unsaved")).to_be_visible()
    by(page, "tab-layers").click()
    expect(by(page, "edit-panel")).to_be_hidden()
    expect(page.locator("#panel-layers")).to_be_visible()


def test_a_planner_may_draw_walls_and_nothing_else(page_as: PageAs) -> None:
    page = at(page_as("binh"))
    by(page, "edit").click()
    expect(page.locator(".layer-section .edit-kind")).to_have_text(["Tường, rào"])
    expect(by(page, "edit-survey")).to_have_count(0)


@pytest.mark.parametrize("who", ["chi", "lan"])
def test_others_see_no_tools(page_as: PageAs, who: str) -> None:
    page = page_as(who)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    at(page, MAU.at(1000, 500))
    page.mouse.click(*middle(page))
    expect(by(page, "card")).to_be_visible()
    settle(page)
    assert page.locator("[data-testid=edit], [data-testid=edit-actions]").count() == 0
    assert not [url for url in asked if "/js/edit/" in url or "map_edit" in url]
    boot = page.evaluate("JSON.parse(document.querySelector('#boot').textContent).messages")
    assert not [key for key in boot if key.startswith("edit.")]


@pytest.mark.parametrize("theme", ["light", "dark", "outdoor"])
@pytest.mark.parametrize("phone", [False, True])
def test_the_editor_is_clean_for_axe(page_as: PageAs, theme: str, phone: bool) -> None:
    page = at(page_as("hoa", phone=phone))
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    by(page, "edit").click()
    assert violations(page) == []
    by(page, "add-cameras").click()
    page.get_by_role("button", name="Đặt tại tâm").click()
    expect(by(page, "hand-place")).to_be_visible()
    settle(page)
    assert violations(page) == []
    assert fits(page)
    assert BEN.marker not in page.content()
