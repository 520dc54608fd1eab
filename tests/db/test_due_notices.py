"""Notices of late hotspots and of checks of venues: to whom, once a thing and day, how many and never where."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, begin
from gis_app.jobs.due_notices import SOON_DAYS, tell_of_dues
from gis_app.queries.notices import fetch_notices
from gis_app.queries.tasks import fetch_today
from tests.builders import BEN, MAU

ConnAs = Callable[[str], Connection]
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    """What the sample communes have due is told before, to nobody."""
    sweep(owner_engine)
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql("UPDATE notices SET role = 'nobody' WHERE things IS NOT NULL")
    yield
    with begin(owner_engine, Actor("system")) as conn:
        for table in ("hotspots", "venues"):
            conn.exec_driver_sql(f"DELETE FROM {table} WHERE external_id LIKE 'due-%%'")
        conn.exec_driver_sql("DELETE FROM hotspot_rules")
        conn.exec_driver_sql("DELETE FROM notices WHERE things IS NOT NULL")
        conn.exec_driver_sql("DELETE FROM audit_entries")


def add(engine: Engine, table: str, place: Any, values: dict[str, Any]) -> int:
    """A row of a layer; whole numbers are days from today."""
    with begin(engine, Actor("system")) as conn:
        today = fetch_today(conn)
        told = {name: today + one * DAY if isinstance(one, int) else one for name, one in values.items()}
        at = place.at(700, 800)
        text = (
            f"INSERT INTO {table} (external_id, commune_id, geom, {', '.join(told)}) "
            "VALUES ('due-' || gen_random_uuid(), :c, "
            f"ST_SetSRID(ST_MakePoint(:x, :y), 4326), {', '.join(':' + name for name in told)}) RETURNING id"
        )
        return int(conn.execute(sa.text(text), told | {"c": place.id, "x": at.x, "y": at.y}).scalar_one())


def hotspot(engine: Engine, at: Any = MAU, **more: Any) -> int:
    columns = {"place": "Gầm cầu", "class": "gathering", "state": "new", "first_seen_on": -8} | more
    return add(engine, "hotspots", at, columns)


def venue(engine: Engine, due: int | None) -> int:
    values = {"name": "Karaoke Ánh Trăng", "kind": "karaoke", "last_checked_on": -100, "next_due_on": due}
    return add(engine, "venues", MAU, values)


def sweep(engine: Engine) -> int:
    with begin(engine, Actor("system")) as conn:
        return tell_of_dues(conn)


def told(conn_as: ConnAs, username: str) -> set[tuple[str, str | None, str | None]]:
    return {(one.kind, one.about, one.link) for one in fetch_notices(conn_as(username))}


@pytest.mark.parametrize(
    ("state", "found", "is_late"),
    [("new", -8, True), ("new", -7, False), ("verified", -8, False), ("closed", -400, False)],
)
def test_a_late_hotspot_is_told_once(
    owner_engine: Engine, conn_as: ConnAs, state: str, found: int, is_late: bool
) -> None:
    number = hotspot(owner_engine, state=state, first_seen_on=found)
    assert sweep(owner_engine) == (3 if is_late else 0)
    assert sweep(owner_engine) == 0
    expected = {("hotspot_late", "1", f"/diem-nong/so/{number}")} if is_late else set()
    for username in ("an", "hoa"):
        assert told(conn_as, username) == expected, username
    for username in ("binh", "chi", "lan", "dung", "giang"):
        assert told(conn_as, username) == set(), username


def test_several_are_one_notice_that_leads_to_the_list(owner_engine: Engine, conn_as: ConnAs) -> None:
    for _ in range(2):
        hotspot(owner_engine)
    hotspot(owner_engine, BEN)
    hotspot(owner_engine, expires_on=-1)
    assert sweep(owner_engine) == 6
    assert told(conn_as, "hoa") == {("hotspot_late", "2", "/diem-nong/so")}
    third = hotspot(owner_engine)
    assert sweep(owner_engine) == 3
    assert ("hotspot_late", "1", f"/diem-nong/so/{third}") in told(conn_as, "hoa")


def test_the_commune_says_how_long_a_step_may_take(owner_engine: Engine, conn_as: ConnAs) -> None:
    hotspot(owner_engine)
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql(f"INSERT INTO hotspot_rules (commune_id, new_days) VALUES ({MAU.id}, 8)")
    assert sweep(owner_engine) == 0
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql("UPDATE hotspot_rules SET new_days = 7")
    assert sweep(owner_engine) == 3
    assert len(told(conn_as, "an")) == 1


def test_the_next_step_may_be_late_again(owner_engine: Engine, conn_as: ConnAs) -> None:
    number = hotspot(owner_engine, first_seen_on=-60)
    assert sweep(owner_engine) == 3
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql(
            "INSERT INTO hotspot_steps (commune_id, hotspot_id, state, on_day) "
            f"VALUES ({MAU.id}, {number}, 'verified', vietnam_today() - 31)"
        )
        conn.exec_driver_sql(f"UPDATE hotspots SET state = 'verified' WHERE id = {number}")
    assert sweep(owner_engine) == 3
    assert len(fetch_notices(conn_as("hoa"))) == 2


@pytest.mark.parametrize(
    ("due", "kind"),
    [(SOON_DAYS + 1, None), (SOON_DAYS, "venue_due"), (0, "venue_due"), (-1, "venue_late"), (None, None)],
)
def test_a_check_is_told_before_and_after_its_day(
    owner_engine: Engine, conn_as: ConnAs, due: int | None, kind: str | None
) -> None:
    number = venue(owner_engine, due)
    assert sweep(owner_engine) == (3 if kind else 0)
    assert sweep(owner_engine) == 0
    expected = {(kind, "1", f"/du-lieu/co-so/{number}")} if kind else set()
    for username in ("an", "hoa"):
        assert told(conn_as, username) == expected, username
    for username in ("binh", "chi", "lan"):
        assert told(conn_as, username) == set(), username


def test_a_check_that_was_near_is_told_again_when_late(owner_engine: Engine) -> None:
    number = venue(owner_engine, 0)
    assert sweep(owner_engine) == 3
    with begin(owner_engine, Actor("system")) as conn:
        # As if a day had gone by.
        conn.exec_driver_sql(f"UPDATE venues SET next_due_on = next_due_on - 1 WHERE id = {number}")
        text = "UPDATE notices SET things = ARRAY[:t] WHERE kind = 'venue_due' AND role <> 'nobody'"
        conn.execute(sa.text(text), {"t": f"{number} {fetch_today(conn) - DAY}"})
    assert sweep(owner_engine) == 3
    assert sweep(owner_engine) == 0


def test_no_notice_says_where(owner_engine: Engine, conn_as: ConnAs) -> None:
    hotspot(owner_engine)
    venue(owner_engine, -1)
    sweep(owner_engine)
    for one in fetch_notices(conn_as("an")):
        assert (one.body, one.group_id, one.about) == (None, None, "1")
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        conn_as("an").exec_driver_sql("SELECT things FROM notices")


def test_only_the_system_tells(owner_engine: Engine) -> None:
    hotspot(owner_engine)
    for actor in (Actor("data", MAU.id, "hoa"), Actor("system", MAU.id)):
        with begin(owner_engine, actor) as conn:
            assert tell_of_dues(conn) == 0


def test_the_page_leads_there(owner_engine: Engine, client_as: Callable[[str], Any]) -> None:
    number = hotspot(owner_engine)
    venue(owner_engine, 3)
    venue(owner_engine, 3)
    sweep(owner_engine)
    page = client_as("hoa").get("/thong-bao").text
    assert "1 điểm nóng quá hạn bước kế tiếp" in page
    assert f'href="/diem-nong/so/{number}"' in page
    assert "2 cơ sở đến hạn kiểm tra trong 7 ngày tới" in page
    assert 'href="/du-lieu/co-so"' in page
    assert client_as("hoa").get(f"/diem-nong/so/{number}").status_code == 200
