"""A shift of Xã Mẫu for tests: settings that solve in a second, a worker in the test's own process."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.builders import MAU
from tests.db.officers import Officer
from tests.db.siting import run_jobs


def spot(east_m: float, north_m: float) -> list[float]:
    """Lon, lat of a place in metres from the south-west corner."""
    point = MAU.at(east_m, north_m)
    return [point.x, point.y]


def team(name: str = "Tổ 1", **values: Any) -> dict[str, Any]:
    """A team that starts and ends in the middle of the commune."""
    return {
        "name": name,
        "mode": "motorbike",
        "force": "mixed",
        "start": spot(1500, 1500),
        "end": spot(1500, 1500),
    } | values


def settings(**values: Any) -> dict[str, Any]:
    """Settings of a shift; keyword arguments win."""
    found: dict[str, Any] = {
        "shift_on": "2026-11-22", "start": "20:00", "end": "22:00", "teams": [team(), team("Tổ 2")], "stay_min": 10,
        "stop_count": 20, "seed": 7, "iterations": 1000,
    }  # fmt: skip
    return found | values


def make(officer: Officer, **values: Any) -> dict[str, Any]:
    """A plan; what the API answers."""
    answer = officer.post("/api/patrol-plans", settings(**values))
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def change(officer: Officer, plan: dict[str, Any], **values: Any) -> dict[str, Any]:
    """The plan with other settings."""
    answer = officer.patch(f"/api/patrol-plans/{plan['id']}", values, plan["version"])
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def solve(officer: Officer, engine: Engine, plan_id: int) -> dict[str, Any]:
    """Solve a plan; the plan afterwards."""
    answer = officer.post(f"/api/patrol-plans/{plan_id}/solve")
    assert answer.status_code == 202, answer.text
    assert run_jobs(engine) == [f"job {answer.json['id']} patrol: done"]
    return dict(officer.get(f"/api/patrol-plans/{plan_id}").json)


def post(officer: Officer, plan: dict[str, Any], word: str, body: Any = None) -> Any:
    """What the API answers to a step of a plan's version."""
    return officer.post(f"/api/patrol-plans/{plan['id']}/{word}", body, plan["version"])


def clear(engine: Engine) -> None:
    """Nothing of patrol is left."""
    with begin(engine, Actor("system")) as conn:
        for table in ("patrol_plans", "patrol_weights", "jobs"):
            conn.execute(sa.text(f"DELETE FROM {table}"))
        conn.execute(sa.text("DELETE FROM hotspots WHERE source = 'patrol test'"))


@contextmanager
def clean(engine: Engine) -> Iterator[Engine]:
    """An engine of the owner, and nothing left afterwards."""
    yield engine
    clear(engine)
