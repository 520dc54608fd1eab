"""What stands between the tip form and a flood: work, question, one form for one tip, places apart. T-T5, T-T6."""

import datetime as dt
import io
import re
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.engine import Engine

from gis_app.db import begin
from gis_app.jobs.tip_proof import LEAST_BITS, reach_of
from gis_app.queries.tip_doors import MOST_HELD, MOST_OPEN, POSTER_SHARE
from gis_app.web.tip_codes import poster_code, share_of
from tests.builders import BEN, MAU
from tests.db.conftest import actor_of
from tests.db.tip_kit import (
    box_of,
    fields_of,
    fill_held,
    open_form,
    pretend_load,
    receipt_in,
    rows,
    send_form,
    tell,
    worked_again,
    worked_form,
)  # fmt: skip

ClientAs = Callable[[str | None], FlaskClient]
SPOT = f"{MAU.at(700.0, 500.0).x:.4f},{MAU.at(700.0, 500.0).y:.4f}"
TEXT = "Đoạn ngõ sau chợ tối om, tối nào cũng có nhóm tụ tập"


pytestmark = pytest.mark.usefixtures("tips_open")


def test_three_sendings_are_one_tip_with_one_receipt(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    fields = open_form(resident, code) | {"text": TEXT}
    receipts = {receipt_in(send_form(resident, code, fields)) for _ in range(3)}
    assert len(receipts) == 1
    assert len(rows(owner_engine)) == 1


def form_in(html: str) -> dict[str, str]:
    """The fields that a form holds once more, with its question answered."""
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))
    return hidden | {"text": re.search(r'name="text"[^>]*>([^<]*)<', html)[1]} | fields_of(html)  # type: ignore[index]


