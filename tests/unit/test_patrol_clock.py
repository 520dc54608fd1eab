"""The clock of shifts over midnight: against minute by minute, and as it was for shifts within a day."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis_app.analysis.patrol_clock import (
    DAY_MINUTES,
    LONGEST_MIN,
    clock,
    clock_text,
    days_over,
    end_after,
    meetings,
    start_clock,
)
from gis_app.analysis.patrol_settings import PlanSettings, default_settings, read_settings
from gis_app.analysis.patrol_shift import StopNode, window_of
from gis_app.analysis.patrol_stops import Place, Shift, hour_share, suggest_stops
from gis_app.analysis.patrol_weights import DEFAULTS, Weights, read_weights
from gis_app.analysis.siting_fields import Wrong
from gis_app.jobs.patrol_hours import VIETNAM, end_on, hours_text, is_tonight, moment_of, tonight
from gis_app.jobs.patrol_words import at_clock

DAY = dt.date(2026, 11, 23)
MINUTE = st.integers(0, DAY_MINUTES - 1)
LENGTH = st.integers(1, LONGEST_MIN)


def settings(**values: Any) -> tuple[PlanSettings | None, list[dict[str, str]]]:
    found, faults = read_settings(default_settings(DAY, (106.6, 20.8), 5) | values)
    return found, [dict(one) for one in faults]


def weights(**values: Any) -> Weights:
    found, faults = read_weights({**DEFAULTS, **values})
    assert found is not None, faults
    return found


def plan(start: int, end: int, state: str = "issued", day: dt.date = DAY) -> Any:
    return SimpleNamespace(shift_on=day, start_min=start, end_min=end, state=state)


@given(MINUTE, st.integers(0, DAY_MINUTES))
def test_an_end_is_the_next_of_its_clock(start: int, end: int) -> None:
    found = end_after(start, end)
    assert 0 < found - start <= DAY_MINUTES
    assert found % DAY_MINUTES == end % DAY_MINUTES
    assert clock(clock_text(found)) % DAY_MINUTES == end % DAY_MINUTES


@given(MINUTE, LENGTH)
def test_settings_are_stored_and_read_alike(start: int, length: int) -> None:
    found, _ = settings(start=clock_text(start), end=clock_text(start + length))
    assert found is not None
    assert (found.start_min, found.end_min, found.shift_s) == (start, start + length, length * 60)
    again, _ = read_settings(found.as_json())
    assert again == found
    assert days_over(found.end_min) == (start + length > DAY_MINUTES)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [("22:00", "02:00", 1560), ("22:00", "00:00", 1440), ("22:00", "24:00", 1440), ("13:00", "01:00", 1500),
     ("00:00", "12:00", 720), ("23:59", "00:00", 1440)],
)  # fmt: skip
def test_ends_of_the_next_day(start: str, end: str, minutes: int) -> None:
    found, _ = settings(start=start, end=end)
    assert found is not None
    assert found.end_min == minutes
    assert found.as_json()["end"] == ("24:00" if minutes == 1440 else end)


@pytest.mark.parametrize(
    ("start", "end"), [("20:00", "20:00"), ("20:00", "19:30"), ("13:00", "01:01"), ("00:00", "24:00")]
)
def test_no_shift_is_longer_than_twelve_hours(start: str, end: str) -> None:
    assert settings(start=start, end=end) == (None, [{"field": "end", "rule": "shift_too_long"}])


def test_no_day_starts_at_its_end() -> None:
    assert settings(start="24:00", end="02:00")[1] == [{"field": "start", "rule": "clock"}]
    with pytest.raises(Wrong):
        start_clock("24:00")


@given(MINUTE, st.integers(1, DAY_MINUTES), MINUTE, LENGTH)
def test_hours_of_every_day_meet_a_shift_minute_by_minute(low: int, wide: int, start: int, length: int) -> None:
    found = meetings(low, low + wide, start, start + length)
    assert found == sorted(found)
    assert all(start <= first < last <= start + length for first, last in found)
    inside = {minute for first, last in found for minute in range(first, last)}
    assert inside == {minute for minute in range(start, start + length) if (minute - low) % DAY_MINUTES < wide}


@given(st.integers(0, 23), st.integers(0, 24), MINUTE, st.data())
def test_within_a_day_hours_count_as_before(low: int, high: int, start: int, data: st.DataObject) -> None:
    end = data.draw(st.integers(start + 1, min(DAY_MINUTES, start + LONGEST_MIN)))
    spans = [(low * 60, high * 60)] if low < high else [(low * 60, DAY_MINUTES), (0, high * 60)]
    before = 1.0 if any(a < end and start < b for a, b in spans) else 0.25
    assert hour_share(low, high, Shift(start, end, 10), 0.25) == before


def test_weights_by_the_hour_over_midnight() -> None:
    night = Shift(22 * 60, 26 * 60, 10)
    assert hour_share(0, 3, night, 0.25) == 1.0
    assert hour_share(1, 2, Shift(0, 60, 10), 0.25) == 0.25
    assert hour_share(3, 21, night, 0.25) == 0.25
    venue = Place("venue:1", "venue", "", 0, 0, facts={"kind": "bar"})

    def points(hours: list[list[str]], shift: Shift) -> float:
        found = suggest_stops([venue], weights(venue_hours=hours, revisit=0.0), shift).stops
        return found[0].points

    assert points([["18:00", "02:00"]], Shift(60, 5 * 60, 10)) == 2.5
    assert points([["18:00", "02:00"]], Shift(2 * 60, 5 * 60, 10)) == 0.6
    assert points([["00:00", "03:00"]], night) == 2.5
    assert points([["03:00", "21:00"]], night) == 0.6
    for wrong in (["18:00", "18:00"], ["24:00", "24:00"]):
        assert read_weights({**DEFAULTS, "venue_hours": [wrong]})[1]
    assert read_weights({**DEFAULTS, "school_hours": [["23:00", "01:00"]]})[1]


def test_a_school_gate_of_the_next_morning_has_its_window() -> None:
    school = Place("school:1", "school", "", 0, 0)
    found = suggest_stops([school], weights(), Shift(20 * 60, 31 * 60, 10)).stops[0]
    assert (found.open_min, found.close_min) == (30 * 60 + 15, 31 * 60)
    assert suggest_stops([school], weights(), Shift(20 * 60, 30 * 60, 10)).stops == ()
    shift, _ = settings(start="20:00", end="07:00")
    assert shift is not None
    node = StopNode(1, "school:1", (), 0, 0, 1, found.open_min, found.close_min, False, False, False)
    assert window_of(node, shift) == ((10 * 60 + 15) * 60, 11 * 3600)


@given(MINUTE, st.integers(0, LONGEST_MIN * 60))
def test_clocks_are_those_of_the_calendar(start: int, seconds: int) -> None:
    moment = dt.datetime.combine(DAY, dt.time()) + dt.timedelta(minutes=start, seconds=seconds)
    assert at_clock(start, seconds) == f"{moment:%H:%M}"


def test_hours_are_read_with_their_days() -> None:
    assert hours_text(plan(1200, 1380)) == "20:00–23:00"
    assert hours_text(plan(1200, 1440)) == "20:00–24:00"
    assert hours_text(plan(1320, 1560)) == "22:00 (23/11) – 02:00 (24/11)"
    assert end_on(plan(1320, 1560)) == dt.date(2026, 11, 24)
    assert hours_text(plan(1380, 1500, day=dt.date(2026, 12, 31))) == "23:00 (31/12) – 01:00 (01/01)"


@given(MINUTE, LENGTH, st.integers(0, 3 * DAY_MINUTES))
def test_a_shift_is_tonights_on_its_day_and_until_it_closes(start: int, length: int, later: int) -> None:
    one = plan(start, start + length)
    now = dt.datetime.combine(DAY, dt.time(), VIETNAM) + dt.timedelta(minutes=later)
    wanted = later < DAY_MINUTES or later < start + length + 30
    assert is_tonight(one, now.astimezone(dt.UTC)) is wanted
    assert moment_of(one, later) == now


def test_after_midnight_tonight_is_the_shift_that_goes_on() -> None:
    """At 00:30 the shift of 22:00 to 02:00, also beside one of the new day; from 02:30 on the new day's."""
    running, next_one = plan(1320, 1560), plan(1200, 1380, day=DAY + dt.timedelta(days=1))
    drafts = [plan(1320, 1560, "draft"), plan(1200, 1380, "draft", DAY + dt.timedelta(days=1))]

    def at(hour: int, minute: int, days: int = 1) -> dt.datetime:
        return dt.datetime.combine(DAY + dt.timedelta(days=days), dt.time(hour, minute), VIETNAM)

    assert tonight([next_one, running], at(0, 30)) is running
    assert tonight([running], at(2, 29)) is running
    assert tonight([next_one, running], at(2, 30)) is next_one
    assert tonight([running], at(2, 30)) is None
    assert tonight([running], at(12, 0, 0)) is running
    assert tonight([drafts[1], running], at(0, 30)) is running
    assert tonight([next_one, drafts[0]], at(0, 30)) is next_one
    assert tonight([drafts[1], drafts[0]], at(0, 30)) is drafts[1]
    assert tonight([drafts[0]], at(0, 30)) is drafts[0]
    # Two of one day: as ever the later, if it was issued.
    assert tonight([plan(1300, 1380, "draft"), running], at(20, 0, 0)) is running
