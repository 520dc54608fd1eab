"""Words of the generator: what a town is made from (`TownSpec`) and what comes out (`Town`).

Authored places are in kilometres east and north of the commune's centre; `Frame` turns them
into metres of the commune's VN-2000 zone, scaled so that the outline has exactly the official area.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

Points = tuple[tuple[float, float], ...]
Coords = NDArray[np.float64]

# Half of the carriageway with its verge, metres, by class of road.
HALF_WIDTH_M = {
    "motorway": 14.0, "trunk": 10.0, "primary": 8.0, "secondary": 6.0, "tertiary": 4.5,
    "residential": 3.3, "alley": 1.7, "track": 2.0, "path": 1.2,
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
class RoadPlan:
    """An authored main road through control points, km from the centre."""

    name: str
    klass: str
    points: Points


@dataclass(frozen=True)
class RiverPlan:
    """An authored river or canal inside the commune; below 12 m wide it is a line only."""

    name: str
    klass: str
    width_m: float
    points: Points


@dataclass(frozen=True)
class EdgePlan:
    """The part of the outline between two control points that is a river or the sea."""

    kind: str
    name: str
    first: int
    last: int
    width_m: float


@dataclass(frozen=True)
class ZonePlan:
    """An authored blob of one use (village, urban, hill, industrial, park, lake, cemetery, military, beach)."""

    use: str
    name: str
    centre: tuple[float, float]
    radii: tuple[float, float]
    angle_deg: float = 0.0


@dataclass(frozen=True)
class StageBatch:
    """Groups that share a stage; named ones first, then `count` others (-1: all that remain)."""

    stage: str
    stage_on: date | None
    document: str
    names: tuple[str, ...] = ()
    count: int = 0
    is_pilot: bool = False


@dataclass(frozen=True)
class Counts:
    """How much of each thing the town has."""

    poles: int
    views: int
    lights: int
    hotspots: int
    venues: int
    buildings: int
    boxless: int = 0


@dataclass(frozen=True)
class TownSpec:
    """All that is decided by hand about one town; see the fields' own types."""

    code: str
    short: str
    name: str
    full_name: str
    kind: str
    province_code: str
    province_name: str
    area_km2: float
    household_count: int
    resident_count: int
    merged_from: str
    metric_srid: int
    centre_m: tuple[float, float]
    outline: Points
    edges: tuple[EdgePlan, ...]
    rivers: tuple[RiverPlan, ...]
    roads: tuple[RoadPlan, ...]
    zones: tuple[ZonePlan, ...]
    default_use: str
    centres: Points
    group_names: tuple[str, ...]
    street_names: tuple[str, ...]
    counts: Counts
    neighbours: tuple[str, ...]
    programme: tuple[StageBatch, ...]
    exempt_total: int
    other_total: int
    clean_groups: tuple[str, ...] = ()
    key_routes: tuple[str, ...] = ()
    extra_facilities: tuple[tuple[str, str, str], ...] = ()
    hotspot_themes: tuple[tuple[str, float], ...] = ()

    @property
    def is_rural(self) -> bool:
        """Whether the groups are villages."""
        return self.kind == "commune"


@dataclass(frozen=True)
class Frame:
    """From authored kilometres to metres of the zone."""

    centre_m: tuple[float, float]
    scale: float

    def to_m(self, points: Sequence[tuple[float, float]]) -> Coords:
        """Metric coordinates, shape (n, 2), of authored points."""
        return np.asarray(points, dtype=float) * (1000.0 * self.scale) + np.asarray(self.centre_m)


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
