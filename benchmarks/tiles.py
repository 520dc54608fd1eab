"""Tiles per second: made from the tables, ready-made, and the same SQL in pgbench."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from benchmarks.client import Load, request_bytes, run_load
from benchmarks.harness import BenchDatabase
from benchmarks.pgbench import run_pgbench, session_options, tile_text
from benchmarks.server import Application, cpu_seconds, family, get_json
from gis_app.db import Actor, driver_url
from gis_app.queries.tiles import TileKey
from layers import LAYERS

MADE_HEADS = (
    "set",
    "layer",
    "zooms",
    "tiles",
    "made/s",
    "p50 ms",
    "p99 ms",
    "pgbench/s",
    "p50 ms",
    "p99 ms",
    "ratio",
    "CPU ms server",
    "CPU ms database",
    "database's share",
    "KiB",
)
READY_HEADS = ("set", "layer", "ready/s", "p50 ms", "p99 ms", "without v: /s", "p50 ms", "304/s", "p50 ms")


@dataclass(frozen=True)
class Case:
    """A tile set of one actor; `bounds` (EPSG:3857) is where tiles are asked for, `per_zoom` how many at most."""

    data: str
    tileset: str
    actor: Actor
    min_zoom: int
    max_zoom: int
    per_zoom: int


@dataclass(frozen=True)
class CaseResult:
    """What a case gave."""

    case: Case
    tiles: int
    made: Load
    sql: Load
    ready: Load
    checked: Load
    unchanged: Load
    server_cpu_s: float
    database_cpu_s: float

    @property
    def sql_ms(self) -> float:
        """What the SQL of a tile takes on average, with four clients."""
        return 1000 * sum(self.sql.latencies_s) / max(1, len(self.sql.latencies_s))

    @property
    def ratio(self) -> float:
        """Tiles made per second against the SQL alone."""
        return self.made.rate / self.sql.rate

    def made_row(self) -> list[object]:
        """The row of tiles made from the tables."""
        made, sql, count = self.made, self.sql, max(1, len(self.made.latencies_s))
        # What the ratio would be with the cores to ourselves and a client that costs nothing.
        share = self.database_cpu_s / max(self.database_cpu_s + self.server_cpu_s, 0.01)
        zooms = f"{self.case.min_zoom}-{self.case.max_zoom}"
        return [
            self.case.data,
            self.case.tileset,
            zooms,
            self.tiles,
            made.rate,
            made.latency_ms(0.5),
            made.latency_ms(0.99),
            sql.rate,
            sql.latency_ms(0.5),
            sql.latency_ms(0.99),
            self.ratio,
            1000 * self.server_cpu_s / count,
            1000 * self.database_cpu_s / count,
            share,
            made.body_bytes / count / 1024,
        ]

    def ready_row(self) -> list[object]:
        """The row of ready-made tiles."""
        ready, checked, unchanged = self.ready, self.checked, self.unchanged
        return [
            self.case.data,
            self.case.tileset,
            ready.rate,
            ready.latency_ms(0.5),
            ready.latency_ms(0.99),
            checked.rate,
            checked.latency_ms(0.5),
            unchanged.rate,
            unchanged.latency_ms(0.5),
        ]


def tiles_with_rows(owner_url: str, case: Case) -> list[TileKey]:
    """A seeded choice of tiles that hold rows of the case, from its first to its last zoom, in mixed order."""
    table = next(name for name in (case.tileset, "roads") if name in LAYERS)
    where = "" if case.actor.commune_id is None else f"WHERE commune_id = {int(case.actor.commune_id)}"
    engine = sa.create_engine(driver_url(owner_url))
    with engine.connect() as conn:
        spots = conn.exec_driver_sql(
            f"SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom_3857) AS p FROM {table} {where}) AS q"
        ).all()
    engine.dispose()
    half = math.pi * 6_378_137.0
    shares = (np.array(spots) * (1, -1) + half) / (2 * half)
    rng = np.random.default_rng(7)
    found: list[TileKey] = []
    for z in range(case.min_zoom, case.max_zoom + 1):
        cells = np.unique((shares * 2**z).astype(int), axis=0)
        chosen = cells[rng.permutation(len(cells))[: case.per_zoom]]
        found += [TileKey(case.tileset, z, int(x), int(y)) for x, y in chosen]
    return [found[i] for i in rng.permutation(len(found))]


def empty_cache(owner_url: str) -> None:
    """No tile is ready, on disk or in a worker's memory: every version has grown."""
    engine = sa.create_engine(driver_url(owner_url))
    with engine.begin() as conn:
        conn.exec_driver_sql("TRUNCATE tile_cache")
        conn.exec_driver_sql("UPDATE layer_versions SET version = version + 1")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("VACUUM ANALYZE layer_versions, tile_cache")
    engine.dispose()


