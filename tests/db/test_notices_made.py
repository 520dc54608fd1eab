"""Notices that the database writes itself: to whom, where they lead, what they never say; numbers in the navigation."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.jobs.tip_notices import tell_of_tips
from tests.builders import BEN, MAU
from tests.db import programme as pg
from tests.db.statements import asked

PLAN = (
    "INSERT INTO patrol_plans (commune_id, shift_on, start_min, end_min, settings) "
    "VALUES (90001, vietnam_today(), 1200, {end}, '{{}}') RETURNING id"
)
TIP = (
    "INSERT INTO tips (id, commune_id, subject, precision, geom, body, receipt_hash, received_at, is_held) "
    "VALUES ({id}, 90001, '{subject}', 'point', ST_SetSRID(ST_MakePoint(106.7, 20.8), 4326), '', "
    "lpad('{id}', 64, 'a'), half_day() - interval '{days} days', {held})"
)


def run(engine: Engine, text: str) -> Any:
    """One statement as the owner, who is no officer."""
    with engine.begin() as conn:
        found = conn.exec_driver_sql(text)
        return found.scalar() if found.returns_rows else None


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    for table in ("tips", "jobs", "agreements", "stage_changes", "patrol_plans"):
        run(owner_engine, f"DELETE FROM {table}")
    run(owner_engine, "DELETE FROM heartbeats")
    pg.clear(owner_engine)


def told(client_as: pg.ClientAs, username: str) -> list[tuple[str, str | None]]:
    """(title, link) of an account's notices, newest first."""
    found = client_as(username).get("/api/notices").json["notices"]
    return [(one["title"], one["link"]) for one in found]


def sweep(engine: Engine) -> int:
    with begin(engine, Actor("system")) as conn:
        return tell_of_tips(conn)


def test_a_shift_that_is_issued_reaches_the_patrols(owner_engine: Engine, client_as: pg.ClientAs) -> None:
    plan = run(owner_engine, PLAN.format(end=1440))
    run(owner_engine, f"UPDATE patrol_plans SET chosen = 1 WHERE id = {plan}")
    assert told(client_as, "an") == []
    run(owner_engine, f"UPDATE patrol_plans SET state = 'issued', issued_at = now() WHERE id = {plan}")
    title = f"Ca tuần tra đã ban hành: {pg.TODAY:%d/%m/%Y}, 20:00–24:00"
    assert told(client_as, "an") == [(title, f"/tuan-tra/{plan}")]
    for username in ("hoa", "chi", "binh", "lan", "giang"):
        assert told(client_as, username) == [], username
    page = client_as("an").get("/thong-bao").text
    assert f'href="/tuan-tra/{plan}"' in page
    assert 'data-testid="count-notices"' in page
    assert "1 chưa đọc" in page


def test_who_did_it_has_read_it(owner_engine: Engine, client_as: pg.ClientAs) -> None:
    plan = run(owner_engine, PLAN.format(end=1380))
    with owner_engine.begin() as conn:
        conn.exec_driver_sql("SELECT set_config('app.username', 'an', true), set_config('app.role', 'patrol', true)")
        conn.exec_driver_sql(f"UPDATE patrol_plans SET state = 'issued', issued_at = now() WHERE id = {plan}")
        logged = "SELECT count(*) FROM audit_entries WHERE table_name = '{}'"
        assert conn.exec_driver_sql(logged.format("notices")).scalar() == 0
        # The trigger acts as the system; what called it does not.
        assert conn.exec_driver_sql("SELECT current_setting('app.role')").scalar() == "patrol"
    answer = client_as("an").get("/api/notices").json
    assert (answer["unread_count"], len(answer["notices"])) == (0, 1)


