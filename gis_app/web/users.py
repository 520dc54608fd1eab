"""Who a request comes from: a person with a session cookie, or a program with a token.

A request that carries a token of ours is a program's: no cookie is read or written in it. So there is nothing that
another site's page could make a browser send by itself, and no CSRF token is asked. A browser that has been given
HTTP Basic credentials does send them by itself; what it says about where the request comes from is believed.
"""

import functools
import time
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask.wrappers import Request, Response
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer

from gis_app.db import Actor, begin
from gis_app.errors import Forbidden
from gis_app.queries.access_tokens import PREFIX, fetch_program
from gis_app.queries.accounts import GATE, SignedIn, fetch_signed_in

# A session or token is looked up again after this; a sign-out in another worker process is felt this late.
SESSION_MEMORY_S = 3.0
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class User(UserMixin):
    """A signed-in person or program; Flask-Login keeps the session's token, not the account's id.

    `scope` is a program's: read or write; empty for a person.
    """

    def __init__(self, token: str, signed_in: SignedIn, scope: str = "") -> None:
        self.token = token
        self.signed_in = signed_in
        self.scope = scope
        self.actor = Actor(signed_in.role, signed_in.commune_id, signed_in.username)

    def get_id(self) -> str:
        """The token that the session cookie carries."""
        return self.token


def presented_token() -> str | None:
    """The program's token in the Authorization header (Bearer, or password of Basic); other schemes are not ours."""
    if "Authorization" not in request.headers:
        return None
    given = request.authorization
    found = None if given is None else (given.token if given.type == "bearer" else given.password)
    return found if found and found.startswith(PREFIX) else None


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie, never for a program; the signer is made once instead of twice a request."""

    @functools.lru_cache(maxsize=4)  # noqa: B019 - one interface an application, as long as it lives
    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The signer of the application's secret key."""
        return super().get_signing_serializer(app)

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:  # type: ignore[override]
        """The cookie's content; empty for a program."""
        return self.session_class() if presented_token() else super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie if it changed; none for a program, nor where everyone gets the same answer."""
        if g.get("no_cookie"):
            return
        if presented_token():
            response.vary.add("Authorization")
        else:
            super().save_session(app, session, response)


class _SessionMemory:
    """Sessions and tokens looked up in the last seconds, so that a map of forty tiles asks once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, User]] = {}

    def get(self, token: str) -> User | None:
        """The user if the token was looked up a moment ago."""
        entry = self._known.get(token)
        return entry[1] if entry and entry[0] > time.monotonic() else None

    def put(self, user: User) -> None:
        """Remember for a moment."""
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[user.token] = (time.monotonic() + SESSION_MEMORY_S, user)

    def forget(self, token: str) -> None:
        """Forget at once: sign-out, or another commune."""
        self._known.pop(token, None)

    def forget_all(self) -> None:
        """Forget at once after a change of accounts, or of sessions and tokens whose hashes alone are known."""
        self._known.clear()


class _Csrf(CSRFProtect):  # type: ignore[misc]
    """Asks a CSRF token of whoever has a cookie; of a program only that no browser sends the request for others."""

    def protect(self, apply_exemptions: bool = False) -> None:
        """Check an unsafe request."""
        if presented_token() is None:
            super().protect(apply_exemptions=apply_exemptions)
        elif request.method not in SAFE_METHODS:
            _refuse_other_sites()
            g.csrf_valid = True


def _refuse_other_sites() -> None:
    origin = request.headers.get("Origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.host
    if foreign or request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        raise Forbidden("other_site")


csrf = _Csrf()
login_manager = LoginManager()
session_memory = _SessionMemory()


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _load_person(token: str) -> User | None:
    user = session_memory.get(token)
    if user is None:
        with begin(current_app.extensions["engine"], GATE) as conn:
            signed_in = fetch_signed_in(conn, token)
        if signed_in is None:
            return None
        user = User(token, signed_in)
        session_memory.put(user)
    return user


@login_manager.request_loader  # type: ignore[untyped-decorator]
def _load_program(_request: Request) -> User | None:
    token = presented_token()
    if token is None:
        return None
    user = session_memory.get(token)
    if user is None:
        with begin(current_app.extensions["engine"], GATE) as conn:
            found = fetch_program(conn, token)
        if found is None:
            return None
        user = User(token, *found)
        session_memory.put(user)
    return user


def is_program() -> bool:
    """Whether this request is a program's, with a token that holds or not."""
    return presented_token() is not None


def _hold_programs_to_their_scope() -> None:
    if request.method not in SAFE_METHODS and is_program() and getattr(current_user, "scope", "") == "read":
        raise Forbidden("token_reads_only")


def install(app: Flask) -> None:
    """Hang sessions, tokens and the CSRF check on the application."""
    app.session_interface = Sessions()
    csrf.init_app(app)
    login_manager.init_app(app)
    login_manager.session_protection = None
    app.before_request(_hold_programs_to_their_scope)
