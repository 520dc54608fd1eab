"""Notes of places on the phone, 360 × 640 (T-P8), and signing out with something unsent."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.browser.pages import fits, settle, violations
from tests.browser.phones import Open, go, small_ones, until
from tests.db.patrol_rows import Shift, clear, put_shift

SECRET = "16A-123.45"


@pytest.fixture
def shift(owner_engine: Engine) -> Iterator[Shift]:
    yield put_shift(owner_engine)
    clear(owner_engine)
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql("DELETE FROM place_reports WHERE source = 'patrol'")


def picture() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SECRET
    out = io.BytesIO()
    Image.new("RGB", (2400, 1800), "navy").save(out, "JPEG", exif=exif, comment=SECRET.encode())
    return out.getvalue()


def notes(engine: Engine, shift: Shift) -> list[Any]:
    with begin(engine, Actor("system")) as conn:
        return list(
            conn.exec_driver_sql(
                "SELECT r.category, r.source, r.note, p.data FROM patrol_notes AS n JOIN place_reports AS r "
                "ON r.id = n.report_id LEFT JOIN patrol_note_photos AS p ON p.note_id = n.id "
                f"WHERE n.plan_id = {shift.plan} ORDER BY n.id"
            )
        )


def open_form(page: Page) -> None:
    page.get_by_test_id("start").click()
    page.get_by_test_id("note").click()
    expect(page.get_by_test_id("note-words")).to_be_visible()


def choose(page: Page, code: str) -> None:
    page.get_by_test_id(f"note-{code}").check(force=True)


def outbox(page: Page) -> list[Any]:
    return list(
        page.evaluate(
            "() => new Promise((ok) => { const r = indexedDB.open('patrol'); r.onsuccess = () => { const q = r.result"
            ".transaction('outbox').objectStore('outbox').getAll(); q.onsuccess = () => { r.result.close(); "
            "ok(q.result); }; }; })"
        )
    )


def test_a_note_without_a_network_is_one_row_later(phone: Open, shift: Shift, owner_engine: Engine) -> None:
    """T-P8: two taps to the form; kept over a reload without a network; three sends are one row; no EXIF."""
    context = phone()
    page = go(context, shift, kept=True)
    context.set_offline(True)
    open_form(page)
    choose(page, "syringes")
    page.get_by_test_id("note-words").fill("Kim tiêm sau chợ, cạnh cột đèn 12")
    page.get_by_test_id("note-photo").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    expect(page.get_by_test_id("note-dialog")).to_contain_text("Đã có ảnh")
    page.get_by_test_id("note-send").click()
    expect(page.get_by_test_id("net")).to_contain_text("Mất mạng · 1 chờ gửi")
    page.reload()
    settle(page)
    expect(page.get_by_test_id("net")).to_have_attribute("data-waiting", "1")
    (item,) = outbox(page)
    assert SECRET not in str(item["body"])
    assert notes(owner_engine, shift) == []
    context.set_offline(False)
    expect(page.get_by_test_id("net")).to_have_attribute("data-waiting", "0", timeout=20_000)
    token = context.request.get("/api/session").json()["csrf_token"]
    for key in (f"{item['id']}-1", "another-key-1", "another-key-2"):
        answer = context.request.post(
            f"/api/patrol-plans/{shift.plan}/notes", data=item["body"],
            headers={"X-CSRFToken": token, "Idempotency-Key": key},
        )  # fmt: skip
        assert answer.ok, answer.text()
    ((category, source, note, data),) = notes(owner_engine, shift)
    assert (category, source, note) == ("syringes", "patrol", "Kim tiêm sau chợ, cạnh cột đèn 12")
    with Image.open(io.BytesIO(bytes(data))) as image:
        assert max(image.size) == 1600
        assert not image.getexif()
    assert SECRET.encode() not in bytes(data)


def test_words_about_a_person_are_stopped_without_a_network(phone: Open, shift: Shift) -> None:
    """The rules are on the phone before the form is opened for the first time."""
    context = phone()
    page = go(context, shift, kept=True)
    context.set_offline(True)
    page.reload()
    settle(page)
    open_form(page)
    choose(page, "gathering")
    page.get_by_test_id("note-words").fill("gọi 0912 345 678")
    expect(page.get_by_test_id("note-guard")).to_contain_text("Có thông tin về người")
    expect(page.get_by_test_id("note-send")).to_be_disabled()


@pytest.mark.parametrize("words", ["anh Tuấn hay đứng ở đây", "gọi 0912 345 678", "xe 16A-123.45 đỗ đêm"])
def test_words_about_a_person_are_stopped_while_typing(phone: Open, shift: Shift, words: str) -> None:
    """T-P8: a name, a telephone, a plate: said, not sent, covered by one tap; a street's name passes."""
    page = go(phone(), shift)
    open_form(page)
    choose(page, "gathering")
    field, send = page.get_by_test_id("note-words"), page.get_by_test_id("note-send")
    field.fill("Đường Trần Nhân Tông tối, có nhóm tụ tập")
    expect(send).to_be_enabled()
    expect(page.get_by_test_id("note-guard")).to_be_empty()
    field.fill(words)
    expect(page.get_by_test_id("note-guard")).to_contain_text("Có thông tin về người")
    expect(send).to_be_disabled()
    page.get_by_test_id("note-mask").click()
    expect(send).to_be_enabled()
    assert "…" in field.input_value()
    expect(page.get_by_test_id("note-guard")).to_be_empty()


