"""The queue of tips: its order, pages, counts, what is alike; and when tips go."""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.analysis.tip_clock import clock_of
from gis_app.jobs.retention import run_retention
from gis_app.jobs.tip_desk import DAYS
from gis_app.queries import tip_queue as queue
from gis_app.tables.tips import OPEN_DAYS, WARN_DAYS
from tests.builders import MAU
from tests.db.tip_kit import QUEUE, Desk, fill_tips, rows, tell

ClientAs = Callable[[str | None], FlaskClient]
OPEN = queue.Wanted(coarse=False)


pytestmark = pytest.mark.usefixtures("tips_open")


@pytest.fixture
def hoa(client_as: ClientAs) -> Desk:
    """The data officer."""
    return Desk(client_as("hoa"))


def pages_of(desk: Desk, query: str) -> list[list[int]]:
    """Every page, by its links."""
    found, address = [], QUEUE + query
    while address:
        html = desk.client.get(address).text
        found.append([int(one) for one in re.findall(r'data-testid="tip-(\d+)"', html)])
        link = re.search(r'rel="next" href="([^"]+)"', html)
        address = link[1].replace("&amp;", "&") if link else ""
    return found


def test_pages_hold_every_tip_once_and_tell_how_many(hoa: Desk, client_as: ClientAs, owner_engine: Engine) -> None:
    fill_tips(owner_engine, 612)
    found = pages_of(hoa, "")
    assert [len(page) for page in found] == [100] * 6 + [12]
    assert len({one for page in found for one in page}) == 612
    first = hoa.client.get(QUEUE).text
    assert "Tin 1–100 trong 612" in first
    assert "Mới (612)" in first
    assert "Tin 601–612 trong 612" in hoa.client.get(f"{QUEUE}?trang=99").text, "past the end is the last page"
    assert pages_of(hoa, "?tt=new") == found
    assert hoa.client.get(f"{QUEUE}?trang=x").status_code == 400
    coarse = client_as("binh").get(QUEUE).text
    assert "Tin 1–100 trong 612" in coarse
    answer = hoa.client.get("/api/tips?page=7").json
    assert (len(answer["tips"]), answer["page_count"], answer["count"]) == (12, 7, 612)


def test_held_tips_have_larger_pages_and_a_true_count(hoa: Desk, owner_engine: Engine) -> None:
    fill_tips(owner_engine, 730, held=True)
    page = hoa.client.get(f"{QUEUE}?tt=held").text
    assert "(730)" in page
    assert len(re.findall(r'name="id"', page)) == queue.HELD_ROWS
    assert hoa.post("giu", throw="1", id=re.findall(r'name="id" value="(\d+)"', page)).status_code == 303
    assert len(rows(owner_engine)) == 230


def test_the_order_is_that_of_the_clock(conn_as: Callable[[str], Connection], owner_engine: Engine) -> None:
    for number, (subject, state, days) in enumerate(
        (subject, state, days)
        for subject in ("gathering", "other", "light_out", "syringes")
        for state in ("new", "verifying", "handling")
        for days in (0, 3, 9, 30)
    ):
        fill_tips(owner_engine, 1, first=1 + number, subject=subject, state=state, days=days)
    conn = conn_as("hoa")
    found = queue.fetch_page(conn, OPEN, DAYS)
    today: dt.date = conn.execute(sa.select(sa.func.vietnam_today())).scalar_one()
    clocks = [clock_of(row.subject, row.received_on, row.state, row.handed_on, today) for row in found]
    due = [clock.due_on for clock in clocks if clock]
    assert len(due) == 48
    assert due == sorted(due)


def test_what_is_alike_is_counted_without_reading_all(
    conn_as: Callable[[str], Connection], owner_engine: Engine
) -> None:
    """A heap on one spot, a heap of a whole group, and many elsewhere: what is read grows with the page, not with n."""
    fill_tips(owner_engine, 1500, precision="point", at=(500.0, 500.0))
    fill_tips(owner_engine, 1500, first=5001, precision="group", subject="other")
    fill_tips(owner_engine, 1500, first=9001, precision="point", at=(2500.0, 2500.0))
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("ANALYZE tips")
    conn = conn_as("hoa")
    ids = [row.id for row in queue.fetch_page(conn, OPEN, DAYS)]
    counts = queue.count_alike(conn, ids)
    assert set(counts.values()) == {queue.MOST_ALIKE + 1}
    read: list[float] = []

    def note(_c: Any, cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if "other_0" in statement:
            with cursor.connection.cursor() as own:
                own.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + statement, values)
                read.append(read_by(own.fetchone()[0][0]["Plan"]))

    sa.event.listen(conn.engine, "before_cursor_execute", note)
    try:
        queue.count_alike(conn, ids)
    finally:
        sa.event.remove(conn.engine, "before_cursor_execute", note)
    assert read
    assert read[0] < len(ids) * 150, read


