"""`flask audit seal` and `flask audit verify`."""

import sys

import click
from flask import current_app

from gis_app.db import OWNER_ROLE, Actor, begin, make_engine
from gis_app.queries.audit import insert_seals, verify_seals


@click.group("audit")
def audit() -> None:
    """Seal the audit log, or check its seals."""


def _owner():  # type: ignore[no-untyped-def]
    return begin(make_engine(current_app.config["SETTINGS"].owner_database_url, role=OWNER_ROLE), Actor("system"))


@audit.command("seal")
def seal() -> None:
    """Seal all entries so far; the worker does it too."""
    with _owner() as conn:
        click.echo(f"{insert_seals(conn)} entries sealed")


@audit.command("verify")
def verify() -> None:
    """Check every seal; exit code 1 when an entry was changed or deleted. Keep the head elsewhere."""
    with _owner() as conn:
        found = verify_seals(conn)
    for fault in found.faults:
        click.echo(f"FAULT {fault}")
    click.echo(f"{found.entry_count} entries under {found.seal_count} seals, {found.unsealed_count} not yet sealed")
    click.echo(f"head {found.head or '-'}")
    sys.exit(1 if found.faults else 0)


commands = [audit]
