"""The own second step of signing in: set up, confirm, recovery codes, turn off. Works without JavaScript."""

from typing import Any

from flask import Blueprint, current_app, redirect
from sqlalchemy.engine import Connection

from gis_app.db import begin
from gis_app.errors import Conflict, NotFound
from gis_app.jobs.recovery import hash_codes, make_codes
from gis_app.jobs.second_factor import encrypt_secret, make_secret
from gis_app.queries import accounts, recovery_codes, second_factors
from gis_app.web.account_page import ShownOnce, account_page, field, record
from gis_app.web.context import allow, engine, people_only, person
from gis_app.web.sign_in import now, proof_error
from gis_app.web.users import session_memory
from layers.base import SIGNED_IN

blueprint = Blueprint("second_step", __name__, url_prefix="/tai-khoan/hai-buoc")


def _is_on(conn: Connection, account_id: int) -> bool:
    factor = second_factors.fetch_second_factor(conn, account_id)
    return factor is not None and factor.confirmed_at is not None


def _refuse_confirmed(conn: Connection, account_id: int) -> None:
    if _is_on(conn, account_id):
        raise Conflict("second_factor_is_on")


@blueprint.post("")
@allow(*SIGNED_IN)
@people_only
def start() -> Any:
    """Make a secret for an authenticator app; it counts once a code of it was given."""
    who = person().signed_in
    with begin(engine(), accounts.GATE) as conn:
        _refuse_confirmed(conn, who.account_id)
        secret = encrypt_secret(current_app.config["SECRET_KEY"], make_secret())
        second_factors.insert_second_factor(conn, who.account_id, secret)
    return redirect("/tai-khoan#hai-buoc")


@blueprint.post("/xac-nhan")
@allow(*SIGNED_IN)
@people_only
def confirm() -> Any:
    """Turn two-step sign-in on: the password and a first code; other sessions end, recovery codes are shown once."""
    user = person()
    who = user.signed_in
    codes = make_codes()
    hashes = hash_codes(codes)
    with begin(engine(), accounts.GATE) as conn:
        _refuse_confirmed(conn, who.account_id)
        if second_factors.fetch_second_factor(conn, who.account_id) is None:
            raise NotFound("not_found")
        error = proof_error(conn, who.username, field("password"), field("code", 20), confirmed=False)
        if error is None:
            second_factors.confirm_second_factor(conn, who.account_id, now())
            recovery_codes.replace_codes(conn, who.account_id, hashes)
            accounts.delete_sessions(conn, who.account_id, but=user.token)
            record(conn, "second_factor_on")
    if error is not None:
        return account_page(error=error)
    session_memory.forget_all()
    return account_page(done="second_factor_on", once=ShownOnce(recovery_codes=codes))


@blueprint.post("/ma-khoi-phuc")
@allow(*SIGNED_IN)
@people_only
def make_recovery_codes() -> Any:
    """Ten new recovery codes for the password and a code (of the app, or an old one of these); shown once."""
    who = person().signed_in
    codes = make_codes()
    hashes = hash_codes(codes)
    with begin(engine(), accounts.GATE) as conn:
        if not _is_on(conn, who.account_id):
            raise Conflict("second_factor_is_off")
        error = proof_error(conn, who.username, field("password"), field("code", 20))
        if error is None:
            recovery_codes.replace_codes(conn, who.account_id, hashes)
            record(conn, "recovery_codes_made")
    return account_page(error=error) if error else account_page(done="recovery_codes", once=ShownOnce(codes))


@blueprint.post("/tat")
@allow(*SIGNED_IN)
@people_only
def remove() -> Any:
    """Turn two-step sign-in off: the password and a code, or the password alone while it is not yet on."""
    who = person().signed_in
    with begin(engine(), accounts.GATE) as conn:
        error = proof_error(conn, who.username, field("password"), field("code", 20))
        if error is None:
            recovery_codes.delete_codes(conn, who.account_id)
            if second_factors.delete_second_factor(conn, who.account_id):
                record(conn, "second_factor_off")
    if error is not None:
        return account_page(error=error)
    session_memory.forget_all()
    return redirect("/tai-khoan?done=second_factor_off")
