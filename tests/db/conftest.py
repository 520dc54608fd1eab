"""Connections of the cast that roll back, and signed-in clients."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, act_as
from layers import LAYERS
from tests.builders import CAST, MAU, PASSWORD, SampleCommune
from tests.db.officers import Officer
from tests.db.tip_kit import box_of, open_tips, wipe_tips


def actor_of(username: str) -> Actor:
    """The actor of a member of the cast."""
    role, place = CAST[username]
    return Actor(role, place.id if place else None, username)


@pytest.fixture
def commune1() -> SampleCommune:
    """Xã Mẫu, An's and Bình's commune."""
    return MAU


@pytest.fixture
def conn_as(engine: Engine) -> Iterator[Callable[[str], Connection]]:
    """`conn_as("an")`: a connection in a transaction of that person, rolled back at the end."""
    opened: list[Connection] = []

    def open_for(username: str) -> Connection:
        conn = engine.connect()
        opened.append(conn)
        act_as(conn, actor_of(username))
        return conn

    yield open_for
    for conn in opened:
        conn.rollback()
        conn.close()


@pytest.fixture
def client_as(app: Flask) -> Callable[[str | None], FlaskClient]:
    """`client_as("an")`: a test client signed in as that person; None: a stranger."""

    def sign_in(username: str | None) -> FlaskClient:
        client = app.test_client()
        if username is not None:
            answer = client.post("/api/session", json={"username": username, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
        return client

    return sign_in


@pytest.fixture
def officer_as(client_as: Callable[[str | None], FlaskClient]) -> Callable[[str], Officer]:
    """`officer_as("hoa")`: the same as a client that also writes."""
    return lambda username: Officer(client_as(username))


@pytest.fixture(autouse=True, scope="module")
def _leave_nothing_behind(owner_engine: Engine) -> Iterator[None]:
    """What the tests of one file wrote through the web is gone before the next counts its rows."""
    yield
    with owner_engine.begin() as conn:
        for layer in LAYERS.values():
            conn.exec_driver_sql(f"DELETE FROM {layer.name} WHERE source = 'manual'")


@pytest.fixture
def tips_open(owner_engine: Engine) -> Iterator[None]:
    """Both communes take tips; none is left behind."""
    open_tips(owner_engine)
    yield
    wipe_tips(owner_engine)


@pytest.fixture
def code(owner_engine: Engine) -> str:
    """The code on Xã Mẫu's tip box."""
    return box_of(owner_engine)


@pytest.fixture
def resident(client_as: Callable[[str | None], FlaskClient]) -> FlaskClient:
    """Somebody with a telephone and no account."""
    return client_as(None)
