"""Status of groups at a day, as known at a moment; what changed between two. Row-level security applies."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.engine import Connection

from gis_app.queries.features import DECIMALS
from gis_app.tables.statuses import CRITERION_CODES, TRACKED, group_lineages, group_statuses
from layers import LAYERS, table_of

_S = group_statuses.c
_L = group_lineages.c


@dataclass(frozen=True)
class GroupStatus:
    """A group as it was on a day; `answers` by criterion: (answer, day, document).

    `drug_free`: the computed answer on that day, within its evaluation period (met, not_met, not_reviewed).
    """

    group_id: int
    name: str
    kind: str
    stage: str
    stage_on: dt.date | None
    stage_document: str | None
    stage_body: str | None
    answers: Mapping[str, tuple[str, dt.date | None, str | None]]
    is_pilot: bool
    household_count: int | None
    resident_count: int | None
    last_reviewed_on: dt.date | None
    drug_free: str
    valid_from: dt.date | None = None


@dataclass(frozen=True)
class StatusChange:
    """What differs between two days for one group; `before` or `after` is None where the group was not there."""

    group_id: int
    name: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


def fetch_known_moment(conn: Connection, commune_id: int) -> dt.datetime:
    """A moment (UTC) at which no writer of the commune is under way: asked "as known at" it, answers never change.

    Writers wait until this transaction ends, so end it soon.
    """
    moment: dt.datetime = conn.execute(sa.select(sa.func.known_moment(commune_id))).scalar_one()
    return moment


def fetch_today(conn: Connection) -> dt.date:
    """Today in Vietnam by the database's clock."""
    today: dt.date = conn.execute(sa.select(sa.func.vietnam_today())).scalar_one()
    return today


def _at(valid_on: dt.date | None, known_at: dt.datetime | None) -> list[sa.ColumnElement[bool]]:
    day = sa.func.vietnam_today() if valid_on is None else sa.literal(valid_on, sa.Date)
    known = (
        sa.func.upper_inf(_S.known)
        if known_at is None
        else _S.known.op("@>", is_comparison=True)(sa.literal(known_at, sa.DateTime(timezone=True)))
    )
    return [_S.valid.op("@>", is_comparison=True)(day), known]


def _drug_free(valid_on: dt.date | None) -> sa.ColumnElement[str]:
    day = sa.func.vietnam_today() if valid_on is None else sa.literal(valid_on, sa.Date)
    answers = [column for code in CRITERION_CODES for column in (_S[f"{code}_answer"], _S[f"{code}_on"])]
    return sa.func.drug_free(day, *answers)


def fetch_statuses(
    conn: Connection, commune_id: int, valid_on: dt.date | None = None, known_at: dt.datetime | None = None
) -> list[GroupStatus]:
    """Return the groups of a commune on a day (today), as known at a moment (now), in Vietnamese name order."""
    columns = [_S[f.name] for f in TRACKED]
    statement = (
        sa.select(
            _S.group_id, sa.func.lower(_S.valid).label("valid_from"), _drug_free(valid_on).label("drug_free"), *columns
        )
        .where(_S.commune_id == commune_id, *_at(valid_on, known_at))
        .order_by(sa.collate(_S.name, "vi_numeric"), _S.group_id)
    )
    return [_status(row) for row in conn.execute(statement).mappings()]


def _status(row: Mapping[Any, Any]) -> GroupStatus:
    answers = {code: (row[f"{code}_answer"], row[f"{code}_on"], row[f"{code}_document"]) for code in CRITERION_CODES}
    return GroupStatus(
        row["group_id"],
        row["name"],
        row["kind"],
        row["stage"],
        row["stage_on"],
        row["stage_document"],
        row["stage_body"],
        answers,
        row["is_pilot"],
        row["household_count"],
        row["resident_count"],
        row["last_reviewed_on"],
        row["drug_free"],
        row["valid_from"],
    )


