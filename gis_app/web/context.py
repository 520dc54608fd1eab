"""What every request has: actor, connection, permission, error answers, security headers.

Returning a response with a status below 400 commits the request's transaction, anything else rolls back.
The commit is in `after_request`: `teardown_request` gets no exception once an error handler has answered.
"""

import functools
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import Flask, Response, current_app, g, jsonify, render_template, request
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.engine import Connection, Engine
from werkzeug.exceptions import HTTPException

from gis_app.db import NOBODY, Actor, act_as, begin
from gis_app.errors import BadRequest, Forbidden, GisError, NotFound, Unauthenticated, Unavailable
from gis_app.queries.accounts import GATE, SignedIn, fetch_signed_in
from gis_app.queries.communes import Commune, fetch_commune
from gis_app.web.compression import compress
from gis_app.web.i18n import COOKIE, LANGUAGES, t
from layers import LAYERS
from layers.base import Layer

csrf = CSRFProtect()
login_manager = LoginManager()

# A session is looked up again after this; a sign-out in another worker process is felt this late.
SESSION_MEMORY_S = 3.0
RETRY_AFTER_S = 5

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


class User(UserMixin):
    """A signed-in person or program; Flask-Login keeps the session's token, not the account's id."""

    def __init__(self, token: str, signed_in: SignedIn) -> None:
        self.token = token
        self.signed_in = signed_in
        self.actor = Actor(signed_in.role, signed_in.commune_id, signed_in.username)

    def get_id(self) -> str:
        """The token that the session cookie carries."""
        return self.token


class _Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie; the signer is made once instead of twice a request."""

    @functools.lru_cache(maxsize=4)  # noqa: B019 - one interface an application, as long as it lives
    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The signer of the application's secret key."""
        return super().get_signing_serializer(app)


class _SessionMemory:
    """Sessions looked up in the last seconds, so that a map of forty tiles asks once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, SignedIn]] = {}

    def get(self, token: str) -> SignedIn | None:
        """The session if it was looked up a moment ago."""
        entry = self._known.get(token)
        return entry[1] if entry and entry[0] > time.monotonic() else None

    def put(self, token: str, signed_in: SignedIn) -> None:
        """Remember for a moment."""
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[token] = (time.monotonic() + SESSION_MEMORY_S, signed_in)

    def forget(self, token: str) -> None:
        """Forget at once: sign-out, or another commune."""
        self._known.pop(token, None)


session_memory = _SessionMemory()


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _load_user(token: str) -> User | None:
    signed_in = session_memory.get(token)
    if signed_in is None:
        with begin(engine(), GATE) as conn:
            signed_in = fetch_signed_in(conn, token)
        if signed_in is None:
            return None
        session_memory.put(token, signed_in)
    return User(token, signed_in)


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
    """The layer of that name if the actor may read it."""
    layer = LAYERS.get(name)
    if layer is None:
        raise NotFound("unknown_layer", layer=name[:60])
    if actor().role not in layer.readers:
        raise Forbidden("layer_not_yours", layer=name)
    if actor().is_national and not layer.national:
        raise Forbidden("no_commune")
    return layer


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
    # Class 08 and 57P: the connection; no code at all: it could not be made.
    if sqlstate is None or sqlstate.startswith(("08", "57P", "53")):
        return problem(Unavailable("database_away"))
    return _on_unexpected(error)


def _on_http_error(error: HTTPException) -> Response:
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
    if asked in LANGUAGES:
        response.set_cookie(COOKIE, asked, max_age=31_536_000, samesite="Lax", httponly=True)
    return compress(response)


def _close(_error: BaseException | None) -> None:
    conn: Connection | None = g.pop("conn", None)
    if conn is not None:
        conn.close()


def install(app: Flask, languages: Sequence[str] = LANGUAGES) -> None:
    """Hang all of this on the application."""
    app.config["LANGUAGES"] = tuple(languages)
    app.session_interface = _Sessions()

    @app.before_request
    def _name_request() -> None:
        g.request_id = uuid.uuid4().hex

    csrf.init_app(app)
    login_manager.init_app(app)
    login_manager.session_protection = None
    app.after_request(_finish)
    app.teardown_request(_close)
    app.register_error_handler(GisError, problem)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(sa.exc.DBAPIError, _on_database_error)
    app.register_error_handler(sa.exc.TimeoutError, _on_database_error)
    app.register_error_handler(Exception, _on_unexpected)
