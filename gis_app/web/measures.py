"""Counts for /metrics, kept in files under VAR_DIR/metrics so that the numbers of all workers add up.

Labels are endpoints and classes of status, never a path, a commune or a person.
"""

import os
import threading
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request, request_finished

from gis_app.web.logs import elapsed_s, is_unlogged

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


class Measures:
    """The counters of this process."""

    def __init__(self) -> None:
        # Here, not above: the library looks for the folder when it is imported.
        from prometheus_client import Counter, Gauge, Histogram  # noqa: PLC0415

        labels = ("endpoint", "status")
        self.requests = Counter("gis_requests", "Requests by endpoint and class of status", labels)
        self.seconds = Histogram("gis_request_seconds", "Time to an answer", ("endpoint",), buckets=BUCKETS)
        self.tiles = Counter("gis_tiles", "Tiles by where they were found: memory or database", ("found",))
        self.pool = Gauge("gis_pool_used", "Database connections in use by the workers", multiprocess_mode="livesum")


_MAKING = threading.Lock()
_made: list[Measures] = []


def measures() -> Measures:
    """The counters, made at the first request of the process; first requests come several at a time."""
    if not _made:
        with _MAKING:
            if not _made:
                _made.append(Measures())
    return _made[0]


def count_tile(found: str) -> None:
    """Count a tile as found in `memory` or in the `database`."""
    measures().tiles.labels(found).inc()


def _count(_app: Flask, response: Response, **_more: Any) -> None:
    if is_unlogged():
        return
    kept, endpoint = measures(), request.endpoint or "none"
    kept.requests.labels(endpoint, f"{response.status_code // 100}xx").inc()
    kept.seconds.labels(endpoint).observe(elapsed_s())
    kept.pool.set(current_app.extensions["engine"].pool.checkedout())


def _forget_the_dead(folder: Path) -> None:
    """Remove the files of processes that are gone; Prometheus takes a count that falls for a restart."""
    for path in folder.glob("*_*.db"):
        pid = path.stem.rsplit("_", 1)[1]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            path.unlink(missing_ok=True)


def install(app: Flask) -> None:
    """Count every request of the application."""
    folder = Path(os.environ.get(FOLDER_VARIABLE) or app.config["SETTINGS"].var_dir / "metrics")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        # A disk that is full or read-only: each worker counts for itself.
        folder = Path()
    if folder.name:
        os.environ.setdefault(FOLDER_VARIABLE, str(folder))
        _forget_the_dead(folder)
    request_finished.connect(_count, app)
