"""Recovery codes: ten, each once, as good as a code of the app and guessed as slowly; shown once, stored as hashes."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app.jobs.recovery import ALPHABET, COUNT, LENGTH, make_codes, read_code
from tests.builders import PASSWORD
from tests.db.test_accounts import post
from tests.db.test_totp import Clock, admin, clock, enter, set_up

__all__ = ["admin", "clock"]
MORE = "/tai-khoan/hai-buoc/ma-khoi-phuc"
ClientAs = Callable[[str | None], FlaskClient]


def codes_of(page: str) -> list[str]:
    shown = page.split('data-testid="recovery-codes"')[1].split("</ol>", maxsplit=1)[0]
    return re.findall(r"<code>([^<]+)</code>", shown)


def set_up_with_codes(client: FlaskClient, clock: Clock) -> tuple[str, list[str]]:
    secret = set_up(client, clock)
    clock.pass_(30)
    page = post(client, MORE, password=PASSWORD, code=clock.code(secret))[1]
    clock.pass_(30)
    return secret, codes_of(page)


def test_codes_are_ten_random_and_readable() -> None:
    codes = make_codes() + make_codes()
    assert len(set(codes)) == 2 * COUNT
    for number, code in enumerate(codes):
        found = read_code(code)
        assert found is not None
        assert (found.position, len(found.secret)) == (number % COUNT, LENGTH)
        assert set(found.secret) <= set(ALPHABET)
    # 60 bits: argon2id, not a fast hash (ASVS 6.5.2).
    assert len(ALPHABET) ** LENGTH >= 2**60


@pytest.mark.parametrize("text", ["7-K3QD-9FWM-2XTB", "7k3qd9fwm2xtb", " 7 K3QD 9FWM 2XTB ", "7K3QD-9FWM2XTB"])
def test_how_a_code_is_written_does_not_matter(text: str) -> None:
    assert read_code(text) == read_code("7-K3QD-9FWM-2XTB")


def test_letters_that_look_like_digits() -> None:
    assert read_code("O-OOOO-IIII-LLLL") == read_code("0-0000-1111-1111")


@pytest.mark.parametrize(
    "text", ["", "123456", "K-K3QD-9FWM-2XTB", "7-K3QD-9FWM-2XT", "7-K3QD-9FWM-2XTBB", "7-ŬŬŬŬ-9FWM-2XTB"]
)
def test_what_is_no_recovery_code(text: str) -> None:
    assert read_code(text) is None


def test_a_code_signs_in_once(admin: str, clock: Clock, client_as: ClientAs, app: Flask, owner_engine: Engine) -> None:
    _, codes = set_up_with_codes(client_as(admin), clock)
    assert len(codes) == COUNT
    with owner_engine.begin() as conn:
        stored = str(conn.execute(sa.text("SELECT * FROM recovery_codes")).all())
    assert not any(code.replace("-", "")[1:] in stored for code in codes)
    assert stored.count("$argon2id$") == COUNT
    assert enter(app, admin, code=codes[3]) == (200, "")
    assert enter(app, admin, code=codes[3]) == (401, "code_wrong")
    assert enter(app, admin, code=codes[4].lower().replace("-", " ")) == (200, "")
    client = app.test_client()
    client.post("/api/session", json={"username": admin, "password": PASSWORD, "code": codes[5]})
    page = client.get("/tai-khoan").text
    assert "7 mã khôi phục" in page
    assert codes[0] not in page
    with owner_engine.begin() as conn:
        query = "SELECT after, username FROM audit_entries WHERE action = 'recovery_code_used' ORDER BY id DESC LIMIT 3"
        used = [(row.after["left"], row.username) for row in conn.execute(sa.text(query))]
    assert used == [(7, admin), (8, admin), (9, admin)]


def test_the_form_takes_one_too(admin: str, clock: Clock, client_as: ClientAs, app: Flask) -> None:
    _, codes = set_up_with_codes(client_as(admin), clock)
    client = app.test_client()
    post(client, "/dang-nhap", username=admin, password=PASSWORD)
    assert post(client, "/dang-nhap/ma", code=codes[0]) == (302, "/tong-quan")
    assert client.get("/api/session").json["username"] == admin


def test_guessing_is_slowed_as_for_passwords(admin: str, clock: Clock, client_as: ClientAs, app: Flask) -> None:
    secret, codes = set_up_with_codes(client_as(admin), clock)
    wrong = codes[0][:-1] + ("0" if codes[0][-1] != "0" else "1")
    assert [enter(app, admin, code=wrong)[0] for _ in range(3)] == [401] * 3
    assert enter(app, admin, code=codes[0]) == (429, "sign_in_wait")
    clock.pass_(60)
    assert enter(app, admin, code=codes[0]) == (200, "")
    # On the page of a signed-in person too: a right password forgives nothing without a right code.
    client = app.test_client()
    client.post("/api/session", json={"username": admin, "password": PASSWORD, "code": clock.code(secret)})
    answers = [post(client, "/tai-khoan/hai-buoc/tat", password=PASSWORD, code=wrong)[0] for _ in range(4)]
    assert answers == [401, 401, 401, 429]
    clock.pass_(60)
    change = {"old_password": PASSWORD, "new_password": PASSWORD + "!", "again": PASSWORD}
    assert post(client, "/tai-khoan/mat-khau", **change)[0] == 422


def test_new_ones_void_the_old_and_need_password_and_code(
    admin: str, clock: Clock, client_as: ClientAs, app: Flask
) -> None:
    client = client_as(admin)
    secret, old = set_up_with_codes(client, clock)
    assert post(client, MORE, password="wrong", code=clock.code(secret))[0] == 401
    assert post(client, MORE, password=PASSWORD)[0] == 401
    status, page = post(client, MORE, password=PASSWORD, code=old[0])
    assert status == 200
    new = codes_of(page)
    assert not set(new) & set(old)
    assert enter(app, admin, code=old[1]) == (401, "code_wrong")
    assert enter(app, admin, code=new[1]) == (200, "")


def test_they_go_with_the_second_step(
    admin: str, clock: Clock, client_as: ClientAs, app: Flask, owner_engine: Engine
) -> None:
    client = client_as(admin)
    _, codes = set_up_with_codes(client, clock)
    # A lost phone: in with one code, off with another, and set up anew.
    assert post(client, "/tai-khoan/hai-buoc/tat", password=PASSWORD, code=codes[9])[0] == 302
    with owner_engine.begin() as conn:
        assert conn.execute(sa.text("SELECT count(*) FROM recovery_codes")).scalar_one() == 0
    assert post(client, MORE, password=PASSWORD, code=codes[8])[0] == 409
    assert enter(app, admin) == (200, "")


def test_another_account_s_code_is_wrong(admin: str, clock: Clock, client_as: ClientAs, app: Flask) -> None:
    _, codes = set_up_with_codes(client_as(admin), clock)
    # Hoa has no second step: a code is not asked, and not looked at.
    assert enter(app, "hoa", code=codes[0]) == (200, "")
    assert enter(app, admin, code=codes[0]) == (200, "")
