"""Many rows at once, and a phone on the street: at my place, checked in two taps, kept without a network, sent once."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy.engine import Engine

from layers import LAYERS
from tests.browser.conftest import PHONE
from tests.browser.pages import PageAs, by, fits, put_corners, settle, violations, visit
from tests.builders import MAU, PASSWORD

SPOT = MAU.at(700, 700)


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    """Rows that the tests make go; checks on site are taken back."""
    with owner_engine.begin() as conn:
        kept = conn.execute(
            sa.text("SELECT id, state, verified_on FROM cameras WHERE commune_id = :c"), {"c": MAU.id}
        ).all()
    yield
    with owner_engine.begin() as conn:
        for layer in LAYERS.values():
            if not layer.tenant:
                conn.execute(sa.text(f"DELETE FROM {layer.name} WHERE source = 'manual'"))
        conn.execute(sa.text("DELETE FROM survey_photos"))
        for row in kept:
            statement = "UPDATE cameras SET state = :s, verified_on = :v WHERE id = :i"
            conn.execute(sa.text(statement), {"i": row.id, "s": row.state, "v": row.verified_on})


def query(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    with engine.begin() as conn:
        return [tuple(row) for row in conn.execute(sa.text(statement))]


def stand(page: Page, spot: Any, accuracy_m: float = 8) -> None:
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": spot.x, "latitude": spot.y, "accuracy": accuracy_m})


def states(engine: Engine) -> list[str]:
    return [row[0] for row in query(engine, "SELECT state FROM cameras WHERE commune_id = 90001 ORDER BY id")]


def test_one_value_for_all_in_an_area_with_undo(page_as: PageAs, owner_engine: Engine) -> None:
    before = states(owner_engine)
    spot = MAU.at(1250, 500)
    page = visit(page_as("hoa"), f"/#15/{spot.y}/{spot.x}&l=cameras")
    by(page, "edit").click()
    by(page, "edit-batch").click()
    by(page, "batch-layer").select_option("cameras")
    by(page, "batch-draw").click()
    box = page.locator("#map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    put_corners(page, [(x + dx, y + dy) for dx, dy in ((-260, -80), (260, -80), (260, 80), (-260, 80))])
    page.locator("#map").focus()
    page.keyboard.press("Enter")
    expect(by(page, "batch-apply")).to_have_text("Đổi 4 đối tượng")
    by(page, "batch-field").select_option("state")
    expect(by(page, "batch-preview")).to_contain_text("Đang hoạt động (2)")
    by(page, "field-state").select_option("removed")
    page.locator(".edit-panel").locator("summary").click()
    page.locator(".edit-rows input").first.uncheck()
    expect(by(page, "batch-apply")).to_have_text("Đổi 3 đối tượng")
    assert violations(page) == []
    by(page, "batch-apply").click()
    expect(page.locator("#toast")).to_contain_text("Đã đổi 3 đối tượng")
    settle(page)
    assert states(owner_engine) == [before[0], "removed", "removed", "removed"]
    by(page, "undo").click()
    expect(page.locator("#toast")).to_contain_text("Đã hoàn tác")
    settle(page)
    assert states(owner_engine) == before


def test_rows_of_the_table_are_changed_together(page_as: PageAs, owner_engine: Engine) -> None:
    page = visit(page_as("hoa"))
    by(page, "tab-table").click()
    expect(by(page, "table-edit")).to_be_hidden()
    by(page, "table-layer").select_option("cameras")
    by(page, "table-edit").click()
    by(page, "batch-field").select_option("verified_on")
    by(page, "field-verified_on").fill("2026-11-20")
    by(page, "batch-apply").click()
    expect(page.locator("#toast")).to_contain_text("Đã đổi 4 đối tượng")
    found = query(owner_engine, "SELECT DISTINCT verified_on::text FROM cameras WHERE commune_id = 90001")
    assert found == [("2026-11-20",)]


def test_checked_on_site_in_two_taps(page_as: PageAs, owner_engine: Engine) -> None:
    spot = MAU.at(1000, 500)
    page = visit(page_as("hoa", phone=True), f"/#18/{spot.y}/{spot.x}&l=cameras")
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    by(page, "card-verify").tap()
    expect(page.locator("#toast")).to_contain_text("kiểm tại chỗ hôm nay")
    settle(page)
    statement = "SELECT count(*) FROM cameras WHERE commune_id = 90001 AND verified_on = vietnam_today()"
    assert query(owner_engine, statement) == [(1,)]
    assert fits(page)
    assert violations(page) == []


def test_a_lamp_at_my_place_tells_how_sure_the_phone_is(page_as: PageAs, owner_engine: Engine) -> None:
    page = page_as("hoa", phone=True)
    stand(page, SPOT, 35)
    visit(page, f"/#14/{SPOT.y}/{SPOT.x}&l=cameras")
    by(page, "edit").click()
    by(page, "edit-survey").click()
    expect(by(page, "accuracy")).to_contain_text("sai số khoảng 35 m")
    assert violations(page) == []
    by(page, "here-lights").click()
    expect(by(page, "field-verified_on")).not_to_have_value("")
    expect(by(page, "hand-place")).to_be_in_viewport()
    by(page, "save").click()
    expect(by(page, "card")).to_be_visible()
    ((lon, lat, checked),) = query(
        owner_engine, "SELECT ST_X(geom), ST_Y(geom), verified_on = vietnam_today() FROM lights WHERE source = 'manual'"
    )
    assert (lon, lat) == pytest.approx((SPOT.x, SPOT.y), abs=1e-6)
    assert checked


def test_the_nearest_device_is_checked_from_the_list(page_as: PageAs, owner_engine: Engine) -> None:
    page = page_as("hoa", phone=True)
    stand(page, MAU.at(1010, 505))
    visit(page)
    by(page, "edit").click()
    by(page, "edit-survey").click()
    first = by(page, "nearest").locator("li").first
    expect(first).to_contain_text(f"{MAU.marker}-c1")
    first.get_by_test_id("verify-here").click()
    expect(first).to_contain_text("Đã ghi")
    statement = "SELECT external_id FROM cameras WHERE verified_on = vietnam_today()"
    assert query(owner_engine, statement) == [(f"{MAU.marker}-c1",)]


def test_without_a_network_it_is_kept_and_sent_once(browser: Browser, base_url: str, owner_engine: Engine) -> None:
    context = browser.new_context(base_url=base_url, viewport=PHONE, has_touch=True, locale="vi-VN")
    assert context.request.post("/api/session", data={"username": "hoa", "password": PASSWORD}).ok
    page = context.new_page()
    stand(page, SPOT)
    visit(page, f"/#18/{SPOT.y}/{SPOT.x}&l=lights")
    by(page, "edit").click()
    by(page, "add-lights").click()
    by(page, "place-here").click()
    expect(by(page, "hand-place")).to_be_visible()
    settle(page)
    by(page, "field-height_m").fill("8")
    context.set_offline(True)
    by(page, "save").click()
    expect(by(page, "waiting")).to_contain_text("Chờ gửi: 1")
    assert query(owner_engine, "SELECT count(*) FROM lights WHERE source = 'manual'") == [(0,)]
    keys: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) > 1:
            return route.continue_()
        route.fetch()
        return route.abort("failed")

    context.route("**/api/layers/lights/features", lose_the_first_answer)
    context.set_offline(False)
    # Kept over a reload; the server has it, but the phone did not hear so.
    page.reload()
    settle(page)
    by(page, "edit").click()
    expect(by(page, "waiting")).to_contain_text("Chờ gửi: 1")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#toast")).to_contain_text("Đã gửi 1 mục")
    settle(page)
    assert len(keys) >= 2
    assert len(set(keys)) == 1, "one key for all tries"
    assert query(owner_engine, "SELECT height_m FROM lights WHERE source = 'manual'") == [(8.0,)]
    expect(by(page, "waiting")).to_be_hidden()
    context.close()


def test_on_a_shared_phone_a_draft_waits_for_its_owner(browser: Browser, base_url: str, owner_engine: Engine) -> None:
    context = browser.new_context(base_url=base_url, viewport=PHONE, has_touch=True, locale="vi-VN")

    def sign_in(username: str) -> None:
        assert context.request.post("/api/session", data={"username": username, "password": PASSWORD}).ok

    sign_in("hoa")
    page = context.new_page()
    stand(page, SPOT)
    visit(page, f"/#18/{SPOT.y}/{SPOT.x}&l=lights")
    by(page, "edit").click()
    by(page, "add-lights").click()
    by(page, "place-here").click()
    expect(by(page, "hand-place")).to_be_visible()
    settle(page)
    context.set_offline(True)
    by(page, "save").click()
    expect(by(page, "waiting")).to_contain_text("Chờ gửi: 1")
    page.close()
    context.set_offline(False)
    # Her session ends without a word, and somebody of the same commune takes the phone.
    context.clear_cookies()
    sign_in("binh")
    page = context.new_page()
    visit(page)
    by(page, "edit").click()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.wait_for_timeout(500)
    settle(page)
    expect(by(page, "waiting")).to_be_hidden()
    assert query(owner_engine, "SELECT count(*) FROM lights WHERE source = 'manual'") == [(0,)]
    context.clear_cookies()
    sign_in("hoa")
    page = context.new_page()
    visit(page)
    by(page, "edit").click()
    expect(page.locator("#toast")).to_contain_text("Đã gửi 1 mục")
    assert query(owner_engine, "SELECT count(*) FROM lights WHERE source = 'manual'") == [(1,)]
    context.close()


def picture() -> dict[str, Any]:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "MẬT"
    Image.new("RGB", (2400, 1800), "navy").save(out, "JPEG", exif=exif)
    return {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_a_check_on_site_with_a_photo(page_as: PageAs, owner_engine: Engine) -> None:
    page = page_as("hoa", phone=True)
    stand(page, MAU.at(1010, 505))
    visit(page)
    by(page, "edit").click()
    by(page, "edit-survey").click()
    first = by(page, "nearest").locator("li").first
    first.get_by_test_id("verify-photo").set_input_files(picture())
    expect(first).to_contain_text("Đã ghi")
    settle(page)
    assert query(owner_engine, "SELECT layer, width, height FROM survey_photos") == [("cameras", 1600, 1200)]
    assert violations(page) == []
    assert fits(page)


def test_a_new_lamp_with_a_photo_without_a_network(browser: Browser, base_url: str, owner_engine: Engine) -> None:
    context = browser.new_context(base_url=base_url, viewport=PHONE, has_touch=True, locale="vi-VN")
    assert context.request.post("/api/session", data={"username": "hoa", "password": PASSWORD}).ok
    page = context.new_page()
    stand(page, SPOT)
    visit(page, f"/#18/{SPOT.y}/{SPOT.x}&l=lights")
    by(page, "edit").click()
    by(page, "add-lights").click()
    by(page, "place-here").click()
    expect(by(page, "hand-place")).to_be_visible()
    settle(page)
    by(page, "photo").set_input_files(picture())
    expect(by(page, "photo-said")).to_contain_text("Đã có ảnh")
    assert fits(page)
    context.set_offline(True)
    by(page, "save").click()
    expect(by(page, "waiting")).to_contain_text("Chờ gửi: 1")
    # Signing out would wipe it: said first.
    page.evaluate("document.querySelector('[data-action=sign-out]').click()")
    expect(page.locator("#toast")).to_contain_text("chưa gửi")
    context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#toast")).to_contain_text("Đã gửi 1 mục")
    settle(page)
    statement = "SELECT p.layer FROM survey_photos AS p JOIN lights AS l ON l.id = p.row_id WHERE l.source = 'manual'"
    assert query(owner_engine, statement) == [("lights",)]
    ((photo,),) = query(owner_engine, "SELECT data FROM survey_photos")
    assert "MẬT".encode() not in bytes(photo)
    page.goto("about:blank")
    ((lamp,),) = query(owner_engine, "SELECT row_id FROM survey_photos")
    visit(page, f"/#18/{SPOT.y}/{SPOT.x}&l=lights&g=lights.{lamp}")
    expect(by(page, "photo-shown")).to_have_count(1)
    context.close()
