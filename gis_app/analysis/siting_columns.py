"""The columns of a siting problem: cameras (pole, model, bearing) and lamps (pole, model), and what each covers.

Devices that a planner has locked are columns of their own at exactly their place, on a pole of their own; a candidate
within a metre of it is that pole. Where a kind is refused no column of it is made.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import shapely

from gis_app.analysis.siting.problem import SitingProblem
from gis_app.analysis.siting_figures import Placed, camera_range_m, lit_targets, within_view
from gis_app.analysis.siting_ground import SAME_POLE_M, Bools, Floats, Ground, Ints, Poles, near_any, points_of
from gis_app.analysis.siting_settings import Settings
from gis_app.analysis.visibility import full_views, sees
from gis_app.errors import Unprocessable

MOST_COLUMNS = 100_000


@dataclass(frozen=True)
class Handmade:
    """What a planner has fixed: devices that stay, and devices whose kind is refused at their place."""

    locked: Sequence[Placed] = ()
    forbidden: Sequence[Placed] = ()


@dataclass(frozen=True)
class Columns:
    """Devices by column, cameras first; `locked[i]` is the column of the i-th locked device."""

    placed: Sequence[Placed]
    cost: Ints
    pole: Ints
    locked: Ints
    camera_count: int
    infrared: Bools
    covers: Sequence[Ints]
    pole_xy: Floats
    locked_views: Ints


def make_columns(ground: Ground, settings: Settings, poles: Poles, handmade: Handmade) -> Columns:
    """All columns that cover something, and the locked ones.

    Raises
    ------
    Unprocessable
        `siting_too_many_candidates`: more than MOST_COLUMNS. `siting_model_missing`: of a locked device.
    """
    for device in handmade.locked:
        if (settings.camera if device.kind == "camera" else settings.lamp)(device.model) is None:
            raise Unprocessable("siting_model_missing", model=device.model)
    spots = np.array([(d.x, d.y) for d in handmade.locked], dtype=float).reshape(-1, 2)
    own, owner = np.unique(spots, axis=0, return_inverse=True) if len(spots) else (spots, np.zeros(0, np.int64))
    rest = ~near_any(poles.xy, own, SAME_POLE_M)
    xy = np.concatenate([own, poles.xy[rest]])
    has_lamp = np.concatenate([near_any(own, poles.xy[poles.has_lamp], SAME_POLE_M), poles.has_lamp[rest]])
    count = len(xy) * (sum(model.bearing_count for model in settings.cameras) + len(settings.lamps))
    if count > MOST_COLUMNS:
        raise Unprocessable("siting_too_many_candidates", count=count, limit=MOST_COLUMNS)
    made = _Made(ground, settings, xy)
    refused = {kind: near_any(xy, _xy_of(handmade.forbidden, kind), SAME_POLE_M) for kind in ("camera", "lamp")}
    locked = [(int(pole), device) for pole, device in zip(owner.ravel(), handmade.locked, strict=True)]
    ids = np.zeros(len(locked), np.int64)
    made.cameras(~refused["camera"], [(k, p, d) for k, (p, d) in enumerate(locked) if d.kind == "camera"], ids)
    cameras = len(made.placed)
    lamps = [(k, p, d) for k, (p, d) in enumerate(locked) if d.kind == "lamp"]
    dark = ~refused["lamp"] & ~has_lamp
    dark[[p for _, p, _ in lamps]] = False
    made.lamps(dark, lamps, ids)
    views = np.bincount([p for p, d in locked if d.kind == "camera"], minlength=len(xy)).astype(np.int64)
    return Columns(made.placed, np.array(made.cost, np.int64), np.array(made.pole, np.int64), ids, cameras,
                   np.array(made.infrared, bool), made.covers, xy, views)  # fmt: skip


def _xy_of(devices: Sequence[Placed], kind: str) -> Floats:
    return np.array([(d.x, d.y) for d in devices if d.kind == kind], dtype=float).reshape(-1, 2)


class _Made:
    """Columns as they are made."""

    def __init__(self, ground: Ground, settings: Settings, xy: Floats) -> None:
        self.ground, self.settings, self.xy = ground, settings, xy
        self.placed: list[Placed] = []
        self.cost: list[int] = []
        self.pole: list[int] = []
        self.infrared: list[bool] = []
        self.covers: list[Ints] = []
        self.tree = shapely.STRtree(points_of(ground.xy))
        self.camera_of = {model.name: model for model in settings.cameras}
        self.lamp_of = {model.name: model for model in settings.lamps}

    def _add(self, placed: Placed, pole: int, cost: int, covers: Ints, infrared: bool = False) -> None:
        self.placed.append(placed)
        self.pole.append(pole)
        self.cost.append(cost)
        self.covers.append(covers)
        self.infrared.append(infrared)

    def cameras(self, is_open: Bools, locked: Sequence[tuple[int, int, Placed]], ids: Ints) -> None:
        """Every model and bearing at every open pole, then the locked ones, whose column ids go into `ids`."""
        models = self.settings.cameras
        if not models:
            return
        reach = {model.name: camera_range_m(model, self.settings.px_per_m) for model in models}
        farthest = max(reach.values())
        swept = full_views(self.xy[:, 0], self.xy[:, 1], farthest, self.ground.obstacles) if len(self.xy) else []
        hung = np.array([(one.x, one.y) for one in swept]).reshape(-1, 2)
        pole, target = self.tree.query(points_of(hung), predicate="dwithin", distance=farthest)
        order = np.lexsort((target, pole))
        first = np.searchsorted(pole[order], np.arange(len(self.xy) + 1))
        fixed: dict[int, list[tuple[int, Placed]]] = {}
        for number, at, device in locked:
            fixed.setdefault(at, []).append((number, device))
        for p, isovist in enumerate(swept):
            near = target[order[first[p] : first[p + 1]]]
            bearing, distance, visible = sees(isovist, self.ground.xy[near])
            near, bearing, distance = near[visible], bearing[visible], distance[visible]
            for model in models if is_open[p] else ():
                close = distance <= reach[model.name]
                for step in range(1 if model.fov_deg >= 360 else model.bearing_count):
                    azimuth = 360.0 * step / model.bearing_count
                    covers = near[close & within_view(bearing, azimuth, model.fov_deg)]
                    if len(covers):
                        placed = Placed("camera", float(self.xy[p, 0]), float(self.xy[p, 1]), azimuth, model.name)
                        self._add(placed, p, model.cost_vnd, covers, model.has_infrared)
            for number, device in fixed.get(p, ()):
                found = self.camera_of[device.model]
                close = distance <= reach[found.name]
                ids[number] = len(self.placed)
                covers = near[close & within_view(bearing, device.azimuth_deg or 0.0, found.fov_deg)]
                self._add(device, p, found.cost_vnd, covers, found.has_infrared)

    def lamps(self, is_open: Bools, locked: Sequence[tuple[int, int, Placed]], ids: Ints) -> None:
        """Every lamp at every open pole without one, then the locked ones."""
        for model in self.settings.lamps:
            spots = np.flatnonzero(is_open)
            pole, target = self.tree.query(points_of(self.xy[spots]), predicate="dwithin", distance=model.radius_m)
            order = np.lexsort((target, pole))
            first = np.searchsorted(pole[order], np.arange(len(spots) + 1))
            for at, p in enumerate(spots.tolist()):
                covers = target[order[first[at] : first[at + 1]]]
                if self.ground.lights_blocked:
                    covers = lit_targets(self.ground, float(self.xy[p, 0]), float(self.xy[p, 1]), model.radius_m)
                if len(covers):
                    placed = Placed("lamp", float(self.xy[p, 0]), float(self.xy[p, 1]), None, model.name)
                    self._add(placed, p, model.cost_vnd, covers)
        for number, p, device in locked:
            covers = lit_targets(self.ground, device.x, device.y, self.lamp_of[device.model].radius_m)
            ids[number] = len(self.placed)
            self._add(device, p, self.lamp_of[device.model].cost_vnd, covers)


def make_problem(ground: Ground, settings: Settings, columns: Columns) -> SitingProblem:
    """The problem that is solved; existing views on a pole leave fewer heads for new ones."""
    cut = columns.camera_count
    taken = np.zeros(len(columns.pole_xy), np.int64)
    if len(columns.pole_xy) and len(ground.standing.camera_xy):
        tree = shapely.STRtree(points_of(columns.pole_xy))
        _, pole = tree.query(points_of(ground.standing.camera_xy), predicate="dwithin", distance=SAME_POLE_M)
        np.add.at(taken, pole, 1)
    heads = np.maximum(np.maximum(settings.views_per_pole - taken, 0), columns.locked_views)
    locked_poles, per_pole = np.unique(columns.pole[columns.locked], return_counts=True)
    exclusive = np.full(len(heads), settings.exclusive)
    # What a planner put together on one pole by hand stays together.
    exclusive[locked_poles[per_pole > 1]] = False
    return SitingProblem(
        weight_day=ground.weight_day,
        weight_night=ground.weight_night,
        seen=ground.seen_count > 0,
        seen_infrared=ground.seen_infrared,
        lit=ground.lit,
        seen_count=ground.seen_count,
        camera_pole=columns.pole[:cut],
        camera_cost=columns.cost[:cut].astype(float),
        camera_infrared=columns.infrared[:cut],
        camera_sees=_matrix(columns.covers[:cut], ground.size),
        lamp_pole=columns.pole[cut:],
        lamp_cost=columns.cost[cut:].astype(float),
        lamp_lights=_matrix(columns.covers[cut:], ground.size),
        heads=heads,
        exclusive=exclusive,
        budgets=np.array([fund.amounts for fund in settings.funds], dtype=float).T.reshape(len(settings.years), -1),
        fund_kinds=[frozenset(fund.kinds) for fund in settings.funds],
        carry_over=settings.carry_over,
        backup=ground.backup,
        backup_share=ground.backup_share,
        must=ground.must,
        zone=ground.zone,
        equity=settings.equity,
        locked=columns.locked,
    )


def _matrix(covers: Sequence[Ints], width: int) -> sp.csr_matrix:
    starts = np.concatenate([[0], np.cumsum([len(one) for one in covers])]).astype(np.int64)
    ids = np.concatenate([np.zeros(0, np.int64), *covers])
    return sp.csr_matrix((np.ones(len(ids), bool), ids, starts), shape=(len(covers), width))
