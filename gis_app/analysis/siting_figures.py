"""What devices of a plan do for its targets: what each covers, the weight, figures before and after.

The weight is the objective of gis_app/analysis/siting: by day what is seen, by night what is seen and lit or seen with
infrared, and a share of the day's weight for a second camera where that is asked. Metres, degrees clockwise from north.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gis_app.analysis.device_views import lit_polygons
from gis_app.analysis.dori import range_of
from gis_app.analysis.siting_ground import Bools, Floats, Ground, Ints
from gis_app.analysis.siting_settings import CLASSES, CameraModel, LampModel, Settings
from gis_app.analysis.visibility import Isovist, cut_view, full_view, sees


@dataclass(frozen=True)
class Placed:
    """A device at a place; lamps have no azimuth."""

    kind: str
    x: float
    y: float
    azimuth_deg: float | None
    model: str


@dataclass(frozen=True)
class Cover:
    """The targets of a device (ids, ascending); a camera sees them, a lamp lights them."""

    targets: Ints
    is_camera: bool
    has_infrared: bool


@dataclass(frozen=True)
class Counts:
    """What is so at each target."""

    seen: Ints
    infrared: Ints
    lit: Ints


def camera_range_m(model: CameraModel, px_per_m: float) -> float:
    """How far a model sees at the plan's level, at most a kilometre."""
    return min(range_of(model.pixel_width, model.fov_deg, px_per_m, is_panoramic=model.fov_deg >= 360), 1000.0)


def within_view(bearing: Floats, azimuth_deg: float, fov_deg: float) -> Bools:
    """Which bearings lie in a view, its edges included."""
    off = np.abs((bearing - azimuth_deg + 180.0) % 360.0 - 180.0)
    return np.asarray(off <= fov_deg / 2 + 1e-9)


def targets_near(ground: Ground, x: float, y: float, radius_m: float) -> Ints:
    """Ids of the targets within a distance, ascending."""
    return np.flatnonzero(np.hypot(ground.xy[:, 0] - x, ground.xy[:, 1] - y) <= radius_m)


def lit_targets(ground: Ground, x: float, y: float, radius_m: float) -> Ints:
    """Ids of the targets that a lamp lights, ascending: as coverage counts light."""
    if not ground.lights_blocked:
        return targets_near(ground, x, y, radius_m)
    isovist = full_view(x, y, radius_m, ground.obstacles)
    near = targets_near(ground, isovist.x, isovist.y, radius_m)
    visible = sees(isovist, ground.xy[near])[2]
    return near[visible]


def cover_of(ground: Ground, settings: Settings, placed: Placed) -> Cover:
    """What a device covers; nothing where its model is no longer in the settings."""
    nothing = Cover(np.zeros(0, np.int64), placed.kind == "camera", False)
    if placed.kind == "lamp":
        lamp = settings.lamp(placed.model)
        return nothing if lamp is None else Cover(lit_targets(ground, placed.x, placed.y, lamp.radius_m), False, False)
    model = settings.camera(placed.model)
    if model is None:
        return nothing
    reach = camera_range_m(model, settings.px_per_m)
    isovist = full_view(placed.x, placed.y, reach, ground.obstacles)
    # The camera hangs off its wall: up to 3 m and a little from where it was drawn.
    near = targets_near(ground, isovist.x, isovist.y, reach)
    bearing, _, visible = sees(isovist, ground.xy[near])
    kept = visible & within_view(bearing, placed.azimuth_deg or 0.0, model.fov_deg)
    return Cover(near[kept], True, model.has_infrared)


@dataclass(frozen=True)
class Drawn:
    """What a device shows on a map: its polygon, where it hangs, metres; `inside`: shut in a building."""

    polygon: shapely.Polygon
    inside: bool
    reach_m: float


