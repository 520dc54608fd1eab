"""Every measure of a task is a function of the database, asked of the data as they are at that moment."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gis_app.queries.task_measures import MEASURES
from tests.builders import MAU
from tests.db import programme as pg
from tests.db.officers import Officer


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    pg.clear(owner_engine)


@pytest.fixture
def groups(owner_engine: Engine) -> list[int]:
    return pg.group_ids(owner_engine, MAU.id)


@pytest.fixture
def hoa(client_as: pg.ClientAs) -> Officer:
    return Officer(client_as("hoa"))


# Measure, what it is told, group (0-based), then SQL that reaches it. MAU's sample: stages maintained, building,
# not_selected, lapsed; nothing reviewed; 29 lamps in the first group, one broken.
CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "group_stage": (
        {"options": {"stage": "recognised"}, "wanted": "absent"},
        "UPDATE groups SET stage = 'maintained' WHERE id = {group}",
        "UPDATE groups SET stage = 'building' WHERE id = {group}",
    ),
    "criterion_met": (
        {"options": {"criterion": "offenders"}, "wanted": "absent"},
        "UPDATE groups SET offenders_answer = 'met', offenders_on = vietnam_today() WHERE id = {group}",
        # Met, but in a period that is over: no answer any more.
        "UPDATE groups SET offenders_on = period_start(vietnam_today()) - 1 WHERE id = {group}",
    ),
    "criteria_reviewed": (
        {"options": {"from_on": pg.TODAY.isoformat()}, "wanted": "absent"},
        "UPDATE groups SET users_answer = 'met', offenders_answer = 'not_met', places_answer = 'met', "
        "users_on = vietnam_today(), offenders_on = vietnam_today(), places_on = vietnam_today() WHERE id = {group}",
        "UPDATE groups SET users_answer = 'met', offenders_answer = 'met', places_answer = 'met', "
        "users_on = vietnam_today() - 1, offenders_on = vietnam_today(), places_on = vietnam_today() + 1 "
        "WHERE id = {group}",
    ),
    "tip_box_working": (
        {},
        "UPDATE tip_boxes SET geom = (SELECT ST_PointOnSurface(geom) FROM groups WHERE id = {group}), "
        "state = 'working' WHERE commune_id = 90001",
        "UPDATE tip_boxes SET state = 'removed' WHERE commune_id = 90001",
    ),
    "board_complete": (
        {},
        "UPDATE notice_boards SET geom = (SELECT ST_PointOnSurface(geom) FROM groups WHERE id = {group}), "
        "has_commune_police = true, has_pc04 = true, has_c04 = true WHERE commune_id = 90001",
        "UPDATE notice_boards SET geom = (SELECT ST_PointOnSurface(geom) FROM groups WHERE id = {group}), "
        "has_commune_police = true, has_pc04 = true, has_c04 = false WHERE commune_id = 90001",
    ),
    "lights_working": (
        {"wanted": 97},
        "UPDATE lights SET state = 'working' WHERE commune_id = 90001",
        "UPDATE lights SET state = 'proposed' WHERE commune_id = 90001 AND state = 'working'",
    ),
    "pledge_signed": (
        {"wanted": "absent", "feature": "schools"},
        "UPDATE schools SET has_pledge = true WHERE commune_id = 90001",
        "UPDATE schools SET has_pledge = false WHERE commune_id = 90001",
    ),
    "venue_checked": (
        {"wanted": "absent", "feature": "venues", "options": {"from_on": "2026-05-01"}},
        "UPDATE venues SET last_checked_on = '2026-05-01' WHERE commune_id = 90001",
        "UPDATE venues SET last_checked_on = '2026-04-30' WHERE commune_id = 90001",
    ),
    "group_coverage": (
        {"options": {"figure": "street_night"}, "wanted": 50},
        # Reached, and nothing has changed since.
        "UPDATE coverage_figures SET covered = array_fill(50.0::float8, ARRAY[27]) WHERE commune_id = 90001; "
        "DELETE FROM coverage_dirty WHERE commune_id = 90001",
        # Lamps have changed since: these figures are of before.
        "DELETE FROM coverage_figures WHERE commune_id = 90001; INSERT INTO coverage_figures "
        "(commune_id, cell, kind, unit, total, covered) VALUES "
        "(90001, '0:0', 'group_street', '{group}', 100, array_fill(99.0::float8, ARRAY[27])); "
        "UPDATE lights SET radius_m = 21 WHERE commune_id = 90001",
    ),
    "device_installed": (
        {"wanted": "absent", "feature": "cameras"},
        "UPDATE cameras SET state = 'working', verified_on = vietnam_today() WHERE commune_id = 90001; "
        "DELETE FROM coverage_dirty WHERE commune_id = 90001",
        "UPDATE cameras SET state = 'working', verified_on = vietnam_today() - 1 WHERE commune_id = 90001",
    ),
    "tip_handled": (
        {"wanted": "absent", "group_id": None},
        "INSERT INTO tips (id, commune_id, subject, precision, geom, body, receipt_hash, received_at, state, "
        "closed_on, outcome, task_id) SELECT 5, 90001, 'other', 'group', ST_SetSRID(ST_MakePoint(106.7, 20.8), 4326), "
        "'', repeat('e', 64), half_day(), 'closed', vietnam_today(), 'confirmed', max(id) FROM tasks",
        "SELECT 1",
    ),
    "commune_indicator": (
        {"options": {"indicator": "achieved"}, "wanted": 2, "group_id": None},
        "UPDATE groups SET stage = 'recognised' WHERE commune_id = 90001 AND stage IN ('building', 'maintained')",
        "UPDATE groups SET stage = 'recognised' WHERE commune_id = 90002",
    ),
}


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_is_asked_of_the_data(
    measure: str, hoa: Officer, groups: list[int], owner_engine: Engine, client_as: pg.ClientAs
) -> None:
    values, reached, missed = CASES[measure]
    body = pg.task(groups[0], measure=measure, **values)
    if "feature" in body:
        body["feature"] = {"layer": body["feature"], "id": pg.feature_id(owner_engine, body["feature"], MAU.id)}
    made = pg.post(hoa, "/api/tasks", body)
    assert made.status_code == 201, made.text
    number = made.json["id"]
    # In a transaction of the owner that rolls back: the sample stays as it was.
    with owner_engine.connect() as conn:
        for statement, expected in ((missed, "not_reached"), (reached, "closed")):
            conn.execute(sa.text("SET LOCAL app.role = 'system'"))
            conn.execute(sa.text(statement.format(group=groups[0])))
            conn.execute(sa.text("SET LOCAL app.role = 'data'; SET LOCAL app.commune_id = '90001'"))
            row = conn.execute(sa.text(f"SELECT * FROM close_task({number}, 1)")).one()
            assert row.outcome == expected, (measure, row)
        conn.rollback()


def test_every_measure_has_its_function_and_no_function_is_without(owner_engine: Engine) -> None:
    with owner_engine.begin() as conn:
        query = "SELECT substr(proname, 14) FROM pg_proc WHERE proname LIKE 'task\\_measure\\_%'"
        assert set(conn.execute(sa.text(query)).scalars()) == set(MEASURES)
    for measure in MEASURES.values():
        assert all(measure.title)
