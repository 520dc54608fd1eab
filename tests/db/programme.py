"""What tests of tasks, units and notices share: officers who send, and a clean table behind them."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from tests.db.officers import Officer

ClientAs = Callable[[str | None], FlaskClient]
TODAY = dt.datetime.now(dt.timezone(dt.timedelta(hours=7))).date()
# Children first.
TABLES = (
    "notice_reads",
    "notices",
    "reminders",
    "comments",
    "tasks",
    "meetings",
    "group_units",
    "unit_members",
    "units",
)


def clear(engine: Engine) -> None:
    """Remove what tests made, and its traces in the log."""
    with engine.begin() as conn:
        for table in TABLES:
            conn.execute(sa.text(f"DELETE FROM {table}"))
        conn.execute(sa.text("DELETE FROM audit_entries"))
        conn.execute(sa.text("DELETE FROM idempotency_keys"))


def post(officer: Officer, address: str, body: Any, **headers: str) -> TestResponse:
    return officer.send("POST", address, body, Idempotency_Key=uuid4().hex, **headers)


def group_ids(engine: Engine, commune_id: int) -> list[int]:
    with engine.begin() as conn:
        query = sa.text("SELECT id FROM groups WHERE commune_id = :c ORDER BY external_id")
        return list(conn.execute(query, {"c": commune_id}).scalars())


def task(on_group: int | None, /, **values: Any) -> dict[str, Any]:
    """A body that makes a task: a working tip box in the group, held by the patrol role (one member, An)."""
    body = {
        "title": "Lắp hòm thư tố giác",
        "holder_role": "patrol",
        "responsibility": "Chọn vị trí, lắp đặt và mở hòm thư hằng tuần",
        "due_on": (TODAY + dt.timedelta(days=10)).isoformat(),
        "measure": "tip_box_working",
        "wanted": 1,
        "group_id": on_group,
        "source": "group",
    }
    return {name: value for name, value in (body | values).items() if value != "absent"}


def make_unit(officer: Officer, name: str, kind: str = "police") -> int:
    answer = post(officer, "/api/units", {"name": name, "kind": kind})
    assert answer.status_code == 201, answer.text
    return int(answer.json["id"])


def feature_id(engine: Engine, layer: str, commune_id: int) -> int:
    with engine.begin() as conn:
        query = f"SELECT id FROM {layer} WHERE commune_id = {commune_id} ORDER BY id LIMIT 1"
        return int(conn.execute(sa.text(query)).scalar_one())