@pytest.mark.parametrize("theme", ["dark", "outdoor"])
def test_the_form_at_360(phone: Open, shift: Shift, theme: str) -> None:
    page = go(phone(theme), shift)
    open_form(page)
    page.get_by_test_id("note-words").fill("anh Tuấn")
    expect(page.get_by_test_id("note-mask")).to_be_visible()
    assert small_ones(page) == []
    assert violations(page) == []
    assert fits(page)


def test_a_note_that_is_refused_can_be_mended(phone: Open, shift: Shift, owner_engine: Engine) -> None:
    context = phone(service_workers="block")
    # The phone asks for the rules when it opens the walk.
    context.route("**/person_guard.json", lambda route: route.abort())
    page = go(context, shift)
    open_form(page)
    choose(page, "other")
    page.get_by_test_id("note-words").fill("gọi 0912 345 678")
    page.get_by_test_id("note-send").click()
    expect(page.get_by_test_id("refused")).to_contain_text("số điện thoại")
    assert notes(owner_engine, shift) == []
    page.get_by_test_id("note-mend").click()
    page.get_by_test_id("note-words").fill("Cống hở nắp")
    page.get_by_test_id("note-send").click()
    expect(page.get_by_test_id("refused")).to_be_hidden()
    found = until(lambda: notes(owner_engine, shift), lambda rows: len(rows) == 1)
    assert found[0].note == "Cống hở nắp"


def sign_out(page: Page) -> None:
    page.get_by_test_id("menu").click()
    page.get_by_test_id("sign-out").click()


def keep_one(context: BrowserContext, shift: Shift) -> Page:
    """A phone with a check-in that could not be sent, on the page of the account."""
    page = go(context, shift, kept=True)
    page.get_by_test_id("start").click()
    page.route("**/api/patrol-plans/*/visits", lambda route: route.abort())
    page.get_by_test_id("arrived").click()
    expect(page.get_by_test_id("net")).to_have_attribute("data-waiting", "1")
    page.goto("/tai-khoan")
    sign_out(page)
    expect(page.get_by_test_id("unsent-said")).to_contain_text("Còn 1 mục ghi khi mất mạng chưa gửi")
    return page


def visits(engine: Engine, shift: Shift) -> int:
    with begin(engine, Actor("system")) as conn:
        text = f"SELECT count(*) FROM patrol_visits WHERE plan_id = {shift.plan}"
        return int(conn.exec_driver_sql(text).scalar_one())


def gone(page: Page) -> None:
    page.wait_for_url("**/dang-nhap*")
    page.wait_for_function(
        "async () => (await indexedDB.databases()).length === 0 && (await caches.keys()).length === 0", timeout=20_000
    )


@pytest.mark.parametrize("send_first", [True, False])
def test_signing_out_says_what_was_not_sent(phone: Open, shift: Shift, owner_engine: Engine, send_first: bool) -> None:
    """A phone that is shared: sent first, or wiped knowingly; either way nothing stays."""
    page = keep_one(phone(), shift)
    assert violations(page) == []
    assert fits(page)
    if send_first:
        page.get_by_test_id("unsent-send").click()
        # Refused once more: still here.
        expect(page.get_by_test_id("unsent-said")).to_contain_text("Vẫn còn 1 mục")
        page.unroute("**/api/patrol-plans/*/visits")
        page.get_by_test_id("unsent-send").click()
    else:
        page.get_by_test_id("unsent-stay").click()
        expect(page.get_by_test_id("unsent")).to_be_hidden()
        sign_out(page)
        page.get_by_test_id("unsent-wipe").click()
    gone(page)
    assert visits(owner_engine, shift) == int(send_first)


def test_the_leader_makes_a_task_in_one_click(
    phone: Open, page_as: Callable[[str], Page], shift: Shift, owner_engine: Engine
) -> None:
    page = go(phone(), shift)
    open_form(page)
    choose(page, "gathering")
    page.get_by_test_id("note-send").click()
    until(lambda: notes(owner_engine, shift), lambda rows: len(rows) == 1)
    desk = page_as("hoa")
    desk.goto(f"/tuan-tra/{shift.plan}")
    settle(desk)
    expect(desk.get_by_test_id("notes")).to_contain_text("Tụ tập")
    assert violations(desk) == []
    desk.get_by_test_id("make-hotspot").click()
    expect(desk.get_by_test_id("made")).to_contain_text("Đã lập điểm nóng")
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql("DELETE FROM hotspots WHERE source_kind = 'patrol' AND state = 'new'")
