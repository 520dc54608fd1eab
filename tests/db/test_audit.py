"""The audit log tells who did what, cannot be changed by the web, and tampering shows."""

import html
import re
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.queries import audit
from gis_app.queries.audit import insert_seals, record_event, verify_seals
from layers import LAYERS, table_of

LIGHTS = table_of(LAYERS["lights"])


@pytest.fixture
def log(owner_engine: Engine) -> Iterator[Engine]:
    """An empty log before and after."""

    def clear() -> None:
        with owner_engine.begin() as conn:
            conn.execute(sa.text("DELETE FROM audit_seals"))
            conn.execute(sa.text("DELETE FROM audit_entries"))

    clear()
    yield owner_engine
    clear()


def write_entries(engine: Engine, count: int) -> None:
    with engine.begin() as conn:
        conn.execute(sa.text("SELECT set_config('app.role', 'data', true), set_config('app.username', 'hoa', true)"))
        for number in range(count):
            record_event(conn, "export", "lights", {"number": number, "chữ": "đèn"})


def test_a_change_is_logged_with_both_rows(conn_as: Callable[[str], Connection], log: Engine) -> None:
    conn = conn_as("hoa")
    conn.execute(sa.update(LIGHTS).where(LIGHTS.c.external_id == "MAU1-l1").values(state="broken"))
    conn.execute(sa.text("SELECT set_config('app.role', 'admin', true)"))
    row = conn.execute(sa.text("SELECT username, action, before, after FROM audit_entries")).one()
    assert (row.username, row.action) == ("hoa", "update")
    assert (row.before["state"], row.after["state"]) == ("working", "broken")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_entries",
        "UPDATE audit_entries SET username = 'x'",
        "INSERT INTO audit_entries (role, username, action, table_name) VALUES ('','','','')",
        "DELETE FROM audit_seals",
        "SELECT * FROM audit_seals",
        "TRUNCATE audit_entries",
    ],
)
def test_the_web_cannot_touch_the_log(statement: str, conn_as: Callable[[str], Connection]) -> None:
    conn = conn_as("hoa")
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        conn.execute(sa.text(statement))


def test_sound_seals_hold(log: Engine) -> None:
    write_entries(log, 5)
    with log.begin() as conn:
        assert insert_seals(conn) == 5
    write_entries(log, 3)
    with log.begin() as conn:
        assert insert_seals(conn) == 3
        assert insert_seals(conn) == 0
    write_entries(log, 1)
    with log.begin() as conn:
        found = verify_seals(conn)
    assert (found.entry_count, found.seal_count, found.unsealed_count, found.faults) == (8, 2, 1, ())


@pytest.mark.parametrize(
    ("attack", "words"),
    [
        ("UPDATE audit_entries SET username = 'somebody' WHERE id = (SELECT min(id) FROM audit_entries)", "changed"),
        ("UPDATE audit_entries SET at = at + interval '1 hour'", "changed"),
        ("UPDATE audit_entries SET after = after || '{\"number\": 99}'", "changed"),
        ("DELETE FROM audit_entries WHERE id = (SELECT min(id) + 1 FROM audit_entries)", "were sealed"),
        ("DELETE FROM audit_seals WHERE id = (SELECT min(id) FROM audit_seals)", "missing"),
    ],
)
def test_tampering_and_deletion_show(attack: str, words: str, log: Engine) -> None:
    for _ in range(2):
        write_entries(log, 4)
        with log.begin() as conn:
            insert_seals(conn)
    with log.begin() as conn:
        conn.execute(sa.text(attack))
        found = verify_seals(conn)
    assert found.faults
    assert words in " ".join(found.faults)


def test_sign_in_and_failures_are_logged(client_as: Callable[[str | None], FlaskClient], log: Engine) -> None:
    client_as("an")
    client_as(None).post("/api/session", json={"username": "an", "password": "wrong"})
    client_as(None).post("/api/session", json={"username": "my-password-typed-here", "password": "x"})
    with log.begin() as conn:
        rows = conn.execute(sa.text("SELECT action, username, commune_id FROM audit_entries ORDER BY id")).all()
    # What a stranger types as a name may be a password: it is not kept.
    assert [tuple(r) for r in rows] == [("sign_in", "an", 90001), ("sign_in_failed", "an", 90001)]


@pytest.mark.parametrize(("username", "status"), [("quantri", 403), ("lan", 200), ("an", 403), ("chi", 403)])
def test_who_reads_the_log(username: str, status: int, client_as: Callable[[str | None], FlaskClient]) -> None:
    assert client_as(username).get("/api/audit").status_code == status
    assert client_as(username).get("/nhat-ky", headers={"Accept": "text/html"}).status_code == status


def test_the_log_is_of_the_own_commune(client_as: Callable[[str | None], FlaskClient], log: Engine) -> None:
    client_as("dung")
    client_as("binh")
    entries = client_as("lan").get("/api/audit?action=sign_in").json["entries"]
    assert [entry["username"] for entry in entries] == ["lan", "binh"]
    page = client_as("lan").get("/nhat-ky?username=binh").text
    assert "binh" in page
    assert "<td>dung</td>" not in page