def tile_token(port: int, tileset: str, headers: dict[str, str]) -> str:
    """The `v` that the catalogue gives for a tile set."""
    catalogue = get_json(port, "/api/layers", headers)
    if tileset == "base":
        return str(catalogue["base_tiles"]).split("v=")[1]
    layers: list[dict[str, str]] = catalogue["layers"]  # type: ignore[assignment]
    return next(layer["tiles"] for layer in layers if layer["name"] == tileset).split("v=")[1]


def _requests(keys: Sequence[TileKey], headers: dict[str, str], token: str = "", etag: str = "") -> list[bytes]:
    lines = [f"{name}: {value}" for name, value in headers.items()]
    if etag:
        lines.append(f'If-None-Match: W/"{etag}"')
    query = f"?v={token}" if token else ""
    return [request_bytes(f"/tiles/{key.tileset}/{key.z}/{key.x}/{key.y}{query}", lines) for key in keys]


def measure(
    case: Case, database: BenchDatabase, app: Application, headers: dict[str, str], seconds: float, parts: int
) -> CaseResult:
    """Measure one case; server and pgbench by turns, so that the machine's noise hits both."""
    port, keys = app.port, tiles_with_rows(database.owner_url, case)
    run_load(port, _requests(keys, headers), 2.0)  # connections are warm, as pgbench's are
    made, sql, server_cpu_s, database_cpu_s = Load(), Load(), 0.0, 0.0
    for number in range(parts):
        part = keys[number::parts]
        empty_cache(database.owner_url)
        token = tile_token(port, case.tileset, headers)
        before = _cpu(database, app)
        _add(made, run_load(port, _requests(part, headers, token), 60.0))
        after = _cpu(database, app)
        server_cpu_s, database_cpu_s = server_cpu_s + after[0] - before[0], database_cpu_s + after[1] - before[1]
        texts = [tile_text(key, case.actor) for key in part]
        _add(sql, run_pgbench(database.app_url, texts, session_options(case.actor), 90.0))
    for turn in range(3):  # so that both workers have seen most
        run_load(port, _requests(keys[turn:] + keys[:turn], headers, token), 60.0)
    ready = run_load(port, _requests(keys, headers, token), seconds, cycle=True)
    checked = run_load(port, _requests(keys, headers), seconds, cycle=True)
    unchanged = run_load(port, _requests(keys, headers, etag=token), seconds, cycle=True)
    for name, load, status in (("made", made, 200), ("ready", ready, 200), ("unchanged", unchanged, 304)):
        if set(load.statuses) != {status}:
            raise RuntimeError(f"{case.tileset} {name}: statuses {dict(load.statuses)}, expected {status}")
    return CaseResult(case, len(keys), made, sql, ready, checked, unchanged, server_cpu_s, database_cpu_s)


def _cpu(database: BenchDatabase, app: Application) -> tuple[float, float]:
    """Processor time so far of the application and of its database sessions."""
    engine = sa.create_engine(driver_url(database.owner_url))
    with engine.connect() as conn:
        own = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename = 'gis_app'"
        sessions = list(conn.exec_driver_sql(own).scalars())
    engine.dispose()
    return cpu_seconds(family(app.pid)), cpu_seconds(sessions)


def _add(total: Load, part: Load) -> None:
    total.seconds += part.seconds
    total.latencies_s += part.latencies_s
    total.statuses += part.statuses
    total.body_bytes += part.body_bytes
