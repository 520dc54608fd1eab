"""A person's own account: password, second step of signing in, sessions, tokens. Works without JavaScript."""

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response as AnyResponse

from gis_app.db import Actor, act_as, begin
from gis_app.errors import BadRequest, Conflict, GisError, NotFound, Unauthenticated, Unprocessable
from gis_app.jobs.passwords import MIN_LENGTH, fault_of, hash_password
from gis_app.jobs.second_factor import decrypt_secret, encrypt_secret, make_secret, qr_code
from gis_app.queries import access_tokens, accounts, second_factors
from gis_app.queries.audit import record_event
from gis_app.web.context import allow, engine, people_only, person
from gis_app.web.i18n import t
from gis_app.web.moments import vietnamese
from gis_app.web.params import Param, one_of, reads
from gis_app.web.sign_in import code_fault, now, password_error
from gis_app.web.users import session_memory
from layers.base import SIGNED_IN

blueprint = Blueprint("account", __name__)

DONE = ("password", "second_factor_on", "second_factor_off", "session", "sessions", "token")


def _field(name: str, longest: int = 200) -> str:
    value = request.form.get(name, "")
    if len(value) > longest:
        raise BadRequest("bad_body")
    return value


def _record(conn: Connection, event: str) -> None:
    """Log as the person, in the account's own commune; the last thing in a transaction of `gate`."""
    who = person().signed_in
    act_as(conn, Actor(who.role, who.home_id, who.username))
    record_event(conn, event, "accounts")


def _page(*, error: GisError | None = None, done: str | None = None) -> Any:
    user = person()
    account_id = user.signed_in.account_id
    with begin(engine(), accounts.GATE) as conn:
        factor = second_factors.fetch_second_factor(conn, account_id)
        sessions = accounts.fetch_sessions(conn, account_id, user.token)
        tokens = access_tokens.fetch_tokens(conn, account_id=account_id)
    is_on = factor is not None and factor.confirmed_at is not None
    secret = None
    if factor is not None and not is_on:
        secret = decrypt_secret(current_app.config["SECRET_KEY"], factor.secret_encrypted)
    page = render_template(
        "account/index.html",
        who=user.signed_in,
        second_factor_on=is_on,
        must_set_up=user.signed_in.role == "admin" and not is_on and current_app.config["SETTINGS"].require_admin_totp,
        secret=secret,
        qr=qr_code(secret, user.signed_in.username) if secret else None,
        sessions=sessions,
        tokens=tokens,
        at=vietnamese,
        min_length=MIN_LENGTH,
        error=t(f"error.{error.code}", **error.params) if error else None,
        done=done,
        manages=user.signed_in.role == "admin" and user.signed_in.commune_id is not None,
    )
    return (page, error.status) if error else page


@blueprint.get("/tai-khoan")
@allow(*SIGNED_IN)
@people_only
@reads(Param("done", one_of(*DONE), "What was just done"))
def show(query: dict[str, Any]) -> Any:
    """The own account."""
    return _page(done=query["done"])


@blueprint.post("/tai-khoan/mat-khau")
@allow(*SIGNED_IN)
@people_only
def change_password() -> Any:
    """Change the password; every other session ends."""
    user, new = person(), _field("new_password", 1000)
    who = user.signed_in
    fault = "passwords_differ" if new != _field("again", 1000) else fault_of(new, who.username)
    if fault is not None:
        return _page(error=Unprocessable(fault, min_length=MIN_LENGTH))
    with begin(engine(), accounts.GATE) as conn:
        error = password_error(conn, who.username, _field("old_password"))
        if error is None:
            accounts.update_password(conn, who.account_id, hash_password(new))
            accounts.delete_sessions(conn, who.account_id, but=user.token)
            _record(conn, "password_changed")
    if error is not None:
        return _page(error=error)
    session_memory.forget_all()
    return redirect("/tai-khoan?done=password")


