"""What a planner asks of a siting plan: settings that check themselves, as JSON and as values.

Coordinates are EPSG:4326 (lon, lat) as people draw them; money is whole VND; azimuths are degrees clockwise from north.
"""

import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from gis_app.analysis.dori import LEVELS
from gis_app.analysis.siting_fields import (
    Fault,
    FieldReader,
    flag,
    listed,
    lonlat,
    name_of,
    number,
    one_of,
    polygon,
    some_of,
    whole,
)

# Classes of targets, in the order of forms and tables; each but LINES is a layer of places.
STREETS, KEY_ROUTES, HOTSPOTS = "streets", "key_routes", "hotspots"
CLASSES = (STREETS, KEY_ROUTES, "schools", "venues", "facilities", "industrial_zones", "worker_housing", "tip_boxes",
           "gateways", HOTSPOTS)  # fmt: skip
# What a class is called where a commune says which places it need not cover.
COVERED_AS: Mapping[str, tuple[str, ...]] = {
    KEY_ROUTES: ("key_route",), "schools": ("school",), "venues": ("venue",), "facilities": ("office", "market"),
    "industrial_zones": ("industrial_zone",), "worker_housing": ("worker_housing",), "tip_boxes": ("tip_box",),
    "gateways": ("gateway",), HOTSPOTS: ("hotspot",),
}  # fmt: skip
DEFAULT_WEIGHTS: Mapping[str, float] = {
    STREETS: 1.0, KEY_ROUTES: 1.0, "schools": 5.0, "venues": 3.0, "facilities": 2.0, "industrial_zones": 3.0,
    "worker_housing": 3.0, "tip_boxes": 1.0, "gateways": 3.0, HOTSPOTS: 8.0,
}  # fmt: skip
# Those that are lines, and targets at a spacing.
LINES = (STREETS, KEY_ROUTES)
KINDS = ("camera", "lamp")
MOST_POINTS, MOST_SHAPES, MOST_MODELS, MOST_FUNDS, MOST_YEARS = 2000, 50, 6, 6, 10
MOST_VND = 10**12
# Of the settings as text; the database takes 400,000.
MOST_BYTES = 380_000
DEFAULT_TARGETS, DEFAULT_POLES = 6_000, 800


@dataclass(frozen=True)
class CameraModel:
    """A camera that may be bought; `bearing_count` bearings are tried at each pole."""

    name: str
    cost_vnd: int
    fov_deg: float
    pixel_width: int
    has_infrared: bool
    bearing_count: int


@dataclass(frozen=True)
class LampModel:
    """A lamp that may be bought."""

    name: str
    cost_vnd: int
    radius_m: float


@dataclass(frozen=True)
class Fund:
    """Money of one source, year by year; `kinds` are what it may be spent on."""

    name: str
    kinds: tuple[str, ...]
    amounts: tuple[int, ...]


@dataclass(frozen=True)
class Settings:
    """All that a plan asks; `weights` by class of target, `must` and `backup` are classes."""

    weights: Mapping[str, float]
    street_spacing_m: float
    level: str
    px_per_m: float
    light_poles: bool
    camera_poles: bool
    pole_spacing_m: float | None
    points: tuple[tuple[float, float], ...]
    exclusions: tuple[BaseGeometry, ...]
    cameras: tuple[CameraModel, ...]
    lamps: tuple[LampModel, ...]
    years: tuple[int, ...]
    funds: tuple[Fund, ...]
    carry_over: bool
    views_per_pole: int
    exclusive: bool
    day: float
    night: float
    backup: tuple[str, ...]
    backup_share: float
    must: tuple[str, ...]
    equity: bool
    time_limit_s: int

    def camera(self, name: str) -> CameraModel | None:
        """The camera model of a name."""
        return next((one for one in self.cameras if one.name == name), None)

    def lamp(self, name: str) -> LampModel | None:
        """The lamp model of a name."""
        return next((one for one in self.lamps if one.name == name), None)

    def as_json(self) -> dict[str, Any]:
        """The settings as they are stored and answered; `read_settings` reads them back."""
        cameras = [{"kind": "camera"} | vars(one) for one in self.cameras]
        lamps = [{"kind": "lamp"} | vars(one) for one in self.lamps]
        funds = [{"name": f.name, "kinds": list(f.kinds), "amounts": list(f.amounts)} for f in self.funds]
        return {
            "targets": {"weights": dict(self.weights), "street_spacing_m": self.street_spacing_m},
            "level": self.level,
            "px_per_m": self.px_per_m,
            "candidates": {
                "light_poles": self.light_poles,
                "camera_poles": self.camera_poles,
                "street_spacing_m": self.pole_spacing_m,
                "points": [list(point) for point in self.points],
            },
            "exclusions": [mapping(area) for area in self.exclusions],
            "models": [*cameras, *lamps],
            "budget": {"years": list(self.years), "funds": funds, "carry_over": self.carry_over},
            "views_per_pole": self.views_per_pole,
            "exclusive": self.exclusive,
            "objective": {"day": self.day, "night": self.night},
            "backup": {"classes": list(self.backup), "share": self.backup_share},
            "must": {"classes": list(self.must)},
            "equity": self.equity,
            "time_limit_s": self.time_limit_s,
        }


