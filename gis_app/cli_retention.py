"""`flask retention run`; the worker runs it daily."""

import click
from flask import current_app
from flask.cli import with_appcontext

from gis_app.jobs.retention import run_retention

# What is counted and not deleted.
OTHERS = {"agreements_ended": "", "late_tips": " not closed in the days that the law gives: see /tin/tiep-nhan"}


@click.group("retention")
def retention() -> None:
    """Delete what is past its time."""


@retention.command("run")
@with_appcontext
def run() -> None:
    """Delete expired rows, sessions, tokens, invitations, request keys, stale tiles and uploads; print counts."""
    counts = run_retention(current_app.extensions["engine"], current_app.config["SETTINGS"].var_dir)
    for name, count in (counts or {}).items():
        done = OTHERS.get(name, " blanked" if name.startswith("audit_of_") else " deleted")
        click.echo(f"{name}: {count}{done}")


commands = [retention]
