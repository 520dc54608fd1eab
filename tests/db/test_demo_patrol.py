"""Invented shifts of the demonstration: made once, the same again, true to every rule of real ones."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gis_app.analysis.patrol_weights import DEFAULTS
from gis_app.db import Actor, act_as
from gis_app.jobs.demo_patrol import SHIFTS, load_patrols
from gis_app.jobs.patrol_effort import effort_of
from gis_app.queries.communes import fetch_commune
from gis_app.queries.patrol import fetch_plans, fetch_routes, fetch_stops
from gis_app.queries.patrol_effort import Period
from gis_app.queries.tasks import fetch_today
from gis_app.queries.visits import fetch_ends, fetch_visits
from tests.builders import MAU


@pytest.fixture
def conn(owner_engine: Engine) -> Iterator[Connection]:
    """A transaction of the owner that rolls back."""
    found = owner_engine.connect()
    act_as(found, Actor("system"))
    yield found
    found.rollback()
    found.close()


def told(conn: Connection) -> list[Any]:
    """What is told of the shifts, without the numbers that the database gives."""
    plans = fetch_plans(conn, MAU.id)
    return [
        (
            plan.shift_on, plan.start_min, plan.end_min, plan.settings["seed"], plan.issued_at,
            sorted((s.key, s.team, s.position, s.arrive_s) for s in fetch_stops(conn, plan.id)),
            sorted((str(v.device_at), v.minutes or 0, v.reason or "") for v in fetch_visits(conn, MAU.id, plan.id)),
        )
        for plan in plans
    ]  # fmt: skip


def test_they_are_loaded_once_and_the_same_again(conn: Connection) -> None:
    counts, first = [], []
    notices = conn.exec_driver_sql("SELECT count(*) FROM notices").scalar_one()
    for _ in range(2):
        conn.exec_driver_sql("SAVEPOINT before")
        counts.append((load_patrols(conn), load_patrols(conn)))
        first.append([one[:6] for one in told(conn)])
        assert conn.exec_driver_sql("SELECT count(*) FROM notices").scalar_one() == notices
        conn.exec_driver_sql("ROLLBACK TO SAVEPOINT before")
        act_as(conn, Actor("system"))
    # Both communes of the tests are demonstrations.
    assert counts == [(2 * len(SHIFTS), 0)] * 2
    assert first[0] == first[1]


def test_they_keep_every_rule(conn: Connection) -> None:
    load_patrols(conn)
    visited: list[tuple[int, str]] = []
    for plan in fetch_plans(conn, MAU.id):
        assert (plan.state, plan.is_solved) == ("done", True)
        assert all("minh họa" in team["name"] for team in plan.settings["teams"])
        assert all(route.duration_s <= plan.shift_s for route in fetch_routes(conn, plan.id))
        stops = [stop for stop in fetch_stops(conn, plan.id) if stop.team is not None]
        assert stops
        visits = fetch_visits(conn, MAU.id, plan.id)
        # Every stop was visited, or has a reason.
        assert Counter(visit.stop_id for visit in visits) == Counter(stop.id for stop in stops)
        assert all((visit.reason is None) == (visit.device_at is not None) for visit in visits)
        assert len(fetch_ends(conn, MAU.id, plan.id)) == len({stop.team for stop in stops})
        assert all(visit.received_at > plan.issued_at for visit in visits if plan.issued_at)
        visited += [(plan.shift_on.toordinal(), stop.group_name) for stop in stops if stop.group_name]
    for day, _ in visited:
        week = Counter(group for on, group in visited if day - 7 < on <= day)
        assert max(week.values()) <= DEFAULTS["group_week_cap"]


def test_the_effort_has_something_to_tell(conn: Connection) -> None:
    load_patrols(conn)
    today = fetch_today(conn)
    act_as(conn, Actor("patrol", MAU.id, "an"))
    place = fetch_commune(conn, MAU.id)
    assert place is not None
    first = conn.execute(sa.text("SELECT CAST(:today AS date) - 27"), {"today": today}).scalar_one()
    found = effort_of(conn, place, Period(first, today, 7))
    assert found.total["shifts"] == len(SHIFTS)
    assert 0 < found.total["done"] < found.total["planned"]
    assert found.total["minutes"] > 100
    assert set(found.reasons) >= {"unclosed"}
    assert found.walks["unclosed"] >= 1
    assert found.gaps["median"] is not None
    assert 0 < found.streets.walked_m <= found.streets.issued_m < found.streets.total_m