def default_spacings(street_m: float) -> tuple[float, float]:
    """Spacing of targets and of new poles along so many metres of street: as fine as is solved in a minute."""
    targets = max(20.0, math.ceil(street_m / DEFAULT_TARGETS / 5) * 5.0)
    poles = max(60.0, math.ceil(street_m / DEFAULT_POLES / 10) * 10.0)
    return min(targets, 100.0), min(poles, 500.0)


def default_weights(left_out: Collection[str]) -> dict[str, float]:
    """Weights by class of target; nothing for a class of which all is left out by the commune."""
    return {
        name: 0.0 if name in COVERED_AS and set(COVERED_AS[name]) <= set(left_out) else weight
        for name, weight in DEFAULT_WEIGHTS.items()
    }


def default_settings(
    year: int, street_m: float, *, light_poles: bool, camera_poles: bool, left_out: Collection[str] = ()
) -> dict[str, Any]:
    """Settings that a new plan starts from, in the commune's circumstances; costs are to be replaced by quotes."""
    target_spacing, pole_spacing = default_spacings(street_m)
    camera = {"kind": "camera", "name": "Camera 4 MP 90°", "cost_vnd": 12_000_000, "fov_deg": 90.0, "pixel_width": 2560,
              "has_infrared": True, "bearing_count": 8}  # fmt: skip
    lamp = {"kind": "lamp", "name": "Đèn LED 15 m", "cost_vnd": 6_000_000, "radius_m": 15.0}
    fund = {"name": "Ngân sách địa phương", "kinds": ["camera", "lamp"], "amounts": [240_000_000, 240_000_000]}
    return {
        "targets": {"weights": default_weights(left_out), "street_spacing_m": target_spacing},
        "level": "detect",
        "px_per_m": LEVELS["detect"],
        "candidates": {
            "light_poles": light_poles,
            "camera_poles": camera_poles,
            "street_spacing_m": pole_spacing,
            "points": [],
        },
        "exclusions": [],
        "models": [camera, lamp],
        "budget": {"years": [year, year + 1], "funds": [fund], "carry_over": False},
        "views_per_pole": 2,
        "exclusive": False,
        "objective": {"day": 1.0, "night": 1.0},
        "backup": {"classes": [], "share": 0.0},
        "must": {"classes": []},
        "equity": False,
        "time_limit_s": 60,
    }


def read_settings(raw: Any) -> tuple[Settings | None, list[Fault]]:
    """Check the settings of a body; every fault is named by its path (`budget.funds.0.amounts`)."""
    r = FieldReader()
    known = ("targets", "level", "px_per_m", "candidates", "exclusions", "models", "budget", "views_per_pole",
             "exclusive", "objective", "backup", "must", "equity", "time_limit_s")  # fmt: skip
    top = r.part(raw, "", known)
    values = {**_targets(r, top), **_candidates(r, top), **_rules(r, top), **_models(r, top), **_budget(r, top)}
    if r.faults:
        return None, r.faults
    found = Settings(**values)
    if len(json.dumps(found.as_json(), ensure_ascii=False).encode()) > MOST_BYTES:
        return None, [{"field": "exclusions", "rule": "geometry_too_large"}]
    return found, []


def _targets(r: FieldReader, top: Mapping[str, Any]) -> dict[str, Any]:
    part = r.part(top.get("targets"), "targets", ("weights", "street_spacing_m"))
    is_given = isinstance(top.get("targets"), Mapping)
    given = r.part(part.get("weights"), "targets.weights", CLASSES) if is_given else {}
    weights = {
        name: r.take(given, f"targets.weights.{name}", number(0, 1000), 0.0) if name in given else 0.0
        for name in CLASSES
    }
    if is_given and not r.faults and not any(weights.values()):
        r.fault("targets.weights", "required")
    spacing = r.take(part, "targets.street_spacing_m", number(5, 100), 20.0) if is_given else 20.0
    level = r.take(top, "level", one_of(tuple(LEVELS)), "detect")
    density = top.get("px_per_m")
    found = LEVELS[level] if density is None else r.take(top, "px_per_m", number(5, 1000), 25.0)
    return {"weights": weights, "street_spacing_m": spacing, "level": level, "px_per_m": found}


def _candidates(r: FieldReader, top: Mapping[str, Any]) -> dict[str, Any]:
    names = ("light_poles", "camera_poles", "street_spacing_m", "points")
    part = r.part(top.get("candidates"), "candidates", names)
    spacing = part.get("street_spacing_m")
    points = r.take(part, "candidates.points", listed(MOST_POINTS), []) if "points" in part else []
    shapes = r.take(top, "exclusions", listed(MOST_SHAPES), []) if "exclusions" in top else []
    poles = {"light_poles": False, "camera_poles": False} | dict(part)
    return {
        "light_poles": r.take(poles, "candidates.light_poles", flag, False),
        "camera_poles": r.take(poles, "candidates.camera_poles", flag, False),
        "pole_spacing_m": None if spacing is None else r.take(part, "candidates.street_spacing_m", number(10, 500), 60),
        "points": tuple(_each(r, "candidates.points", points, lonlat)),
        "exclusions": tuple(_each(r, "exclusions", shapes, polygon)),
    }


