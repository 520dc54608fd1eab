"""Scorecards: the same for every reader, bases as SQL has them, remarks without persons, points and years."""

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gis_app.analysis.scorecard import CRITERIA, Rules
from gis_app.analysis.status import MET, period, period_year
from gis_app.db import Actor, begin
from gis_app.jobs.scorecard import CLOSED_EARLY, count_scorecard, may_close, months_of
from gis_app.queries import scorecards as q
from gis_app.queries.communes import fetch_commune
from gis_app.queries.statuses import GroupStatus, fetch_statuses
from gis_app.tables.tips import KEPT_DAYS
from tests.builders import BEN, MAU
from tests.db import programme as pg
from tests.db.coverage_kit import ClientAs
from tests.db.patrol_rows import clear, put_shift
from tests.db.tip_kit import fill_tips, wipe_tips

PAGE = "/tong-quan/thi-dua"
YEAR = period_year(pg.TODAY)
DAY = dt.timedelta(days=1)
CHI = Actor("committee", MAU.id, "chi")
TABLES = ("score_notes", "scorecards", "score_rules")


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    with begin(owner_engine, Actor("system")) as conn:
        for name in TABLES:
            conn.exec_driver_sql(f"DELETE FROM {name}")
        conn.exec_driver_sql("DELETE FROM group_reviews")
    pg.clear(owner_engine)


def run(engine: Engine, text: str, **values: Any) -> None:
    with begin(engine, Actor("system")) as conn:
        conn.execute(sa.text(text), values)


def rows(client_as: ClientAs, username: str = "chi", year: int = YEAR) -> dict[int, dict[str, Any]]:
    answer = client_as(username).get(f"/api/scorecards/{year}")
    assert answer.status_code == 200, answer.text
    return {row["group_id"]: row for row in answer.json["rows"]}


def send(client_as: ClientAs, username: str, address: str, **form: Any) -> Any:
    officer = pg.Officer(client_as(username))
    return officer.client.post(f"{PAGE}/{address}", data={"csrf_token": officer.token, **form})


def test_every_reader_has_the_same_card_and_nobody_else_any(client_as: ClientAs, owner_engine: Engine) -> None:
    here = pg.group_ids(owner_engine, MAU.id)
    cards = [rows(client_as, username) for username in ("chi", "hoa", "lan")]
    assert cards[0] == cards[1] == cards[2]
    assert set(cards[0]) == set(here)
    for row in cards[0].values():
        assert set(row["bases"]) == set(CRITERIA)
        assert not any("count" in name or "exempt" in name for name in row)
    assert not set(rows(client_as, "giang")) & set(here)
    for username in ("an", "binh", "quantri"):
        for address in (PAGE, "/api/scorecards", f"/api/scorecards/{YEAR}", f"/api/scorecards/{YEAR}.pdf"):
            assert client_as(username).get(address).status_code == 403, (username, address)
    assert client_as("chi").get("/api/scorecards/2031").status_code == 404
    assert client_as("chi").get(f"{PAGE}?nam=2031").status_code == 404
    for username in ("chi", "hoa", "lan"):
        page = client_as(username).get(PAGE).text
        assert ('data-testid="save-points"' in page) == (username == "chi")
        assert (f'data-testid="save-{here[0]}"' in page) == (username != "lan")
        assert 'href="/tong-quan/thi-dua"' in client_as(username).get("/tong-quan").text
    assert 'href="/tong-quan/thi-dua"' not in client_as("an").get("/tong-quan").text


