"""Targets as a map draws them: pieces of streets, places, and what covers each. Metres."""

import numpy as np
import numpy.typing as npt
import shapely

from gis_app.analysis.siting_figures import Counts
from gis_app.analysis.siting_ground import Floats, Ground, Shapes, Sources, points_of
from gis_app.analysis.siting_settings import CLASSES, KEY_ROUTES, STREETS

# What covers a target: nothing, devices that stand already, only the plan's.
NEVER, BEFORE, PLANNED = 0, 1, 2
# A target lies on its street, but for rounding.
NEAR_M = 0.5


def target_ends(ground: Ground, sources: Sources) -> Floats:
    """Both ends of each target's piece of street or key route (n, 4); a place is its own two ends."""
    found = np.hstack([ground.xy, ground.xy])
    for name, lines in ((STREETS, sources.streets), (KEY_ROUTES, sources.key_routes)):
        _spread(found, ground, name, lines)
    return found


def _spread(found: Floats, ground: Ground, name: str, streets: Shapes) -> None:
    mine = np.flatnonzero(ground.kind == CLASSES.index(name))
    if not len(mine) or not len(streets):
        return
    points = points_of(ground.xy[mine])
    near, street = shapely.STRtree(streets).query_nearest(points, max_distance=NEAR_M, all_matches=False)
    line, half = streets[street], ground.amount[mine[near]] / 2
    at = shapely.line_locate_point(line, points[near])
    ends = [shapely.line_interpolate_point(line, np.maximum(at + side * half, 0.0)) for side in (-1, 1)]
    found[mine[near]] = np.hstack([shapely.get_coordinates(points_at) for points_at in ends])


def covered_by(before: Counts, after: Counts) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """NEVER, BEFORE or PLANNED of each target, by day and by night."""
    both = []
    for one in (before, after):
        night = (one.infrared > 0) | ((one.seen > 0) & (one.lit > 0))
        both.append((one.seen > 0, night))
    (day, night), (day_after, night_after) = both
    codes = [np.where(a, BEFORE, np.where(b, PLANNED, NEVER)) for a, b in ((day, day_after), (night, night_after))]
    return codes[0].astype(np.int8), codes[1].astype(np.int8)
