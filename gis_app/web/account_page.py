"""The page of the own account, and what the files that change it share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template, request
from sqlalchemy.engine import Connection

from gis_app.db import Actor, act_as, begin
from gis_app.errors import BadRequest, GisError
from gis_app.jobs.passwords import MIN_LENGTH
from gis_app.jobs.second_factor import decrypt_secret, qr_code
from gis_app.queries import access_tokens, accounts, recovery_codes, second_factors
from gis_app.queries.audit import record_event
from gis_app.web.context import actor, commune, engine, person
from gis_app.web.i18n import t
from gis_app.web.moments import vietnamese

DONE = (
    "password", "second_factor_on", "second_factor_off", "session", "sessions", "token", "token_made", "recovery_codes",
)  # fmt: skip


@dataclass(frozen=True)
class ShownOnce:
    """Secrets that the page shows this once: recovery codes, or a token."""

    recovery_codes: Sequence[str] = ()
    token: str = ""


def field(name: str, longest: int = 200) -> str:
    """A field of the form."""
    value = request.form.get(name, "")
    if len(value) > longest:
        raise BadRequest("bad_body")
    return value


def record(conn: Connection, event: str, detail: dict[str, Any] | None = None) -> None:
    """Log as the person, in the account's own commune; the last thing in a transaction of `gate`."""
    who = person().signed_in
    act_as(conn, Actor(who.role, who.home_id, who.username))
    record_event(conn, event, "accounts", detail)


def account_page(*, error: GisError | None = None, done: str | None = None, once: ShownOnce | None = None) -> Any:
    """The page: what is wrong, what was done, what is shown this once."""
    user = person()
    account_id = user.signed_in.account_id
    with begin(engine(), accounts.GATE) as conn:
        factor = second_factors.fetch_second_factor(conn, account_id)
        sessions = accounts.fetch_sessions(conn, account_id, user.token)
        tokens = access_tokens.fetch_tokens(conn, account_id=account_id)
        codes_left = recovery_codes.count_codes(conn, account_id)
    is_on = factor is not None and factor.confirmed_at is not None
    secret = None
    if factor is not None and not is_on:
        secret = decrypt_secret(current_app.config["SECRET_KEY"], factor.secret_encrypted)
    page = render_template(
        "account/index.html",
        who=user.signed_in,
        second_factor_on=is_on,
        codes_left=codes_left,
        must_set_up=user.signed_in.role == "admin" and not is_on and current_app.config["SETTINGS"].require_admin_totp,
        secret=secret,
        qr=qr_code(secret, user.signed_in.username) if secret else None,
        sessions=sessions,
        tokens=tokens,
        scopes=access_tokens.SCOPES,
        max_days=access_tokens.MAX_DAYS,
        at=vietnamese,
        min_length=MIN_LENGTH,
        error=t(f"error.{error.code}", **error.params) if error else None,
        done=done,
        once=once or ShownOnce(),
        place=None if actor().commune_id is None else commune(),
    )
    return (page, error.status) if error else page
