"""The demonstration's neighbour and its work under way: made by the product's own steps, whole, and once."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, begin
from gis_app.jobs.accounts import set_account
from gis_app.jobs.demo_neighbour import NEIGHBOUR_ID, agree, load_neighbour
from gis_app.jobs.demo_work import load_work
from gis_app.queries.place_classes import insert_class
from layers import LAYERS
from tests.builders import MAU, PASSWORD

FLOOD = {"name": "Nơi dễ ngập", "letters": "NG", "color": "#0b6e6e", "shape": "point"}
PEOPLE = {f"{role}.{short}": (role, place) for short, place in (("mau", MAU.id), ("minhhoa", NEIGHBOUR_ID))
          for role in ("data", "planner", "committee")}  # fmt: skip


def rows(engine: Engine, text: str) -> list[tuple[Any, ...]]:
    with engine.begin() as conn:
        return [tuple(row) for row in conn.execute(sa.text(text), {"m": MAU.id, "n": NEIGHBOUR_ID})]


def _wipe(conn: Connection) -> None:
    for table in ("agreements", "jobs", "imports", "siting_plans", "stage_changes", "notices", "audit_entries"):
        conn.exec_driver_sql(f"DELETE FROM {table}")
    for name in sorted(LAYERS, key=lambda n: LAYERS[n].tenant):
        if LAYERS[name].tenant:
            for table in ("group_statuses", "layer_versions"):
                conn.exec_driver_sql(f"DELETE FROM {table} WHERE commune_id = {NEIGHBOUR_ID}")
            conn.execute(sa.text("DELETE FROM accounts WHERE username = ANY(:names)"), {"names": list(PEOPLE)})
        conn.exec_driver_sql(f"DELETE FROM {name} WHERE commune_id = {NEIGHBOUR_ID} OR external_id LIKE 'NGAP-%%'")
    conn.exec_driver_sql("DELETE FROM place_classes WHERE name = 'Nơi dễ ngập'")


@pytest.fixture(scope="module", autouse=True)
def _made(owner_engine: Engine, engine: Engine) -> Iterator[None]:
    with begin(owner_engine, Actor("system")) as conn:
        insert_class(conn, MAU.id, FLOOD)
        load_neighbour(conn, MAU.id)
        for name, (role, place) in PEOPLE.items():
            set_account(conn, name, PASSWORD, role, place)
    agree(engine, MAU.id, "committee.mau", "committee.minhhoa")
    load_work(engine, MAU.id, "mau")
    yield
    with begin(owner_engine, Actor("system")) as conn:
        _wipe(conn)


def test_the_neighbours_touch_and_share_a_strip(owner_engine: Engine) -> None:
    # The sample's sides are 3 km long, straight in degrees here and in metres there: centimetres apart in the middle.
    apart = "ST_Distance(a.geom::geography, b.geom::geography) < 1"
    upon = "ST_Area(ST_Intersection(a.geom, b.geom)::geography) < 500"
    pair = "FROM communes AS a, communes AS b WHERE a.id = :m AND b.id = :n"
    assert rows(owner_engine, f"SELECT {apart}, {upon}, b.is_demo {pair}") == [(True, True, True)]
    assert rows(owner_engine, "SELECT state, strip IS NOT NULL, proposed_by <> approved_by FROM agreements") == [
        ("approved", True, True)
    ]


def test_a_proposal_waits_for_a_second_person(owner_engine: Engine) -> None:
    assert rows(owner_engine, "SELECT commune_id, state, requested_by, decided_by FROM stage_changes") == [
        (MAU.id, "pending", "data.mau", None)
    ]


def test_the_import_is_stored_and_its_file_is_gone(owner_engine: Engine) -> None:
    assert rows(owner_engine, "SELECT commune_id, layer, state, applied_by FROM imports") == [
        (MAU.id, "other_places", "applied", "data.mau")
    ]
    kept = rows(owner_engine, "SELECT commune_id, kind FROM other_places WHERE external_id LIKE 'NGAP-%'")
    assert kept == [(MAU.id, "Nơi dễ ngập")]
    assert rows(owner_engine, "SELECT count(*) FROM import_parts WHERE kind = 'file'") == [(0,)]


def test_plan_and_report_are_asked_of_the_worker(owner_engine: Engine) -> None:
    found = rows(owner_engine, "SELECT kind, asked_role, state FROM jobs ORDER BY kind")
    assert found == [("report", "committee", "queued"), ("siting", "planner", "queued")]
    assert rows(owner_engine, "SELECT commune_id, name FROM siting_plans") == [(MAU.id, "Kịch bản minh họa")]
