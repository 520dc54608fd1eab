"""The worker's share of coverage: what was changed while nobody looked at the figures."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.jobs.coverage import ensure_coverage
from gis_app.queries.communes import fetch_commune
from gis_app.queries.coverage_store import find_stale_communes

WORKER = Actor("system", username="worker")
STATEMENT_LIMIT = "300s"


def refresh_stale(engine: Engine, stop: threading.Event, say: Callable[[str], None]) -> Sequence[int]:
    """Compute what is out of date, commune after commune, a transaction each; return which."""
    with begin(engine, WORKER) as conn:
        waiting = find_stale_communes(conn)
    done = []
    for commune_id in waiting:
        if stop.is_set():
            break
        actor = replace(WORKER, role="data", commune_id=commune_id)
        try:
            _refresh(engine, actor)
        except (sa.exc.DBAPIError, sa.exc.TimeoutError):
            raise
        except Exception as error:  # noqa: BLE001 - one commune's shapes must not end the worker
            say(f"coverage of {commune_id}: {type(error).__name__}")
        else:
            done.append(commune_id)
    return done


def _refresh(engine: Engine, actor: Actor) -> None:
    with begin(engine, actor) as conn:
        conn.exec_driver_sql(f"SET LOCAL statement_timeout = '{STATEMENT_LIMIT}'")
        commune = fetch_commune(conn, actor.commune_id or 0)
        if commune is not None:
            ensure_coverage(conn, actor, commune, whole=True)
