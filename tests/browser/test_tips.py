"""A resident tells of a place on a cheap telephone: without JavaScript, by keyboard, at night, without a network."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.engine import Engine

from gis_app.words import VIETNAMESE
from tests.browser.pages import PageAs, by, fits, violations
from tests.builders import MAU

NUMBERS = {VIETNAMESE.say(f"tip.number.{number}"): number for number in range(2, 10)}
MOST_BYTES = 150_000
LITTLE = '{"token": "x", "nonce": "x", "bits": 1}'


@pytest.fixture(autouse=True)
def _tips(owner_engine: Engine) -> Iterator[None]:
    with owner_engine.begin() as conn:
        conn.exec_driver_sql(f"INSERT INTO tip_settings (commune_id, is_open) VALUES ({MAU.id}, true)")
    yield
    with owner_engine.begin() as conn:
        for table in ("tips", "tip_settings", "tip_loads", "tip_marks"):
            conn.exec_driver_sql(f"DELETE FROM {table}")


@pytest.fixture
def address(owner_engine: Engine) -> str:
    """What the QR code of Xã Mẫu's box says."""
    with owner_engine.begin() as conn:
        box = conn.exec_driver_sql(f"SELECT min(id) FROM tip_boxes WHERE commune_id = {MAU.id}").scalar_one()
    return f"/tin/{MAU.id}-h{box}"


def count(engine: Engine) -> int:
    with engine.begin() as conn:
        return int(conn.exec_driver_sql("SELECT count(*) FROM tips").scalar_one())


@pytest.fixture
def plain_page(browser: Browser, base_url: str) -> Iterator[Page]:
    """A telephone with JavaScript turned off."""
    context = browser.new_context(
        base_url=base_url, viewport={"width": 360, "height": 640}, java_script_enabled=False, locale="vi-VN"
    )
    yield context.new_page()
    context.close()


def test_the_whole_way_without_javascript(plain_page: Page, address: str, owner_engine: Engine) -> None:
    page = plain_page
    page.goto(address)
    by(page, "subject-dark_street").check()
    by(page, "precision-street").check()
    by(page, "street").select_option(index=1)
    by(page, "text").fill("Đoạn này tối, đèn hỏng mấy tuần")
    question = page.locator('label[for="answer"]').inner_text()
    first, second = re.findall(r"\w+", question)[0], re.findall(r"cộng (\w+)", question)[0]
    by(page, "answer").fill(str(NUMBERS[first.lower()] + NUMBERS[second]))
    by(page, "send").click()
    receipt = by(page, "receipt").inner_text()
    assert re.fullmatch(r"([0-9A-Z]{4}-){4}[0-9A-Z]{4}", receipt)
    by(page, "lookup").click()
    by(page, "code").fill(receipt)
    by(page, "look").click()
    expect(by(page, "state")).to_contain_text("Mới")
    by(page, "answer-text").fill("Tối nay vẫn vậy")
    by(page, "answer-send").click()
    expect(by(page, "messages")).to_contain_text("Tối nay vẫn vậy")
    assert page.context.cookies() == []
    assert count(owner_engine) == 1


