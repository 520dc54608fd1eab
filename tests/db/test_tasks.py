"""Tasks "5 rõ": five mandatory fields, closed only by the measure asked again, nobody else's business."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, begin
from gis_app.queries.loading import insert_rows
from gis_app.queries.tasks import fetch_conclusions
from layers import LAYERS
from tests.builders import BEN, MAU, sample_row
from tests.db import programme as pg
from tests.db.officers import Officer


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    pg.clear(owner_engine)


@pytest.fixture(autouse=True, scope="module")
def _one_box(owner_engine: Engine) -> Iterator[None]:
    """The sample's tip box stands where all four groups meet: for these tests in the fourth alone."""
    move = "UPDATE tip_boxes SET geom = ST_SetSRID(ST_MakePoint(:x, :y), 4326) WHERE external_id = 'MAU1-tip_boxes'"
    for east in (2250, 1500):
        spot = MAU.at(east, east)
        with begin(owner_engine, Actor("system")) as conn:
            conn.execute(sa.text(move), {"x": spot.x, "y": spot.y})
        if east == 2250:
            yield


@pytest.fixture
def groups(owner_engine: Engine) -> list[int]:
    return pg.group_ids(owner_engine, MAU.id)


@pytest.fixture
def hoa(client_as: pg.ClientAs) -> Officer:
    return Officer(client_as("hoa"))


def count(engine: Engine) -> int:
    with engine.begin() as conn:
        return int(conn.execute(sa.text("SELECT count(*) FROM tasks")).scalar_one())


def make(officer: Officer, body: dict[str, Any]) -> int:
    answer = pg.post(officer, "/api/tasks", body)
    assert answer.status_code == 201, answer.text
    return int(answer.json["id"])


def close(officer: Officer, number: int, version: int = 1) -> Any:
    return pg.post(officer, f"/api/tasks/{number}/close", {}, If_Match=f'"{version}"')


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "  \u00a0 "}, "title"),
        ({"title": "absent"}, "title"),
        ({"holder_role": None}, "holder"),
        ({"holder_role": "absent"}, "holder"),
        ({"responsibility": ""}, "responsibility"),
        ({"responsibility": "absent"}, "responsibility"),
        ({"due_on": ""}, "due_on"),
        ({"due_on": "absent"}, "due_on"),
        ({"measure": ""}, "measure"),
        ({"measure": "absent"}, "measure"),
        ({"wanted": None}, "wanted"),
    ],
)
def test_each_of_the_five_is_mandatory(
    values: dict[str, Any], field: str, hoa: Officer, groups: list[int], owner_engine: Engine
) -> None:
    answer = pg.post(hoa, "/api/tasks", pg.task(groups[3], **values))
    assert answer.status_code == 422
    assert answer.json["code"] == "bad_task"
    assert answer.json["params"]["faults"] == [{"field": field, "rule": "required"}]
    assert count(owner_engine) == 0


@pytest.mark.parametrize("column", ["title", "holder_role", "responsibility", "due_on", "measure", "wanted"])
def test_the_database_wants_the_five_too(column: str, conn_as: Callable[[str], Connection], groups: list[int]) -> None:
    row = {"commune_id": MAU.id, "title": "a", "holder_role": "data", "responsibility": "b", "due_on": pg.TODAY,
           "measure": "tip_box_working", "wanted": 1, "group_id": groups[0]}  # fmt: skip
    conn = conn_as("hoa")
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    statement = sa.text(f"INSERT INTO tasks ({names}) VALUES ({values})")
    conn.execute(statement, row)
    with pytest.raises(sa.exc.IntegrityError):
        conn.execute(statement, row | {column: None})


