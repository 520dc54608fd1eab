"""A resident's tip, from the form to the database, without JavaScript: T-T1 to T-T7 as far as a server shows them."""

import io
import re
import uuid
from collections.abc import Callable, Iterator
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.engine import Connection, Engine

from gis_app.db import NOBODY, begin
from gis_app.jobs import tip_box
from tests.builders import BEN, CAST, MAU
from tests.db.conftest import actor_of
from tests.db.tip_kit import box_of, fields_of, open_form, open_tips, receipt_in, rows, send_form, tell, wipe_tips

ClientAs = Callable[[str | None], FlaskClient]
TEXT = "Đoạn ngõ sau chợ tối om, tối nào cũng có nhóm tụ tập"


@pytest.fixture(autouse=True)
def _tips(owner_engine: Engine) -> Iterator[None]:
    open_tips(owner_engine)
    yield
    wipe_tips(owner_engine)


@pytest.fixture
def code(owner_engine: Engine) -> str:
    """The code on Xã Mẫu's box."""
    return box_of(owner_engine)


@pytest.fixture
def resident(client_as: ClientAs) -> FlaskClient:
    """Somebody with a telephone."""
    return client_as(None)


def test_the_form_needs_no_account_cookie_script_or_third_party(resident: FlaskClient, code: str) -> None:
    for address in ("/tin", f"/tin/{MAU.id}", f"/tin/{code}", "/tin/tra-cuu"):
        answer = resident.get(address)
        assert answer.status_code == 200, address
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert not re.search(r'(src|href|action)="(https?:)?//', answer.text)
        assert "tel:113" in answer.text or address == "/tin/tra-cuu"
    page = resident.get(f"/tin/{code}").text
    assert page.count('name="subject"') <= 7
    assert 'value="group" data-testid="precision-group" checked' in page
    assert "Tổ dân phố số" in page
    assert len(page) < 30_000


def test_an_officer_who_reads_the_form_is_a_stranger(client_as: ClientAs, code: str) -> None:
    answer = client_as("hoa").get(f"/tin/{code}")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "hoa" not in re.findall(r"\w+", answer.text)


def test_a_box_that_is_gone_leads_to_the_villages_and_a_strange_code_to_nothing(resident: FlaskClient) -> None:
    gone = resident.get(f"/tin/{MAU.id}-h999999999")
    assert gone.status_code == 200
    assert "không còn ở đây" in gone.text
    assert gone.text.count("?to=") == 4
    for strange in ("00000", "x" * 40, f"{MAU.id}-q1", "%00"):
        assert resident.get(f"/tin/{strange}").status_code == 404


def test_a_commune_that_takes_no_tips_has_no_form(resident: FlaskClient, owner_engine: Engine, code: str) -> None:
    fields = open_form(resident, code)
    with owner_engine.begin() as conn:
        conn.exec_driver_sql(f"UPDATE tip_settings SET is_open = false WHERE commune_id = {MAU.id}")
    assert resident.get(f"/tin/{code}").status_code == 404
    assert send_form(resident, code, fields).status_code == 404
    assert str(MAU.id) not in resident.get("/tin").text
    assert str(BEN.id) in resident.get("/tin").text