def _each(r: FieldReader, path: str, found: Sequence[Any], read: Callable[[Any], Any]) -> list[Any]:
    kept = []
    for count, one in enumerate(found):
        value = r.take({str(count): one}, f"{path}.{count}", read, None)
        if value is not None:
            kept.append(value)
    return kept


def _rules(r: FieldReader, top: Mapping[str, Any]) -> dict[str, Any]:
    objective = r.part(top.get("objective", {"day": 1, "night": 1}), "objective", ("day", "night"))
    day = r.take(objective, "objective.day", number(0, 100), 1.0)
    night = r.take(objective, "objective.night", number(0, 100), 1.0)
    if day == 0 and night == 0:
        r.fault("objective", "required")
    backup = r.part(top.get("backup", {"classes": [], "share": 0}), "backup", ("classes", "share"))
    must = r.part(top.get("must", {"classes": []}), "must", ("classes",))
    limit = {"time_limit_s": 60} | dict(top)
    return {
        "day": day,
        "night": night,
        "backup": r.take(backup, "backup.classes", some_of(CLASSES), ()),
        "backup_share": r.take(backup, "backup.share", number(0, 1), 0.0),
        "must": r.take(must, "must.classes", some_of(CLASSES), ()),
        "views_per_pole": r.take({"views_per_pole": 2} | dict(top), "views_per_pole", whole(1, 8), 2),
        "exclusive": r.take({"exclusive": False} | dict(top), "exclusive", flag, False),
        "equity": r.take({"equity": False} | dict(top), "equity", flag, False),
        "time_limit_s": r.take(limit, "time_limit_s", whole(1, 300), 60),
    }


def _models(r: FieldReader, top: Mapping[str, Any]) -> dict[str, Any]:
    cameras: list[CameraModel] = []
    lamps: list[LampModel] = []
    for count, raw in enumerate(r.take(top, "models", listed(MOST_MODELS), [])):
        path = f"models.{count}"
        kind = raw.get("kind") if isinstance(raw, Mapping) else None
        cost = whole(1, MOST_VND)
        if kind == "camera":
            names = ("kind", "name", "cost_vnd", "fov_deg", "pixel_width", "has_infrared", "bearing_count")
            part = r.part(raw, path, names)
            readers = (name_of(60), cost, number(1, 360), whole(160, 20_000), flag, whole(1, 36))
            values = [r.take(part, f"{path}.{n}", read, None) for n, read in zip(names[1:], readers, strict=True)]
            cameras.append(CameraModel(*values))
        elif kind == "lamp":
            part = r.part(raw, path, ("kind", "name", "cost_vnd", "radius_m"))
            lamp_readers: dict[str, Callable[[Any], Any]] = {
                "name": name_of(60),
                "cost_vnd": cost,
                "radius_m": number(1, 200),
            }
            lamps.append(LampModel(*(r.take(part, f"{path}.{n}", read, None) for n, read in lamp_readers.items())))
        else:
            r.fault(f"{path}.kind", "choice")
    names_seen = [one.name for one in cameras] + [one.name for one in lamps]
    if len(set(names_seen)) < len(names_seen):
        r.fault("models", "named_twice")
    if not names_seen and not r.faults:
        r.fault("models", "required")
    return {"cameras": tuple(cameras), "lamps": tuple(lamps)}


def _budget(r: FieldReader, top: Mapping[str, Any]) -> dict[str, Any]:
    part = r.part(top.get("budget"), "budget", ("years", "funds", "carry_over"))
    is_given = isinstance(top.get("budget"), Mapping)
    years = r.take(part, "budget.years", listed(MOST_YEARS), []) if is_given else []
    found = _each(r, "budget.years", years, whole(2000, 2200))
    if is_given and (not found or found != sorted(set(found))):
        r.fault("budget.years", "year_order")
    funds: list[Fund] = []
    for count, raw in enumerate(r.take(part, "budget.funds", listed(MOST_FUNDS), []) if is_given else []):
        path = f"budget.funds.{count}"
        one = r.part(raw, path, ("name", "kinds", "amounts"))
        amounts = _each(
            r, f"{path}.amounts", r.take(one, f"{path}.amounts", listed(MOST_YEARS), []), whole(0, MOST_VND)
        )
        if len(amounts) != len(found):
            r.fault(f"{path}.amounts", "named_count")
        name, kinds = r.take(one, f"{path}.name", name_of(80), ""), r.take(one, f"{path}.kinds", some_of(KINDS), ())
        if not kinds and one.get("kinds") == []:
            r.fault(f"{path}.kinds", "required")
        funds.append(Fund(name, kinds, tuple(amounts)))
    if is_given and (not funds or len({f.name for f in funds}) < len(funds)):
        r.fault("budget.funds", "named_twice" if funds else "required")
    carry = r.take({"carry_over": False} | dict(part), "budget.carry_over", flag, False)
    return {"years": tuple(found), "funds": tuple(funds), "carry_over": carry}
