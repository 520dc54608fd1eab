"""What the stops of a shift are made from: places, streets, groups, past plans; metres of the commune's VN-2000 zone.

Row-level security applies: hotspots are read by the police alone, and so is all that is made from them.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.queries.siting_sources import Shapes, fetch_shapes
from gis_app.tables import layer_versions
from gis_app.tables.coverage import coverage_figures
from gis_app.tables.patrol import patrol_plans, patrol_routes, patrol_stops
from gis_app.tables.visits import patrol_visits
from layers import LAYERS, table_of

# Visits that are older no stop remembers.
REMEMBERED_DAYS = 90
WEEK_DAYS = 7
# Facilities where a team may start or end.
DEPOT_KINDS = ("police", "government", "culture", "health", "market", "transport")
_P, _S, _R = patrol_plans.c, patrol_stops.c, patrol_routes.c


@dataclass(frozen=True)
class StreetRows:
    """Streets as the graph wants them, with their ids and names."""

    ids: Sequence[int]
    names: Sequence[str]
    lines: Shapes
    classes: Sequence[str]
    oneway: Sequence[str]
    walkable: np.ndarray
    noded: np.ndarray


def fetch_roads_version(conn: Connection, commune_id: int) -> int:
    """Return a number that changes with every change of the streets."""
    c = layer_versions.c
    statement = sa.select(c.version).where(c.commune_id == commune_id, c.layer == "roads")
    return int(conn.execute(statement).scalar_one_or_none() or 0)


def fetch_street_rows(conn: Connection, commune_id: int, srid: int) -> StreetRows:
    """Return the streets by id."""
    t = table_of(LAYERS["roads"])
    line = sa.func.ST_AsBinary(sa.func.ST_Transform(t.c.geom, srid))
    statement = sa.select(
        t.c.id, sa.func.coalesce(t.c.name, ""), line, t.c["class"], t.c.oneway, t.c.is_walkable,
        sa.and_(t.c.source_node.is_not(None), t.c.target_node.is_not(None)),
    )  # fmt: skip
    rows = conn.execute(statement.where(t.c.commune_id == commune_id).order_by(t.c.id)).all()
    columns: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) if rows else [()] * 7
    lines = np.empty(len(rows), dtype=object)
    if rows:
        lines[:] = list(shapely.from_wkb(np.array([bytes(value) for value in columns[2]], dtype=object)))
    return StreetRows(columns[0], columns[1], lines, columns[3], columns[4], np.array(columns[5], dtype=bool),
                      np.array(columns[6], dtype=bool))  # fmt: skip


def fetch_point_rows(
    conn: Connection, commune_id: int, layer_name: str, srid: int, columns: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Return (id, x, y, label, *columns) of a layer of points as the actor reads it, by id."""
    layer = LAYERS[layer_name]
    t = table_of(layer)
    spot = sa.func.ST_Transform(t.c.geom, srid)
    label = sa.func.coalesce(t.c[layer.label], "") if layer.label else sa.literal("")
    statement = sa.select(t.c.id, sa.func.ST_X(spot), sa.func.ST_Y(spot), label, *(t.c[name] for name in columns))
    return [tuple(row) for row in conn.execute(statement.where(t.c.commune_id == commune_id).order_by(t.c.id))]


def fetch_groups(conn: Connection, commune_id: int, srid: int) -> tuple[list[str], Shapes]:
    """Return names and areas of the residential groups, by id."""
    t = table_of(LAYERS["groups"])
    names = conn.execute(sa.select(t.c.name).where(t.c.commune_id == commune_id).order_by(t.c.id)).scalars().all()
    return [str(name) for name in names], fetch_shapes(conn, "groups", srid, t.c.commune_id == commune_id)


def fetch_key_routes(conn: Connection, commune_id: int, srid: int) -> list[tuple[int, str, shapely.Geometry]]:
    """Return id, name and line of the key routes, by id."""
    t = table_of(LAYERS["key_routes"])
    line = sa.func.ST_AsBinary(sa.func.ST_Transform(t.c.geom, srid))
    rows = conn.execute(sa.select(t.c.id, t.c.name, line).where(t.c.commune_id == commune_id).order_by(t.c.id))
    return [(int(row[0]), str(row[1]), shapely.from_wkb(bytes(row[2]))) for row in rows]


def fetch_outline(conn: Connection, commune_id: int, srid: int) -> shapely.Geometry:
    """Return the commune's outline in metres."""
    t = table_of(LAYERS["communes"])
    found: shapely.Geometry = fetch_shapes(conn, "communes", srid, t.c.id == commune_id)[0]
    return found


def fetch_lit_shares(conn: Connection, commune_id: int, lit_at: int) -> Mapping[tuple[str, str], float]:
    """Return the share of each named street that working lamps light, by (square, name), as coverage counted it."""
    f = coverage_figures.c
    statement = sa.select(f.cell, f.unit, f.total, f.covered[lit_at + 1]).where(
        f.commune_id == commune_id, f.kind == "street", f.total > 0
    )
    return {(row[0], row[1]): float(row[3]) / float(row[2]) for row in conn.execute(statement)}