def test_what_is_kept_of_a_tip(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    receipt = tell(resident, code, text=TEXT)
    assert len(receipt.replace("-", "")) * 5 >= 80
    (row,) = rows(owner_engine)
    assert (row.commune_id, row.subject, row.precision, row.state, row.is_held) == (
        MAU.id, "dark_street", "group", "new", False)  # fmt: skip
    told = row.received_at.astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    assert (told.hour in (0, 12), told.minute, told.second, told.microsecond) == (True, 0, 0, 0)
    with owner_engine.begin() as conn:
        dump = str(conn.exec_driver_sql("SELECT jsonb_agg(t) FROM tips AS t").scalar_one())
        logged = conn.exec_driver_sql("SELECT count(*) FROM audit_entries WHERE table_name LIKE 'tip%%'").scalar_one()
    assert logged == 0, "the log has exact times"
    for secret in (receipt, receipt.replace("-", ""), "ngõ", TEXT.encode().hex()):
        assert secret not in dump
    assert len(row.body) > 1024


def test_three_sendings_are_one_tip_with_one_receipt(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    fields = open_form(resident, code) | {"text": TEXT}
    receipts = {receipt_in(send_form(resident, code, fields)) for _ in range(3)}
    assert len(receipts) == 1
    assert len(rows(owner_engine)) == 1


def work(form_html: str, client_id: str) -> str:
    nonce = re.search(r'data-nonce="(\w+)"', form_html)[1]  # type: ignore[index]
    bits = int(re.search(r'data-bits="(\d+)"', form_html)[1])  # type: ignore[index]
    for counter in range(2**24):
        digest = sha256(f"{nonce}:{client_id}:{counter}".encode()).digest()
        if int.from_bytes(digest) >> (256 - bits) == 0:
            return str(counter)
    raise AssertionError("no work found")


def test_work_stands_in_for_the_answer_and_is_good_for_one_tip(
    resident: FlaskClient, code: str, owner_engine: Engine
) -> None:
    html = resident.get(f"/tin/{code}").text
    client_id = str(uuid.uuid4())
    fields = fields_of(html) | {"answer": "", "client_id": client_id, "proof": work(html, client_id)}
    receipts = {receipt_in(send_form(resident, code, fields)) for _ in range(3)}
    assert len(receipts) == 1
    stolen = send_form(resident, code, fields | {"client_id": str(uuid.uuid4())})
    assert stolen.status_code == 422
    renewed = resident.get(f"/tin/{code}/moi").json
    assert set(renewed) == {"token", "nonce", "bits"}
    assert len(rows(owner_engine)) == 1


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


@pytest.mark.parametrize(("precision", "kept"), [("street", "road_id"), ("point", "spot"), ("point", "landmark")])
def test_the_place_is_as_coarse_as_chosen(
    resident: FlaskClient, code: str, owner_engine: Engine, precision: str, kept: str
) -> None:
    page = resident.get(f"/tin/{code}").text
    road = re.search(r'<option value="(\d+)">Phố', page)[1]  # type: ignore[index]
    tap = MAU.at(512.3456, 498.7654)
    # A landmark that was chosen beats a fix from before.
    places = {"spot": "106.1,20.1", kept: f"{tap.x!r},{tap.y!r}", "road_id": road}
    tell(resident, code, precision=precision, **places)
    (row,) = rows(owner_engine, "SELECT *, ST_X(geom) AS x, ST_Y(geom) AS y FROM tips")
    assert row.x == round(row.x, 4)
    if kept == "road_id":
        assert row.road_id == int(road)
        middle = rows(
            owner_engine,
            f"SELECT ST_X(p) AS x, ST_Y(p) AS y FROM (SELECT ST_LineInterpolatePoint(geom, .5) AS p FROM roads "
            f"WHERE id = {road}) AS m",
        )[0]
        assert (row.x, row.y) == (round(middle.x, 4), round(middle.y, 4))
    else:
        assert (row.x, row.y) == (round(tap.x, 4), round(tap.y, 4))
        assert tap.x not in (row.x, row.y)


@pytest.mark.parametrize(
    "values",
    [
        {"subject": "person"}, {"subject": ""}, {"precision": "house"}, {"precision": "street"},
        {"precision": "point", "spot": "106.1,20.1"}, {"precision": "point", "spot": "nan,1"}, {"text": "x" * 501},
        {"precision": "street", "road_id": "999999999999"}, {"to": "99999999999"}, {"text": "a\x07b"},
        {"subject": "light_out", "device_number": "0912345678"},
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_kept(
    resident: FlaskClient, code: str, owner_engine: Engine, values: dict[str, str]
) -> None:
    answer = send_form(resident, code, open_form(resident, code) | values)
    assert answer.status_code == 422, answer.text
    assert rows(owner_engine) == []


def test_places_of_another_commune_are_none(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    (road,) = rows(owner_engine, f"SELECT min(id) AS id FROM roads WHERE commune_id = {BEN.id}")
    (group,) = rows(owner_engine, f"SELECT min(id) AS id FROM groups WHERE commune_id = {BEN.id}")
    for values in ({"precision": "street", "road_id": str(road.id)}, {"to": str(group.id)}):
        assert send_form(resident, code, open_form(resident, code) | values).status_code == 422
    assert resident.get(f"/tin/{code}/ban-do?to={group.id}").status_code == 404
    assert BEN.marker not in resident.get(f"/tin/{code}?to={group.id}").text
    assert rows(owner_engine) == []


def test_a_light_is_found_by_its_number(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    tell(resident, code, subject="light_out", device_number="mau1-L5")
    (row,) = rows(owner_engine)
    (light,) = rows(owner_engine, "SELECT id FROM lights WHERE external_id = 'MAU1-l5'")
    assert (row.device_layer, row.device_id) == ("lights", light.id)


def test_the_little_map_has_numbers_and_nothing_secret(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    fields = open_form(resident, code)
    found = resident.get(f"/tin/{code}/ban-do?to={fields['to']}")
    assert found.status_code == 200
    assert {layer for layer, *_ in found.json["devices"]} <= {"lights", "cameras"}
    assert found.json["streets"]
    assert "hotspot" not in found.text
    assert BEN.marker not in found.text


@pytest.mark.parametrize(
    ("text", "hard"),
    [
        ("gọi 0912345678 sẽ rõ", True), ("số căn cước 031203004567", True), ("xe 15B1-234.56 hay đậu", True),
        ("anh Hùng hay đứng ở đây", False),
    ],
)  # fmt: skip
def test_a_person_is_refused_or_covered(
    resident: FlaskClient, code: str, owner_engine: Engine, app: Flask, text: str, hard: bool
) -> None:
    fields = open_form(resident, code) | {"text": text}
    answer = send_form(resident, code, fields)
    assert answer.status_code == 422
    assert 'data-testid="persons"' in answer.text
    assert ('data-testid="keep"' in answer.text) is not hard
    if hard:
        assert send_form(resident, code, fields | {"keep": "1"}).status_code == 422
    assert rows(owner_engine) == []
    receipt_in(send_form(resident, code, fields | {"mask": "1"}))
    (row,) = rows(owner_engine)
    words = tip_box.unseal_words(app.config["SECRET_KEY"], row.id, "body", row.body)
    assert words is not None
    assert "[đã che]" in words["text"]
    assert not set(re.findall(r"\d{6,}|Hùng", words["text"]))


def test_streets_that_are_named_after_people_pass(resident: FlaskClient, code: str) -> None:
    tell(resident, code, text="Đường Trần Nhân Tông và phố Bùi Viện tối, đèn tắt")


def picture() -> bytes:
    exif = Image.Exif()
    exif[0x0110] = "MAY ANH CUA TOI"
    exif[0x8825] = {1: "N", 2: (20.0, 40.0, 30.0), 3: "E", 4: (106.0, 40.0, 30.0)}
    out = io.BytesIO()
    Image.effect_noise((1200, 900), 90).convert("RGB").save(out, "JPEG", exif=exif, quality=95)
    return out.getvalue()


def test_a_photo_is_made_anew_and_never_touches_the_disk(
    resident: FlaskClient, code: str, owner_engine: Engine, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise AssertionError("a file on the disk")

    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", refuse)
    monkeypatch.setattr("werkzeug.formparser.default_stream_factory", refuse)
    data = picture()
    assert len(data) > 600_000, "as large as what Werkzeug would put on the disk"
    receipt_in(send_form(resident, code, open_form(resident, code) | {"photo": (io.BytesIO(data), "con-trai-toi.jpg")}))
    (row,) = rows(owner_engine)
    kept = tip_box.unseal(app.config["SECRET_KEY"], row.id, "photo", row.photo)
    assert kept is not None
    assert not Image.open(io.BytesIO(kept)).getexif()
    assert b"MAY ANH" not in kept
    assert b"con-trai" not in bytes(row.photo)


@pytest.mark.parametrize("data", [b"GIF89a", b"\xff\xd8\xff" + b"x" * 2000, b"<svg onload=alert(1)>", b"PK\x03\x04zzz"])
def test_a_file_that_is_no_photo_is_refused(
    resident: FlaskClient, code: str, owner_engine: Engine, data: bytes
) -> None:
    answer = send_form(resident, code, open_form(resident, code) | {"text": TEXT, "photo": (io.BytesIO(data), "a.jpg")})
    assert answer.status_code == 422
    assert TEXT in answer.text
    assert rows(owner_engine) == []


def test_who_fills_in_what_nobody_sees_waits_apart(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    tell(resident, code, website="http://spam")
    assert [row.is_held for row in rows(owner_engine)] == [True]


def test_a_flood_waits_apart_and_then_is_refused(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    def pretend(count: int) -> None:
        with owner_engine.begin() as conn:
            conn.exec_driver_sql(
                "INSERT INTO tip_loads (scope, kind, slot, count) "
                f"VALUES ({MAU.id}, 'sent', date_trunc('hour', now()), {count}) "
                "ON CONFLICT (scope, kind) DO UPDATE SET count = EXCLUDED.count, slot = EXCLUDED.slot"
            )

    assert 'data-bits="14"' in resident.get(f"/tin/{code}").text
    pretend(39)
    tell(resident, code)
    tell(resident, code)
    assert sorted(row.is_held for row in rows(owner_engine)) == [False, True]
    pretend(300)
    assert 'data-bits="20"' in resident.get(f"/tin/{code}").text
    pretend(400)
    answer = send_form(resident, code, open_form(resident, code) | {"text": TEXT})
    assert answer.status_code == 429
    assert TEXT in answer.text, "nothing typed is lost"
    assert len(rows(owner_engine)) == 2


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


def test_nobody_reads_or_writes_tips_past_the_functions(resident: FlaskClient, code: str, engine: Engine) -> None:
    tell(resident, code)

    def ask(username: str, text: str) -> sa.CursorResult[tuple[int]]:
        with begin(engine, actor_of(username)) as conn:
            return conn.exec_driver_sql(text).freeze()()  # type: ignore[return-value]

    counts = {name: ask(name, "SELECT count(id) FROM tips").scalar_one() for name in CAST if name != "quantri"}
    assert counts == {"an": 1, "binh": 0, "chi": 0, "hoa": 1, "lan": 0, "dung": 0, "giang": 0}
    with begin(engine, NOBODY) as conn:
        assert conn.exec_driver_sql("SELECT count(id) FROM tips").scalar_one() == 0
    refused = (
        ("quantri", "SELECT id FROM tips"), ("hoa", "SELECT receipt_hash FROM tips"), ("hoa", "SELECT * FROM tips"),
        ("hoa", "INSERT INTO tips (id) VALUES (1)"), ("an", "UPDATE tips SET body = ''"),
        ("an", "SELECT * FROM tip_loads"), ("binh", "SELECT delete_old_tips(0) FROM tip_loads"),
    )  # fmt: skip
    for username, text in refused:
        with pytest.raises(sa.exc.ProgrammingError):
            ask(username, text)
    with begin(engine, actor_of("hoa")) as conn:
        assert conn.exec_driver_sql("DELETE FROM tips").rowcount == 0


def test_others_read_the_street_and_no_word(
    resident: FlaskClient, code: str, owner_engine: Engine, conn_as: Callable[[str], Connection]
) -> None:
    tap = MAU.at(710.0, 505.0)
    tell(resident, code, precision="point", spot=f"{tap.x},{tap.y}", text=TEXT)
    (exact,) = rows(owner_engine, "SELECT ST_AsText(geom) AS at FROM tips")
    for username, count in (("binh", 1), ("chi", 1), ("lan", 1), ("hoa", 0), ("an", 0), ("dung", 0)):
        found = conn_as(username).exec_driver_sql("SELECT *, ST_AsText(geom) AS at FROM tips_coarse").all()
        assert len(found) == count, username
        for row in found:
            assert row.at != exact.at
            assert row.precision == "street"
            assert row.shared is None
            assert not {"body", "photo", "device_id"} & set(row._mapping)


def test_the_server_s_own_log_is_told_nothing(engine: Engine) -> None:
    with engine.begin() as conn:
        conn.exec_driver_sql("SELECT hush()")
        shown = {
            name: conn.exec_driver_sql(f"SHOW {name}").scalar_one()
            for name in ("track_activities", "log_min_error_statement", "log_error_verbosity", "log_min_messages")
        }
        seen = conn.exec_driver_sql("SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()").scalar_one()
    assert shown == {
        "track_activities": "off", "log_min_error_statement": "panic", "log_error_verbosity": "terse",
        "log_min_messages": "panic",
    }  # fmt: skip
    assert "pg_stat_activity" not in (seen or "")
    with engine.begin() as conn:
        assert conn.exec_driver_sql("SHOW track_activities").scalar_one() == "on"
