"""Campaigns: where a day lies, when pages tell of one, when a target is reached."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis_app.analysis.campaign import Clock, Target, clock_of, is_shown, targets_of
from gis_app.analysis.indicators import TITLES, Indicator

FIRST, LAST = dt.date(2025, 10, 1), dt.date(2025, 12, 14)


@pytest.mark.parametrize(
    ("day", "state", "days", "shown"),
    [
        (dt.date(2025, 9, 16), "before", 15, False),
        (dt.date(2025, 9, 17), "before", 14, True),
        (FIRST, "running", 74, True),
        (LAST, "running", 0, True),
        (dt.date(2025, 12, 15), "over", 1, True),
        (dt.date(2025, 12, 29), "over", 15, False),
    ],
)
def test_the_clock(day: dt.date, state: str, days: int, shown: bool) -> None:
    clock = clock_of(FIRST, LAST, day)
    assert clock == Clock(state, days)
    assert is_shown(clock) == shown


@given(st.dates(), st.integers(0, 300), st.integers(-400, 700))
def test_days_are_never_negative(first: dt.date, length: int, step: int) -> None:
    try:
        last, day = first + dt.timedelta(days=length), first + dt.timedelta(days=step)
    except OverflowError:
        return
    clock = clock_of(first, last, day)
    assert clock.days >= 0
    assert (clock.state == "running") == (0 <= step <= length)


def test_targets_are_those_of_the_board() -> None:
    board = [Indicator(code, "group", 8, 10, (), {}) for code in ("notice_boards", "tip_boxes")]
    found = targets_of({"notice_boards": 80, "tip_boxes": 81, "gone": 5, "venue_checks": 1}, board)
    assert [(one.indicator.code, one.is_reached) for one in found] == [("tip_boxes", False), ("notice_boards", True)]
    assert [one.indicator.code for one in found] == [code for code in TITLES if code in ("notice_boards", "tip_boxes")]
    none, third = (Indicator("reviews", "group", done, total, (), {}) for done, total in ((0, 0), (1, 3)))
    assert Target(none, 100).is_reached is None
    assert Target(third, 34).is_reached is False
    assert Target(third, 33).is_reached is True
