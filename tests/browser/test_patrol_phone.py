"""The phone page of a shift at 360 × 640: SESSIONS.md 4.1, steps 7 and 9, with and without a network."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.browser.pages import fits, settle, violations
from tests.browser.phones import SMALL, Open, go, small_ones, until
from tests.builders import BEN, MAU
from tests.db.patrol_rows import Shift, clear, put_shift


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_left(owner_engine: Engine) -> Iterator[None]:
    yield
    clear(owner_engine)


@pytest.fixture
def shift(owner_engine: Engine) -> Iterator[Shift]:
    yield put_shift(owner_engine)
    clear(owner_engine)


def rows(engine: Engine, shift: Shift, wanted: Callable[[list[Any]], bool] = lambda found: True) -> list[Any]:
    """The visits of a shift once they are so."""
    return until(lambda: _rows(engine, shift), wanted)


def _rows(engine: Engine, shift: Shift) -> list[Any]:
    with begin(engine, Actor("system")) as conn:
        return list(
            conn.exec_driver_sql(
                "SELECT stop_id, device_at, received_at, is_outside, distance_m, minutes, reason FROM patrol_visits "
                f"WHERE plan_id = {shift.plan} ORDER BY id"
            )
        )


def test_a_check_in_without_a_network_is_one_row_later(phone: Open, shift: Shift, owner_engine: Engine) -> None:
    """T-P7: kept over a reload without a network; sent on reconnect; sent again and again it stays one row."""
    context = phone()
    page = go(context, shift, kept=True)
    # Two taps: start, and the check-in itself.
    page.get_by_test_id("start").click()
    context.set_offline(True)
    page.get_by_test_id("arrived").click()
    net = page.get_by_test_id("net")
    expect(net).to_have_attribute("data-waiting", "1")
    expect(net).to_contain_text("Mất mạng · 1 chờ gửi")
    page.reload()
    settle(page)
    expect(page.get_by_test_id("net")).to_contain_text("Mất mạng · 1 chờ gửi")
    expect(page.get_by_test_id("timer")).to_be_visible()
    expect(page.get_by_test_id("age")).to_have_text(re.compile(r"Dữ liệu lúc \d\d:\d\d, \d\d/\d\d/\d{4}"))
    assert page.locator("#map canvas").count() > 0, "the tiles that were seen are there without a network"
    assert page.evaluate("document.fonts.check('16px \"Be Vietnam Pro\"', 'Đã đến')")
    assert rows(owner_engine, shift) == []
    item = page.evaluate(
        "() => new Promise((ok) => { const r = indexedDB.open('patrol'); r.onsuccess = () => { const q = r.result"
        ".transaction('outbox').objectStore('outbox').getAll(); q.onsuccess = () => ok(q.result[0]); }; })"
    )
    context.set_offline(False)
    expect(page.get_by_test_id("net")).to_have_attribute("data-waiting", "0", timeout=20_000)
    token = context.request.get("/api/session").json()["csrf_token"]
    for key in (f"{item['id']}-1", f"{item['id']}-1", "another-key"):
        answer = context.request.post(
            f"/api/patrol-plans/{shift.plan}/visits", data=item["body"],
            headers={"X-CSRFToken": token, "Idempotency-Key": key},
        )  # fmt: skip
        assert answer.ok, answer.text()
    found = rows(owner_engine, shift)
    assert len(found) == 1
    assert found[0].stop_id == shift.stops[0]
    assert found[0].device_at < found[0].received_at
    assert found[0].is_outside is None, "the position is off unless it is asked for"
    expect(page.get_by_test_id("stop-1")).to_have_attribute("data-sent", "true")


def test_outside_the_radius_is_flagged(phone: Open, shift: Shift, owner_engine: Engine) -> None:
    """T-P7: 300 m away it is told so, in tens of metres; at the stop it is not."""
    first, second = MAU.at(1000, 1300), MAU.at(1505, 1010)
    context = phone(permissions=["geolocation"], geolocation={"longitude": first.x, "latitude": first.y, "accuracy": 5})
    page = go(context, shift)
    page.get_by_test_id("start").click()
    page.get_by_test_id("position").check()
    expect(page.get_by_test_id("next-facts")).to_contain_text("cách 30")
    page.get_by_test_id("arrived").click()
    expect(page.get_by_test_id("card")).to_contain_text("ngoài bán kính")
    context.set_geolocation({"longitude": second.x, "latitude": second.y, "accuracy": 5})
    page.get_by_test_id("leave").click()
    expect(page.get_by_test_id("next-facts")).to_contain_text(re.compile(r"cách \d\d?(,\d)?\sm"))
    page.get_by_test_id("arrived").click()
    found = rows(owner_engine, shift, lambda all_of: len(all_of) == 2)
    assert [(one.is_outside, one.distance_m) for one in found] == [(True, 300), (False, 10)]
    expect(page.get_by_test_id("stop-1")).to_contain_text("ngoài bán kính")


def test_the_end_asks_a_reason_for_each_missed_stop(phone: Open, shift: Shift, owner_engine: Engine) -> None:
    """T-P9, and the paper loop: a code that is typed in counts as a visit."""
    page = go(phone(), shift)
    page.get_by_test_id("start").click()
    page.get_by_test_id("code").fill("ZZZZZZ")
    page.get_by_test_id("code-go").click()
    expect(page.locator("#toast")).to_contain_text("không có điểm mang mã")
    page.get_by_test_id("code").fill(shift.codes[1].lower())
    page.get_by_test_id("code-go").click()
    expect(page.get_by_test_id("stop-2")).to_have_attribute("data-sent", "true")
    page.get_by_test_id("skip").click()
    page.get_by_test_id("reason-1").select_option("no_way")
    page.get_by_test_id("end-confirm").click()
    expect(page.get_by_test_id("next-title")).to_have_text("Điểm 3")
    page.get_by_test_id("end").click()
    expect(page.get_by_test_id("end-figures")).to_have_text("1/3 điểm")
    expect(page.get_by_test_id("end-confirm")).to_be_disabled()
    page.get_by_test_id("reason-3").select_option("no_time")
    page.get_by_test_id("end-confirm").click()
    expect(page.get_by_test_id("card")).to_contain_text("Đã kết thúc: 1/3 điểm")
    found = rows(owner_engine, shift, lambda all_of: len(all_of) == 3)
    reasons = {one.stop_id: one.reason for one in found}
    assert reasons == {shift.stops[0]: "no_way", shift.stops[1]: None, shift.stops[2]: "no_time"}


def test_a_shift_left_open_says_that_it_closed_itself(phone: Open, owner_engine: Engine) -> None:
    """T-P9: not completed; the reasons can still be given."""
    old = put_shift(owner_engine, -1)
    page = go(phone(), old)
    expect(page.get_by_test_id("card")).to_contain_text("không hoàn thành")
    page.get_by_test_id("end-again").click()
    for number in (1, 2, 3):
        page.get_by_test_id(f"reason-{number}").select_option("called_away")
    page.get_by_test_id("end-confirm").click()
    expect(page.get_by_test_id("card")).to_contain_text("Đã kết thúc: 0/3 điểm")

    def told(found: list[Any]) -> bool:
        return [one.reason for one in found].count("called_away") == 3

    assert told(rows(owner_engine, old, told))
    clear(owner_engine)


@pytest.mark.parametrize("theme", ["dark", "outdoor", "light"])
def test_targets_and_axe(phone: Open, shift: Shift, theme: str) -> None:
    page = go(phone(theme), shift)
    assert page.evaluate("document.documentElement.dataset.theme") == theme

    def look() -> None:
        settle(page)
        assert small_ones(page) == []
        assert violations(page) == []
        assert fits(page)

    look()
    page.get_by_test_id("start").click()
    look()
    big = page.get_by_test_id("arrived").bounding_box()
    assert big is not None
    assert big["height"] >= 64
    assert big["y"] + big["height"] <= SMALL["height"]
    page.get_by_test_id("arrived").click()
    look()
    page.get_by_test_id("leave").click()
    page.get_by_test_id("end").click()
    look()


def test_signing_out_leaves_nothing_on_the_phone(phone: Open, shift: Shift) -> None:
    context = phone()
    page = go(context, shift, kept=True)
    page.get_by_test_id("start").click()
    assert page.evaluate("caches.keys()") != []
    page.goto("/tai-khoan")
    page.get_by_test_id("menu").click()
    page.locator("form[action='/dang-xuat'] button").click()
    page.wait_for_url("**/dang-nhap*")
    page.wait_for_function("async () => (await caches.keys()).length === 0", timeout=20_000)
    assert page.evaluate("indexedDB.databases().then((all) => all.map((one) => one.name))") == []
    context.set_offline(True)
    with pytest.raises(Exception, match=r"ERR_INTERNET_DISCONNECTED|ERR_FAILED"):
        page.goto(f"/tuan-tra/{shift.plan}/di")


def test_a_whole_stay_with_a_network_is_stored(phone: Open, shift: Shift, owner_engine: Engine) -> None:
    """The arrival has been sent when the team leaves: the minutes go out too, and nothing waits behind them."""
    context = phone()
    page = context.new_page()
    page.clock.install()
    page.goto(f"/tuan-tra/{shift.plan}/di")
    settle(page)
    page.get_by_test_id("start").click()
    page.get_by_test_id("arrived").click()
    expect(page.get_by_test_id("stop-1")).to_have_attribute("data-sent", "true")
    found = rows(owner_engine, shift, lambda all_of: len(all_of) == 1)
    assert [one.minutes for one in found] == [None], "how long is not known before they leave"
    page.clock.fast_forward("12:20")
    page.get_by_test_id("leave").click()
    page.get_by_test_id("arrived").click()
    found = rows(owner_engine, shift, lambda all_of: [one.minutes for one in all_of] == [12, None])
    assert [(one.stop_id, one.minutes) for one in found] == [(shift.stops[0], 12), (shift.stops[1], None)]
    expect(page.get_by_test_id("net")).to_have_attribute("data-waiting", "0")


def test_what_another_commune_left_waits_a_week(phone: Open, shift: Shift) -> None:
    """A session ended, somebody of another commune opens the page: nothing is sent, shown or thrown away."""
    context = phone()
    page = go(context, shift)
    queue = (
        "(add) => new Promise((ok) => { const r = indexedDB.open('patrol'); r.onsuccess = () => { const s = r.result"
        ".transaction('outbox', 'readwrite').objectStore('outbox'); add.forEach((one) => s.put(one)); "
        "const q = s.getAll(); q.onsuccess = () => ok(q.result.map((one) => one.id)); }; })"
    )
    day = 86_400_000
    now = page.evaluate("Date.now()")
    left = {"kind": "note", "plan_id": 1, "commune_id": BEN.id, "changed": "x", "refused": "words", "body": {}}
    page.evaluate(queue, [left | {"id": "young", "order": now - 6 * day}, left | {"id": "old", "order": now - 8 * day}])
    page.reload()
    settle(page)
    page.get_by_test_id("start").click()
    page.get_by_test_id("arrived").click()
    expect(page.get_by_test_id("stop-1")).to_have_attribute("data-sent", "true")
    expect(page.get_by_test_id("net")).to_have_attribute("data-waiting", "0")
    expect(page.locator("#refused")).to_be_hidden()
    assert page.evaluate(queue, []) == ["young"]
