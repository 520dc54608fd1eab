"""Forms of shifts as settings, and settings and routes as the templates show them; no views here."""

from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from gis_app.analysis.patrol_settings import MOST_TEAMS
from gis_app.errors import BadRequest
from gis_app.queries.patrol import Plan, RouteRow, StopRow
from gis_app.web.params import finite

WORDS = ("pin", "unpin", "drop", "undrop")


def _number(text: str | None) -> Any:
    """A whole number, else the text for the check to refuse."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else text or None


def spot_text(place: Any) -> str:
    """A place as the form's choices name it: lon,lat; nothing where it is none."""
    if not isinstance(place, list | tuple) or len(place) != 2:
        return ""
    return ",".join(f"{round(float(value), 6):.6f}" for value in place)


def _spot(text: str | None, usual: Any) -> Any:
    """[lon, lat] of a choice, else the text for the check to refuse."""
    if not text:
        return usual
    try:
        return [finite(part) for part in text.split(",")]
    except ValueError:
        return text


def depots_of(
    known: Sequence[tuple[str, str, float, float]], settings: Mapping[str, Any], usual: Sequence[float]
) -> list[dict[str, str]]:
    """Choices of starts and ends: places of the layer, the usual start, and points that the settings already have."""
    found = {spot_text((lon, lat)): {"kind": kind, "name": name} for kind, name, lon, lat in known}
    found.setdefault(spot_text(usual), {"kind": "middle", "name": ""})
    for team in settings["teams"]:
        for place in (team["start"], team["end"]):
            if value := spot_text(place):
                found.setdefault(value, {"kind": "point", "name": value})
    return [{"value": value, **about} for value, about in found.items()]


def settings_of_form(form: MultiDict[str, str], now: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a form describes; what it does not show stays as it is now."""
    old = list(now["teams"])
    teams = []
    for row in range(MOST_TEAMS):
        name = form.get(f"team_{row}_name", "").strip()
        if name:
            place = old[min(row, len(old) - 1)]
            start = _spot(form.get(f"team_{row}_start"), place["start"])
            # Nothing chosen: where it starts.
            end = _spot(form.get(f"team_{row}_end"), start if f"team_{row}_start" in form else place["end"])
            teams.append({"name": name, "mode": form.get(f"team_{row}_mode"), "force": form.get(f"team_{row}_force"),
                          "start": start, "end": end})  # fmt: skip
    found = dict(now) | {
        "shift_on": form.get("shift_on"), "start": form.get("start", "")[:5], "end": form.get("end", "")[:5],
        "teams": teams,
    }  # fmt: skip
    for name in ("stay_min", "stop_count", "seed"):
        if name in form:
            found[name] = _number(form.get(name))
    found["locked"] = [lock for lock in now.get("locked", []) if lock["team"] <= len(teams)]
    return found


def teams_of(settings: Mapping[str, Any]) -> list[Mapping[str, Any] | None]:
    """Rows of teams for the form: those that are there, and one to add."""
    found: list[Mapping[str, Any] | None] = list(settings["teams"])
    return [*found, None][:MOST_TEAMS]


def edited(settings: Mapping[str, Any], do: str, stops: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Settings with a stop pinned, dropped, or neither; `stops`: keys of all places in each, which it is known by."""
    word, _, key = do.partition("|")
    if word not in WORDS:
        raise BadRequest("bad_parameter", name="do", rule="choice")
    same = {key, *stops.get(key, ())}
    pinned = [one for one in settings["pinned"] if one not in same]
    dropped = [one for one in settings["dropped"] if one not in same]
    if word == "pin":
        pinned.append(key)
    elif word == "drop":
        dropped.append(key)
    locked = settings["locked"]
    if word == "drop":
        locked = [{**lock, "keys": [one for one in lock["keys"] if one not in same]} for lock in locked]
    return {"pinned": pinned, "dropped": dropped, "locked": locked}


def alternatives_of(plan: Plan, routes: Sequence[RouteRow], stops: Mapping[int, StopRow]) -> list[dict[str, Any]]:
    """Alternatives with their routes and what is said of them."""
    found = []
    for one in (plan.figures or {}).get("alternatives", []):
        mine = [route for route in routes if route.alternative == one["number"]]
        found.append(dict(one) | {
            "routes": mine,
            "most_shared_others": max(one["shared_others"].values(), default=None),
            "late_codes": [stops[stop].code for stop in one.get("late", []) if stop in stops],
            "is_over": any(route.duration_s > plan.shift_s + 0.5 for route in mine),
        })  # fmt: skip
    return found
