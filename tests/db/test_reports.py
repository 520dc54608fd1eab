"""Reports: asked for, frozen, printed, downloaded; the same again as known then; nobody else's; never changed."""

import datetime as dt
import hashlib
import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pypdfium2
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine
from werkzeug.test import TestResponse

from gis_app.analysis.report import sha256_of
from gis_app.analysis.report_periods import last_full
from gis_app.db import Actor, begin
from gis_app.jobs.job_report import make_report, print_report
from gis_app.jobs.runner import run_one
from gis_app.queries.reports import FORMATS, fetch_content, fetch_snapshots
from tests.builders import MAU
from tests.db.conftest import actor_of
from tests.db.test_writes import Officer

ClientAs = Callable[[str | None], FlaskClient]
TODAY = dt.datetime.now(dt.timezone(dt.timedelta(hours=7))).date()


def delete_reports(engine: Engine) -> None:
    with begin(engine, Actor("system")) as conn:
        for table in ("report_files", "report_snapshots", "jobs"):
            conn.execute(sa.text(f"DELETE FROM {table}"))


@pytest.fixture
def chi(client_as: ClientAs, owner_engine: Engine) -> Iterator[Officer]:
    """Chi of the committee of Xã Mẫu; the reports that are made are removed."""
    yield Officer(client_as("chi"))
    delete_reports(owner_engine)


def ask(officer: Officer, **body: Any) -> TestResponse:
    return officer.send("POST", "/api/reports", body, Idempotency_Key=uuid4().hex)


def run_all(engine: Engine) -> list[str]:
    said: list[str] = []
    with engine.connect() as keeper:
        while run_one(engine, keeper, threading.Event(), said.append):
            pass
    return said


def make(officer: Officer, engine: Engine, **body: Any) -> dict[str, Any]:
    job = ask(officer, **body)
    assert job.status_code == 202, job.text
    run_all(engine)
    done = officer.client.get(f"/api/jobs/{job.json['id']}").json
    assert done["state"] == "done", done
    report: dict[str, Any] = officer.client.get(done["result"]).json
    return report


def this_month(**body: Any) -> dict[str, Any]:
    return {"kind": "range", "from_on": (TODAY - dt.timedelta(days=30)).isoformat(), "to_on": TODAY.isoformat()} | body


def words(printed: bytes) -> str:
    document = pypdfium2.PdfDocument(printed)
    try:
        return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in document).split())
    finally:
        document.close()


def test_from_asking_to_paper(chi: Officer, engine: Engine, owner_engine: Engine) -> None:
    """T-C9: the figures on paper are the API's; two prints are one; making and every download stand in the log."""
    report = make(chi, engine, **this_month(conclusions="Công an xã rà soát tổ 2.\n\nXong trước ngày 10."))
    assert report["content"]["head"]["organ"] == ["ỦY BAN NHÂN DÂN", "PHƯỜNG MẪU"]
    assert sha256_of(report["content"]) == report["sha256"]
    files = {fmt: chi.client.get(f"/api/reports/{report['id']}.{fmt}") for fmt in FORMATS}
    for fmt, answer in files.items():
        assert hashlib.sha256(answer.data).hexdigest() == report["files"][fmt]
        assert answer.headers["Content-Disposition"].endswith(f'-01.{fmt}"')
        assert "no-store" in answer.headers["Cache-Control"]
    with begin(engine, actor_of("chi")) as conn:
        snapshot = fetch_snapshots(conn, MAU.id, report["id"])[0]
        content = fetch_content(conn, MAU.id, report["id"]) or {}
    for fmt, answer in files.items():
        assert print_report(snapshot, content, fmt) == answer.data, fmt
    text, figures = words(files["pdf"].data), report["content"]["sections"][0]["figures"]
    assert figures["groups"] == 4
    assert f"Có {figures['achieved']}/{figures['groups']} tổ dân phố ({figures['achieved_share']})" in text.replace(
        "thôn", "tổ dân phố"
    )
    assert "Công an xã rà soát tổ 2. Xong trước ngày 10." in text
    with owner_engine.connect() as conn:
        entries = conn.execute(
            sa.text(
                "SELECT action, username, after FROM audit_entries WHERE table_name = 'report_snapshots' ORDER BY id"
            )
        ).all()
    assert [(e.action, e.username) for e in entries[-4:]] == [("report", "chi"), *[("export", "chi")] * 3]
    assert entries[-4].after == {"id": report["id"], "sha256": report["sha256"]}


