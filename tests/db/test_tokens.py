"""Tokens of programs: scope, expiry, no cookie, no CSRF token, nothing of a person's own business."""

import base64
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.jobs.accounts import set_account
from tests.builders import BEN, CAST, MAU, PASSWORD
from tests.db.test_accounts import post

LAMP = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [MAU.at(1500, 1500).x, MAU.at(1500, 1500).y]},
    "properties": {"radius_m": 20},
}


@pytest.fixture
def make(app: Flask, owner_engine: Engine) -> Iterator[Callable[..., str]]:
    """`make("hoa", "write")`: a token made by the command line; all go at the end, and so do the lamps."""

    def run(username: str, scope: str = "read", days: int = 30, name: str = "QGIS") -> str:
        arguments = ["token", "create", "--account", username, "--scope", scope, "--days", str(days), "--name", name]
        with app.app_context():
            done = app.test_cli_runner().invoke(args=arguments)
        assert done.exit_code == 0, done.output
        return done.output.strip()

    yield run
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM access_tokens"))
        conn.execute(sa.text("DELETE FROM lights WHERE source = 'manual'"))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def basic(token: str, username: str = "anything") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{username}:{token}".encode()).decode()}


def write(client: FlaskClient, headers: dict[str, str], key: str = "key-of-a-test") -> int:
    answer = client.post("/api/layers/lights/features", json=LAMP, headers=headers | {"Idempotency-Key": key})
    return answer.status_code


@pytest.mark.parametrize("headers_of", [bearer, basic])
@pytest.mark.parametrize("username", [name for name, (_, place) in CAST.items() if place is not None])
def test_a_token_has_its_account_s_rights_and_makes_no_cookie(
    username: str, headers_of: Callable[[str], dict[str, str]], make: Callable[..., str], app: Flask
) -> None:
    client, place = app.test_client(), CAST[username][1]
    headers = headers_of(make(username))
    session = client.get("/api/session?lang=en", headers=headers)
    assert (session.json["username"], session.json["role"]) == (username, CAST[username][0])
    assert session.json["commune"]["id"] == place.id  # type: ignore[union-attr]
    answers = [session, client.get("/", headers=headers), client.get("/api/layers/groups/features", headers=headers)]
    foreign = BEN if place is MAU else MAU
    assert foreign.marker not in answers[2].text
    for answer in answers:
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert "Authorization" in answer.headers["Vary"]
    assert client.get("/api/session").status_code == 401


@pytest.mark.parametrize("headers_of", [bearer, basic])
def test_scopes(headers_of: Callable[[str], dict[str, str]], make: Callable[..., str], app: Flask) -> None:
    client = app.test_client()
    reading, writing = headers_of(make("hoa", "read")), headers_of(make("hoa", "write"))
    refused = client.post("/api/layers/lights/features", json=LAMP, headers=reading | {"Idempotency-Key": "k" * 9})
    assert (refused.status_code, refused.json["code"]) == (403, "token_reads_only")
    for method in ("PUT", "PATCH", "DELETE"):
        assert client.open("/api/layers/lights/features/1", method=method, headers=reading).status_code in (403, 405)
    assert write(client, writing, headers_of.__name__ + "-key-1") == 201
    assert write(client, headers_of(make("an", "write")), "another-key") == 403


def test_what_does_not_hold(make: Callable[..., str], app: Flask, owner_engine: Engine) -> None:
    client, token = app.test_client(), make("hoa", "write")
    for headers in (bearer(token[:-1]), bearer("bdby_x"), bearer(""), basic(PASSWORD, "hoa"), {"Authorization": token}):
        assert client.get("/api/layers", headers=headers).status_code == 401
        assert write(client, headers) in (400, 401)
    with owner_engine.begin() as conn:
        conn.execute(sa.text("UPDATE access_tokens SET expires_at = now() - interval '1 s'"))
    assert client.get("/api/layers", headers=bearer(token)).status_code == 401
    with owner_engine.begin() as conn:
        assert token not in str(conn.execute(sa.text("SELECT * FROM access_tokens")).all())


def test_a_closed_account_s_token_is_refused(make: Callable[..., str], app: Flask, owner_engine: Engine) -> None:
    token = make("hoa")
    with owner_engine.begin() as conn:
        conn.execute(sa.text("UPDATE accounts SET is_active = false WHERE username = 'hoa'"))
    try:
        assert app.test_client().get("/api/layers", headers=bearer(token)).status_code == 401
    finally:
        with owner_engine.begin() as conn:
            conn.execute(sa.text("UPDATE accounts SET is_active = true WHERE username = 'hoa'"))


def test_csrf_still_protects_cookies(
    make: Callable[..., str], client_as: Callable[[str | None], FlaskClient], app: Flask
) -> None:
    client = client_as("hoa")
    assert write(client, {}) == 400
    assert write(client, {"Authorization": "Basic " + base64.b64encode(b"proxy:user").decode()}) == 400
    # With a token of ours the cookie is not read: a void token beside a good cookie is a stranger.
    assert write(client, bearer("bdby_void")) == 401
    assert client.get("/api/layers", headers=bearer("bdby_void")).status_code == 401
    # And the token decides who it is.
    assert client.get("/api/session", headers=bearer(make("dung"))).json["username"] == "dung"
    assert client.get("/api/session").json["username"] == "hoa"


