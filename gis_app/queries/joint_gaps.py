"""Gaps along a boundary as both communes see them together. Row-level security and the shared views apply."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.queries.agreements import shared_columns
from gis_app.queries.filters import METRES_PER_DEGREE, SPARE, metric
from gis_app.queries.gaps import NEAREST_WITHIN_M
from gis_app.tables import agreements
from layers import LAYERS, shared_view_of, table_of
from layers.base import Layer

_A = agreements.c
# Outlines of neighbours may leave gaps of up to 50 m, which are no unknown country.
_HALF_GAP_M = 25.0


def joint_gap_rows(
    places: Layer, devices: Layer, role: str, agreement_id: int, distance_m: float, metric_srid: int
) -> sa.Select[Any]:
    """Places of both sides in the strip with no working device of either side within `distance_m` metres.

    Parameters
    ----------
    places, devices
        Layers that the agreement names; places are points, devices have a state.
    role
        The actor's, for the own rows: coarse shapes where that is all it may read.
    metric_srid
        Metric zone of the actor's commune.

    Returns
    -------
    Rows of geom (EPSG:4326), id, properties, `side` (own, neighbour), `nearest_m` (metres to the nearest device that
    both lists know, null if none within 2 km) and `is_certain`: false where the circle of `distance_m` reaches
    beyond the own commune and the strip, so that a device which is not shared may stand there. Farthest first.

    Notes
    -----
    Own devices count wherever they stand, the neighbour's only in the strip. Nothing while the agreement is not in
    force.
    """
    force = _in_force(agreement_id)
    place = _both_sides(places, role, agreement_id, force, reach_m=0.0).cte("place")
    device = _both_sides(devices, role, agreement_id, force, reach_m=NEAREST_WITHIN_M).cte("device")
    # One collection of points: row by row, 300 places and 10,000 lights took 7 s; so it takes 0.3.
    working = sa.select(sa.func.ST_Collect(metric(device.c.geom, metric_srid)).label("geom"))
    there = working.where(device.c.state == "working").cte("there").prefix_with("MATERIALIZED")
    spot = metric(place.c.geom, metric_srid)
    away = sa.select(sa.func.ST_Distance(spot, there.c.geom).label("m")).offset(0).lateral("away")
    near = sa.case((away.c.m <= NEAREST_WITHIN_M, away.c.m))
    rounded = sa.cast(sa.func.round(sa.cast(near, sa.Numeric), 1), sa.Float)
    certain = sa.func.ST_Covers(_known(force, metric_srid), sa.func.ST_Buffer(spot, distance_m))
    columns = [place.c.geom, place.c.id, *(place.c[name] for name in shared_columns(places)), place.c.side]
    return (
        sa.select(*columns, rounded.label("nearest_m"), certain.label("is_certain"))
        .select_from(place.join(away, sa.true()))
        .where(sa.or_(away.c.m.is_(None), away.c.m > distance_m))
        .order_by(near.desc().nulls_first(), place.c.side.desc(), place.c.id)
    )


@dataclass(frozen=True)
class JointGap:
    """A place of the list: its code or label, whose it is, metres to the nearest device (None: none in reach)."""

    name: str
    side: str
    nearest_m: float | None
    is_certain: bool
    lon: float
    lat: float


def fetch_joint_gaps(conn: Connection, rows: sa.Select[Any], label: str) -> list[JointGap]:
    """Return the rows of `joint_gap_rows` for people to read; `label` is the column that they know a place by."""
    gap = rows.subquery("gap").c
    name = sa.func.coalesce(*([gap[label]] if label in gap else []), gap.external_id, "")
    statement = sa.select(name, gap.side, gap.nearest_m, gap.is_certain, sa.func.ST_X(gap.geom), sa.func.ST_Y(gap.geom))
    return [JointGap(*tuple(row)) for row in conn.execute(statement)]


def joint_rows(layer: Layer, role: str, agreement_id: int) -> sa.Select[Any]:
    """Rows (geom, id, properties, `side`) of a point layer in the strip, of both sides; nothing out of force."""
    both = _both_sides(layer, role, agreement_id, _in_force(agreement_id), reach_m=0.0).subquery("both")
    return sa.select(both).order_by(both.c.side.desc(), both.c.id)


def _in_force(agreement_id: int) -> sa.Subquery:
    statement = sa.select(_A.strip).where(
        _A.id == agreement_id, _A.state == "approved", _A.ends_on >= sa.func.vietnam_today()
    )
    return statement.subquery("force")


def _both_sides(
    layer: Layer, role: str, agreement_id: int, force: sa.Subquery, reach_m: float
) -> sa.CompoundSelect[Any]:
    """Own rows at most about `reach_m` from the strip (0: in it) and the neighbour's shared ones."""
    own, shared = table_of(layer, role), shared_view_of(layer)
    names = ["geom", "id", *shared_columns(layer)]
    degrees = reach_m / METRES_PER_DEGREE * SPARE
    # The box reads the GiST index; 0.9 is below cos(latitude) of all Vietnam (up to 24° N).
    box = sa.func.ST_Expand(sa.func.ST_Envelope(force.c.strip), degrees / 0.9, degrees)
    inside: list[sa.ColumnElement[bool]] = [own.c.geom.op("&&", is_comparison=True)(box)]
    if not reach_m:
        inside.append(sa.func.ST_Intersects(own.c.geom, force.c.strip))
    ours = sa.select(*(own.c[name] for name in names), sa.literal("own").label("side")).select_from(
        own.join(force, sa.and_(*inside))
    )
    theirs = sa.select(*(shared.c[name] for name in names), sa.literal("neighbour").label("side"))
    return sa.union_all(ours, theirs.where(shared.c.agreement_id == agreement_id))


def _known(force: sa.Subquery, metric_srid: int) -> sa.ScalarSelect[Any]:
    """Where the actor sees every device: the own commune and the strip, with the cracks between them closed."""
    commune = table_of(LAYERS["communes"])
    both = metric(sa.func.ST_Union(commune.c.geom, force.c.strip), metric_srid)
    closed = sa.func.ST_Buffer(sa.func.ST_Buffer(both, _HALF_GAP_M), -_HALF_GAP_M)
    return sa.select(closed).select_from(commune.join(force, sa.true())).scalar_subquery()