def test_work_stands_in_for_the_answer_and_comes_again(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    fields = worked_form(resident, code)
    receipts = {receipt_in(send_form(resident, code, fields)) for _ in range(3)}
    assert len(receipts) == 1
    pretend_load(owner_engine, "sent", 300)
    assert receipt_in(send_form(resident, code, fields)) in receipts, "what was taken is never asked for more"
    assert send_form(resident, code, fields | {"client_id": str(uuid.uuid4())}).status_code == 422
    assert set(resident.get(f"/tin/{code}/moi").json) == {"token", "nonce", "bits"}
    assert len(rows(owner_engine)) == 1


def test_a_form_is_good_for_one_tip(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    """One cheap form of before, with work for each of many tips."""
    html = resident.get(f"/tin/{code}").text
    nonce = re.search(r'data-nonce="(\w+)"', html)[1]  # type: ignore[index]
    fields = fields_of(html) | {"text": TEXT}
    answered = dict(fields)
    receipt_in(send_form(resident, code, worked_again(fields | {"answer": ""}, nonce, LEAST_BITS)))
    for attack in (worked_again(fields | {"answer": ""}, nonce, LEAST_BITS), answered):
        refused = send_form(resident, code, attack)
        assert refused.status_code == 422
        assert 'data-testid="fault-answer"' in refused.text
        assert TEXT in refused.text, "nothing typed is lost"
    assert len(rows(owner_engine)) == 1
    receipt_in(send_form(resident, code, form_in(refused.text)))
    assert len(rows(owner_engine)) == 2


def test_a_form_stays_used_when_its_tip_was_thrown_away(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    fields = open_form(resident, code) | {"website": "x"}
    receipt_in(send_form(resident, code, fields))
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM tips")
    assert send_form(resident, code, fields).status_code == 422
    assert rows(owner_engine) == []


def test_cheap_forms_of_a_quiet_hour_are_asked_for_the_work_of_now(
    resident: FlaskClient, code: str, owner_engine: Engine
) -> None:
    """Forms that were laid in store at night let in no more tips than a quiet hour has."""
    stored = [worked_form(resident, code) | {"text": TEXT, "precision": "point", "spot": SPOT} for _ in range(4)]
    pretend_load(owner_engine, "sent", 18)
    assert [send_form(resident, code, one).status_code for one in stored] == [201, 201, 422, 422]
    assert rows(owner_engine, "SELECT count FROM tip_loads WHERE kind = 'sent'")[0].count == 20, (
        "refused is not counted"
    )
    answer = send_form(resident, code, stored[2])
    assert 'data-bits="16"' in answer.text
    assert 'data-again="1"' in answer.text, "the script goes on by itself"
    again = form_in(answer.text)
    assert (again["text"], again["spot"]) == (TEXT, SPOT)
    nonce = re.search(r'data-nonce="(\w+)"', answer.text)[1]  # type: ignore[index]
    worked = worked_again(again | {"answer": "", "precision": "point"}, nonce, 16)
    receipt_in(send_form(resident, code, worked))
    # And without a script the question.
    receipt_in(send_form(resident, code, form_in(send_form(resident, code, stored[3]).text)))
    assert len(rows(owner_engine)) == 4


def test_a_script_that_was_asked_for_more_gives_up_after_some_tries(
    resident: FlaskClient, code: str, owner_engine: Engine
) -> None:
    fields = worked_form(resident, code)
    pretend_load(owner_engine, "sent", 20)
    for tries, again in (("0", True), ("2", True), ("3", False), ("x", False), ("999", False)):
        answer = send_form(resident, code, fields | {"tries": tries})
        assert answer.status_code == 422
        assert ("data-again" in answer.text) is again, tries
    photo = {"photo": (io.BytesIO(small_picture()), "a.jpg")}
    assert "data-again" not in send_form(resident, code, fields | photo).text, "the photo must be chosen again"


def small_picture() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((60, 40), 90).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def test_old_questions_close_no_box(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    """Machines answer questions: they fill their own places, wait apart, and keep out nobody who works."""
    stored = [open_form(resident, code) for _ in range(4)]
    pretend_load(owner_engine, "asked", MOST_OPEN["asked"] - 1)
    assert [send_form(resident, code, one).status_code for one in stored[:2]] == [201, 201]
    assert sorted(row.is_held for row in rows(owner_engine)) == [False, True]
    tell_worked = worked_form(resident, code)
    assert 'data-bits="14"' in resident.get(f"/tin/{code}").text, "questions make no work dearer"
    fill_held(owner_engine, MOST_HELD["asked"])
    answer = send_form(resident, code, stored[2] | {"text": TEXT})
    assert answer.status_code == 429
    assert TEXT in answer.text
    assert "JavaScript" in answer.text
    receipt_in(send_form(resident, code, tell_worked))
    pretend_load(owner_engine, "sent", MOST_OPEN["sent"])
    receipt_in(send_form(resident, code, worked_form(resident, code)))
    assert rows(owner_engine, "SELECT count(*) FILTER (WHERE NOT is_held) AS n FROM tips")[0].n == 2
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM tips WHERE is_held")
    receipt_in(send_form(resident, code, stored[3]))


def test_what_waits_apart_is_bounded(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    pretend_load(owner_engine, "sent", MOST_OPEN["sent"])
    fill_held(owner_engine, MOST_HELD["sent"])
    assert send_form(resident, code, worked_form(resident, code)).status_code == 429
    assert len(rows(owner_engine)) == MOST_HELD["sent"]


def test_photos_that_wait_apart_are_bounded(
    resident: FlaskClient, code: str, owner_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gis_app.queries.tip_doors.MOST_PHOTO_BYTES", 28_500)
    fill_held(owner_engine, 2, photo_bytes=14_000)
    fields = open_form(resident, code) | {"text": TEXT, "website": "x"}
    answer = send_form(resident, code, fields | {"photo": (io.BytesIO(small_picture()), "a.jpg")})
    receipt_in(answer)
    assert 'data-testid="bare"' in answer.text, "and it is told"
    assert rows(owner_engine, "SELECT photo FROM tips WHERE octet_length(body) > 0") == [(None,)]


def test_two_at_once_are_two_of_the_hour(code: str, app: Flask, owner_engine: Engine) -> None:
    pretend_load(owner_engine, "sent", 18)
    stored = [worked_form(app.test_client(), code) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda one: send_form(app.test_client(), code, one).status_code, stored))
    assert said.count(201) <= 2
    assert set(said) <= {201, 422, 429}


def test_forms_that_are_asked_for_at_once_are_told_to_wait(
    resident: FlaskClient, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood of forms, or of posts without work, keeps out no tip."""
    wrong, right = open_form(resident, code) | {"answer": "99", "text": TEXT}, open_form(resident, code)
    taken = threading.BoundedSemaphore(1)
    taken.acquire()
    monkeypatch.setattr("gis_app.web.tips._FORMS", taken)
    monkeypatch.setattr("gis_app.web.tips._PATIENCE_S", 0.01)
    busy = resident.get(f"/tin/{code}?to={right['to']}")
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "5")
    assert f"/tin/{code}?to={right['to']}" in busy.text
    assert resident.get(f"/tin/{code}/ban-do?to={right['to']}").status_code == 429
    answer = send_form(resident, code, wrong)
    assert answer.status_code == 429
    assert TEXT in answer.text
    receipt_in(send_form(resident, code, right))


def test_a_form_that_was_used_keeps_nobody_out(
    resident: FlaskClient, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand posts of one used form stand with the forms, not with the tips."""
    html = resident.get(f"/tin/{code}").text
    nonce = re.search(r'data-nonce="(\w+)"', html)[1]  # type: ignore[index]
    used = [worked_again(fields_of(html) | {"answer": ""}, nonce, LEAST_BITS) for _ in range(3)]
    assert [send_form(resident, code, one).status_code for one in used[:2]] == [201, 422]
    taken = threading.BoundedSemaphore(1)
    taken.acquire()
    monkeypatch.setattr("gis_app.web.tips._FORMS", taken)
    monkeypatch.setattr("gis_app.web.tips._PATIENCE_S", 0.01)
    assert send_form(resident, code, used[2]).status_code == 429


def test_marks_tell_nothing_and_go(resident: FlaskClient, code: str, owner_engine: Engine, engine: Engine) -> None:
    fields = open_form(resident, code)
    receipt_in(send_form(resident, code, fields))
    ((mark, day),) = rows(owner_engine, "SELECT mark, used_on FROM tip_marks")
    assert isinstance(day, dt.date)
    assert not isinstance(day, dt.datetime)
    assert str(mark) not in fields["token"]
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("UPDATE tip_marks SET used_on = used_on - 2")
    receipt_in(send_form(resident, code, open_form(resident, code)))
    assert len(rows(owner_engine, "SELECT mark FROM tip_marks")) == 1, "no token of that day is read any more"
    assert rows(owner_engine, "SELECT relpersistence FROM pg_class WHERE relname = 'tip_marks'") == [("u",)]
    for username in ("hoa", "quantri"):
        with begin(engine, actor_of(username)) as conn, pytest.raises(sa.exc.ProgrammingError):
            conn.exec_driver_sql("SELECT * FROM tip_marks")


@pytest.mark.parametrize(
    "change", [{"answer": "99"}, {"answer": ""}, {"token": ""}, {"token": "x.y.z"}, {"proof": "12", "answer": ""}]
)
def test_neither_answer_nor_work_is_no_tip_and_loses_no_word(
    resident: FlaskClient, code: str, owner_engine: Engine, change: dict[str, str]
) -> None:
    answer = send_form(resident, code, open_form(resident, code) | {"text": TEXT} | change)
    assert answer.status_code == 422
    assert TEXT in answer.text
    assert "fault-answer" in answer.text
    assert rows(owner_engine) == []


def test_the_answer_may_be_in_words(resident: FlaskClient, code: str) -> None:
    fields = open_form(resident, code)
    words = {str(n): t for t, n in [("mười một", 11), ("Muoi hai", 12), ("chín", 9), ("mười", 10), ("tám", 8)]}
    fields["answer"] = words.get(fields["answer"], fields["answer"])
    assert send_form(resident, code, fields).status_code == 201


def test_a_token_of_another_commune_is_none(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    fields = open_form(resident, box_of(owner_engine, BEN))
    answer = send_form(resident, code, fields | {"text": TEXT})
    assert answer.status_code in (200, 422)
    assert rows(owner_engine) == []


def test_who_fills_in_what_nobody_sees_waits_apart(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    tell(resident, code, website="http://spam")
    assert [row.is_held for row in rows(owner_engine)] == [True]


def test_the_more_come_the_more_work(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    for load, bits in ((0, 14), (20, 16), (60, 18), (200, 20), (400, 21), (2000, 21)):
        pretend_load(owner_engine, "sent", load)
        assert f'data-bits="{bits}"' in resident.get(f"/tin/{code}").text
        assert reach_of(bits) is None or reach_of(bits) > load


def test_without_a_database_nothing_typed_is_lost(
    resident: FlaskClient, code: str, owner_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = open_form(resident, code) | {"text": TEXT}

    def fail(*_args: object, **_named: object) -> None:
        raise sa.exc.OperationalError("SELECT 1", {}, Exception(TEXT))

    with monkeypatch.context() as broken:
        broken.setattr("gis_app.queries.tip_doors.insert_tip", fail)
        answer = send_form(resident, code, fields)
    assert answer.status_code == 503
    assert TEXT in answer.text
    again = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
    receipt_in(send_form(resident, code, again))
    assert len(rows(owner_engine)) == 1


def poster_of(app: Flask, box: str) -> str:
    """The code of a box as its poster has it."""
    return poster_code(app.config["SECRET_KEY"], box)


def test_machines_that_answer_questions_keep_out_nobody_at_a_poster(
    app: Flask, resident: FlaskClient, code: str, owner_engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every place that answered questions may take is full, and machines go on: who stands at a box gets in."""
    pretend_load(owner_engine, "asked", MOST_OPEN["asked"])
    fill_held(owner_engine, MOST_HELD["asked"])
    passed = {"code of a box": 0, "poster of a box": 0}
    for _ in range(POSTER_SHARE):
        for name, door in (("code of a box", code), ("poster of a box", poster_of(app, code))):
            # Three machines before each resident.
            assert [send_form(resident, code, open_form(resident, code)).status_code for _ in range(3)] == [429] * 3
            passed[name] += send_form(resident, door, open_form(resident, door)).status_code == 201
    with capsys.disabled():
        print(f"\nresidents without JavaScript who get in while machines send, of {POSTER_SHARE}: {passed}")
    assert passed == {"code of a box": 0, "poster of a box": POSTER_SHARE}
    assert [row.n for row in rows(owner_engine, "SELECT count(*) AS n FROM tips WHERE NOT is_held")] == [POSTER_SHARE]


def test_a_poster_that_a_machine_has_read_costs_its_own_places_alone(
    app: Flask, resident: FlaskClient, code: str, owner_engine: Engine
) -> None:
    pretend_load(owner_engine, "asked", MOST_OPEN["asked"])
    fill_held(owner_engine, MOST_HELD["asked"])
    first, second = poster_of(app, code), poster_of(app, f"{MAU.id}-b{board_of(owner_engine)}")
    for _ in range(POSTER_SHARE):
        receipt_in(send_form(resident, first, open_form(resident, first)))
    refused = send_form(resident, first, open_form(resident, first) | {"text": TEXT})
    assert refused.status_code == 429
    assert TEXT in refused.text
    # Typed by hand, in small letters, from the poster of the board over there.
    again = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', refused.text))
    receipt_in(send_form(resident, code, again | {"poster": f" http://x.vn/tin/{second.lower()}"}))
    counted = rows(owner_engine, "SELECT kind, count FROM tip_loads WHERE kind ~ '^box' ORDER BY count")
    assert [row.count for row in counted] == [1, POSTER_SHARE]
    assert all(re.fullmatch(r"box[0-9a-f]{12}", row.kind) for row in counted), "no box stands there by its number"


def test_a_wrong_word_is_no_word(app: Flask, resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    right = poster_of(app, code)
    for wrong in (f"{code}-00000", f"{box_of(owner_engine, BEN)}-{right[-5:]}"):
        assert share_of(app.config["SECRET_KEY"], wrong) is None
    assert share_of(app.config["SECRET_KEY"], "", right) is not None
    assert resident.get(f"/tin/{code}-00000").status_code == 200
    tell(resident, f"{code}-00000")
    assert rows(owner_engine, "SELECT kind FROM tip_loads") == [("asked",)]


def board_of(engine: Engine) -> int:
    """A notice board of the commune."""
    return int(rows(engine, f"SELECT min(id) AS id FROM notice_boards WHERE commune_id = {MAU.id}")[0].id)