@pytest.mark.parametrize(
    ("values", "field", "rule"),
    [
        ({"holder_role": "supervisor"}, "holder_role", "choice"),
        ({"holder_unit_id": 1}, "holder", "one_holder"),
        ({"due_on": (pg.TODAY - dt.timedelta(days=1)).isoformat()}, "due_on", "past"),
        ({"due_on": "mai"}, "due_on", "date"),
        ({"measure": "photo_uploaded"}, "measure", "choice"),
        ({"wanted": 0}, "wanted", "whole"),
        ({"wanted": 21}, "wanted", "range"),
        ({"wanted": True}, "wanted", "whole"),
        ({"group_id": None, "wanted": 1}, "group_id", "required"),
        ({"group_id": 2**62}, "group_id", "not_here"),
        ({"title": "Gọi anh 0912 345 678"}, "title", "personal_number"),
        ({"source": "meeting"}, "meeting_id", "required"),
        ({"meeting_id": 2**40, "source": "meeting"}, "meeting_id", "not_here"),
        ({"point": [106.0, 20.0]}, "point", "outside"),
        ({"point": "x"}, "point", "lonlat"),
        ({"feature": {"layer": "accounts", "id": 1}}, "feature", "choice"),
        ({"state": "done"}, "state", "unknown_field"),
        ({"options": {"x": 1}}, "options", "unknown_field"),
        ({"measure": "group_stage"}, "stage", "required"),
        ({"measure": "criteria_reviewed", "options": {"from_on": "2999-01-01"}}, "from_on", "future"),
    ],
)
def test_each_fault_is_named(
    values: dict[str, Any], field: str, rule: str, hoa: Officer, groups: list[int], owner_engine: Engine
) -> None:
    answer = pg.post(hoa, "/api/tasks", pg.task(groups[3], **values))
    assert answer.status_code == 422, answer.text
    assert {"field": field, "rule": rule} in answer.json["params"]["faults"]
    assert count(owner_engine) == 0


def test_it_closes_only_when_the_data_have_changed(
    hoa: Officer, groups: list[int], client_as: pg.ClientAs, owner_engine: Engine
) -> None:
    # The sample's one tip box stands in the fourth group.
    number = make(hoa, pg.task(groups[0]))
    an = Officer(client_as("an"))
    seen = an.client.get(f"/api/tasks/{number}")
    assert (seen.json["measured"], seen.json["wanted"], seen.json["is_reached"]) == (0, 1, False)
    refused = close(an, number)
    assert (refused.status_code, refused.json["code"]) == (409, "measure_not_reached")
    assert (refused.json["params"]["value"], refused.json["params"]["target"]) == (0, 1)
    # A photograph or a word changes nothing.
    assert pg.post(an, "/api/comments", {"task_id": number, "body": "Đã lắp xong, có ảnh kèm theo."}).status_code == 201
    assert close(an, number).status_code == 409
    box = {"type": "Feature", "geometry": {"type": "Point", "coordinates": MAU.at(300, 300).coords[0]},
           "properties": {"state": "broken"}}  # fmt: skip
    made = pg.post(hoa, "/api/layers/tip_boxes/features", box)
    assert close(an, number).status_code == 409
    hoa.send("PATCH", made.headers["Location"], {"properties": {"state": "working"}}, If_Match='"1"')
    done = close(an, number)
    assert (done.status_code, done.json["state"], done.json["measured"]) == (200, "done", 1)
    assert close(an, number, 2).json["code"] == "task_closed"
    # What closed it stays told, though the box goes again.
    hoa.send("DELETE", made.headers["Location"], If_Match='"2"')
    assert hoa.client.get(f"/api/tasks/{number}").json["measured"] == 1
    with owner_engine.begin() as conn:
        query = "SELECT action, username FROM audit_entries WHERE table_name = 'tasks' ORDER BY id"
        assert conn.execute(sa.text(query)).all() == [("insert", "hoa"), ("update", "an")]


