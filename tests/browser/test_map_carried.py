"""The survey map without a network: taken along, surveyed on, sent once; of one account, gone at sign-out."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy.engine import Engine

from tests.browser.conftest import PHONE
from tests.browser.pages import by, fits, settle, violations, visit
from tests.browser.phones import until
from tests.builders import MAU, PASSWORD

# Ten metres from a camera.
SPOT = MAU.at(1010, 505)
COPIES = "async () => (await caches.keys()).filter((name) => name.startsWith('survey-')).length"
# Everything that the phone holds of the commune, as one text.
HELD = """async () => { let all = ''; for (const name of await caches.keys()) { const cache = await caches.open(name);
  for (const one of await cache.keys()) if (new URL(one.url).pathname.startsWith('/api/'))
    all += await (await cache.match(one)).text(); } return all; }"""


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    """Rows that the tests make go; cameras are as they were."""
    yield
    with owner_engine.begin() as conn:
        conn.execute(sa.text("DELETE FROM lights WHERE source = 'manual'"))
        conn.execute(sa.text("UPDATE cameras SET verified_on = NULL, height_m = NULL WHERE commune_id = 90001"))


def query(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    with engine.begin() as conn:
        return [tuple(row) for row in conn.execute(sa.text(statement))]


@pytest.fixture
def context(browser: Browser, base_url: str) -> Iterator[BrowserContext]:
    """A phone that hoa has signed in on."""
    found = browser.new_context(base_url=base_url, viewport=PHONE, has_touch=True, locale="vi-VN")
    found.grant_permissions(["geolocation"])
    sign_in(found, "hoa")
    yield found
    found.close()


def sign_in(context: BrowserContext, username: str) -> None:
    assert context.request.post("/api/session", data={"username": username, "password": PASSWORD}).ok


def stand(context: BrowserContext, spot: Any) -> None:
    context.set_geolocation({"longitude": spot.x, "latitude": spot.y, "accuracy": 8})


def take(context: BrowserContext) -> Page:
    """The map page, its commune taken along."""
    page = visit(context.new_page(), "/")
    by(page, "menu").click()
    by(page, "carry").click()
    by(page, "carry-take").click()
    expect(by(page, "carry-state")).to_contain_text("Đã tải xong", timeout=60_000)
    return page


def reopen(context: BrowserContext, address: str = "/") -> Page:
    """A page that is opened without a network."""
    page = context.new_page()
    page.goto(address)
    settle(page)
    expect(by(page, "carried")).to_contain_text("Bản mang theo, dữ liệu lúc")
    return page


def test_the_map_opens_without_a_network_and_what_is_surveyed_is_sent_once(
    context: BrowserContext, owner_engine: Engine
) -> None:
    page = take(context)
    expect(by(page, "carry-state")).to_contain_text("dùng được đến")
    assert violations(page) == []
    assert fits(page)
    held = page.evaluate(HELD)
    assert f"{MAU.marker}-c1" in held
    assert "exempt_count" not in held
    assert "other_count" not in held
    page.close()
    context.set_offline(True)
    # Whatever page is asked for, the survey map is what this phone has.
    stand(context, SPOT)
    page = reopen(context, f"/du-lieu#18/{SPOT.y}/{SPOT.x}&l=lights,cameras")
    assert page.locator(".leaflet-base-pane canvas, .leaflet-pane canvas").count() > 0
    assert violations(page) == []
    assert fits(page)
    by(page, "edit").click()
    by(page, "add-lights").click()
    by(page, "place-here").click()
    expect(by(page, "hand-place")).to_be_visible()
    by(page, "field-height_m").fill("8")
    by(page, "save").click()
    expect(by(page, "waiting")).to_contain_text("Chờ gửi: 1")
    # What stands near is found on the phone, and checked.
    by(page, "edit-survey").click()
    first = by(page, "nearest").locator("li").first
    expect(first).to_contain_text(f"{MAU.marker}-c1")
    first.get_by_test_id("verify-here").click()
    expect(by(page, "waiting")).to_contain_text("Chờ gửi: 2")
    by(page, "waiting").click()
    expect(by(page, "draft")).to_have_count(2)
    assert violations(page) == []
    page.reload()
    settle(page)
    expect(by(page, "waiting")).to_contain_text("Chờ gửi: 2")
    assert query(owner_engine, "SELECT count(*) FROM lights WHERE source = 'manual'") == [(0,)]
    context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#toast")).to_contain_text("Đã gửi 2 mục")
    expect(by(page, "waiting")).to_be_hidden()
    assert query(owner_engine, "SELECT height_m FROM lights WHERE source = 'manual'") == [(8.0,)]
    statement = "SELECT external_id FROM cameras WHERE verified_on = vietnam_today()"
    assert query(owner_engine, statement) == [(f"{MAU.marker}-c1",)]
    # The way back to the live map.
    by(page, "carry-live").click()
    expect(by(page, "carried")).to_have_count(0)
    page.wait_for_url(lambda url: "mang-theo" not in url)


def test_what_others_changed_meanwhile_is_told_and_chosen(context: BrowserContext, owner_engine: Engine) -> None:
    page = take(context)
    page.close()
    ((camera, lon, lat),) = query(
        owner_engine, f"SELECT id, ST_X(geom), ST_Y(geom) FROM cameras WHERE external_id = '{MAU.marker}-c1'"
    )
    context.set_offline(True)
    page = reopen(context, f"/#18/{lat}/{lon}&l=cameras&g=cameras.{camera}")
    by(page, "card-edit").click()
    by(page, "field-height_m").fill("7")
    by(page, "save").click()
    expect(by(page, "waiting")).to_contain_text("Chờ gửi: 1")
    with owner_engine.begin() as conn:
        conn.execute(sa.text("UPDATE cameras SET height_m = 9 WHERE id = :i"), {"i": camera})
    context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(by(page, "waiting")).to_contain_text("9")
    assert query(owner_engine, f"SELECT height_m FROM cameras WHERE id = {camera}") == [(9.0,)]
    by(page, "waiting").click()
    expect(by(page, "draft-why")).to_contain_text("Người khác đã sửa")
    assert violations(page) == []
    assert fits(page)
    by(page, "draft-again").click()
    expect(page.locator("#toast")).to_contain_text("Đã gửi 1 mục")
    assert query(owner_engine, f"SELECT height_m FROM cameras WHERE id = {camera}") == [(7.0,)]


def test_another_account_on_the_phone_never_sees_it(context: BrowserContext) -> None:
    take(context).close()
    # Her session ends without a word; an account of the same commune that has no map of its own takes the phone.
    context.clear_cookies()
    sign_in(context, "chi")
    page = visit(context.new_page(), "/")
    assert until(lambda: page.evaluate(COPIES), lambda found: found == 0) == 0
    context.set_offline(True)
    with pytest.raises(Exception, match=r"ERR_(?:INTERNET_DISCONNECTED|FAILED)"):
        page.goto("/")


def test_the_sign_in_page_and_signing_out_clear_the_phone(context: BrowserContext) -> None:
    take(context).close()
    context.clear_cookies()
    page = context.new_page()
    page.goto("/")
    page.wait_for_url("**/dang-nhap**")
    assert until(lambda: page.evaluate(COPIES), lambda found: found == 0) == 0
    page.close()
    sign_in(context, "hoa")
    page = take(context)
    by(page, "carry-close").click()
    page.evaluate("document.querySelector('[data-action=sign-out]').click()")
    page.wait_for_url("**/dang-nhap")
    assert until(lambda: page.evaluate(COPIES), lambda found: found == 0) == 0


def test_after_three_days_it_is_gone_and_a_stop_leaves_nothing(context: BrowserContext) -> None:
    page = take(context)
    page.evaluate(
        "async () => { const [name] = await caches.keys(); const cache = await caches.open(name);"
        " const told = await (await cache.match('/survey-told')).json(); told.until = Date.now() - 1;"
        " await cache.put('/survey-told', new Response(JSON.stringify(told))); }"
    )
    by(page, "carry-close").click()
    page.close()
    context.set_offline(True)
    page = context.new_page()
    with pytest.raises(Exception, match=r"ERR_(?:INTERNET_DISCONNECTED|FAILED)"):
        page.goto("/")
    context.set_offline(False)
    visit(page, "/")
    assert page.evaluate(COPIES) == 0
    page.route("**/tiles/**", lambda route: None)
    by(page, "menu").click()
    by(page, "carry").click()
    by(page, "carry-take").click()
    expect(by(page, "carry-state")).to_contain_text("Đang tải")
    by(page, "carry-stop").click()
    expect(by(page, "carry-state")).to_contain_text("Đã dừng")
    assert page.evaluate(COPIES) == 0


def test_only_who_goes_out_on_the_street_is_offered_it(page_as: Any) -> None:
    page = visit(page_as("chi"), "/")
    by(page, "menu").click()
    expect(by(page, "carry")).to_have_count(0)
    page = visit(page_as("an"), "/")
    by(page, "menu").click()
    expect(by(page, "carry")).to_be_visible()