def test_a_lost_stage_reaches_who_leads_and_who_is_in_charge(owner_engine: Engine, client_as: pg.ClientAs) -> None:
    group = pg.group_ids(owner_engine, MAU.id)[0]
    change = run(
        owner_engine,
        "INSERT INTO stage_changes (commune_id, group_id, from_stage, to_stage, effective_on, period_year, "
        "requested_by) "
        f"VALUES (90001, {group}, 'recognised', 'lapsed', vietnam_today(), 2026, 'hoa') RETURNING id",
    )
    name = run(owner_engine, f"SELECT name FROM groups WHERE id = {group}")
    run(owner_engine, f"UPDATE stage_changes SET state = 'approved', decided_by = 'chi' WHERE id = {change}")
    lost = (f"Mất danh hiệu không ma túy: {name}", f"/to/{group}")
    for username in ("chi", "an", "lan"):
        assert told(client_as, username) == [lost], username
    # Who proposed it hears of the decision too.
    assert lost in told(client_as, "hoa")
    for username in ("binh", "giang", "dung"):
        assert told(client_as, username) == [], username


def test_a_proposal_reaches_who_may_approve_on_the_other_side(owner_engine: Engine, client_as: pg.ClientAs) -> None:
    with owner_engine.begin() as conn:
        for name, value in (("username", "hoa"), ("role", "data"), ("commune_id", "90001")):
            conn.exec_driver_sql(f"SELECT set_config('app.{name}', '{value}', true)")
        conn.exec_driver_sql(
            "INSERT INTO agreements (commune_a, commune_b, name_a, name_b, width_m, layers, proposed_on, ends_on, "
            "proposed_by) VALUES (90001, 90002, 'Xã Mẫu', 'Xã Bên', 100, ARRAY['lights'], vietnam_today(), "
            "vietnam_today() + 9, 'hoa')"
        )
        rows = conn.execute(sa.text("SELECT commune_id, role, created_by, about FROM notices ORDER BY role")).all()
        # Nothing in the neighbour's log names this commune's account.
        logged = "SELECT count(*) FROM audit_entries WHERE commune_id = 90002 AND username = 'hoa'"
        assert conn.exec_driver_sql(logged).scalar() == 0
    assert [tuple(row) for row in rows] == [(BEN.id, "admin", "", "Xã Mẫu"), (BEN.id, "committee", "", "Xã Mẫu")]
    for username in ("chi", "hoa", "giang", "dung"):
        assert told(client_as, username) == [], username


@pytest.mark.parametrize(
    ("kind", "state", "parameters", "result", "title", "link"),
    [
        ("report", "done", "{}", "/bao-cao/7", "Báo cáo đã lập xong", "/bao-cao/7"),
        ("report", "failed", "{}", None, "Không làm xong: Lập báo cáo", "/bao-cao"),
        ("import", "done", '{"part": "apply", "import_id": 4}', "x", "Nhập dữ liệu đã chạy xong", "/du-lieu/nhap/4"),
        ("import", "done", '{"part": "check", "import_id": 4}', "x", None, None),
        ("import", "cancelled", '{"part": "apply", "import_id": 4}', None, None, None),
        ("coverage", "done", "{}", "x", None, None),
    ],
)
def test_who_asked_is_told_of_the_end(
    owner_engine: Engine, client_as: pg.ClientAs, kind: str, state: str, parameters: str, result: str | None,
    title: str | None, link: str | None,
) -> None:  # fmt: skip
    with owner_engine.begin() as conn:
        values = {"kind": kind, "parameters": parameters, "state": state, "result": result}
        made = conn.execute(
            sa.text(
                "INSERT INTO jobs (commune_id, kind, parameters, readers, asked_by, asked_role, state) VALUES "
                "(90001, :kind, CAST(:parameters AS jsonb), ARRAY['data'], 'hoa', 'data', 'running') RETURNING id"
            ),
            values,
        ).scalar_one()
        conn.execute(sa.text("UPDATE jobs SET state = :state, result = :result WHERE id = :i"), values | {"i": made})
    assert told(client_as, "hoa") == ([] if title is None else [(title, link)])
    assert told(client_as, "chi") == []
    assert ("riêng bạn" in client_as("hoa").get("/thong-bao").text) is (title is not None)


