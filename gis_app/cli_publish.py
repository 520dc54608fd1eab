"""`flask publish`: drafts of the public page for a fixed day of release."""

import datetime as dt

import click
from flask import current_app
from flask.cli import with_appcontext

from gis_app.db import OWNER_ROLE, Actor, begin, make_engine
from gis_app.jobs import publish as publishing
from gis_app.queries.statuses import fetch_today


@click.command("publish")
@click.option("--on", "released_on", type=click.DateTime(["%Y-%m-%d"]), help="30 June or 31 December; the last one.")
@click.option("--commune", "code", help="Official code of one commune; all without.")
@with_appcontext
def publish(released_on: dt.datetime | None, code: str | None) -> None:
    """Make the drafts of a day of release; people release them at /cong-bo. Run again, it changes nothing."""
    with begin(
        make_engine(current_app.config["SETTINGS"].owner_database_url, role=OWNER_ROLE), Actor("system")
    ) as conn:
        today = fetch_today(conn)
        day = released_on.date() if released_on else publishing.last_release_day(today)
        if not publishing.is_release_day(day):
            raise click.BadParameter("30 June or 31 December", param_hint="--on")
        if not dt.timedelta(0) <= today - day <= publishing.MAX_LATE:
            raise click.ClickException(
                f"{day} is not within the last {publishing.MAX_LATE.days} days; nothing was made."
            )
        made = publishing.publish(conn, day, code=code)
    for name, count in made.items():
        click.echo(f"{name}: draft of {day} with {count} groups")
    click.echo(f"{len(made)} drafts made")


commands = [publish]