def test_bases_are_what_was_done(conn_as: Any, owner_engine: Engine) -> None:
    first, second = pg.group_ids(owner_engine, MAU.id)[:2]
    days = period(2025)
    months = months_of(days)
    assert [len(months), months[0][0], months[-1][1]] == [12, dt.date(2024, 12, 1), dt.date(2025, 11, 30)]
    review = (
        "INSERT INTO group_reviews (commune_id, group_id, kind, starts_on, ends_on, reviewed_on, state, submitted_by,"
        " submitted_at, communication_count, pledge_household_count) VALUES (:here, :group, 'month', :start, :end,"
        " :end, 'approved', 'hoa', :sent, :talks, :pledged)"
    )
    # 23:59 of the fifth day in Vietnam is in time, a minute later is not.
    zone = dt.timezone(dt.timedelta(hours=7))
    values = {"here": MAU.id, "group": first}
    (start, end), (later, last) = months[-2:]
    limit = dt.datetime.combine(end + dt.timedelta(days=5), dt.time(23, 59), zone)
    late = dt.datetime.combine(last + dt.timedelta(days=6), dt.time(0, 0), zone)
    run(owner_engine, review, **values, start=start, end=end, sent=limit, talks=2, pledged=3)
    run(owner_engine, review, **values, start=later, end=last, sent=late, talks=0, pledged=None)
    task = (
        "INSERT INTO tasks (commune_id, title, holder_role, responsibility, due_on, measure, wanted, group_id, state,"
        " closed_at, closed_value, cancel_reason) VALUES (:here, 'Việc', 'patrol', 'Việc', :due, 'tip_box_working', 1,"
        " :group, :state, :closed, CASE :state WHEN 'done' THEN 1 END, CASE :state WHEN 'cancelled' THEN 'Thôi' END)"
    )
    due = dt.datetime.combine(end, dt.time(12), zone)
    for state, closed in (("done", due), ("done", due + dt.timedelta(days=1)), ("open", None), ("cancelled", due)):
        run(owner_engine, task, **values, due=end, state=state, closed=closed)
    conn = conn_as("chi")
    assert q.fetch_first_month(conn, MAU.id, days) == start
    assert q.count_reviews(conn, MAU.id, (start, later)) == {first: (1, 1)}
    assert q.fetch_pledged(conn, MAU.id, days) == {first: 3}
    assert q.count_tasks(conn, MAU.id, days, last) == {first: (1, 3)}
    assert q.count_tasks(conn, MAU.id, period(2024), last) == {}
    assert second not in q.count_reviews(conn_as("giang"), BEN.id, (start, later))


def test_remarks_are_about_work_and_by_version(client_as: ClientAs, owner_engine: Engine) -> None:
    group, other = pg.group_ids(owner_engine, MAU.id)[0], pg.group_ids(owner_engine, BEN.id)[0]
    form = {"nam": YEAR, "group_id": group, "version": 0, "verdict": "commend"}
    for words in ("Anh Nguyễn Văn Tuấn làm tốt", "Gọi 0912345678"):
        answer = send(client_as, "hoa", "nhan-xet", **form, remark=words)
        assert answer.status_code == 422, words
        assert 'data-testid="error"' in answer.text
    remark = "Hòm thư mở đều hằng tuần"
    assert send(client_as, "hoa", "nhan-xet", **form, remark=remark).status_code == 303
    row = rows(client_as)[group]
    assert (row["verdict"], row["is_decided"], row["remark"]) == ("commend", True, remark)
    # Whoever saw the page before writes over nothing.
    stale = send(client_as, "chi", "nhan-xet", **form, remark="Khác hẳn")
    assert stale.status_code == 412
    # Who was second sees what stands there now, and loses no word of theirs.
    assert f'<p class="score-remark">{remark}</p>' in stale.text
    assert f'data-testid="remark-{group}">Khác hẳn</textarea>' in stale.text
    again = {**form, "version": row["note_version"], "verdict": ""}
    assert send(client_as, "chi", "nhan-xet", **again, remark="").status_code == 303
    row = rows(client_as)[group]
    assert (row["verdict"], row["is_decided"], row["remark"]) == (row["proposed"], False, None)
    assert send(client_as, "chi", "nhan-xet", **{**form, "group_id": other}).status_code == 404
    assert send(client_as, "chi", "nhan-xet", **{**form, "verdict": "prize"}).status_code == 400
    assert send(client_as, "lan", "nhan-xet", **form).status_code == 403
    with owner_engine.connect() as conn:
        log = conn.execute(sa.text("SELECT username FROM audit_entries WHERE table_name = 'score_notes'")).scalars()
        assert set(log) == {"hoa", "chi"}


def test_the_database_holds_the_rules_too(conn_as: Any, owner_engine: Engine) -> None:
    other = pg.group_ids(owner_engine, BEN.id)[0]
    add = "INSERT INTO score_notes (commune_id, period_year, group_id) VALUES (:here, :year, :group)"
    for username, here in (("hoa", MAU.id), ("hoa", BEN.id), ("lan", MAU.id), ("an", MAU.id)):
        with pytest.raises(sa.exc.ProgrammingError):
            conn_as(username).execute(sa.text(add), {"here": here, "year": YEAR, "group": other})
    for table, column in (("scorecards", "edition"), ("score_rules", "version")):
        for statement in (f"UPDATE {table} SET {column} = 9", f"DELETE FROM {table}"):
            with pytest.raises(sa.exc.ProgrammingError):
                conn_as("chi").execute(sa.text(statement))
    statement = "INSERT INTO scorecards (commune_id, period_year, edition, content) VALUES (:here, 2026, 1, '{}')"
    with pytest.raises(sa.exc.ProgrammingError):
        conn_as("hoa").execute(sa.text(statement), {"here": MAU.id})


