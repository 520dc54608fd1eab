"""What a shift is asked for: day, hours, teams, what is pinned, dropped, locked or avoided, the seed. Checked.

Coordinates are EPSG:4326; keys of stops are a layer and an id, as patrol_stops.py names them.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from gis_app.analysis.patrol_clock import LONGEST_MIN, clock, clock_text, end_after, start_clock
from gis_app.analysis.patrol_stops import Shift
from gis_app.analysis.siting_fields import Fault, FieldReader, Wrong, listed, lonlat, name_of, one_of, polygon, whole
from gis_app.analysis.street_graph import MODES

# Officers of the police; force that keeps security at the grass roots (Law 30/2023/QH15); both in one team.
FORCES = ("mixed", "police", "security")
MOST_TEAMS, MOST_STOPS, MOST_AREAS = 6, 150, 20
ALTERNATIVES = 3
FIELDS = ("shift_on", "start", "end", "teams", "stay_min", "stop_count", "pinned", "dropped", "locked", "avoid",
          "seed", "iterations")  # fmt: skip
_KEY = re.compile(r"[a-z_]{1,20}:[0-9:]{1,30}")


@dataclass(frozen=True)
class Team:
    """A team: how it moves, who is in it (a kind of force, no persons), where it starts and ends (lon, lat)."""

    name: str
    mode: str
    force: str
    start: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True)
class PlanSettings:
    """Checked settings; minutes as patrol_clock.py counts; `locked`: (team from 0, keys in the order that stays)."""

    shift_on: dt.date
    start_min: int
    end_min: int
    teams: Sequence[Team]
    stay_min: int
    stop_count: int
    pinned: Sequence[str]
    dropped: Sequence[str]
    locked: Sequence[tuple[int, Sequence[str]]]
    avoid: Sequence[BaseGeometry]
    seed: int
    iterations: int

    @property
    def shift_s(self) -> int:
        """Seconds of the shift."""
        return (self.end_min - self.start_min) * 60

    def shift(self) -> Shift:
        """What the list of stops depends on; who is locked into a route is as good as pinned, unless dropped."""
        locked = {key for _, keys in self.locked for key in keys} - set(self.dropped)
        return Shift(self.start_min, self.end_min, self.stop_count, {*self.pinned, *locked}, set(self.dropped),
                     self.seed)  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """As they are stored and answered."""
        return {
            "shift_on": self.shift_on.isoformat(),
            "start": clock_text(self.start_min),
            "end": clock_text(self.end_min),
            "teams": [{"name": t.name, "mode": t.mode, "force": t.force, "start": list(t.start), "end": list(t.end)}
                      for t in self.teams],
            "stay_min": self.stay_min,
            "stop_count": self.stop_count,
            "pinned": list(self.pinned),
            "dropped": list(self.dropped),
            "locked": [{"team": team + 1, "keys": list(keys)} for team, keys in self.locked],
            "avoid": [mapping(area) for area in self.avoid],
            "seed": self.seed,
            "iterations": self.iterations,
        }  # fmt: skip


def default_settings(day: dt.date, start: tuple[float, float], seed: int | None = None) -> dict[str, Any]:
    """Tonight, two teams from one place: nothing needs to be touched. Without a seed one is drawn with the plan."""
    team = {"mode": "walk", "force": "mixed", "start": list(start), "end": list(start)}
    return {
        "shift_on": day.isoformat(), "start": "20:00", "end": "23:00",
        "teams": [team | {"name": "Tổ 1"}, team | {"name": "Tổ 2", "mode": "motorbike"}],
        "stay_min": 10, "stop_count": 41, "pinned": [], "dropped": [], "locked": [], "avoid": [],
        "seed": seed, "iterations": 5000,
    }  # fmt: skip


def read_settings(raw: Any) -> tuple[PlanSettings | None, list[Fault]]:
    """Check settings; every fault is named by its path."""
    reader = FieldReader()
    body = reader.part(raw, "", FIELDS)
    values = {
        "shift_on": reader.take(body, "shift_on", _day, None),
        "start_min": reader.take(body, "start", start_clock, 0),
        "end_min": reader.take(body, "end", clock, 0),
        "teams": _teams(reader, body),
        "stay_min": reader.take(body, "stay_min", whole(1, 60), 1),
        "stop_count": reader.take(body, "stop_count", whole(5, MOST_STOPS), 5),
        "pinned": reader.take(body, "pinned", _keys, ()),
        "dropped": reader.take(body, "dropped", _keys, ()),
        "avoid": _areas(reader, body),
        "seed": reader.take(body, "seed", whole(0, 2**31 - 1), 0),
        "iterations": reader.take(body, "iterations", whole(100, 1_000_000), 100),
    }
    values["locked"] = _locked(reader, body, len(values["teams"]))
    named = {fault["field"] for fault in reader.faults}
    if not named & {"start", "end"}:
        values["end_min"] = end_after(values["start_min"], values["end_min"])
        if values["end_min"] - values["start_min"] > LONGEST_MIN:
            reader.fault("end", "shift_too_long")
    for key in sorted(set(values["pinned"]) & set(values["dropped"])):
        reader.fault("dropped", "pinned_and_dropped")
        del key
        break
    if reader.faults:
        return None, reader.faults
    return PlanSettings(**values), []


def _day(value: Any) -> dt.date:
    if value in (None, ""):
        raise Wrong("required")
    try:
        found = dt.date.fromisoformat(value)
    except (ValueError, TypeError) as error:
        raise Wrong("day") from error
    if not 2000 <= found.year <= 2200 or found.isoformat() != value:
        raise Wrong("day")
    return found


def _keys(value: Any) -> tuple[str, ...]:
    found = listed(MOST_STOPS)(value)
    if any(not isinstance(one, str) or not _KEY.fullmatch(one) for one in found):
        raise Wrong("choice")
    return tuple(dict.fromkeys(found))


def _teams(reader: FieldReader, body: Mapping[str, Any]) -> list[Team]:
    found = []
    for count, raw in enumerate(reader.take(body, "teams", listed(MOST_TEAMS), [])):
        path = f"teams.{count}"
        part = reader.part(raw, path, ("name", "mode", "force", "start", "end"))
        name = reader.take(part, f"{path}.name", name_of(40), "")
        mode = reader.take(part, f"{path}.mode", one_of(MODES), MODES[0])
        force = reader.take(part, f"{path}.force", one_of(FORCES), FORCES[0])
        start = reader.take(part, f"{path}.start", lonlat, (0.0, 0.0))
        end = reader.take(part, f"{path}.end", lonlat, start) if part.get("end") is not None else start
        found.append(Team(name, mode, force, start, end))
    if not found:
        reader.fault("teams", "required")
    return found


def _locked(reader: FieldReader, body: Mapping[str, Any], team_count: int) -> list[tuple[int, tuple[str, ...]]]:
    found: list[tuple[int, tuple[str, ...]]] = []
    met: set[str] = set()
    for count, raw in enumerate(reader.take(body, "locked", listed(MOST_TEAMS), [])):
        path = f"locked.{count}"
        part = reader.part(raw, path, ("team", "keys"))
        team = reader.take(part, f"{path}.team", whole(1, max(team_count, 1)), 1)
        keys = reader.take(part, f"{path}.keys", _keys, ())
        if met & set(keys):
            reader.fault(f"{path}.keys", "twice")
        met.update(keys)
        if keys:
            found.append((team - 1, keys))
    return found


def _areas(reader: FieldReader, body: Mapping[str, Any]) -> list[BaseGeometry]:
    areas = reader.take(body, "avoid", listed(MOST_AREAS), [])
    found = [reader.take({"0": area}, f"avoid.{count}.0", polygon, None) for count, area in enumerate(areas)]
    return [area for area in found if area is not None]
