"""What makes a write safe: the version it starts from (`If-Match`, a form's field) and its key (`Idempotency-Key`)."""

import functools
import hashlib
import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Response, current_app, g, request

from gis_app.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    GisError,
    PreconditionFailed,
    PreconditionRequired,
    Unprocessable,
)
from gis_app.queries.idempotency import Remembered, claim_key, keep_answer
from gis_app.web.context import actor, connection
from layers.base import Layer

KEY = re.compile(r"[A-Za-z0-9_-]{8,100}")
# PostgreSQL's SQLSTATEs.
CHECK_VIOLATION, UNIQUE_VIOLATION, FOREIGN_KEY_VIOLATION, NOT_NULL_VIOLATION = "23514", "23505", "23503", "23502"


def wanted_version() -> int:
    """The version that `If-Match` names; 428 without one."""
    tags = request.if_match
    if not tags:
        raise PreconditionRequired("if_match_missing")
    values = [tag for tag in tags.as_set(include_weak=True) if tag.isascii() and tag.isdigit() and len(tag) < 10]
    if len(values) != 1:
        raise PreconditionFailed("stale_version")
    return int(values[0])


def seen_version() -> int:
    """The version that a form carries: the one that its page showed."""
    text = request.form.get("version", "")
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise BadRequest("bad_parameter", name="version", rule="whole")
    return int(text)


def once(view: Callable[..., Any]) -> Callable[..., Any]:
    """Answer a repeated POST from memory; the key is kept in the transaction of the write."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        if not KEY.fullmatch(key):
            raise BadRequest("idempotency_key_missing")
        who, conn = actor(), connection()
        if who.is_national:
            # Outside any commune an administrator only reads.
            raise Forbidden("no_commune")
        place = who.commune_id or 0
        text = f"{request.method} {request.full_path}\n".encode() + request.get_data(cache=True)
        request_hash = hashlib.sha256(text).hexdigest()
        known = claim_key(conn, place, who.username, key, request_hash)
        if known is not None:
            return _again(known, request_hash)
        answer = current_app.make_response(view(*args, **kwargs))
        # An answer with a secret is kept without it: the key's memory must not be where secrets are found.
        body = g.pop("body_to_keep", None) or answer.get_data(as_text=True)
        kept = Remembered(request_hash, answer.status_code, body, answer.get_etag()[0])
        keep_answer(conn, place, who.username, key, kept)
        return answer

    guarded.needs_key = True  # type: ignore[attr-defined]
    return guarded


def once_if_named(view: Callable[..., Any]) -> Callable[..., Any]:
    """The same for programs of others, which know no such key: without one the request stands for itself."""
    kept = once(view)

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return (kept if "Idempotency-Key" in request.headers else view)(*args, **kwargs)

    return guarded


def _again(known: Remembered, request_hash: str) -> Response:
    if known.request_hash != request_hash:
        raise Conflict("idempotency_key_reused")
    answer = Response(known.body or "", status=known.status or 200, mimetype="application/geo+json")
    if known.etag:
        answer.set_etag(known.etag)
    answer.headers["Idempotent-Replayed"] = "true"
    return answer


def broken_rule(error: sa.exc.IntegrityError, layer: Layer) -> GisError:
    """The user's error that a database check stands for: constraints are named `<table>_<field>_<rule>`."""
    diagnostics = error.orig.diag  # type: ignore[union-attr]
    state, constraint = getattr(error.orig, "pgcode", ""), diagnostics.constraint_name or ""
    if state == UNIQUE_VIOLATION:
        return Conflict("duplicate_external_id")
    field, _, rule = constraint.removeprefix(f"{layer.name}_").rpartition("_")
    if state == NOT_NULL_VIOLATION:
        field, rule = diagnostics.column_name or "", "required"
    if field == "geom":
        field, rule = "geometry", "geometry_invalid"
    return Unprocessable("bad_feature", faults=[{"field": field, "rule": rule}])
