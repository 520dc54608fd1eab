"""The SQL of the tiles alone, in pgbench: the mark that the server is held against."""

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.dialects import postgresql

from benchmarks.client import CONNECTIONS, Load
from benchmarks.harness import libpq_environment
from gis_app.db import NATIONAL_ROLE, Actor
from gis_app.queries.tiles import TileKey, tile_statement

STATEMENT_MS = re.compile(r"^\s+([0-9.]+)\s+\d+\s+SELECT", re.MULTILINE)


def tile_text(key: TileKey, actor: Actor) -> str:
    """The tile's SQL with its values written out, on one line."""
    statement = tile_statement(key.tileset, actor.role, key.z, in_commune=actor.commune_id is not None)
    values: dict[str, int] = {"x": key.x, "y": key.y}
    if actor.commune_id is not None:
        values["commune_id"] = actor.commune_id
    text = statement.params(**values).compile(
        dialect=postgresql.dialect(),
        compile_kwargs={"literal_binds": True},  # type: ignore[no-untyped-call]
    )
    return " ".join(str(text).split())


def session_options(actor: Actor) -> str:
    """PGOPTIONS that make a session the web's role acting as `actor`."""
    options = {"app.role": actor.role, "app.commune_id": actor.commune_id or "", "max_parallel_workers_per_gather": 0}
    if actor.is_national:
        options["role"] = NATIONAL_ROLE
    return " ".join(f"-c {name}={value}" for name, value in options.items() if value != "")


def run_pgbench(url: str, statements: Sequence[str], options: str, seconds: float) -> Load:
    """Run every statement once, spread over CONNECTIONS clients; each client first warms up, uncounted."""
    binary = max(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
    environment = os.environ | libpq_environment(url) | {"PGOPTIONS": options}
    load = Load()
    with tempfile.TemporaryDirectory() as folder:
        processes = []
        for number in range(CONNECTIONS):
            script = Path(folder) / f"{number}.sql"
            own = list(statements[number::CONNECTIONS])
            script.write_text("".join(f"{text};\n" for text in [own[0], *own]) if own else "SELECT 1;\n")
            command = [str(binary), "-n", "-c", "1", "-t", "1", "-r", "-f", str(script)]
            processes.append(
                subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            )
        end = time.monotonic() + seconds
        for process in processes:
            out, error = process.communicate(timeout=max(1.0, end - time.monotonic()))
            if process.returncode != 0:
                raise RuntimeError(f"pgbench: {error[-400:]}")
            times = [float(ms) / 1000 for ms in STATEMENT_MS.findall(out)][1:]
            load.latencies_s += times
            load.seconds = max(load.seconds, sum(times))
    return load


def compare(urls: Sequence[str], statements: Sequence[str], options: Sequence[str], rounds: int) -> list[Load]:
    """The same statements as several logins by turns: one Load a login."""
    totals = [Load() for _ in urls]
    for _ in range(rounds):
        for total, url, option in zip(totals, urls, options, strict=True):
            part = run_pgbench(url, statements, option, 60.0)
            total.seconds += part.seconds
            total.latencies_s += part.latencies_s
    return totals
