"""Jobs: ask, see, cancel (the web); claim, progress, finish, fail (the worker). Row-level security applies.

Every change goes through a function of migrations/sql/jobs.sql. Asking is part of the caller's transaction: a request
that rolls back has asked for nothing.
"""

import datetime as dt
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.db import Actor
from gis_app.tables.jobs import jobs

_J = jobs.c
OPEN = ("queued", "running")
MAX_JOBS = 100


@dataclass(frozen=True)
class Job:
    """A job as those see it who may: `progress` in percent, `result` an address, instants in UTC.

    `detail` are figures that it told last; `wants_finish`: whoever asked wants the best so far.
    """

    id: int
    kind: str
    parameters: Mapping[str, Any]
    asked_role: str
    state: str
    progress: int
    message: str | None
    detail: Mapping[str, Any] | None
    wants_finish: bool
    result: str | None
    error: str | None
    asked_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in OPEN


@dataclass(frozen=True)
class Claim:
    """What a worker holds of the job that it runs; `actor` is who asked, in the role of then."""

    id: int
    kind: str
    parameters: Mapping[str, Any]
    actor: Actor
    run_key: UUID


def insert_job(conn: Connection, kind: str, parameters: Mapping[str, Any], readers: Collection[str]) -> int | None:
    """Ask for a job; return its id (of the one that waits already, if it is the same), or None: too many wait."""
    call = sa.text("SELECT ask_job(:kind, CAST(:parameters AS jsonb), CAST(:readers AS text[]))")
    values = {"kind": kind, "parameters": json.dumps(parameters, ensure_ascii=False), "readers": sorted(readers)}
    job_id: int | None = conn.execute(call, values).scalar_one()
    return job_id


def fetch_jobs(
    conn: Connection, commune_id: int, *, kind: str | None = None, job_id: int | None = None, is_open: bool = False
) -> list[Job]:
    """Return the newest jobs of the commune that the actor may see, newest first; narrowed by kind, id or openness."""
    columns = (
        _J.id,
        _J.kind,
        _J.parameters,
        _J.asked_role,
        _J.state,
        _J.progress,
        _J.message,
        _J.detail,
        _J.wants_finish,
        _J.result,
        _J.error,
        _J.asked_at,
        _J.started_at,
        _J.ended_at,
    )
    statement = sa.select(*columns).where(_J.commune_id == commune_id)
    if kind is not None:
        statement = statement.where(_J.kind == kind)
    if job_id is not None:
        statement = statement.where(_J.id == job_id)
    if is_open:
        statement = statement.where(_J.state.in_(OPEN))
    rows = conn.execute(statement.order_by(_J.id.desc()).limit(MAX_JOBS))
    return [Job(**row) for row in rows.mappings()]


def update_cancelled(conn: Connection, job_id: int) -> str:
    """Cancel; return cancelled, missing, role or ended."""
    return str(conn.execute(sa.select(sa.func.cancel_job(job_id))).scalar_one())


def update_finishing(conn: Connection, job_id: int) -> str:
    """Ask a running job to end with the best so far; return asked, missing, role, waiting or ended."""
    return str(conn.execute(sa.select(sa.func.finish_job_now(job_id))).scalar_one())


def claim_job(conn: Connection) -> Claim | None:
    """Return the next job and hold its lock as long as the connection lives; the actor must be the system."""
    row = conn.execute(sa.text("SELECT * FROM claim_job()")).one_or_none()
    if row is None:
        return None
    actor = Actor(row.asked_role, row.commune_id, row.asked_by)
    return Claim(row.id, row.kind, row.parameters, actor, row.run_key)


def release_lock(conn: Connection, job_id: int) -> None:
    """Give the lock of an ended job back, so that the connection may claim the next."""
    conn.execute(sa.text("SELECT pg_advisory_unlock(73018, CAST(:id % 2147483647 AS int))"), {"id": job_id})


def update_progress(
    conn: Connection, claim: Claim, done: int, message: str, detail: Mapping[str, Any] | None = None
) -> str:
    """Say how far it is (percent) and what it has found; return go, finish (now, with the best so far) or stop."""
    call = sa.text("SELECT progress_job(:id, CAST(:key AS uuid), :done, :message, CAST(:detail AS jsonb))")
    values = {"id": claim.id, "key": str(claim.run_key), "done": done, "message": message}
    text = None if detail is None else json.dumps(detail, ensure_ascii=False, allow_nan=False)
    return str(conn.execute(call, values | {"detail": text}).scalar_one())


def update_finished(conn: Connection, claim: Claim, result: str | None) -> bool:
    """End it in the transaction of what it wrote; False: that transaction must be rolled back."""
    return bool(conn.execute(sa.select(sa.func.finish_job(claim.id, claim.run_key, result))).scalar_one())


def update_failed(conn: Connection, claim: Claim, error: str, params: Mapping[str, Any] | None = None) -> bool:
    """End it with an error code, and the numbers and short words that its sentence says."""
    said = {name: value for name, value in (params or {}).items() if isinstance(value, int | float | str)}
    call = sa.text("SELECT fail_job(:id, CAST(:key AS uuid), :error, CAST(:params AS jsonb))")
    text = json.dumps(said, ensure_ascii=False)[:20_000] if said else None
    values = {"id": claim.id, "key": str(claim.run_key), "error": error, "params": text}
    return bool(conn.execute(call, values).scalar_one())


def fetch_longest_wait(conn: Connection) -> dt.timedelta:
    """Return how long the longest-waiting job of all communes has waited for a worker."""
    return dt.timedelta(seconds=float(conn.execute(sa.select(sa.func.longest_wait_s())).scalar_one()))


def delete_old_jobs(conn: Connection) -> int:
    """Delete jobs that ended over 30 days ago, of every commune (the daily retention's); return how many."""
    return int(conn.execute(sa.select(sa.func.delete_old_jobs())).scalar_one())
