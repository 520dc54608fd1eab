"""Bitemporal history of groups against a brute-force model; every door leaves its trace."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection, Engine

from gis_app.analysis.status import STEPS, Answer, drug_free
from gis_app.db import Actor, begin
from gis_app.queries.loading import insert_rows
from gis_app.queries.statuses import (
    fetch_history,
    fetch_known_moment,
    fetch_shapes,
    fetch_statuses,
    fetch_today,
    find_changes,
)
from layers import LAYERS
from tests.builders import MAU

FIRST = dt.date(2026, 1, 1)
LAST = FIRST + dt.timedelta(days=40)
ConnAs = Callable[[str], Connection]


@pytest.fixture
def group(owner_engine: Engine) -> Iterator[tuple[Connection, int]]:
    """A group of Xã Mẫu that began on 1 January 2026, in a transaction of the owner that rolls back."""
    conn = owner_engine.connect()
    conn.execute(sa.text("SELECT set_config('app.role', 'system', true)"))
    row = ("lich-su", MAU.box(0, 0, 10, 10), {"name": "Tổ lịch sử", "valid_from": FIRST})
    insert_rows(conn, LAYERS["groups"], MAU.id, [row], "test")
    group_id = conn.execute(sa.text("SELECT id FROM groups WHERE external_id = 'lich-su'")).scalar_one()
    yield conn, group_id
    conn.rollback()
    conn.close()


def record(conn: Connection, group_id: int, start: dt.date, end: dt.date | None, stage: str) -> dt.datetime:
    """Learn that the stage held in a span; return a moment after it."""
    call = "SELECT record_status(:g, daterange(:a, :b), jsonb_build_object('stage', CAST(:s AS text)))"
    conn.execute(sa.text(call), {"g": group_id, "a": start, "b": end, "s": stage})
    moment: dt.datetime = conn.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    return moment


def stage_of(conn: Connection, group_id: int, day: dt.date, known_at: dt.datetime | None) -> str | None:
    found = {s.group_id: s.stage for s in fetch_statuses(conn, MAU.id, day, known_at)}
    return found.get(group_id)


EDITS = st.lists(
    st.tuples(st.integers(0, 40), st.none() | st.integers(1, 20), st.sampled_from(sorted(STEPS))),
    min_size=1,
    max_size=8,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_every_day_as_known_at_every_moment_is_what_a_table_of_days_says(
    edits: list[tuple[int, int | None, str]], group: tuple[Connection, int]
) -> None:
    conn, group_id = group
    nested = conn.begin_nested()
    days = [FIRST + dt.timedelta(days=n) for n in range(45)]
    believed = dict.fromkeys(days, "not_selected")
    beliefs = [(conn.execute(sa.text("SELECT clock_timestamp()")).scalar_one(), dict(believed))]
    for offset, length, stage in edits:
        start = FIRST + dt.timedelta(days=offset)
        end = None if length is None else start + dt.timedelta(days=length)
        believed |= {day: stage for day in days if day >= start and (end is None or day < end)}
        beliefs.append((record(conn, group_id, start, end, stage), dict(believed)))
    for moment, belief in beliefs:
        for day in days[::4]:
            assert stage_of(conn, group_id, day, moment) == belief[day]
    assert [stage_of(conn, group_id, day, None) for day in days[::4]] == [beliefs[-1][1][day] for day in days[::4]]
    assert stage_of(conn, group_id, FIRST - dt.timedelta(days=1), None) is None
    nested.rollback()


def test_the_database_allows_one_answer_for_a_day_and_a_moment(group: tuple[Connection, int]) -> None:
    conn, group_id = group
    double = (
        "INSERT INTO group_statuses (commune_id, group_id, valid, known, name, kind, stage, users_answer, "
        "offenders_answer, places_answer, is_pilot, geom) SELECT commune_id, group_id, valid, known, name, kind, "
        "stage, users_answer, offenders_answer, places_answer, is_pilot, geom FROM group_statuses WHERE group_id = :g"
    )
    with pytest.raises(sa.exc.IntegrityError, match="group_statuses_one_answer"):
        conn.execute(sa.text(double), {"g": group_id})


def test_an_edit_by_any_door_is_history_from_today_on(conn_as: ConnAs, owner_engine: Engine) -> None:
    conn = conn_as("hoa")
    before = {s.name: s for s in fetch_statuses(conn, MAU.id)}
    assert len(before) == 4
    one = before["Tổ dân phố số 1 MAU1"]
    conn.execute(sa.text("UPDATE groups SET name = 'Tổ mới', household_count = 7 WHERE id = :g"), {"g": one.group_id})
    now = {s.group_id: s for s in fetch_statuses(conn, MAU.id)}[one.group_id]
    assert (now.name, now.household_count) == ("Tổ mới", 7)
    today = fetch_today(conn)
    spans = fetch_history(conn, one.group_id)
    assert spans[-1]["valid_from"] == today
    # A group of this very day has no yesterday.
    assert [s["name"] for s in spans][-1] == "Tổ mới"
    assert fetch_shapes(conn, MAU.id).keys() == {s.group_id for s in before.values()}


def test_a_deleted_group_stays_known_as_it_was(owner_engine: Engine, group: tuple[Connection, int]) -> None:
    conn, group_id = group
    moment = conn.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    conn.execute(sa.text("DELETE FROM groups WHERE id = :g"), {"g": group_id})
    assert stage_of(conn, group_id, LAST, None) is None
    assert stage_of(conn, group_id, LAST, moment) == "not_selected"


def test_nobody_of_the_web_writes_history_or_stage(conn_as: ConnAs) -> None:
    conn = conn_as("hoa")
    for statement in (
        "UPDATE group_statuses SET stage = 'maintained'",
        "DELETE FROM group_statuses",
        "UPDATE groups SET stage = 'maintained'",
        "UPDATE groups SET users_answer = 'met'",
        "UPDATE groups SET valid_to = '2026-01-01'",
        "INSERT INTO groups (commune_id, geom, name, stage) SELECT commune_id, geom, 'x', 'maintained' FROM groups",
        "SELECT record_status(1, daterange('2026-01-01', NULL), '{}')",
        "SELECT sync_group(1)",
        "UPDATE stage_changes SET state = 'approved'",
        "UPDATE group_reviews SET state = 'approved'",
    ):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), conn.begin_nested():
            conn.execute(sa.text(statement))


def test_another_commune_has_no_history_here(conn_as: ConnAs) -> None:
    mine, other = conn_as("chi"), conn_as("dung")
    assert fetch_statuses(other, MAU.id) == []
    group_id = fetch_statuses(mine, MAU.id)[0].group_id
    assert fetch_history(mine, group_id)
    assert fetch_history(other, group_id) == []


def test_a_writer_is_waited_for_before_a_moment_is_given(engine: Engine, owner_engine: Engine) -> None:
    with begin(owner_engine, Actor("system")) as writer:
        writer.execute(
            sa.text("UPDATE groups SET household_count = household_count WHERE commune_id = :c"), {"c": MAU.id}
        )
        with engine.begin() as reader:
            reader.execute(sa.text("SET LOCAL lock_timeout = '200ms'"))
            with pytest.raises(sa.exc.OperationalError, match="lock timeout"), reader.begin_nested():
                fetch_known_moment(reader, MAU.id)
    with engine.begin() as reader:
        assert fetch_known_moment(reader, MAU.id) is not None


ANSWERS = st.tuples(
    st.sampled_from(["met", "not_met", "not_reviewed"]),
    st.none() | st.dates(dt.date(2025, 11, 1), dt.date(2027, 1, 31)),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(ANSWERS, min_size=3, max_size=3), day=st.dates(dt.date(2025, 12, 1), dt.date(2027, 1, 31)))
def test_the_database_computes_the_same_answer(
    found: list[tuple[str, dt.date | None]], day: dt.date, group: tuple[Connection, int]
) -> None:
    conn, _ = group
    values = [value for answer in found for value in (sa.literal(answer[0]), sa.cast(answer[1], sa.Date))]
    computed = conn.execute(sa.select(sa.func.drug_free(sa.cast(day, sa.Date), *values))).scalar_one()
    assert computed == drug_free([Answer(*answer) for answer in found], day)


def test_a_comparison_names_what_differs(group: tuple[Connection, int]) -> None:
    conn, group_id = group
    record(conn, group_id, dt.date(2026, 2, 1), None, "building")
    before, after = (fetch_statuses(conn, MAU.id, day) for day in (dt.date(2026, 1, 15), dt.date(2026, 2, 15)))
    (change,) = [c for c in find_changes(before, after) if c.group_id == group_id]
    assert change.before is not None
    assert change.after is not None
    assert (change.before["stage"], change.after["stage"]) == ("not_selected", "building")
    (gone,) = [c for c in find_changes(before, []) if c.group_id == group_id]
    assert gone.after is None
