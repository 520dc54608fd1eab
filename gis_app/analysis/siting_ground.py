"""The ground of a siting plan: targets with what existing devices do for them, poles where devices may stand.

Metres of the commune's VN-2000 zone, x east, y north. A street is targets at a spacing, each the middle of a piece of
it; a place is one target, at the nearest point of a street where one is near (its gate; a point inside its own building
would never be seen). What is seen is found by the exact views of gis_app/analysis/visibility.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

from gis_app.analysis.device_views import CameraFields, lit_polygons, lit_radius_m, views_of_cameras
from gis_app.analysis.obstacles import Obstacles
from gis_app.analysis.siting_settings import CLASSES, KEY_ROUTES, STREETS, Settings
from gis_app.errors import Unprocessable

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]

MOST_TARGETS = 20_000
MOST_POLES = 6_000
# A place so near to a street is reached from it.
GATE_M = 50.0
# Devices nearer to each other than this stand on one pole.
SAME_POLE_M = 1.0
# New poles along streets keep this part of their spacing across pieces and junctions.
THINNED = 0.7
# A new pole stands beside the street.
BESIDE_M = 2.5


@dataclass(frozen=True)
class Places:
    """Rows of one class of target: (n, 2), and what each counts for besides its class's weight."""

    xy: Floats
    amount: Floats


@dataclass(frozen=True)
class Standing:
    """Devices that work: cameras with their stored fields, lamps with radius, height and class.

    Those whose installing is a task of another plan count as if they stood; `awaited`: how many cameras and lamps.
    """

    camera_xy: Floats
    cameras: Sequence[CameraFields]
    lamp_xy: Floats
    lamps: Sequence[tuple[float | None, float | None, str | None]]
    awaited: tuple[int, int] = (0, 0)


@dataclass(frozen=True, eq=False)
class Ground:
    """Targets (n) and what existing devices do for them; never changed by a plan.

    `kind` indexes CLASSES; `amount` is metres of street, or 1 (hotspots: severity); `zone` the residential group, from
    0, the last one for what lies in none; `seen_count`, `seen_infrared`, `lit` of existing devices; `lights_blocked`:
    buildings stand in the way of lamps, as the commune chose for its coverage.
    """

    xy: Floats
    kind: Ints
    amount: Floats
    weight_day: Floats
    weight_night: Floats
    zone: Ints
    must: Bools
    backup: Bools
    backup_share: float
    seen_count: Ints
    seen_infrared: Bools
    lit: Bools
    obstacles: Obstacles
    standing: Standing
    lights_blocked: bool = False

    @property
    def size(self) -> int:
        """How many targets."""
        return len(self.xy)


def points_of(xy: Floats) -> Shapes:
    """Points of (n, 2)."""
    return np.asarray(shapely.points(xy), dtype=object).reshape(-1)


def cut_lines(lines: Shapes, spacing_m: float) -> tuple[Floats, Floats, Floats]:
    """Middles of equal pieces of lines, about `spacing_m` long: (n, 2), metres of each, bearing of the line there."""
    lengths = shapely.length(lines)
    lines, lengths = lines[lengths > 0], lengths[lengths > 0]
    counts = np.maximum(np.round(lengths / spacing_m), 1).astype(np.int64)
    owner = np.repeat(np.arange(len(lines)), counts)
    step = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    piece = (lengths / counts)[owner]
    at = (step + 0.5) * piece
    xy = shapely.get_coordinates(shapely.line_interpolate_point(lines[owner], at))
    half = np.minimum(piece / 2, 1.0)
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines[owner], at + half))
    behind = shapely.get_coordinates(shapely.line_interpolate_point(lines[owner], at - half))
    way = ahead - behind
    return xy, piece, np.arctan2(way[:, 0], way[:, 1])


