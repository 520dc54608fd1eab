"""Siting plans from settings to devices: fixed devices, exclusions, money, bound, best so far, roles, bad input."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.queries import siting as q
from tests.builders import BEN, MAU
from tests.db import siting as s
from tests.db.officers import Officer

ClientAs = Callable[[str | None], FlaskClient]
OfficerAs = Callable[[str], Officer]


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    with s.clean(owner_engine):
        yield


@pytest.fixture
def binh(officer_as: OfficerAs) -> Officer:
    return officer_as("binh")


def layer_rows(engine: Engine) -> list[Any]:
    query = "SELECT id, version, ST_AsEWKB(geom) FROM {} WHERE commune_id = :here ORDER BY id"
    with engine.connect() as conn:
        return [conn.execute(sa.text(query.format(t)), {"here": MAU.id}).all() for t in ("cameras", "lights")]


def test_a_new_plan_starts_from_the_communes_layers(binh: Officer) -> None:
    found = binh.get("/api/siting-plans/defaults").json
    assert found["settings"]["candidates"]["light_poles"] is True
    assert found["name"].startswith("Kịch bản ngày ")
    made = binh.post("/api/siting-plans", found)
    assert made.status_code == 201, made.text
    assert made.json["settings"] == found["settings"]
    assert made.json["state"] == "draft"
    assert made.json["bound_text"] == "Chưa tính."


def test_solving_keeps_what_stands_excludes_and_pays(
    binh: Officer, engine: Engine, owner_engine: Engine
) -> None:
    """T-S5 and T-S6."""
    before = layer_rows(owner_engine)
    plan = s.solve(binh, engine, s.make(binh)["id"])
    assert layer_rows(owner_engine) == before
    assert plan["state"] == "solved"
    assert plan["status"] == "optimal"
    assert plan["devices"]
    for device in plan["devices"]:
        x, y = metres(owner_engine, device)
        assert 1249 < x < 1951
        assert 1249 < y < 1951
    spent: dict[tuple[int, str], int] = {}
    for device in plan["devices"]:
        key = device["year"], device["fund"]
        spent[key] = spent.get(key, 0) + device["cost_vnd"]
    assert spent[2026, "Quỹ thử"] <= 30_000_000
    assert spent.get((2027, "Quỹ thử"), 0) <= 20_000_000
    figures = plan["figures"]
    assert figures["after"]["weight"] >= figures["before"]["weight"]
    assert not figures["spending"]["is_over"]
    assert figures["after"]["weight"] == pytest.approx(plan["objective"], rel=1e-9)
    assert plan["bound"] >= plan["objective"] - 1e-6
    assert plan["gap_share"] == pytest.approx(0, abs=1e-6)
    assert "Đã chứng minh" in plan["bound_text"]
    assert plan["history"]


def metres(engine: Engine, device: dict[str, Any]) -> tuple[float, float]:
    query = "SELECT ST_X(p), ST_Y(p) FROM ST_Transform(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), 9210) AS p"
    with engine.connect() as conn:
        x, y = conn.execute(sa.text(query), {"lon": device["lon"], "lat": device["lat"]}).one()
    return x - MAU.x, y - MAU.y
