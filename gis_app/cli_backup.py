"""`flask backup`, `flask restore`, `flask verify-backup`, `flask drop-database`: exit code 1 with what is wrong."""

import sys
from pathlib import Path

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from gis_app.jobs import restore as restoring
from gis_app.jobs.archive import BackupError, read_manifest
from gis_app.jobs.backup import make_backup, name_now, verify
from gis_app.jobs.migrate import set_app_password
from gis_app.queries.health import expected_head
from gis_app.settings import Settings

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found


def _tell(differences: list[str], good: str) -> None:
    for line in differences:
        click.echo(f"DIFFERENT {line}")
    click.echo(good if not differences else f"{len(differences)} differences from the backup's manifest")
    sys.exit(1 if differences else 0)


@click.command("backup")
@click.argument("path", metavar="[FILE.tar]", required=False, type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(path: Path | None) -> None:
    """Write the whole database to one file; without FILE, under VAR_DIR/backups. Work may go on meanwhile."""
    target = (path or name_now(_settings().var_dir / "backups")).resolve()
    try:
        manifest = make_backup(_settings().owner_database_url, target)
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    rows = sum(table["rows"] for table in manifest["rows"].values())
    click.echo(f"{target}: {target.stat().st_size / 1e6:.1f} MB, {rows} rows of {len(manifest['rows'])} tables")


@click.command("restore")
@click.argument("path", metavar="FILE.tar", type=_FILE)
@click.option("--keep-tokens", is_flag=True, help="Keep tokens, invitations and recovery codes as in the backup.")
@with_appcontext
def restore(path: Path, *, keep_tokens: bool) -> None:
    """Restore FILE into an empty database and check rows, policies, grants and flags; refused where data stand.

    Tokens, invitations and recovery codes end: one that was revoked since the backup must not hold again.
    """
    wanted = _settings()
    try:
        done = restoring.restore(wanted.owner_database_url, path, keep_tokens=keep_tokens)
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    set_app_password(wanted.owner_database_url, wanted.database_url)
    manifest = read_manifest(path)
    if manifest["migration"] != expected_head():
        click.echo(f"The backup stands at migration {manifest['migration']}: now run `flask migrate`.")
    if not keep_tokens:
        counts = ", ".join(f"{count} {name}" for name, count in done.ended.items() if count) or "none there"
        click.echo(f"Ended, since what was revoked after the backup is not known: {counts}.")
    click.echo(
        f"Passwords, roles, closed accounts and second factors are those of {manifest['made_at']}: look them over."
    )
    _tell(done.differences, _good(manifest))


@click.command("verify-backup")
@click.argument("path", metavar="FILE.tar", type=_FILE)
@with_appcontext
def verify_backup(path: Path) -> None:
    """Compare the database with FILE: rows, policies, grants, flags, structure."""
    try:
        manifest = read_manifest(path)
        differences = verify(_settings().owner_database_url, manifest)
    except (BackupError, sa.exc.DBAPIError) as error:
        raise click.ClickException(str(error).splitlines()[0]) from error
    _tell(differences, _good(manifest))


def _good(manifest: dict) -> str:  # type: ignore[type-arg]
    rows = sum(table["rows"] for table in manifest["rows"].values())
    guards = manifest["guards"]
    counts = ", ".join(f"{len(guards[name])} {name}" for name in ("policies", "grants", "revoked", "flags"))
    return f"VERIFIED {rows} rows of {len(manifest['rows'])} tables, {counts}: as in the backup"


@click.command("drop-database")
@click.argument("name")
@with_appcontext
def drop_database(name: str) -> None:
    """Drop the database; NAME must be its name, so that nobody does it by mistake."""
    url = _settings().owner_database_url
    if sa.make_url(url).database != name:
        raise click.ClickException(f"The database is not called {name}; nothing was dropped.")
    restoring.drop_database(url)
    click.echo(f"{name} dropped")


commands = [backup, restore, verify_backup, drop_database]
