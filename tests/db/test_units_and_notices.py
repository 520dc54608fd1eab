"""Units in charge with history, comments without personal numbers, notices with a bell, one reminder a day, themes."""

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, begin
from gis_app.jobs.themes import THEMES
from gis_app.queries.demo_tasks import load_tasks
from gis_app.queries.notices import insert_notice
from gis_app.text import has_controls, has_personal_number, natural_key
from tests.builders import BEN, MAU
from tests.db import programme as pg
from tests.db.officers import Officer

YESTERDAY = (pg.TODAY - dt.timedelta(days=1)).isoformat()


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


def assign(officer: Officer, group_ids: list[int], unit_id: int | None, from_on: str) -> int:
    body = {"group_ids": group_ids, "unit_id": unit_id, "from_on": from_on}
    return pg.post(officer, "/api/group-units", body).status_code


def join(engine: Engine, unit_id: int, username: str) -> None:
    """Let an account act for a unit, as the administrator of the commune would."""
    with engine.begin() as conn:
        statement = "INSERT INTO unit_members (commune_id, unit_id, username) VALUES (:c, :u, :n)"
        conn.execute(sa.text(statement), {"c": MAU.id, "u": unit_id, "n": username})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Gọi 0912345678", True),
        ("gọi 0912 345 678 ngay", True),
        ("+84 912.345.678", True),
        ("84912345678", True),
        ("máy bàn (0225) 3.555.666", True),
        ("０９１２３４５６７８", True),
        ("căn cước 031090012345", True),
        ("031 090 012 345", True),
        ("123456789012", True),
        ("Họp ngày 05.10.2026 08:30", False),
        ("từ 01/02/2026 đến 28/02/2026", False),
        ("Quyết định 28/2025/QĐ-TTg, 30 hộ, 100 m", False),
        ("kinh phí 1.250.000.000 đồng", False),
        ("số 1234567890123456", False),
        ("Đã rà soát 43/43 tổ, 19208 hộ", False),
    ],
)
def test_personal_numbers_are_known_alike(text: str, found: bool, conn_as: Callable[[str], Connection]) -> None:
    assert has_personal_number(text) is found
    assert conn_as("an").execute(sa.text("SELECT has_personal_number(:t)"), {"t": text}).scalar_one() is found


def test_groups_stand_in_the_order_people_count() -> None:
    names = ["Tổ 10", "Thôn Đông", "Tổ 2", "Tổ 1"]
    assert sorted(names, key=natural_key) == ["Thôn Đông", "Tổ 1", "Tổ 2", "Tổ 10"]


def test_units_are_added_renamed_and_closed(hoa: Officer, client_as: pg.ClientAs) -> None:
    number = pg.make_unit(hoa, "Công an phường")
    address = f"/api/units/{number}"
    assert pg.post(hoa, "/api/units", {"name": "Công an phường", "kind": "police"}).json["code"] == "unit_exists"
    assert pg.post(hoa, "/api/units", {"name": "", "kind": "club"}).json["params"]["faults"] == [
        {"field": "name", "rule": "required"},
        {"field": "kind", "rule": "choice"},
    ]
    assert hoa.send("PATCH", address, {"is_active": False}).status_code == 428
    closed = hoa.send("PATCH", address, {"is_active": False}, If_Match='"1"')
    assert (closed.headers["ETag"], closed.json["is_active"], closed.json["name"]) == ('"2"', False, "Công an phường")
    assert hoa.send("PATCH", address, {"name": "Tổ an ninh"}, If_Match='"1"').status_code == 412
    for username in ("an", "binh", "lan"):
        officer = Officer(client_as(username))
        assert pg.post(officer, "/api/units", {"name": "x", "kind": "other"}).status_code == 403
        assert len(officer.client.get("/api/units").json["units"]) == 1
    giang = Officer(client_as("giang"))
    assert giang.client.get("/api/units").json == {"units": []}
    assert giang.client.get(address).status_code == 404
    assert giang.send("PATCH", address, {"name": "x"}, If_Match='"2"').status_code == 404


