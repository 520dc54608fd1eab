"""Backup and verification: one consistent dump, and a manifest of what must be there after a restore."""

import datetime as dt
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app import embedded
from gis_app.db import driver_url
from gis_app.jobs.archive import DUMP, FORMAT, BackupError, sha256_of, write_archive
from gis_app.queries.contents import fetch_contents, fetch_head, find_missing_rows
from gis_app.queries.guards import fetch_guards, find_differences

# Made again when somebody asks; and a session that was signed out since must not come back to life.
LEFT_OUT = ("sessions", "tile_cache", "export_parts", "export_files")
# What a restore ends (restore.py), so that nothing revoked since comes back: none at all is no difference.
ENDED = ("sessions", "access_tokens", "invitations", "recovery_codes")
# More of it than in the manifest is no fault: a newer program revokes more.
MAY_GROW = "revoked: unknown: "


def name_now(folder: Path) -> Path:
    """A file name of this moment (UTC)."""
    return folder / f"ban-do-binh-yen-{dt.datetime.now(dt.UTC):%Y%m%d-%H%M%S}.tar"


def make_backup(owner_url: str, target: Path) -> dict[str, Any]:
    """Write a backup and return its manifest; writers go on meanwhile, the backup shows one moment.

    Raises
    ------
    BackupError
        pg_dump is missing or failed, or the disk is full.
    """
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if target.exists():
        raise BackupError(f"{target} is there already.")
    engine = sa.create_engine(driver_url(owner_url), isolation_level="REPEATABLE READ")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder, engine.begin() as conn:
            dump = Path(folder) / DUMP
            snapshot = str(conn.execute(sa.text("SELECT pg_export_snapshot()")).scalar_one())
            left_out = [f"--exclude-table-data=public.{name}" for name in LEFT_OUT]
            command = ["--format=custom", "--lock-wait-timeout=30s", f"--snapshot={snapshot}", f"--file={dump}"]
            run_client("pg_dump", owner_url, [*command, *left_out])
            manifest = _manifest(conn) | {"sha256": sha256_of(dump)}
            write_archive(target, manifest, dump)
    except OSError as error:
        raise BackupError(f"The backup could not be written: {error.strerror or error}") from error
    finally:
        engine.dispose()
    return manifest


def _manifest(conn: Connection) -> dict[str, Any]:
    server = conn.execute(sa.text("SELECT current_setting('server_version'), postgis_lib_version()")).one()
    return {
        "format": FORMAT,
        "made_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "postgresql": server[0],
        "postgis": server[1],
        "migration": fetch_head(conn),
        "left_out": list(LEFT_OUT),
        "rows": fetch_contents(conn, LEFT_OUT),
        "guards": fetch_guards(conn),
    }


def verify(owner_url: str, manifest: Mapping[str, Any]) -> list[str]:
    """Compare a database with a manifest: every difference in rows, policies, grants, flags and structure, named."""
    engine = sa.create_engine(driver_url(owner_url), isolation_level="REPEATABLE READ")
    try:
        with engine.begin() as conn:
            found = fetch_contents(conn, manifest["left_out"])
            wanted = {name: mark for name, mark in manifest["rows"].items() if not _is_ended(name, found)}
            differences = find_missing_rows(wanted, found)
            differences += find_differences(manifest["guards"], fetch_guards(conn))
            head = fetch_head(conn)
    finally:
        engine.dispose()
    if head != manifest["migration"]:
        differences.append(f"migration: {manifest['migration']} wanted, {head} there")
    return [line for line in differences if not line.startswith(MAY_GROW)]


def _is_ended(name: str, found: Mapping[str, Mapping[str, str | int]]) -> bool:
    return name in ENDED and name in found and found[name]["rows"] == 0


def run_client(name: str, url: str, arguments: Sequence[str]) -> None:
    """Run pg_dump or pg_restore; the password goes through the environment, not the command line."""
    program = embedded.find_program(name)
    if program is None:
        raise BackupError(f"{name} is not installed: run `make setup`, or install postgresql-client.")
    parsed = sa.make_url(driver_url(url)).set(drivername="postgresql")
    dsn = parsed.set(password=None).render_as_string(hide_password=False)
    environment = os.environ | {"PGPASSWORD": parsed.password or "", "LC_ALL": "C", "PGCONNECT_TIMEOUT": "5"}
    command = [str(program), "--no-password", f"--dbname={dsn}", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd="/")
    if done.returncode != 0:
        # Only the faults themselves: the lines around them may quote a row.
        lines = [line for line in done.stderr.splitlines() if "error:" in line] or done.stderr.splitlines()[-3:]
        raise BackupError("\n".join(lines)[-1500:] or f"{name} ended with {done.returncode}")
