"""Keeps the figures of coverage true: derives views and lit areas, then computes the squares that a change touches.

Reads as the officer of data (and hotspots once more as the planner), writes as `system` within the commune: whoever
looks at the page makes the figures true, whatever the role may see. Nothing of it is a person's act.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gis_app.analysis.coverage import (
    CUT_KINDS,
    GATE_M,
    LEVEL_NAMES,
    NEAR_M,
    Cell,
    Devices,
    Figure,
    Unit,
    box_of,
    cells_touching,
    measure,
)
from gis_app.analysis.device_views import lit_polygons
from gis_app.db import Actor, act_as
from gis_app.jobs.coverage_devices import derive_cameras, derive_lights
from gis_app.queries import coverage_inputs as inputs
from gis_app.queries import coverage_store as store
from gis_app.queries.communes import Commune
from gis_app.queries.coverage_days import keep_day
from gis_app.queries.coverage_inputs import Area
from gis_app.queries.statuses import fetch_today
from gis_app.tables.coverage import camera_views, light_areas

READER, PLANNER, WRITER = "data", "planner", "system"
# Who reads which figures of hotspots.
AUDIENCES = {READER: "police", PLANNER: "planner"}
WALLS = ("buildings", "walls")
# What counts where it stands: how far a change of the layer reaches.
UNIT_LAYERS = {
    "groups": 0.0, "communes": 0.0, "roads": 0.0, "schools": GATE_M, "venues": 0.0, "tip_boxes": 0.0, "gateways": 0.0,
    "key_routes": 0.0, "facilities": 0.0, "worker_housing": 0.0, "industrial_zones": 0.0,
}  # fmt: skip
# As much as a request computes while somebody waits.
SOON_DEVICES = 60
SOON_CELLS = 80

Step = Callable[[int, str], None]


@dataclass(frozen=True)
class Freshness:
    """Whether the figures are those of this moment, of which day and when they were computed."""

    is_stale: bool
    computed_on: dt.date | None = None
    computed_at: dt.datetime | None = None


@dataclass
class _Plan:
    """What is to be done; `cells` None: everything, from nothing."""

    cameras: list[int]
    lights: list[int]
    gone: tuple[list[int], list[int]]
    cells: set[Cell] | None
    dirty: list[int]


class _Work:
    """One computation: the connection, the commune, and the roles that it acts in."""

    def __init__(self, conn: Connection, actor: Actor, commune: Commune, step: Step) -> None:
        self.conn, self.commune, self.step = conn, commune, step
        self.srid, self.id = commune.metric_srid, commune.id
        self._actor = actor

    @contextmanager
    def acting(self, role: str) -> Iterator[Connection]:
        act_as(self.conn, replace(self._actor, role=role, commune_id=self.id))
        yield self.conn
        # Not after an error: then the transaction is rolled back whole, and its settings with it.
        act_as(self.conn, self._actor)

    def area(self, cells: set[Cell] | None, spare_m: float = 0.0) -> Area:
        if cells is None:
            return Area(None, self.srid)
        return Area(shapely.union_all([box_of(cell).buffer(spare_m, join_style="mitre") for cell in cells]), self.srid)


def _no_step(_percent: int, _message: str) -> None:
    pass


def ensure_coverage(
    conn: Connection, actor: Actor, commune: Commune, *, whole: bool = False, step: Step = _no_step
) -> Freshness:
    """Make the figures those of now if little has changed, or `whole`: whatever it takes; say whether they are."""
    work = _Work(conn, actor, commune, step)
    blocked = store.fetch_lights_blocked(conn, commune.id)
    with work.acting(WRITER):
        state, dirty = store.fetch_state(conn, commune.id), store.is_dirty(conn, commune.id)
        today = fetch_today(conn)
        needed = state is None or dirty or state.computed_on != today or state.lights_blocked != blocked
        alone = needed and store.try_lock(conn, commune.id)
    if alone:
        _compute(work, state, today, blocked=blocked, whole=whole)
        with work.acting(WRITER):
            state, dirty = store.fetch_state(conn, commune.id), store.is_dirty(conn, commune.id)
    if state is None:
        return Freshness(is_stale=True)
    is_stale = dirty or state.computed_on != today or state.lights_blocked != blocked
    return Freshness(is_stale, state.computed_on, state.computed_at)


def _compute(work: _Work, state: store.State | None, today: dt.date, *, blocked: bool, whole: bool) -> None:
    conn = work.conn
    from_nothing = state is None or state.lights_blocked != blocked
    plan = _plan(work, state, today, from_nothing=from_nothing, blocked=blocked)
    if not whole and _is_much(plan):
        return
    work.step(5, "views")
    cameras, lights = _derive(work, plan, today, blocked=blocked)
    if plan.cells is not None:
        plan.cells |= _touched(work, plan, cameras, lights)
        if not whole and _is_much(plan):
            return
    with work.acting(WRITER):
        if state is not None and state.computed_on < today:
            keep_day(conn, work.id, state.computed_on)
        if from_nothing:
            store.clear_derived(conn, work.id)
        store.delete_gone(conn, work.id, *plan.gone, work.srid)
        store.replace_derived(conn, work.id, cameras, work.srid)
        store.replace_derived(conn, work.id, lights, work.srid)
    work.step(40, "figures")
    figures = _measure(work, plan.cells)
    work.step(85, "saving")
    with work.acting(WRITER):
        store.replace_figures(conn, work.id, plan.cells, [store.FigureRow(**vars(one)) for one in figures])
        store.delete_dirty(conn, work.id, plan.dirty)
        store.save_state(conn, work.id, today, lights_blocked=blocked)


def _is_much(plan: _Plan) -> bool:
    if len(plan.cameras) > SOON_DEVICES or len(plan.lights) > SOON_DEVICES * 8:
        return True
    return plan.cells is not None and len(plan.cells) > SOON_CELLS


def _plan(work: _Work, state: store.State | None, today: dt.date, *, from_nothing: bool, blocked: bool) -> _Plan:
    conn = work.conn
    with work.acting(WRITER):
        dirty, boxes = store.fetch_dirty(conn, work.id, work.srid)
    if from_nothing:
        with work.acting(READER):
            cameras, lights = (inputs.fetch_ids(conn, work.id, layer) for layer in ("cameras", "lights"))
        return _Plan(cameras, lights, ([], []), None, dirty)
    walls, roads = _union(boxes, WALLS, work.srid), _union(boxes, ("roads",), work.srid)
    streets = None if roads is None else roads.widened(inputs.NEAR_STREET_M)
    days = (state.computed_on if state else today, today)
    with work.acting(READER):
        cameras = inputs.find_changed_cameras(conn, work.id, days, walls, streets)
        lights = inputs.find_changed_lights(conn, work.id, days, walls if blocked else None)
        gone = (
            inputs.find_gone(conn, work.id, "cameras", camera_views, "camera_id"),
            inputs.find_gone(conn, work.id, "lights", light_areas, "light_id"),
        )
    cells: set[Cell] = set()
    for layer, box in boxes:
        if layer in UNIT_LAYERS:
            cells |= cells_touching([box], UNIT_LAYERS[layer])
    if any(layer in ("hotspots", "roads") for layer, _box in boxes):
        cells |= _hotspot_cells(work)
    return _Plan(cameras, lights, gone, cells, dirty)


def _hotspot_cells(work: _Work) -> set[Cell]:
    """Where hotspots count now and counted before: a new street moves those that planners see on theirs."""
    everywhere = work.area(None)
    units: list[inputs.UnitRow] = []
    for role, audience in AUDIENCES.items():
        with work.acting(role) as conn:
            units += inputs.fetch_hotspots(conn, work.id, everywhere, role, audience)
    with work.acting(WRITER) as conn:
        before = store.fetch_cells_of(conn, work.id, "hotspot")
    return cells_touching([unit.shape for unit in units]) | before


def _union(boxes: Sequence[tuple[str, Any]], layers: Sequence[str], srid: int) -> Area | None:
    chosen = [box for layer, box in boxes if layer in layers]
    return Area(shapely.union_all(chosen), srid) if chosen else None


def _derive(work: _Work, plan: _Plan, today: dt.date, *, blocked: bool) -> tuple[list[store.View], list[store.Lit]]:
    """What the devices that the plan names see and light now."""
    with work.acting(READER) as conn:
        cameras = derive_cameras(conn, work.id, plan.cameras, today, work.srid)
        work.step(30, "lights")
        return cameras, derive_lights(conn, work.id, plan.lights, today, work.srid, blocked=blocked)


def _touched(work: _Work, plan: _Plan, cameras: Sequence[store.View], lights: Sequence[store.Lit]) -> set[Cell]:
    """The squares that these devices saw and lit before, or do now."""
    with work.acting(WRITER) as conn:
        gone = ([*plan.cameras, *plan.gone[0]], [*plan.lights, *plan.gone[1]])
        old = store.fetch_old_areas(conn, work.id, *gone, work.srid)
    new = [view.geom for view in cameras if view.level == LEVEL_NAMES[0] and view.geom is not None]
    return cells_touching([*old, *new, *(lit.reach for lit in lights)], NEAR_M)


def _measure(work: _Work, cells: set[Cell] | None) -> list[Figure]:
    conn, area = work.conn, work.area(cells)
    if cells is not None and not cells:
        return []
    with work.acting(READER):
        outline = inputs.fetch_outline(conn, work.id, work.srid)
        rows = inputs.fetch_units(conn, work.id, area, GATE_M)
        found = store.fetch_measured(conn, work.id, work.area(cells, NEAR_M), lit_polygons)
    for role, audience in AUDIENCES.items():
        with work.acting(role):
            rows += inputs.fetch_hotspots(conn, work.id, area, role, audience)
    units = _units_of(outline, rows)
    return measure(_cells_of(units) if cells is None else cells, units, Devices(**vars(found)))


def _units_of(outline: Any, rows: Sequence[inputs.UnitRow]) -> list[Unit]:
    """What is measured: the commune, and the rows; what CUT_KINDS are ends at its outline."""
    units = [Unit("commune", "", outline)]
    for row in rows:
        shape = row.shape.buffer(GATE_M, quad_segs=32) if row.kind == "school" else row.shape
        if row.kind in CUT_KINDS:
            shape = shape.intersection(outline)
        if not shape.is_empty:
            units.append(Unit(row.kind, row.unit, shape, row.weight, row.audience))
    return units


def _cells_of(units: Sequence[Unit]) -> set[Cell]:
    shapes = np.array([unit.shape for unit in units if unit.kind != "commune"], dtype=object)
    outline = next(unit.shape for unit in units if unit.kind == "commune")
    return cells_touching([outline]) | cells_touching(shapes)
