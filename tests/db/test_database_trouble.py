"""A database that refuses, is full or busy: 503 with a reason and Retry-After, never 500."""

from collections.abc import Callable
from uuid import uuid4

import psycopg2
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from tests.builders import MAU

ClientAs = Callable[[str | None], FlaskClient]


class Refusal(psycopg2.OperationalError):
    """A refusal with the SQLSTATE that its class names."""

    pgcode = ""


def test_no_connection_for_a_tile(client_as: ClientAs, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_as("an")

    def refuse() -> None:
        raise psycopg2.OperationalError("FATAL:  the database system is in recovery mode")

    monkeypatch.setattr(app.extensions["engine"], "raw_connection", refuse)
    answer = client.get("/tiles/groups/13/6521/3611")
    assert (answer.status_code, answer.json["code"]) == (503, "database_away")
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize(
    ("sqlstate", "code"),
    [
        ("53100", "database_away"),  # disk full
        ("58030", "database_away"),  # input or output error
        ("57P01", "database_away"),  # shutting down
        ("57014", "query_too_long"),
        ("55P03", "database_busy"),
        ("40P01", "database_busy"),
    ],
)
def test_refusals(sqlstate: str, code: str, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_as("an")

    def refuse(*_arguments: object) -> None:
        error = Refusal()
        error.pgcode = sqlstate
        raise sa.exc.OperationalError("", {}, error)

    monkeypatch.setattr("gis_app.web.search.search", refuse)
    answer = client.get("/api/search?q=pho")
    assert (answer.status_code, answer.json["code"]) == (503, code)


def test_a_row_that_somebody_holds_too_long(client_as: ClientAs, owner_engine: Engine) -> None:
    client = client_as("hoa")
    headers = {"X-CSRFToken": client.get("/api/session").json["csrf_token"]}
    spot = MAU.at(650, 650)
    point = {"type": "Point", "coordinates": [spot.x, spot.y]}
    feature = {"type": "Feature", "geometry": point, "properties": {"state": "working", "radius_m": 15}}
    made = client.post("/api/layers/lights/features", json=feature, headers=headers | {"Idempotency-Key": uuid4().hex})
    address = made.headers["Location"]
    with owner_engine.begin() as conn:
        conn.exec_driver_sql(f"SELECT 1 FROM lights WHERE id = {int(made.json['id'])} FOR UPDATE")
        change = {"properties": {"state": "broken"}}
        held = client.patch(address, json=change, headers=headers | {"If-Match": '"1"'})
    assert (held.status_code, held.json["code"]) == (503, "database_busy")
    assert client.patch(address, json=change, headers=headers | {"If-Match": '"1"'}).status_code == 200
    assert client.delete(address, headers=headers | {"If-Match": '"2"'}).status_code == 204