def test_as_known_then(chi: Officer, engine: Engine, owner_engine: Engine) -> None:
    """Edit the past, print the old period again as known then: same hash; as known now: another."""
    first = make(chi, engine, **this_month())
    with begin(owner_engine, Actor("system", MAU.id)) as conn:
        conn.execute(
            sa.text("UPDATE groups SET name = name || ' mới', stage = 'recognised' WHERE external_id = 'MAU1-g2'")
        )
        conn.execute(sa.text("UPDATE cameras SET state = 'broken' WHERE commune_id = 90001 AND state = 'working'"))
    try:
        again = make(chi, engine, as_known_in=first["id"])
        assert (again["sha256"], again["content"]) == (first["sha256"], first["content"])
        assert (again["id"], again["number"]) == (first["id"] + 1, first["number"] + 1)
        now = make(chi, engine, **this_month())
        assert now["sha256"] != first["sha256"]
        assert now["content"]["sections"][0]["figures"]["achieved"] == 2
        # Another role, the same moment: the same content.
        with begin(owner_engine, Actor("system")) as conn:
            conn.execute(sa.text("DELETE FROM jobs"))
    finally:
        with begin(owner_engine, Actor("system", MAU.id)) as conn:
            conn.execute(
                sa.text("UPDATE groups SET name = replace(name, ' mới', ''), stage = 'building' "
                        "WHERE external_id = 'MAU1-g2'")
            )  # fmt: skip
            conn.execute(
                sa.text("UPDATE cameras SET state = 'working' WHERE commune_id = 90001 AND state = 'broken' "
                        "AND external_id IN ('MAU1-c0', 'MAU1-c1')")
            )  # fmt: skip


def test_every_role_freezes_the_same(chi: Officer, engine: Engine, client_as: ClientAs) -> None:
    first = make(chi, engine, **this_month())
    hoa = make(Officer(client_as("hoa")), engine, as_known_in=first["id"])
    assert (hoa["sha256"], hoa["made_by"]) == (first["sha256"], "data")


def test_no_count_of_persons(chi: Officer, engine: Engine) -> None:
    """Exempt counts 1 to 4 and residents are in the table of groups; no report holds them."""
    text = str(make(chi, engine, **this_month())["content"])
    for word in ("exempt", "other_count", "resident", "nhân khẩu", "1600"):
        assert word not in text


def test_whose_it_is(chi: Officer, engine: Engine, client_as: ClientAs) -> None:
    report = make(chi, engine, **this_month())
    doors = [f"/api/reports/{report['id']}{end}" for end in ("", ".pdf", ".docx", ".xlsx")]
    for username, status in {
        "hoa": 200,
        "lan": 200,
        "an": 403,
        "binh": 403,
        "giang": 404,
        "dung": 403,
        None: 401,
    }.items():
        client = client_as(username)
        assert [client.get(door).status_code for door in doors] == [status] * 4, username
    assert client_as("giang").get("/api/reports").json == {"reports": []}
    assert client_as("hoa").get(f"/api/reports/{report['id']}.exe").status_code == 404
    assert client_as("hoa").get(f"/api/reports/{2**63}").status_code == 404
    assert ask(Officer(client_as("lan")), **this_month()).status_code == 403
    assert ask(Officer(client_as("giang")), as_known_in=report["id"]).status_code == 404


