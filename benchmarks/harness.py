"""What the benchmarks share: a database of their own in the private cluster, the machine's noise, tables."""

import datetime as dt
import hashlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import sqlalchemy as sa

from gis_app import embedded
from gis_app.db import driver_url
from gis_app.jobs.migrate import migrate
from gis_app.settings import ROOT

DATA = ROOT.parent / "shared" / "data"
RESULTS = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True)
class BenchDatabase:
    """URLs of the web's and the owner's login in the benchmark's own database."""

    app_url: str
    owner_url: str


def var_dir() -> Path:
    """The folder of the private cluster."""
    return Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()


def database_of(name: str) -> BenchDatabase:
    """The URLs of a benchmark's database, whether it is there or not."""
    app_url, owner_url = embedded.ensure_running(var_dir())
    return BenchDatabase(app_url.replace("/gis?", f"/{name}?"), owner_url.replace("/gis?", f"/{name}?"))


def open_database(name: str, mark: str, fill: Callable[[str], None], *, fresh: bool = False) -> BenchDatabase:
    """Make, migrate and fill a database, or use the one that an earlier run filled in the same way.

    `mark` says what `fill` writes; together with the migrations it decides whether the old one still fits.
    """
    found = database_of(name)
    files = sorted((ROOT / "migrations").glob("**/*.py")) + sorted((ROOT / "migrations").glob("**/*.sql"))
    content = mark.encode() + b"".join(path.read_bytes() for path in files)
    wanted = hashlib.sha256(content).hexdigest()[:16]
    server = sa.create_engine(driver_url(embedded.ensure_running(var_dir())[1]), isolation_level="AUTOCOMMIT")
    comment = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    with server.connect() as conn:
        if fresh or conn.exec_driver_sql(comment, (name,)).scalar_one_or_none() != wanted:
            _make(conn, name, found.owner_url)
            fill(found.owner_url)
            conn.exec_driver_sql(f"COMMENT ON DATABASE {name} IS '{wanted}'")
    server.dispose()
    return found


def _make(server: sa.Connection, name: str, owner_url: str) -> None:
    for attempt in range(5):
        server.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        try:
            migrate(owner_url)
        except sa.exc.InternalError:
            # Roles belong to the whole cluster: a test run beside this one was changing them at the same moment.
            time.sleep(attempt + 1)
        else:
            return
    raise RuntimeError(f"{name} could not be migrated")


def drop_database(name: str) -> None:
    """Remove a benchmark's database."""
    server = sa.create_engine(driver_url(embedded.ensure_running(var_dir())[1]), isolation_level="AUTOCOMMIT")
    with server.connect() as conn:
        conn.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    server.dispose()


def libpq_environment(url: str) -> dict[str, str]:
    """The same login for programs that read PGHOST and so on: no password on a command line."""
    parts = urlsplit(url)
    return {
        "PGHOST": parse_qs(parts.query)["host"][0] if parts.query else parts.hostname or "",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path.lstrip("/"),
    }


def machine_noise() -> str:
    """Cores, load, and how much the same short loop varies: what a ratio of this run is worth."""

    def loop() -> float:
        start = time.perf_counter()
        sum(range(400_000))
        return time.perf_counter() - start

    times = sorted(loop() for _ in range(30))
    spread = times[-4] / times[3] - 1
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, the same loop varies by {spread:.0%}"


def table_text(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table with aligned columns."""
    cells = [list(heads), *[[_cell(value) for value in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
    padded = ([cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in cells)
    lines = [f"| {' | '.join(row)} |" for row in padded]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
    return str(value)


def save_results(title: str, text: str) -> None:
    """Replace one benchmark's section of RESULTS.md, dated."""
    head = "# Results\n\nWritten by the benchmarks with `--write` on a shared, noisy machine: ratios count.\n"
    old = RESULTS.read_text() if RESULTS.exists() else head
    sections = {part.split("\n", 1)[0]: part for part in old.split("\n## ")[1:]}
    day = dt.datetime.now(dt.UTC).date().isoformat()
    sections[title] = f"{title}\n\n{day}. {text.strip()}\n"
    RESULTS.write_text(head + "".join(f"\n## {part.rstrip()}\n" for _, part in sorted(sections.items())))
