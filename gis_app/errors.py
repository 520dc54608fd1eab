"""Errors carry a stable code and parameters; the web layer turns them into problem+json or a page."""

from typing import Any


class GisError(Exception):
    """Base of every error that a user may see. `code` is a message key under `error.`."""

    status = 500

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class BadRequest(GisError):
    """A parameter or body is malformed."""

    status = 400


class Unauthenticated(GisError):
    """Nobody is signed in."""

    status = 401


class Forbidden(GisError):
    """The role may not do this."""

    status = 403


class NotFound(GisError):
    """No such thing, or not the actor's: both answer alike."""

    status = 404


class Conflict(GisError):
    """The state does not allow it."""

    status = 409


class TooLarge(GisError):
    """The body or the result is too large."""

    status = 413


class Unprocessable(GisError):
    """Well-formed, but the content breaks a rule."""

    status = 422


class TooManyRequests(GisError):
    """Slow down."""

    status = 429


class Unavailable(GisError):
    """The database is away; try again."""

    status = 503


class PreconditionFailed(GisError):
    """The row has moved on since it was read."""

    status = 412


class PreconditionRequired(GisError):
    """A write must say which version it starts from."""

    status = 428
