"""What a town is made from: `TownSpec` and its parts, all decided by hand.

Authored places are in kilometres east and north of the commune's centre. `model.Frame` turns them into
metres of the commune's VN-2000 zone, scaled so that the outline has exactly the official area.
"""

from dataclasses import dataclass
from datetime import date

Points = tuple[tuple[float, float], ...]


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
