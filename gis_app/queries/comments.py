"""Comments on groups and tasks. Row-level security applies: who reads the task reads its comments."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.tables.tasks import comments, tasks
from layers import LAYERS, table_of

WRITERS = ("admin", "committee", "data", "patrol", "planner")
MAX_LENGTH = 1000
_C = comments.c
_GROUPS = table_of(LAYERS["groups"])


@dataclass(frozen=True)
class Comment:
    """A comment, by the role of who wrote it; never a name."""

    id: int
    group_id: int | None
    task_id: int | None
    body: str
    role: str
    created_at: dt.datetime


@dataclass(frozen=True)
class Talk:
    """What was said of one group or task by others: how often, and when last."""

    group_id: int | None
    task_id: int | None
    title: str
    count: int
    last_at: dt.datetime


def fetch_talk(conn: Connection, days: int) -> list[Talk]:
    """Return groups and tasks that others commented on in the last days, latest word first."""
    title = sa.func.coalesce(_GROUPS.c.name, tasks.c.title)
    last = sa.func.max(_C.created_at)
    since = sa.func.now() - sa.func.make_interval(0, 0, 0, days)
    statement = (
        sa.select(_C.group_id, _C.task_id, title, sa.func.count(), last)
        .select_from(
            comments.outerjoin(_GROUPS, _GROUPS.c.id == _C.group_id).outerjoin(tasks, tasks.c.id == _C.task_id)
        )
        .where(
            _C.created_at > since, _C.created_by != sa.func.coalesce(sa.func.current_setting("app.username", True), "")
        )
        .group_by(_C.group_id, _C.task_id, title)
        .order_by(last.desc())
    )
    return [Talk(*row) for row in conn.execute(statement)]


def fetch_comments(
    conn: Connection, *, group_id: int | None = None, task_id: int | None = None, limit: int = 200
) -> list[Comment]:
    """Return the comments on a group or a task, newest first."""
    statement = sa.select(_C.id, _C.group_id, _C.task_id, _C.body, _C.role, _C.created_at)
    statement = statement.where(_C.group_id == group_id if group_id is not None else _C.task_id == task_id)
    return [Comment(*row) for row in conn.execute(statement.order_by(_C.id.desc()).limit(limit))]


def insert_comment(
    conn: Connection, commune_id: int, body: str, *, group_id: int | None = None, task_id: int | None = None
) -> int:
    """Add a comment; raises IntegrityError for a group or task that is not the commune's."""
    values = {"commune_id": commune_id, "body": body, "group_id": group_id, "task_id": task_id}
    return int(conn.execute(comments.insert().values(values).returning(_C.id)).scalar_one())


def count_comments(conn: Connection) -> dict[int, int]:
    """Return the number of comments of each group that has any."""
    statement = sa.select(_C.group_id, sa.func.count()).where(_C.group_id.is_not(None)).group_by(_C.group_id)
    return {row[0]: row[1] for row in conn.execute(statement)}
