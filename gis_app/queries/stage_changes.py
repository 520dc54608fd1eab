"""Proposals of stage changes. The database's functions hold the rules: who, which step, a second person.

Outcomes of the functions are words; gis_app/web/decisions.py says what each means to a person.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.engine import Connection

from gis_app.tables.statuses import group_statuses, stage_changes, stage_steps
from layers.groups import STAGES

_C = stage_changes.c
_T = stage_steps.c
PROPOSERS = ("admin", "committee", "data")
DECISIONS = ("approved", "returned", "deferred", "withdrawn")
OPEN_STATES = ("pending", "deferred")


@dataclass(frozen=True)
class StageChange:
    """A proposal as the acting person sees it; `is_own`: that person proposed it and may withdraw, not decide."""

    id: int
    version: int
    group_id: int
    group_name: str
    kind: str
    from_stage: str
    to_stage: str
    effective_on: dt.date
    until_on: dt.date | None
    period_year: int
    document: str | None
    recognising_body: str | None
    reason: str | None
    state: str
    deferred_until: dt.date | None
    requested_at: dt.datetime
    decided_at: dt.datetime | None
    decision_note: str | None
    is_own: bool


@dataclass(frozen=True)
class Step:
    """A step of the programme and what it needs."""

    from_stage: str
    to_stage: str
    recognising_body: str | None
    needs_document: bool
    needs_body: bool
    needs_reason: bool
    approvers: Sequence[str]
    is_allowed: bool = True
    own_version: int = 0


def fetch_steps(conn: Connection, commune_id: int, *, closed: bool = False) -> list[Step]:
    """Return the steps that a commune allows (`closed`: the others too); its own configuration of a step wins.

    `own_version` is the version of that configuration, 0 where the step is as everybody's.
    """
    named = ("from_stage", "to_stage", "recognising_body", "needs_document", "needs_body", "needs_reason", "approvers")
    own_version = sa.case((_T.commune_id.is_(None), 0), else_=_T.version)
    own = (
        sa.select(*(_T[name] for name in named), _T.is_allowed, own_version.label("own_version"))
        .ext(distinct_on(_T.from_stage, _T.to_stage))
        .where(sa.or_(_T.commune_id.is_(None), _T.commune_id == commune_id))
        .order_by(_T.from_stage, _T.to_stage, _T.commune_id.nulls_last())
        .subquery("own")
    )
    statement = sa.select(own)
    if not closed:
        statement = statement.where(own.c.is_allowed)
    stages = [choice.code for choice in STAGES]
    rows: Any = conn.execute(statement)
    found = [Step(*row) for row in rows]
    return sorted(found, key=lambda step: (stages.index(step.from_stage), stages.index(step.to_stage)))


def fetch_usual_steps(conn: Connection) -> list[Step]:
    """Return every step as a commune without rules of its own has it."""
    # No commune has this number.
    return fetch_steps(conn, 0, closed=True)


def upsert_step(
    conn: Connection, commune_id: int, step: tuple[str, str], version: int, values: Mapping[str, Any]
) -> int | None:
    """Write the commune's own configuration of a step; `version` 0: there is none yet. None: it has moved on."""
    own = (_T.commune_id == commune_id, _T.from_stage == step[0], _T.to_stage == step[1])
    if version == 0:
        row = {"commune_id": commune_id, "from_stage": step[0], "to_stage": step[1], **values}
        insert = pg_insert(stage_steps).values(row).on_conflict_do_nothing().returning(_T.version)
        return conn.execute(insert).scalar_one_or_none()
    statement = sa.update(stage_steps).where(*own, _T.version == version)
    changed = statement.values({**values, "version": _T.version + 1}).returning(_T.version)
    return conn.execute(changed).scalar_one_or_none()


def fetch_stage_changes(
    conn: Connection, commune_id: int, *, states: Sequence[str] = (), change_id: int | None = None, limit: int = 200
) -> list[StageChange]:
    """Return proposals of a commune, newest first; only those in some states, or the one of that id."""
    name = (
        sa.select(group_statuses.c.name)
        .where(group_statuses.c.group_id == _C.group_id, group_statuses.c.commune_id == commune_id)
        .order_by(sa.func.upper(group_statuses.c.known).desc(), sa.func.lower(group_statuses.c.valid).desc())
        .limit(1)
        .scalar_subquery()
    )
    own = _C.requested_by == sa.func.current_setting("app.username", True)
    statement = sa.select(
        _C.id, _C.version, _C.group_id, sa.func.coalesce(name, ""), _C.kind, _C.from_stage, _C.to_stage,
        _C.effective_on, _C.until_on, _C.period_year, _C.document, _C.recognising_body, _C.reason, _C.state,
        _C.deferred_until, _C.requested_at, _C.decided_at, _C.decision_note, own,
    ).where(_C.commune_id == commune_id)  # fmt: skip
    if states:
        statement = statement.where(_C.state.in_(states))
    if change_id is not None:
        statement = statement.where(_C.id == change_id)
    rows: Any = conn.execute(statement.order_by(_C.id.desc()).limit(limit))
    return [StageChange(*row) for row in rows]


def insert_stage_change(conn: Connection, values: Mapping[str, Any]) -> tuple[str, int | None]:
    """Propose; return the outcome (`proposed`, or what speaks against it) and the proposal's id."""
    plain = {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in values.items()}
    call = sa.func.propose_stage_change(sa.cast(plain, JSONB)).table_valued("outcome", "change_id")
    row = conn.execute(sa.select(call.c.outcome, call.c.change_id)).one()
    return row.outcome, row.change_id


def update_decided(
    conn: Connection, change_id: int, version: int, decision: str, note: str | None, until_on: dt.date | None
) -> str:
    """Decide as a second person, or withdraw as the first; return the decision, or what speaks against it."""
    call = sa.func.decide_stage_change(change_id, version, decision, note, sa.cast(until_on, sa.Date))
    return str(conn.execute(sa.select(call)).scalar_one())