def test_the_web_cannot_forge_a_result(hoa: Officer, groups: list[int], conn_as: Callable[[str], Connection]) -> None:
    number = make(hoa, pg.task(groups[0]))
    for statement in (
        "UPDATE tasks SET state = 'done'",
        "UPDATE tasks SET closed_value = 1",
        "UPDATE tasks SET wanted = 1",
        "UPDATE tasks SET measure = 'board_complete'",
        "UPDATE tasks SET options = '{}'",
        "INSERT INTO tasks (state) VALUES ('done')",
        "DELETE FROM tasks",
    ):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            conn_as("hoa").execute(sa.text(statement))
    assert close(hoa, number).status_code == 409


def test_the_database_refuses_done_without_the_value(owner_engine: Engine, hoa: Officer, groups: list[int]) -> None:
    make(hoa, pg.task(groups[0]))
    for value in ("NULL", "0"):
        with pytest.raises(sa.exc.IntegrityError), owner_engine.begin() as conn:
            conn.execute(sa.text(f"UPDATE tasks SET state = 'done', closed_at = now(), closed_value = {value}"))


def test_who_may_do_what(hoa: Officer, groups: list[int], client_as: pg.ClientAs) -> None:
    for username in ("hoa", "binh", "chi"):
        make(Officer(client_as(username)), pg.task(groups[3]))
    for username in ("an", "lan"):
        assert pg.post(Officer(client_as(username)), "/api/tasks", pg.task(groups[3])).status_code == 403
    reached = make(hoa, pg.task(groups[3], holder_role="planner"))
    # A patrol reads its own; another's is a task that is not there.
    an = Officer(client_as("an"))
    assert len(an.client.get("/api/tasks").json["tasks"]) == 3
    assert an.client.get(f"/api/tasks/{reached}").status_code == 404
    assert close(an, reached).status_code == 404
    assert close(Officer(client_as("chi")), reached).json["code"] == "not_task_holder"
    assert close(Officer(client_as("lan")), reached).status_code == 403
    assert len(client_as("lan").get("/api/tasks").json["tasks"]) == 4
    assert close(Officer(client_as("binh")), reached).json["state"] == "done"


def test_cancelling_needs_leadership_and_a_reason(hoa: Officer, groups: list[int], client_as: pg.ClientAs) -> None:
    number = make(hoa, pg.task(groups[0]))
    address, chi = f"/api/tasks/{number}/cancel", Officer(client_as("chi"))
    assert pg.post(hoa, address, {"reason": "thôi"}, If_Match='"1"').status_code == 403
    assert pg.post(chi, address, {"reason": " "}, If_Match='"1"').status_code == 422
    assert pg.post(chi, address, {"reason": "Đã có hòm thư của phường bên"}).status_code == 428
    answer = pg.post(chi, address, {"reason": "Đã có hòm thư của phường bên"}, If_Match='"1"')
    assert (answer.json["state"], answer.json["cancel_reason"]) == ("cancelled", "Đã có hòm thư của phường bên")
    assert pg.post(chi, address, {"reason": "x"}, If_Match='"2"').json["code"] == "task_closed"


def test_versions_keys_and_changes(hoa: Officer, groups: list[int], client_as: pg.ClientAs) -> None:
    key = uuid4().hex
    made = [hoa.send("POST", "/api/tasks", pg.task(groups[0]), Idempotency_Key=key) for _ in range(3)]
    assert [a.status_code for a in made] == [201, 201, 201]
    assert len({a.json["id"] for a in made}) == 1
    address = made[0].headers["Location"]
    assert hoa.send("PATCH", address, {"title": "Việc khác"}).status_code == 428
    changed = hoa.send("PATCH", address, {"title": "Việc khác"}, If_Match='"1"')
    assert (changed.status_code, changed.headers["ETag"], changed.json["title"]) == (200, '"2"', "Việc khác")
    assert changed.json["holder"]["role"] == "patrol"
    assert hoa.send("PATCH", address, {"title": "Nữa"}, If_Match='"1"').status_code == 412
    assert hoa.send("PATCH", address, {"title": ""}, If_Match='"2"').status_code == 422
    assert hoa.send("PATCH", address, {"wanted": 1}, If_Match='"2"').status_code == 422
    assert hoa.send("PATCH", address, {"holder_role": "planner"}, If_Match='"2"').json["holder"]["role"] == "planner"
    kinds = [n["kind"] for n in client_as("an").get("/api/notices").json["notices"]]
    assert kinds == ["task_changed", "task_changed", "task_given"]
    assert [n["kind"] for n in client_as("binh").get("/api/notices").json["notices"]] == ["task_given"]