def to_gates(xy: Floats, streets: Shapes) -> Floats:
    """Places moved to the nearest point of a street within GATE_M; others stay."""
    if not len(xy) or not len(streets):
        return xy
    points = points_of(xy)
    near, street = shapely.STRtree(streets).query_nearest(points, max_distance=GATE_M, all_matches=False)
    found = xy.copy()
    line = streets[street]
    found[near] = shapely.get_coordinates(
        shapely.line_interpolate_point(line, shapely.line_locate_point(line, points[near]))
    )
    return found


@dataclass(frozen=True)
class Sources:
    """What a commune's layers hold, in metres: outline, groups, streets, places by class, obstacles, devices."""

    outline: shapely.Geometry
    groups: Shapes
    streets: Shapes
    places: Mapping[str, Places]
    obstacles: Obstacles
    standing: Standing
    key_routes: Shapes = field(default_factory=lambda: np.empty(0, dtype=object))
    lights_blocked: bool = False


def make_ground(sources: Sources, settings: Settings) -> Ground:
    """Sample targets and find what existing devices do for them.

    Raises
    ------
    Unprocessable
        `siting_too_many_targets`: more than MOST_TARGETS.
    """
    xy, kind, amount, weight = _targets(sources, settings)
    if len(xy) > MOST_TARGETS:
        raise Unprocessable("siting_too_many_targets", count=len(xy), limit=MOST_TARGETS)
    classes = np.array([name in settings.must for name in CLASSES]), np.array([n in settings.backup for n in CLASSES])
    seen_count, seen_infrared = _seen(sources, settings.px_per_m, xy)
    return Ground(
        xy=xy,
        kind=kind,
        amount=amount,
        weight_day=weight * settings.day,
        weight_night=weight * settings.night,
        zone=_zones(sources.groups, xy),
        must=classes[0][kind],
        backup=classes[1][kind],
        backup_share=settings.backup_share,
        seen_count=seen_count,
        seen_infrared=seen_infrared,
        lit=_lit(sources, xy),
        obstacles=sources.obstacles,
        standing=sources.standing,
        lights_blocked=sources.lights_blocked,
    )


def _targets(sources: Sources, settings: Settings) -> tuple[Floats, Ints, Floats, Floats]:
    parts: list[tuple[Floats, int, Floats, Floats]] = []
    for name, lines in ((STREETS, sources.streets), (KEY_ROUTES, sources.key_routes)):
        if settings.weights[name] > 0:
            xy, metres, _ = cut_lines(lines, settings.street_spacing_m)
            weight = settings.weights[name] * metres / settings.street_spacing_m
            parts.append((xy, CLASSES.index(name), metres, weight))
    for name, places in sources.places.items():
        if settings.weights[name] > 0:
            at = to_gates(places.xy, sources.streets)
            parts.append((at, CLASSES.index(name), places.amount, settings.weights[name] * places.amount))
    if not parts:
        return np.zeros((0, 2)), np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
    xy = np.concatenate([part[0] for part in parts])
    kind = np.concatenate([np.full(len(part[0]), part[1]) for part in parts])
    amount, weight = (np.concatenate([part[k] for part in parts]) for k in (2, 3))
    shapely.prepare(sources.outline)
    here = shapely.intersects_xy(sources.outline, xy[:, 0], xy[:, 1])
    return xy[here], kind[here], amount[here], weight[here]


def _zones(groups: Shapes, xy: Floats) -> Ints:
    zone = np.full(len(xy), len(groups), np.int64)
    if len(groups) and len(xy):
        point, group = shapely.STRtree(groups).query(points_of(xy), predicate="intersects")
        zone[point[::-1]] = group[::-1]
    return zone


def _seen(sources: Sources, px_per_m: float, xy: Floats) -> tuple[Ints, Bools]:
    """How many existing cameras see each target, and whether one with infrared does."""
    count, infrared = np.zeros(len(xy), np.int64), np.zeros(len(xy), bool)
    standing = sources.standing
    if not len(standing.cameras) or not len(xy):
        return count, infrared
    x, y = standing.camera_xy.T
    found = views_of_cameras(x, y, standing.cameras, sources.streets, sources.obstacles, {"plan": px_per_m})
    polygons = np.array([one.views["plan"].polygon if "plan" in one.views else shapely.Polygon() for one in found])
    camera, target = shapely.STRtree(points_of(xy)).query(polygons, predicate="intersects")
    np.add.at(count, target, 1)
    has_infrared = np.array([bool(one.has_infrared) for one in standing.cameras])
    infrared[target[has_infrared[camera]]] = True
    return count, infrared


