"""The worker's second half: runs jobs one after the other, each as who asked for it."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, act_as, begin
from gis_app.errors import GisError
from gis_app.jobs.kinds import Work, find_kind
from gis_app.queries import jobs
from gis_app.queries.jobs import Claim

SYSTEM = Actor("system", username="worker")
LOOK_EVERY_S = 0.5
PAUSE_S = 3.0
# A request's 15 s are too short for work that was put aside because it is long.
STATEMENT_LIMIT = "300s"

Say = Callable[[str], None]


class Stopped(Exception):
    """The job is not to go on; nothing of it is kept."""


def run_jobs(engine: Engine, stop: threading.Event, say: Say) -> None:
    """Run what waits until told to stop; a database that is away is waited for."""
    while not stop.is_set():
        try:
            # Its session's locks say that this worker lives; when the process dies, so do they.
            with engine.connect() as keeper:
                while not stop.is_set():
                    if not run_one(engine, keeper, stop, say):
                        stop.wait(LOOK_EVERY_S)
        except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
            say(f"jobs: database: {type(error).__name__}, next try in {PAUSE_S:g} s")
            stop.wait(PAUSE_S)


def run_one(engine: Engine, keeper: Connection, stop: threading.Event, say: Say) -> bool:
    """Run the next job, if any; whether there was one. `keeper` holds its lock meanwhile."""
    act_as(keeper, SYSTEM)
    claim = jobs.claim_job(keeper)
    keeper.commit()
    if claim is None:
        return False
    try:
        say(f"job {claim.id} {claim.kind}: {_run(engine, claim, stop)}")
    finally:
        if not keeper.closed and not keeper.invalidated:
            jobs.release_lock(keeper, claim.id)
            keeper.commit()
    return True


def _run(engine: Engine, claim: Claim, stop: threading.Event) -> str:
    """Run a claimed job and write down how it ended; how, in a word."""
    try:
        _work(engine, claim, stop)
    except Stopped:
        return "stopped"
    except GisError as error:
        return _fail(engine, claim, error.code, error.params)
    except (sa.exc.OperationalError, sa.exc.TimeoutError, sa.exc.InterfaceError) as error:
        if getattr(getattr(error, "orig", None), "pgcode", None) == "57014":
            return _fail(engine, claim, "query_too_long")
        # The database went away: the row still says "running", and whoever claims next runs it again.
        raise
    except Exception as error:  # noqa: BLE001 - one bad job must not end the worker
        # The type and place alone: an exception's text may hold what a person typed.
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
        return f"{_fail(engine, claim, 'unexpected')} {type(error).__name__} at {where}"
    return "done"


def _fail(engine: Engine, claim: Claim, code: str, params: Mapping[str, Any] | None = None) -> str:
    with begin(engine, claim.actor) as conn:
        jobs.update_failed(conn, claim, code, params)
    return f"failed {code}"


def _work(engine: Engine, claim: Claim, stop: threading.Event) -> None:
    def step(percent: int, message: str, detail: Mapping[str, Any] | None = None, /) -> bool:
        # A transaction of its own, so that people see it before the job's has ended.
        with begin(engine, claim.actor) as other:
            said = "stop" if stop.is_set() else jobs.update_progress(other, claim, percent, message, detail)
        if said == "stop":
            raise Stopped
        return said == "finish"

    with begin(engine, claim.actor) as conn:
        conn.exec_driver_sql(f"SET LOCAL statement_timeout = '{STATEMENT_LIMIT}'")
        result = find_kind(claim.kind).run(Work(conn, claim.actor, claim.parameters, step))
        if not jobs.update_finished(conn, claim, result):
            raise Stopped
