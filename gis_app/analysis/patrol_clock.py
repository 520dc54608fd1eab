"""The clock of shifts: minutes since the midnight with which the shift's day begins, on into the next day.

A shift over midnight is one shift, of the day on which it starts: 22:00 to 02:00 is 1320 to 1560.
"""

from typing import Any

from gis_app.analysis.siting_fields import Wrong

DAY_MINUTES = 24 * 60
LONGEST_MIN = 720


def clock(text: Any) -> int:
    """Minutes since midnight of HH:MM, 24:00 among them.

    Raises
    ------
    Wrong
        `required`, `clock`.
    """
    if text in (None, ""):
        raise Wrong("required")
    if not isinstance(text, str) or len(text) != 5 or text[2] != ":" or not (text[:2] + text[3:]).isdigit():
        raise Wrong("clock")
    if not text.isascii() or int(text[3:]) > 59:
        raise Wrong("clock")
    minutes = int(text[:2]) * 60 + int(text[3:])
    if minutes > DAY_MINUTES:
        raise Wrong("clock")
    return minutes


def start_clock(text: Any) -> int:
    """As `clock`; no day starts at 24:00.

    Raises
    ------
    Wrong
        `required`, `clock`.
    """
    minutes = clock(text)
    if minutes == DAY_MINUTES:
        raise Wrong("clock")
    return minutes


def clock_text(minutes: int) -> str:
    """HH:MM; the midnight at the end of the first day is 24:00, what comes later starts anew."""
    if minutes > DAY_MINUTES:
        minutes %= DAY_MINUTES
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def end_after(start: int, end: int) -> int:
    """An end on the clock, put after its start: at or before it means the next day."""
    return end if end > start else end + DAY_MINUTES


def days_over(minutes: int) -> int:
    """How many days after the first an end lies; 24:00 is still its day's."""
    return max(0, minutes - 1) // DAY_MINUTES


def meetings(low: int, high: int, start: int, end: int) -> list[tuple[int, int]]:
    """When hours of every day (high past 24:00: over midnight) fall into a shift, in order; minutes as the shift's."""
    shifted = ((low + day, high + day) for day in (-DAY_MINUTES, 0, DAY_MINUTES))
    found = ((max(first, start), min(last, end)) for first, last in shifted)
    return [(first, last) for first, last in found if first < last]
