"""The own tokens for programs: make one, which is shown once; revoke one. Works without JavaScript."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect
from werkzeug.wrappers import Response as AnyResponse

from gis_app.db import begin
from gis_app.errors import Conflict, NotFound, Unprocessable
from gis_app.queries import access_tokens, accounts
from gis_app.web.account_page import ShownOnce, account_page, field, record
from gis_app.web.context import allow, engine, people_only, person
from gis_app.web.sign_in import now, proof_error
from gis_app.web.users import session_memory
from layers.base import SIGNED_IN

blueprint = Blueprint("own_tokens", __name__, url_prefix="/tai-khoan/ma-truy-cap")


def _wanted() -> tuple[str, str, int]:
    """Name, scope and days of the form, or the rule that one of them breaks."""
    name, scope, days = field("name", 80).strip(), field("scope"), field("days", 4)
    if not name or not name.isprintable():
        raise Unprocessable("token_name")
    if scope not in access_tokens.SCOPES:
        raise Unprocessable("token_scope")
    if not (days.isascii() and days.isdigit() and 1 <= int(days) <= access_tokens.MAX_DAYS):
        raise Unprocessable("token_days", max_days=access_tokens.MAX_DAYS)
    return name, scope, int(days)


@blueprint.post("")
@allow(*SIGNED_IN)
@people_only
def create() -> Any:
    """Make a token for the password, and for a code where the account has a second step: a token needs neither."""
    who = person().signed_in
    try:
        name, scope, days = _wanted()
    except Unprocessable as error:
        return account_page(error=error)
    with begin(engine(), accounts.GATE) as conn:
        error = proof_error(conn, who.username, field("password"), field("code", 20))
        if error is None and access_tokens.count_tokens(conn, who.account_id) >= access_tokens.MOST:
            error = Conflict("too_many_tokens", most=access_tokens.MOST)
        if error is not None:
            made = ShownOnce()
        else:
            ends = now() + timedelta(days=days)
            made = ShownOnce(token=access_tokens.insert_token(conn, who.account_id, name, scope, ends))
            record(conn, "token_created", {"scope": scope, "days": days})
    return account_page(error=error) if error else account_page(done="token_made", once=made)


@blueprint.post("/<int:token_id>")
@allow(*SIGNED_IN)
@people_only
def revoke(token_id: int) -> AnyResponse:
    """Revoke one of the own tokens."""
    with begin(engine(), accounts.GATE) as conn:
        account_id = person().signed_in.account_id
        if token_id >= 2**31 or not access_tokens.delete_token(conn, token_id, account_id=account_id):
            raise NotFound("not_found")
        record(conn, "token_revoked")
    session_memory.forget_all()
    return redirect("/tai-khoan?done=token")
