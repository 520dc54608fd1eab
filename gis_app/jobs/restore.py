"""Restore into an empty database, then put back what a dump does not carry, and compare with the manifest."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.db import driver_url
from gis_app.jobs.archive import DUMP, BackupError, read_manifest, unpack_dump
from gis_app.jobs.backup import ENDED, run_client, verify
from gis_app.jobs.migrate import MIGRATIONS, knows_migration
from gis_app.queries.contents import fetch_tables
from gis_app.scratch import scratch

MAINTENANCE_DATABASE = "postgres"


@dataclass(frozen=True)
class Restored:
    """What differs from the manifest (nothing: all is there), and how many keys to the door were taken, by table."""

    differences: list[str]
    ended: Mapping[str, int]


def restore(owner_url: str, source: Path, *, keep_tokens: bool = False) -> Restored:
    """Restore a backup, compare with its manifest, then end what lets somebody in without a password.

    Which token, invitation or recovery code was revoked or used since the backup, the backup cannot know: so all of
    them end, unless `keep_tokens`. Sessions are in no backup.

    Raises
    ------
    BackupError
        The file is damaged or newer than the program, the database is not empty, or pg_restore failed;
        nothing was changed then, for the restore is one transaction.
    """
    manifest = read_manifest(source)
    if not knows_migration(manifest["migration"]):
        raise BackupError(f"{source} was made by a newer program (migration {manifest['migration']}).")
    with scratch("restore") as folder:
        dump = folder / DUMP
        unpack_dump(source, manifest, dump)
        _make_database(owner_url)
        engine = sa.create_engine(driver_url(owner_url))
        try:
            with engine.begin() as conn:
                _check_empty(conn)
                _make_roles(conn, manifest["guards"])
            run_client("pg_restore", owner_url, ["--single-transaction", "--exit-on-error", str(dump)])
            with engine.begin() as conn:
                # The flag LEAKPROOF is in no dump; the rights of PostGIS's functions are, but once more harms nothing.
                _run_sql(conn, "postgis.sql")
                conn.execute(sa.text("ANALYZE"))
        finally:
            engine.dispose()
    differences = verify(owner_url, manifest)
    return Restored(differences, {} if keep_tokens else _end_keys(owner_url))


def _end_keys(owner_url: str) -> dict[str, int]:
    engine = sa.create_engine(driver_url(owner_url))
    try:
        with engine.begin() as conn:
            there = fetch_tables(conn)
            return {
                name: conn.execute(sa.text(f"DELETE FROM {name}")).rowcount  # noqa: S608 - our own names
                for name in ENDED
                if name in there
            }
    finally:
        engine.dispose()


def drop_database(owner_url: str) -> None:
    """Drop the URL's database with all that is in it."""
    _on_server(owner_url, "DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _make_database(owner_url: str) -> None:
    if not _on_server(owner_url, "SELECT FROM pg_database WHERE quote_ident(datname) = '{name}'"):
        _on_server(owner_url, "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")


def _on_server(owner_url: str, statement: str) -> int:
    url = sa.make_url(driver_url(owner_url))
    engine = sa.create_engine(url.set(database=MAINTENANCE_DATABASE), isolation_level="AUTOCOMMIT")
    name = engine.dialect.identifier_preparer.quote(url.database or "")
    with engine.connect() as conn:
        count = conn.exec_driver_sql(statement.replace("{name}", name).replace("%", "%%")).rowcount
    engine.dispose()
    return count


def _check_empty(conn: Connection) -> None:
    there = fetch_tables(conn)
    if there:
        name = conn.engine.url.database
        raise BackupError(
            f"The database {name} is not empty ({len(there)} tables: {next(iter(there))} …). Nothing was touched. "
            "Restore into an empty one: name it in DATABASE_OWNER_URL, or set VAR_DIR to a new folder."
        )


def _run_sql(conn: Connection, name: str) -> None:
    conn.exec_driver_sql((MIGRATIONS / "sql" / name).read_text().replace("%", "%%"))


def _make_roles(conn: Connection, guards: Mapping[str, Any]) -> None:
    """Roles belong to the server, not to the database, so no dump has them; passwords are set afterwards."""
    _run_sql(conn, "roles.sql")
    quote = conn.dialect.identifier_preparer.quote
    known = set(conn.execute(sa.text("SELECT rolname FROM pg_roles")).scalars())
    for line in guards["roles"]:
        name, *attributes = line.split(" ")
        if name not in known:
            # A backup never makes a superuser.
            words = " ".join(word.upper() for word in attributes if word != "superuser")
            conn.exec_driver_sql(f"CREATE ROLE {quote(name)} {words}")
    for line in guards["members"]:
        member, role = line.split(" in ")
        conn.exec_driver_sql(f"GRANT {quote(role)} TO {quote(member)}")
    for line in guards["role_settings"]:
        name, _, setting = line.partition(" ")
        key, _, value = setting.partition("=")
        text = conn.execute(sa.text("SELECT quote_literal(:value)"), {"value": value}).scalar_one()
        conn.exec_driver_sql(f"ALTER ROLE {quote(name)} SET {quote(key)} = {text}".replace("%", "%%"))