def test_the_form_by_keyboard_alone(page_as: PageAs, address: str, owner_engine: Engine) -> None:
    page = page_as(None)
    page.goto(address)
    expect(by(page, "question")).to_be_hidden(timeout=20_000)
    by(page, "subject-light_out").focus()
    page.keyboard.press("Space")
    expect(by(page, "subject-light_out")).to_be_checked()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    expect(by(page, "subject-dark_street")).to_be_checked()
    # The group of radios is one stop; then the places.
    by(page, "precision-group").focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(by(page, "precision-point")).to_be_checked()
    page.keyboard.press("Tab")
    expect(by(page, "landmark")).to_be_focused()
    page.keyboard.press("ArrowDown")
    by(page, "text").focus()
    page.keyboard.type("Cổng trường tối")
    by(page, "send").focus()
    page.keyboard.press("Enter")
    expect(by(page, "receipt")).to_be_visible(timeout=20_000)
    assert count(owner_engine) == 1


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (320, "light"), (1440, "dark")])
def test_pages_fit_and_axe_finds_nothing(
    browser: Browser, base_url: str, address: str, width: int, scheme: str
) -> None:
    context = browser.new_context(base_url=base_url, viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    for where in ("/tin", f"/tin/{MAU.id}", address, "/tin/tra-cuu"):
        page.goto(where)
        assert fits(page), where
        assert violations(page) == [], where
    context.close()


def test_the_weight_before_the_map_and_nothing_asked_on_load(page_as: PageAs, address: str) -> None:
    page = page_as(None, phone=True)
    page.add_init_script("window.asked = 0; navigator.geolocation.getCurrentPosition = () => { window.asked += 1; };")
    weighed = []
    page.on("requestfinished", lambda request: weighed.append(request.sizes()["responseBodySize"]))
    page.goto(address)
    expect(by(page, "question")).to_be_hidden(timeout=20_000)
    assert 10_000 < sum(weighed) <= MOST_BYTES, sum(weighed)
    assert page.evaluate("window.asked") == 0
    assert page.context.cookies() == [] or {c["name"] for c in page.context.cookies()} == {"lang"}


def test_the_guard_warns_while_typing_and_lets_streets_pass(page_as: PageAs, address: str) -> None:
    page = page_as(None, phone=True)
    page.goto(address)
    by(page, "text").click()
    for text in ("gọi 0912345678", "số 031203004567", "xe 15B1-234.56", "anh Hùng hay đứng"):
        by(page, "text").fill(text)
        expect(by(page, "warn")).to_be_visible()
    for text in ("Đường Trần Nhân Tông tối", "phố Bùi Viện hay tụ tập"):
        by(page, "text").fill(text)
        expect(by(page, "warn")).to_be_hidden()


def test_a_street_on_the_map_is_a_segment_and_not_the_tap(page_as: PageAs, address: str) -> None:
    page = page_as(None, phone=True)
    page.goto(address)
    by(page, "precision-street").check()
    by(page, "open-map").click()
    road = page.locator(".tip-road").first
    expect(road).to_be_visible()
    by(page, "map").scroll_into_view_if_needed()
    box = by(page, "map").bounding_box()
    assert box is not None
    for across in range(2, 19):
        page.touchscreen.tap(box["x"] + box["width"] * across / 20, box["y"] + box["height"] / 2)
        if by(page, "street").input_value():
            break
    assert by(page, "street").input_value().isdigit()
    assert page.evaluate("document.querySelector('[name=spot]').value") == ""


def test_a_draft_waits_for_a_network_is_sent_once_and_wiped(
    page_as: PageAs, address: str, owner_engine: Engine
) -> None:
    page = page_as(None, phone=True, refusals=True)
    page.goto(address)
    expect(by(page, "question")).to_be_hidden(timeout=20_000)
    by(page, "subject-gathering").check()
    by(page, "text").fill("Hay tụ tập sau nhà văn hóa")
    page.route("**/moi", lambda route: route.fulfill(status=429, body=""))
    by(page, "send").click()
    expect(by(page, "said")).to_contain_text("bận")
    kept = "localStorage.getItem('tip-draft')"
    assert "Hay tụ tập" in page.evaluate(kept)
    page.reload()
    expect(by(page, "text")).to_have_value("Hay tụ tập sau nhà văn hóa")
    expect(by(page, "question")).to_be_hidden(timeout=20_000)
    page.unroute("**/moi")
    by(page, "send").click()
    expect(by(page, "receipt")).to_be_visible(timeout=20_000)
    expect(page.locator("html")).to_have_attribute("data-wiped", "1")
    assert page.evaluate(kept) is None
    assert count(owner_engine) == 1


def test_more_work_is_done_by_itself(page_as: PageAs, address: str, owner_engine: Engine) -> None:
    """Others were quicker since the form was opened: known beforehand, or only when it was sent."""
    for is_known in (True, False):
        with owner_engine.begin() as conn:
            conn.exec_driver_sql("DELETE FROM tip_loads")
        page = page_as(None, phone=True, refusals=True)
        page.goto(address)
        expect(by(page, "question")).to_be_hidden(timeout=20_000)
        by(page, "subject-gathering").check()
        by(page, "precision-cell").check()
        by(page, "landmark").select_option(index=1)
        by(page, "text").fill("Hay tụ tập sau nhà văn hóa")
        with owner_engine.begin() as conn:
            conn.exec_driver_sql(
                "INSERT INTO tip_loads (scope, kind, slot, count) "
                f"VALUES ({MAU.id}, 'sent', date_trunc('hour', now()), 20)"
            )
        if not is_known:
            page.route("**/moi", lambda route: route.fulfill(status=200, body=LITTLE), times=1)
        by(page, "send").click()
        expect(by(page, "receipt")).to_be_visible(timeout=30_000)
    with owner_engine.begin() as conn:
        kept = conn.exec_driver_sql("SELECT precision, road_id FROM tips").all()
    assert kept == [("cell", None)] * 2


def test_an_area_on_the_map_is_a_square_and_a_point_of_before_is_none(page_as: PageAs, address: str) -> None:
    page = page_as(None, phone=True)
    page.goto(address)
    spot = "document.querySelector('[name=spot]').value"
    by(page, "precision-cell").check()
    by(page, "open-map").click()
    expect(page.locator(".tip-road").first).to_be_visible()
    by(page, "map").scroll_into_view_if_needed()
    by(page, "map").tap(position={"x": 120, "y": 150})
    expect(page.locator("rect.tip-mark")).to_be_visible()
    for part in page.evaluate(spot).split(","):
        assert round(float(part) * 10_000) % 25 == 0
    by(page, "precision-point").check()
    assert page.evaluate(spot) == "", "the middle of an area is no point"
    expect(page.locator("rect.tip-mark")).to_be_hidden()
    by(page, "map").tap(position={"x": 130, "y": 160})
    expect(page.locator("circle.tip-mark")).to_be_visible()
    assert page.evaluate(spot) != ""


def test_wipe_leaves_nothing_on_the_device(page_as: PageAs, address: str) -> None:
    page = page_as(None, phone=True)
    page.goto(address)
    by(page, "text").fill("Nháp của tôi")
    expect(by(page, "said")).to_contain_text("Nháp được giữ")
    by(page, "wipe").click()
    expect(by(page, "text")).to_have_value("")
    assert page.evaluate("localStorage.length") == 0


def test_the_intake_page_fits_and_axe_finds_nothing(
    page_as: PageAs, plain_page: Page, address: str, owner_engine: Engine
) -> None:
    test_the_whole_way_without_javascript(plain_page, address, owner_engine)
    for phone in (False, True):
        page = page_as("hoa", phone=phone)
        page.goto("/tin/tiep-nhan")
        assert fits(page)
        assert violations(page) == []
        page.locator('[data-testid^="tip-"]').first.click()
        expect(by(page, "words")).to_contain_text("Đoạn này tối")
        assert fits(page)
        assert violations(page) == []
        page.goto("/tin/ap-phich")
        expect(by(page, "cover")).to_contain_text("/4")
        assert fits(page)
        assert violations(page) == []
