"""Loudspeakers, houses and groups of a commune, in metres of its VN-2000 zone. Row-level security applies."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection

from gis_app.queries.coverage_inputs import Area, meets, metric_wkb, shapes_of
from gis_app.queries.filters import metric
from layers import LAYERS, table_of

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Speaker:
    """A loudspeaker that is there: place in degrees and in metres; `range_m` None: nobody wrote it down."""

    id: int
    external_id: str | None
    state: str
    range_m: float | None
    lon: float
    lat: float
    x: float
    y: float


@dataclass(frozen=True)
class GroupShape:
    """A present group, in name order."""

    id: int
    name: str
    household_count: int | None
    shape: Any


def fetch_speakers(conn: Connection, commune_id: int, srid: int) -> list[Speaker]:
    """Loudspeakers but for proposed and removed ones, by id."""
    c = table_of(LAYERS["loudspeakers"]).c
    place = metric(c.geom, srid)
    axes = (sa.func.ST_X(c.geom), sa.func.ST_Y(c.geom), sa.func.ST_X(place), sa.func.ST_Y(place))
    statement = sa.select(c.id, c.external_id, c.state, c.range_m, *axes)
    statement = statement.where(c.commune_id == commune_id, c.state.in_(("working", "broken"))).order_by(c.id)
    return [Speaker(*row) for row in conn.execute(statement)]


def fetch_houses(conn: Connection, commune_id: int, area: Area) -> Floats:
    """Middles of buildings that meet an area, (n, 2) in metres."""
    c = table_of(LAYERS["buildings"]).c
    spot = metric(sa.func.ST_Centroid(c.geom), area.srid)
    statement = sa.select(sa.func.ST_X(spot), sa.func.ST_Y(spot)).where(c.commune_id == commune_id, meets(c.geom, area))
    rows = conn.execute(statement).all()
    return np.array([tuple(row) for row in rows], dtype=float).reshape(-1, 2)


def fetch_group_shapes(conn: Connection, commune_id: int, srid: int) -> list[GroupShape]:
    """Present groups with their areas in metres."""
    c = table_of(LAYERS["groups"]).c
    statement = sa.select(c.id, c.name, c.household_count, metric_wkb(c.geom, srid)).where(c.commune_id == commune_id)
    rows = conn.execute(statement.order_by(sa.collate(c.name, "vi_numeric"), c.id)).all()
    shapes = shapes_of([row[3] for row in rows])
    return [GroupShape(*row[:3], shape) for row, shape in zip(rows, shapes, strict=True)]


def as_circle(speaker: Speaker) -> Mapping[str, Any]:
    """A loudspeaker as a map draws it."""
    names = ("id", "external_id", "state", "range_m", "lon", "lat")
    return {name: getattr(speaker, name) for name in names}