def test_nobody_changes_a_report(chi: Officer, engine: Engine, conn_as: Callable[[str], Connection]) -> None:
    report = make(chi, engine, **this_month())
    for text in (
        "UPDATE report_snapshots SET conclusions = 'x'",
        "DELETE FROM report_snapshots",
        "DELETE FROM report_files",
        "UPDATE report_files SET content = ''",
        "INSERT INTO report_snapshots (commune_id) VALUES (90001)",
        f"INSERT INTO report_files VALUES ({report['id']}, 'pdf', 90001, '', '{'0' * 64}')",
    ):
        conn = conn_as("chi")
        with pytest.raises(sa.exc.DBAPIError):
            conn.execute(sa.text(text))
    freeze = sa.text("SELECT freeze_report('year', '2025-12-15', '2026-12-14', '2026-11-01', now(), '', '{}', :sha)")
    assert conn_as("lan").execute(freeze, {"sha": "0" * 64}).scalar_one() is None


def test_a_cancelled_report_leaves_nothing(chi: Officer, engine: Engine, owner_engine: Engine) -> None:
    job = ask(chi, **this_month()).json
    assert chi.send("DELETE", f"/api/jobs/{job['id']}").json["state"] == "cancelled"
    assert run_all(engine) == []
    assert chi.client.get("/api/reports").json == {"reports": []}
    with owner_engine.connect() as conn:
        assert conn.execute(sa.text("SELECT count(*) FROM report_files")).scalar_one() == 0


def test_pressed_twice_is_one(chi: Officer) -> None:
    assert ask(chi, **this_month()).json["id"] == ask(chi, **this_month()).json["id"]
    assert ask(chi, **this_month(conclusions="x")).json["id"] != ask(chi, **this_month()).json["id"]


def test_the_last_full_period_is_meant(chi: Officer) -> None:
    for kind in ("month", "quarter", "half_year", "year"):
        wanted, found = last_full(kind, TODAY), ask(chi, kind=kind).json["parameters"]
        assert (found["from_on"], found["to_on"]) == (wanted.from_on.isoformat(), wanted.to_on.isoformat())


@pytest.mark.parametrize(
    ("values", "field", "rule"),
    [
        ({"kind": "week"}, "kind", "choice"),
        ({"kind": None}, "kind", "choice"),
        ({"from_on": None}, "from_on", "required"),
        ({"to_on": "mai"}, "to_on", "date"),
        ({"to_on": 5}, "to_on", "date"),
        ({"to_on": "2001-01-01"}, "to_on", "range"),
        ({"from_on": "2999-01-01", "to_on": "2999-01-02"}, "from_on", "range"),
        ({"from_on": "1999-01-01", "to_on": "1999-01-02"}, "from_on", "range"),
        ({"kind": "quarter", "from_on": "2026-01-02", "to_on": None}, "from_on", "not_a_period"),
        ({"kind": "quarter", "from_on": "2026-07-01", "to_on": "2026-09-14"}, "from_on", "not_a_period"),
        ({"conclusions": "x" * 8001}, "conclusions", "text"),
        ({"conclusions": "a\u0000b"}, "conclusions", "text"),
        ({"conclusions": 5}, "conclusions", "text"),
        ({"sha256": "x"}, "sha256", "unknown_field"),
    ],
)
def test_each_fault_is_named(values: dict[str, Any], field: str, rule: str, chi: Officer) -> None:
    answer = ask(chi, **this_month() | values)
    assert answer.status_code == 422
    assert answer.json["params"]["faults"] == [{"field": field, "rule": rule}]


def test_a_past_moment_without_a_report_says_what_it_cannot_know(chi: Officer, engine: Engine) -> None:
    """Devices keep no history: a moment that no report froze has no table of them, but the groups of then."""
    actor = actor_of("chi")
    parameters = this_month(known_at=(dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)).isoformat())
    with begin(engine, actor) as conn:
        report_id = make_report(conn, actor, parameters, lambda *_: None)
        content = fetch_content(conn, MAU.id, report_id) or {}
    equipment = next(section for section in content["sections"] if section["name"] == "equipment")
    assert [block["type"] for block in equipment["blocks"]] == ["text"]
    assert equipment["title"] == "Thiết bị"
