"""What is seen and lit of areas, streets and places: exact areas and lengths, square by square.

    seen(r, v)      = union of the views of level v of cameras of rank r or more
    lit(r)          = union of the lit areas of lamps of rank r or more
    seen_by_night   = views with infrared  ∪  (other views ∩ lit(r))
    covered(unit)   = area, length or weight of unit ∩ seen; a point counts where a view comes within 10 m of it

The commune is cut into squares of 256 m. A unit's figure is the sum over its squares, so a change is computed in the
squares that it touches and nowhere else, and groups that tile a commune add up to it. Coordinates are metres in the
commune's metric zone. Ranks of devices: 1 stands, 2 works, 3 is verified as well; 0 does not count.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Shapes = NDArray[Any]
Cell = tuple[int, int]

TIMES = ("day", "night")
LEVEL_NAMES = ("detect", "observe", "recognise", "identify")
STANDING, WORKING, VERIFIED = 1, 2, 3
RANKS = (STANDING, WORKING, VERIFIED)
# Two times x four levels x three ranks, then what lamps of each rank light.
WIDTH = len(TIMES) * len(LEVEL_NAMES) * len(RANKS) + len(RANKS)

CELL_M = 256.0
# Away from round coordinates: a street along the edge of two squares would count in both.
ORIGIN = (0.137, 0.291)
# A venue's point often lies within the house: its door is what a camera can see.
# A street along the outer border lies a hair inside or outside it: what runs so near is the group's too.
ALONG_M = 1.0
NEAR_M = 10.0
GATE_M = 100.0
# Discs at school gates, lines and areas that do not care for a commune's border end there.
CUT_KINDS = ("school", "key_route", "industrial_zone")
# What is kept of a figure: a square centimetre or so.
DECIMALS = 3


def index_of(time: str, level: str, rank: int) -> int:
    """Position in `covered` of what cameras of a rank or more see."""
    return (TIMES.index(time) * len(LEVEL_NAMES) + LEVEL_NAMES.index(level)) * len(RANKS) + rank - 1


def lit_index(rank: int) -> int:
    """Position in `covered` of what lamps of a rank or more light."""
    return WIDTH - len(RANKS) + rank - 1


@dataclass(frozen=True)
class Devices:
    """Cameras: `views` (n, 4) by level, `camera_rank` (n,), `infrared` (n,). Lamps: `lamps` (m,), `lamp_rank` (m,)."""

    views: Shapes
    camera_rank: NDArray[Any]
    infrared: NDArray[Any]
    lamps: Shapes
    lamp_rank: NDArray[Any]


@dataclass(frozen=True)
class Unit:
    """What is measured: an area by square metres, a line by metres, a point by its weight."""

    kind: str
    unit: str
    shape: Any
    weight: float = 1.0
    audience: str = "staff"


@dataclass(frozen=True)
class Figure:
    """The part of a unit that lies in one square: all of it, and what is covered by `index_of` and `lit_index`."""

    cell: Cell
    kind: str
    unit: str
    audience: str
    total: float
    covered: tuple[float, ...]


def box_of(cell: Cell) -> shapely.Polygon:
    """The square."""
    west, south = cell[0] * CELL_M + ORIGIN[0], cell[1] * CELL_M + ORIGIN[1]
    return shapely.box(west, south, west + CELL_M, south + CELL_M)


def cells_touching(shapes: Sequence[Any] | Shapes, spare_m: float = 0.0) -> set[Cell]:
    """The squares that the boxes of shapes touch, widened by `spare_m`; empty shapes touch none."""
    bounds = np.asarray(shapely.bounds(np.asarray(shapes, dtype=object)), dtype=float).reshape(-1, 4)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    spare = np.array([-spare_m, -spare_m, spare_m, spare_m])
    corners = np.floor((bounds + spare - np.tile(ORIGIN, 2)) / CELL_M).astype(np.int64)
    found: set[Cell] = set()
    for west, south, east, north in np.unique(corners, axis=0).tolist():
        found.update((x, y) for x in range(west, east + 1) for y in range(south, north + 1))
    return found


class Cover:
    """The 27 covers of a square, each made once and only where somebody asks."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices
        self._cameras = shapely.STRtree(devices.views[:, 0])
        self._lamps = shapely.STRtree(devices.lamps)

    def at(self, cell: Cell) -> "CellCover":
        """The covers of a square and of what lies within 10 m of it."""
        wide = box_of(cell).buffer(NEAR_M, join_style="mitre")
        cameras, lamps = np.sort(self._cameras.query(wide)), np.sort(self._lamps.query(wide))
        return CellCover(self._devices, cameras[self._devices.camera_rank[cameras] > 0], lamps)


