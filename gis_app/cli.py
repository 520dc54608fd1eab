"""Commands of `flask`: parse, begin(), call one job or query."""

import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from flask import current_app

from gis_app import embedded, supervise
from gis_app.db import OWNER_ROLE, Actor, begin, make_engine
from gis_app.jobs import accounts, migrate
from gis_app.jobs.passwords import MIN_LENGTH, fault_of
from gis_app.queries.communes import fetch_communes
from gis_app.queries.statuses import fetch_today
from gis_app.settings import Settings
from layers.base import SIGNED_IN

SYSTEM = Actor("system")


def settings() -> Settings:
    """The settings of the running command."""
    found: Settings = current_app.config["SETTINGS"]
    return found


def commands() -> Sequence[click.Command]:
    """The commands of this file and of every gis_app/cli_*.py."""
    found: list[click.Command] = [migrate_command, make_migration_command, serve, stop, create_account]
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name.startswith("cli_"):
            found += importlib.import_module(f"gis_app.{module.name}").commands
    return found


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database to this program's schema."""
    migrate.migrate(settings().owner_database_url)
    migrate.set_app_password(settings().owner_database_url, settings().database_url)


@click.command("make-migration")
@click.argument("revision")
@click.argument("message")
def make_migration_command(revision: str, message: str) -> None:
    """Write a migration from what the layer files say now: REVISION is its number, MESSAGE its name."""
    migrate.make_migration(settings().owner_database_url, message, revision)


@click.command("serve")
@click.option("--demo/--no-demo", default=True, help="Load demonstration data into an empty database.")
def serve(*, demo: bool) -> None:
    """Migrate, load demonstration data the first time, serve, and run jobs."""
    wanted = settings()
    migrate.migrate(wanted.owner_database_url)
    migrate.set_app_password(wanted.owner_database_url, wanted.database_url)
    if demo:
        _load_demo_once(wanted)
    click.echo(f"Bản đồ Bình Yên: http://{wanted.host}:{wanted.port}")
    accounts_file = wanted.var_dir / "demo-accounts.json"
    if accounts_file.exists():
        click.echo(f"Tài khoản minh họa (demonstration accounts): {accounts_file}")
    environment = os.environ | {
        "DATABASE_URL": wanted.database_url,
        "DATABASE_OWNER_URL": wanted.owner_database_url,
        "SECRET_KEY": wanted.secret_key,
    }
    granian = str(Path(sys.executable).parent / "granian")
    arguments = [
        granian,
        "--interface",
        "wsgi",
        "--factory",
        "wsgi:create_app",
        "--host",
        wanted.host,
        "--port",
        str(wanted.port),
        "--workers",
        str(wanted.worker_count),
        "--blocking-threads",
        "4",
        "--backpressure",
        "64",
        "--respawn-failed-workers",
        "--log-level",
        "warning",
    ]
    # Not granian itself: what is asked for in the pages is done by a worker, and `make run` is one command.
    os.execve(sys.executable, [sys.executable, str(Path(supervise.__file__)), *arguments], environment)


def _load_demo_once(wanted: Settings) -> None:
    owner = make_engine(wanted.owner_database_url, role=OWNER_ROLE)
    with begin(owner, SYSTEM) as conn:
        if fetch_communes(conn):
            return
    # Here, not above: the generator needs scipy, and a second start should not wait for it.
    from gis_app.jobs.demo import load_demo  # noqa: PLC0415
    from gis_app.jobs.demo_neighbour import agree, load_neighbour  # noqa: PLC0415
    from gis_app.jobs.demo_patrol import load_patrols  # noqa: PLC0415
    from gis_app.jobs.demo_tips import load_tips  # noqa: PLC0415
    from gis_app.jobs.demo_work import load_work  # noqa: PLC0415
    from gis_app.jobs.publish import publish_demo  # noqa: PLC0415

    click.echo("Loading demonstration data (once) …")
    with begin(owner, SYSTEM) as conn:
        load_demo(conn)
        publish_demo(conn, fetch_today(conn))
        load_tips(conn, wanted.secret_key)
        load_patrols(conn)
        load_neighbour(conn, accounts.DEMO_COMMUNES["kienan"])
        accounts.make_demo_accounts(conn, wanted.var_dir / "demo-accounts.json")
    web = make_engine(wanted.database_url)
    agree(web, accounts.DEMO_COMMUNES["kienan"], "committee.kienan", "committee.minhhoa")
    load_work(web, accounts.DEMO_COMMUNES["kienan"], "kienan")


@click.command("stop")
def stop() -> None:
    """Stop the private database cluster."""
    embedded.stop(settings().var_dir)


@click.command("create-account")
@click.argument("username")
@click.option("--role", type=click.Choice(sorted(SIGNED_IN)), required=True)
@click.option("--commune", "commune_code", help="Official code; none for an administrator of the system or a city.")
@click.password_option()
def create_account(username: str, role: str, commune_code: str | None, password: str) -> None:
    """Make an account, or give it a new password."""
    fault = fault_of(password, username)
    if fault is not None:
        raise click.BadParameter(f"{fault}: at least {MIN_LENGTH} characters, not the name, no common word")
    commune_id = int(commune_code) if commune_code else None
    with begin(make_engine(settings().owner_database_url, role=OWNER_ROLE), SYSTEM) as conn:
        accounts.set_account(conn, username, password, role, commune_id)
