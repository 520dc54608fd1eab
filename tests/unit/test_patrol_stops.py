"""Reasons of stops: they sum to the points, decay, know hours; caps, exploration, patrols' events; over 30 shifts."""

import random
from collections import Counter
from typing import Any

import pytest

from gis_app.analysis.patrol_settings import default_settings, read_settings
from gis_app.analysis.patrol_stops import Place, Shift, StopList, Visit, suggest_stops
from gis_app.analysis.patrol_weights import DEFAULTS, Weights, clock, clock_text, read_weights
from gis_app.analysis.siting_fields import Wrong

NIGHT = Shift(20 * 60, 23 * 60, 41, seed=1)


def weights(**values: Any) -> Weights:
    found, faults = read_weights({**DEFAULTS, **values})
    assert found is not None, faults
    return found


def hotspot(number: int, **values: Any) -> Place:
    facts = {"class": "risk", "severity": 3, "hour_from": 19, "hour_to": 23, "state": "verified", "source_kind": "unit",
             "days": 0}  # fmt: skip
    return Place(f"hotspot:{number}", "hotspot", "", number * 1000.0, 0.0, "A", facts | values)


def points_of(place: Place, shift: Shift = NIGHT) -> float:
    found = suggest_stops([place], weights(revisit=0.0), shift).stops
    return found[0].points if found else 0.0


def places(seed: int, count: int = 300) -> list[Place]:
    rng = random.Random(seed)
    found = []
    for number in range(count):
        x, y, group = rng.uniform(0, 5000), rng.uniform(0, 5000), f"G{rng.randrange(6)}"
        kind = rng.choice(["hotspot", "venue", "dark", "gateway", "key_route", "school", "explore", "explore"])
        facts: dict[str, Any] = {}
        if kind == "hotspot":
            facts = dict(hotspot(0).facts) | {
                "class": rng.choice(["risk", "gathering", "complex_point"]), "days": rng.randrange(200),
                "state": rng.choice(["verified", "watched", "new", "closed"]), "severity": rng.randrange(1, 6),
                "source_kind": rng.choice(["unit", "tip", "patrol"]),
            }  # fmt: skip
        elif kind == "venue":
            facts = {"kind": rng.choice(["karaoke", "hotel"])}
        elif kind == "dark":
            facts = {"dark_m": rng.uniform(50, 400)}
        found.append(Place(f"{kind}:{number}", kind, "", x, y, group, facts))
    return found


def test_a_hotspot_decays_and_knows_its_hours() -> None:
    assert points_of(hotspot(1)) == 3.0
    assert points_of(hotspot(1, days=45)) == 1.5
    assert points_of(hotspot(1, severity=5)) == 5.0
    assert points_of(hotspot(1, hour_from=8, hour_to=11)) == pytest.approx(0.8)
    assert points_of(hotspot(1, hour_from=22, hour_to=2)) == 3.0
    assert points_of(hotspot(1, hour_from=None, hour_to=None)) == 1.8
    for state in ("new", "handled", "closed"):
        assert points_of(hotspot(1, state=state)) == 0


def test_schools_have_their_hours_and_a_window() -> None:
    school = Place("school:1", "school", "", 0, 0)
    assert suggest_stops([school], weights(), NIGHT).stops == ()
    found = suggest_stops([school], weights(), Shift(16 * 60 + 30, 20 * 60, 41)).stops[0]
    assert (found.open_min, found.close_min) == (16 * 60 + 30, 17 * 60 + 30)