def fetch_shapes(
    conn: Connection, commune_id: int, valid_on: dt.date | None = None, known_at: dt.datetime | None = None
) -> dict[int, dict[str, Any]]:
    """Return the outlines (GeoJSON, EPSG:4326) of the groups on a day, by group id."""
    statement = sa.select(_S.group_id, sa.func.ST_AsGeoJSON(_S.geom, DECIMALS)).where(
        _S.commune_id == commune_id, *_at(valid_on, known_at)
    )
    return {group_id: json.loads(text) for group_id, text in conn.execute(statement)}


def fetch_history(conn: Connection, group_id: int, known_at: dt.datetime | None = None) -> list[dict[str, Any]]:
    """Return the life of a group: spans of days and what held in them, oldest first, as known at a moment (now)."""
    known = _at(None, known_at)[1]
    statement = (
        sa.select(sa.func.lower(_S.valid).label("valid_from"), sa.func.upper(_S.valid).label("valid_to"),
                  *(_S[f.name] for f in TRACKED))
        .where(_S.group_id == group_id, known)
        .order_by(_S.valid)
    )  # fmt: skip
    return [dict(row) for row in conn.execute(statement).mappings()]


def fetch_lineage(conn: Connection, group_id: int) -> list[dict[str, Any]]:
    """Return what a group came of and what it became, by day; names as last known."""
    named = (
        sa.select(_S.group_id, _S.name)
        .ext(distinct_on(_S.group_id))
        .order_by(_S.group_id, sa.func.upper(_S.known).desc(), sa.func.lower(_S.valid).desc())
        .subquery("named")
    )
    parent, child = named.alias("parent"), named.alias("child")
    statement = (
        sa.select(_L.kind, _L.changed_on, _L.parent_id, parent.c.name.label("parent_name"), _L.child_id,
                  child.c.name.label("child_name"), _L.household_share, _L.document)
        .join(parent, parent.c.group_id == _L.parent_id)
        .join(child, child.c.group_id == _L.child_id)
        .where(sa.or_(_L.parent_id == group_id, _L.child_id == group_id))
        .order_by(_L.changed_on, _L.id)
    )  # fmt: skip
    return [dict(row) for row in conn.execute(statement).mappings()]


def fetch_lineages(conn: Connection, commune_id: int) -> list[tuple[int, int, dt.date, Any]]:
    """Return every (parent, child, day, share of the parent's households) of a commune, by day."""
    statement = (
        sa.select(_L.parent_id, _L.child_id, _L.changed_on, _L.household_share)
        .where(_L.commune_id == commune_id)
        .order_by(_L.changed_on, _L.id)
    )
    return [(row.parent_id, row.child_id, row.changed_on, row.household_share) for row in conn.execute(statement)]


# What a comparison shows; a new day or document alone is no change of status.
COMPARED = ("name", "stage", *(f"{code}_answer" for code in CRITERION_CODES), "drug_free")


def find_changes(before: list[GroupStatus], after: list[GroupStatus]) -> list[StatusChange]:
    """Return what differs between two lists of statuses, in the order of the later one, then groups that are gone."""
    old = {status.group_id: status for status in before}
    changes = []
    for status in after:
        was = old.pop(status.group_id, None)
        left, right = _compared(was), _compared(status)
        if left != right:
            changes.append(StatusChange(status.group_id, status.name, left, right))
    changes += [StatusChange(status.group_id, status.name, _compared(status), None) for status in old.values()]
    return changes


def _compared(status: GroupStatus | None) -> dict[str, Any] | None:
    if status is None:
        return None
    answers = {f"{code}_answer": answer[0] for code, answer in status.answers.items()}
    return {"name": status.name, "stage": status.stage, **answers, "drug_free": status.drug_free}


def record_past(
    conn: Connection, commune_id: int, external_id: str, since: dt.date, until: dt.date, held: Mapping[str, Any]
) -> None:
    """Write what held in [since, until) of a group (owner rights: the web's role goes by proposals and reviews)."""
    groups = table_of(LAYERS["groups"]).c
    group_id = sa.select(groups.id).where(groups.commune_id == commune_id, groups.external_id == external_id)
    span = sa.func.daterange(sa.cast(since, sa.Date), sa.cast(until, sa.Date))
    conn.execute(sa.select(sa.func.record_status(group_id.scalar_subquery(), span, sa.cast(dict(held), JSONB))))
