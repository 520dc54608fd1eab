"""`flask token create`, `list`, `revoke`: what programs sign in with; `flask second-factor remove`."""

from datetime import UTC, datetime, timedelta

import click
from flask import current_app

from gis_app.db import OWNER_ROLE, Actor, act_as, begin, make_engine
from gis_app.queries import access_tokens
from gis_app.queries.accounts import fetch_account
from gis_app.queries.audit import record_event
from gis_app.queries.recovery_codes import delete_codes
from gis_app.queries.second_factors import delete_second_factor


def _owner():  # type: ignore[no-untyped-def]
    return begin(make_engine(current_app.config["SETTINGS"].owner_database_url, role=OWNER_ROLE), Actor("system"))


@click.group("token")
def token() -> None:
    """Tokens with which programs sign in: `Authorization: Bearer …`, or as the password of HTTP Basic."""


@token.command("create")
@click.option("--account", "username", required=True, help="Whose rights the program has.")
@click.option("--scope", type=click.Choice(access_tokens.SCOPES), default="read", show_default=True)
@click.option(
    "--days", type=click.IntRange(1, access_tokens.MAX_DAYS), default=90, show_default=True, help="How long it holds."
)
@click.option("--name", default="", help="What it is for, such as QGIS.")
def create(username: str, scope: str, days: int, name: str) -> None:
    """Make a token and print it, this once."""
    if len(name) > 80 or not name.isprintable():
        raise click.BadParameter("at most 80 printable characters", param_hint="--name")
    with _owner() as conn:
        account = fetch_account(conn, username)
        if account is None:
            raise click.ClickException(f"No active account {username}.")
        made = access_tokens.insert_token(conn, account.id, name, scope, datetime.now(UTC) + timedelta(days=days))
        act_as(conn, Actor("system", account.commune_id))
        record_event(conn, "token_created", "accounts", {"account": username, "scope": scope, "days": days})
    click.echo(made)


@token.command("list")
@click.option("--account", "username", help="Only this account's.")
def list_all(username: str | None) -> None:
    """List tokens: number, account, scope, name, end, last use (UTC)."""
    with _owner() as conn:
        found = access_tokens.fetch_tokens(conn, username=username)
    for one in found:
        used = one.last_used_at.strftime("%Y-%m-%d %H:%M") if one.last_used_at else "never used"
        state = "" if one.expires_at > datetime.now(UTC) else " EXPIRED"
        click.echo(f"{one.id}\t{one.username}\t{one.scope}\t{one.name}\t{one.expires_at:%Y-%m-%d}{state}\t{used}")


@token.command("revoke")
@click.argument("token_id", type=click.IntRange(1, 2**31 - 1))
def revoke(token_id: int) -> None:
    """Revoke the token of that number; it is refused within seconds."""
    with _owner() as conn:
        if not access_tokens.delete_token(conn, token_id):
            raise click.ClickException(f"No token {token_id}.")
        record_event(conn, "token_revoked", "accounts", {"token": token_id})


@click.group("second-factor")
def second_factor() -> None:
    """The second step of signing in."""


@second_factor.command("remove")
@click.argument("username")
def remove(username: str) -> None:
    """Take the second step from an account whose phone is lost; make sure first who asks."""
    with _owner() as conn:
        account = fetch_account(conn, username)
        if account is None or not delete_second_factor(conn, account.id):
            raise click.ClickException(f"No second factor of {username}.")
        delete_codes(conn, account.id)
        act_as(conn, Actor("system", account.commune_id))
        record_event(conn, "second_factor_off", "accounts", {"account": username})


commands = [token, second_factor]
