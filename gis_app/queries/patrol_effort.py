"""Effort of patrols: sums by functions of migrations/sql/effort.sql, and what the police alone read beside them.

The functions serve the own commune and the roles of `READERS`; everything else is under row-level security.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.queries.features import DECIMALS
from gis_app.queries.siting_sources import Shapes
from gis_app.tables.patrol import patrol_plans, patrol_routes, patrol_stops
from gis_app.tables.visits import patrol_visits
from layers import LAYERS, table_of
from layers.base import POLICE

# Sums of the own commune; the leadership answers for where the effort goes.
READERS = tuple(sorted({*POLICE, "committee"}))
MOST_LATE = 200
_P, _R, _S, _V = patrol_plans.c, patrol_routes.c, patrol_stops.c, patrol_visits.c


@dataclass(frozen=True)
class Period:
    """First and last day, both within it; days without a visit that are too many."""

    first: dt.date
    last: dt.date
    limit_days: int


@dataclass(frozen=True)
class StreetSums:
    """Metres of street, and how many of them lie on issued and on walked routes."""

    total_m: float
    issued_m: float
    walked_m: float


@dataclass(frozen=True)
class LatePlace:
    """A place that was longer without a visit than the limit; `last_on` None: nobody was ever there."""

    title: str
    kind: str
    group_name: str
    last_on: dt.date | None
    longest: int | None


@dataclass(frozen=True)
class GroupPeople:
    """A group with its residents, None where nobody has counted; `shape` GeoJSON (EPSG:4326)."""

    id: int
    name: str
    residents: int | None
    shape: str


def fetch_effort(conn: Connection, period: Period) -> Mapping[str, Any] | None:
    """Return sums, reasons, ends of walks and gaps between visits; None: not for the actor's role."""
    call = sa.func.patrol_effort(period.first, period.last, period.limit_days)
    found: Mapping[str, Any] | None = conn.execute(sa.select(sa.type_coerce(call, sa.JSON))).scalar_one()
    return found


def fetch_street_sums(conn: Connection, period: Period) -> StreetSums:
    """Return metres of street, on issued routes, on walked ones."""
    call = sa.func.patrol_street_sums(period.first, period.last).table_valued("total_m", "issued_m", "walked_m")
    return StreetSums(*(float(value or 0) for value in conn.execute(sa.select(call)).one()))


def fetch_late_places(conn: Connection, commune_id: int, period: Period) -> list[LatePlace]:
    """Return places over the limit or never visited, the longest first; the police alone read any."""
    names = ("title", "kind", "group_name", "last_on", "longest")
    call = sa.func.patrol_place_gaps(commune_id, period.first, period.last).table_valued("place", *names)
    late = sa.or_(call.c.last_on.is_(None), call.c.longest > period.limit_days)
    statement = sa.select(*(call.c[name] for name in names)).where(late)
    order = (call.c.longest.desc().nulls_first(), call.c.kind, call.c.title, call.c.place)
    return [LatePlace(*tuple(row)) for row in conn.execute(statement.order_by(*order).limit(MOST_LATE))]


def fetch_groups(conn: Connection, commune_id: int) -> list[GroupPeople]:
    """Return the groups of today with their residents, in order of their names."""
    t = table_of(LAYERS["groups"])
    statement = sa.select(t.c.id, t.c.name, t.c.resident_count, sa.func.ST_AsGeoJSON(t.c.geom, DECIMALS))
    order = (sa.collate(t.c.name, "vi_numeric"), t.c.id)
    rows = conn.execute(statement.where(t.c.commune_id == commune_id).order_by(*order))
    return [GroupPeople(*tuple(row)) for row in rows]


def fetch_walked_routes(conn: Connection, commune_id: int, period: Period, srid: int) -> list[shapely.Geometry]:
    """Return lines in metres of the routes whose team was at half of its stops or more, as patrol_street_sums counts.

    Row-level security: the police alone have any.
    """
    was = sa.exists().where(_V.commune_id == commune_id, _V.stop_id == _S.id, _V.reason.is_(None))
    of_team = sa.select(sa.func.count()).where(_S.plan_id == _P.id, _S.team == _R.team)
    planned, done = of_team.scalar_subquery(), of_team.where(was).scalar_subquery()
    line = sa.func.ST_AsBinary(sa.func.ST_Transform(_R.geom, srid))
    statement = (
        sa.select(line)
        .select_from(patrol_plans.join(patrol_routes, sa.and_(_R.plan_id == _P.id, _R.alternative == _P.chosen)))
        .where(_P.commune_id == commune_id, _P.state != "draft", _P.shift_on.between(period.first, period.last),
               planned > 0, 2 * done >= planned)
        .order_by(_R.id)
    )  # fmt: skip
    return [shapely.from_wkb(bytes(value)) for value in conn.execute(statement).scalars()]


def fetch_street_lines(conn: Connection, commune_id: int, srid: int) -> tuple[Sequence[tuple[int, str, str]], Shapes]:
    """Return (id, name, GeoJSON in EPSG:4326) and the lines in metres of the streets, by id."""
    t = table_of(LAYERS["roads"])
    line = sa.func.ST_AsBinary(sa.func.ST_Transform(t.c.geom, srid))
    shown = sa.func.ST_AsGeoJSON(t.c.geom, DECIMALS)
    statement = sa.select(t.c.id, sa.func.coalesce(t.c.name, ""), shown, line)
    rows = conn.execute(statement.where(t.c.commune_id == commune_id).order_by(t.c.id)).all()
    lines = np.empty(len(rows), dtype=object)
    if rows:
        lines[:] = list(shapely.from_wkb(np.array([bytes(row[3]) for row in rows], dtype=object)))
    return [(int(row[0]), str(row[1]), str(row[2])) for row in rows], lines
