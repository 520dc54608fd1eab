"""`flask city grant` and `flask city revoke`: which communes a city account reads."""

import datetime as dt

import click
from flask import current_app
from flask.cli import with_appcontext

from gis_app.db import OWNER_ROLE, Actor, act_as, begin, make_engine
from gis_app.queries.audit import record_event
from gis_app.queries.city import delete_grant, upsert_grant


@click.group("city")
def city() -> None:
    """Grant a commune to a city account, or take it back; the commune's log says so."""


def _owner():  # type: ignore[no-untyped-def]
    return begin(make_engine(current_app.config["SETTINGS"].owner_database_url, role=OWNER_ROLE), Actor("system"))


def _code(_context: click.Context, _parameter: click.Parameter, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 9):
        raise click.BadParameter("the official code has digits only")
    return int(value)


_commune = click.option("--commune", "commune_id", required=True, callback=_code, help="Official code of the commune.")


@city.command("grant")
@click.argument("username")
@_commune
@click.option("--until", "until_at", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Last day (inclusive).")
@click.option("--detail/--totals", default=False, help="Let the account enter the commune and read like a supervisor.")
@with_appcontext
def grant(username: str, commune_id: int, until_at: dt.datetime, *, detail: bool) -> None:
    """Let USERNAME, an account with the role city, read a commune until a day."""
    with _owner() as conn:
        if not upsert_grant(conn, username, commune_id, until_at.date(), detail=detail):
            raise click.ClickException(f"There is no city account {username}.")
        act_as(conn, Actor("system", commune_id))
        granted = {"account": username, "until": until_at.date(), "detail": detail}
        record_event(conn, "granted", "commune_grants", granted)


@city.command("revoke")
@click.argument("username")
@_commune
@with_appcontext
def revoke(username: str, commune_id: int) -> None:
    """Take the grant of a commune back; it ends at once."""
    with _owner() as conn:
        if not delete_grant(conn, username, commune_id):
            raise click.ClickException(f"{username} has no grant for {commune_id}.")
        act_as(conn, Actor("system", commune_id))
        record_event(conn, "grant_revoked", "commune_grants", {"account": username})


commands = [city]
