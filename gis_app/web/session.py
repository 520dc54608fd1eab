"""Signing in and out, for people (a form) and programs (JSON); an administrator enters a commune here."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response as AnyResponse

from gis_app.db import Actor, act_as, begin
from gis_app.errors import BadRequest, Forbidden, GisError, NotFound
from gis_app.queries import accounts
from gis_app.queries.audit import record_event
from gis_app.queries.city import may_enter
from gis_app.queries.communes import fetch_commune
from gis_app.queries.tip_doors import fetch_open_communes
from gis_app.web import sign_in
from gis_app.web.context import allow, connection, engine, people_only, person, public
from gis_app.web.i18n import t
from gis_app.web.nav import own_path
from gis_app.web.users import csrf, session_memory
from gis_app.web.who import session_dict
from layers.base import CITY, SIGNED_IN

blueprint = Blueprint("session", __name__)

# What a role comes for: its progress, its gaps, its shift, its work of this month.
LANDINGS = {
    "committee": "/tong-quan", "admin": "/tong-quan", "supervisor": "/tong-quan", "planner": "/do-phu",
    "patrol": "/tuan-tra", "data": "/du-lieu",
}  # fmt: skip
# What the phone page kept for the street goes from the device (static/sw.js).
WIPE = {"Clear-Site-Data": '"storage"'}


def _credentials(source: Any) -> tuple[str, str, str]:
    if not isinstance(source, dict):
        raise BadRequest("bad_body")
    found = (source.get("username"), source.get("password"), source.get("code", ""))
    for value, longest in zip(found, (80, 200, 20), strict=True):
        if not isinstance(value, str) or len(value) > longest:
            raise BadRequest("bad_body")
    if "\x00" in found[0]:
        raise BadRequest("bad_body")
    return found


@blueprint.post("/api/session")
@public
@people_only
@csrf.exempt
def create_session() -> Response:
    """Sign in with a JSON body (and the code of an authenticator app, where the account has one)."""
    # The content type keeps forms of other sites out.
    sign_in.sign_in(*_credentials(request.get_json()))
    return jsonify(session_dict())


create_session.body_schema = {  # type: ignore[attr-defined]
    "type": "object",
    "required": ["username", "password"],
    "properties": {"username": {"type": "string"}, "password": {"type": "string"}, "code": {"type": "string"}},
}


@blueprint.get("/api/session")
@allow(*SIGNED_IN)
def show_session() -> Response:
    """Who is signed in, and in which commune."""
    return jsonify(session_dict())


def _sign_out() -> None:
    token = person().token
    with begin(engine(), accounts.GATE) as conn:
        accounts.delete_session(conn, token)
    session_memory.forget(token)
    logout_user()


@blueprint.delete("/api/session")
@allow(*SIGNED_IN)
@people_only
def delete_session() -> tuple[str, int, dict[str, str]]:
    """Sign out; the session is revoked on the server."""
    _sign_out()
    return "", 204, WIPE


@blueprint.post("/dang-xuat")
@allow(*SIGNED_IN)
@people_only
def leave() -> AnyResponse:
    """Sign out by a form."""
    _sign_out()
    answer = redirect("/dang-nhap")
    answer.headers.update(WIPE)
    return answer


def _landing(target: str) -> str:
    """Where a signed-in person arrives: the page asked for, else the role's own, or the choice of a commune."""
    who = current_user.actor
    return target if target != "/" or who.commune_id is None else LANDINGS.get(who.role, target)


def _sign_in_page(target: str, error: str | None = None, username: str = "") -> str:
    """The way to the residents' form stands there while a commune takes tips."""
    takes_tips = bool(fetch_open_communes(connection()))
    return render_template("session/sign_in.html", next=target, error=error, username=username, takes_tips=takes_tips)


@blueprint.route("/dang-nhap", methods=["GET", "POST"])
@public
@people_only
def enter() -> str | AnyResponse | tuple[str, int]:
    """The sign-in page; works without JavaScript."""
    target = own_path(request.values.get("next", "/"))
    if request.method == "GET":
        if current_user.is_authenticated:
            return redirect(_landing(target))
        return _sign_in_page(target)
    username = request.form.get("username", "")
    try:
        sign_in.sign_in(*_credentials({"username": username, "password": request.form.get("password", "")}))
    except GisError as error:
        if error.code == "code_needed":
            sign_in.remember_first_step(username)
            return redirect(f"/dang-nhap/ma?next={quote(target)}")
        text = t(f"error.{error.code}", **error.params)
        return _sign_in_page(target, text, username[:80]), error.status
    return redirect(_landing(target))


@blueprint.route("/dang-nhap/ma", methods=["GET", "POST"])
@public
@people_only
def enter_code() -> str | AnyResponse | tuple[str, int]:
    """The second step of the sign-in page: the code of an authenticator app."""
    target = own_path(request.values.get("next", "/"))
    if sign_in.pending_username() is None:
        return redirect("/dang-nhap")
    if request.method == "GET":
        return render_template("session/code.html", next=target, error=None)
    try:
        sign_in.finish_sign_in(request.form.get("code", "")[:20])
    except GisError as error:
        text = t(f"error.{error.code}", **error.params)
        return render_template("session/code.html", next=target, error=text), error.status
    return redirect(_landing(target))


@blueprint.post("/api/session/commune")
@allow("admin", "supervisor", CITY)
@people_only
def enter_commune() -> AnyResponse:
    """Let an administrator of the system, or a city reader, enter a commune (commune_id), or leave it when empty."""
    if person().signed_in.home_id is not None:
        raise Forbidden("commune_is_fixed")
    source = request.get_json() if request.is_json else request.form
    asked = str(source.get("commune_id", "") if hasattr(source, "get") else "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) < 9):
        raise BadRequest("bad_parameter", name="commune_id", rule="whole")
    commune_id = int(asked) if asked else None
    if commune_id is not None and not _may_enter(commune_id):
        raise NotFound("commune_not_found")
    with begin(engine(), accounts.GATE) as conn:
        accounts.update_session_commune(conn, person().token, commune_id)
    session_memory.forget(person().token)
    if request.is_json:
        return jsonify({"commune_id": commune_id})
    return redirect("/" if commune_id is None else LANDINGS["supervisor"])


def _may_enter(commune_id: int) -> bool:
    """An administrator any commune; a city reader (inside a commune a supervisor) one that is granted in detail."""
    who = person().signed_in
    if who.role == "admin":
        with begin(engine(), Actor("admin")) as conn:
            return fetch_commune(conn, commune_id) is not None
    with begin(engine(), accounts.GATE) as conn:
        allowed = may_enter(conn, who.account_id, commune_id)
        if allowed:
            act_as(conn, Actor(CITY, commune_id, who.username))
            record_event(conn, "city_entered", "communes")
    return allowed
