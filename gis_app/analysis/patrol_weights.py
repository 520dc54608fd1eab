"""What a stop is worth: the commune's own numbers, checked, with the defaults that a commune starts from.

Points are stated values, not measured risks: they say what the commune wants to look at first, and the page shows them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from gis_app.analysis.patrol_clock import clock, end_after
from gis_app.analysis.siting_fields import Fault, FieldReader, Wrong, listed, number, some_of, whole

HOTSPOTS = ("complex_point", "gathering", "risk")
VENUES = ("karaoke", "hotel", "guesthouse", "boarding_house", "bar", "internet_cafe", "massage", "other")
MOST_POINTS = 100.0
LATER = ("revisit_limit", "due", "shift_every_days")

DEFAULTS: Mapping[str, Any] = {
    "hotspot": {"complex_point": 6.0, "gathering": 5.0, "risk": 3.0},
    # Points halve with every so many days since the place was last seen.
    "hotspot_half_life_days": 45,
    # Of the points, outside the hours in which the place is lively; where hours are not known, half way.
    "off_hours_share": 0.25,
    "school": 3.0,
    "school_hours": [["06:15", "07:15"], ["11:00", "12:00"], ["16:00", "17:30"]],
    "venue": {"karaoke": 2.0, "hotel": 1.0, "guesthouse": 1.5, "boarding_house": 1.0, "bar": 2.5,
              "internet_cafe": 1.0, "massage": 1.0, "other": 0.5},
    "venue_hours": [["18:00", "24:00"]],
    "dark_per_100m": 1.0,
    "dark_most": 3.0,
    "gateway": 1.5,
    "key_route": 1.0,
    # Reached after so many days without a visit, none right after one.
    "revisit": 2.0,
    "revisit_days": 7,
    # No verified hotspot goes more days than this without a visit; 0: nothing is promised.
    "revisit_limit": {"complex_point": 7, "gathering": 7, "risk": 14},
    # Added where the limit would pass before the next shift, which comes after so many days.
    "due": 10.0,
    "shift_every_days": 1,
    "explore_share": 0.15,
    "group_week_cap": 20,
    # Places nearer together than this are one stop.
    "merge_m": 40.0,
    # Classes of hotspots to which teams without a police officer are not sent.
    "police_only": ["complex_point"],
}  # fmt: skip


@dataclass(frozen=True)
class Weights:
    """Checked weights; hours in minutes since midnight, past 24:00 where they go over it."""

    raw: Mapping[str, Any]
    hotspot: Mapping[str, float]
    half_life_days: float
    off_hours_share: float
    school: float
    school_hours: Sequence[tuple[int, int]]
    venue: Mapping[str, float]
    venue_hours: Sequence[tuple[int, int]]
    dark_per_100m: float
    dark_most: float
    gateway: float
    key_route: float
    revisit: float
    revisit_days: int
    revisit_limit: Mapping[str, int]
    due: float
    shift_every_days: int
    explore_share: float
    group_week_cap: int
    merge_m: float
    police_only: Sequence[str]


def _hours(value: Any, *, over_midnight: bool = False) -> list[tuple[int, int]]:
    found = []
    for pair in listed(6)(value):
        if not isinstance(pair, list) or len(pair) != 2:
            raise Wrong("clock")
        low, high = clock(pair[0]), clock(pair[1])
        if high == low or (high < low and not over_midnight):
            raise Wrong("end_before_start")
        found.append((low, end_after(low, high)))
    return found


# Of venues some go over midnight: 18:00 to 02:00.
_NIGHT: Callable[[Any], list[tuple[int, int]]] = partial(_hours, over_midnight=True)


def read_weights(raw: Any) -> tuple[Weights | None, list[Fault]]:
    """Check weights; every fault is named by its path."""
    reader = FieldReader()
    if isinstance(raw, Mapping):
        # Versions that were stored before there was a limit say nothing of it.
        raw = {name: DEFAULTS[name] for name in LATER} | dict(raw)
    body = reader.part(raw, "", tuple(DEFAULTS))
    points, share = number(0, MOST_POINTS), number(0, 1)
    hotspot = {n: reader.take(reader.part(body.get("hotspot"), "hotspot", HOTSPOTS), f"hotspot.{n}", points, 0.0)
               for n in HOTSPOTS}  # fmt: skip
    venue = {n: reader.take(reader.part(body.get("venue"), "venue", VENUES), f"venue.{n}", points, 0.0)
             for n in VENUES}  # fmt: skip
    limit = {n: reader.take(reader.part(body.get("revisit_limit"), "revisit_limit", HOTSPOTS), f"revisit_limit.{n}",
                            whole(0, 90), 0)
             for n in HOTSPOTS}  # fmt: skip
    rules: dict[str, Callable[[Any], Any]] = {
        "hotspot_half_life_days": number(1, 3650), "off_hours_share": share, "school": points, "school_hours": _hours,
        "venue_hours": _NIGHT, "dark_per_100m": points, "dark_most": points, "gateway": points, "key_route": points,
        "revisit": points, "revisit_days": whole(1, 90), "due": points, "shift_every_days": whole(1, 14),
        "explore_share": number(0.1, 0.2),
        "group_week_cap": whole(1, 500), "merge_m": number(0, 200), "police_only": some_of(HOTSPOTS),
    }  # fmt: skip
    found = {name: reader.take(body, name, read, None) for name, read in rules.items()}
    if reader.faults:
        return None, _once(reader.faults)
    found["half_life_days"] = found.pop("hotspot_half_life_days")
    return Weights(raw=dict(body), hotspot=hotspot, venue=venue, revisit_limit=limit, **found), []


def _once(faults: Sequence[Fault]) -> list[Fault]:
    found: list[Fault] = []
    for fault in faults:
        if fault not in found:
            found.append(fault)
    return found
