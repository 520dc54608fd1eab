"""Months, quarters, half-years of the calendar; the year of the programme."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis_app.analysis.periods import last_full, period_of

D = dt.date


@pytest.mark.parametrize(
    ("kind", "day", "first", "last"),
    [
        ("month", D(2024, 2, 10), D(2024, 2, 1), D(2024, 2, 29)),
        ("month", D(2026, 12, 31), D(2026, 12, 1), D(2026, 12, 31)),
        ("quarter", D(2026, 11, 22), D(2026, 10, 1), D(2026, 12, 31)),
        ("half_year", D(2026, 6, 30), D(2026, 1, 1), D(2026, 6, 30)),
        ("year", D(2025, 12, 15), D(2025, 12, 15), D(2026, 12, 14)),
        ("year", D(2026, 12, 14), D(2025, 12, 15), D(2026, 12, 14)),
    ],
)
def test_known_periods(kind: str, day: dt.date, first: dt.date, last: dt.date) -> None:
    assert period_of(kind, day) == (first, last)


@given(st.sampled_from(["month", "quarter", "half_year", "year"]), st.dates(D(2020, 1, 1), D(2040, 12, 31)))
def test_periods_tile_the_calendar(kind: str, day: dt.date) -> None:
    first, last = period_of(kind, day)
    assert first <= day <= last
    assert period_of(kind, last + dt.timedelta(days=1))[0] == last + dt.timedelta(days=1)
    assert last_full(kind, day)[1] == first - dt.timedelta(days=1)
