"""Effort of patrols as figures: metres of routes by street, minutes per 1,000 residents, weeks of a longer period.

The sum over the streets and what lies off them is the length of the routes (SESSIONS.md T-P9).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gis_app.analysis.street_graph import Shapes
from gis_app.analysis.street_laying import PIECE_M, lay

# A piece farther from every street is off them: the street has been moved or deleted since.
WITHIN_M = 15.0
# Of fewer residents no rate is told: chance makes it, and it says too much of few people.
LEAST_RESIDENTS = 50
# Days that a chart shows one by one; a longer period by weeks.
MOST_DAYS = 31


@dataclass(frozen=True)
class StreetEffort:
    """Metres and routes by street (its number); metres off the streets."""

    metres: Mapping[int, float]
    times: Mapping[int, int]
    off_m: float

    @property
    def total_m(self) -> float:
        """All metres of all routes."""
        return sum(self.metres.values()) + self.off_m


def metres_on_streets(streets: Shapes, routes: Sequence[shapely.Geometry]) -> StreetEffort:
    """Lay routes onto streets (lines in metres)."""
    laid = lay(streets, routes, WITHIN_M)
    on = laid.street >= 0
    pairs, which = np.unique(np.column_stack([laid.line, laid.street])[on], axis=0, return_inverse=True)
    sums = np.bincount(which.ravel(), laid.length_m[on], minlength=len(pairs))
    metres: dict[int, float] = {}
    times: dict[int, int] = {}
    for (_, street), sum_m in zip(pairs.tolist(), sums.tolist(), strict=True):
        metres[street] = metres.get(street, 0.0) + sum_m
        # A corner that is cut is not a street that is walked.
        if sum_m >= min(2 * PIECE_M, streets[street].length / 2):
            times[street] = times.get(street, 0) + 1
    return StreetEffort(metres, times, float(laid.length_m[~on].sum()))


def per_thousand(minutes: float, residents: int | None) -> float | None:
    """Minutes for each thousand residents; None where they are not known or too few."""
    if residents is None or residents < LEAST_RESIDENTS:
        return None
    return round(1000 * minutes / residents, 1)


@dataclass(frozen=True)
class Column:
    """A column of the chart: a day, or a week that starts on it."""

    first: dt.date
    last: dt.date
    planned: int
    done: int
    minutes: int


def columns_of(days: Sequence[Mapping[str, Any]], first: dt.date, last: dt.date) -> list[Column]:
    """Sums of days ({name, planned, done, minutes}) by day, or by week from Monday where the period is longer."""
    step = 1 if (last - first).days < MOST_DAYS else 7
    start = first if step == 1 else first - dt.timedelta(days=first.weekday())
    by_day = {dt.date.fromisoformat(one["name"]): one for one in days}
    found = []
    while start <= last:
        end = start + dt.timedelta(days=step - 1)
        mine = [one for day, one in by_day.items() if start <= day <= end]
        sums = (sum(int(one[name]) for one in mine) for name in ("planned", "done", "minutes"))
        found.append(Column(max(start, first), min(end, last), *sums))
        start += dt.timedelta(days=step)
    return found
