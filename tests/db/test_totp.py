"""The second step of signing in. No test sleeps: the clock is put where it is wanted."""

import dataclasses
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app import create_app
from gis_app.db import Actor, begin
from gis_app.jobs.accounts import set_account
from gis_app.jobs.second_factor import decrypt_secret, encrypt_secret, make_secret, matching_step
from gis_app.settings import Settings
from gis_app.web import own_tokens, second_step, sign_in
from tests.builders import MAU, PASSWORD
from tests.db.test_accounts import post

SECRET = "JBSWY3DPEHPK3PXP" * 2
NOW = datetime(2026, 3, 1, 8, 0, 10, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


class Clock:
    """Starts now, because sessions are the database's business; goes on only when told."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def code(self, secret: str) -> str:
        return pyotp.TOTP(secret).at(self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(sign_in, "now", found)
    monkeypatch.setattr(second_step, "now", found)
    monkeypatch.setattr(own_tokens, "now", found)
    return found


@pytest.fixture
def admin(owner_engine: Engine) -> Iterator[str]:
    """A fresh administrator of Xã Mẫu without a second factor."""
    with begin(owner_engine, Actor("system")) as conn:
        set_account(conn, "quan-tri.mau", PASSWORD, "admin", MAU.id)
    yield "quan-tri.mau"
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM accounts WHERE username = 'quan-tri.mau'"))


def set_up(client: FlaskClient, clock: Clock) -> str:
    """Set the second factor up as the page does; the secret."""
    assert post(client, "/tai-khoan/hai-buoc")[0] == 302
    page = client.get("/tai-khoan").text
    assert 'src="data:image/svg+xml' in page
    secret = re.search(r'data-testid="secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")  # type: ignore[index]
    fields = {"code": clock.code(secret), "password": PASSWORD}
    status, page = post(client, "/tai-khoan/hai-buoc/xac-nhan", **fields)
    assert (status, 'data-testid="recovery-codes"' in page) == (200, True)
    return secret


def enter(app: Flask, username: str, **more: str) -> tuple[int, str]:
    answer = app.test_client().post("/api/session", json={"username": username, "password": PASSWORD, **more})
    return answer.status_code, answer.json.get("code", "")


@pytest.mark.parametrize(
    ("drift_s", "last_step", "found"),
    [(0, 0, STEP), (-30, 0, STEP - 1), (30, 0, STEP + 1), (-60, 0, None), (60, 0, None), (0, STEP, None),
     (0, STEP - 1, STEP), (-30, STEP, None), (30, STEP, STEP + 1)],
)  # fmt: skip
def test_which_codes_are_taken(drift_s: int, last_step: int, found: int | None) -> None:
    code = pyotp.TOTP(SECRET).at(NOW + timedelta(seconds=drift_s))
    assert matching_step(SECRET, code, last_step, NOW) == found
    assert matching_step(SECRET, f"{code[:3]} {code[3:]}", last_step, NOW) == found


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "000000\x00", "-12345"])
def test_what_is_no_code(code: str) -> None:
    assert matching_step(SECRET, code, 0, NOW) is None


def test_the_secret_is_encrypted_under_the_key() -> None:
    secret = make_secret()
    stored = encrypt_secret("key one", secret)
    assert secret not in stored
    assert decrypt_secret("key one", stored) == secret
    assert decrypt_secret("key two", stored) is None


def test_sign_in_asks_for_the_code_and_takes_it_once(
    admin: str, clock: Clock, client_as: Callable[[str | None], FlaskClient], app: Flask, owner_engine: Engine
) -> None:
    secret = set_up(client_as(admin), clock)
    with owner_engine.begin() as conn:
        assert secret not in str(conn.execute(sa.text("SELECT * FROM second_factors")).all())
    assert enter(app, admin) == (401, "code_needed")
    # The code that confirmed the set-up is used up.
    assert enter(app, admin, code=clock.code(secret)) == (401, "code_wrong")
    clock.pass_(30)
    assert enter(app, admin, code="000000")[0] == 401
    assert enter(app, admin, code=clock.code(secret)) == (200, "")
    assert enter(app, admin, code=clock.code(secret)) == (401, "code_wrong")
    clock.pass_(30)
    assert enter(app, admin, code=clock.code(secret)) == (200, "")


def test_guessing_codes_is_slowed_and_a_right_password_forgives_nothing(
    admin: str, clock: Clock, client_as: Callable[[str | None], FlaskClient], app: Flask
) -> None:
    secret = set_up(client_as(admin), clock)
    clock.pass_(30)
    for _ in range(3):
        assert enter(app, admin, code="000000") == (401, "code_wrong")
        clock.pass_(0)
        if _ < 2:
            assert enter(app, admin) == (401, "code_needed")
    assert enter(app, admin, code=clock.code(secret)) == (429, "sign_in_wait")
    clock.pass_(60)
    assert enter(app, admin, code=clock.code(secret)) == (200, "")


def test_a_wrong_password_tells_nothing_of_the_second_step(
    admin: str, clock: Clock, client_as: Callable[[str | None], FlaskClient], app: Flask
) -> None:
    secret = set_up(client_as(admin), clock)
    clock.pass_(30)
    body = {"username": admin, "password": "wrong", "code": clock.code(secret)}
    assert app.test_client().post("/api/session", json=body).json["code"] == "sign_in_failed"


def test_the_form_has_two_steps(
    admin: str, clock: Clock, client_as: Callable[[str | None], FlaskClient], app: Flask
) -> None:
    secret = set_up(client_as(admin), clock)
    clock.pass_(30)
    client = app.test_client()
    assert client.get("/dang-nhap/ma").headers["Location"] == "/dang-nhap"
    first = post(client, "/dang-nhap", username=admin, password=PASSWORD, next="/nhat-ky")
    assert first == (302, "/dang-nhap/ma?next=/nhat-ky")
    assert client.get("/api/session").status_code == 401
    assert post(client, "/dang-nhap/ma", code="000000")[0] == 401
    assert post(client, "/dang-nhap/ma", code=clock.code(secret), next="//evil.example") == (302, "/tong-quan")
    assert client.get("/api/session").json["username"] == admin
    assert client.get("/dang-nhap/ma").headers["Location"] == "/dang-nhap"


def test_the_first_step_grows_old_and_falls_with_the_password(
    admin: str, clock: Clock, client_as: Callable[[str | None], FlaskClient], app: Flask, owner_engine: Engine
) -> None:
    secret = set_up(client_as(admin), clock)
    clock.pass_(30)
    client = app.test_client()
    post(client, "/dang-nhap", username=admin, password=PASSWORD)
    page = client.get("/dang-nhap/ma").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]  # type: ignore[index]
    with begin(owner_engine, Actor("system")) as conn:
        set_account(conn, admin, "another-long-secret", "admin", MAU.id)
    data = {"csrf_token": token, "code": clock.code(secret)}
    assert client.post("/dang-nhap/ma", data=data).status_code == 401
    clock.pass_(301)
    assert client.post("/dang-nhap/ma", data=data).headers["Location"] == "/dang-nhap"


def test_setting_up_ends_other_sessions_and_needs_the_password(
    admin: str, clock: Clock, client_as: Callable[[str | None], FlaskClient]
) -> None:
    here, there = client_as(admin), client_as(admin)
    assert post(here, "/tai-khoan/hai-buoc/xac-nhan", code="123456", password=PASSWORD)[0] == 404
    assert post(here, "/tai-khoan/hai-buoc")[0] == 302
    assert post(here, "/tai-khoan/hai-buoc/xac-nhan", code="000000", password=PASSWORD)[0] == 401
    assert post(here, "/tai-khoan/hai-buoc/xac-nhan", code="000000", password="wrong")[0] == 401
    assert there.get("/api/session").status_code == 200
    set_up(here, clock)
    assert there.get("/api/session").status_code == 401
    assert here.get("/api/session").status_code == 200
    # Whoever finds the browser open cannot put another phone in its place.
    assert post(here, "/tai-khoan/hai-buoc")[0] == 409
    assert 'data-testid="secret"' not in here.get("/tai-khoan").text


def test_turning_it_off_needs_password_and_code(
    admin: str, clock: Clock, client_as: Callable[[str | None], FlaskClient], app: Flask
) -> None:
    client = client_as(admin)
    secret = set_up(client, clock)
    clock.pass_(30)
    off = "/tai-khoan/hai-buoc/tat"
    assert post(client, off, password=PASSWORD)[0] == 401
    assert post(client, off, password="wrong", code=clock.code(secret))[0] == 401
    assert post(client, off, password=PASSWORD, code="000000")[0] == 401
    # Wrong codes count as wrong passwords do.
    assert post(client, off, password=PASSWORD, code="000000")[0] == 429
    clock.pass_(60)
    assert enter(app, admin) == (401, "code_needed")
    assert post(client, off, password=PASSWORD, code=clock.code(secret))[0] == 302
    assert enter(app, admin) == (200, "")


def test_a_lost_phone_is_the_operators_business(
    admin: str, clock: Clock, client_as: Callable[[str | None], FlaskClient], app: Flask
) -> None:
    set_up(client_as(admin), clock)
    remove = ["second-factor", "remove", admin]
    with app.app_context():
        assert app.test_cli_runner().invoke(args=remove).exit_code == 0
        assert app.test_cli_runner().invoke(args=remove).exit_code == 1
    assert enter(app, admin) == (200, "")


@pytest.fixture
def strict_app(settings: Settings) -> Iterator[Flask]:
    """The application with REQUIRE_ADMIN_TOTP."""
    found = create_app(dataclasses.replace(settings, require_admin_totp=True))
    yield found
    found.extensions["engine"].dispose()


def test_administrators_are_asked_to_set_it_up(admin: str, clock: Clock, strict_app: Flask) -> None:
    client = strict_app.test_client()
    client.post("/api/session", json={"username": admin, "password": PASSWORD})
    for address in ("/", "/quan-tri/tai-khoan", "/nhat-ky"):
        answer = client.get(address, headers={"Accept": "text/html"})
        assert (answer.status_code, answer.headers.get("Location")) == (302, "/tai-khoan")
    for address in ("/api/layers", "/tiles/groups/12/3261/1805", "/api/audit"):
        assert client.get(address).status_code == 403
    assert client.get("/api/session").status_code == 200
    set_up(client, clock)
    assert client.get("/api/layers").status_code == 200
    officer = strict_app.test_client()
    officer.post("/api/session", json={"username": "an", "password": PASSWORD})
    assert officer.get("/api/layers").status_code == 200


def test_by_default_nobody_is_asked(settings: Settings) -> None:
    assert not settings.require_admin_totp
