"""When: reports by weekday and hour, and the change between two periods, with a guard against small numbers.

Trend. n1 events in the t1 days before, n2 in the t2 days now, taken as Poisson. Given n1 + n2, n2 is binomial with
p = r t2 / (r t2 + t1), r the ratio of the rates; the exact interval of p (Clopper & Pearson 1934) gives one of r.
Below `LEAST_FOR_TREND` events in both together nothing is said. The change is called one only where the 95 % interval
leaves out 1.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

from gis_app.analysis.hotspot_stats.events import LEAST_FOR_TREND, Events, Ints

LEVEL = 0.95


def by_hour(events: Events) -> Ints:
    """(7, 24) counts: Monday first, hours from midnight."""
    found = np.bincount((events.weekday - 1) * 24 + events.hour_of_day, minlength=7 * 24)
    return found.reshape(7, 24).astype(np.int64)


@dataclass(frozen=True)
class Trend:
    """Two counts; ratio of rates with its interval, None where there are too few; more, fewer, same or too_few."""

    before: int
    now: int
    ratio: float | None
    low: float | None
    high: float | None
    verdict: str


def trend(before: int, now: int, days_before: int, days_now: int) -> Trend:
    """Compare two periods."""
    total = before + now
    if total < LEAST_FOR_TREND:
        return Trend(before, now, None, None, None, "too_few")
    tail = (1 - LEVEL) / 2
    low = float(beta.ppf(tail, now, before + 1)) if now else 0.0
    high = float(beta.ppf(1 - tail, now + 1, before)) if before else 1.0
    scale = days_before / days_now
    ends = [p / (1 - p) * scale if p < 1 else np.inf for p in (low, high)]
    ratio = now / before * scale if before else np.inf
    verdict = "more" if ends[0] > 1 else "fewer" if ends[1] < 1 else "same"
    return Trend(before, now, ratio, ends[0], ends[1], verdict)