def test_who_supervises_reads_no_contents(conn_as: Callable[[str], Connection], log: Engine) -> None:
    """Rows of hotspots are in the log with exact place and words: who reads the log reads who did what, and no row."""
    with log.begin() as conn:
        hotspot_entry(conn, 2**40, 0, "2999-01-31", "sau chợ")
    lan, hoa = conn_as("lan"), conn_as("hoa")
    assert lan.exec_driver_sql("SELECT count(*) FROM audit_entries").scalar_one() == 0
    assert [row.row_id for row in audit.fetch_entries(lan, audit.AuditFilter())] == [2**40]
    assert hoa.exec_driver_sql("SELECT after ->> 'place' FROM audit_entries").scalar_one() == "sau chợ"
    for username in ("hoa", "an", "binh", "chi", "giang"):
        assert audit.fetch_entries(conn_as(username), audit.AuditFilter()) == [], username


def test_older_entries_keep_the_filter(client_as: Callable[[str | None], FlaskClient], log: Engine) -> None:
    client_as("binh")
    many = (
        "INSERT INTO audit_entries (commune_id, role, username, action, table_name) "
        "SELECT 90001, 'data', 'hoa', 'insert', 'cameras' FROM generate_series(1, 101)"
    )
    with log.begin() as conn:
        conn.execute(sa.text(many))
    lan = client_as("lan")
    first = lan.get("/nhat-ky?since=2020-01-01&username=hoa&table=cameras").text
    older = re.search(r'href="([^"]+)" data-testid="older"', first)
    assert older
    for kept in ("since=2020-01-01", "username=hoa", "table=cameras", "before="):
        assert kept in older[1]
    second = lan.get(html.unescape(older[1])).text
    assert second.count("<td>hoa</td>") == 1
    assert 'data-testid="newest"' in second
    assert 'data-testid="newest"' not in first


def hotspot_entry(conn: Connection, row_id: int, age_days: int, expires: str, place: str) -> None:
    statement = sa.text(
        "INSERT INTO audit_entries (at, commune_id, role, username, action, table_name, row_id, after) VALUES "
        "(now() - make_interval(days => :age), 90001, 'data', 'hoa', 'insert', 'hotspots', :row, "
        "jsonb_build_object('place', CAST(:place AS text), 'expires_on', CAST(:expires AS text)))"
    )
    conn.execute(statement, {"age": age_days, "row": row_id, "place": place, "expires": expires})


def test_contents_of_gone_hotspots_are_blanked_and_seals_hold(log: Engine, engine: Engine) -> None:
    with log.begin() as conn:
        alive = conn.execute(sa.text("SELECT min(id) FROM hotspots WHERE commune_id = 90001")).scalar_one()
        hotspot_entry(conn, 2**40, 200, "2026-01-31", "cũ và đã hết hạn")
        hotspot_entry(conn, 2**40 + 1, 10, "2026-01-31", "mới xoá")
        hotspot_entry(conn, 2**40 + 2, 200, "2999-01-31", "còn hạn")
        hotspot_entry(conn, alive, 200, "2026-01-31", "còn trên bản đồ")
        insert_seals(conn)
        head = verify_seals(conn).head
    # The web's own login does it, through the one function.
    with engine.begin() as conn:
        assert conn.execute(sa.text("SELECT redact_gone_hotspots()")).scalar_one() == 1
        assert conn.execute(sa.text("SELECT redact_gone_hotspots()")).scalar_one() == 0
    with log.begin() as conn:
        rows = conn.execute(sa.text("SELECT username, after, salt, digest FROM audit_entries ORDER BY id")).all()
        assert (rows[0].username, rows[0].after, rows[0].salt, len(rows[0].digest)) == ("hoa", None, None, 64)
        assert [row.after["place"] for row in rows[1:]] == ["mới xoá", "còn hạn", "còn trên bản đồ"]
        found = verify_seals(conn)
        assert (found.faults, found.head) == ((), head)


BLANK = "UPDATE audit_entries SET after = NULL, salt = NULL, redacted_at = now(), digest ="


@pytest.mark.parametrize(
    ("attack", "words"),
    [
        (f"{BLANK} content_digest(salt, before, after)", "which retention never does"),
        (f"{BLANK} repeat('0', 64)", "changed"),
        ("UPDATE audit_entries SET salt = gen_random_uuid()", "changed"),
        ("UPDATE audit_entries SET digest = repeat('0', 64), after = '{}'", "changed"),
    ],
)  # fmt: skip
def test_blanking_is_no_way_to_tamper(attack: str, words: str, log: Engine) -> None:
    write_entries(log, 3)
    with log.begin() as conn:
        insert_seals(conn)
        conn.exec_driver_sql(attack)
        assert any(words in fault for fault in verify_seals(conn).faults)
        conn.rollback()


def test_first_seals_still_hold(log: Engine) -> None:
    write_entries(log, 3)
    with log.begin() as conn:
        first, last = conn.execute(sa.text("SELECT min(id), max(id) FROM audit_entries")).one()
        found, count = audit._seal_hash(conn, "", 1, last, scheme=1)
        values = {"first": 1, "last": last, "count": count, "hash": found}
        conn.execute(
            sa.text(
                "INSERT INTO audit_seals (first_id, last_id, entry_count, hash, scheme) "
                "VALUES (:first, :last, :count, :hash, 1)"
            ),
            values,
        )
        assert verify_seals(conn).faults == ()
        conn.execute(sa.text("UPDATE audit_entries SET after = NULL WHERE id = :id"), {"id": first})
        assert verify_seals(conn).faults
        conn.rollback()
