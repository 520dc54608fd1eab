"""The workbench of a siting plan: its ground read from the database once, and what its devices cover.

The ground is the same for every role (queries/siting_sources.py reads as planners do), so the process keeps it for the
next drag of a device: read anew when the settings or a layer of the commune change.
"""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gis_app.analysis.device_views import CameraFields
from gis_app.analysis.obstacles import make_obstacles
from gis_app.analysis.siting_figures import Cover, Placed, cover_of
from gis_app.analysis.siting_ground import (
    MOST_POLES,
    MOST_TARGETS,
    Ground,
    Places,
    Poles,
    Sources,
    Standing,
    allowed,
    make_ground,
    make_poles,
)
from gis_app.analysis.siting_settings import CLASSES, LINES, STREETS, Settings, read_settings
from gis_app.db import Actor
from gis_app.errors import Unprocessable
from gis_app.queries import siting_sources as src
from gis_app.queries.communes import Commune
from gis_app.queries.coverage_store import fetch_lights_blocked
from gis_app.queries.siting import Device, Plan

# Grounds kept by a process; one of a large commune takes some 20 MB.
KEPT = 4
_MOST_COVERS = 5000
_BENCHES: "OrderedDict[tuple[str, int, int], tuple[str, Bench]]" = OrderedDict()
_LOCK = threading.Lock()


@dataclass(eq=False)
class Bench:
    """A plan's ground with what is needed to place devices on it."""

    settings: Settings
    sources: Sources
    ground: Ground
    light_xy: np.ndarray
    drawn: np.ndarray
    excluded: np.ndarray
    srid: int
    covers: dict[Placed, Cover] = field(default_factory=dict)

    def cover(self, placed: Placed) -> Cover:
        """What a device covers, remembered."""
        found = self.covers.get(placed)
        if found is None:
            if len(self.covers) > _MOST_COVERS:
                self.covers.clear()
            found = self.covers[placed] = cover_of(self.ground, self.settings, placed)
        return found

    def poles(self) -> Poles:
        """The candidates."""
        return make_poles(self.sources, self.settings, self.light_xy, self.drawn, self.excluded)

    def may_stand(self, x: float, y: float) -> str | None:
        """Why a device may not stand at a place: `outside` of the commune, `excluded`; None: it may."""
        here = np.array([[x, y]])
        if not len(allowed(here, self.sources.outline, np.empty(0, dtype=object))):
            return "outside"
        return None if len(allowed(here, self.sources.outline, self.excluded)) else "excluded"


def settings_of(plan: Plan) -> Settings:
    """The settings of a stored plan.

    Raises
    ------
    Unprocessable
        `bad_siting_plan`: they were stored by a program with other rules.
    """
    found, faults = read_settings(plan.settings)
    if found is None:
        raise Unprocessable("bad_siting_plan", faults=faults)
    return found


def open_bench(conn: Connection, actor: Actor, commune: Commune, plan: Plan) -> Bench:
    """The workbench of a plan that the actor may read, from the process's memory where nothing has changed.

    Raises
    ------
    Unprocessable
        `siting_too_many_targets`, `bad_siting_plan`.
    """
    where = (str(conn.engine.url), commune.id, plan.id)
    settings = json.dumps(plan.settings, sort_keys=True)
    with src.reading_as_planner(conn, actor):
        awaited = src.fetch_awaited(conn, commune.id, plan.id)
    stamp = f"{hashlib.sha256(settings.encode()).hexdigest()}|{src.fetch_stamp(conn, commune.id)}|{awaited}"
    with _LOCK:
        kept = _BENCHES.get(where)
        if kept is not None and kept[0] == stamp:
            _BENCHES.move_to_end(where)
            return kept[1]
    with src.reading_as_planner(conn, actor):
        bench = _read(conn, commune, settings_of(plan), awaited)
    with _LOCK:
        _BENCHES[where] = (stamp, bench)
        while len(_BENCHES) > KEPT:
            _BENCHES.popitem(last=False)
    return bench


