"""The log: one JSON object a line, of numbers and names from this program; nothing that a person typed.

No path, query, body, header, address or user name: the endpoint, the role and the commune say enough, and the request
id joins a line with what the person saw. The text of an exception may quote a row, so its type and place stand for it.
"""

import json
import logging
import sys
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from flask import Flask, Response, g, has_request_context, request, request_finished

from gis_app.db import NOBODY

# Every package of ours logs under this name.
NAME = "gis_app"
QUIET_ENDPOINTS = ("static", "assets.show_file", "health.show_health")
# Who told of a place, and when, is nobody's business: no line and no count of these requests; of a failure there, the
# hour.
UNLOGGED_BLUEPRINTS = ("tips", "tip_lookup")

_requests = logging.getLogger(f"{NAME}.requests")


class JsonLines(logging.Formatter):
    """Formats a record as one line; a traceback becomes the type of its exception and where it was raised."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        moment = datetime.fromtimestamp(record.created, UTC)
        hidden = is_unlogged()
        at = moment.replace(minute=0, second=0, microsecond=0) if hidden else moment
        line: dict[str, Any] = {"at": at.isoformat(timespec="milliseconds"), "level": record.levelname.lower()}
        fields = getattr(record, "fields", None)
        message = {"message": record.getMessage().split(" request ")[0] if hidden else record.getMessage()}
        line |= fields if fields is not None else message | {"request": "" if hidden else _request_id()}
        if record.exc_info and record.exc_info[0]:
            line |= {"exception": record.exc_info[0].__name__, "place": place_of(record.exc_info[2])}
        return json.dumps(line, ensure_ascii=False)


class _Stderr(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to whatever standard error is at the moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(JsonLines())

    @property
    def stream(self) -> Any:
        """Standard error."""
        return sys.stderr


def place_of(trace: TracebackType | None) -> str:
    """File and line of the innermost frame."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""


def _request_id() -> str:
    return str(g.get("request_id", "")) if has_request_context() else ""


def is_unlogged() -> bool:
    """Whether this is a request of which nothing is written down."""
    return has_request_context() and request.blueprint in UNLOGGED_BLUEPRINTS


def _start() -> None:
    g.started_s = time.perf_counter()


def elapsed_s() -> float:
    """Seconds since the request came in."""
    return time.perf_counter() - float(g.get("started_s", time.perf_counter()))


def _write(_app: Flask, response: Response, **_more: Any) -> None:
    if is_unlogged() or (request.endpoint in QUIET_ENDPOINTS and response.status_code < 400):
        return
    # Not current_user: that might ask a database which is away.
    who = getattr(g.get("_login_user"), "actor", NOBODY)
    fields = {
        "request": _request_id(),
        "method": request.method if request.method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE") else "other",
        "endpoint": request.endpoint or "none",
        "status": response.status_code,
        "duration_ms": round(elapsed_s() * 1000, 1),
        "role": who.role,
        "commune": who.commune_id,
    }
    _requests.info("request", extra={"fields": fields})


def install(app: Flask) -> None:
    """Log every request of the application, and let Flask's own log of exceptions say no more than the rest."""
    ours = logging.getLogger(NAME)
    ours.setLevel(logging.INFO)
    if not any(isinstance(handler, _Stderr) for handler in ours.handlers):
        ours.addHandler(_Stderr())

    def log_exception(exc_info: Any) -> None:
        ours.error("failed", exc_info=exc_info)

    app.log_exception = log_exception  # type: ignore[method-assign]
    app.before_request(_start)
    request_finished.connect(_write, app)