def rules_form(**values: Any) -> dict[str, Any]:
    raw = Rules().as_json()
    form = {f"{part}_{name}": value for part in ("points", "full") for name, value in raw[part].items()}
    borders = {"commend_from": raw["commend_from"], "support_below": raw["support_below"]}
    return {"nam": YEAR, "version": 0, **form, **borders, **values}


def test_points_are_the_communes_own(client_as: ClientAs) -> None:
    answer = send(client_as, "chi", "bang-diem", **rules_form(points_stage=999))
    assert answer.status_code == 422
    assert "Giai đoạn" in answer.text
    assert send(client_as, "hoa", "bang-diem", **rules_form()).status_code == 403
    alone = {f"points_{name}": 0 for name in CRITERIA if name != "stage"}
    assert send(client_as, "chi", "bang-diem", **rules_form(**alone)).status_code == 303
    assert send(client_as, "chi", "bang-diem", **rules_form()).status_code == 412
    for row in rows(client_as).values():
        assert row["tenths"] == 100 * row["bases"]["stage"][0]
    # Another commune has its own.
    assert client_as("giang").get(f"/api/scorecards/{YEAR}").json["rules"] == Rules().as_json()


def test_a_closed_year_stays_and_closed_again_is_another_edition(
    client_as: ClientAs, owner_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gis_app.web.scorecard_pages.may_close", lambda _year, _today: True)
    group = pg.group_ids(owner_engine, MAU.id)[0]
    assert client_as("chi").get("/api/scorecards").json["closed"] == []
    assert send(client_as, "hoa", "chot", nam=YEAR, edition=0).status_code == 403
    assert send(client_as, "chi", "chot", nam=YEAR, edition=0).status_code == 303
    assert send(client_as, "chi", "chot", nam=YEAR, edition=0).status_code == 412
    # Of a year in which the system knew no group there is nothing to close.
    assert send(client_as, "chi", "chot", nam=YEAR - 1, edition=0).status_code == 409
    before = rows(client_as)
    form = {"nam": YEAR, "group_id": group, "version": 0, "verdict": "support", "remark": "Cần thêm đèn", "nay": "1"}
    assert send(client_as, "hoa", "nhan-xet", **form).headers["Location"].endswith(f"&nay=1#g{group}")
    alone = {f"points_{name}": 0 for name in CRITERIA if name != "stage"}
    assert send(client_as, "chi", "bang-diem", **rules_form(**alone)).status_code == 303
    assert rows(client_as) == before
    page = client_as("chi").get(f"{PAGE}?nam={YEAR}").text
    assert "Đã chốt ngày" in page
    assert 'data-testid="close"' not in page
    assert 'data-testid="close"' in client_as("chi").get(f"{PAGE}?nam={YEAR}&nay=1").text
    assert send(client_as, "chi", "chot", nam=YEAR, edition=1).status_code == 303
    told = client_as("lan").get("/api/scorecards").json["closed"]
    assert [(one["year"], one["edition"], one["by"]) for one in told] == [
        (YEAR, 2, "committee"), (YEAR, 1, "committee")
    ]  # fmt: skip
    assert rows(client_as)[group]["remark"] == "Cần thêm đèn"


def test_a_year_is_closed_near_its_end() -> None:
    end = period(2026)[1]
    assert may_close(2026, end)
    assert may_close(2026, end - CLOSED_EARLY)
    assert not may_close(2026, end - CLOSED_EARLY - dt.timedelta(days=1))


def test_paper_and_workbook(client_as: ClientAs, owner_engine: Engine) -> None:
    client = client_as("lan")
    pdf = client.get(f"/api/scorecards/{YEAR}.pdf")
    assert pdf.data.startswith(b"%PDF")
    assert pdf.data == client.get(f"/api/scorecards/{YEAR}.pdf").data
    book = client.get(f"/api/scorecards/{YEAR}.xlsx")
    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(book.data)).namelist()
    assert client.get(f"/api/scorecards/{YEAR}.doc").status_code == 404
    with owner_engine.connect() as conn:
        found = conn.execute(sa.text("SELECT count(*) FROM audit_entries WHERE table_name = 'scorecards'")).scalar_one()
        assert found == 3