class CellCover:
    """The covers of one square, from the devices near it; equal covers are one object."""

    def __init__(self, devices: Devices, cameras: NDArray[Any], lamps: NDArray[Any]) -> None:
        self._devices, self._cameras, self._lamps = devices, cameras, lamps
        self._known: dict[Any, Any] = {}

    @property
    def is_empty(self) -> bool:
        """Whether no device is near."""
        return not (len(self._cameras) or len(self._lamps))

    def all(self) -> list[Any]:
        """All 27, in the order of `index_of` and `lit_index`."""
        seen = [self.seen(time, level, rank) for time in TIMES for level in LEVEL_NAMES for rank in RANKS]
        return seen + [self.lit(rank) for rank in RANKS]

    def lit(self, rank: int) -> Any:
        """What lamps light."""
        chosen = self._lamps[self._devices.lamp_rank[self._lamps] >= rank]
        return self._union("lamps", chosen, self._devices.lamps)

    def seen(self, time: str, level: str, rank: int) -> Any:
        """What cameras see."""
        column = LEVEL_NAMES.index(level)
        views = self._devices.views[:, column]
        chosen = self._cameras[self._devices.camera_rank[self._cameras] >= rank]
        if time == "day":
            return self._union(column, chosen, views)
        by_itself = self._devices.infrared[chosen].astype(bool)
        bright = self._union(column, chosen[by_itself], views)
        needs_light = self._union(column, chosen[~by_itself], views)
        lit = self.lit(rank)
        key = ("night", id(bright), id(needs_light), id(lit))
        if key not in self._known:
            self._known[key] = shapely.union(bright, shapely.intersection(needs_light, lit))
        return self._known[key]

    def _union(self, what: Any, chosen: NDArray[Any], shapes: Shapes) -> Any:
        key = (what, chosen.tobytes())
        if key not in self._known:
            self._known[key] = shapely.union_all(shapes[chosen])
        return self._known[key]


def measure(cells: Iterable[Cell], units: Sequence[Unit], devices: Devices) -> list[Figure]:
    """The figures of all units in some squares.

    Streets (kind `street`) are also measured within each group, as `group_street`; a street along the border of two
    groups counts in the one of the lower number, so that groups add up to the commune.
    """
    wanted = sorted(set(cells))
    cover = Cover(devices)
    found: list[Figure] = []
    for cell, pieces in zip(wanted, _pieces(wanted, units), strict=True):
        if pieces:
            found += _figures(cell, [*pieces, *_streets_of_groups(pieces)], cover.at(cell))
    return found


def _pieces(cells: Sequence[Cell], units: Sequence[Unit]) -> list[list[Unit]]:
    """What of each unit lies in each square."""
    found: list[list[Unit]] = [[] for _ in cells]
    if not cells or not units:
        return found
    boxes = np.array([box_of(cell) for cell in cells])
    shapes = np.array([unit.shape for unit in units])
    is_point = shapely.get_dimensions(shapes) == 0
    numbers = {cell: number for number, cell in enumerate(cells)}
    for unit, shape in zip(np.flatnonzero(is_point).tolist(), shapes[is_point], strict=True):
        home = next(iter(cells_touching([shape])))
        if home in numbers:
            found[numbers[home]].append(units[unit])
    wide = np.flatnonzero(~is_point)
    shapely.prepare(shapes[wide])
    box, piece = shapely.STRtree(shapes[wide]).query(boxes, predicate="intersects")
    cut = _cut(shapes[wide][piece], boxes[box])
    for b, p, shape in zip(box, piece, cut, strict=True):
        unit = units[wide[p]]
        size = shapely.area(shape) if shapely.get_dimensions(unit.shape) == 2 else shapely.length(shape)
        if size > 0:
            found[b].append(Unit(unit.kind, unit.unit, shape, unit.weight, unit.audience))
    return found