def test_overdue_ones_come_first_the_latest_on_top(hoa: Officer, groups: list[int], owner_engine: Engine) -> None:
    numbers = [make(hoa, pg.task(groups[0], title=f"Việc {late}")) for late in (0, 3, 30, -5)]
    with owner_engine.begin() as conn:
        for number, late in zip(numbers, (0, 3, 30, -5), strict=True):
            day = pg.TODAY - dt.timedelta(days=late)
            conn.execute(sa.text("UPDATE tasks SET due_on = :d WHERE id = :i"), {"d": day, "i": number})
    listed = hoa.client.get("/api/tasks").json["tasks"]
    assert [(t["title"], t["days_late"]) for t in listed] == [
        ("Việc 30", 30),
        ("Việc 3", 3),
        ("Việc 0", 0),
        ("Việc -5", 0),
    ]
    overdue = hoa.client.get("/api/tasks?overdue=true").json["tasks"]
    assert [t["days_late"] for t in overdue] == [30, 3]
    assert hoa.client.get("/api/tasks?overdue=maybe").status_code == 400
    assert hoa.client.get("/api/tasks?holder_role=data").json["tasks"] == []
    assert len(hoa.client.get(f"/api/tasks?group_id={groups[0]}&state=open&source=group").json["tasks"]) == 4


def test_places_are_geojson(hoa: Officer, groups: list[int]) -> None:
    spot = MAU.at(200, 200)
    pointed = make(hoa, pg.task(None, measure="commune_indicator", options={"indicator": "tip_box"}, wanted=2,
                                point=[spot.x, spot.y]))  # fmt: skip
    on_group = make(hoa, pg.task(groups[3]))
    features = {f["id"]: f for f in hoa.client.get("/api/tasks?f=geojson").json["features"]}
    assert features[pointed]["geometry"]["coordinates"] == pytest.approx([spot.x, spot.y])
    assert features[pointed]["properties"]["group_id"] == groups[0]
    lon, lat = features[on_group]["geometry"]["coordinates"]
    assert MAU.box(1500, 1500, 3000, 3000).contains(MAU.at(2250, 2250))
    assert (lon, lat) == pytest.approx(MAU.at(2250, 2250).coords[0], abs=1e-4)


def test_a_place_must_be_the_communes_own(hoa: Officer, owner_engine: Engine, groups: list[int]) -> None:
    other = pg.group_ids(owner_engine, BEN.id)[0]
    assert pg.post(hoa, "/api/tasks", pg.task(other)).json["params"]["faults"] == [
        {"field": "group_id", "rule": "not_here"}
    ]
    venue = {"layer": "venues", "id": pg.feature_id(owner_engine, "venues", BEN.id)}
    body = pg.task(None, measure="venue_checked", options={"from_on": "2026-01-01"}, feature=venue, wanted="absent")
    assert pg.post(hoa, "/api/tasks", body).json["params"]["faults"] == [{"field": "feature", "rule": "not_here"}]