def _lit(sources: Sources, xy: Floats) -> Bools:
    lit, standing = np.zeros(len(xy), bool), sources.standing
    if len(standing.lamps) and len(xy):
        radius = np.array([lit_radius_m(*lamp) for lamp in standing.lamps])
        tree = shapely.STRtree(points_of(xy))
        if sources.lights_blocked:
            areas = lit_polygons(standing.lamp_xy[:, 0], standing.lamp_xy[:, 1], radius, sources.obstacles)
            _, target = tree.query(areas, predicate="intersects")
        else:
            _, target = tree.query(points_of(standing.lamp_xy), predicate="dwithin", distance=radius)
        lit[target] = True
    return lit


@dataclass(frozen=True)
class Poles:
    """Where devices may stand (p, 2); `has_lamp`: an existing street light is on it."""

    xy: Floats
    has_lamp: Bools


def make_poles(sources: Sources, settings: Settings, light_xy: Floats, drawn: Floats, excluded: Shapes) -> Poles:
    """Candidates of the settings that lie in the commune and in no exclusion area, one at most per metre.

    `light_xy` are all standing lamps' poles, `drawn` the settings' points, `excluded` its areas, all in metres.

    Raises
    ------
    Unprocessable
        `siting_too_many_candidates`: more than MOST_POLES.
    """
    parts = [drawn]
    if settings.light_poles:
        parts.append(light_xy)
    if settings.camera_poles:
        parts.append(sources.standing.camera_xy)
    if settings.pole_spacing_m is not None:
        at, _, bearing = cut_lines(sources.streets, settings.pole_spacing_m)
        side = np.where(np.arange(len(at)) % 2 == 0, BESIDE_M, -BESIDE_M)
        beside = at + np.column_stack([np.cos(bearing), -np.sin(bearing)]) * side[:, None]
        # Streets come in short pieces, each with a middle of its own.
        parts.append(thin_out(beside, THINNED * settings.pole_spacing_m))
    xy = allowed(np.concatenate([part.reshape(-1, 2) for part in parts]), sources.outline, excluded)
    xy = thin_out(xy, SAME_POLE_M)
    if len(xy) > MOST_POLES:
        raise Unprocessable("siting_too_many_candidates", count=len(xy), limit=MOST_POLES)
    return Poles(xy, near_any(xy, light_xy, SAME_POLE_M))


def allowed(xy: Floats, outline: shapely.Geometry, excluded: Shapes) -> Floats:
    """The points in the commune and in no exclusion area; its edge is in it."""
    if not len(xy):
        return xy
    kept = shapely.intersects_xy(outline, xy[:, 0], xy[:, 1])
    for area in excluded:
        kept &= ~shapely.intersects_xy(area, xy[:, 0], xy[:, 1])
    return xy[kept]


def thin_out(xy: Floats, distance_m: float) -> Floats:
    """The points without those within a distance of an earlier one that stays."""
    if len(xy) < 2:
        return xy
    points = points_of(xy)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=distance_m)
    later = one > other
    kept = np.ones(len(xy), bool)
    # In order: a point that was dropped drops no other.
    for at, earlier in sorted(zip(one[later].tolist(), other[later].tolist(), strict=True)):
        if kept[earlier]:
            kept[at] = False
    return xy[kept]


def near_any(xy: Floats, others: Floats, distance_m: float) -> Bools:
    """Which points have one of the others within a distance."""
    found = np.zeros(len(xy), bool)
    if len(xy) and len(others):
        tree = shapely.STRtree(points_of(others))
        found[tree.query(points_of(xy), predicate="dwithin", distance=distance_m)[0]] = True
    return found
