"""A real PostGIS for every test that asks: a database of its own in the private cluster, the web's restricted role."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Engine

from gis_app import create_app, embedded
from gis_app.db import OWNER_ROLE, Actor, begin, driver_url, make_engine
from gis_app.jobs.migrate import migrate
from gis_app.settings import ROOT, Settings
from tests.builders import BEN, MAU, make_cast, make_commune


@pytest.fixture(scope="session")
def urls() -> Iterator[tuple[str, str]]:
    """(web's URL, owner's URL) of a fresh, migrated database; dropped at the end."""
    var_dir = Path(os.environ.get("VAR_DIR") or ROOT / "var")
    app_url, owner_url = embedded.ensure_running(var_dir)
    name = f"gis_test_{os.getpid()}"
    server = sa.create_engine(driver_url(owner_url), isolation_level="AUTOCOMMIT")
    with server.connect() as conn:
        conn.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        conn.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    found = (app_url.replace("/gis?", f"/{name}?"), owner_url.replace("/gis?", f"/{name}?"))
    with (var_dir / "tests.lock").open("w") as handle:
        # Roles are the cluster's: two test processes must not make them at once.
        fcntl.flock(handle, fcntl.LOCK_EX)
        migrate(found[1])
    yield found
    with server.connect() as conn:
        conn.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@pytest.fixture(scope="session")
def owner_engine(urls: tuple[str, str]) -> Iterator[Engine]:
    """The owner's engine, with the two sample communes and the cast committed."""
    engine = make_engine(urls[1], role=OWNER_ROLE)
    with begin(engine, Actor("system")) as conn:
        for place in (MAU, BEN):
            make_commune(conn, place)
        make_cast(conn)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def engine(urls: tuple[str, str], owner_engine: Engine) -> Iterator[Engine]:
    """The web's engine: the restricted role."""
    found = make_engine(urls[0])
    yield found
    found.dispose()


@pytest.fixture(scope="session")
def settings(urls: tuple[str, str], owner_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an application on the test database."""
    return Settings(
        database_url=urls[0],
        owner_database_url=urls[1],
        secret_key="only-for-tests-only-for-tests-only",
        var_dir=tmp_path_factory.mktemp("var"),
    )


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """The application; its pool closes at the end."""
    found = create_app(settings)
    yield found
    found.extensions["engine"].dispose()