def fetch_lamps(conn: Connection, commune_id: int, srid: int) -> np.ndarray:
    """Return x, y of the lamps that work."""
    t = table_of(LAYERS["lights"])
    spot = sa.func.ST_Transform(t.c.geom, srid)
    statement = sa.select(sa.func.ST_X(spot), sa.func.ST_Y(spot))
    statement = statement.where(t.c.commune_id == commune_id, t.c.state == "working").order_by(t.c.id)
    rows = conn.execute(statement).all()
    return np.array([tuple(row) for row in rows], dtype=float).reshape(-1, 2)


def fetch_start(conn: Connection, commune_id: int) -> tuple[float, float]:
    """Return lon, lat of the commune's police station, else of the middle of the commune."""
    f, c = table_of(LAYERS["facilities"]), table_of(LAYERS["communes"])
    statement = sa.select(sa.func.ST_X(f.c.geom), sa.func.ST_Y(f.c.geom))
    statement = statement.where(f.c.commune_id == commune_id, f.c.kind == "police").order_by(f.c.id).limit(1)
    row = conn.execute(statement).one_or_none()
    if row is None:
        spot = sa.func.ST_PointOnSurface(c.c.geom)
        row = conn.execute(sa.select(sa.func.ST_X(spot), sa.func.ST_Y(spot)).where(c.c.id == commune_id)).one()
    return round(float(row[0]), 6), round(float(row[1]), 6)


def fetch_depots(conn: Connection, commune_id: int) -> list[tuple[str, str, float, float]]:
    """Return kind, name, lon, lat of places where a team may start or end: the police first, then by kind and name."""
    t = table_of(LAYERS["facilities"])
    names = sa.func.coalesce(t.c.name, "")
    statement = sa.select(t.c.kind, names, sa.func.ST_X(t.c.geom), sa.func.ST_Y(t.c.geom))
    order = (
        sa.func.array_position(sa.literal(list(DEPOT_KINDS), sa.ARRAY(sa.Text)), t.c.kind),
        sa.collate(names, "vi_numeric"),
    )
    rows = conn.execute(
        statement.where(t.c.commune_id == commune_id, t.c.kind.in_(DEPOT_KINDS)).order_by(*order, t.c.id)
    )
    return [(str(kind), str(name), round(float(lon), 6), round(float(lat), 6)) for kind, name, lon, lat in rows]


def fetch_visits(
    conn: Connection, commune_id: int, before: dt.date, but_plan: int | None, srid: int
) -> list[tuple[float, float, int, str, bool]]:
    """Return x, y, days before (below 0: after), group of stops, and whether a team was there; the own plan's not.

    Until the end of the seven days that begin on the day: a later shift may have been issued first.
    False: an issued shift that is not yet over sends one. What was planned and is over without a visit is no visit.
    """
    spot = sa.func.ST_Transform(_S.geom, srid)
    days = sa.literal(before, sa.Date) - _P.shift_on
    v = patrol_visits.c
    done = sa.exists().where(v.commune_id == commune_id, v.stop_id == _S.id, v.reason.is_(None))
    closes_at = sa.func.patrol_closes_at(_P.shift_on, _P.end_min)
    to_come = sa.and_(_P.state == "issued", _S.team.is_not(None), closes_at > sa.func.clock_timestamp())
    statement = (
        sa.select(sa.func.ST_X(spot), sa.func.ST_Y(spot), days, _S.group_name, done)
        .select_from(patrol_stops.join(patrol_plans, _P.id == _S.plan_id))
        .where(_P.commune_id == commune_id, _P.state != "draft", sa.or_(done, to_come),
               _P.shift_on < before + dt.timedelta(days=WEEK_DAYS),
               _P.shift_on >= before - dt.timedelta(days=REMEMBERED_DAYS), _P.id != (but_plan or 0))
        .order_by(_S.id)
    )  # fmt: skip
    return [(float(x), float(y), int(ago), str(group), bool(was)) for x, y, ago, group, was in conn.execute(statement)]


def fetch_recent_lines(
    conn: Connection, commune_id: int, before: dt.date, but_plan: int, srid: int, shifts: int = 3
) -> Shapes:
    """Return the lines that were walked in the last issued shifts before a day's, in metres."""
    latest = (
        sa.select(_P.id)
        .where(_P.commune_id == commune_id, _P.state != "draft", _P.shift_on <= before, _P.id != but_plan)
        .order_by(_P.shift_on.desc(), _P.start_min.desc(), _P.id.desc())
        .limit(shifts)
    )
    line = sa.func.ST_AsBinary(sa.func.ST_Transform(_R.geom, srid))
    statement = (
        sa.select(line)
        .select_from(patrol_routes.join(patrol_plans, _P.id == _R.plan_id))
        .where(_P.id.in_(latest), _R.alternative == _P.chosen)
        .order_by(_R.id)
    )
    found = [shapely.from_wkb(bytes(value)) for value in conn.execute(statement).scalars()]
    lines = np.empty(len(found), dtype=object)
    lines[:] = found
    return lines
