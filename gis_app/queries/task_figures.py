"""How many tasks are open, and what was done with them in a period. Row-level security applies; days are in Vietnam."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.queries.tasks import day_of
from gis_app.tables.tasks import tasks

_T = tasks.c


@dataclass(frozen=True)
class TaskFigures:
    """Open and overdue now; made, done and cancelled in the period; done since its end."""

    open: int
    overdue: int
    made: int
    done: int
    cancelled: int
    done_since: int


def count_tasks(conn: Connection, commune_id: int, from_on: dt.date, to_on: dt.date) -> TaskFigures:
    """Count the tasks of a commune; both days belong to the period."""
    made_on, closed_on = day_of(_T.created_at), day_of(_T.closed_at)
    conditions = (
        _T.state == "open",
        sa.and_(_T.state == "open", _T.due_on < sa.func.vietnam_today()),
        made_on.between(from_on, to_on),
        sa.and_(_T.state == "done", closed_on.between(from_on, to_on)),
        sa.and_(_T.state == "cancelled", closed_on.between(from_on, to_on)),
        sa.and_(_T.state == "done", closed_on > to_on),
    )
    counts = [sa.func.count().filter(condition) for condition in conditions]
    return TaskFigures(*tuple(conn.execute(sa.select(*counts).where(_T.commune_id == commune_id)).one()))
