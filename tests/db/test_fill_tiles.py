"""Tiles made ahead, and the worker: what changed is made again, a database away is waited for, a stop is felt."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin, make_engine
from gis_app.jobs import worker
from gis_app.jobs.fill_tiles import TILESETS, ZOOMS, fetch_all_communes, fill_changed, fill_commune, tiles_over
from gis_app.queries import ready_tiles as ready_tiles_module
from gis_app.settings import ROOT, Settings
from tests.builders import BEN, MAU, tile_of


def ready_tiles(owner_engine: Engine, commune_id: int) -> set[tuple[str, int]]:
    statement = sa.text("SELECT tileset, z FROM tile_cache WHERE commune_id = :id")
    with owner_engine.begin() as conn:
        return {(row.tileset, row.z) for row in conn.execute(statement, {"id": commune_id})}


@pytest.fixture(autouse=True)
def _no_tiles(owner_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    # The sample communes' tiles are small; here every one is kept.
    monkeypatch.setattr(ready_tiles_module, "KEEP_BYTES", 1)
    with owner_engine.begin() as conn:
        conn.execute(sa.text("DELETE FROM tile_cache"))


def test_tiles_over_a_box_hold_its_corners() -> None:
    south_west, north_east = MAU.at(0, 0), MAU.at(3000, 3000)
    for z in ZOOMS:
        tiles = set(tiles_over((south_west.x, south_west.y, north_east.x, north_east.y), z))
        for corner in (south_west, north_east, MAU.at(1500, 1500)):
            assert tile_of(corner, z)[1:] in tiles
        assert len(tiles) <= (3000 / (40_075_016 * 0.93 / 2**z) + 2) ** 2


def test_a_commune_is_filled_with_its_own_tiles(engine: Engine, owner_engine: Engine) -> None:
    commune = next(c for c in fetch_all_communes(engine) if c.id == MAU.id)
    filled = fill_commune(engine, commune)
    assert filled.byte_count > 0
    ready = ready_tiles(owner_engine, MAU.id)
    assert {tileset for tileset, _ in ready} == set(TILESETS)
    assert {z for _, z in ready} == set(ZOOMS)
    assert ready_tiles(owner_engine, BEN.id) == set()
    assert fill_commune(engine, commune) == filled


def test_only_what_changed_is_filled_again(engine: Engine, owner_engine: Engine) -> None:
    done: dict[int, int] = {}
    stop = threading.Event()
    assert set(fill_changed(engine, done, stop)) == {str(MAU.id), str(BEN.id)}
    assert fill_changed(engine, done, stop) == {}
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("UPDATE groups SET source = 'test' WHERE commune_id = :id"), {"id": MAU.id})
    assert set(fill_changed(engine, done, stop)) == {str(MAU.id)}


def test_a_database_away_does_not_end_the_worker(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    said: list[str] = []
    rounds = iter((sa.exc.OperationalError("x", {}, Exception()), sa.exc.TimeoutError(), None))

    def fill(*_: object) -> dict[str, object]:
        error = next(rounds)
        if error is not None:
            raise error
        stop.set()
        return {}

    monkeypatch.setattr(worker, "fill_changed", fill)
    worker.work(engine, stop, 0.01, said.append, tmp_path / "alive")
    assert [line.split(",")[0] for line in said] == ["database: OperationalError", "database: TimeoutError"]
    assert (tmp_path / "alive").exists()


def test_connections_cut_by_a_restart_are_made_again(settings: Settings, owner_engine: Engine) -> None:
    # A pool of its own: the session's pools may hold idle connections that later tests would find dead.
    engine = make_engine(f"{settings.database_url}&application_name=cut")
    done: dict[int, int] = {}
    fill_changed(engine, done, threading.Event())
    with owner_engine.begin() as conn:
        conn.execute(sa.text("SET LOCAL ROLE NONE"))
        cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'cut'"
        assert conn.scalar(sa.text(cut)) >= 1
    try:
        for _ in range(3):
            with contextlib.suppress(sa.exc.DBAPIError):
                assert fill_changed(engine, done, threading.Event()) == {}
                return
        pytest.fail("the pool keeps dead connections")
    finally:
        engine.dispose()


def test_worker_stops_on_sigterm(settings: Settings, tmp_path: Path) -> None:
    environment = os.environ | {"DATABASE_URL": settings.database_url, "SECRET_KEY": "x", "VAR_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "flask", "--app", "wsgi:create_app", "worker", "--every", "0.2"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = ""
        while "tiles of" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=10)
    assert "worker: stopped" in rest
    assert process.returncode == 0
    assert (tmp_path / "worker-alive").exists()


def test_command_fills_one_commune(app: Flask, owner_engine: Engine) -> None:
    run = app.test_cli_runner().invoke(args=["fill-tiles", "--commune", str(BEN.id)])
    assert run.exit_code == 0, run.output
    assert ready_tiles(owner_engine, BEN.id)
    assert not ready_tiles(owner_engine, MAU.id)
    assert app.test_cli_runner().invoke(args=["fill-tiles", "--commune", "1"]).exit_code == 1


def test_a_filled_tile_is_the_one_that_is_served(app: Flask, engine: Engine, client_as: object) -> None:
    commune = next(c for c in fetch_all_communes(engine) if c.id == MAU.id)
    assert callable(client_as)
    client: FlaskClient = client_as("binh")
    z, x, y = tile_of(MAU.at(1500, 1500), 14)
    before = client.get(f"/tiles/groups/{z}/{x}/{y}").data
    fill_commune(engine, commune)
    assert client.get(f"/tiles/groups/{z}/{x}/{y}").data == before
