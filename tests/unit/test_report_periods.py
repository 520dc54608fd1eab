"""Reporting periods tile the calendar; canonical text and shares are exact."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis_app.analysis.report import canonical, grouped, percent, sha256_of
from gis_app.analysis.report_periods import MONTHS, Period, last_full, latest_periods, period_at

DAYS = st.dates(dt.date(2001, 1, 1), dt.date(2090, 1, 1))


@pytest.mark.parametrize(
    ("kind", "day", "from_on", "to_on", "name"),
    [
        ("month", "2026-10-14", "2026-10-01", "2026-10-31", "tháng 10 năm 2026"),
        ("month", "2026-12-31", "2026-12-01", "2026-12-31", "tháng 12 năm 2026"),
        ("quarter", "2026-09-14", "2026-07-01", "2026-09-30", "quý III năm 2026"),
        ("quarter", "2025-12-15", "2025-10-01", "2025-12-31", "quý IV năm 2025"),
        ("half_year", "2026-06-14", "2026-01-01", "2026-06-30", "6 tháng đầu năm 2026"),
        ("half_year", "2026-07-01", "2026-07-01", "2026-12-31", "6 tháng cuối năm 2026"),
        ("year", "2026-12-14", "2025-12-15", "2026-12-14", "năm 2026"),
        ("year", "2026-12-15", "2026-12-15", "2027-12-14", "năm 2027"),
    ],
)
def test_periods_have_names(kind: str, day: str, from_on: str, to_on: str, name: str) -> None:
    found = period_at(kind, dt.date.fromisoformat(day))
    assert (found.from_on.isoformat(), found.to_on.isoformat(), found.name) == (from_on, to_on, name)


@given(DAYS, st.sampled_from(sorted(MONTHS)))
def test_periods_tile_the_calendar(day: dt.date, kind: str) -> None:
    found = period_at(kind, day)
    assert found.from_on <= day <= found.to_on
    assert period_at(kind, found.from_on) == period_at(kind, found.to_on) == found
    assert period_at(kind, found.to_on + dt.timedelta(days=1)).from_on == found.to_on + dt.timedelta(days=1)
    assert last_full(kind, day).to_on == found.from_on - dt.timedelta(days=1)
    assert last_full(kind, found.to_on).to_on < found.from_on
    assert latest_periods(kind, day, 3)[1] == last_full(kind, day)


def test_free_kinds_have_days_of_their_own() -> None:
    found = Period("campaign", dt.date(2026, 6, 1), dt.date(2026, 6, 30))
    assert (found.name, found.days) == ("đợt cao điểm", "từ ngày 01/06/2026 đến ngày 30/06/2026")


def test_one_text_for_one_content() -> None:
    assert canonical({"b": 1, "a": ["ơ", None, True]}) == '{"a":["ơ",null,true],"b":1}'
    assert sha256_of({"a": 1, "b": 2}) == sha256_of({"b": 2, "a": 1})
    with pytest.raises(TypeError):
        canonical({"a": [{"b": 0.1}]})


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (2, 23, "8,7 %"),
        (35, 43, "81,4 %"),
        (1, 2, "50 %"),
        (23, 23, "100 %"),
        (0, 23, "0 %"),
        (1, 16, "6,3 %"),
        (0, 0, "0 %"),
    ],
)
def test_shares_as_vietnamese_readers_write_them(part: int, whole: int, text: str) -> None:
    assert percent(part, whole) == text
    assert grouped(19208) == "19.208"
