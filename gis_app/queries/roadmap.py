"""Resolutions with their clauses and target rules, and the units that they are measured by. Row-level security applies.

Shares come as Decimal per cent (numeric in the database), never as float.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.engine import Connection

from gis_app.queries.records import fetch_records
from gis_app.tables.roadmap import clauses, resolutions, target_rules, unit_counts
from layers import LAYERS, table_of

_SCHOOLS = table_of(LAYERS["schools"])
_R = target_rules.c

Row = sa.Row[Any]


@dataclass(frozen=True)
class CityCommune:
    """One commune of a city reader: groups that exist today, and how many are recognised or maintained.

    `achieved_names` only where a clause of the commune lists groups: for comparing, never for showing.
    """

    id: int
    code: str
    full_name: str
    group_count: int
    achieved_count: int
    achieved_names: tuple[str, ...] = ()


def fetch_resolutions(conn: Connection, commune_id: int) -> list[Row]:
    """Resolutions of a commune, by day and id (those without a day last)."""
    statement = sa.select(resolutions).where(resolutions.c.commune_id == commune_id)
    order = (resolutions.c.issued_on.asc().nulls_last(), resolutions.c.id)
    return list(conn.execute(statement.order_by(*order)))


def fetch_clauses(conn: Connection, commune_id: int) -> list[Row]:
    """Clauses of a commune, by resolution and line."""
    return fetch_records(conn, clauses, commune_id, "resolution_id", "line")


def fetch_rules(conn: Connection, commune_id: int) -> list[Mapping[str, Any]]:
    """Target rules of a commune with `text`, `line` and `document` of their clause, by clause and id.

    Mappings, since `row.count` is a method of every tuple.
    """
    columns = [c for c in target_rules.c if c.name != "chosen_by"]
    statement = (
        sa.select(*columns, clauses.c.text, clauses.c.line, resolutions.c.document, clauses.c.resolution_id)
        .join(clauses, clauses.c.id == _R.clause_id)
        .join(resolutions, resolutions.c.id == clauses.c.resolution_id)
        .where(_R.commune_id == commune_id)
        .order_by(_R.clause_id, _R.id)
    )
    return [dict(row) for row in conn.execute(statement).mappings()]


def count_schools(conn: Connection, commune_id: int) -> int:
    """How many schools the commune's layer has."""
    statement = sa.select(sa.func.count()).where(_SCHOOLS.c.commune_id == commune_id)
    return int(conn.execute(statement).scalar_one())


def fetch_newest_counts(conn: Connection, commune_id: int, day: dt.date | None = None) -> list[Row]:
    """The newest count of each kind and subject, or what was the newest on a day."""
    u = unit_counts.c
    until = sa.true() if day is None else u.counted_on <= day
    statement = (
        sa.select(unit_counts)
        .ext(distinct_on(u.kind, u.subject))
        .where(u.commune_id == commune_id, until)
        .order_by(u.kind, u.subject, u.counted_on.desc())
    )
    return list(conn.execute(statement))


def update_reading(conn: Connection, rule_id: int, reading: str | None, version: int) -> str:
    """Choose a reading, or none; return chosen, role, missing, stale or unknown."""
    return str(conn.execute(sa.select(sa.func.choose_reading(rule_id, reading, version))).scalar_one())


def update_roundings(conn: Connection, commune_id: int, resolution_id: int, rounding: str) -> int:
    """State the rounding rule of all rules of a resolution; return how many changed."""
    own = sa.select(clauses.c.id).where(clauses.c.resolution_id == resolution_id)
    statement = (
        sa.update(target_rules)
        .where(_R.commune_id == commune_id, _R.clause_id.in_(own), _R.rounding != rounding)
        .values(rounding=rounding)
    )
    return conn.execute(statement).rowcount


def fetch_city_communes(conn: Connection) -> list[CityCommune]:
    """Groups, and achieved ones, of the communes granted to the acting city account; of all for the nationwide one."""
    columns = "commune_id, code, full_name, group_count, achieved_count, achieved_names"
    rows: Sequence[Any] = conn.execute(sa.text(f"SELECT {columns} FROM city_achieved()")).all()  # noqa: S608
    return [CityCommune(row[0], row[1], row[2], row[3], row[4], tuple(row[5] or ())) for row in rows]


def fetch_city_rules(conn: Connection) -> list[dict[str, Any]]:
    """The rules on groups of the same communes, as numbers and lists of groups: no text."""
    rows = conn.execute(sa.text("SELECT * FROM city_target_rules() ORDER BY commune_id, id"))
    return [dict(row) for row in rows.mappings()]