def _cut(shapes: Shapes, boxes: Shapes) -> Shapes:
    """Each shape within its box; most boxes lie within an area, and most streets within a box."""
    cut = np.where(shapely.contains_properly(shapes, boxes), boxes, shapes)
    bounds, frame = shapely.bounds(shapes), shapely.bounds(boxes)
    apart = (cut == shapes) & ((bounds[:, :2] < frame[:, :2]) | (bounds[:, 2:] > frame[:, 2:])).any(axis=1)
    cut[apart] = shapely.intersection(shapes[apart], boxes[apart])
    return cut


def _streets_of_groups(pieces: Sequence[Unit]) -> list[Unit]:
    groups = sorted((piece for piece in pieces if piece.kind == "group"), key=lambda piece: int(piece.unit))
    streets = np.array([piece.shape for piece in pieces if piece.kind == "street"], dtype=object)
    if not groups or not len(streets):
        return []
    areas = [group.shape for group in groups]
    found, rest = _shared_out(groups, areas, streets)
    near = [shapely.buffer(area, ALONG_M, quad_segs=2) for area in areas]
    left = shapely.get_parts(rest)
    # What merely crosses a border soon goes its own way.
    runs_along = shapely.length(shapely.intersection(left, shapely.union_all(near))) > 0.9 * shapely.length(left)
    return found + _shared_out(groups, near, left[runs_along])[0]


def _shared_out(groups: Sequence[Unit], areas: Sequence[Any], streets: Shapes) -> tuple[list[Unit], Shapes]:
    """Parts of streets by the first of the areas that they lie in, and what lies in none."""
    found, rest = [], streets.copy()
    for group, area in zip(groups, areas, strict=True):
        shapely.prepare(area)
        here = np.flatnonzero(shapely.intersects(area, rest))
        inside = shapely.intersection(rest[here], area)
        found += [Unit("group_street", group.unit, part) for part in inside[shapely.length(inside) > 0]]
        rest[here] = shapely.difference(rest[here], area)
    return found, rest


def _figures(cell: Cell, pieces: Sequence[Unit], cover: CellCover) -> list[Figure]:
    shapes = np.array([piece.shape for piece in pieces])
    weight = np.array([piece.weight for piece in pieces])
    total = _size(shapes, shapes, weight)
    covered = np.zeros((len(pieces), WIDTH))
    if not cover.is_empty:
        covers = cover.all()
        own = {id(each): each for each in covers if not each.is_empty}
        columns = {key: _covered(shapes, weight, each) for key, each in own.items()}
        for position, each in enumerate(covers):
            if id(each) in columns:
                covered[:, position] = columns[id(each)]
    sums: dict[tuple[str, str, str], Floats] = {}
    for piece, size, amounts in zip(pieces, total, np.minimum(covered, total[:, None]), strict=True):
        key = (piece.kind, piece.unit, piece.audience)
        sums[key] = sums.get(key, 0.0) + np.array([size, *amounts])
    rounded = {key: np.round(value, DECIMALS).tolist() for key, value in sums.items()}
    return [Figure(cell, *key, value[0], tuple(value[1:])) for key, value in rounded.items()]


def _size(parts: Shapes, wholes: Shapes, weight: Floats) -> Floats:
    """Square metres of parts of areas, metres of parts of lines, weights of points.

    An area may touch another in a line alone: what counts is what the whole is.
    """
    dimension = shapely.get_dimensions(wholes)
    sizes = np.where(dimension == 2, shapely.area(parts), shapely.length(parts))
    return np.where(dimension == 0, weight, sizes)


def _covered(shapes: Shapes, weight: Floats, cover: Any) -> Floats:
    """How much of each shape a cover covers."""
    shapely.prepare(cover)
    is_point = shapely.get_dimensions(shapes) == 0
    found = np.zeros(len(shapes))
    found[is_point] = weight[is_point] * shapely.dwithin(cover, shapes[is_point], NEAR_M)
    touched = ~is_point & shapely.intersects(cover, shapes)
    found[touched] = _size(shapely.intersection(shapes[touched], cover), shapes[touched], weight[touched])
    return found
