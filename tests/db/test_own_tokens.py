"""Tokens that people make on their own page: shown once, for password and code, bounded; JSON of the people pages."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from gis_app.db import Actor, begin
from gis_app.queries.access_tokens import MOST
from tests.builders import CAST, PASSWORD
from tests.db.test_accounts import crew, post
from tests.db.test_tokens import bearer
from tests.db.test_totp import Clock, admin, clock, set_up

__all__ = ["admin", "clock", "crew"]
PAGE = "/tai-khoan/ma-truy-cap"
FORM = {"name": "QGIS", "scope": "read", "days": "30", "password": PASSWORD}
ClientAs = Callable[[str | None], FlaskClient]


@pytest.fixture(autouse=True)
def _no_tokens_left(owner_engine: Engine) -> Iterator[None]:
    yield
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM access_tokens"))
        conn.execute(sa.text("UPDATE accounts SET failed_count = 0, blocked_until_at = NULL"))


def made(client: FlaskClient, **fields: str) -> str:
    status, page = post(client, PAGE, **FORM | fields)
    assert status == 200, page
    return str(re.search(r'value="(bdby_[^"]+)"', page)[1])  # type: ignore[index]


@pytest.mark.parametrize("username", list(CAST))
def test_everybody_makes_own_tokens(username: str, client_as: ClientAs, app: Flask, owner_engine: Engine) -> None:
    client = client_as(username)
    token = made(client)
    session = app.test_client().get("/api/session", headers=bearer(token)).json
    assert (session["username"], session["role"]) == (username, CAST[username][0])
    assert token not in client.get("/tai-khoan").text
    with owner_engine.begin() as conn:
        row = conn.execute(sa.text("SELECT *, expires_at - created_at AS age FROM access_tokens")).one()
        assert token not in str(row)
        assert (row.name, row.scope, round(row.age.total_seconds() / 86_400)) == ("QGIS", "read", 30)
        query = "SELECT username, after FROM audit_entries WHERE action = 'token_created' ORDER BY id DESC LIMIT 1"
        assert tuple(conn.execute(sa.text(query)).one()) == (username, {"scope": "read", "days": 30})


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"password": "wrong"}, 401), ({"name": ""}, 422), ({"name": "a\x07"}, 422), ({"name": "x" * 81}, 400),
     ({"scope": "admin"}, 422), ({"days": "0"}, 422), ({"days": "367"}, 422), ({"days": "-1"}, 422),
     ({"days": "٣"}, 422)],
)  # fmt: skip
def test_what_is_refused(fields: dict[str, str], status: int, client_as: ClientAs, owner_engine: Engine) -> None:
    answer, page = post(client_as("hoa"), PAGE, **FORM | fields)
    assert (answer, "bdby_" in page) == (status, False)
    with owner_engine.begin() as conn:
        assert conn.execute(sa.text("SELECT count(*) FROM access_tokens")).scalar_one() == 0


def test_a_second_step_is_asked_for_it(admin: str, clock: Clock, client_as: ClientAs) -> None:
    client = client_as(admin)
    secret = set_up(client, clock)
    clock.pass_(30)
    assert post(client, PAGE, **FORM)[0] == 401
    assert made(client, code=clock.code(secret)).startswith("bdby_")


def test_no_more_than_a_person_can_count(client_as: ClientAs, owner_engine: Engine) -> None:
    client = client_as("hoa")
    with begin(owner_engine, Actor("system")) as conn:
        statement = (
            "INSERT INTO access_tokens (token_hash, account_id, scope, expires_at) "
            "SELECT 'n' || n, a.id, 'read', now() + interval '1 day' "
            "FROM accounts AS a, generate_series(1, :most) AS n WHERE a.username = 'hoa'"
        )
        conn.execute(sa.text(statement), {"most": MOST - 1})
    made(client)
    assert post(client, PAGE, **FORM)[0] == 409


def test_the_database_holds_the_year(owner_engine: Engine) -> None:
    statement = (
        "INSERT INTO access_tokens (token_hash, account_id, scope, expires_at) "
        "SELECT 'x', min(id), 'read', now() + interval '400 days' FROM accounts"
    )
    with pytest.raises(sa.exc.IntegrityError, match="expires_at_range"), begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text(statement))


class Administrator:
    """A signed-in administrator who sends what the API wants."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = client.get("/api/session").json["csrf_token"]

    def send(self, method: str, address: str, body: Any = None, **headers: str) -> TestResponse:
        sent = {"X-CSRFToken": self.token, "Idempotency-Key": uuid4().hex} | headers
        return self.client.open(address, method=method, json=body, headers=sent)


