"""The figures of coverage as pages and programs have them: every one twice, as assumed and as verified."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from gis_app.analysis.coverage import STANDING, VERIFIED, WORKING, index_of, lit_index
from gis_app.queries.coverage_days import Sum, fetch_day, fetch_first_day, fetch_sums
from gis_app.queries.coverage_store import fetch_left_out
from gis_app.queries.coverage_views import fetch_names
from gis_app.tables.coverage import PLACE_KINDS
from layers.base import POLICE

CLASSES = PLACE_KINDS
KINDS = ("commune", "group", "group_street", "street", *CLASSES)
# In which unit the total of a kind stands.
MEASURES = {"commune": "m2", "group": "m2", "school": "m2", "group_street": "m", "street": "m", "key_route": "m",
            "industrial_zone": "m2"}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """Time, DORI level, and which devices count."""

    time: str = "day"
    level: str = "detect"
    working_only: bool = False
    verified_only: bool = False

    @property
    def assumed_rank(self) -> int:
        """The rank from which a device counts, whatever is assumed of it."""
        return WORKING if self.working_only else STANDING

    @property
    def shown_rank(self) -> int:
        """The rank of the figure that the toggles ask for."""
        return VERIFIED if self.verified_only else self.assumed_rank

    def columns(self) -> list[int]:
        """Seen assumed and verified, lit assumed and verified."""
        ranks = (self.assumed_rank, VERIFIED)
        return [*(index_of(self.time, self.level, rank) for rank in ranks), *(lit_index(rank) for rank in ranks)]


def audience_of(role: str) -> str:
    """Whose figures of hotspots a role reads; for the others the database has none."""
    return "police" if role in POLICE else "planner" if role == "planner" else "staff"


def may_read_hotspots(role: str) -> bool:
    """Whether a role has figures of hotspots at all."""
    return audience_of(role) != "staff"


def measure_of(asked: Asked, total: float, covered: Sequence[float]) -> dict[str, Any]:
    """Total and shares (0 to 1, None without a total) of what is seen and lit."""

    def share(amount: float) -> float | None:
        return round(min(amount / total, 1.0), 9) if total > 0 else None

    assumed, verified, lit, lit_verified = covered
    return {
        "total": round(total, 3),
        "share": share(verified if asked.verified_only else assumed),
        "assumed_share": share(assumed),
        "verified_share": share(verified),
        "lit_share": share(lit_verified if asked.verified_only else lit),
        "lit_assumed_share": share(lit),
        "lit_verified_share": share(lit_verified),
    }


def _added(sums: Sequence[Sum]) -> tuple[float, tuple[float, ...]]:
    covered = tuple(sum(column) for column in zip(*(one.covered for one in sums), strict=True)) or (0.0,) * 4
    return sum(one.total for one in sums), covered


def figures_of(conn: Connection, commune_id: int, role: str, asked: Asked, kind: str | None = None) -> dict[str, Any]:
    """Commune, groups, streets and classes of places; with `kind` (a class) each of its places as well."""
    kinds = [one for one in KINDS if one != "hotspot" or may_read_hotspots(role)]
    sums = fetch_sums(conn, commune_id, asked.columns(), kinds, audience_of(role))
    left_out = fetch_left_out(conn, commune_id)
    by_kind: dict[str, list[Sum]] = {one: [] for one in kinds}
    # Of an expired hotspot nothing is told, though its figures stay until they are computed anew.
    alive = fetch_names(conn, "hotspot", role) if may_read_hotspots(role) else {}
    for one in sums:
        if one.kind != "hotspot" or one.unit in alive:
            by_kind[one.kind].append(one)
    streets_of = {one.unit: one for one in by_kind["group_street"]}
    area_of = {one.unit: one for one in by_kind["group"]}
    groups = [
        {
            "group_id": int(unit),
            "name": name,
            "area": measure_of(asked, area_of[unit].total, area_of[unit].covered),
            "street": _measure_or_none(asked, streets_of.get(unit)),
        }
        for unit, name in fetch_names(conn, "group", role).items()
        if unit in area_of
    ]
    found = {
        "commune": {name: measure_of(asked, *_added(by_kind[of])) for name, of in _COMMUNE.items()},
        "groups": groups,
        "streets": [
            {"name": one.unit or None, **measure_of(asked, one.total, one.covered)} for one in by_kind["street"]
        ],
        "classes": [
            {"kind": one, "is_required": one not in left_out, "count": len(by_kind[one]),
             "unit": MEASURES.get(one, "weight"), **measure_of(asked, *_added(by_kind[one]))}
            for one in CLASSES
            if one in by_kind
        ],
    }  # fmt: skip
    if kind in by_kind and kind in CLASSES:
        found["places"] = _places(conn, role, asked, kind, by_kind[kind])
    return found


_COMMUNE: Mapping[str, str] = {"area": "commune", "street": "street"}


def _measure_or_none(asked: Asked, one: Sum | None) -> dict[str, Any]:
    return measure_of(asked, one.total, one.covered) if one else measure_of(asked, 0.0, (0.0,) * 4)


def _places(conn: Connection, role: str, asked: Asked, kind: str, sums: Sequence[Sum]) -> list[dict[str, Any]]:
    """Each place that is still there and that the role reads."""
    by_unit = {one.unit: one for one in sums}
    return [
        {"id": int(unit), "name": name, **measure_of(asked, by_unit[unit].total, by_unit[unit].covered)}
        for unit, name in fetch_names(conn, kind, role).items()
        if unit in by_unit
    ]


def compare_days(
    conn: Connection, commune_id: int, role: str, asked: Asked, days: tuple[dt.date, dt.date], today: dt.date
) -> dict[str, Any]:
    """Two days side by side, the later one last; `first_on`: since when there is a history. Hotspots have none."""
    sides = [_day(conn, commune_id, asked, day, today) for day in sorted(days)]
    names = fetch_names(conn, "group", role)
    keys = sorted(set(sides[0]) | set(sides[1]))
    units = []
    for kind, unit in keys:
        measures = [None if (kind, unit) not in side else measure_of(asked, *side[(kind, unit)]) for side in sides]
        units.append(
            {"kind": kind, "unit": unit, "name": names.get(unit) if kind.startswith("group") else unit or None,
             "before": measures[0], "after": measures[1]}
        )  # fmt: skip
    first = fetch_first_day(conn, commune_id)
    return {"first_on": None if first is None else first.isoformat(), "units": units}


def _day(
    conn: Connection, commune_id: int, asked: Asked, day: dt.date, today: dt.date
) -> dict[tuple[str, str], tuple[float, tuple[float, ...]]]:
    if day < today:
        return {
            (one.kind, one.unit): (one.total, one.covered) for one in fetch_day(conn, commune_id, day, asked.columns())
        }
    kinds = [kind for kind in KINDS if kind != "hotspot"]
    sums: dict[tuple[str, str], list[Sum]] = {}
    for one in fetch_sums(conn, commune_id, asked.columns(), kinds, "staff"):
        sums.setdefault((one.kind, "" if one.kind in CLASSES else one.unit), []).append(one)
    return {key: _added(each) for key, each in sums.items()}
