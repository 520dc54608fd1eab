"""Tasks ("5 rõ"), and meetings whose conclusions they are. Row-level security: a patrol sees its own tasks alone.

Days are days in Vietnam by the database's clock; places are EPSG:4326 (lon, lat). Closing and cancelling are functions
of migrations/sql/tasks.sql that answer with one word, the outcome.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from geoalchemy2.shape import from_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gis_app.crs import STORED
from gis_app.tables.tasks import comments, meetings, tasks
from gis_app.tables.units import units
from gis_app.text import natural_key
from layers import LAYERS, table_of

MAKERS = ("admin", "committee", "data", "planner")
CLOSERS = ("admin", "committee", "data", "patrol", "planner")
CANCELLERS = ("admin", "committee")
MEETERS = ("admin", "committee", "data")

_T, _M = tasks.c, meetings.c
_GROUPS = table_of(LAYERS["groups"])
_TODAY = sa.func.vietnam_today()


@dataclass(frozen=True)
class TaskFilter:
    """Which tasks: `state` open, done, cancelled or None (all); `mine` keeps the actor's role and units.

    `done_in`: done between two days, both included.
    """

    state: str | None = None
    overdue: bool = False
    group_id: int | None = None
    holder_role: str | None = None
    holder_unit_id: int | None = None
    source: str | None = None
    meeting_id: int | None = None
    task_id: int | None = None
    mine: bool = False
    limit: int = 500
    done_in: tuple[dt.date, dt.date] | None = None


@dataclass(frozen=True)
class Task:
    """A task; `days_late` counts from the day after `due_on` while it is open; `measured`: now, or at its end."""

    id: int
    version: int
    title: str
    holder_role: str | None
    holder_unit_id: int | None
    holder_unit: str | None
    responsibility: str
    due_on: dt.date
    measure: str
    options: Mapping[str, str]
    wanted: Decimal
    measured: Decimal
    group_id: int | None
    group: str | None
    feature_layer: str | None
    feature_id: int | None
    source: str
    meeting_id: int | None
    state: str
    days_late: int
    closed_at: dt.datetime | None
    cancel_reason: str | None
    created_at: dt.datetime
    comment_count: int
    lon: float | None
    lat: float | None
    is_mine: bool

    @property
    def is_reached(self) -> bool:
        """Whether the measure is reached."""
        return self.measured >= self.wanted


@dataclass(frozen=True)
class NewTask:
    """A task to make; `place` is a point (EPSG:4326) or None."""

    title: str
    holder_role: str | None
    holder_unit_id: int | None
    responsibility: str
    due_on: dt.date
    measure: str
    options: Mapping[str, str]
    wanted: Decimal
    group_id: int | None = None
    feature_layer: str | None = None
    feature_id: int | None = None
    place: BaseGeometry | None = None
    source: str = "manual"
    meeting_id: int | None = None


@dataclass(frozen=True)
class Meeting:
    """A meeting, and how many of its conclusions are what."""

    id: int
    held_on: dt.date
    title: str
    kind: str
    open_count: int
    done_count: int
    cancelled_count: int


@dataclass(frozen=True)
class Conclusion:
    """A conclusion of a meeting: the task that it became, as it stands now."""

    meeting_id: int
    held_on: dt.date
    meeting_title: str
    task_id: int
    title: str
    holder_role: str | None
    holder_unit: str | None
    due_on: dt.date
    state: str
    days_late: int
    closed_at: dt.datetime | None
    group: str | None


def day_of(moment: sa.ColumnElement[Any]) -> sa.ColumnElement[dt.date]:
    """The day in Vietnam of a moment."""
    return sa.cast(sa.func.timezone("Asia/Ho_Chi_Minh", moment), sa.Date)


def _days_late() -> sa.ColumnElement[int]:
    return sa.case((_T.state == "open", sa.func.greatest(_TODAY - _T.due_on, 0)), else_=0)


def _is_mine(role: str) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.func.coalesce(_T.holder_role == role, sa.false()),
        sa.func.coalesce(_T.holder_unit_id == sa.any_(sa.func.acting_units()), sa.false()),
    )


def fetch_tasks(conn: Connection, role: str, wanted: TaskFilter) -> list[Task]:
    """Return tasks: open ones first, by due day (the longest overdue first); of the actor's commune."""
    spot = sa.func.coalesce(_T.geom, sa.func.ST_PointOnSurface(_GROUPS.c.geom))
    count = sa.select(sa.func.count()).where(comments.c.task_id == _T.id).scalar_subquery()
    # Measured once a row of the page; a closed task keeps the value that closed it.
    measured = sa.case(
        (_T.state == "open", sa.literal_column("task_value(tasks)")), else_=sa.func.coalesce(_T.closed_value, 0)
    )
    statement = (
        sa.select(
            _T.id, _T.version, _T.title, _T.holder_role, _T.holder_unit_id, units.c.name, _T.responsibility, _T.due_on,
            _T.measure, _T.options, _T.wanted, measured, _T.group_id, _GROUPS.c.name, _T.feature_layer, _T.feature_id,
            _T.source, _T.meeting_id, _T.state, _days_late(), _T.closed_at, _T.cancel_reason, _T.created_at, count,
            sa.func.ST_X(spot), sa.func.ST_Y(spot), _is_mine(role),
        )
        .select_from(tasks.outerjoin(units, units.c.id == _T.holder_unit_id)
                     .outerjoin(_GROUPS, _GROUPS.c.id == _T.group_id))
        .where(*_conditions(role, wanted))
        .order_by(_T.state != "open", _T.due_on, _T.id)
        .limit(wanted.limit)
    )  # fmt: skip
    return [Task(*tuple(row)) for row in conn.execute(statement)]


