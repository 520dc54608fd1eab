"""The angular sweep: which wall is the first on every bearing, for many poles at once.

Bearings of wall ends cut the full turn into wedges. Walls do not cross, so in a wedge one wall is the nearest, and the
one that is nearest in its middle is. Range circles and view edges cut wedges afterwards, in closed form: on a wall
whose foot lies at bearing f and distance d, the distance at bearing b is d / cos(b - f).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gis_app.analysis.obstacles import TOUCH_M, Flags, Floats, Ints, Obstacles

TURN = 2 * np.pi
# Bearings nearer than this are one: a micrometre at a kilometre.
_SAME_RAD = 1e-9
# Pairs of wall and wedge held at a time, about 150 MB.
_MOST_PAIRS = 3_000_000


@dataclass(frozen=True)
class Wedges:
    """Wedges of pole p are first[p]:first[p + 1], from bearing 0 to a full turn; `distance` is inf where no wall is."""

    first: Ints
    start: Floats
    end: Floats
    distance: Floats
    foot: Floats

    @staticmethod
    def joined(parts: Sequence["Wedges"]) -> "Wedges":
        """Wedges of several lists of poles, one after another."""
        ends = np.cumsum([0, *(part.first[-1] for part in parts)])
        first = np.concatenate([[0], *(part.first[1:] + end for part, end in zip(parts, ends, strict=False))])
        names = ("start", "end", "distance", "foot")
        return Wedges(first, *(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True)
class _Faces:
    """Walls as poles see them: from bearing `start` to `end`, within one turn."""

    pole: Ints
    wall: Ints
    start: Floats
    end: Floats
    distance: Floats
    foot: Floats

    def take(self, keep: Flags | Ints) -> "_Faces":
        return _Faces(*(part[keep] for part in vars(self).values()))


def spread(first: Ints, count: Ints) -> tuple[Ints, Ints]:
    """Whole numbers first[i], first[i] + 1 … (count[i] of them) one after another, and the i of each."""
    owner = np.repeat(np.arange(len(count)), count)
    steps = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    return first[owner] + steps, owner


def distance_at(distance: Floats, foot: Floats, bearing: Floats) -> Floats:
    """Distance to walls at bearings; inf where there is none."""
    with np.errstate(divide="ignore"):
        found: Floats = distance / np.maximum(np.cos(bearing - foot), 0.0)
    return found


def sweep(places: Floats, radius: Floats, obstacles: Obstacles) -> Wedges:
    """All wedges of poles that stand outside of buildings, (n, 2) and (n,)."""
    if not len(places):
        return Wedges(np.zeros(1, dtype=np.int64), *np.zeros((4, 0)))
    faces = _faces(places, radius, obstacles)
    group, bearing, pole_of_group = _groups(faces, len(places))
    begin, finish = group
    if (finish - begin).sum() > _MOST_PAIRS and len(places) > 1:
        half = len(places) // 2
        return Wedges.joined(
            [sweep(places[part], radius[part], obstacles) for part in (slice(half), slice(half, None))]
        )
    # A pole has one wedge less than groups.
    wedge, face = spread(begin - faces.pole, finish - begin)
    within = np.append(pole_of_group[1:] == pole_of_group[:-1], False)
    start, end, pole = bearing[within], bearing[1:][within[:-1]], pole_of_group[within]
    end[np.append(pole[1:] != pole[:-1], True)] = TURN
    far = distance_at(faces.distance[face], faces.foot[face], (start + end)[wedge] / 2)
    nearest = np.full(len(start), np.inf)
    np.minimum.at(nearest, wedge, far)
    chosen = np.full(len(start), -1)
    won = far == nearest[wedge]
    chosen[wedge[won]] = face[won]
    return _merged(faces, chosen, pole, start, end)


def _faces(places: Floats, radius: Floats, obstacles: Obstacles) -> _Faces:
    pole, wall = obstacles.tree.query(shapely.points(places), predicate="dwithin", distance=radius)
    (ax, ay), (bx, by) = (obstacles.starts[wall] - places[pole]).T, (obstacles.ends[wall] - places[pole]).T
    length = np.hypot(bx - ax, by - ay)
    side = (ax * by - ay * bx) / length
    # Left of a building's segment is its inside; a free wall turns to whoever looks, and who is on it sees over it.
    back = obstacles.is_wall[wall] & (side > 0)
    ax, ay, bx, by = (np.where(back, p, q) for p, q in ((bx, ax), (by, ay), (ax, bx), (ay, by)))
    side = np.where(back, -side, side)
    along = -(ax * (bx - ax) + ay * (by - ay)) / length
    nearest = np.where((along > 0) & (along < length), -side, np.minimum(np.hypot(ax, ay), np.hypot(bx, by)))
    seen = (side < 0) & ~(obstacles.is_wall[wall] & (nearest < TOUCH_M))
    ax, ay, bx, by = ax[seen], ay[seen], bx[seen], by[seen]
    start = np.mod(np.arctan2(ax, ay), TURN)
    end = start + np.mod(np.arctan2(bx, by) - start, TURN)
    found = _Faces(pole[seen], wall[seen], start, end, -side[seen], np.arctan2(ay - by, bx - ax))
    return _within_turn(found)


def _within_turn(faces: _Faces) -> _Faces:
    """Faces over north are two."""
    over = faces.end > TURN
    start = np.concatenate([faces.start, np.zeros(over.sum())])
    end = np.concatenate([np.minimum(faces.end, TURN), faces.end[over] - TURN])
    both = faces.take(np.concatenate([np.arange(len(over)), np.flatnonzero(over)]))
    return _Faces(both.pole, both.wall, start, end, both.distance, both.foot)


def _groups(faces: _Faces, poles: int) -> tuple[tuple[Ints, Ints], Floats, Ints]:
    """Equal bearings as groups: group of each face's start and end; bearing and pole of each group."""
    each = np.arange(poles)
    pole = np.concatenate([faces.pole, faces.pole, each, each])
    bearing = np.concatenate([faces.start, faces.end, np.zeros(poles), np.full(poles, TURN)])
    order = np.lexsort((bearing, pole))
    pole, bearing = pole[order], bearing[order]
    fresh = np.append(True, (np.diff(bearing) > _SAME_RAD) | (pole[1:] != pole[:-1]))
    group = np.empty(len(order), dtype=np.int64)
    group[order] = np.cumsum(fresh) - 1
    many = len(faces.pole)
    return (group[:many], group[many : 2 * many]), bearing[fresh], pole[fresh]


def _merged(faces: _Faces, chosen: Ints, pole: Ints, start: Floats, end: Floats) -> Wedges:
    """Neighbours with the same wall, or none, become one wedge."""
    # No wall is the last face, -1.
    wall, distance = np.append(faces.wall, -1)[chosen], np.append(faces.distance, np.inf)[chosen]
    foot = np.append(faces.foot, 0.0)[chosen]
    fresh = np.append(True, (wall[1:] != wall[:-1]) | (pole[1:] != pole[:-1]))
    last = np.append(fresh[1:], True)
    first = np.searchsorted(pole[fresh], np.arange(pole[-1] + 2))
    return Wedges(first, start[fresh], end[last], distance[fresh], foot[fresh])
