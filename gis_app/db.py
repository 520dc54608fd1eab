"""Engines, actors and transactions; no Flask here.

Every transaction names its actor, and row-level security reads it: without an actor nothing is served.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

APP_ROLE = "gis_app"
NATIONAL_ROLE = "gis_national"
OWNER_ROLE = "gis_owner"

# A connection that was used a moment ago is not asked whether it lives: that took a fifth of a small tile's time.
# Where it has died since, the request answers 503 and the whole pool is made anew.
PING_AFTER_S = 1.0


@dataclass(frozen=True)
class Actor:
    """Who acts: a role in one commune, or in none."""

    role: str
    commune_id: int | None = None
    username: str = ""

    @property
    def is_national(self) -> bool:
        """An administrator who has not entered a commune reads the public outlines of all."""
        return self.role == "admin" and self.commune_id is None

    @property
    def reads_as(self) -> str:
        """The role whose columns the actor reads: nationwide, none that identifies people."""
        return "national" if self.is_national else self.role


NOBODY = Actor("anonymous")


def driver_url(url: str) -> str:
    """Name psycopg2 in a PostgreSQL URL; SQLAlchemy 2.1 would take psycopg 3 for `postgresql://`."""
    scheme, rest = url.split("://", 1)
    return f"postgresql+psycopg2://{rest}" if scheme in ("postgres", "postgresql") else url


def make_engine(url: str, *, role: str = APP_ROLE, pool_size: int = 8) -> Engine:
    """Make an engine whose connections act as `role`, whatever login the URL names.

    The pool matters: the first PostGIS call of a connection costs 14-110 ms (METHODS.md section 5).
    """
    engine = sa.create_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=4,
        pool_timeout=4,
        connect_args={"connect_timeout": 3, "options": "-c statement_timeout=15000 -c lock_timeout=4000"},
    )

    @sa.event.listens_for(engine, "connect")
    def _set_role(dbapi_connection, _record):  # type: ignore[no-untyped-def]
        with dbapi_connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {role}")
            if role == APP_ROLE:
                # The default made 60 ms of a 3 ms gap query (METHODS.md section 5).
                cursor.execute("SET max_parallel_workers_per_gather = 0")
        dbapi_connection.commit()

    _ping_after_idling(engine)
    return engine


def _ping_after_idling(engine: Engine) -> None:
    @sa.event.listens_for(engine, "checkin")
    def _remember(_dbapi_connection, record):  # type: ignore[no-untyped-def]
        record.info["idle_since"] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def _ping(dbapi_connection, record, _proxy):  # type: ignore[no-untyped-def]
        idle_since = record.info.get("idle_since")
        if idle_since is None or time.monotonic() - idle_since < PING_AFTER_S:
            return
        try:
            alive = engine.dialect.do_ping(dbapi_connection)
        except engine.dialect.loaded_dbapi.Error:
            alive = False
        if not alive:
            # The pool then connects again, and forgets every other connection of that age.
            raise sa.exc.InvalidatePoolError


_ACT = (
    "SELECT set_config('app.commune_id', %(acting_commune_id)s, true), set_config('app.role', %(acting_role)s, true), "
    "set_config('app.username', %(acting_username)s, true)"
)
_ACT_NATIONAL = f"{_ACT}, set_config('role', '{NATIONAL_ROLE}', true)"


def _acting(actor: Actor) -> tuple[str, dict[str, str]]:
    values = {
        "acting_commune_id": "" if actor.commune_id is None else str(actor.commune_id),
        "acting_role": actor.role,
        "acting_username": actor.username,
    }
    return _ACT_NATIONAL if actor.is_national else _ACT, values


def act_as(conn: Connection, actor: Actor) -> None:
    """Tell row-level security and the audit trigger who acts, until the transaction ends."""
    conn.exec_driver_sql(*_acting(actor))


@contextmanager
def begin(engine: Engine, actor: Actor) -> Iterator[Connection]:
    """One transaction of one actor: commits at the end, rolls back on an exception."""
    with engine.begin() as conn:
        act_as(conn, actor)
        yield conn


class Line:
    """A pooled connection on which every text is a transaction of its own, in one round trip.

    A request that reads one row needs no BEGIN and COMMIT of its own, nor the statement objects of SQLAlchemy:
    together they took five times what PostgreSQL took to find a ready-made tile.
    """

    def __init__(self, engine: Engine, connection: sa.PoolProxiedConnection) -> None:
        self._engine = engine
        self._connection = connection

    def ask(self, actor: Actor, sql: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """Run SQL (psycopg2's `%(name)s` parameters) as the actor; the rows of its last statement.

        PostgreSQL runs a text of several statements as one transaction, so the actor's settings end with it.
        """
        act, acting = _acting(actor)
        with closing(self._connection.cursor()) as cursor:
            try:
                cursor.execute(f"{act};{sql}", {**values, **acting})
                return list(cursor.fetchall()) if cursor.description else []
            except psycopg2.Error as error:
                lost = bool(self._connection.closed)
                if lost:
                    # The other connections are of the same age: the pool starts anew.
                    self._connection.invalidate(error)
                    self._engine.dispose()
                raise sa.exc.DBAPIError.instance(
                    None, None, error, psycopg2.Error, connection_invalidated=lost
                ) from error


@contextmanager
def asking(engine: Engine) -> Iterator[Line]:
    """A line to ask on; where several questions depend on one snapshot, use `begin`."""
    try:
        connection = engine.raw_connection()
    except psycopg2.Error as error:
        # SQLAlchemy wraps only what fails on its own connections.
        raise sa.exc.DBAPIError.instance(None, None, error, psycopg2.Error, connection_invalidated=True) from error
    try:
        # The attribute alone asks nothing of the server; set_isolation_level would.
        connection.dbapi_connection.autocommit = True  # type: ignore[union-attr]
        yield Line(engine, connection)
    finally:
        if connection.is_valid:
            connection.dbapi_connection.autocommit = False  # type: ignore[union-attr]
        connection.close()
