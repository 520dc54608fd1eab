"""Retention deletes what is past its time and nothing else, as the web's own login, and says so once in the audit."""

import datetime as dt
import os
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.jobs import worker
from gis_app.jobs.retention import run_retention, sweep
from gis_app.queries.loading import insert_rows
from gis_app.queries.retention import fetch_age
from layers import LAYERS
from tests.builders import BEN, MAU, sample_row


def put(engine: Engine, text: str, **values: object) -> None:
    with begin(engine, Actor("system")) as conn:
        conn.execute(sa.text(text), values)


def ask(engine: Engine, text: str) -> list[object]:
    with begin(engine, Actor("system")) as conn:
        return list(conn.execute(sa.text(text)).scalars())


@pytest.fixture
def stale(owner_engine: Engine, tmp_path: Path) -> Iterator[Path]:
    """One stale and one young row of everything; gives VAR_DIR with an old and a young upload."""
    yesterday, today = dt.date.today() - dt.timedelta(1), dt.date.today()  # noqa: DTZ011 - the database's own day
    layer = LAYERS["hotspots"]
    with begin(owner_engine, Actor("system")) as conn:
        for place in (MAU, BEN):
            for name, day in (("old", yesterday), ("young", today)):
                _, shape, values = sample_row(layer, place, expires_on=day)
                insert_rows(conn, layer, place.id, [(f"{place.marker}-ret-{name}", shape, values)], "retention")
    put(owner_engine, "DELETE FROM heartbeats")
    for age in (1, 9):
        put(
            owner_engine,
            "INSERT INTO idempotency_keys (commune_id, username, key, request_hash, created_at) "
            "VALUES (90001, 'an', :key, 'x', now() - make_interval(days => :age))",
            key=f"retention-{age}",
            age=age,
        )
        put(
            owner_engine,
            "INSERT INTO sessions (token_hash, account_id, expires_at) "
            "SELECT :hash, min(id), now() + make_interval(days => 5 - :age) FROM accounts",
            hash=f"retention-{age}",
            age=age,
        )
        put(
            owner_engine,
            "INSERT INTO tile_cache (commune_id, tileset, audience, z, x, y, version, gz) "
            "VALUES (90001, 'retention', '', 12, :age, 1, :version, '')",
            age=age,
            version=20 - age,
        )
    uploads = tmp_path / "uploads" / "one"
    uploads.mkdir(parents=True)
    for name, age_h in (("old.zip", 30), ("young.zip", 1)):
        (uploads / name).write_text("x")
        os.utime(uploads / name, (time.time() - age_h * 3600,) * 2)
    yield tmp_path
    put(owner_engine, "DELETE FROM hotspots WHERE source = 'retention'")
    put(owner_engine, "DELETE FROM idempotency_keys WHERE key LIKE 'retention%'")
    put(owner_engine, "DELETE FROM sessions WHERE token_hash LIKE 'retention%'")
    put(owner_engine, "DELETE FROM tile_cache WHERE tileset = 'retention'")
    put(owner_engine, "DELETE FROM heartbeats")
    put(owner_engine, "DELETE FROM audit_entries WHERE action = 'retention'")


def test_it_deletes_what_is_stale_and_nothing_else(stale: Path, engine: Engine, owner_engine: Engine) -> None:
    counts = run_retention(engine, stale)
    assert counts is not None
    assert (counts["hotspots"], counts["idempotency_keys"], counts["uploads"]) == (2, 1, 1)
    assert counts["sessions"] >= 1
    assert ask(owner_engine, "SELECT external_id FROM hotspots WHERE source = 'retention' ORDER BY 1") == [
        "BEN2-ret-young",
        "MAU1-ret-young",
    ]
    assert ask(owner_engine, "SELECT key FROM idempotency_keys WHERE key LIKE 'retention%'") == ["retention-1"]
    assert ask(owner_engine, "SELECT token_hash FROM sessions WHERE token_hash LIKE 'retention%'") == ["retention-1"]
    assert ask(owner_engine, "SELECT version FROM tile_cache WHERE tileset = 'retention'") == [19]
    assert [path.name for path in (stale / "uploads" / "one").iterdir()] == ["young.zip"]
    entries = ask(owner_engine, "SELECT after FROM audit_entries WHERE action = 'retention' ORDER BY id DESC LIMIT 1")
    assert entries == [counts]
    # Rows that went are not kept in the audit either.
    assert ask(owner_engine, "SELECT count(*) FROM audit_entries WHERE before ->> 'source' = 'retention'") == [0]


def test_the_web_cannot_delete_the_young(stale: Path, engine: Engine) -> None:
    assert stale
    run_retention(engine, stale)
    again = run_retention(engine, stale)
    assert again is not None
    assert {name: count for name, count in again.items() if count} == {}


def test_the_worker_runs_it_once_a_day(stale: Path, engine: Engine, owner_engine: Engine) -> None:
    def round_of_work() -> str:
        stop, said = Event(), []

        def say(line: str) -> None:
            said.append(line)

        real = worker.fill_changed
        worker.fill_changed = lambda *_: (stop.set(), {})[1]  # type: ignore[assignment]
        try:
            worker.work(engine, stop, 0.01, say, stale / "worker-alive")
        finally:
            worker.fill_changed = real
        return " ".join(said)

    assert "retention: hotspots 2" in round_of_work()
    assert "retention" not in round_of_work()
    put(owner_engine, "UPDATE heartbeats SET at = at - interval '25 hours' WHERE name = 'retention'")
    assert "retention: hotspots 0" in round_of_work()
    with begin(engine, Actor("system")) as conn:
        age = fetch_age(conn, "worker")
    assert age is not None
    assert age < dt.timedelta(minutes=1)


def test_the_command_prints_counts(app: Flask, owner_engine: Engine) -> None:
    done = app.test_cli_runner().invoke(args=["retention", "run"])
    assert done.exit_code == 0, done.output
    assert "idempotency_keys: 0 deleted" in done.output


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    kept = tmp_path / "kept"
    kept.write_text("x")
    os.utime(kept, (0, 0))
    (tmp_path / "uploads" / "link").symlink_to(kept)
    sweep(tmp_path / "uploads", -60)
    assert kept.exists()
    assert not list((tmp_path / "uploads").iterdir())
    assert sweep(tmp_path / "nothing", 1) == 0