def _conditions(role: str, wanted: TaskFilter) -> list[sa.ColumnElement[bool]]:
    exact = {
        _T.state: wanted.state, _T.group_id: wanted.group_id, _T.holder_role: wanted.holder_role,
        _T.holder_unit_id: wanted.holder_unit_id, _T.source: wanted.source, _T.meeting_id: wanted.meeting_id,
        _T.id: wanted.task_id,
    }  # fmt: skip
    found = [column == value for column, value in exact.items() if value is not None]
    if wanted.overdue:
        found += [_T.state == "open", _T.due_on < _TODAY]
    if wanted.mine:
        found.append(_is_mine(role))
    if wanted.done_in is not None:
        found += [_T.state == "done", day_of(_T.closed_at).between(*wanted.done_in)]
    return found


def fetch_task(conn: Connection, role: str, task_id: int) -> Task | None:
    """Return one task, or None: no such task, or not one that the actor may read."""
    found = fetch_tasks(conn, role, TaskFilter(task_id=task_id))
    return found[0] if found else None


def insert_task(conn: Connection, commune_id: int, new: NewTask) -> int:
    """Make a task and return its id; raises IntegrityError where the database's rules say no."""
    values = {name: getattr(new, name) for name in NewTask.__dataclass_fields__ if name != "place"}
    geom = None if new.place is None else from_shape(new.place, srid=STORED)
    statement = tasks.insert().values(commune_id=commune_id, geom=geom, **values).returning(_T.id)
    return int(conn.execute(statement).scalar_one())


def update_task(conn: Connection, task_id: int, version: int, values: Mapping[str, Any]) -> bool:
    """Change the instruction of an open task; False: another version, closed, or not there."""
    statement = tasks.update().where(_T.id == task_id, _T.version == version, _T.state == "open").values(dict(values))
    return conn.execute(statement).rowcount == 1


def update_closed(conn: Connection, task_id: int, version: int) -> tuple[str, Decimal | None]:
    """Measure again, close where reached: closed, not_reached, missing, not_holder, stale, closed_before; the value."""
    call = sa.func.close_task(task_id, version).table_valued("outcome", "measured")
    row = conn.execute(sa.select(call.c.outcome, call.c.measured)).one()
    return str(row.outcome), row.measured