def test_the_other_commune_finds_nothing(hoa: Officer, groups: list[int], client_as: pg.ClientAs) -> None:
    number = make(hoa, pg.task(groups[0], holder_role="planner"))
    pg.post(hoa, "/api/comments", {"group_id": groups[0], "body": "Ý kiến"})
    pg.post(hoa, "/api/meetings", {"held_on": pg.TODAY.isoformat(), "title": "Giao ban", "kind": "month"})
    for username in ("dung", "giang"):
        other = Officer(client_as(username))
        assert other.client.get("/api/tasks").json == {"tasks": []}
        assert other.client.get("/api/meetings").json == {"meetings": []}
        assert other.client.get("/api/notices").json == {"notices": [], "unread_count": 0}
        assert other.client.get("/api/comments/counts").json == {"groups": {}}
        assert other.client.get(f"/api/comments?group_id={groups[0]}").json == {"comments": []}
        assert other.client.get(f"/api/comments?task_id={number}").status_code == 404
        assert other.client.get(f"/api/tasks/{number}").status_code == 404
        assert other.send("PATCH", f"/api/tasks/{number}", {"title": "x"}, If_Match='"1"').status_code == 404
        assert close(other, number).status_code == 404
        for path in (f"/viec/{number}", f"/to/{groups[0]}"):
            assert other.client.get(path).status_code == 404, path
        assert pg.post(other, "/api/comments", {"task_id": number, "body": "x"}).status_code == 404
        assert pg.post(other, "/api/comments", {"group_id": groups[0], "body": "x"}).status_code == 404
        for thing in ({"task_id": number}, {"group_id": groups[0]}):
            assert pg.post(other, "/api/reminders", thing).status_code == 404
        assert "Lắp hòm thư" not in other.client.get("/viec").text
    assert client_as("quantri").get("/api/tasks").status_code == 403


def test_conclusions_of_the_last_meeting(
    hoa: Officer, groups: list[int], client_as: pg.ClientAs, conn_as: Callable[[str], Connection]
) -> None:
    held = [pg.TODAY - dt.timedelta(days=days) for days in (40, 10)]
    meetings = [
        pg.post(hoa, "/api/meetings", {"held_on": day.isoformat(), "title": f"Giao ban {day}", "kind": "month"}).json[
            "id"
        ]
        for day in held
    ]
    old = make(hoa, pg.task(groups[0], source="meeting", meeting_id=meetings[0], title="Kết luận cũ"))
    new = [
        make(hoa, pg.task(groups[3], source="meeting", meeting_id=meetings[1], title=f"Kết luận {n}")) for n in (1, 2)
    ]
    assert close(hoa, new[0]).status_code == 200
    found = client_as("lan").get("/api/meetings/conclusions").json["conclusions"]
    assert [(row["task_id"], row["state"]) for row in found] == [(new[1], "open"), (new[0], "done")]
    before = client_as("lan").get(f"/api/meetings/conclusions?before={held[1]}").json["conclusions"]
    assert [row["task_id"] for row in before] == [old]
    rows = fetch_conclusions(conn_as("chi"), MAU.id, held[0])
    assert rows == []
    counts = {
        one["id"]: (one["open_count"], one["done_count"]) for one in hoa.client.get("/api/meetings").json["meetings"]
    }
    assert counts == {meetings[0]: (1, 0), meetings[1]: (1, 1)}
    assert pg.post(Officer(client_as("an")), "/api/meetings", {}).status_code == 403
    assert pg.post(hoa, "/api/meetings", {"held_on": "x", "title": "", "kind": "day"}).status_code == 422


def test_a_group_that_goes_leaves_its_tasks(hoa: Officer, owner_engine: Engine) -> None:
    layer = LAYERS["groups"]
    row = sample_row(layer, MAU, name="Tổ sắp nhập", valid_to=None)
    with begin(owner_engine, Actor("system")) as conn:
        insert_rows(conn, layer, MAU.id, [("MAU1-gone", row[1], row[2])], "manual")
        gone = conn.execute(sa.text("SELECT id FROM groups WHERE external_id = 'MAU1-gone'")).scalar_one()
    number = make(hoa, pg.task(gone))
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM groups WHERE external_id = 'MAU1-gone'"))
    left = hoa.client.get(f"/api/tasks/{number}").json
    assert (left["group_id"], left["measured"], left["state"]) == (None, 0, "open")