@pytest.mark.parametrize(
    "sent", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_a_browser_with_basic_credentials_is_not_used_by_other_sites(
    sent: dict[str, str], make: Callable[..., str], app: Flask
) -> None:
    headers = basic(make("hoa", "write"))
    assert write(app.test_client(), headers | sent) == 403
    assert write(app.test_client(), headers | {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}) == 201


@pytest.mark.parametrize("scope", ["read", "write"])
def test_a_token_is_no_person(scope: str, make: Callable[..., str], app: Flask, owner_engine: Engine) -> None:
    with begin(owner_engine, Actor("system")) as conn:
        set_account(conn, "quan-tri.mau", PASSWORD, "admin", MAU.id)
    headers, client = bearer(make("quan-tri.mau", scope)), app.test_client()
    for address in ("/tai-khoan", "/quan-tri/tai-khoan", "/dang-nhap"):
        assert client.get(address, headers=headers).status_code == 403
    posts = ("/tai-khoan/mat-khau", "/quan-tri/tai-khoan/moi", "/quan-tri/tai-khoan/1/khoa", "/dang-xuat",
             "/api/session/commune", "/tai-khoan/hai-buoc")  # fmt: skip
    for address in posts:
        assert client.post(address, headers=headers).status_code == 403
    assert client.delete("/api/session", headers=headers).status_code == 403
    sign_in = client.post("/api/session", json={"username": "hoa", "password": PASSWORD}, headers=headers)
    assert sign_in.status_code == 403


def token_id(owner_engine: Engine) -> int:
    with owner_engine.begin() as conn:
        return int(conn.execute(sa.text("SELECT max(id) FROM access_tokens")).scalar_one())


@pytest.mark.parametrize("username", list(CAST))
def test_own_tokens_are_seen_and_revoked(
    username: str,
    make: Callable[..., str],
    client_as: Callable[[str | None], FlaskClient],
    app: Flask,
    owner_engine: Engine,
) -> None:
    foreign_owner = "an" if username != "an" else "dung"
    foreign = make(foreign_owner, name="cua-nguoi-khac")
    foreign_id = token_id(owner_engine)
    own = make(username, name="cua-toi")
    own_id, client = token_id(owner_engine), client_as(username)
    assert app.test_client().get("/api/session", headers=bearer(own)).status_code == 200
    page = client.get("/tai-khoan").text
    assert "cua-toi" in page
    assert "cua-nguoi-khac" not in page
    for number in (foreign_id, 2**31 - 1, 2**62):
        assert post(client, f"/tai-khoan/ma-truy-cap/{number}")[0] == 404
    assert post(client, f"/tai-khoan/ma-truy-cap/{own_id}")[0] == 302
    assert app.test_client().get("/api/session", headers=bearer(own)).status_code == 401
    assert app.test_client().get("/api/session", headers=bearer(foreign)).status_code == 200


def test_an_administrator_revokes_tokens_of_the_own_commune(
    make: Callable[..., str], client_as: Callable[[str | None], FlaskClient], app: Flask, owner_engine: Engine
) -> None:
    with begin(owner_engine, Actor("system")) as conn:
        set_account(conn, "quan-tri.mau", PASSWORD, "admin", MAU.id)
    client = client_as("quan-tri.mau")
    foreign, foreign_id = make("giang", name="cua-ben"), token_id(owner_engine)
    own, own_id = make("hoa", name="cua-mau"), token_id(owner_engine)
    page = client.get("/quan-tri/tai-khoan").text
    assert "cua-mau" in page
    assert "cua-ben" not in page
    assert post(client, f"/quan-tri/tai-khoan/ma-truy-cap/{foreign_id}")[0] == 404
    assert post(client, f"/quan-tri/tai-khoan/ma-truy-cap/{own_id}")[0] == 302
    assert app.test_client().get("/api/session", headers=bearer(own)).status_code == 401
    assert app.test_client().get("/api/session", headers=bearer(foreign)).status_code == 200
    for username in ("hoa", "chi", "lan", "quantri"):
        assert post(client_as(username), f"/quan-tri/tai-khoan/ma-truy-cap/{foreign_id}")[0] == 403


def test_the_command_line_lists_and_revokes(make: Callable[..., str], app: Flask, owner_engine: Engine) -> None:
    token = make("hoa", "write", 7, "máy in")
    assert app.test_client().get("/api/session", headers=bearer(token)).status_code == 200
    number = token_id(owner_engine)

    def run(*arguments: str) -> Result:
        with app.app_context():
            return app.test_cli_runner().invoke(args=["token", *arguments])

    listed = run("list", "--account", "hoa").output
    assert f"{number}\thoa\twrite\tmáy in" in listed
    assert "never used" not in listed
    assert token not in listed
    assert run("list", "--account", "an").output == ""
    assert run("revoke", str(number)).exit_code == 0
    assert run("revoke", str(number)).exit_code == 1
    assert run("create", "--account", "nobody").exit_code == 1
    assert run("create", "--account", "hoa", "--days", "1000").exit_code == 2
