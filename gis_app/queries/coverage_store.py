"""What the computation of coverage keeps: views, lit areas, figures, days, state. Row-level security applies.

Writing needs the role `system` within the commune; shapes come and go in the commune's metric zone.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import psycopg2.extras
import shapely
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gis_app.crs import STORED
from gis_app.queries.coverage_inputs import Area, meets, metric_wkb, shapes_of
from gis_app.queries.filters import metric
from gis_app.tables.coverage import (
    COLUMN_COUNT,
    LEVELS,
    camera_views,
    coverage_dirty,
    coverage_figures,
    coverage_settings,
    coverage_states,
    light_areas,
)
from layers import LAYERS, table_of

_V, _A, _F = camera_views.c, light_areas.c, coverage_figures.c
_LIGHTS = table_of(LAYERS["lights"])
PAGE_ROWS = 500

Cell = tuple[int, int]


class FigureRow(NamedTuple):
    """The part of a unit in one square, as analysis/coverage.py has it."""

    cell: Cell
    kind: str
    unit: str
    audience: str
    total: float
    covered: tuple[float, ...]


@dataclass(frozen=True)
class Measured:
    """Devices that count: views (n, 4) by level with rank and infrared, lit areas (m,) with rank; metres."""

    views: Any
    camera_rank: Any
    infrared: Any
    lamps: Any
    lamp_rank: Any


@dataclass(frozen=True)
class State:
    """When and for which day figures were computed, and whether buildings stood in the way of lamps."""

    computed_on: dt.date
    computed_at: dt.datetime
    lights_blocked: bool


@dataclass(frozen=True)
class View:
    """A camera as it is counted at one level; `geom` and `reach` in metres."""

    camera_id: int
    version: int
    rank: int
    assumed: tuple[str, ...]
    reason: str | None
    level: str
    has_infrared: bool
    azimuth_deg: float | None
    fov_deg: float | None
    range_m: float | None
    geom: Any
    reach: Any


@dataclass(frozen=True)
class Lit:
    """A lamp as it is counted; `geom` only where buildings cut the circle."""

    light_id: int
    version: int
    rank: int
    assumed: tuple[str, ...]
    reason: str | None
    radius_m: float | None
    geom: Any
    reach: Any


def try_lock(conn: Connection, commune_id: int) -> bool:
    """Whether nobody else computes this commune; held until the transaction ends."""
    return bool(conn.execute(sa.select(sa.func.pg_try_advisory_xact_lock(73020, commune_id))).scalar_one())


def fetch_state(conn: Connection, commune_id: int) -> State | None:
    """The state of the figures; None: never computed."""
    c = coverage_states.c
    statement = sa.select(c.computed_on, c.computed_at, c.lights_blocked).where(c.commune_id == commune_id)
    row = conn.execute(statement).one_or_none()
    return None if row is None else State(*row)


def fetch_lights_blocked(conn: Connection, commune_id: int) -> bool:
    """What the commune has chosen: whether buildings stand in the way of lamps."""
    c = coverage_settings.c
    return bool(conn.execute(sa.select(c.lights_blocked).where(c.commune_id == commune_id)).scalar_one_or_none())


def _ensure_settings(conn: Connection, commune_id: int) -> None:
    c = coverage_settings.c
    if conn.execute(sa.select(c.id).where(c.commune_id == commune_id)).first() is None:
        conn.execute(insert(coverage_settings).values(commune_id=commune_id).on_conflict_do_nothing())


def save_lights_blocked(conn: Connection, commune_id: int, *, lights_blocked: bool) -> None:
    """Choose whether buildings stand in the way of lamps, as a person who may."""
    c = coverage_settings.c
    _ensure_settings(conn, commune_id)
    change = sa.update(coverage_settings).where(c.commune_id == commune_id, c.lights_blocked != lights_blocked)
    conn.execute(change.values(lights_blocked=lights_blocked))


def fetch_left_out(conn: Connection, commune_id: int) -> frozenset[str]:
    """Classes of places that the commune need not cover."""
    c = coverage_settings.c
    found = conn.execute(sa.select(c.left_out).where(c.commune_id == commune_id)).scalar_one_or_none()
    return frozenset(found or ())


def save_left_out(conn: Connection, commune_id: int, left_out: Iterable[str]) -> None:
    """Choose the classes of places that need no coverage, as a person who may."""
    c, wanted = coverage_settings.c, sorted(set(left_out))
    _ensure_settings(conn, commune_id)
    change = sa.update(coverage_settings).where(c.commune_id == commune_id, c.left_out != wanted)
    conn.execute(change.values(left_out=wanted))


def fetch_dirty(conn: Connection, commune_id: int, srid: int) -> tuple[list[int], list[tuple[str, Any]]]:
    """The ids of what is to be computed anew, and (layer, box in metres); the same box of a layer once."""
    c = coverage_dirty.c
    statement = sa.select(sa.func.array_agg(c.id), c.layer, metric_wkb(c.box, srid)).where(c.commune_id == commune_id)
    rows = conn.execute(statement.group_by(c.layer, c.box)).all()
    boxes = shapes_of([row[2] for row in rows])
    ids = [number for row in rows for number in row[0]]
    return ids, [(row[1], box) for row, box in zip(rows, boxes, strict=True)]


def is_dirty(conn: Connection, commune_id: int) -> bool:
    """Whether anything changed since; for the computation (people have no business with the boxes)."""
    c = coverage_dirty.c
    return bool(conn.execute(sa.select(sa.exists().where(c.commune_id == commune_id))).scalar_one())


def delete_dirty(conn: Connection, commune_id: int, ids: Sequence[int]) -> None:
    """Forget what was taken, and nothing that others committed meanwhile."""
    c = coverage_dirty.c
    some = sa.literal(list(ids), sa.ARRAY(sa.BigInteger))
    conn.execute(sa.delete(coverage_dirty).where(c.commune_id == commune_id, c.id == sa.func.any(some)))


def fetch_old_areas(conn: Connection, commune_id: int, cameras: Sequence[int], lights: Sequence[int], srid: int) -> Any:
    """What devices saw and lit as last computed, as shapes in metres."""
    views = sa.select(metric_wkb(_V.geom, srid)).where(
        _V.commune_id == commune_id, _V.camera_id.in_(cameras), _V.level == "detect", _V.geom.is_not(None)
    )
    areas = sa.select(metric_wkb(_A.reach, srid)).where(
        _A.commune_id == commune_id, _A.light_id == sa.func.any(sa.literal(list(lights), sa.ARRAY(sa.BigInteger))),
        _A.reach.is_not(None),
    )  # fmt: skip
    found = [*conn.execute(views).scalars(), *conn.execute(areas).scalars()]
    return shapes_of(found)


def _stored(value: Any) -> Any:
    """A value as the driver takes it."""
    if isinstance(value, BaseGeometry):
        return shapely.to_wkb(value)
    return list(value) if isinstance(value, tuple) else value


def replace_derived(conn: Connection, commune_id: int, rows: Sequence[View] | Sequence[Lit], srid: int) -> None:
    """Put what was derived anew in place of what was there of these devices."""
    if rows:
        table, key = (light_areas, "light_id") if isinstance(rows[0], Lit) else (camera_views, "camera_id")
        _replace(conn, commune_id, table, key, {getattr(row, key) for row in rows}, rows, srid)


def clear_derived(conn: Connection, commune_id: int) -> None:
    """Forget all views and lit areas: they are derived anew."""
    for table in (camera_views, light_areas):
        conn.execute(sa.delete(table).where(table.c.commune_id == commune_id))


def _replace(
    conn: Connection, commune_id: int, table: sa.Table, key: str, ids: set[int], rows: Sequence[Any], srid: int
) -> None:
    if ids:
        some = sa.literal(sorted(ids), sa.ARRAY(sa.BigInteger))
        conn.execute(sa.delete(table).where(table.c.commune_id == commune_id, table.c[key] == sa.func.any(some)))
    if not rows:
        return
    names = [c.name for c in table.columns if c.name != "commune_id"]
    shape = f"ST_Transform(ST_GeomFromWKB(%s, {int(srid)}), {STORED})"
    template = f"(%s, {', '.join(shape if name in ('geom', 'reach') else '%s' for name in names)})"
    records = [(commune_id, *(_stored(getattr(row, name)) for name in names)) for row in rows]
    statement = f"INSERT INTO {table.name} (commune_id, {', '.join(names)}) VALUES %s"  # noqa: S608 - our own names
    psycopg2.extras.execute_values(conn.connection.cursor(), statement, records, template, PAGE_ROWS)


def delete_gone(conn: Connection, commune_id: int, cameras: Sequence[int], lights: Sequence[int], srid: int) -> None:
    """Forget devices that are there no more."""
    _replace(conn, commune_id, camera_views, "camera_id", set(cameras), (), srid)
    _replace(conn, commune_id, light_areas, "light_id", set(lights), (), srid)


def fetch_measured(conn: Connection, commune_id: int, area: Area, lamps: Any) -> Measured:
    """Devices whose view or light meets an area; `lamps(x, y, radius_m)` draws the circles that nothing cuts."""
    near = meets(_V.geom, area)
    # The views of the other levels lie within the widest.
    inside = sa.select(_V.camera_id).where(_V.commune_id == commune_id, _V.level == "detect", _V.rank > 0, near)
    statement = sa.select(_V.camera_id, _V.level, _V.rank, _V.has_infrared, metric_wkb(_V.geom, area.srid)).where(
        _V.commune_id == commune_id, _V.camera_id.in_(inside)
    )
    rows = conn.execute(statement.order_by(_V.camera_id)).all()
    numbers = {camera_id: n for n, camera_id in enumerate(dict.fromkeys(row[0] for row in rows))}
    views = np.full((len(numbers), len(LEVELS)), shapely.Polygon(), dtype=object)
    rank, infrared = np.zeros(len(numbers), dtype=int), np.zeros(len(numbers), dtype=bool)
    for row, shape in zip(rows, shapes_of([row[4] for row in rows]), strict=True):
        n = numbers[row[0]]
        rank[n], infrared[n] = row[2], row[3]
        if shape is not None:
            views[n, LEVELS.index(row[1])] = shape
    return Measured(views, rank, infrared, *_fetch_lamps(conn, commune_id, area, lamps))


def _fetch_lamps(conn: Connection, commune_id: int, area: Area, lamps: Any) -> tuple[Any, Any]:
    place = metric(_LIGHTS.c.geom, area.srid)
    same = sa.and_(_LIGHTS.c.commune_id == _A.commune_id, _LIGHTS.c.id == _A.light_id)
    statement = (
        sa.select(sa.func.ST_X(place), sa.func.ST_Y(place), _A.radius_m, _A.rank, metric_wkb(_A.geom, area.srid))
        .select_from(light_areas.join(_LIGHTS, same))
        .where(_A.commune_id == commune_id, _A.rank > 0, meets(_A.reach, area))
        .order_by(_A.light_id)
    )
    rows = conn.execute(statement).all()
    if not rows:
        return np.empty(0, dtype=object), np.empty(0, dtype=int)
    x, y, radius = np.array([row[:3] for row in rows], dtype=float).T
    shapes = np.asarray(lamps(x, y, radius), dtype=object)
    cut = shapes_of([row[4] for row in rows])
    is_cut = np.array([shape is not None for shape in cut])
    shapes[is_cut] = cut[is_cut]
    return shapes, np.array([row[3] for row in rows])


def cell_name(cell: Cell) -> str:
    """A square as figures call it."""
    return f"{cell[0]}:{cell[1]}"


def fetch_cells_of(conn: Connection, commune_id: int, kind: str) -> set[Cell]:
    """The squares in which units of a kind have figures."""
    names = conn.execute(sa.select(_F.cell).distinct().where(_F.commune_id == commune_id, _F.kind == kind)).scalars()
    return {(int(east), int(north)) for east, north in (name.split(":") for name in names)}


def replace_figures(
    conn: Connection, commune_id: int, cells: Iterable[Cell] | None, figures: Sequence[FigureRow]
) -> None:
    """Put the figures of some squares (None: of all) in place of what was there."""
    gone = sa.delete(coverage_figures).where(_F.commune_id == commune_id)
    if cells is not None:
        names = sa.literal([cell_name(cell) for cell in cells], sa.ARRAY(sa.Text))
        gone = gone.where(_F.cell == sa.func.any(names))
    conn.execute(gone)
    none = "{" + ",".join("0" * COLUMN_COUNT) + "}"
    records = [
        (
            commune_id, cell_name(one.cell), one.kind, one.unit, one.audience, one.total,
            "{" + ",".join(map(repr, one.covered)) + "}" if any(one.covered) else none,
        )
        for one in figures
    ]  # fmt: skip
    statement = "INSERT INTO coverage_figures (commune_id, cell, kind, unit, audience, total, covered) VALUES %s"
    template = "(%s, %s, %s, %s, %s, %s, %s::float8[])"
    psycopg2.extras.execute_values(conn.connection.cursor(), statement, records, template, PAGE_ROWS)


def save_state(conn: Connection, commune_id: int, day: dt.date, *, lights_blocked: bool) -> None:
    """Say that the figures hold for a day."""
    values = {"computed_on": day, "computed_at": sa.func.clock_timestamp(), "lights_blocked": lights_blocked}
    statement = insert(coverage_states).values(commune_id=commune_id, **values)
    conn.execute(statement.on_conflict_do_update(index_elements=["commune_id"], set_=values))


def find_stale_communes(conn: Connection) -> list[int]:
    """Communes whose figures are out of date; for the worker, which acts in none."""
    return list(conn.execute(sa.text("SELECT commune_id FROM stale_communes()")).scalars())
