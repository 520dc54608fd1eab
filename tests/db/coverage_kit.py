"""What tests of coverage share: the sample as it was, an answer, a change."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, begin
from gis_app.queries.loading import insert_rows
from layers import LAYERS
from tests.builders import MAU, sample_row

ClientAs = Callable[[str | None], FlaskClient]
TABLES = ("camera_views", "light_areas", "coverage_figures", "coverage_days", "coverage_states", "coverage_settings")


def forget_derived(conn: Connection) -> None:
    """What was derived from the devices, here or by a test before this one."""
    for name in (*TABLES, "coverage_dirty"):
        conn.exec_driver_sql(f"DELETE FROM {name}")
    conn.exec_driver_sql("DELETE FROM jobs WHERE kind = 'coverage'")


@contextmanager
def keep_sample(owner_engine: Engine, *more: str) -> Iterator[None]:
    """The sample's devices as they were (and rows of `more` layers), nothing derived before or after."""
    layers = ("cameras", "lights", "buildings", "walls", "roads", "hotspots", "venues", *more)
    with begin(owner_engine, Actor("system")) as conn:
        for name in layers:
            conn.exec_driver_sql(f"CREATE TABLE kept_{name} AS SELECT * FROM {name}")
        forget_derived(conn)
    yield
    with begin(owner_engine, Actor("system")) as conn:
        for name in layers:
            columns = ", ".join(
                f'"{row[0]}"'
                for row in conn.exec_driver_sql(
                    "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
                    "AND NOT attisdropped AND attgenerated = ''",
                    (name,),
                )
            )
            conn.exec_driver_sql(f"DELETE FROM {name}")
            conn.exec_driver_sql(
                f"INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM kept_{name}"
            )
            conn.exec_driver_sql(f"DROP TABLE kept_{name}")
        forget_derived(conn)
        conn.exec_driver_sql("DELETE FROM idempotency_keys")


def asked(client: FlaskClient, **query: Any) -> Mapping[str, Any]:
    answer = client.get("/api/coverage", query_string=query)
    assert answer.status_code == 200, answer.text
    found: Mapping[str, Any] = answer.json
    return found


def change(engine: Engine, text: str, **values: Any) -> None:
    with begin(engine, Actor("system")) as conn:
        conn.execute(sa.text(text), values)


def add(engine: Engine, layer: str, code: str, shape: Any, **values: Any) -> None:
    with begin(engine, Actor("system")) as conn:
        insert_rows(conn, LAYERS[layer], MAU.id, [(code, shape, sample_row(LAYERS[layer], MAU)[2] | values)], "test")
