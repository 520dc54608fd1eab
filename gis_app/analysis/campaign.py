"""A campaign ("đợt cao điểm"): where in its days a day lies, and which of its targets are reached."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gis_app.analysis.indicators import TITLES, Indicator

# A campaign is announced so many days before it starts, and told of so many after its last day.
SHOWN_BEFORE, SHOWN_AFTER = 14, 14


@dataclass(frozen=True)
class Clock:
    """`state` before, running or over; `days`: until it starts, left of it (0 on its last day), since it ended."""

    state: str
    days: int


@dataclass(frozen=True)
class Target:
    """An indicator with the share that is asked of it, in per cent."""

    indicator: Indicator
    wanted: int

    @property
    def is_reached(self) -> bool | None:
        """Whether the share is there; exact, in whole numbers. None: nothing to count, or too few to be told."""
        one = self.indicator
        return 100 * one.done >= self.wanted * one.total if one.total else None


def clock_of(starts_on: dt.date, ends_on: dt.date, day: dt.date) -> Clock:
    """Where a day lies; both ends belong to the campaign."""
    if day < starts_on:
        return Clock("before", (starts_on - day).days)
    return Clock("running", (ends_on - day).days) if day <= ends_on else Clock("over", (day - ends_on).days)


def is_shown(clock: Clock) -> bool:
    """Whether pages of the work tell of it."""
    most = {"before": SHOWN_BEFORE, "running": clock.days, "over": SHOWN_AFTER}[clock.state]
    return clock.days <= most


def targets_of(wanted: Mapping[str, int], indicators: Sequence[Indicator]) -> list[Target]:
    """The targets in the order of the board; an indicator that is no more is left out."""
    known = {one.code: one for one in indicators}
    return [Target(known[code], int(wanted[code])) for code in TITLES if code in wanted and code in known]
