"""The life of a hotspot: who sees and takes which step, the order that the database holds, what counts and is late."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, act_as, begin
from gis_app.jobs.imports import ImportReport, ImportRequest, import_file
from gis_app.queries import hotspot_register as q
from gis_app.queries.audit import verify_seals
from gis_app.queries.import_diff import delete_rows, undo_rows
from gis_app.queries.retention import delete_stale
from gis_app.queries.tasks import fetch_today
from gis_app.words import catalogue
from layers import LAYERS
from tests.builders import BEN, MAU
from tests.db.officers import Officer
from tests.db.statements import asked

OfficerAs = Callable[[str], Officer]
ClientAs = Callable[[str | None], FlaskClient]
ConnAs = Callable[[str], Connection]
DAY = dt.timedelta(days=1)
LATELY = (dt.datetime.now(dt.UTC) - 2 * DAY).date().isoformat()
# On a street's dark side: the middle of the street is elsewhere.
SPOT = MAU.at(730, 840)


def add(conn: Connection, place: Any = MAU, **more: Any) -> int:
    values = {
        "place": "Gầm cầu",
        "class": "gathering",
        "state": "new",
        "first_seen_on": None,
        "expires_on": None,
    } | more
    spot = place.at(730, 840)
    text = (
        "INSERT INTO hotspots (commune_id, geom, place, class, state, first_seen_on, expires_on) VALUES "
        "(:c, ST_SetSRID(ST_MakePoint(:x, :y), 4326), :place, :class, :state, :first_seen_on, :expires_on) RETURNING id"
    )
    return int(conn.execute(sa.text(text), values | {"c": place.id, "x": spot.x, "y": spot.y}).scalar_one())


@pytest.fixture
def spot(owner_engine: Engine) -> Iterator[int]:
    """A hotspot of Xã Mẫu, found twenty days ago and new."""
    with begin(owner_engine, Actor("system")) as conn:
        number = add(conn, first_seen_on=fetch_today(conn) - 20 * DAY)
    yield number
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql(f"DELETE FROM hotspots WHERE id = {number}")
        conn.exec_driver_sql("DELETE FROM hotspot_rules")
        conn.exec_driver_sql(
            "DELETE FROM audit_entries WHERE table_name IN ('hotspots', 'hotspot_steps', 'hotspot_rules')"
        )


def step(conn: Connection, number: int, state: str, *, ago: int = 0, note: str | None = None, version: int = 0) -> str:
    seen = version or conn.execute(sa.text("SELECT version FROM hotspots WHERE id = :i"), {"i": number}).scalar_one()
    return q.insert_step(conn, number, seen, q.NewStep(state, fetch_today(conn) - ago * DAY, note))


def states(conn: Connection, number: int) -> list[str]:
    return [one.state for one in q.fetch_steps(conn, "data", [number]).get(number, [])]


def test_a_life_in_order_with_its_days(spot: int, conn_as: ConnAs) -> None:
    conn = conn_as("hoa")
    assert [step(conn, spot, "verified", ago=9), step(conn, spot, "handled", ago=5), step(conn, spot, "watched", ago=4),
            step(conn, spot, "closed", ago=1)] == ["stepped"] * 4  # fmt: skip
    (row,) = q.fetch_register(conn, MAU.id, "data", q.Wanted(None, hotspot_id=spot))
    today = fetch_today(conn)
    assert [(today - row.dates[state]).days for state in q.STATES] == [20, 9, 5, 4, 1]
    assert (row.state, row.days, row.due_on, row.days_late) == ("closed", 19, None, 0)
    assert step(conn, spot, "new") == "needs_note"
    assert step(conn, spot, "new", note="Thấy kim tiêm trở lại") == "stepped"
    (row,) = q.fetch_register(conn, MAU.id, "data", q.Wanted(None, hotspot_id=spot))
    assert list(row.dates) == ["new"]
    assert len(row.steps) == 6


def test_what_is_no_step(spot: int, conn_as: ConnAs) -> None:
    conn = conn_as("hoa")
    assert step(conn, spot, "handled") == "move_not_allowed"
    assert step(conn, spot, "new") == "move_not_allowed"
    assert step(conn, spot, "closed") == "needs_note"
    assert step(conn, spot, "verified", ago=21) == "too_early"
    assert step(conn, spot, "verified", ago=-1) == "too_late"
    assert step(conn, spot, "verified", version=77) == "stale"
    assert states(conn, spot) == ["new"]


def test_a_patrol_verifies_and_handles_but_does_not_close(spot: int, conn_as: ConnAs) -> None:
    conn = conn_as("an")
    assert step(conn, spot, "closed", note="Không có gì") == "role"
    assert [step(conn, spot, state) for state in ("verified", "handled", "watched", "closed")] == ["stepped"] * 3 + [
        "role"
    ]


@pytest.mark.parametrize("username", ["binh", "chi", "lan"])
def test_others_take_no_step(spot: int, username: str, conn_as: ConnAs) -> None:
    assert step(conn_as(username), spot, "verified", version=1) == "role"


def test_the_other_commune_and_an_expired_one_are_missing(spot: int, conn_as: ConnAs, owner_engine: Engine) -> None:
    assert step(conn_as("giang"), spot, "verified", version=1) == "missing"
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql(f"UPDATE hotspots SET expires_on = current_date - 1 WHERE id = {spot}")
    conn = conn_as("hoa")
    assert step(conn, spot, "verified", version=2) == "missing"
    assert states(conn, spot) == []


def test_any_door_holds_the_order(spot: int, officer_as: OfficerAs) -> None:
    """The edit form takes the next step, dated today, and no other; within a day the slip is taken back."""
    hoa, path = officer_as("hoa"), f"/api/layers/hotspots/features/{spot}"
    send = lambda state, version: hoa.send(  # noqa: E731
        "PATCH", path, {"type": "Feature", "properties": {"state": state}}, If_Match=f'"{version}"'
    )
    refused = send("closed", 1)
    assert (refused.status_code, refused.json["params"]["faults"]) == (422, [{"field": "state", "rule": "order"}])
    assert send("verified", 1).status_code == 200
    assert [one["state"] for one in hoa.get(f"/api/hotspots/{spot}/steps").json["steps"]] == ["new", "verified"]
    undone = hoa.post(f"{path}/undo", {}, version=2)
    assert undone.status_code == 200, undone.text
    assert [one["state"] for one in hoa.get(f"/api/hotspots/{spot}/steps").json["steps"]] == ["new"]


@pytest.mark.parametrize("path", ["/api/layers/hotspots/features", "/ogc/collections/hotspots/items"])
def test_who_adds_one_by_hand_begins_at_the_beginning(path: str, officer_as: OfficerAs) -> None:
    hoa = officer_as("hoa")
    feature = {"type": "Feature", "geometry": SPOT.__geo_interface__, "properties": {"class": "risk"}}
    for state, status in (("closed", 422), ("verified", 422), ("new", 201)):
        feature["properties"] |= {"state": state}  # type: ignore[operator]
        answer = hoa.post(path, feature)
        assert answer.status_code == status, answer.text
        if status == 422:
            assert answer.json["params"]["faults"] == [{"field": "state", "rule": "order"}]
    made = f"/api/layers/hotspots/features/{answer.json['id']}"
    assert hoa.send("DELETE", made, If_Match='"1"').status_code == 204


def test_a_slip_of_yesterday_is_no_slip(spot: int, conn_as: ConnAs, owner_engine: Engine) -> None:
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql(f"UPDATE hotspots SET state = 'verified' WHERE id = {spot}")
        conn.exec_driver_sql(
            f"UPDATE hotspot_steps SET made_at = now() - interval '25 hours' WHERE hotspot_id = {spot}"
        )
    with pytest.raises(sa.exc.IntegrityError, match="not a step"):
        conn_as("hoa").exec_driver_sql(f"UPDATE hotspots SET state = 'new' WHERE id = {spot}")


def test_nobody_writes_steps_past_the_function(spot: int, conn_as: ConnAs) -> None:
    for text in (
        f"INSERT INTO hotspot_steps (commune_id, hotspot_id, state, on_day) VALUES ({MAU.id}, {spot}, 'closed', now())",
        f"UPDATE hotspot_steps SET on_day = on_day - 1 WHERE hotspot_id = {spot}",
        f"DELETE FROM hotspot_steps WHERE hotspot_id = {spot}",
    ):
        conn = conn_as("hoa")
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            conn.exec_driver_sql(text)


def test_a_loaded_state_is_of_the_day_of_loading(conn_as: ConnAs) -> None:
    conn = conn_as("hoa")
    number = add(conn, state="handled", first_seen_on=dt.date(2026, 1, 1))
    ((only,),) = (q.fetch_steps(conn, "data", [number])[number],)
    assert (only.state, only.on_day, only.is_loaded) == ("handled", fetch_today(conn), True)


SEEN = {"hoa": (1, 1), "an": (1, 1), "binh": (0, 1), "chi": (0, 0), "lan": (0, 0), "giang": (0, 0), "dung": (0, 0)}


@pytest.mark.parametrize("username", SEEN)
def test_steps_are_seen_as_the_hotspot_is(spot: int, username: str, conn_as: ConnAs, owner_engine: Engine) -> None:
    def counts() -> tuple[int, ...]:
        conn = conn_as(username)
        texts = (
            f"SELECT count(*) FROM {name} WHERE hotspot_id = {spot}"
            for name in ("hotspot_steps", "hotspot_steps_coarse")
        )
        return tuple(conn.exec_driver_sql(text).scalar_one() for text in texts)

    found = counts()
    # The coarse view is the planners'; the police read the table.
    assert found == (SEEN[username][0], int(username == "binh"))
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql(f"UPDATE hotspots SET expires_on = current_date - 1 WHERE id = {spot}")
    assert counts() == (0, 0)


def test_a_planner_reads_the_middle_of_the_street_and_no_word(
    spot: int, officer_as: OfficerAs, client_as: ClientAs
) -> None:
    made = officer_as("hoa").post(f"/api/hotspots/{spot}/steps",
        {"state": "verified", "on_day": LATELY, "note": "Sau chợ, mái hiên", "document": "12/KH-CAP"}, version=1,
    )  # fmt: skip
    assert made.status_code == 201, made.text
    binh = client_as("binh")
    (row,) = [one for one in binh.get("/api/hotspot-register?standing=verified").json["hotspots"] if one["id"] == spot]
    assert "place" not in row
    assert "unit" not in row
    assert (row["lon"], row["lat"]) != (round(SPOT.x, 6), round(SPOT.y, 6))
    exact = client_as("an").get("/api/hotspot-register?standing=verified").json["hotspots"]
    (mine,) = [one for one in exact if one["id"] == spot]
    assert (mine["lon"], mine["lat"], mine["place"]) == (round(SPOT.x, 6), round(SPOT.y, 6), "Gầm cầu")
    for path in (
        f"/diem-nong/so/{spot}",
        "/diem-nong/so",
        f"/api/hotspots/{spot}/steps",
        "/api/hotspot-register?f=csv",
    ):
        answer = binh.get(path)
        assert answer.status_code == 200
        assert "mái hiên" not in answer.text, path
        assert "12/KH-CAP" not in answer.text, path
        assert "Gầm cầu" not in answer.text, path
        assert f"{SPOT.x:.6f}"[:9] not in answer.text, path
    assert "mái hiên" in client_as("hoa").get(f"/diem-nong/so/{spot}").text
    for username in ("chi", "lan"):
        assert client_as(username).get("/diem-nong/so").status_code == 403


@pytest.mark.parametrize("note", ["gọi 0912 345 678", "anh Tuấn hay đứng ở đây"])
def test_no_person_in_a_note(spot: int, officer_as: OfficerAs, note: str) -> None:
    body = {"state": "verified", "on_day": LATELY, "note": note}
    assert officer_as("an").post(f"/api/hotspots/{spot}/steps", body, version=1).status_code == 422


@pytest.mark.parametrize("field", ["unit_id", "task_id"])
def test_a_unit_or_task_of_nobody(spot: int, officer_as: OfficerAs, field: str) -> None:
    body = {"state": "verified", "on_day": LATELY, field: 2**40}
    answer = officer_as("hoa").post(f"/api/hotspots/{spot}/steps", body, version=1)
    assert (answer.status_code, answer.json["params"]["faults"]) == (422, [{"field": field, "rule": "choice"}])


def test_late_by_the_rule_of_the_commune(spot: int, conn_as: ConnAs) -> None:
    conn = conn_as("hoa")
    late = lambda: q.fetch_register(conn, MAU.id, "data", q.Wanted("late", hotspot_id=spot))  # noqa: E731
    # Twenty days old, seven to verify.
    assert [row.days_late for row in late()] == [13]
    assert q.upsert_rules(conn, MAU.id, 0, {"new": 20, "verified": 5, "handled": 5, "watched": 5})
    assert late() == []
    assert q.count_register(conn, "data")["new"] == q.count_register(conn, "data", "gathering")["new"] == 1
    assert q.count_register(conn, "data", "risk")["new"] == 0
    assert not q.upsert_rules(conn, MAU.id, 7, {"new": 1})
    assert q.upsert_rules(conn, MAU.id, 1, {"new": 19})
    assert [row.days_late for row in late()] == [1]
    assert q.fetch_rules(conn, MAU.id)[1] == 2
    assert q.fetch_rules(conn_as("giang"), BEN.id) == (q.USUAL_DAYS, 0)


@pytest.mark.parametrize("username", ["an", "binh", "chi"])
def test_who_may_not_write_the_rule(username: str, conn_as: ConnAs) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
        q.upsert_rules(conn_as(username), MAU.id, 0, {"new": 20})


def test_handled_in_the_period_and_few_are_not_told(owner_engine: Engine) -> None:
    conn = owner_engine.connect()
    act_as(conn, Actor("system"))
    conn.exec_driver_sql(f"DELETE FROM hotspots WHERE commune_id = {MAU.id}")
    today = fetch_today(conn)
    numbers = [add(conn, first_seen_on=today - 60 * DAY) for _ in range(4)]
    add(conn, state="handled")
    act_as(conn, Actor("data", MAU.id, "hoa"))

    def told(role: str, since: int = 30, until: int = 0) -> tuple[int, int] | None:
        act_as(conn, Actor(role, MAU.id, "hoa"))
        found = q.count_period(conn, today - since * DAY, today - until * DAY)
        act_as(conn, Actor("data", MAU.id, "hoa"))
        return found

    step(conn, numbers[0], "verified", ago=50)
    assert told("data") == (4, 0)
    assert told("committee") is None
    numbers.append(add(conn, first_seen_on=today - 60 * DAY))
    step(conn, numbers[0], "handled", ago=40)
    step(conn, numbers[1], "verified", ago=20)
    step(conn, numbers[1], "handled", ago=10)
    # What was handled before the period is not its business, and what a file brought as handled is nobody's.
    assert told("data") == (4, 1)
    assert told("committee", since=45) == (5, 2)
    assert told("data", until=15) == (4, 0)
    # It came back: open again.
    step(conn, numbers[1], "verified", ago=2, note="Tái phát")
    assert told("data") == (4, 0)
    assert told("planner", since=70, until=61) == (0, 0)
    conn.rollback()
    conn.close()


def test_words_leave_the_log_with_the_hotspot(spot: int, officer_as: OfficerAs, owner_engine: Engine) -> None:
    body = {"state": "verified", "on_day": LATELY, "note": "Sau chợ, mái hiên"}
    assert officer_as("hoa").post(f"/api/hotspots/{spot}/steps", body, version=1).status_code == 201
    text = "SELECT count(*) FROM audit_entries WHERE table_name = 'hotspot_steps' AND after::text LIKE '%mái hiên%'"
    with owner_engine.connect() as conn:
        act_as(conn, Actor("system"))
        assert conn.execute(sa.text(text)).scalar_one() == 1
        conn.exec_driver_sql(f"DELETE FROM hotspots WHERE id = {spot}")
        assert conn.exec_driver_sql(f"SELECT count(*) FROM hotspot_steps WHERE hotspot_id = {spot}").scalar_one() == 0
        conn.exec_driver_sql("UPDATE audit_entries SET at = at - interval '91 days' WHERE table_name = 'hotspot_steps'")
        assert delete_stale(conn)["audit_of_hotspot_steps"] >= 1
        assert conn.execute(sa.text(text)).scalar_one() == 0
        # Retention blanked them: nobody calls it tampering.
        assert not [fault for fault in verify_seals(conn).faults if "hotspot_steps" in fault]
        conn.rollback()


def test_a_file_that_jumps_names_every_row(conn_as: ConnAs, tmp_path: Path) -> None:
    conn = conn_as("hoa")
    for code, state in (("nhay-1", "new"), ("nhay-2", "verified"), ("nhay-3", "new")):
        number = add(conn, state=state)
        conn.exec_driver_sql(f"UPDATE hotspots SET external_id = '{code}' WHERE id = {number}")

    def read(rows: list[tuple[str, str]]) -> ImportReport:
        features = [
            {"type": "Feature", "geometry": SPOT.__geo_interface__,
             "properties": {"ma": code, "phan_loai": "Tụ điểm", "tinh_trang": state}}
            for code, state in rows
        ]  # fmt: skip
        path = tmp_path / "hotspots.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
        return import_file(conn, LAYERS["hotspots"], path, ImportRequest(MAU.id))

    good = [("nhay-2", "Đã xử lý"), ("nhay-4", "Theo dõi")]
    refused = read([("nhay-1", "Đã đóng"), good[0], ("nhay-3", "watched"), good[1]])
    named = [(one.number, one.column, one.value, one.rule) for one in refused.errors]
    assert named == [(1, "tinh_trang", "Đã đóng", "state_order"), (3, "tinh_trang", "watched", "state_order")]
    assert catalogue("vi")["import.state_order"].format(**refused.errors[0].params)
    assert not refused.is_stored
    assert read(good).is_stored
    found = conn.exec_driver_sql("SELECT state FROM hotspots WHERE external_id LIKE 'nhay-%%' ORDER BY external_id")
    assert found.scalars().all() == ["new", "handled", "new", "watched"]


def test_a_hotspot_that_comes_back_has_its_steps(spot: int, conn_as: ConnAs, owner_engine: Engine) -> None:
    """An import that took it away is taken back: days, words and order of its life are there as before."""
    with begin(owner_engine, Actor("system")) as conn:
        text = "INSERT INTO hotspot_steps (commune_id, hotspot_id, state, on_day, note) VALUES (:c, :h, :s, :d, :n)"
        for state, ago, note in (("verified", 9, "Sau chợ"), ("handled", 5, None)):
            day = fetch_today(conn) - ago * DAY
            conn.execute(sa.text(text), {"c": MAU.id, "h": spot, "s": state, "d": day, "n": note})
            conn.exec_driver_sql(f"UPDATE hotspots SET state = '{state}' WHERE id = {spot}")
    conn = conn_as("hoa")
    before = q.fetch_steps(conn, "data", [spot])
    assert [one.state for one in before[spot]] == ["new", "verified", "handled"]
    assert delete_rows(conn, LAYERS["hotspots"], [spot]) == 1
    assert q.fetch_steps(conn, "data", [spot]) == {}
    now = conn.exec_driver_sql("SELECT now()").scalar_one()
    assert undo_rows(conn, LAYERS["hotspots"], MAU.id, now, "hoa").returned_count == 1
    assert q.fetch_steps(conn, "data", [spot]) == before


def test_the_list_as_a_file_stands_in_the_log(officer_as: OfficerAs, owner_engine: Engine) -> None:
    assert officer_as("an").get("/api/hotspot-register", f="csv").status_code == 200
    with owner_engine.connect() as conn:
        text = "SELECT username FROM audit_entries WHERE action = 'export' AND table_name = 'hotspots' ORDER BY id DESC"
        assert conn.exec_driver_sql(text).scalars().first() == "an"


def test_the_page_asks_once_what_may_follow(spot: int, client_as: ClientAs, owner_engine: Engine) -> None:
    """The same statements however many hotspots are listed, and the days that were typed stay when they are refused."""
    hoa = client_as("hoa")
    hoa.get("/diem-nong/so")

    def count() -> int:
        with asked() as statements:
            assert hoa.get("/diem-nong/so").status_code == 200
        return len(statements)

    before = count()
    with begin(owner_engine, Actor("system")) as conn:
        more = [add(conn) for _ in range(3)]
    try:
        assert count() == before
    finally:
        with begin(owner_engine, Actor("system")) as conn:
            conn.execute(sa.text("DELETE FROM hotspots WHERE id = ANY (:ids)"), {"ids": more})
    form = {"csrf_token": hoa.get("/api/session").json["csrf_token"], "version": 0, "new": 12, "verified": 0,
            "handled": 30, "watched": 90}  # fmt: skip
    refused = hoa.post("/diem-nong/so/thoi-han", data=form)
    assert refused.status_code == 422
    assert 'value="12" data-testid="rule-new"' in refused.text
