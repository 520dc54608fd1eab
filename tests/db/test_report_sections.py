"""Sections of a report against the API, page by page of the print; frozen ones stay as they were."""

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app.analysis.report import grouped
from gis_app.db import Actor, begin
from gis_app.jobs.report_content import section_modules
from gis_app.jobs.roadmap_fixtures import load_roadmap
from gis_app.queries.reports import LEAST_READER, READERS
from layers import LAYERS
from tests.builders import MAU
from tests.db import programme as pg
from tests.db.officers import Officer
from tests.db.test_reports import ask, delete_reports, make, this_month, words
from tests.db.test_roadmap import TABLES

ClientAs = Callable[[str | None], FlaskClient]
LATE, DONE = "Lắp hòm thư tố giác ở tổ 1", "Bảo đảm hòm thư ở tổ 4"


@pytest.fixture
def chi(client_as: ClientAs, owner_engine: Engine) -> Iterator[Officer]:
    """Chi of the committee, in a commune with a roadmap, a meeting, an overdue task and a task that is done."""
    with begin(owner_engine, Actor("system")) as conn:
        load_roadmap(conn, MAU.id, "11455")
    officer, groups = Officer(client_as("chi")), pg.group_ids(owner_engine, MAU.id)
    held_on = (pg.TODAY - dt.timedelta(days=9)).isoformat()
    meeting = pg.post(officer, "/api/meetings", {"held_on": held_on, "title": "Giao ban tháng", "kind": "month"})
    about = {"source": "meeting", "meeting_id": meeting.json["id"]}
    late = pg.post(officer, "/api/tasks", pg.task(groups[0], title=LATE, **about))
    done = pg.post(officer, "/api/tasks", pg.task(groups[3], title=DONE, holder_role="data", **about))
    assert (late.status_code, done.status_code) == (201, 201), late.text
    with begin(owner_engine, Actor("system", MAU.id)) as conn:
        conn.execute(sa.text("UPDATE tasks SET due_on = :d WHERE title = :t"),
                     {"d": pg.TODAY - dt.timedelta(days=3), "t": LATE})  # fmt: skip
    closed = pg.post(Officer(client_as("hoa")), f"/api/tasks/{done.json['id']}/close", {}, If_Match='"1"')
    assert closed.status_code == 200, closed.text
    yield officer
    delete_reports(owner_engine)
    with begin(owner_engine, Actor("system")) as conn:
        for table in TABLES:
            conn.execute(sa.delete(table))
    pg.clear(owner_engine)


def print_of(officer: Officer, engine: Engine, **body: Any) -> tuple[dict[str, Any], str]:
    """A report's sections by name, and the words on its pages."""
    report = make(officer, engine, **this_month(**body))
    text = words(officer.client.get(f"/api/reports/{report['id']}.pdf").data)
    return {section["name"]: section for section in report["content"]["sections"]}, text


def rows_of(section: dict[str, Any], name: str) -> list[list[Any]]:
    found: list[list[Any]] = next(block["rows"] for block in section["blocks"] if block.get("name") == name)
    return found


def flat(text: str) -> str:
    """As a printed page has it, where lines break anywhere."""
    return "".join(text.split())


def test_roadmap_is_the_apis(chi: Officer, engine: Engine) -> None:
    sections, text = print_of(chi, engine)
    api, rows = chi.client.get("/api/roadmap").json, rows_of(sections["roadmap"], "roadmap")
    assert sections["roadmap"]["figures"]["achieved"] == api["achieved_count"]
    assert api["headline"] in text
    of_groups = [year for year in api["years"] if (year["kind"], year["subject"]) == ("group", "")]
    assert len(of_groups) > 3
    for year in of_groups:
        target = year["targets"][0]
        row = next(row for row in rows if row[1] == "Tổ dân phố" and str(year["year"]) <= row[0][-4:] and
                   row[0][:4] <= str(year["year"]))  # fmt: skip
        assert row[2:5] == [target["words"], f"{year['achieved']}/{year['total']}", str(target["gap"])]
        assert flat(target["words"]) in flat(text)
        assert sections["roadmap"]["figures"][f"group_{year['year']}_whole"] == target["whole"]
    # Rounding in words; the clause's text, document and line.
    assert flat("1/4 (20 % = 0,8 → làm tròn lên)") in flat(text)
    rules = [rule for r in chi.client.get("/api/resolutions").json["resolutions"] for rule in r["clauses"]]
    spoken = [clause for clause in rules if clause["rules"]]
    assert [row[2] for row in rows_of(sections["roadmap"], "clauses")] == [clause["text"] for clause in spoken]
    for clause in spoken:
        assert flat(clause["text"]) in flat(text)
        assert flat(f"dòng {clause['line']}") in flat(text)