def test_a_job_of_nobody_tells_nobody(owner_engine: Engine) -> None:
    insert = (
        "INSERT INTO jobs (commune_id, kind, readers, asked_by, asked_role, state) "
        "VALUES (90001, 'report', ARRAY['data'], 'demo', 'system', 'running') RETURNING id"
    )
    run(owner_engine, f"UPDATE jobs SET state = 'done' WHERE id = {run(owner_engine, insert)}")
    assert run(owner_engine, "SELECT count(*) FROM notices") == 0


def test_tips_are_told_once_without_place_or_moment(owner_engine: Engine, client_as: pg.ClientAs) -> None:
    run(owner_engine, TIP.format(id=1, subject="gathering", days=0, held="true"))
    assert sweep(owner_engine) == 0
    for number in (2, 3):
        run(owner_engine, TIP.format(id=number, subject="gathering", days=0, held="false"))
    assert sweep(owner_engine) == 3
    assert sweep(owner_engine) == 0
    for username in ("an", "hoa"):
        assert told(client_as, username) == [("Có một tin mới", "/tin/tiep-nhan")], username
    for username in ("binh", "chi", "lan", "giang"):
        assert told(client_as, username) == [], username
    coarse = "SELECT bool_and(created_at = half_day() AND num_nulls(body, group_id, about) = 3) FROM notices"
    assert run(owner_engine, coarse) is True
    assert run(owner_engine, "SELECT count(*) FROM audit_entries WHERE table_name = 'notices'") == 0


@pytest.mark.parametrize(
    ("subject", "days", "is_due"),
    [("gathering", 0, False), ("gathering", 1, True), ("light_out", 9, False), ("light_out", 10, True)],
)
def test_a_tip_whose_day_has_come_is_told_once_a_day(
    owner_engine: Engine, client_as: pg.ClientAs, subject: str, days: int, is_due: bool
) -> None:
    run(owner_engine, TIP.format(id=5, subject=subject, days=days, held="false"))
    sweep(owner_engine)
    assert ("Có tin đến hạn xử lý" in [title for title, _ in told(client_as, "an")]) is is_due
    assert sweep(owner_engine) == 0
    run(owner_engine, "UPDATE notices SET created_at = created_at - interval '1 day' WHERE kind = 'tip_due'")
    assert sweep(owner_engine) == (3 if is_due else 0)


def test_handed_on_tips_have_twenty_days(owner_engine: Engine) -> None:
    run(owner_engine, TIP.format(id=6, subject="gathering", days=19, held="false"))
    run(owner_engine, "UPDATE tips SET channel = 'committee', handed_on = vietnam_today() - 18")
    assert sweep(owner_engine) == 0
    run(owner_engine, "UPDATE tips SET received_at = received_at - interval '1 day'")
    assert sweep(owner_engine) == 3


def test_only_the_system_tells(owner_engine: Engine) -> None:
    run(owner_engine, TIP.format(id=7, subject="gathering", days=0, held="false"))
    for actor in (Actor("data", MAU.id, "hoa"), Actor("system", MAU.id)):
        with begin(owner_engine, actor) as conn:
            assert tell_of_tips(conn) == 0


def test_the_navigation_counts_what_waits(owner_engine: Engine, client_as: pg.ClientAs) -> None:
    for number, held in ((8, "false"), (9, "false"), (10, "true")):
        run(owner_engine, TIP.format(id=number, subject="other", days=0, held=held))
    for username, seen in (("an", True), ("hoa", True), ("chi", False), ("binh", False)):
        page = client_as(username).get("/viec").text
        assert ("2 tin mới" in page) is seen, username
    with asked() as statements:
        client_as("an").get("/viec")
    assert sum("notice_reads" in one for one in statements) == 1
