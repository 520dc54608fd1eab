"""What every request has: actor, connection, permission, error answers, security headers.

Returning a response with a status below 400 commits the request's transaction, anything else rolls back.
The commit is in `after_request`: `teardown_request` gets no exception once an error handler has answered.
"""

import functools
import uuid
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import Flask, Response, current_app, g, jsonify, redirect, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.engine import Connection, Engine
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from gis_app.db import NOBODY, Actor, act_as
from gis_app.errors import BadRequest, Forbidden, GisError, NotFound, Unauthenticated, Unavailable
from gis_app.queries.communes import Commune, fetch_commune
from gis_app.queries.place_classes import with_classes
from gis_app.web.compression import compress
from gis_app.web.i18n import COOKIE, LANGUAGES, t
from gis_app.web.users import User, is_program
from gis_app.web.users import install as install_users
from layers import LAYERS
from layers.base import Layer

RETRY_AFTER_S = 5
# Blueprints that an administrator who must set up a second factor reaches before it is done.
WITHOUT_SECOND_FACTOR = ("account", "second_step", "session", "invitations", "assets", "health", "public_pages", "tips",
                         "tip_lookup")  # fmt: skip

View = TypeVar("View", bound=Callable[..., Any])

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
        "frame-ancestors 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def engine() -> Engine:
    """The application's engine; its connections act as the web's restricted role."""
    found: Engine = current_app.extensions["engine"]
    return found


def actor() -> Actor:
    """Who acts in this request."""
    found: Actor = getattr(current_user, "actor", NOBODY)
    return found


def connection() -> Connection:
    """The request's one connection, in a transaction of its actor."""
    if "conn" not in g:
        g.conn = engine().connect()
        act_as(g.conn, actor())
    found: Connection = g.conn
    return found


def commune() -> Commune:
    """The commune that the actor works in; an administrator must have entered one."""
    commune_id = actor().commune_id
    found = None if commune_id is None else fetch_commune(connection(), commune_id)
    if found is None:
        raise Forbidden("no_commune")
    return found


def readable_layer(name: str) -> Layer:
    """The layer of that name if the actor may read it, with the commune's own classes."""
    layer = LAYERS.get(name)
    if layer is None:
        raise NotFound("unknown_layer", layer=name[:60])
    if actor().role not in layer.readers:
        raise Forbidden("layer_not_yours", layer=name)
    if actor().is_national and not layer.national:
        raise Forbidden("no_commune")
    return own_layer(layer)


def own_layer(layer: Layer) -> Layer:
    """A layer as the actor's commune has it: with the classes that it added itself."""
    return with_classes(connection(), actor().commune_id, layer) if layer.own_classes else layer


def readable_layers() -> list[Layer]:
    """Every layer that the actor may read."""
    who = actor()
    found = (one for one in LAYERS.values() if who.role in one.readers and (one.national or not who.is_national))
    return [own_layer(layer) for layer in found]


def may_edit(layer: Layer) -> bool:
    """Whether the actor may write rows of a layer: in a commune, as one of its editors."""
    who = actor()
    return not who.is_national and not layer.tenant and who.role in layer.readers & layer.editors


def allow(*roles: str) -> Callable[[View], View]:
    """Let only these roles call the view; every view says this or `public`, and a test holds it."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            role = actor().role
            if role == NOBODY.role:
                raise Unauthenticated("sign_in_first")
            if role not in roles:
                raise Forbidden("role_not_allowed", role=role)
            return view(*args, **kwargs)

        guarded.allowed_roles = frozenset(roles)  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def public(view: View) -> View:
    """Mark a view that anybody may call."""
    view.allowed_roles = frozenset({NOBODY.role})  # type: ignore[attr-defined]
    return view


def people_only(view: View) -> View:
    """Keep programs out: a token manages no password, session, token or account."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if is_program():
            raise Forbidden("not_for_programs")
        return view(*args, **kwargs)

    return guarded  # type: ignore[return-value]


def person() -> User:
    """The person who is signed in; for views under `allow` and `people_only`."""
    found: User = current_user._get_current_object()
    return found


def _ask_second_factor() -> AnyResponse | None:
    """Where REQUIRE_ADMIN_TOTP is set, an administrator without a second factor may set one up and no more."""
    if not current_app.config["SETTINGS"].require_admin_totp or request.blueprint in (None, *WITHOUT_SECOND_FACTOR):
        return None
    if actor().role != "admin" or current_user.signed_in.has_second_factor:
        return None
    if wants_problem() or request.method != "GET":
        raise Forbidden("second_factor_needed")
    return redirect("/tai-khoan")