@pytest.mark.parametrize("seed", range(20))
def test_points_are_the_sum_and_the_rules_hold(seed: int) -> None:
    found = suggest_stops(places(seed), weights(group_week_cap=6), Shift(20 * 60, 23 * 60, 30, seed=seed))
    assert found.stops
    keys = [key for stop in found.stops for key in stop.keys]
    assert len(set(keys)) == len(keys)
    for stop in found.stops:
        assert stop.reasons
        assert stop.points == round(sum(reason.points for reason in stop.reasons), 1) > 0
    assert len(found.stops) <= 30
    assert max(Counter(stop.group for stop in found.stops).values()) <= 6
    drawn = sum(stop.kind == "explore" for stop in found.stops)
    assert 0.1 <= drawn / len(found.stops) <= 0.2
    assert found == suggest_stops(places(seed)[::-1], weights(group_week_cap=6), Shift(20 * 60, 23 * 60, 30, seed=seed))


@pytest.mark.parametrize("seed", range(5))
def test_events_that_patrols_found_change_nothing(seed: int) -> None:
    base = places(seed)
    rng = random.Random(seed)
    events = [
        Place(f"hotspot:{9000 + n}", "hotspot", "", rng.uniform(0, 5000), rng.uniform(0, 5000), "G1",
              dict(hotspot(0).facts) | {"source_kind": "patrol", "severity": 5, "class": "complex_point"})
        for n in range(20)
    ]  # fmt: skip
    assert suggest_stops(base, weights(), NIGHT) == suggest_stops(base + events, weights(), NIGHT)


def test_pinned_stay_dropped_are_last_and_places_that_lie_together_are_one_stop() -> None:
    near = Place("venue:9", "venue", "Bar", 1010.0, 0.0, "A", {"kind": "bar"})
    every = [hotspot(n) for n in range(1, 8)] + [near]
    shift = Shift(20 * 60, 23 * 60, 5, pinned=["venue:9"], dropped=["hotspot:2"])
    found = suggest_stops(every, weights(), shift)
    joined = next(stop for stop in found.stops if "venue:9" in stop.keys)
    assert joined.is_pinned
    assert [reason.code for reason in joined.reasons] == ["hotspot", "venue", "never"]
    assert found.stops[-1].is_dropped
    assert found.stops[-1].key == "hotspot:2"


def test_over_thirty_shifts_the_week_cap_and_the_share_hold_and_stops_take_turns() -> None:
    cap, served = weights(group_week_cap=12), []
    for day in range(30):
        visits = [Visit(stop.x, stop.y, day - on, stop.group) for on, stop in served]
        found: StopList = suggest_stops(places(1), cap, Shift(20 * 60, 23 * 60, 20, seed=day), visits)
        # Half of the list is walked.
        served += [(day, stop) for stop in found.stops[::2]]
        drawn = sum(stop.kind == "explore" for stop in found.stops)
        assert len(found.stops) < 6 or 0.1 <= drawn / len(found.stops) <= 0.2
    for day in range(30):
        week = Counter(stop.group for on, stop in served if day - 7 < on <= day)
        assert max(week.values(), default=0) <= 12
    assert len({stop.key for _, stop in served}) > 40


def test_hours_and_settings_are_checked() -> None:
    assert clock_text(clock("24:00")) == "24:00"
    for wrong in ("24:01", "7:00", "aa:bb", "20:60", None, 5):
        with pytest.raises(Wrong):
            clock(wrong)
    import datetime as dt  # noqa: PLC0415

    raw = default_settings(dt.date(2026, 11, 22), (106.6, 20.8), 5)
    found, faults = read_settings(raw)
    assert not faults
    assert found is not None
    assert found.as_json() == raw
    assert found.shift_s == 3 * 3600
    for field, value, rule in (
        ("end", "20:00", "end_before_start"), ("teams", [], "required"), ("seed", 1.5, "whole"),
        ("stop_count", 3, "range"), ("shift_on", "2026-13-01", "day"),
    ):  # fmt: skip
        _, faults = read_settings({**raw, field: value})
        assert {"field": field, "rule": rule} in faults
    _, faults = read_weights({**DEFAULTS, "school_hours": [["11:00", "10:00"]]})
    assert faults == [{"field": "school_hours", "rule": "end_before_start"}]