def test_who_was_in_charge_stays_told(
    hoa: Officer, groups: list[int], client_as: pg.ClientAs, owner_engine: Engine
) -> None:
    police, youth = pg.make_unit(hoa, "Công an phường"), pg.make_unit(hoa, "Đoàn thanh niên", "youth")
    assert assign(hoa, groups[:2], police, "2026-01-01") == 200
    assert assign(hoa, groups[:1], youth, "2026-06-01") == 200

    def on(day: str) -> dict[int, str]:
        rows = hoa.client.get(f"/api/group-units?on={day}").json["group_units"]
        return {row["group_id"]: row["unit"] for row in rows}

    assert on("2025-12-31") == dict.fromkeys(groups)
    assert on("2026-05-31") == {
        groups[0]: "Công an phường",
        groups[1]: "Công an phường",
        groups[2]: None,
        groups[3]: None,
    }
    assert on("2026-06-01")[groups[0]] == "Đoàn thanh niên"
    history = hoa.client.get(f"/api/group-units?group_id={groups[0]}").json["group_units"]
    assert [(row["unit"], row["from_on"]) for row in history] == [
        ("Đoàn thanh niên", "2026-06-01"),
        ("Công an phường", "2026-01-01"),
    ]
    assert assign(hoa, groups[:1], None, "2026-09-01") == 200
    assert on("2026-09-01")[groups[0]] is None
    other = pg.group_ids(owner_engine, BEN.id)
    assert assign(hoa, other, police, "2026-01-01") == 422
    assert assign(Officer(client_as("giang")), other, police, "2026-01-01") == 422
    assert assign(Officer(client_as("giang")), groups, None, "2026-01-01") == 422
    assert assign(Officer(client_as("an")), groups, police, "2026-01-01") == 403
    assert pg.post(hoa, "/api/group-units", {"group_ids": [], "from_on": ""}).status_code == 422


def test_themes_colour_every_group(hoa: Officer, groups: list[int], client_as: pg.ClientAs) -> None:
    police = pg.make_unit(hoa, "Công an phường")
    assign(hoa, groups[:3], police, YESTERDAY)
    listed = hoa.client.get("/api/themes").json["themes"]
    assert [one["id"] for one in listed] == sorted(THEMES)
    assert {"id": "units", "title": "Đơn vị phụ trách"} in listed
    theme = hoa.client.get("/api/themes/units").json
    assert set(theme) == {"id", "title", "classes", "values"}
    assert [set(one) for one in theme["classes"]] == [{"code", "title", "color", "pattern"}] * 2
    assert theme["values"] == {str(group): f"unit_{police}" for group in groups[:3]} | {str(groups[3]): "none"}
    assert hoa.client.get("/api/themes/nothing").status_code == 404
    assert str(groups[0]) not in client_as("dung").get("/api/themes/units").json["values"]


def test_comments_hold_no_personal_number(hoa: Officer, groups: list[int], client_as: pg.ClientAs) -> None:
    refused = pg.post(hoa, "/api/comments", {"group_id": groups[0], "body": "Liên hệ 0912 345 678"})
    assert (refused.status_code, refused.json["code"]) == (422, "personal_number")
    assert "số điện thoại" in refused.json["title"]
    for body in ("", " \n ", "x" * 1001, "a\x07b", None, 5):
        assert pg.post(hoa, "/api/comments", {"group_id": groups[0], "body": body}).status_code == 422, body
    assert pg.post(hoa, "/api/comments", {"group_id": groups[0], "body": "x" * 1000}).status_code == 201
    an = Officer(client_as("an"))
    assert pg.post(an, "/api/comments", {"group_id": groups[0], "body": "Đã xong\nmột nửa"}).status_code == 201
    assert pg.post(Officer(client_as("lan")), "/api/comments", {"group_id": groups[0], "body": "x"}).status_code == 403
    found = client_as("lan").get(f"/api/comments?group_id={groups[0]}").json["comments"]
    assert [(one["body"][:7], one["role"]) for one in found] == [("Đã xong", "patrol"), ("xxxxxxx", "data")]
    assert '"an"' not in client_as("lan").get(f"/api/comments?group_id={groups[0]}").text
    assert hoa.client.get("/api/comments/counts").json == {"groups": {str(groups[0]): 2}}
    assert hoa.client.get("/api/comments").status_code == 400


def test_the_database_refuses_personal_numbers_too(conn_as: Callable[[str], Connection], groups: list[int]) -> None:
    statement = sa.text("INSERT INTO comments (commune_id, group_id, body) VALUES (90001, :g, '0912345678')")
    with pytest.raises(sa.exc.IntegrityError, match="comments_body_text"):
        conn_as("hoa").execute(statement, {"g": groups[0]})