def bases_on(conn: Connection, monkeypatch: pytest.MonkeyPatch, today: dt.date) -> dict[int, Any]:
    """What is counted of the year before, as if it were that day in it."""
    here = fetch_commune(conn, MAU.id)
    assert here is not None
    monkeypatch.setattr("gis_app.jobs.scorecard.fetch_today", lambda _conn: today)
    return {row["group_id"]: row["bases"] for row in count_scorecard(conn, CHI, here, YEAR - 1).rows}


def test_what_was_not_known_or_not_due_counts_against_nobody(
    conn_as: Any, owner_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    conn, days = conn_as("chi"), period(YEAR - 1)
    months = months_of(days)
    old, new = (replace(one, drug_free=MET) for one in fetch_statuses(conn, MAU.id)[:2])

    def known(_conn: Connection, _commune_id: int, day: dt.date) -> list[GroupStatus]:
        return [old, new] if day >= months[9][1] else [old]

    monkeypatch.setattr("gis_app.jobs.scorecard.fetch_statuses", known)
    add = (
        "INSERT INTO group_reviews (commune_id, group_id, kind, starts_on, ends_on, reviewed_on, state, submitted_by,"
        " submitted_at) VALUES (:here, :group, 'month', :start, :end, :end, 'approved', 'hoa', :end)"
    )
    run(owner_engine, add, here=MAU.id, group=old.group_id, start=months[1][0], end=months[1][1])
    found = bases_on(conn, monkeypatch, days[1])
    # A group that came into being in the tenth month has three.
    assert [found[one.group_id]["clean"] for one in (old, new)] == [[12, 12], [3, 3]]
    assert [found[one.group_id]["reviews"] for one in (old, new)] == [[1, 11], [0, 3]]
    # The fifth day after a month is the last on which its review is in time.
    for after, asked in ((5, 4), (6, 5)):
        assert bases_on(conn, monkeypatch, months[5][1] + after * DAY)[old.group_id]["reviews"] == [1, asked]
    assert bases_on(conn, monkeypatch, months[1][1] + 5 * DAY)[old.group_id]["reviews"] is None


def test_tips_count_as_long_as_closed_ones_are_kept(
    client_as: ClientAs, owner_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of older ones only what nobody closed is left, which is no share of anything."""
    # As if the year were long enough today for both.
    monkeypatch.setattr("gis_app.jobs.scorecard.period", lambda _year: (pg.TODAY - 300 * DAY, pg.TODAY))
    try:
        fill_tips(owner_engine, 6, state="verifying", days=KEPT_DAYS + 2)
        fill_tips(owner_engine, 6, first=101, state="verifying", days=3)
        run(
            owner_engine,
            "UPDATE tips SET state = 'closed', outcome = 'confirmed', closed_on = vietnam_today() WHERE id > 100",
        )
        group = pg.group_ids(owner_engine, MAU.id)[0]
        assert rows(client_as)[group]["bases"]["tips"] == [4, 4]
    finally:
        wipe_tips(owner_engine)


def test_patrols_of_the_year_before_are_not_of_this_one(
    client_as: ClientAs, owner_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is told of whole weeks is told of the last one, though it lies before the first day."""
    monday, group = pg.TODAY - pg.TODAY.weekday() * DAY, pg.group_ids(owner_engine, MAU.id)[0]
    shift = put_shift(owner_engine, (monday - 7 * DAY - pg.TODAY).days)
    name = "UPDATE patrol_stops SET group_name = (SELECT name FROM groups WHERE id = :group) WHERE plan_id = :plan"
    run(owner_engine, name, group=group, plan=shift.plan)
    try:
        for first, basis in ((monday - 7 * DAY, [0, len(shift.stops)]), (monday, None)):
            monkeypatch.setattr("gis_app.jobs.scorecard.period", lambda _year, first=first: (first, pg.TODAY))
            assert rows(client_as)[group]["bases"]["patrol"] == basis
    finally:
        clear(owner_engine)


def test_a_pole_number_like_a_telephones_is_told_not_an_error(client_as: ClientAs, owner_engine: Engine) -> None:
    group = pg.group_ids(owner_engine, MAU.id)[0]
    form = {"nam": YEAR, "group_id": group, "version": 0, "remark": "Đã sửa cột 0912345678"}
    assert send(client_as, "chi", "nhan-xet", **form).status_code == 422