@blueprint.post("/tai-khoan/hai-buoc")
@allow(*SIGNED_IN)
@people_only
def start_second_factor() -> Any:
    """Make a secret for an authenticator app; it counts once a code of it was given."""
    who = person().signed_in
    with begin(engine(), accounts.GATE) as conn:
        _refuse_confirmed(conn, who.account_id)
        secret = encrypt_secret(current_app.config["SECRET_KEY"], make_secret())
        second_factors.insert_second_factor(conn, who.account_id, secret)
    return redirect("/tai-khoan#hai-buoc")


@blueprint.post("/tai-khoan/hai-buoc/xac-nhan")
@allow(*SIGNED_IN)
@people_only
def confirm_second_factor() -> Any:
    """Turn two-step sign-in on: the password and a first code; every other session ends."""
    user = person()
    who = user.signed_in
    with begin(engine(), accounts.GATE) as conn:
        _refuse_confirmed(conn, who.account_id)
        error = password_error(conn, who.username, _field("password"))
        if error is None:
            if second_factors.fetch_second_factor(conn, who.account_id) is None:
                raise NotFound("not_found")
            fault = code_fault(conn, who.account_id, _field("code", 20), confirmed=False)
            error = Unauthenticated(fault) if fault else None
        if error is None:
            second_factors.confirm_second_factor(conn, who.account_id, now())
            accounts.delete_sessions(conn, who.account_id, but=user.token)
            _record(conn, "second_factor_on")
    if error is not None:
        return _page(error=error)
    session_memory.forget_all()
    return redirect("/tai-khoan?done=second_factor_on")


@blueprint.post("/tai-khoan/hai-buoc/tat")
@allow(*SIGNED_IN)
@people_only
def remove_second_factor() -> Any:
    """Turn two-step sign-in off: the password and a code, or the password alone while it is not yet on."""
    who = person().signed_in
    with begin(engine(), accounts.GATE) as conn:
        error = password_error(conn, who.username, _field("password"))
        fault = code_fault(conn, who.account_id, _field("code", 20)) if error is None else None
        error = Unauthenticated(fault) if fault else error
        if error is None and second_factors.delete_second_factor(conn, who.account_id):
            _record(conn, "second_factor_off")
    if error is not None:
        return _page(error=error)
    session_memory.forget_all()
    return redirect("/tai-khoan?done=second_factor_off")


@blueprint.post("/tai-khoan/phien/<int:session_id>")
@allow(*SIGNED_IN)
@people_only
def revoke_session(session_id: int) -> AnyResponse:
    """End one of the own sessions."""
    with begin(engine(), accounts.GATE) as conn:
        if session_id >= 2**63 or not accounts.delete_own_session(conn, person().signed_in.account_id, session_id):
            raise NotFound("not_found")
        _record(conn, "session_revoked")
    session_memory.forget_all()
    return redirect("/tai-khoan?done=session")


@blueprint.post("/tai-khoan/phien")
@allow(*SIGNED_IN)
@people_only
def revoke_other_sessions() -> AnyResponse:
    """End every other session of the own account."""
    with begin(engine(), accounts.GATE) as conn:
        accounts.delete_sessions(conn, person().signed_in.account_id, but=person().token)
        _record(conn, "session_revoked")
    session_memory.forget_all()
    return redirect("/tai-khoan?done=sessions")


@blueprint.post("/tai-khoan/ma-truy-cap/<int:token_id>")
@allow(*SIGNED_IN)
@people_only
def revoke_token(token_id: int) -> AnyResponse:
    """Revoke one of the own tokens."""
    with begin(engine(), accounts.GATE) as conn:
        account_id = person().signed_in.account_id
        if token_id >= 2**31 or not access_tokens.delete_token(conn, token_id, account_id=account_id):
            raise NotFound("not_found")
        _record(conn, "token_revoked")
    session_memory.forget_all()
    return redirect("/tai-khoan?done=token")


def _refuse_confirmed(conn: Connection, account_id: int) -> None:
    factor = second_factors.fetch_second_factor(conn, account_id)
    if factor is not None and factor.confirmed_at is not None:
        raise Conflict("second_factor_is_on")