def test_a_unit_hears_of_its_tasks_through_its_accounts(
    hoa: Officer, groups: list[int], client_as: pg.ClientAs, owner_engine: Engine
) -> None:
    unit = pg.make_unit(hoa, "Đội xung kích", "military")
    body = pg.task(groups[0], holder_unit_id=unit, holder_role="absent")
    number = pg.post(hoa, "/api/tasks", body).json["id"]
    an = Officer(client_as("an"))
    assert an.client.get(f"/api/tasks/{number}").status_code == 404
    assert an.client.get("/api/notices").json["unread_count"] == 0
    join(owner_engine, unit, "an")
    assert an.client.get(f"/api/tasks/{number}").json["is_mine"] is True
    seen = an.client.get("/api/notices").json
    assert (seen["unread_count"], seen["notices"][0]["title"]) == (1, "Việc được giao: Lắp hòm thư tố giác")
    assert 'data-testid="bell-count"' in an.client.get("/viec").text
    assert pg.post(an, "/api/notices/read", {"up_to_id": seen["notices"][0]["id"]}).json == {"read_count": 1}
    assert an.client.get("/api/notices").json["unread_count"] == 0
    assert an.client.get("/api/notices?unread=true").json["notices"] == []
    assert 'data-testid="bell-count"' not in an.client.get("/viec").text
    # Read by one account is not read by another of the same unit.
    join(owner_engine, unit, "binh")
    assert client_as("binh").get("/api/notices").json["unread_count"] == 1
    closed = pg.post(an, f"/api/tasks/{number}/close", {}, If_Match='"1"')
    # The sample's box stands where all groups meet, in the first too.
    assert closed.json["state"] == "done"


def test_only_the_administrator_says_who_acts_for_a_unit(hoa: Officer, client_as: pg.ClientAs) -> None:
    unit = pg.make_unit(hoa, "Công an phường")
    address = f"/api/units/{unit}/members"
    assert pg.post(hoa, address, {"username": "an"}).status_code == 403
    admin = Officer(client_as("quantri"))
    admin.send("POST", "/api/session/commune", {"commune_id": MAU.id})
    assert pg.post(admin, address, {"username": "an"}).status_code == 200
    assert pg.post(admin, address, {"username": "an"}).status_code == 200
    for username in ("dung", "quantri", "nobody", 5):
        assert pg.post(admin, address, {"username": username}).status_code in (400, 404), username
    assert [u["is_own"] for u in client_as("an").get("/api/units").json["units"]] == [True]
    assert "chip" in admin.client.get("/don-vi").text
    assert admin.send("DELETE", f"{address}/an").status_code == 204
    assert admin.send("DELETE", f"{address}/an").status_code == 404


def test_a_changed_instruction_reaches_those_concerned(hoa: Officer, client_as: pg.ClientAs, groups: list[int]) -> None:
    body = {"role": "patrol", "body": "Từ tháng 12 mở hòm thư hằng ngày", "group_id": groups[0]}
    assert pg.post(hoa, "/api/notices", body).status_code == 201
    assert pg.post(hoa, "/api/notices", body | {"role": None}).status_code == 422
    assert pg.post(hoa, "/api/notices", body | {"body": "Gọi 0912345678"}).status_code == 422
    assert pg.post(hoa, "/api/notices", {"unit_id": 2**40, "body": "x"}).status_code == 422
    found = client_as("an").get("/api/notices").json["notices"]
    assert [(n["kind"], n["body"], n["to"]) for n in found] == [
        ("instruction", "Từ tháng 12 mở hòm thư hằng ngày", "Tổ trưởng tuần tra")
    ]
    for username in ("binh", "chi", "dung", "giang"):
        assert client_as(username).get("/api/notices").json["notices"] == [], username
    assert pg.post(Officer(client_as("an")), "/api/notices", body).status_code == 403


def test_a_decided_proposal_can_be_told(conn_as: Callable[[str], Connection], groups: list[int]) -> None:
    conn = conn_as("chi")
    insert_notice(conn, MAU.id, "proposal_decided", role="data", group_id=groups[0])
    with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
        insert_notice(conn, BEN.id, "proposal_decided", role="data")


def overdue_task(hoa: Officer, engine: Engine, group: int) -> int:
    number = int(pg.post(hoa, "/api/tasks", pg.task(group)).json["id"])
    with engine.begin() as conn:
        conn.execute(sa.text("UPDATE tasks SET due_on = :d WHERE id = :i"), {"d": YESTERDAY, "i": number})
    return number


def test_one_reminder_a_day_for_two_at_once(
    hoa: Officer, groups: list[int], client_as: pg.ClientAs, owner_engine: Engine
) -> None:
    number = overdue_task(hoa, owner_engine, groups[0])
    officers = [Officer(client_as(name)) for name in ("hoa", "chi", "binh", "hoa")]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: pg.post(one, "/api/reminders", {"task_id": number}), officers))
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]
    assert {a.json["code"] for a in answers if a.status_code == 409} == {"already_reminded"}
    reminders = [n for n in client_as("an").get("/api/notices").json["notices"] if n["kind"] == "reminder"]
    assert len(reminders) == 1
    # Another day, another reminder.
    with owner_engine.begin() as conn:
        conn.execute(sa.text("UPDATE reminders SET on_day = on_day - 1"))
    assert pg.post(hoa, "/api/reminders", {"task_id": number}).status_code == 201


