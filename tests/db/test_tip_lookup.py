"""A receipt opens its tip; wrong and unknown codes answer alike, in content and time (T-T5, T-T7)."""

import time
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app.queries.tip_doors import MOST_ANSWERS
from gis_app.web.tip_lookup import _WAITING
from tests.db.tip_kit import Desk, pretend_load, rows, tell

ClientAs = Callable[[str | None], FlaskClient]
TEXT = "Đoạn ngõ sau chợ tối om, tối nào cũng có nhóm tụ tập"


pytestmark = pytest.mark.usefixtures("tips_open")


def look(client: FlaskClient, receipt: str) -> tuple[int, str]:
    answer = client.post("/tin/tra-cuu", data={"code": receipt})
    assert "Set-Cookie" not in answer.headers
    return answer.status_code, answer.text


def test_a_receipt_opens_its_tip_however_it_is_typed(resident: FlaskClient, code: str) -> None:
    receipt = tell(resident, code, text=TEXT)
    for typed in (
        receipt,
        receipt.lower(),
        receipt.replace("-", " "),
        f" {receipt.replace('0', 'O').replace('1', 'l')} ",
    ):
        status, page = look(resident, typed)
        assert status == 200
        assert 'aria-current="step">Mới' in page
        assert TEXT not in page, "who finds the receipt does not read the tip"


def test_a_wrong_and_an_unknown_code_answer_alike(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    tell(resident, code)
    answers, times = set(), []
    for typed in ("", "x", "7" * 20, "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ", "đ" * 300, "' OR 1=1 --", "\x00"):
        begun = time.monotonic()
        answers.add(look(resident, typed))
        times.append(time.monotonic() - begun)
    assert len(answers) == 1
    assert next(iter(answers))[0] == 404
    begun = time.monotonic()
    look(resident, tell(resident, code))
    assert max(times) - min(times) < 0.2
    assert min(times) > 0.2


def test_twenty_misses_in_a_minute_slow_everybody_down(
    resident: FlaskClient, owner_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gis_app.web.tip_lookup.ANSWER_AFTER_S", 0.0)
    monkeypatch.setattr("gis_app.web.tip_lookup.SLOW_AFTER_S", 1.0)
    with owner_engine.begin() as conn:
        conn.exec_driver_sql(
            "INSERT INTO tip_loads (scope, kind, slot, count) VALUES (0, 'missed', date_trunc('minute', now()), 18)"
        )
    times = []
    for _ in range(4):
        begun = time.monotonic()
        look(resident, "7777")
        times.append(time.monotonic() - begun)
    # The minute may end in between: then the first ones of the next are quick again.
    assert times[0] < 0.9
    assert max(times) >= 1.0 or rows(owner_engine, "SELECT count FROM tip_loads WHERE kind = 'missed'")[0][0] < 4


def test_questions_and_answers_go_both_ways(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    receipt = tell(resident, code, text=TEXT)
    answer = resident.post("/tin/tra-cuu/tra-loi", data={"code": receipt, "text": "Tối nay lại tắt"})
    assert answer.status_code == 200
    assert "Tối nay lại tắt" in answer.text
    refused = resident.post("/tin/tra-cuu/tra-loi", data={"code": receipt, "text": "Gọi tôi 0912345678"})
    assert 'data-testid="persons"' in refused.text
    for _ in range(6):
        last = resident.post("/tin/tra-cuu/tra-loi", data={"code": receipt, "text": "nữa"})
    assert "chờ trả lời" in last.text
    assert len(rows(owner_engine, "SELECT * FROM tip_messages")) == 5
    stranger = resident.post("/tin/tra-cuu/tra-loi", data={"code": "7" * 20, "text": "xin chào"})
    assert stranger.status_code == 404
    assert stranger.text == look(resident, "x")[1]


def test_an_answer_that_is_refused_was_not_kept(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    receipt = tell(resident, code)
    while _WAITING.acquire(blocking=False):
        pass
    try:
        refused = resident.post("/tin/tra-cuu/tra-loi", data={"code": receipt, "text": "Tối nay lại tắt"})
    finally:
        for _ in range(2):
            _WAITING.release()
    assert refused.status_code == 429
    assert rows(owner_engine, "SELECT * FROM tip_messages") == []


def test_who_was_asked_may_answer_whatever_others_send(
    client_as: ClientAs, resident: FlaskClient, code: str, owner_engine: Engine
) -> None:
    receipt, hoa = tell(resident, code), Desk(client_as("hoa"))
    pretend_load(owner_engine, "answered", MOST_ANSWERS)
    said = {"code": receipt, "text": "Tối nay lại tắt"}
    assert "nhiều tin nhắn" in resident.post("/tin/tra-cuu/tra-loi", data=said).text
    (tip_id,) = hoa.ids()
    assert hoa.act(tip_id, "tra-loi", template="still_so").status_code == 303
    assert "Đã gửi." in resident.post("/tin/tra-cuu/tra-loi", data=said).text
    assert len(rows(owner_engine, "SELECT id FROM tip_messages")) == 2
