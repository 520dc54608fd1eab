"""Invented reports about places of a demonstration town: dated points that its statistics have something to say about.

A third comes back to the town's own hotspots at their hours, some of them again within days and a street's length
(near repeats); faults of lights lie along dark streets; the rest is spread over the streets. Metres of the town's zone.
"""

import datetime as dt
from typing import Any

import numpy as np
import shapely

from gis_app.analysis.town.model import Coords, Town

# Days back from today that reports tell of; two periods of a year can just be compared.
SPAN_DAYS = 700
PER_HOTSPOT = 6
_SOURCES = (("patrol", 0.22), ("police", 0.30), ("meeting", 0.16), ("tip", 0.24), ("file", 0.08))
_AT_HOTSPOTS = (("gathering", 0.34), ("syringes", 0.24), ("suspicious", 0.30), ("other", 0.12))
_ON_STREETS = (("dark_street", 0.34), ("light_out", 0.40), ("camera_out", 0.12), ("other", 0.14))
# Share of a day's reports by hour, from midnight: nights and late evenings.
_HOURS = np.array([4, 3, 2, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 4, 6, 8, 10, 12, 13, 12, 8], dtype=float)
_WEEKDAYS = np.array([1.0, 0.9, 0.95, 1.0, 1.25, 1.5, 1.3])


def place_events(town: Town, seed: int, today: dt.date) -> list[dict[str, Any]]:
    """Rows of `x`, `y` (metres), `category`, `source`, `day` and `hour`; same town, seed and day, same rows."""
    rng = np.random.default_rng([seed, int(town.layers["communes"][0].properties["code"])])
    spots = np.array([shapely.get_coordinates(row.geom)[0] for row in town.layers["hotspots"]])
    streets = [row.geom for row in town.layers["roads"] if row.properties["class"] not in ("motorway", "track")]
    wanted = PER_HOTSPOT * len(spots)
    # A few hotspots draw most reports; the hot ones of this year are not quite those of the last.
    pull = rng.pareto(1.1, len(spots)) + 0.05
    shift = np.where(rng.random(len(spots)) < 0.3, rng.uniform(0.2, 3.0, len(spots)), 1.0)
    events: list[dict[str, Any]] = []
    while len(events) < wanted:
        ago = int(SPAN_DAYS * rng.random() ** 1.06)
        day = today - dt.timedelta(days=ago + 1)
        if rng.random() > _WEEKDAYS[day.weekday()] / _WEEKDAYS.max():
            continue
        if rng.random() < 0.45:
            weight = pull * (shift if ago < SPAN_DAYS / 2 else 1.0)
            middle = spots[int(rng.choice(len(spots), p=weight / weight.sum()))]
            events += _again(rng, middle, day, today)
        else:
            events.append(_event(rng, _along(rng, streets), day, _ON_STREETS))
    outline = town.outline
    shapely.prepare(outline)
    return [event for event in events if outline.contains(shapely.Point(event["x"], event["y"]))]


def _again(rng: np.random.Generator, middle: Coords, day: dt.date, today: dt.date) -> list[dict[str, Any]]:
    """A report at a hotspot, and with some luck others near it within two weeks."""
    first = _event(rng, middle + rng.normal(0, 22, 2), day, _AT_HOTSPOTS)
    found = [first]
    while rng.random() < 0.28:
        later = day + dt.timedelta(days=int(rng.integers(1, 13)))
        if later >= today:
            break
        spot = np.array([first["x"], first["y"]]) + rng.normal(0, 60, 2)
        found.append(_event(rng, spot, later, _AT_HOTSPOTS))
    return found


def _along(rng: np.random.Generator, streets: list[Any]) -> Coords:
    lengths = np.array([line.length for line in streets])
    line = streets[int(rng.choice(len(streets), p=lengths / lengths.sum()))]
    spot = line.interpolate(float(rng.random()), normalized=True)
    along: Coords = shapely.get_coordinates(spot)[0] + rng.normal(0, 3, 2)
    return along


def _event(rng: np.random.Generator, spot: Coords, day: dt.date, of: tuple[tuple[str, float], ...]) -> dict[str, Any]:
    def pick(choices: tuple[tuple[str, float], ...]) -> str:
        shares = np.array([share for _, share in choices])
        return choices[int(rng.choice(len(choices), p=shares / shares.sum()))][0]

    hour = int(rng.choice(24, p=_HOURS / _HOURS.sum()))
    x, y = (round(float(value), 2) for value in spot)
    return {"x": x, "y": y, "category": pick(of), "source": pick(_SOURCES), "day": day, "hour": hour}
