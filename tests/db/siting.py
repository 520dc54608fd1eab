"""A quarter of Xã Mẫu for siting plans: settings that solve in a second, a worker in the test's own process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.jobs.runner import run_one
from tests.builders import MAU
from tests.db.coverage_kit import forget_derived
from tests.db.officers import Officer

CAMERA = {"kind": "camera", "name": "Camera thử", "cost_vnd": 10_000_000, "fov_deg": 90.0, "pixel_width": 2560,
          "has_infrared": False, "bearing_count": 4}  # fmt: skip
LAMP = {"kind": "lamp", "name": "Đèn thử", "cost_vnd": 5_000_000, "radius_m": 25.0}


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A GeoJSON polygon, metres from the commune's south-west corner."""
    return {"type": "Polygon", "coordinates": [[list(c) for c in MAU.box(west, south, east, north).exterior.coords]]}


# All but 700 m by 700 m in the middle: few candidates.
OUTSIDE = [
    box(-50, -50, 1250, 3050),
    box(1950, -50, 3050, 3050),
    box(1250, -50, 1950, 1250),
    box(1250, 1950, 1950, 3050),
]


def settings(**values: Any) -> dict[str, Any]:
    """Settings of a plan; keyword arguments win."""
    found: dict[str, Any] = {
        "targets": {"weights": {"streets": 1.0, "schools": 5.0, "hotspots": 8.0}, "street_spacing_m": 50.0},
        "level": "detect",
        "candidates": {"light_poles": True, "camera_poles": True, "street_spacing_m": 60.0, "points": []},
        "exclusions": OUTSIDE,
        "models": [CAMERA, LAMP],
        "budget": {
            "years": [2026, 2027],
            "funds": [{"name": "Quỹ thử", "kinds": ["camera", "lamp"], "amounts": [30_000_000, 20_000_000]}],
            "carry_over": False,
        },
        "views_per_pole": 2,
        "time_limit_s": 10,
    }
    return found | values


def budget(*amounts: int) -> dict[str, Any]:
    """One fund for both kinds, from 2026 on."""
    fund = {"name": "Quỹ thử", "kinds": ["camera", "lamp"], "amounts": list(amounts)}
    return {"years": list(range(2026, 2026 + len(amounts))), "funds": [fund], "carry_over": False}


def make(officer: Officer, name: str = "Kịch bản thử", **values: Any) -> dict[str, Any]:
    """A plan; what the API answers."""
    answer = officer.post("/api/siting-plans", {"name": name, "settings": settings(**values)})
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def run_jobs(engine: Engine) -> list[str]:
    """Run what waits; what the worker said."""
    said: list[str] = []
    with engine.connect() as keeper:
        while run_one(engine, keeper, threading.Event(), said.append):
            pass
    return said


def solve(officer: Officer, engine: Engine, plan_id: int) -> dict[str, Any]:
    """Solve a plan; the plan afterwards."""
    answer = officer.post(f"/api/siting-plans/{plan_id}/solve")
    assert answer.status_code == 202, answer.text
    said = run_jobs(engine)
    assert said == [f"job {answer.json['id']} siting: done"]
    return dict(officer.get(f"/api/siting-plans/{plan_id}").json)


def clear(engine: Engine) -> None:
    """Nothing of siting is left."""
    with begin(engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM siting_plans"))
        conn.execute(sa.text("DELETE FROM comments WHERE task_id IS NOT NULL"))
        conn.execute(sa.text("DELETE FROM notices WHERE task_id IS NOT NULL"))
        conn.execute(sa.text("DELETE FROM tasks WHERE measure = 'device_installed'"))
        conn.execute(sa.text("DELETE FROM jobs"))
        for layer in ("cameras", "lights"):
            conn.execute(sa.text(f"DELETE FROM {layer} WHERE source = 'siting'"))


@contextmanager
def clean(engine: Engine) -> Iterator[Engine]:
    """An engine of the owner; coverage that no earlier test made too much to compute while one waits; nothing left."""
    with begin(engine, Actor("system")) as conn:
        forget_derived(conn)
    yield engine
    clear(engine)
