"""Kinds of jobs: `gis_app/jobs/job_<kind>.py` exports `job`; nothing else lists them.

A job's function gets a `Work`, does all of it on `work.conn` (the asker's role, one transaction, committed together
with the job's end) and returns the address of what it made. It calls `work.step()` between parts: there the progress is
written and a cancelled job stops. Because nothing is committed before the end, a job may be run again from the start.
"""

import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.engine import Connection

from gis_app.db import Actor
from gis_app.errors import Conflict, NotFound
from gis_app.queries.jobs import insert_job

_NAME = re.compile(r"[a-z][a-z_]{0,39}")


class Step(Protocol):
    """Says how far a job is; True: whoever asked wants the best so far, now."""

    def __call__(self, percent: int, message: str, detail: Mapping[str, Any] | None = None, /) -> bool:
        """Write the progress, the message and, where given, figures for people who look on."""


@dataclass(frozen=True)
class Work:
    """What a job's function works with; `step(percent, message)` names a message `job.<kind>.<message>`."""

    conn: Connection
    actor: Actor
    parameters: Mapping[str, Any]
    step: Step


@dataclass(frozen=True)
class JobKind:
    """A kind of job: who may see it (its web view says who may ask), and what it does.

    `keeps_best`: cancelled while it runs it is asked to end with its best; cancelled once more it is thrown away.
    """

    readers: frozenset[str]
    run: Callable[[Work], str | None]
    keeps_best: bool = False


def find_kind(name: str) -> JobKind:
    """The kind of that name.

    Raises
    ------
    NotFound
        `unknown_job_kind`: there is no such file (a job of a newer or older program).
    """
    path = f"gis_app.jobs.job_{name}"
    if not _NAME.fullmatch(name):
        raise NotFound("unknown_job_kind")
    try:
        found: JobKind = importlib.import_module(path).job
    except ModuleNotFoundError as error:
        if error.name != path:
            raise
        raise NotFound("unknown_job_kind") from error
    return found


def ask(conn: Connection, name: str, parameters: Mapping[str, Any]) -> int:
    """Ask for a job as the connection's actor, in its transaction; return the job's id.

    Raises
    ------
    Conflict
        `too_many_jobs`: the commune has twenty waiting.
    """
    job_id = insert_job(conn, name, parameters, find_kind(name).readers)
    if job_id is None:
        raise Conflict("too_many_jobs")
    return job_id
