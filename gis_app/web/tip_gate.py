"""The last door before the residents' pages where no proxy stands in front: so many a second, the rest is sent away.

The proxy of deploy/nginx.conf holds the same rate. A form that is refused in words costs a process a millisecond or
more; what this gate sends away costs it next to nothing, so that a flood leaves the officers' pages their time.
"""

import re
import threading
import time
from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from gis_app.words import VIETNAMESE

Start = Callable[..., Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]

# The residents' part of /tin, as in deploy/nginx.conf; officers' pages stand beside it.
RESIDENTS = re.compile(r"/tin(/(?!tiep-nhan|ap-phich)|$)")
# Requests of a process: a commune on a bad day has some ten tips an hour.
RATE_PER_S = 10.0
BURST = 40.0
RETRY_AFTER_S = 5


class Gate:
    """A bucket of tokens before an application; it keeps nothing of who was sent away."""

    def __init__(self, application: Application, now: Callable[[], float] = time.monotonic) -> None:
        self._application, self._now = application, now
        self._lock = threading.Lock()
        self._tokens, self._at = BURST, now()
        title, text = (escape(VIETNAMESE.say(key)) for key in ("tip.busy_title", "tip.gate"))
        self._body = (
            '<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>{title}</title><h1>{title}</h1><p>{text}</p></html>"
        ).encode()

    def _may_pass(self) -> bool:
        with self._lock:
            now = self._now()
            self._tokens = min(BURST, self._tokens + (now - self._at) * RATE_PER_S)
            self._at = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        """Pass a request on, or answer 503."""
        if not RESIDENTS.match(environ.get("PATH_INFO", "")) or self._may_pass():
            return self._application(environ, start_response)
        headers = [
            ("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(self._body))),
            ("Retry-After", str(RETRY_AFTER_S)), ("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"), ("Content-Security-Policy", "default-src 'none'"),
        ]  # fmt: skip
        start_response("503 Service Unavailable", headers)
        return [self._body]