def test_both_readings_until_one_is_chosen(chi: Officer, engine: Engine, owner_engine: Engine) -> None:
    with begin(owner_engine, Actor("system")) as conn:
        for table in TABLES:
            conn.execute(sa.delete(table))
        load_roadmap(conn, MAU.id, "11167")
    _, text = print_of(chi, engine)
    open_rules = chi.client.get("/api/roadmap").json["open_rules"]
    assert len(open_rules) == 1
    for reading in open_rules[0]["readings"]:
        assert flat(f"Cách hiểu (chưa chọn): {reading['text']}") in flat(text)
    rule_id, chosen = open_rules[0]["rule_id"], open_rules[0]["readings"][0]
    version = chi.client.get(f"/api/target-rules/{rule_id}").headers["ETag"]
    answer = pg.post(chi, f"/api/target-rules/{rule_id}/reading", {"code": chosen["code"]}, If_Match=version)
    assert answer.status_code == 200, answer.text
    _, text = print_of(chi, engine)
    assert flat(f"Ban Chỉ đạo đã chọn: {chosen['text']}") in flat(text)
    assert "(chưa chọn)" not in text


def test_indicators_are_the_apis(chi: Officer, engine: Engine) -> None:
    sections, text = print_of(chi, engine)
    figures, rows = sections["indicators"]["figures"], rows_of(sections["indicators"], "indicators")
    # Hotspots have a section of their own, with rounded numbers.
    api = [one for one in chi.client.get("/api/indicators").json["indicators"] if one["unit"] != "hotspot"]
    assert len(api) == len(rows) == 10
    for one, row in zip(api, rows, strict=True):
        assert (figures[f"{one['code']}_done"], figures[f"{one['code']}_total"]) == (one["done"], one["total"])
        assert row[1] == f"{grouped(one['done'])}/{grouped(one['total'])}"
        assert row[1] in text
        for missing in one["missing"]:
            last = missing["name"].rpartition(" ")[2]
            assert last in row[3] or row[3].startswith("Cả 4") or row[3] == "Chưa có số liệu", (one["code"], row)


def test_data_quality_is_what_the_committee_reads(
    chi: Officer, engine: Engine, client_as: ClientAs, owner_engine: Engine
) -> None:
    """The officer of data reads hotspots and police's facilities; the report that she makes holds none of them."""
    api = chi.client.get("/api/data-quality").json["bars"]
    sections, text = print_of(Officer(client_as("hoa")), engine)
    by_chi, _ = print_of(chi, engine)
    assert sections["quality"] == by_chi["quality"]
    assert sections["quality"]["figures"] == {
        name: value
        for bar in api
        for name, value in {
            f"{bar['word']}_score": percent_of(bar["score"]),
            f"{bar['word']}_faults": bar["fault_count"],
        }.items()
    }
    for bar, row in zip(api, rows_of(sections["quality"], "quality"), strict=True):
        assert row[1:3] == [percent_of(bar["score"]), bar["fault_count"]]
        worst = max((check["fault_count"] for check in bar["checks"]), default=0)
        assert (f"{worst}/" in row[3]) == (worst > 0)
    assert "MAU1 gan" not in text
    # How many hotspots were handled is told by itself, without a place.
    told = str({name: one for name, one in sections.items() if name != "hotspots"})
    hidden = [layer.title[0] for layer in LAYERS.values() if LEAST_READER not in layer.readers]
    assert hidden
    assert not any(title in told for title in hidden)