def update_cancelled(conn: Connection, task_id: int, version: int, reason: str) -> str:
    """Cancel; return cancelled, role, missing, stale or closed_before."""
    return str(conn.execute(sa.select(sa.func.cancel_task(task_id, version, reason))).scalar_one())


def fetch_today(conn: Connection) -> dt.date:
    """Return the day in Vietnam by the database's clock."""
    today: dt.date = conn.execute(sa.select(_TODAY)).scalar_one()
    return today


def fetch_tomorrow(conn: Connection) -> dt.date:
    """Return the day after today: "before tomorrow" takes today's meeting in."""
    return fetch_today(conn) + dt.timedelta(days=1)


def fetch_places(conn: Connection, layer_names: Sequence[str]) -> list[tuple[str, int, str]]:
    """Return (layer, id, name) of the rows that a task may name, by layer and Vietnamese name order."""
    found: list[tuple[str, int, str]] = []
    for layer_name in layer_names:
        layer = LAYERS[layer_name]
        table = table_of(layer)
        label = sa.func.coalesce(table.c[layer.label], table.c.external_id, sa.cast(table.c.id, sa.Text))
        statement = sa.select(table.c.id, label).order_by(sa.collate(label, "vi_numeric"), table.c.id)
        found += [(layer_name, row[0], row[1]) for row in conn.execute(statement)]
    return found


def fetch_groups(conn: Connection) -> list[tuple[int, str]]:
    """Return (id, name) of the commune's groups in Vietnamese name order."""
    statement = sa.select(_GROUPS.c.id, _GROUPS.c.name).order_by(sa.collate(_GROUPS.c.name, "vi_numeric"), _GROUPS.c.id)
    return sorted(((row[0], row[1]) for row in conn.execute(statement)), key=lambda row: natural_key(row[1]))


def insert_meeting(conn: Connection, commune_id: int, held_on: dt.date, title: str, kind: str) -> int:
    """Note a meeting; return its id."""
    values = {"commune_id": commune_id, "held_on": held_on, "title": title, "kind": kind}
    return int(conn.execute(meetings.insert().values(values).returning(_M.id)).scalar_one())


def fetch_meetings(conn: Connection, meeting_id: int | None = None) -> list[Meeting]:
    """Return the meetings of the actor's commune, newest first, or one, with the state of their conclusions."""
    counts = [sa.func.count().filter(_T.state == state) for state in ("open", "done", "cancelled")]
    statement = (
        sa.select(_M.id, _M.held_on, _M.title, _M.kind, *counts)
        .select_from(meetings.outerjoin(tasks, _T.meeting_id == _M.id))
        .group_by(_M.id)
        .order_by(_M.held_on.desc(), _M.id.desc())
    )
    if meeting_id is not None:
        statement = statement.where(_M.id == meeting_id)
    return [Meeting(*row) for row in conn.execute(statement)]


def fetch_conclusions(conn: Connection, commune_id: int, before_on: dt.date) -> list[Conclusion]:
    """Return what became of the conclusions of the last meeting held before a day: unfinished first, then by due day.

    No meeting before that day, or one without conclusions, gives no row.
    """
    last = (
        sa.select(_M.id)
        .where(_M.commune_id == commune_id, _M.held_on < before_on)
        .order_by(_M.held_on.desc(), _M.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    statement = (
        sa.select(_M.id, _M.held_on, _M.title, _T.id, _T.title, _T.holder_role, units.c.name, _T.due_on, _T.state,
                  _days_late(), _T.closed_at, _GROUPS.c.name)
        .select_from(tasks.join(meetings, _M.id == _T.meeting_id)
                     .outerjoin(units, units.c.id == _T.holder_unit_id)
                     .outerjoin(_GROUPS, _GROUPS.c.id == _T.group_id))
        .where(_M.id == last)
        .order_by(_T.state != "open", _T.due_on, _T.id)
    )  # fmt: skip
    return [Conclusion(*row) for row in conn.execute(statement)]
