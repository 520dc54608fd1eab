"""Which reports count, and below how many nothing is said.

A patrol finds things where it patrols. If its finds counted, the places that it visits would look worse, get more
patrols, and look worse again. So `counted` is the one door to every statistic, and no report with the source `patrol`
goes through it. Lum & Isaac (2016), To predict and serve?, Significance 13(5).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NEVER_COUNTED = "patrol"
# Below this many events no map statistic is shown: the bandwidth and every rank would be chance.
LEAST_ON_MAP = 30
# Below this many in both periods together no change is told (the same bar as gis_app/analysis/measurability.py).
LEAST_FOR_TREND = 20
# To readers of no exact place, a cell, a cluster or a pair of fewer events is not told.
SMALLEST_TOLD = 5
HOURS_A_DAY = 24


@dataclass(frozen=True, eq=False)
class Events:
    """Events: places in metres (n, 2); hours since the midnight that began 1970-01-01 in Vietnam; categories."""

    xy: Floats
    hour: Ints
    category: Sequence[str]
    source: Sequence[str]

    def __len__(self) -> int:
        return len(self.xy)

    @property
    def day(self) -> Ints:
        """Days since 1970-01-01."""
        return self.hour // HOURS_A_DAY

    @property
    def hour_of_day(self) -> Ints:
        """0 to 23."""
        return self.hour % HOURS_A_DAY

    @property
    def weekday(self) -> Ints:
        """1 Monday to 7 Sunday; 1970-01-01 was a Thursday."""
        return (self.day + 3) % 7 + 1

    def kept(self, flags: Flags) -> "Events":
        """Those that are flagged."""
        at = np.flatnonzero(flags).tolist()
        return Events(self.xy[flags], self.hour[flags], [self.category[k] for k in at], [self.source[k] for k in at])


@dataclass(frozen=True)
class Wanted:
    """Which events: hours [from, to) of the day, over midnight where `hour_to` is not after; categories."""

    hour_from: int = 0
    hour_to: int = 24
    categories: tuple[str, ...] = ()


def in_band(hour_of_day: Ints, hour_from: int, hour_to: int) -> Flags:
    """Whether hours of a day lie in a band."""
    after, before = hour_of_day >= hour_from, hour_of_day < hour_to
    found: Flags = after & before if hour_from < hour_to else after | before
    return found


def counted(events: Events, wanted: Wanted | None = None) -> Events:
    """The events that statistics count: none that a patrol found, and of the wanted hours and categories."""
    source = np.array(list(events.source), dtype=object)
    flags = source != NEVER_COUNTED if len(events) else np.zeros(0, dtype=bool)
    if wanted is not None and len(events):
        flags &= in_band(events.hour_of_day, wanted.hour_from, wanted.hour_to)
        if wanted.categories:
            flags &= np.isin(np.array(list(events.category), dtype=object), wanted.categories)
    return events.kept(flags.astype(bool))
