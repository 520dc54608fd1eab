"""The demonstration has scores, campaigns with figures, blocked cameras, costs, and checks of which one is late."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gis_app.analysis.town.specs import SPECS
from gis_app.db import Actor, act_as
from gis_app.jobs.campaign import current_campaigns
from gis_app.jobs.demo import load_demo
from gis_app.jobs.programme import compute_indicators
from gis_app.jobs.scorecard import count_scorecard
from gis_app.queries.communes import fetch_commune
from gis_app.queries.devices import fetch_spent
from gis_app.queries.tasks import fetch_today

TAN_AN = 11167
LEADER, OFFICER = (Actor(role, TAN_AN, "minh-hoa") for role in ("committee", "data"))


@pytest.fixture(scope="module")
def _loaded(owner_engine: Engine) -> Iterator[Connection]:
    """Tân An in a transaction of the owner that rolls back."""
    conn = owner_engine.connect()
    act_as(conn, Actor("system"))
    load_demo(conn, [spec for spec in SPECS if int(spec.code) == TAN_AN])
    yield conn
    conn.rollback()
    conn.close()


@pytest.fixture
def loaded(_loaded: Connection) -> Connection:
    act_as(_loaded, LEADER)
    return _loaded


def rows(conn: Connection, text: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in conn.execute(sa.text(text), {"c": TAN_AN})]


def test_most_groups_have_a_score_and_the_scores_are_spread(loaded: Connection) -> None:
    commune, today = fetch_commune(loaded, TAN_AN), fetch_today(loaded)
    assert commune is not None
    # The town's own days are of 2026: of a later year nothing is known yet.
    card = count_scorecard(loaded, LEADER, commune, min(today.year, 2026))
    scores = sorted(row["tenths"] for row in card.rows if row["tenths"] is not None)
    assert len(scores) >= 0.9 * len(card.rows)
    assert scores[-1] - scores[0] > 200


def test_reviews_are_those_of_real_groups_and_of_no_future(loaded: Connection) -> None:
    text = (
        "SELECT count(*) FILTER (WHERE r.reviewed_on > g.last_reviewed_on), "
        "count(*) FILTER (WHERE r.starts_on > vietnam_today()), "
        "count(*) FILTER (WHERE r.pledge_household_count > g.household_count), count(DISTINCT r.group_id), "
        "count(DISTINCT r.group_id) FILTER (WHERE r.reviewed_on = g.last_reviewed_on) "
        "FROM group_reviews AS r JOIN groups AS g ON g.id = r.group_id WHERE r.commune_id = :c"
    )
    (found,) = rows(loaded, text)
    (groups,) = rows(loaded, "SELECT count(last_reviewed_on) FROM groups WHERE commune_id = :c")
    assert found == (0, 0, 0, *groups, *groups)


def test_one_campaign_runs_and_one_is_over(loaded: Connection) -> None:
    told = current_campaigns(loaded, TAN_AN, fetch_today(loaded), compute_indicators(loaded, TAN_AN))
    assert sorted(one.clock.state for one in told) == ["over", "running"]
    for one in told:
        assert one.tasks.total > 0
        assert all(target.is_reached is not None for target in one.targets)


def test_devices_have_costs_and_two_cameras_see_nothing(loaded: Connection) -> None:
    spent = fetch_spent(loaded, TAN_AN)
    assert {one.fund for one in spent} >= {"Ngân sách địa phương", "Xã hội hóa"}
    assert all(one.year and one.cost_vnd for one in spent)
    blocked = "commune_id = :c AND obstructed_on < vietnam_today() AND state = 'working'"
    assert rows(loaded, f"SELECT count(*) FROM cameras WHERE {blocked}") == [(2,)]


def test_a_check_is_late_one_is_due_and_what_was_wanting_is_said(loaded: Connection) -> None:
    act_as(loaded, OFFICER)
    late, near = "next_due_on < vietnam_today()", "next_due_on BETWEEN vietnam_today() AND vietnam_today() + 7"
    for what in (late, near):
        ((count,),) = rows(loaded, f"SELECT count(*) FROM venues WHERE commune_id = :c AND {what}")
        assert count >= 1, what
    told = rows(loaded, "SELECT DISTINCT outcome FROM venue_checks WHERE commune_id = :c AND note <> ''")
    assert {("reminded",), ("violation",)} >= set(told) != set()
