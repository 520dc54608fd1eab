"""Engines, actors and transactions; no Flask here.

Every transaction names its actor, and row-level security reads it: without an actor nothing is served.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

APP_ROLE = "gis_app"
NATIONAL_ROLE = "gis_national"
OWNER_ROLE = "gis_owner"


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
        pool_pre_ping=True,
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

    return engine


_ACT = sa.text(
    "SELECT set_config('app.commune_id', :commune_id, true), set_config('app.role', :role, true), "
    "set_config('app.username', :username, true)"
)


def act_as(conn: Connection, actor: Actor) -> None:
    """Tell row-level security and the audit trigger who acts, until the transaction ends."""
    commune_id = "" if actor.commune_id is None else str(actor.commune_id)
    conn.execute(_ACT, {"commune_id": commune_id, "role": actor.role, "username": actor.username})
    if actor.is_national:
        conn.execute(sa.text(f"SET LOCAL ROLE {NATIONAL_ROLE}"))


@contextmanager
def begin(engine: Engine, actor: Actor) -> Iterator[Connection]:
    """One transaction of one actor: commits at the end, rolls back on an exception."""
    with engine.begin() as conn:
        act_as(conn, actor)
        yield conn
