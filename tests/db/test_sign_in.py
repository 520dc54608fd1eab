"""Signing in: for people and programs, revocable, slow for guessers, nowhere else to go."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app.db import OWNER_ROLE, Actor, begin, make_engine
from gis_app.jobs.accounts import set_account
from tests.builders import MAU, PASSWORD


def post(client: FlaskClient, username: str, password: str) -> int:
    return client.post("/api/session", json={"username": username, "password": password}).status_code


def test_right_and_wrong_password(app: Flask) -> None:
    client = app.test_client()
    assert post(client, "an", "wrong") == 401
    assert client.get("/api/session").status_code == 401
    assert post(client, "an", PASSWORD) == 200
    session = client.get("/api/session").json
    assert (session["username"], session["role"], session["commune"]["name"]) == ("an", "patrol", "Mẫu")


def test_unknown_name_and_wrong_password_answer_alike(app: Flask) -> None:
    client = app.test_client()
    answers = [client.post("/api/session", json={"username": u, "password": "x"}).json for u in ("nobody", "binh")]
    for answer in answers:
        answer.pop("request_id")
    assert answers[0] == answers[1]


def test_a_signed_out_cookie_is_worth_nothing(client_as: Callable[[str | None], FlaskClient]) -> None:
    client = client_as("binh")
    cookie = client.get_cookie("session")
    token = client.get("/api/session").json["csrf_token"]
    assert client.delete("/api/session", headers={"X-CSRFToken": token}).status_code == 204
    assert cookie is not None
    client.set_cookie("session", cookie.value)
    assert client.get("/api/session").status_code == 401


def test_guessing_is_slowed_and_forgiven_after_success(app: Flask, owner_engine: Engine) -> None:
    with begin(owner_engine, Actor("system")) as conn:
        set_account(conn, "tam", PASSWORD, "planner", MAU.id)
    client = app.test_client()
    assert [post(client, "tam", "wrong") for _ in range(3)] == [401, 401, 401]
    blocked = client.post("/api/session", json={"username": "tam", "password": PASSWORD})
    assert blocked.status_code == 429
    assert 1 <= int(blocked.headers["Retry-After"]) <= 43
    with owner_engine.begin() as conn:
        conn.execute(sa.text("UPDATE accounts SET blocked_until_at = now() - interval '1 s' WHERE username = 'tam'"))
    assert post(client, "tam", PASSWORD) == 200
    with owner_engine.begin() as conn:
        assert conn.execute(sa.text("SELECT failed_count FROM accounts WHERE username = 'tam'")).scalar_one() == 0


def test_a_new_password_ends_the_sessions(app: Flask, urls: tuple[str, str], owner_engine: Engine) -> None:
    client = app.test_client()
    with begin(owner_engine, Actor("system")) as conn:
        set_account(conn, "ba", PASSWORD, "planner", MAU.id)
    assert post(client, "ba", PASSWORD) == 200
    owner = make_engine(urls[1], role=OWNER_ROLE)
    with begin(owner, Actor("system")) as conn:
        set_account(conn, "ba", "another-password", "planner", MAU.id)
    owner.dispose()
    assert client.get("/api/session").status_code == 401


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_no_redirect_leads_away(target: str, app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        answer = app.test_client().post("/dang-nhap", data={"username": "an", "password": PASSWORD, "next": target})
    finally:
        app.config["WTF_CSRF_ENABLED"] = True
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/tuan-tra", "the patrol's own page"


def test_passwords_and_tokens_are_stored_as_hashes(owner_engine: Engine, app: Flask) -> None:
    client = app.test_client()
    assert post(client, "an", PASSWORD) == 200
    with owner_engine.begin() as conn:
        stored = conn.execute(sa.text("SELECT password_hash FROM accounts WHERE username = 'an'")).scalar_one()
        hashes = conn.execute(sa.text("SELECT token_hash FROM sessions")).scalars().all()
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    with client.session_transaction() as session:
        assert session["_user_id"] not in hashes
