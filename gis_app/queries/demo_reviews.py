"""Demonstration data: monthly reviews of invented groups (owner rights; nothing of their statuses changes)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.tables.statuses import CRITERION_CODES, group_reviews
from layers import LAYERS, table_of

_GROUPS = table_of(LAYERS["groups"]).c
_ANSWERS = [f"{code}_{part}" for code in CRITERION_CODES for part in ("answer", "document")]


@dataclass(frozen=True)
class Reviewed:
    """A group that was reviewed; `answers` by column of a review."""

    id: int
    stage: str
    household_count: int
    reviewed_on: dt.date
    answers: Mapping[str, Any]


def fetch_reviewed(conn: Connection, commune_id: int) -> list[Reviewed]:
    """Return the groups that were ever reviewed, in the order of their numbers."""
    columns = (_GROUPS.id, _GROUPS.stage, _GROUPS.household_count, _GROUPS.last_reviewed_on)
    statement = sa.select(*columns, *(_GROUPS[name] for name in _ANSWERS)).where(
        _GROUPS.commune_id == commune_id, _GROUPS.last_reviewed_on <= sa.func.vietnam_today()
    )
    rows = conn.execute(statement.order_by(_GROUPS.external_id))
    return [Reviewed(row[0], row[1], row[2] or 0, row[3], dict(zip(_ANSWERS, row[4:], strict=True))) for row in rows]


def insert_reviews(conn: Connection, commune_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store reviews as they were approved, by nobody in particular."""
    common = {"commune_id": commune_id, "kind": "month", "state": "approved", "submitted_by": "demo.data",
              "decided_by": "demo.committee"}  # fmt: skip
    for row in rows:
        conn.execute(group_reviews.insert().values({**common, **row}))
