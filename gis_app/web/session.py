"""Signing in and out, for people (a form) and programs (JSON); an administrator enters a commune here."""

import threading
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from flask import Blueprint, Response, jsonify, redirect, render_template, request
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response as AnyResponse

from gis_app.db import Actor, act_as, begin
from gis_app.errors import BadRequest, GisError, NotFound, TooManyRequests, Unauthenticated
from gis_app.queries import accounts
from gis_app.queries.audit import record_event
from gis_app.queries.communes import fetch_commune
from gis_app.web.context import User, allow, csrf, engine, public, session_memory
from gis_app.web.i18n import t
from gis_app.web.who import session_dict
from layers.base import STAFF

blueprint = Blueprint("session", __name__)

# OWASP's argon2id parameters; at most two hashes at once, or signing in would be a way to stop the server.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_HASHING = threading.BoundedSemaphore(2)
# Verified where there is no such account, so that the time tells nothing.
_DUMMY_HASH = HASHER.hash("no such account")


def _verify(password_hash: str, password: str) -> bool:
    with _HASHING:
        try:
            return HASHER.verify(password_hash, password)
        except VerificationError:
            return False


def sign_in(username: str, password: str) -> None:
    """Start a session, or raise; a wrong name and a wrong password answer alike."""
    now = datetime.now(UTC)
    with begin(engine(), accounts.GATE) as conn:
        account = accounts.fetch_account(conn, username)
        wait_s = 0.0
        if account is not None and account.blocked_until_at is not None:
            wait_s = (account.blocked_until_at - now).total_seconds()
        token = None
        if wait_s <= 0:
            right = _verify(account.password_hash if account else _DUMMY_HASH, password)
            if account is not None:
                accounts.update_failures(conn, account, failed=not right, now=now)
                token = accounts.insert_session(conn, account.id) if right else None
        signed_in = accounts.fetch_signed_in(conn, token) if token else None
        if account is not None:
            # A name that nobody has may be a password typed in the wrong place: it is not kept.
            act_as(conn, Actor(account.role, account.commune_id, account.username))
            record_event(conn, "sign_in" if token else "sign_in_failed", "accounts")
    if wait_s > 0:
        raise TooManyRequests("sign_in_wait", retry_after_s=int(wait_s) + 1)
    if token is None or signed_in is None:
        raise Unauthenticated("sign_in_failed")
    login_user(User(token, signed_in))


def _credentials(source: Any) -> tuple[str, str]:
    if not isinstance(source, dict):
        raise BadRequest("bad_body")
    username, password = source.get("username"), source.get("password")
    if not isinstance(username, str) or not isinstance(password, str) or len(username) > 80 or len(password) > 200:
        raise BadRequest("bad_body")
    if "\x00" in username:
        raise BadRequest("bad_body")
    return username, password


@blueprint.post("/api/session")
@public
@csrf.exempt
def create_session() -> Response:
    """Sign in with a JSON body; the content type keeps forms of other sites out."""
    sign_in(*_credentials(request.get_json()))
    return jsonify(session_dict())


create_session.body_schema = {  # type: ignore[attr-defined]
    "type": "object",
    "required": ["username", "password"],
    "properties": {"username": {"type": "string"}, "password": {"type": "string"}},
}


@blueprint.get("/api/session")
@allow(*STAFF)
def show_session() -> Response:
    """Who is signed in, and in which commune."""
    return jsonify(session_dict())


def _sign_out() -> None:
    token = current_user.token
    session_memory.forget(token)
    with begin(engine(), accounts.GATE) as conn:
        accounts.delete_session(conn, token)
    logout_user()


@blueprint.delete("/api/session")
@allow(*STAFF)
def delete_session() -> tuple[str, int]:
    """Sign out; the session is revoked on the server."""
    _sign_out()
    return "", 204


@blueprint.post("/dang-xuat")
@allow(*STAFF)
def leave() -> AnyResponse:
    """Sign out by a form."""
    _sign_out()
    return redirect("/dang-nhap")


def _own_path(target: str) -> str:
    """A path of this site, or the front page: no address given from outside leads away."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    return target


@blueprint.route("/dang-nhap", methods=["GET", "POST"])
@public
def enter() -> str | AnyResponse | tuple[str, int]:
    """The sign-in page; works without JavaScript."""
    target = _own_path(request.values.get("next", "/"))
    if request.method == "GET":
        if current_user.is_authenticated:
            return redirect(target)
        return render_template("session/sign_in.html", next=target, error=None, username="")
    username = request.form.get("username", "")
    try:
        sign_in(*_credentials({"username": username, "password": request.form.get("password", "")}))
    except GisError as error:
        text = t(f"error.{error.code}", **error.params)
        page = render_template("session/sign_in.html", next=target, error=text, username=username[:80])
        return page, error.status
    return redirect(target)


@blueprint.post("/api/session/commune")
@allow("admin")
def enter_commune() -> AnyResponse:
    """Let an administrator enter a commune (form or JSON field commune_id), or leave it when it is empty."""
    source = request.get_json() if request.is_json else request.form
    asked = str(source.get("commune_id", "") if hasattr(source, "get") else "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) < 9):
        raise BadRequest("bad_parameter", name="commune_id", rule="whole")
    commune_id = int(asked) if asked else None
    if commune_id is not None and not _exists(commune_id):
        raise NotFound("commune_not_found")
    with begin(engine(), accounts.GATE) as conn:
        accounts.update_session_commune(conn, current_user.token, commune_id)
    session_memory.forget(current_user.token)
    return jsonify({"commune_id": commune_id}) if request.is_json else redirect("/")


def _exists(commune_id: int) -> bool:
    with begin(engine(), Actor("admin")) as conn:
        return fetch_commune(conn, commune_id) is not None