def test_a_reminder_of_a_review_reaches_the_unit_in_charge(
    hoa: Officer, groups: list[int], client_as: pg.ClientAs, owner_engine: Engine
) -> None:
    unit = pg.make_unit(hoa, "Công an phường")
    join(owner_engine, unit, "an")
    assign(hoa, [groups[0]], unit, YESTERDAY)
    chi = Officer(client_as("chi"))
    told = pg.post(chi, "/api/reminders", {"group_id": groups[0]})
    assert (told.status_code, told.json["to"]) == (201, "Công an phường")
    assert pg.post(hoa, "/api/reminders", {"group_id": groups[0]}).json["code"] == "already_reminded"
    assert [n["kind"] for n in client_as("an").get("/api/notices").json["notices"]] == ["reminder"]
    # A group that nobody is in charge of: the data officer passes it on.
    assert pg.post(chi, "/api/reminders", {"group_id": groups[1]}).json["role"] == "data"
    assert [n["group_id"] for n in hoa.client.get("/api/notices").json["notices"]] == [groups[1]]
    assert pg.post(chi, "/api/reminders", {}).status_code == 422
    assert pg.post(Officer(client_as("an")), "/api/reminders", {"group_id": groups[2]}).status_code == 403
    fresh = pg.post(hoa, "/api/tasks", pg.task(groups[0])).json["id"]
    assert pg.post(chi, "/api/reminders", {"task_id": fresh}).json["code"] == "not_overdue"


def test_a_reviewed_group_is_not_overdue(hoa: Officer, groups: list[int], owner_engine: Engine) -> None:
    names = ("users_answer", "offenders_answer", "places_answer")
    with begin(owner_engine, Actor("system")) as conn:
        before = conn.execute(
            sa.text(f"SELECT {', '.join(names)}, last_reviewed_on FROM groups WHERE id = {groups[0]}")
        ).one()
        reviewed = ", ".join(f"{name} = 'met'" for name in names)
        conn.execute(
            sa.text(f"UPDATE groups SET {reviewed}, last_reviewed_on = vietnam_today() - 31 WHERE id = {groups[0]}")
        )
    try:
        assert pg.post(hoa, "/api/reminders", {"group_id": groups[0]}).json["code"] == "not_overdue"
        with begin(owner_engine, Actor("system")) as conn:
            conn.execute(sa.text(f"UPDATE groups SET last_reviewed_on = vietnam_today() - 32 WHERE id = {groups[0]}"))
        assert pg.post(hoa, "/api/reminders", {"group_id": groups[0]}).status_code == 201
    finally:
        with begin(owner_engine, Actor("system")) as conn:
            changes = ", ".join(f"{name} = :{name}" for name in (*names, "last_reviewed_on"))
            conn.execute(sa.text(f"UPDATE groups SET {changes} WHERE id = {groups[0]}"), dict(before._mapping))


def test_every_table_stands_under_row_level_security(
    owner_engine: Engine, conn_as: Callable[[str], Connection]
) -> None:
    with owner_engine.begin() as conn:
        for table in pg.TABLES:
            flags = "relrowsecurity AND relforcerowsecurity, pg_get_userbyid(relowner)"
            query = f"SELECT {flags} FROM pg_class WHERE relname = :t"
            assert tuple(conn.execute(sa.text(query), {"t": table}).one()) == (True, "gis_owner"), table
    for statement in (
        "DELETE FROM reminders",
        "INSERT INTO reminders (commune_id) VALUES (1)",
        "DELETE FROM notices",
        "SELECT created_by FROM notices",
        "UPDATE comments SET body = 'x'",
        "DELETE FROM units",
    ):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            conn_as("hoa").execute(sa.text(statement))


def test_demonstration_tasks_are_whole(owner_engine: Engine, client_as: pg.ClientAs) -> None:
    with owner_engine.begin() as conn:
        load_tasks(conn, MAU.id)
    client = client_as("lan")
    tasks = client.get("/api/tasks").json["tasks"]
    assert len(tasks) == 6
    assert any(task["days_late"] for task in tasks)
    assert len(client.get("/api/meetings/conclusions").json["conclusions"]) == 3
    assert None in {row["unit"] for row in client.get("/api/group-units").json["group_units"]}
    assert client_as("dung").get("/api/tasks").json["tasks"] == []


def test_controls_are_refused_before_the_database_does(conn_as: Callable[[str], Connection]) -> None:
    """Whatever `[[:cntrl:]]` refuses, the forms refuse with a sentence."""
    statement = sa.text(
        "SELECT n FROM generate_series(1, 65535) AS n WHERE n NOT BETWEEN 55296 AND 57343 AND chr(n) ~ '[[:cntrl:]]'"
    )
    refused = list(conn_as("hoa").scalars(statement))
    assert {9, 127, 0x94} <= set(refused)
    assert [hex(n) for n in refused if not has_controls(chr(n))] == []
