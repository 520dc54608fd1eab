"""Who reaches the tip form and what is behind it: no account, no script, nobody past the functions. T-T1, T-T8."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.db import NOBODY, begin
from tests.builders import BEN, CAST, MAU
from tests.db.conftest import actor_of
from tests.db.tip_kit import open_form, rows, send_form, tell

ClientAs = Callable[[str | None], FlaskClient]
TEXT = "Đoạn ngõ sau chợ tối om, tối nào cũng có nhóm tụ tập"


pytestmark = pytest.mark.usefixtures("tips_open")


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


def test_the_little_map_has_numbers_and_nothing_secret(resident: FlaskClient, code: str, owner_engine: Engine) -> None:
    fields = open_form(resident, code)
    found = resident.get(f"/tin/{code}/ban-do?to={fields['to']}")
    assert found.status_code == 200
    assert {layer for layer, *_ in found.json["devices"]} <= {"lights", "cameras"}
    assert found.json["streets"]
    assert "hotspot" not in found.text
    assert BEN.marker not in found.text


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
        ("an", "SELECT * FROM tip_loads"), ("binh", "SELECT sweep_tips(0, 0, 0) FROM tip_loads"),
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
