"""Tips while things break: no word, address or exact time in a log, table, error, metric or other answer."""

import io
import logging
import re
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.web.logs import JsonLines
from layers import metadata
from tests.builders import BEN, MAU
from tests.db import matrix
from tests.db.coverage_kit import forget_derived
from tests.db.tip_kit import box_of, open_form, open_tips, rows, send_form, tell, wipe_tips

ClientAs = Callable[[str | None], FlaskClient]
WORD, ADDRESS, BROWSER = "sauchoMARKq7", "203.0.113.77", "MayCuaToi7f3"


class Lines(logging.Handler):
    """Every record of every logger, as the log writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.written: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(self.format(record))


@pytest.fixture
def lines(app: Flask) -> Iterator[Lines]:
    """What is logged meanwhile."""
    assert app
    found = Lines()
    logging.getLogger().addHandler(found)
    yield found
    logging.getLogger().removeHandler(found)


@pytest.fixture(autouse=True)
def _tips(owner_engine: Engine) -> Iterator[None]:
    open_tips(owner_engine)
    yield
    wipe_tips(owner_engine)


def audited(engine: Engine) -> int:
    """Entries of the log about tips: what officers did with them in other tests stays there."""
    tables = "('tips', 'tip_messages', 'tip_loads')"
    return int(rows(engine, f"SELECT count(*) AS n FROM audit_entries WHERE table_name IN {tables}")[0].n)


def test_nothing_is_told_while_things_break(
    app: Flask, client_as: ClientAs, owner_engine: Engine, lines: Lines, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    resident = client_as(None)
    resident.environ_base |= {"REMOTE_ADDR": ADDRESS, "HTTP_USER_AGENT": BROWSER, "HTTP_X_FORWARDED_FOR": ADDRESS}
    code = box_of(owner_engine)
    metrics_before, before = client_as(None).get("/metrics").text, audited(owner_engine)

    def away(*_args: object, **_named: object) -> None:
        raise sa.exc.OperationalError("SELECT 1", {"text": WORD}, Exception(f"{WORD} {ADDRESS}"))

    def wrong(*_args: object, **_named: object) -> None:
        raise RuntimeError(f"{WORD} {ADDRESS}")

    lines.written.clear()
    for fault in (None, away, wrong, None):
        fields = open_form(resident, code) | {"text": f"Ngõ {WORD} tối"}
        with monkeypatch.context() as broken:
            if fault is not None:
                broken.setattr("gis_app.queries.tip_doors.insert_tip", fault)
                assert send_form(resident, code, fields).status_code in (500, 503)
        broken_photo = {"photo": (io.BytesIO(b"\xff\xd8\xff" + WORD.encode() * 50), f"{WORD}.jpg")}
        assert send_form(resident, code, fields | broken_photo).status_code == 422
        for _ in range(3):
            assert send_form(resident, code, fields).status_code == 201
    resident.post("/tin/tra-cuu", data={"code": WORD})
    assert len(rows(owner_engine)) == 4

    told = "\n".join(lines.written) + "".join(capfd.readouterr())
    for secret in (WORD, ADDRESS, BROWSER):
        assert secret not in told
    # A failure may be named; its minute not, nor whose it was.
    for line in lines.written:
        assert "tips." not in line, line
        assert "tip_lookup" not in line, line
        assert re.search(r'"at": "[^"]*T\d\d:00:00\.000', line), line
    for table in metadata.tables:
        found = rows(owner_engine, f"SELECT 1 FROM {table} AS t WHERE t::text ~ '{WORD}|{ADDRESS}|{BROWSER}' LIMIT 1")
        assert found == [], table
    assert audited(owner_engine) == before
    times = rows(owner_engine, "SELECT received_at = half_day() AS coarse FROM tips")
    assert {row.coarse for row in times} == {True}
    metrics = client_as(None).get("/metrics").text
    assert ADDRESS not in metrics
    assert "tips." not in metrics.replace(metrics_before, "")


def test_tips_stand_in_no_other_answer(client_as: ClientAs, owner_engine: Engine, app: Flask) -> None:
    """Every address that names no row, asked as everybody before and after four tips.

    They change none but the intake page; from five on, reports and scorecards count them.
    """
    with begin(owner_engine, Actor("system")) as conn:
        forget_derived(conn)
    # Who looks first has coverage computed; what an earlier test changed is told on the page until then.
    assert client_as("hoa").get("/do-phu").status_code == 200
    resident, code = client_as(None), box_of(owner_engine)
    people: list[tuple[str | None, FlaskClient]] = [(name, client_as(name)) for name in (None, "chi", "hoa")]

    def all_answers() -> dict[tuple[str | None, str], object]:
        found = {}
        for name, client in people:
            for rule, path, _query in matrix.readings(app):
                if rule in ("/tin/tiep-nhan", "/api/tips", "/readyz", "/metrics") or "/api/jobs" in rule:
                    continue
                answer = matrix.send(client, "GET", path)
                # The officers' navigation counts tips not looked at, and says no more of them.
                body = re.sub(rb' ?<span class="nav-count".*?</span></span>', b"", matrix.body_of(answer), flags=re.S)
                found[(name, path)] = (answer.status_code, len(body))
        return found

    before = all_answers()
    receipts = [tell(resident, code, subject="gathering", text=WORD) for _ in range(4)]
    after = all_answers()
    assert {key for key in before if before[key] != after[key]} == set()
    assert len(before) > 200
    assert len(set(receipts)) == 4


def test_no_hour_of_sending_outlives_the_next(client_as: ClientAs, owner_engine: Engine) -> None:
    with owner_engine.begin() as conn:
        conn.exec_driver_sql(
            "INSERT INTO tip_loads (scope, kind, slot, count) "
            f"VALUES ({BEN.id}, 'sent', date_trunc('hour', now()) - interval '1 hour', 3)"
        )
    tell(client_as(None), box_of(owner_engine))
    assert [row.scope for row in rows(owner_engine, "SELECT scope FROM tip_loads")] == [MAU.id]
    assert rows(owner_engine, "SELECT relpersistence FROM pg_class WHERE relname = 'tip_loads'") == [("u",)]