def wants_problem() -> bool:
    """Programs get problem+json; a person's page gets a page."""
    programs = ("/api/", "/tiles/", "/ogc/", "/healthz", "/readyz")
    return request.path.startswith(programs) or "text/html" not in request.headers.get("Accept", "")


def problem(error: GisError) -> Response:
    """An RFC 9457 answer, or the same as a page."""
    title = t(f"error.{error.code}", **error.params)
    if wants_problem():
        body = {
            "type": f"/problems/{error.code}",
            "title": title,
            "status": error.status,
            "code": error.code,
            "params": error.params,
            "request_id": g.get("request_id", ""),
        }
        answer = jsonify(body)
        answer.mimetype = "application/problem+json"
    else:
        page = render_template("error.html", title=title, status=error.status, request_id=g.get("request_id", ""))
        answer = current_app.make_response(page)
    answer.status_code = error.status
    if error.status in (429, 503):
        answer.headers["Retry-After"] = str(error.params.get("retry_after_s", RETRY_AFTER_S))
    return answer


def _on_database_error(error: sa.exc.DBAPIError | sa.exc.TimeoutError) -> Response:
    if isinstance(error, sa.exc.TimeoutError) or error.connection_invalidated:
        return problem(Unavailable("database_away"))
    sqlstate = getattr(getattr(error, "orig", None), "pgcode", None)
    if sqlstate == "57014":
        return problem(Unavailable("query_too_long"))
    # A lock that others held too long, or two writers that waited for each other: nothing was written.
    if sqlstate in ("55P03", "40P01", "40001"):
        return problem(Unavailable("database_busy"))
    # Class 08 and 57P: the connection; 53 and 58: disk, memory, connections; no code at all: it could not be made.
    if sqlstate is None or sqlstate.startswith(("08", "57P", "53", "58")):
        return problem(Unavailable("database_away"))
    return _on_unexpected(error)


def _on_http_error(error: HTTPException) -> Response:
    # Flask's wrapping of what failed after the view, such as a commit while the database went away.
    original = getattr(error, "original_exception", None)
    if isinstance(original, sa.exc.DBAPIError | sa.exc.TimeoutError):
        return _on_database_error(original)
    if original is not None:
        return _on_unexpected(original)
    if error.code is not None and 300 <= error.code < 400:
        return current_app.make_response(error.get_response())
    codes = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 415: "unsupported_media_type"}
    status = error.code or 500
    answer = GisError(codes.get(status, "bad_request" if status < 500 else "unexpected"))
    answer.status = status
    if isinstance(error, CSRFError):
        answer = BadRequest("csrf")
    return problem(answer)


def _on_unexpected(error: Exception) -> Response:
    if isinstance(error, RecursionError):
        return problem(BadRequest("body_too_deep"))
    # The type alone: an exception's text may hold what a person typed.
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    line = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where else ""
    current_app.logger.error("unexpected %s at %s request %s", type(error).__name__, line, g.get("request_id"))
    return problem(GisError("unexpected"))


def _finish(response: Response) -> Response:
    conn: Connection | None = g.get("conn")
    if conn is not None:
        if response.status_code < 400:
            conn.commit()
        else:
            conn.rollback()
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "private, no-store")
    response.headers["X-Request-ID"] = g.get("request_id", "")
    asked = request.args.get("lang")
    if asked in LANGUAGES and not is_program() and not g.get("no_cookie"):
        response.set_cookie(COOKIE, asked, max_age=31_536_000, samesite="Lax", httponly=True)
    return compress(response)


def _close(_error: BaseException | None) -> None:
    conn: Connection | None = g.pop("conn", None)
    if conn is not None:
        conn.close()


def install(app: Flask, languages: Sequence[str] = LANGUAGES) -> None:
    """Hang all of this on the application."""
    app.config["LANGUAGES"] = tuple(languages)

    @app.before_request
    def _name_request() -> None:
        g.request_id = uuid.uuid4().hex
        # Before anybody reads the form: a view that takes files says how large they may be.
        larger = getattr(app.view_functions.get(request.endpoint or ""), "max_body_bytes", None)
        if larger is not None:
            request.max_content_length = larger

    install_users(app)
    app.before_request(_ask_second_factor)
    app.after_request(_finish)
    app.teardown_request(_close)
    app.register_error_handler(GisError, problem)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(sa.exc.DBAPIError, _on_database_error)
    app.register_error_handler(sa.exc.TimeoutError, _on_database_error)
    app.register_error_handler(Exception, _on_unexpected)