def test_accounts_as_json(crew: dict[str, int], client_as: ClientAs, app: Flask) -> None:
    admin = Administrator(client_as("quan-tri.mau"))
    listed = {one["username"]: one for one in admin.client.get("/api/accounts").json["accounts"]}
    assert "tuan-tra.mau" in listed
    assert not {"tuan-tra.ben", "quantri", "giang"} & set(listed)
    address = f"/api/accounts/{crew['tuan-tra.mau']}"
    assert admin.send("PATCH", address, {"role": "planner"}).status_code == 428
    assert admin.send("PATCH", address, {"role": "planner"}, **{"If-Match": '"9"'}).status_code == 412
    version = f'"{listed["tuan-tra.mau"]["version"]}"'
    changed = admin.send("PATCH", address, {"role": "planner"}, **{"If-Match": version})
    assert (changed.status_code, changed.json["role"]) == (200, "planner")
    assert admin.send("PATCH", address, {"role": "data"}, **{"If-Match": version}).status_code == 412
    match = {"If-Match": changed.headers["ETag"]}
    for body in ({"role": "city"}, {"role": "gate"}, {"role": None}):
        assert admin.send("PATCH", address, body, **match).status_code == 422
    for body in ({}, [], {"commune_id": 1}, {"is_active": "no"}, {"unlock": False}, {"role": "data", "username": "x"}):
        assert admin.send("PATCH", address, body, **match).status_code == 400
    closed = admin.send("PATCH", address, {"is_active": False}, **match)
    assert (closed.status_code, closed.json["is_active"]) == (200, False)
    own = f"/api/accounts/{crew['quan-tri.mau']}"
    assert admin.send("PATCH", own, {"role": "data"}, **{"If-Match": '"1"'}).status_code == 409
    assert admin.send("PATCH", own, {"unlock": True}, **{"If-Match": '"1"'}).status_code == 200


def test_invitations_as_json_keep_their_link_out_of_the_memory(
    crew: dict[str, int], client_as: ClientAs, app: Flask, owner_engine: Engine
) -> None:
    admin = Administrator(client_as("quan-tri.mau"))
    key = {"Idempotency-Key": uuid4().hex}
    body = {"username": "moi.mau", "role": "data"}
    made_now = admin.send("POST", "/api/invitations", body, **key)
    assert made_now.status_code == 201
    link = made_now.json["link"]
    again = admin.send("POST", "/api/invitations", body, **key)
    assert (again.status_code, again.json["id"]) == (201, made_now.json["id"])
    assert "link" not in again.json
    with owner_engine.begin() as conn:
        assert link.split("/moi/")[1] not in str(conn.execute(sa.text("SELECT body FROM idempotency_keys")).all())
    assert app.test_client().get("/moi/" + link.split("/moi/")[1]).status_code == 200
    listed = admin.client.get("/api/invitations")
    assert [one["username"] for one in listed.json["invitations"]] == ["moi.mau"]
    assert link.split("/moi/")[1] not in listed.text
    other = Administrator(client_as("quan-tri.ben"))
    assert other.client.get("/api/invitations").json == {"invitations": []}
    number = made_now.json["id"]
    assert other.send("DELETE", f"/api/invitations/{number}").status_code == 404
    assert admin.send("DELETE", f"/api/invitations/{number}").status_code == 204
    assert admin.send("DELETE", f"/api/invitations/{number}").status_code == 404
    assert admin.send("POST", "/api/invitations", {"username": "giang", "role": "data"}).status_code == 409
    assert admin.send("POST", "/api/invitations", {"username": "ok.ok", "role": "city"}).status_code == 422


def test_tokens_of_the_commune_as_json(crew: dict[str, int], client_as: ClientAs, app: Flask) -> None:
    admin = Administrator(client_as("quan-tri.mau"))
    own, foreign = made(client_as("hoa")), made(client_as("giang"))
    listed = admin.client.get("/api/tokens").json["tokens"]
    assert [one["username"] for one in listed] == ["hoa"]
    assert own not in str(listed)
    number = listed[0]["id"]
    assert admin.send("DELETE", f"/api/tokens/{number + 1}").status_code == 404
    assert admin.send("DELETE", f"/api/tokens/{number}").status_code == 204
    assert app.test_client().get("/api/session", headers=bearer(own)).status_code == 401
    assert app.test_client().get("/api/session", headers=bearer(foreign)).status_code == 200


@pytest.mark.parametrize("address", ["/api/accounts", "/api/invitations", "/api/tokens"])
@pytest.mark.parametrize("username", ["hoa", "chi", "lan", "an", "binh", "quantri"])
def test_only_an_administrator_of_the_commune(username: str, address: str, client_as: ClientAs) -> None:
    assert client_as(username).get(address).status_code == 403
