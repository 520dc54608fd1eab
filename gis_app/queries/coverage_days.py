"""Figures of coverage summed up, now and on days gone by. Row-level security applies."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.engine import Connection

from gis_app.tables.coverage import COLUMN_COUNT, PLACE_KINDS, coverage_days, coverage_figures

_F, _D = coverage_figures.c, coverage_days.c
# Of these only the class has a history.
PLACES = tuple(kind for kind in PLACE_KINDS if kind != "hotspot")

_SUMS = "ARRAY[" + ", ".join(f"sum(f.covered[{n}])" for n in range(1, COLUMN_COUNT + 1)) + "]"
_NOW = f"""
    SELECT f.kind, CASE WHEN f.kind = ANY (:places) THEN '' ELSE f.unit END AS unit, sum(f.total) AS total,
           {_SUMS} AS covered
    FROM coverage_figures AS f WHERE f.commune_id = :me AND f.kind <> 'hotspot' GROUP BY 1, 2
"""  # noqa: S608 - numbers and our own names
_LAST = """
    SELECT DISTINCT ON (d.kind, d.unit) d.kind, d.unit, d.total, d.covered
    FROM coverage_days AS d WHERE d.commune_id = :me AND d.day_on <= :day ORDER BY d.kind, d.unit, d.day_on DESC
"""
_KEEP = f"""
    WITH now AS MATERIALIZED ({_NOW}), last AS MATERIALIZED ({_LAST})
    INSERT INTO coverage_days (commune_id, day_on, kind, unit, total, covered)
    SELECT CAST(:me AS int), CAST(:day AS date), coalesce(now.kind, last.kind), coalesce(now.unit, last.unit),
           now.total, now.covered
    FROM now FULL JOIN last ON last.kind = now.kind AND last.unit = now.unit
    WHERE now.total IS DISTINCT FROM last.total OR now.covered IS DISTINCT FROM last.covered
    ON CONFLICT (commune_id, day_on, kind, unit) DO UPDATE SET total = excluded.total, covered = excluded.covered
"""  # noqa: S608


@dataclass(frozen=True)
class Sum:
    """A unit: all of it, and what of it the asked columns cover."""

    kind: str
    unit: str
    total: float
    covered: tuple[float, ...]


def keep_day(conn: Connection, commune_id: int, day: dt.date) -> None:
    """Keep what the figures say as what held at the end of a day, where it differs from the day before."""
    values: Mapping[str, Any] = {"me": commune_id, "day": day, "places": list(PLACES)}
    conn.execute(sa.text(_KEEP), values)


def fetch_sums(
    conn: Connection, commune_id: int, columns: Sequence[int], kinds: Sequence[str], audience: str
) -> list[Sum]:
    """Units of some kinds with the covered amounts of some columns (`index_of`); places each, by kind and unit.

    `audience` chooses between the two figures of a hotspot; row-level security hides the one that is not the role's.
    """
    sums = [sa.func.sum(_F.covered[column + 1]) for column in columns]
    statement = (
        sa.select(_F.kind, _F.unit, sa.func.sum(_F.total), *sums)
        .where(_F.commune_id == commune_id, _F.kind.in_(kinds), _F.audience.in_(("staff", audience)))
        .group_by(_F.kind, _F.unit)
        .order_by(_F.kind, _F.unit)
    )
    return [Sum(row[0], row[1], float(row[2]), tuple(map(float, row[3:]))) for row in conn.execute(statement)]


def fetch_cells(conn: Connection, commune_id: int, column: int, kind: str, unit: str) -> list[Sum]:
    """The parts of one unit, square by square; the square's name stands as unit."""
    statement = (
        sa.select(_F.cell, _F.total, _F.covered[column + 1])
        .where(_F.commune_id == commune_id, _F.kind == kind, _F.unit == unit)
        .order_by(_F.cell)
    )
    return [Sum(kind, row[0], float(row[1]), (float(row[2]),)) for row in conn.execute(statement)]


def fetch_day(conn: Connection, commune_id: int, day: dt.date, columns: Sequence[int]) -> list[Sum]:
    """What held on a day gone by; nothing where nothing was computed by then. Places by class, as unit ''."""
    statement = (
        sa.select(_D.kind, _D.unit, _D.total, *(_D.covered[column + 1] for column in columns))
        .ext(distinct_on(_D.kind, _D.unit))
        .where(_D.commune_id == commune_id, _D.day_on <= day)
        .order_by(_D.kind, _D.unit, _D.day_on.desc())
    )
    return [
        Sum(row[0], row[1], float(row[2]), tuple(map(float, row[3:])))
        for row in conn.execute(statement)
        if row[2] is not None
    ]


def fetch_first_day(conn: Connection, commune_id: int) -> dt.date | None:
    """The first day of which something is kept."""
    found: dt.date | None = conn.execute(
        sa.select(sa.func.min(_D.day_on)).where(_D.commune_id == commune_id)
    ).scalar_one()
    return found