def read_by(plan: dict[str, Any]) -> float:
    """Rows that the scans of a plan looked at."""
    own = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
    below = sum(read_by(one) for one in plan.get("Plans", []))
    return below + (own * plan["Actual Loops"] if "Scan" in plan["Node Type"] else 0)


def test_a_whole_group_is_alike_to_any_in_it(client_as: ClientAs, code: str, hoa: Desk) -> None:
    resident, at = client_as(None), MAU.at(700.0, 500.0)
    tell(resident, code)
    tell(resident, code, precision="point", spot=f"{at.x},{at.y}")
    tell(resident, code, precision="cell", spot=f"{at.x},{at.y}")
    page = hoa.client.get(QUEUE).text
    assert sorted(re.findall(r'data-testid="alike-\d+">(\d+) tin', page)) == ["2", "2", "2"]


def test_duplicates_are_told_by_subject_and_distance(client_as: ClientAs, code: str, hoa: Desk) -> None:
    resident = client_as(None)
    spots = ((700.0, 500.0), (730.0, 500.0), (1200.0, 500.0))
    for east, north in spots:
        at = MAU.at(east, north)
        tell(resident, code, precision="point", spot=f"{at.x},{at.y}")
    at = MAU.at(700.0, 500.0)
    tell(resident, code, precision="point", spot=f"{at.x},{at.y}", subject="syringes")
    page = hoa.client.get(QUEUE).text
    assert sorted(re.findall(r'data-testid="alike-\d+">(\d+) tin', page)) == ["1", "1"]
    first = next(i for i in hoa.ids() if f'data-testid="alike-{i}"' in page)
    found = re.findall(r'<option value="(\d+)">', hoa.page(first).split('id="duplicate_of"')[1].split("</select>")[0])
    assert len(found) == 1
    assert hoa.act(first, "buoc", state="closed", outcome="duplicate", duplicate_of=found[0]).status_code == 303


def test_small_counts_are_hidden_and_no_total_gives_them_away(client_as: ClientAs, code: str) -> None:
    for _ in range(3):
        tell(client_as(None), code, subject="gathering")
    page = client_as("chi").get(QUEUE).text
    table = page.split('data-testid="figures"')[1].split("</table>")[0]
    assert "dưới 5" in table
    assert ">3<" not in table
    assert "Tổng" not in table


def test_what_nobody_closes_is_warned_of_and_goes(hoa: Desk, owner_engine: Engine, app: Flask, tmp_path: Path) -> None:
    for first, days in ((1, 5), (2, 25), (3, OPEN_DAYS - WARN_DAYS + 1), (4, OPEN_DAYS + 1)):
        fill_tips(owner_engine, 1, first=first, subject="other", state="verifying", days=days)
    fill_tips(owner_engine, 1, first=5, state="new", days=OPEN_DAYS + 1, held=True)
    page = hoa.client.get(QUEUE).text
    assert "3 tin chưa đóng đã quá mọi hạn" in page
    assert "2 tin sẽ bị xóa trong 30 ngày" in page
    assert len(re.findall(r'data-testid="goes-', page)) == 2
    assert "xóa ngày" in hoa.page(hoa.ids()[-1])
    counts = run_retention(app.extensions["engine"], tmp_path)
    assert counts is not None
    assert {name: counts[name] for name in ("tips", "unclosed_tips", "late_tips")} == {
        "tips": 1, "unclosed_tips": 1, "late_tips": 2,
    }  # fmt: skip
    assert len(rows(owner_engine)) == 3


def test_nobody_shortens_the_time(owner_engine: Engine, engine: Engine) -> None:
    for first, days in ((1, 89), (2, 209)):
        fill_tips(owner_engine, 1, first=first, subject="other", days=days, held=first == 1)
    with engine.begin() as conn:
        assert tuple(conn.exec_driver_sql("SELECT * FROM sweep_tips(0, 0, 0)").one())[:2] == (0, 0)


def test_a_closed_tip_is_gone_after_ninety_days(
    client_as: ClientAs, code: str, hoa: Desk, owner_engine: Engine, engine: Engine
) -> None:
    for _ in range(2):
        tell(client_as(None), code)
    old, young = hoa.ids()
    for tip_id in (old, young):
        hoa.act(tip_id, "tra-loi", template="thanks")
        hoa.act(tip_id, "buoc", state="closed", outcome="confirmed")
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("SELECT set_config('app.role', 'system', true)")
        conn.exec_driver_sql(f"UPDATE tips SET closed_on = vietnam_today() - 91 WHERE id = {old}")
        conn.exec_driver_sql(f"UPDATE tips SET closed_on = vietnam_today() - 90 WHERE id = {young}")
    with engine.begin() as conn:
        assert conn.exec_driver_sql("SELECT s.tips FROM sweep_tips(1, 1, 20) AS s").scalar_one() == 1, (
            "never before ninety days"
        )
    assert [row.id for row in rows(owner_engine)] == [young]
    assert {row.tip_id for row in rows(owner_engine, "SELECT tip_id FROM tip_messages")} == {young}
