"""Checks of venues: the venue's days follow the last record, whichever door writes; who reads and writes."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, begin
from gis_app.queries import venue_checks as q
from gis_app.queries.import_diff import delete_rows, undo_rows
from gis_app.queries.tasks import fetch_today
from layers import LAYERS
from tests.builders import MAU
from tests.db.officers import Officer

OfficerAs = Callable[[str], Officer]
ConnAs = Callable[[str], Connection]
DAY = dt.timedelta(days=1)
INSERT = (
    "INSERT INTO venues (commune_id, geom, name, kind, last_checked_on, next_due_on) VALUES (:c, "
    "ST_SetSRID(ST_MakePoint(:x, :y), 4326), 'Karaoke Ánh Trăng', 'karaoke', :last, :due) RETURNING id"
)


def add(conn: Connection, last: dt.date | None = None, due: dt.date | None = None) -> int:
    at = MAU.at(700, 800)
    values = {"c": MAU.id, "x": at.x, "y": at.y, "last": last, "due": due}
    return int(conn.execute(sa.text(INSERT), values).scalar_one())


@pytest.fixture
def venue(owner_engine: Engine) -> Iterator[int]:
    """A venue that nobody has looked at."""
    with begin(owner_engine, Actor("system")) as conn:
        number = add(conn)
    yield number
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql(f"DELETE FROM venues WHERE id = {number}")
        conn.exec_driver_sql("DELETE FROM audit_entries WHERE table_name IN ('venues', 'venue_checks')")


def days(conn: Connection, number: int) -> tuple[dt.date | None, dt.date | None]:
    text = f"SELECT last_checked_on, next_due_on FROM venues WHERE id = {number}"
    return tuple(conn.exec_driver_sql(text).one())  # type: ignore[return-value]


def check(
    conn: Connection, number: int, ago: int, outcome: str = "passed", due: int | None = 90, note: str = ""
) -> str:
    day = fetch_today(conn) - ago * DAY
    values = {"checked_on": day, "outcome": outcome, "note": note or None,
              "next_due_on": None if due is None else day + due * DAY}  # fmt: skip
    return q.insert_check(conn, number, values)


def test_the_last_check_gives_the_days(venue: int, conn_as: ConnAs) -> None:
    conn = conn_as("hoa")
    today = fetch_today(conn)
    assert [check(conn, venue, 5), check(conn, venue, 40, "violation")] == ["recorded"] * 2
    assert days(conn, venue) == (today - 5 * DAY, today + 85 * DAY)
    newest = q.fetch_checks(conn, MAU.id, venue)[0]
    assert q.delete_check(conn, newest.id) == "removed"
    assert days(conn, venue) == (today - 40 * DAY, today + 50 * DAY)


def test_what_is_refused(venue: int, conn_as: ConnAs) -> None:
    conn = conn_as("hoa")
    assert check(conn, venue, -1) == "too_late"
    assert check(conn, venue, 3, due=0) == "bad_due"
    assert check(conn, venue, 3) == "recorded"
    assert check(conn, venue, 3, "violation") == "same_day"
    assert check(conn_as("giang"), venue, 1) == "missing"


@pytest.mark.parametrize("username", ["binh", "chi", "lan"])
def test_others_write_none(venue: int, username: str, conn_as: ConnAs) -> None:
    assert check(conn_as(username), venue, 1) == "role"


def test_a_patrol_takes_none_out(venue: int, conn_as: ConnAs) -> None:
    conn = conn_as("an")
    check(conn, venue, 1)
    assert q.delete_check(conn, q.fetch_checks(conn, MAU.id, venue)[0].id) == "role"


def test_a_day_on_the_venue_becomes_a_record(venue: int, officer_as: OfficerAs, conn_as: ConnAs) -> None:
    hoa, path = officer_as("hoa"), f"/api/layers/venues/features/{venue}"
    body = {"type": "Feature", "properties": {"last_checked_on": "2026-10-01", "next_due_on": "2027-01-01"}}
    assert hoa.patch(path, body, 1).status_code == 200
    told = hoa.get(f"/api/venues/{venue}/checks").json["checks"]
    assert [(one["checked_on"], one["outcome"], one["next_due_on"]) for one in told] == [
        ("2026-10-01", "unknown", "2027-01-01")
    ]
    # The outcome comes later: the same record.
    conn = conn_as("hoa")
    values = {"checked_on": dt.date(2026, 10, 1), "outcome": "reminded", "note": "Thiếu sổ", "next_due_on": None}
    assert q.insert_check(conn, venue, values) == "recorded"
    assert [one.outcome for one in q.fetch_checks(conn, MAU.id, venue)] == ["reminded"]
    conn.rollback()
    assert hoa.post(f"{path}/undo", {}, 2).status_code == 200
    assert hoa.get(f"/api/venues/{venue}/checks").json["checks"] == []
    assert hoa.get(path).json["properties"]["last_checked_on"] is None


def test_an_older_day_hides_no_check(venue: int, conn_as: ConnAs) -> None:
    conn = conn_as("hoa")
    check(conn, venue, 3)
    conn.exec_driver_sql(f"UPDATE venues SET last_checked_on = vietnam_today() - 30 WHERE id = {venue}")
    assert days(conn, venue)[0] == fetch_today(conn) - 3 * DAY
    assert len(q.fetch_checks(conn, MAU.id, venue)) == 2


SEEN = {"hoa": 1, "an": 1, "lan": 1, "binh": 0, "chi": 0, "giang": 0, "dung": 0}


@pytest.mark.parametrize("username", SEEN)
def test_who_reads_the_records(
    venue: int, username: str, client_as: Callable[[str], FlaskClient], conn_as: ConnAs, owner_engine: Engine
) -> None:
    with begin(owner_engine, Actor("data", MAU.id, "hoa")) as conn:
        check(conn, venue, 1)
    found = (
        conn_as(username).exec_driver_sql(f"SELECT count(*) FROM venue_checks WHERE venue_id = {venue}").scalar_one()
    )
    assert found == SEEN[username]
    status = client_as(username).get(f"/du-lieu/co-so/{venue}").status_code
    assert status == (200 if SEEN[username] else 404 if username == "giang" else 403)


def test_nobody_writes_past_the_functions(venue: int, conn_as: ConnAs) -> None:
    columns = "commune_id, venue_id, checked_on, outcome"
    text = f"INSERT INTO venue_checks ({columns}) VALUES ({MAU.id}, {venue}, now(), 'passed')"
    for statement in (text, "DELETE FROM venue_checks", "UPDATE venue_checks SET outcome = 'passed'"):
        conn = conn_as("hoa")
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            conn.exec_driver_sql(statement)


def test_what_is_due(venue: int, conn_as: ConnAs) -> None:
    conn = conn_as("hoa")
    today = fetch_today(conn)
    conn.exec_driver_sql(f"DELETE FROM venues WHERE commune_id = {MAU.id} AND id <> {venue}")
    late, soon = add(conn, today - 100 * DAY, today - 10 * DAY), add(conn, today - 100 * DAY, today + 30 * DAY)
    add(conn, today - 100 * DAY, today + 31 * DAY)
    assert q.count_standings(conn, MAU.id) == {"overdue": 1, "soon": 1, "never": 1, "all": 4}
    rows = q.fetch_venues(conn, MAU.id, q.Wanted())
    assert [(row.id, row.days_late) for row in rows[:2]] == [(late, 10), (venue, 0)]
    assert [row.id for row in q.fetch_venues(conn, MAU.id, q.Wanted("soon"))] == [soon]
    assert set(q.count_standings(conn, MAU.id, "hotel").values()) == {0}
    assert q.count_standings(conn, MAU.id, rows[0].kind) == q.count_standings(conn, MAU.id)


def test_a_form_writes_and_a_name_is_refused(venue: int, officer_as: OfficerAs) -> None:
    an, today = officer_as("an"), dt.datetime.now(dt.UTC).date()
    body: dict[str, Any] = {"checked_on": (today - DAY).isoformat(), "outcome": "reminded", "note": "chủ là anh Tuấn"}
    assert an.post(f"/api/venues/{venue}/checks", body).status_code == 422
    assert an.post(f"/api/venues/{venue}/checks", body | {"note": "=Thiếu sổ"}).status_code == 201
    table = an.get("/api/venue-checks?f=csv&kind=karaoke").text
    assert "Karaoke Ánh Trăng" in table
    assert "Nhắc nhở" in table


def test_a_venue_that_comes_back_has_its_checks(venue: int, conn_as: ConnAs, owner_engine: Engine) -> None:
    """An import that took it away is taken back: every check is there as before, with outcome and words."""
    with begin(owner_engine, Actor("system")) as conn:
        text = "INSERT INTO venue_checks (commune_id, venue_id, checked_on, outcome, note) VALUES (:c, :v, :d, :o, :n)"
        for ago, outcome, note in ((50, "violation", "Chưa có sổ trực"), (5, "passed", None)):
            day = fetch_today(conn) - ago * DAY
            conn.execute(sa.text(text), {"c": MAU.id, "v": venue, "d": day, "o": outcome, "n": note})
    conn = conn_as("hoa")
    before = q.fetch_checks(conn, MAU.id, venue)
    assert [one.outcome for one in before] == ["passed", "violation"]
    assert delete_rows(conn, LAYERS["venues"], [venue]) == 1
    now = conn.exec_driver_sql("SELECT now()").scalar_one()
    assert undo_rows(conn, LAYERS["venues"], MAU.id, now, "hoa").returned_count == 1
    assert q.fetch_checks(conn, MAU.id, venue) == before
    assert days(conn, venue) == (before[0].checked_on, None)