def percent_of(score: float) -> str:
    share = (Decimal(str(score)) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{f'{share.normalize():f}'.replace('.', ',')} %"


def test_next_groups_are_the_apis_without_hotspots(chi: Officer, engine: Engine) -> None:
    sections, text = print_of(chi, engine)
    api, rows = chi.client.get("/api/next-groups").json["groups"], rows_of(sections["next_groups"], "next_groups")
    assert [row[1] for row in rows] == [one["name"] for one in api[:5]]
    assert sections["next_groups"]["figures"] == {"candidates": len(api), "listed": len(rows)}
    for one, row in zip(api, rows, strict=False):
        assert flat(row[3]) in flat(text)
        assert ("thiếu hòm thư" in row[3].lower()) == ("tip_box" in one["gaps"])
    assert "effort" not in str(sections["next_groups"])


def test_conclusions_and_tasks_are_the_apis(chi: Officer, engine: Engine) -> None:
    sections, text = print_of(chi, engine)
    api = chi.client.get("/api/meetings/conclusions", query_string={"before": pg.TODAY.isoformat()}).json["conclusions"]
    rows = rows_of(sections["conclusions"], "conclusions")
    assert [(row[1].partition(" (")[0], row[2]) for row in rows] == [(one["title"], one["holder"]) for one in api]
    assert [row[4].split("\n")[0] for row in rows] == ["Chưa xong, trễ 3 ngày", "Đã xong"]
    wanted = {"conclusions": 2, "done": 1, "open": 1, "cancelled": 0, "overdue": 1}
    assert wanted.items() <= sections["conclusions"]["figures"].items()
    assert flat("có 2 kết luận: đã xong 1, chưa xong 1 (quá hạn 1), hủy 0") in flat(text)
    tasks = {state: chi.client.get(f"/api/tasks?state={state}").json["tasks"] for state in ("open", "done")}
    figures = sections["tasks"]["figures"]
    assert (figures["open"], figures["done"]) == (len(tasks["open"]), len(tasks["done"])) == (1, 1)
    assert figures["overdue"] == sum(task["days_late"] > 0 for task in tasks["open"]) == 1
    for state, found in tasks.items():
        for task, row in zip(found, rows_of(sections["tasks"], f"tasks_{state}"), strict=True):
            assert row[3] == task["responsibility"]
            # All of the five are on paper.
            for cell in row[1:]:
                assert flat(cell) in flat(text)
            assert task["result"] in row[5]


def test_what_was_frozen_stays_whatever_becomes_of_its_rows(
    chi: Officer, engine: Engine, owner_engine: Engine, client_as: ClientAs
) -> None:
    """Past statuses, tasks, meetings, clauses and tip boxes are changed: made again as known then, the same hash."""
    first = make(chi, engine, **this_month())
    changes = (
        "UPDATE groups SET name = name || ' mới', stage = 'recognised' WHERE external_id = 'MAU1-g2'",
        "UPDATE tasks SET title = 'Việc khác', due_on = due_on - 5 WHERE commune_id = 90001",
        "UPDATE tasks SET state = 'cancelled', closed_at = now(), cancel_reason = 'thử' WHERE state = 'open'",
        "UPDATE tip_boxes SET state = 'broken' WHERE external_id = 'MAU1-tip_boxes'",
        "UPDATE target_rules SET rounding = 'floor' WHERE commune_id = 90001",
        "UPDATE clauses SET text = 'Câu khác' WHERE commune_id = 90001",
        "INSERT INTO meetings (commune_id, held_on, title, kind) VALUES (90001, vietnam_today() - 1, 'Sau', 'month')",
    )
    with begin(owner_engine, Actor("system", MAU.id)) as conn:
        for change in changes:
            assert conn.execute(sa.text(change)).rowcount > 0, change
    try:
        again = make(chi, engine, as_known_in=first["id"])
        assert (again["sha256"], again["content"]) == (first["sha256"], first["content"])
        hoa = make(Officer(client_as("hoa")), engine, as_known_in=first["id"])
        assert hoa["sha256"] == first["sha256"]
        now = {section["name"]: section for section in make(chi, engine, **this_month())["content"]["sections"]}
        then = {section["name"]: section for section in first["content"]["sections"]}
        for name in ("roadmap", "indicators", "conclusions", "tasks"):
            assert now[name] != then[name], name
    finally:
        with begin(owner_engine, Actor("system", MAU.id)) as conn:
            conn.execute(sa.text("UPDATE groups SET name = replace(name, ' mới', ''), stage = 'building' "
                                 "WHERE external_id = 'MAU1-g2'"))  # fmt: skip
            conn.execute(sa.text("UPDATE tip_boxes SET state = 'working' WHERE external_id = 'MAU1-tip_boxes'"))


@pytest.mark.parametrize(
    "text", ["Gọi anh 0912 345 678", "Số căn cước 031090001234", "Họp xong.\nLiên hệ +84 912345678"]
)
def test_no_personal_number_in_conclusions(text: str, chi: Officer) -> None:
    answer = ask(chi, **this_month(conclusions=text))
    assert answer.status_code == 422
    assert answer.json["params"]["faults"] == [{"field": "conclusions", "rule": "personal_number"}]
    assert ask(chi, **this_month(conclusions="Xong trước ngày 10/12/2026; 19.208 hộ ký cam kết.")).status_code == 202


def test_every_reader_of_reports_reads_what_the_least_reads() -> None:
    for layer in LAYERS.values():
        assert LEAST_READER not in layer.readers or layer.readers >= READERS, layer.name


def test_every_section_without_a_history_has_a_title() -> None:
    modules = {module.__name__.rpartition(".")[2]: module for module in section_modules()}
    assert list(modules) == ["10_overview", "12_campaign", "15_roadmap", "20_groups", "30_changes",
                             "40_indicators", "45_next_groups", "50_coverage", "52_patrol", "53_hotspots", "54_tips",
                             "56_agreements", "60_equipment", "65_remarks", "70_conclusions",
                             "75_tasks", "80_quality"]  # fmt: skip
    assert all(module.HAS_HISTORY or module.TITLE for module in modules.values())
