"""Groups on the map: borders that neighbours share, a cut by a line, two that become one."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine

from tests.browser.pages import PageAs, by, put_corners, settle, violations, visit
from tests.builders import MAU
from tests.db.group_rows import kept_groups


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    with kept_groups(owner_engine):
        yield


def group(engine: Engine, number: int) -> Any:
    with engine.begin() as conn:
        statement = "SELECT id, ST_NPoints(geom) AS corners, ST_AsText(geom) AS text FROM groups WHERE external_id = :e"
        return conn.execute(sa.text(statement), {"e": f"{MAU.marker}-g{number}"}).one()


def overlap(engine: Engine) -> float:
    with engine.begin() as conn:
        statement = (
            "SELECT coalesce(sum(ST_Area(ST_Intersection(a.geom, b.geom))), 0) FROM groups AS a "
            "JOIN groups AS b ON a.id < b.id AND a.geom && b.geom WHERE a.commune_id = :c AND b.commune_id = :c"
        )
        return float(conn.execute(sa.text(statement), {"c": MAU.id}).scalar_one()) * 1.16e10


def open_group(
    page: Page, engine: Engine, number: int, zoom: float = 17, east: float = 1500, north: float = 1500
) -> Page:
    spot = MAU.at(east, north)
    visit(page, f"/#{zoom}/{spot.y}/{spot.x}&l=groups&g=groups.{group(engine, number).id}")
    expect(by(page, "card-border")).to_be_visible()
    settle(page)
    return page


def middle(page: Page) -> tuple[float, float]:
    box = page.locator("#map").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_shared_corner_is_dragged_for_all_four_and_undone(page_as: PageAs, owner_engine: Engine) -> None:
    page = open_group(page_as("hoa"), owner_engine, 1)
    before = [group(owner_engine, n).text for n in (1, 2, 3, 4)]
    by(page, "card-border").click()
    settle(page)
    assert violations(page) == []
    x, y = middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 90, y + 70, steps=6)
    # The neighbours are seen to follow.
    expect(page.locator("path.edit-neighbour")).to_have_count(3)
    page.mouse.up()
    by(page, "save").click()
    expect(by(page, "edit-panel")).to_be_hidden()
    settle(page)
    after = [group(owner_engine, n).text for n in (1, 2, 3, 4)]
    assert all(a != b for a, b in zip(before, after, strict=True))
    assert overlap(owner_engine) < 0.05
    by(page, "undo").click()
    expect(page.locator("#toast")).to_contain_text("Đã hoàn tác")
    settle(page)
    assert [group(owner_engine, n).text for n in (1, 2, 3, 4)] == before
    by(page, "redo").click()
    expect(page.locator("#toast")).to_contain_text("Đã làm lại")
    settle(page)
    assert [group(owner_engine, n).text for n in (1, 2, 3, 4)] == after


def test_by_keyboard_a_corner_is_put_in_and_moved(page_as: PageAs, owner_engine: Engine) -> None:
    page = open_group(page_as("hoa"), owner_engine, 1, zoom=18)
    corners = [group(owner_engine, n).corners for n in (1, 2)]
    by(page, "card-border").focus()
    page.keyboard.press("Enter")
    by(page, "middle").first.focus()
    page.keyboard.press("Enter")
    chosen = page.locator(".edit-pin.is-corner.is-chosen")
    expect(chosen).to_have_count(1)
    chosen.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    by(page, "save").click()
    expect(by(page, "edit-panel")).to_be_hidden()
    settle(page)
    found = [group(owner_engine, n).corners for n in (1, 2, 3)]
    assert found[0] == corners[0] + 1
    assert overlap(owner_engine) < 0.05


def test_a_drag_over_the_neighbour_is_refused_in_words(page_as: PageAs, owner_engine: Engine) -> None:
    page = open_group(page_as("hoa", refusals=True), owner_engine, 1, zoom=15)
    before = group(owner_engine, 1).text
    by(page, "card-border").click()
    settle(page)
    x, y = middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 330, y + 350, steps=8)
    page.mouse.up()
    by(page, "save").click()
    expect(by(page, "edit-problems")).to_contain_text("tự cắt")
    assert group(owner_engine, 1).text == before


def test_a_line_cuts_a_group_and_its_history_stays(page_as: PageAs, owner_engine: Engine) -> None:
    page = open_group(page_as("hoa"), owner_engine, 1, zoom=15, east=750, north=750)
    by(page, "card-cut").click()
    page.wait_for_selector(".draw-bar")
    settle(page)
    box = page.locator("path.group").first.bounding_box()
    assert box is not None
    put_corners(page, [(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * n) for n in (-0.08, 0.5, 1.08)])
    page.locator("#map").focus()
    page.keyboard.press("Enter")
    expect(page.locator("path.edit-piece")).to_have_count(2)
    by(page, "piece-name-1").fill("Tổ 1 Tây")
    by(page, "piece-name-2").fill("Tổ 1 Đông")
    assert violations(page) == []
    by(page, "save").click()
    expect(by(page, "card").get_by_role("heading", level=2)).to_have_text("Tổ 1 Tây")
    settle(page)
    expect(page.locator("path.group")).to_have_count(5)
    with owner_engine.begin() as conn:
        statement = "SELECT g.name, g.household_count FROM group_lineages AS l JOIN groups AS g ON g.id = l.child_id"
        found = {row.name: row.household_count for row in conn.execute(sa.text(statement))}
    assert found.keys() == {"Tổ 1 Tây", "Tổ 1 Đông"}
    assert sum(found.values()) == 100
    assert found["Tổ 1 Tây"] == pytest.approx(40, abs=3)


def test_two_groups_become_one(page_as: PageAs, owner_engine: Engine) -> None:
    page = open_group(page_as("hoa"), owner_engine, 3, zoom=14)
    by(page, "card-join").click()
    by(page, "join-with").select_option(label=f"Tổ dân phố số 4 {MAU.marker}")
    by(page, "join-name").fill("Tổ Ba Bốn")
    by(page, "save").click()
    expect(by(page, "card").get_by_role("heading", level=2)).to_have_text("Tổ Ba Bốn")
    settle(page)
    expect(page.locator("path.group")).to_have_count(3)
    expect(by(page, "card").locator("[data-field=household_count] dd")).to_have_text("700")


def test_a_group_drawn_over_others_is_trimmed_to_the_free_space(page_as: PageAs, owner_engine: Engine) -> None:
    with owner_engine.begin() as conn:
        room = MAU.box(0, 0, 1500, 1500).difference(MAU.box(600, 600, 800, 800))
        geom = f"SRID=4326;{room.wkt}"
        conn.execute(
            sa.text("UPDATE groups SET geom = ST_Multi(CAST(:g AS geometry)) WHERE external_id = :e"),
            {"g": geom, "e": f"{MAU.marker}-g1"},
        )
    spot = MAU.at(700, 700)
    page = visit(page_as("hoa"), f"/#17/{spot.y}/{spot.x}&l=groups")
    by(page, "edit").click()
    by(page, "add-groups").click()
    settle(page)
    x, y = middle(page)
    put_corners(page, [(x + dx, y + dy) for dx, dy in ((-300, -250), (300, -250), (300, 250), (-300, 250))])
    dots = page.locator(".drawing-dot")
    page.keyboard.press("Control+z")
    expect(dots).to_have_count(3)
    page.keyboard.press("Control+Shift+z")
    expect(dots).to_have_count(4)
    page.locator("#map").focus()
    page.keyboard.press("Enter")
    expect(by(page, "upon")).to_contain_text("Tổ dân phố số 1 MAU1")
    assert violations(page) == []
    by(page, "free-take").click()
    by(page, "field-name").fill("Tổ mới")
    by(page, "save").click()
    expect(by(page, "card")).to_contain_text("Tổ mới")
    settle(page)
    assert overlap(owner_engine) < 1
    page.locator("#map").focus()
    page.keyboard.press("Control+z")
    expect(page.locator("#toast")).to_contain_text("Đã hoàn tác")
    expect(by(page, "card")).to_be_hidden()
    # In the middle of others there is no room: said, and how to split instead.
    by(page, "edit").click()
    by(page, "add-groups").click()
    settle(page)
    put_corners(page, [(x + dx, y + dy) for dx, dy in ((-300, -250), (-240, -250), (-240, -200))])
    page.locator("#map").focus()
    page.keyboard.press("Enter")
    expect(by(page, "upon")).to_contain_text("Không còn chỗ trống")
    expect(by(page, "edit-panel")).to_contain_text("Cắt thành hai")
    by(page, "free-leave").click()
    expect(by(page, "add-groups")).to_be_visible()


def test_steps_that_are_not_saved_go_back_and_forth(page_as: PageAs, owner_engine: Engine) -> None:
    page = open_group(page_as("hoa"), owner_engine, 1)
    by(page, "card-border").click()
    settle(page)
    expect(by(page, "undo")).to_be_disabled()
    x, y = middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 90, y + 70, steps=6)
    page.mouse.up()
    expect(by(page, "undo")).to_be_enabled()
    outline = page.locator("path.edit-shape")
    moved = outline.get_attribute("d")
    page.locator("#map").focus()
    page.keyboard.press("Control+z")
    expect(by(page, "redo")).to_be_enabled()
    assert outline.get_attribute("d") != moved
    page.keyboard.press("Control+Shift+z")
    expect(by(page, "redo")).to_be_disabled()
    assert outline.get_attribute("d") == moved
    by(page, "undo").click()
    expect(by(page, "undo")).to_be_disabled()
