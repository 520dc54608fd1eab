"""Reviews of groups: drafts, the counts beside them, and the two functions that send and decide."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gis_app.tables.statuses import COUNT_NAMES, CRITERION_CODES, REMARKS, group_reviews, review_counts
from layers import LAYERS, table_of

_R = group_reviews.c
_N = review_counts.c
_GROUPS = table_of(LAYERS["groups"])
MOST_REMARKS = 500
DECISIONS = ("approved", "returned")
EDITED = (
    "reviewed_on",
    *(f"{code}_{part}" for code in CRITERION_CODES for part in ("answer", "document")),
    "communication_count",
    "pledge_household_count",
    *REMARKS,
)


@dataclass(frozen=True)
class Review:
    """A review of one group in one period; `values` by column of EDITED; `is_own`: the acting person sent it."""

    id: int
    version: int
    group_id: int
    group_name: str
    kind: str
    starts_on: dt.date
    ends_on: dt.date
    state: str
    decision_note: str | None
    submitted_at: dt.datetime | None
    is_own: bool
    values: Mapping[str, Any]
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Due:
    """A group and its review of a period, where there is one."""

    group_id: int
    group_name: str
    last_reviewed_on: dt.date | None
    review_id: int | None
    state: str | None


def fetch_due(conn: Connection, commune_id: int, kind: str, starts_on: dt.date) -> list[Due]:
    """Return every present group with its review of the period, in Vietnamese name order."""
    joined = _GROUPS.outerjoin(
        group_reviews, sa.and_(_R.group_id == _GROUPS.c.id, _R.kind == kind, _R.starts_on == starts_on)
    )
    statement = (
        sa.select(_GROUPS.c.id, _GROUPS.c.name, _GROUPS.c.last_reviewed_on, _R.id, _R.state)
        .select_from(joined)
        .where(_GROUPS.c.commune_id == commune_id)
        .order_by(sa.collate(_GROUPS.c.name, "vi_numeric"), _GROUPS.c.id)
    )
    return [Due(*row) for row in conn.execute(statement)]


def fetch_reviews(
    conn: Connection, commune_id: int, *, states: Sequence[str] = (), review_id: int | None = None, limit: int = 500
) -> list[Review]:
    """Return reviews of a commune, newest first; counts of persons only where the role may read them."""
    own = _R.submitted_by == sa.func.current_setting("app.username", True)
    statement = (
        sa.select(
            _R.id, _R.version, _R.group_id, _GROUPS.c.name.label("group_name"), _R.kind, _R.starts_on, _R.ends_on,
            _R.state, _R.decision_note, _R.submitted_at, sa.func.coalesce(own, False).label("is_own"),
            *(_R[name] for name in EDITED), _N.review_id, *(_N[name] for name in COUNT_NAMES),
        )
        .select_from(group_reviews.join(_GROUPS, _GROUPS.c.id == _R.group_id).outerjoin(
            review_counts, _N.review_id == _R.id))
        .where(_R.commune_id == commune_id)
        .order_by(_R.id.desc())
        .limit(limit)
    )  # fmt: skip
    if states:
        statement = statement.where(_R.state.in_(states))
    if review_id is not None:
        statement = statement.where(_R.id == review_id)
    return [_review(row) for row in conn.execute(statement).mappings()]


def _review(row: Mapping[Any, Any]) -> Review:
    plain = ("id", "version", "group_id", "group_name", "kind", "starts_on", "ends_on", "state", "decision_note",
             "submitted_at", "is_own")  # fmt: skip
    counts = {} if row["review_id"] is None else {name: row[name] for name in COUNT_NAMES}
    named: dict[str, Any] = {name: row[name] for name in plain}
    return Review(**named, values={name: row[name] for name in EDITED}, counts=counts)


@dataclass(frozen=True)
class Remark:
    """What an approved review says in words; `texts` by name of REMARKS, only those that were written."""

    group_name: str
    kind: str
    starts_on: dt.date
    ends_on: dt.date
    texts: Mapping[str, str]


def fetch_remarks(
    conn: Connection, commune_id: int, *, group_id: int | None = None, days: tuple[dt.date, dt.date] | None = None
) -> list[Remark]:
    """Return the remarks of approved reviews, of a group or of all, reviewed between two days; newest first."""
    written = [_R[name] for name in REMARKS]
    statement = (
        sa.select(_GROUPS.c.name, _R.kind, _R.starts_on, _R.ends_on, *written)
        .select_from(group_reviews.join(_GROUPS, _GROUPS.c.id == _R.group_id))
        .where(_R.commune_id == commune_id, _R.state == "approved", sa.func.num_nonnulls(*written) > 0)
        .order_by(_R.reviewed_on.desc(), sa.collate(_GROUPS.c.name, "vi_numeric"), _R.id)
        .limit(MOST_REMARKS)
    )
    if group_id is not None:
        statement = statement.where(_R.group_id == group_id)
    if days is not None:
        statement = statement.where(_R.reviewed_on.between(*days))
    return [
        Remark(row[0], row[1], row[2], row[3], {name: text for name in REMARKS if (text := getattr(row, name))})
        for row in conn.execute(statement)
    ]


def has_group(conn: Connection, group_id: int) -> bool:
    """Whether the actor reads a present group of that id."""
    return conn.execute(sa.select(_GROUPS.c.id).where(_GROUPS.c.id == group_id)).scalar_one_or_none() is not None


def insert_review(
    conn: Connection, commune_id: int, group_id: int, kind: str, starts_on: dt.date, ends_on: dt.date
) -> int | None:
    """Return the review of a group and period, made as a draft if there was none; None: no such group."""
    if not has_group(conn, group_id):
        return None
    values = {"commune_id": commune_id, "group_id": group_id, "kind": kind, "starts_on": starts_on, "ends_on": ends_on}
    conn.execute(insert(group_reviews).values(values).on_conflict_do_nothing())
    same = [_R[name] == value for name, value in values.items() if name != "ends_on"]
    return int(conn.execute(sa.select(_R.id).where(*same)).scalar_one())


def update_review(
    conn: Connection, review: Review, version: int, values: Mapping[str, Any], counts: Mapping[str, int]
) -> int | None:
    """Change a draft of that version; return the new version, None if it has moved on or is sent already."""
    statement = (
        sa.update(group_reviews)
        .where(_R.id == review.id, _R.version == version)
        .values({**values, "version": _R.version + 1, "updated_at": sa.func.now()})
        .returning(_R.version)
    )
    found = conn.execute(statement).scalar_one_or_none()
    if found is None:
        return None
    if counts:
        row = insert(review_counts).values({"review_id": review.id, "commune_id": sa.select(_R.commune_id).where(
            _R.id == review.id).scalar_subquery(), **counts})  # fmt: skip
        conn.execute(row.on_conflict_do_update(index_elements=["review_id"], set_=dict(counts)))
    return int(found)


def update_submitted(conn: Connection, review_id: int, version: int) -> str:
    """Send to the second person; return `submitted`, or what speaks against it."""
    return str(conn.execute(sa.select(sa.func.submit_review(review_id, version))).scalar_one())


def update_decided(conn: Connection, review_id: int, version: int, decision: str, note: str | None) -> str:
    """Approve or return as a second person; return the decision, or what speaks against it."""
    return str(conn.execute(sa.select(sa.func.decide_review(review_id, version, decision, note))).scalar_one())