def _read(conn: Connection, commune: Commune, settings: Settings, awaited: Mapping[str, Sequence[int]]) -> Bench:
    here, srid = commune.id, commune.metric_srid
    camera_xy, cameras = src.fetch_devices(conn, here, "cameras", srid, ("working",), awaited["cameras"])
    lamp_xy, lamps = src.fetch_devices(conn, here, "lights", srid, ("working",), awaited["lights"])
    coming = tuple(
        len(found) - src.count_by_state(conn, here, name, ("working",))
        for name, found in (("cameras", cameras), ("lights", lamps))
    )
    poles, _ = src.fetch_devices(conn, here, "lights", srid, ("working", "broken"), awaited["lights"])
    places = {
        name: Places(*src.fetch_places(conn, here, name, srid))
        for name in CLASSES
        if name not in LINES and settings.weights[name] > 0
    }
    sources = Sources(
        outline=src.fetch_outline(conn, here, srid),
        groups=src.fetch_groups(conn, here, srid),
        streets=shapely.get_parts(src.fetch_streets(conn, here, srid)),
        places=places,
        obstacles=make_obstacles(*src.fetch_obstacle_shapes(conn, here, srid)),
        standing=Standing(camera_xy, [CameraFields(*row) for row in cameras], lamp_xy, lamps, (coming[0], coming[1])),
        key_routes=shapely.get_parts(src.fetch_key_routes(conn, here, srid)),
        lights_blocked=fetch_lights_blocked(conn, here),
    )
    drawn = shapely.get_coordinates(src.to_metres(conn, [shapely.Point(p) for p in settings.points], srid))
    excluded = src.to_metres(conn, settings.exclusions, srid)
    for area in excluded:
        shapely.prepare(area)
    ground = make_ground(sources, settings)
    return Bench(settings, sources, ground, poles, drawn.reshape(-1, 2), excluded, srid)


def check_size(conn: Connection, commune: Commune, settings: Settings) -> None:
    """Say at once that there will be too many targets or candidates, before anything is read.

    Raises
    ------
    Unprocessable
        `siting_too_many_targets`, `siting_too_many_candidates`: with the count and the limit.
    """
    metres, _ = src.fetch_street_length_m(conn, commune.id, commune.metric_srid)
    targets = int(metres / settings.street_spacing_m) if settings.weights[STREETS] > 0 else 0
    if targets > 2 * MOST_TARGETS:
        raise Unprocessable("siting_too_many_targets", count=targets, limit=MOST_TARGETS)
    poles = len(settings.points)
    poles += int(metres / settings.pole_spacing_m) if settings.pole_spacing_m else 0
    if settings.light_poles:
        poles += src.count_by_state(conn, commune.id, "lights", ("working", "broken"))
    # Twice: some of them lie outside, in exclusion areas, or together; the exact number is looked at with the ground.
    if poles > 2 * MOST_POLES:
        raise Unprocessable("siting_too_many_candidates", count=poles, limit=MOST_POLES)


def placed_of(device: Device, places: Mapping[int, tuple[float, float]]) -> Placed:
    """A stored device at its place in metres."""
    x, y = places[device.id]
    return Placed(device.kind, x, y, device.azimuth_deg, device.model)


def covers_of(bench: Bench, devices: Sequence[Device], places: Mapping[int, tuple[float, float]]) -> list[Cover]:
    """What each device covers."""
    return [bench.cover(placed_of(device, places)) for device in devices]


def spending_of(settings: Settings, devices: Sequence[Device]) -> dict[str, Any]:
    """Money by year and fund: what devices cost against the budget; `unpaid_vnd` of devices that no fund pays.

    `is_over`: something is unpaid, or a year and fund has spent more than it has (with carry-over: than it has had).
    """
    rows, over = [], False
    for fund in settings.funds:
        had = spent_before = 0
        for year, amount in zip(settings.years, fund.amounts, strict=True):
            spent = sum(d.cost_vnd for d in devices if d.year == year and d.fund == fund.name)
            had, spent_before = had + amount, spent_before + spent
            rows.append({"year": year, "fund": fund.name, "spent_vnd": spent, "budget_vnd": amount})
            over |= spent_before > had if settings.carry_over else spent > amount
    known = {(row["year"], row["fund"]) for row in rows}
    unpaid = sum(d.cost_vnd for d in devices if (d.year, d.fund) not in known)
    total = sum(d.cost_vnd for d in devices)
    budget = sum(amount for fund in settings.funds for amount in fund.amounts)
    return {"rows": sorted(rows, key=lambda row: row["year"]), "total_vnd": total, "budget_vnd": budget,
            "unpaid_vnd": unpaid, "is_over": bool(over or unpaid)}  # fmt: skip


def free_slot(settings: Settings, devices: Sequence[Device], kind: str, cost_vnd: int) -> tuple[int, str] | None:
    """The first year and fund that can still pay for a device; None: none can."""
    for count, year in enumerate(settings.years):
        for fund in settings.funds:
            spent = sum(d.cost_vnd for d in devices if d.year == year and d.fund == fund.name)
            if kind in fund.kinds and spent + cost_vnd <= fund.amounts[count]:
                return year, fund.name
    return None
