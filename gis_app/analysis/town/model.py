"""Words of the generator: what comes out (`Town`) and what the steps hand to each other (`Draft`).

All coordinates are metres of the commune's VN-2000 zone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from gis_app.analysis.town.plan import TownSpec

Coords = NDArray[np.float64]
# Arrays of geometries, indexes or flags; their docstrings say which.
Array = NDArray[Any]

# Half of the carriageway with its verge, metres, by class of road.
HALF_WIDTH_M = {
    "motorway": 14.0,
    "trunk": 10.0,
    "primary": 8.0,
    "secondary": 6.0,
    "tertiary": 4.5,
    "residential": 3.3,
    "alley": 1.7,
    "track": 2.0,
    "path": 1.2,
}
RANK = {name: rank for rank, name in enumerate(HALF_WIDTH_M)}
# Every coordinate is rounded to this grid, so that pieces meet exactly. Metres.
GRID_M = 0.01


@dataclass(frozen=True)
class Row:
    """One feature: geometry in the metric zone (metres), properties by layer field name."""

    geom: BaseGeometry
    properties: dict[str, Any]
    external_id: str


@dataclass(frozen=True)
class Frame:
    """From authored kilometres to metres of the zone."""

    centre_m: tuple[float, float]
    scale: float

    def to_m(self, points: Sequence[tuple[float, float]]) -> Coords:
        """Metric coordinates, shape (n, 2), of authored points."""
        metric: Coords = np.asarray(points, dtype=float) * (1000.0 * self.scale) + np.asarray(self.centre_m)
        return metric


@dataclass(frozen=True)
class Water:
    """A surface of water: class of layer water_areas, name, polygon."""

    klass: str
    name: str
    geom: BaseGeometry


@dataclass(frozen=True)
class Zone:
    """A part of the land with one use; zones do not overlap."""

    use: str
    name: str
    geom: BaseGeometry


@dataclass(frozen=True)
class Terrain:
    """What is there before people build."""

    frame: Frame
    outline: Polygon
    land: BaseGeometry
    waters: list[Water]
    streams: list[tuple[str, str, float, LineString]]
    zones: list[Zone]
    sea: BaseGeometry


@dataclass
class Street:
    """A line of the street plan before it is cut at junctions."""

    geom: LineString
    name: str
    klass: str
    is_lit: bool = False
    oneway: str = "no"


@dataclass(frozen=True)
class Piece:
    """A street between two junctions."""

    geom: LineString
    street: int
    source: int
    target: int


@dataclass
class Network:
    """The noded streets; `streets` are the parents of `pieces`, `nodes` has shape (n, 2) in metres."""

    streets: list[Street]
    pieces: list[Piece]
    nodes: Coords


@dataclass
class Face:
    """A block: a face of the plane graph of streets, water and zones."""

    geom: Polygon
    use: str
    zone: str
    density: float
    name: str = ""


@dataclass
class House:
    """A footprint with its face; `kind` is dwelling or the use of a larger building."""

    geom: Polygon
    face: int
    kind: str
    level_count: int
    name: str = ""


@dataclass(frozen=True)
class Site:
    """A place with a footprint of its own: school, market, office; `gate` on the street side."""

    kind: str
    name: str
    face: int
    gate: tuple[float, float]


@dataclass(frozen=True)
class Town:
    """The finished town: rows by layer name, and the outline (metres, zone of the commune)."""

    spec: TownSpec
    outline: Polygon
    layers: dict[str, list[Row]]


@dataclass
class Draft:
    """The town while it is built; every step reads what earlier steps wrote."""

    spec: TownSpec
    seed: int
    terrain: Terrain
    network: Network
    faces: list[Face]
    canals: list[tuple[str, str, float, LineString]]
    houses: list[House] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    groups: list[Polygon] = field(default_factory=list)
    group_names: list[str] = field(default_factory=list)
    bridges: list[tuple[float, float]] = field(default_factory=list)

    def rng(self, step: str) -> np.random.Generator:
        """A random stream of its own for each step, so that steps do not disturb each other."""
        return np.random.default_rng([self.seed, int(self.spec.code), *step.encode()])