def draw_view(ground: Ground, settings: Settings, placed: Placed) -> Drawn:
    """The view of a camera or the lit circle of a lamp."""
    lamp: LampModel | None = settings.lamp(placed.model) if placed.kind == "lamp" else None
    if lamp is not None:
        obstacles = ground.obstacles if ground.lights_blocked else None
        area = lit_polygons(placed.x, placed.y, lamp.radius_m, obstacles)[0]
        return Drawn(area, bool(area.is_empty), lamp.radius_m)
    model = settings.camera(placed.model) if placed.kind == "camera" else None
    if model is None:
        return Drawn(shapely.Polygon(), False, 0.0)
    reach = camera_range_m(model, settings.px_per_m)
    isovist: Isovist = full_view(placed.x, placed.y, reach, ground.obstacles)
    if isovist.inside:
        return Drawn(shapely.Polygon(), True, reach)
    return Drawn(cut_view(isovist, placed.azimuth_deg or 0.0, model.fov_deg, reach).polygon, False, reach)


def count_covers(ground: Ground, covers: Sequence[Cover]) -> Counts:
    """Existing devices and these together."""
    seen = ground.seen_count.copy()
    infrared, lit = ground.seen_infrared.astype(np.int64), ground.lit.astype(np.int64)
    for cover in covers:
        # Ids of one device are not repeated, so this adds one to each.
        (seen if cover.is_camera else lit)[cover.targets] += 1
        if cover.has_infrared:
            infrared[cover.targets] += 1
    return Counts(seen, infrared, lit)


def weight_of(ground: Ground, counts: Counts) -> Floats:
    """Weight that each target gives."""
    return (
        ground.weight_day * (counts.seen > 0)
        + ground.weight_night * _by_night(counts)
        + ground.backup_share * ground.weight_day * (ground.backup & (counts.seen > 1))
    )


def _by_night(counts: Counts) -> Bools:
    return np.asarray((counts.infrared > 0) | ((counts.seen > 0) & (counts.lit > 0)))


def full_weight(ground: Ground) -> float:
    """What complete coverage would weigh."""
    backup = ground.backup_share * ground.weight_day * ground.backup
    return float((ground.weight_day + ground.weight_night + backup).sum())


def loss_without(ground: Ground, counts: Counts, cover: Cover) -> float:
    """What is lost when a device is taken away."""
    at = cover.targets
    part = Counts(counts.seen[at], counts.infrared[at], counts.lit[at])
    one = np.int64(1)
    fewer = Counts(
        part.seen - (one if cover.is_camera else 0),
        part.infrared - (one if cover.has_infrared else 0),
        part.lit - (0 if cover.is_camera else one),
    )
    return float(_weight_at(ground, at, part) - _weight_at(ground, at, fewer))


def gain_with(ground: Ground, counts: Counts, cover: Cover) -> float:
    """What one more device adds."""
    at = cover.targets
    part = Counts(counts.seen[at], counts.infrared[at], counts.lit[at])
    more = Counts(
        part.seen + int(cover.is_camera), part.infrared + int(cover.has_infrared), part.lit + int(not cover.is_camera)
    )
    return float(_weight_at(ground, at, more) - _weight_at(ground, at, part))


def _weight_at(ground: Ground, at: Ints, counts: Counts) -> float:
    day, night = ground.weight_day[at], ground.weight_night[at]
    backup = ground.backup_share * day * (ground.backup[at] & (counts.seen > 1))
    return float((day * (counts.seen > 0) + night * _by_night(counts) + backup).sum())


def figures_of(ground: Ground, counts: Counts) -> dict[str, Any]:
    """Amounts (metres of street, number of places, severity of hotspots) and weights by class of target.

    Returns
    -------
    dict
        `{"weight", "full_weight", "classes": {class: {"amount", "day", "night", "lit", "weight", "full_weight"}}}`;
        `day`, `night`, `lit` are amounts that are seen, seen by night, lit.
    """
    weight = weight_of(ground, counts)
    full = ground.weight_day + ground.weight_night + ground.backup_share * ground.weight_day * ground.backup
    columns = {
        "amount": ground.amount,
        "day": ground.amount * (counts.seen > 0),
        "night": ground.amount * _by_night(counts),
        "lit": ground.amount * (counts.lit > 0),
        "weight": weight,
        "full_weight": full,
    }
    classes: dict[str, Mapping[str, float]] = {}
    for number, name in enumerate(CLASSES):
        mine = ground.kind == number
        if mine.any():
            classes[name] = {key: round(float(values[mine].sum()), 6) for key, values in columns.items()}
    return {"weight": float(weight.sum()), "full_weight": float(full.sum()), "classes": classes}
