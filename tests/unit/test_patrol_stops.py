"""Reasons of stops: they sum to the points, decay, know hours; caps, exploration, patrols' events; over 30 shifts."""

import random
from collections import Counter
from typing import Any

import pytest

from gis_app.analysis.patrol_caps import drawn_wanted, over_cap, week_counts
from gis_app.analysis.patrol_clock import clock, clock_text
from gis_app.analysis.patrol_settings import default_settings, read_settings
from gis_app.analysis.patrol_stops import Place, Shift, StopList, Visit, suggest_stops
from gis_app.analysis.patrol_weights import DEFAULTS, LATER, Weights, read_weights
from gis_app.analysis.siting_fields import Wrong
from gis_app.web.patrol_form_values import edited

NO_LIMIT = {"complex_point": 0, "gathering": 0, "risk": 0}
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
    found = suggest_stops([place], weights(revisit=0.0, revisit_limit=NO_LIMIT), shift).stops
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
    assert [reason.code for reason in joined.reasons] == ["hotspot", "venue", "never", "due"]
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


def street(number: int, x: float, group: str = "A") -> Place:
    return Place(f"explore:{number}", "explore", "", x, 3000.0, group)


@pytest.mark.parametrize("streets", [0, 1, 9])
@pytest.mark.parametrize("cap", [5, 14, 20])
def test_a_list_is_not_shorter_where_few_streets_can_be_drawn(streets: int, cap: int) -> None:
    """What caps leave is offered; a stop goes only where a street comes in its place."""
    gates = [Place(f"school:{n}", "school", "", n * 1000.0, 9000.0, "A") for n in range(1, 5)]
    every = gates + [hotspot(n) for n in range(1, 11)]
    plain = weights(group_week_cap=cap, revisit_limit=NO_LIMIT)
    for count in (14, 20):
        shift = Shift(16 * 60, 20 * 60, count)
        found = suggest_stops(every + [street(n, n * 500.0) for n in range(streets)], plain, shift)
        drawn = sum(stop.kind == "explore" for stop in found.stops)
        assert drawn == min(streets, drawn_wanted(len(found.stops) - drawn, count, plain.explore_share))
        assert len(found.stops) == min(14 + drawn, cap, count)
        assert len(found.stops) - drawn + found.capped + found.fewer == 14


def test_a_pin_wins_over_a_drop_of_a_place_beside_it() -> None:
    near = Place("dark:5", "dark", "", 1010.0, 0.0, "A", {"dark_m": 300})
    shift = Shift(20 * 60, 23 * 60, 5, pinned=["hotspot:1"], dropped=["dark:5"])
    found = suggest_stops([hotspot(1), near], weights(), shift).stops[0]
    assert (set(found.keys), found.is_pinned, found.is_dropped) == ({"hotspot:1", "dark:5"}, True, False)


def test_the_cap_holds_in_every_seven_days_whichever_shift_was_issued_first() -> None:
    one = weights(group_week_cap=1, revisit_limit=NO_LIMIT)
    for days, is_open in ((-7, True), (-6, False), (-1, False), (0, False), (6, False), (7, True)):
        found = suggest_stops([hotspot(1)], one, NIGHT, [served(9, days, is_done=False)])
        assert bool(found.stops) is is_open, days
    # Six days before and six after are no week.
    assert week_counts([(6, "A"), (-6, "A"), (0, "B")]) == {"A": 1, "B": 1}
    assert week_counts([(3, "A"), (-3, "A")]) == {"A": 2}
    assert over_cap([("A", False)] * 2 + [("B", True)] * 4 + [("", False)] * 9, [(0, "A")], 2) == ["A"]


def served(number: int, days: int, *, is_done: bool = True) -> Visit:
    return Visit(number * 1000.0, 0.0, days, "A", is_done)


def test_a_stop_is_due_where_its_limit_would_pass_before_the_next_shift() -> None:
    """Ten days at most, a shift every second day: with eight days gone the next is soon enough, with nine it is not."""
    mine = weights(revisit_limit={"complex_point": 5, "gathering": 0, "risk": 10}, shift_every_days=2)
    cases = [(hotspot(1), 8, False), (hotspot(1), 9, True), (hotspot(1), 30, True),
             (hotspot(1, **{"class": "gathering"}), 80, False), (hotspot(1, **{"class": "complex_point"}), 4, True),
             (hotspot(1, state="new"), 80, None)]  # fmt: skip
    for place, days, is_due in cases:
        found = suggest_stops([place], mine, NIGHT, [served(1, days)]).stops
        assert (found[0].due is not None if found else None) is is_due, (place, days)
    assert suggest_stops([hotspot(1)], mine, NIGHT).stops[0].due is not None
    # What is only planned is no visit: it counts for the cap alone.
    promised = [served(1, 0, is_done=False)]
    assert suggest_stops([hotspot(1)], mine, NIGHT, promised).stops[0].due is not None
    capped = suggest_stops([hotspot(1)], weights(group_week_cap=1), NIGHT, promised)
    assert [(one.stop.key, one.why) for one in capped.left_due] == [("hotspot:1", "cap")]
    assert capped.stops == ()


def test_due_stops_come_first_and_those_without_room_are_named() -> None:
    every = [hotspot(n, days=90) for n in range(1, 13)] + [
        Place(f"venue:{n}", "venue", "", n * 1000.0, 5000.0, "B", {"kind": "bar"}) for n in range(1, 9)
    ]
    # No street can be drawn: stops take those places too.
    found = suggest_stops(every, weights(due=0.0), Shift(20 * 60, 23 * 60, 10))
    assert [stop.kind for stop in found.stops] == ["hotspot"] * 10
    assert len(found.left_due) == 2
    assert {one.why for one in found.left_due} == {"count"}
    assert not {one.stop.key for one in found.left_due} & {stop.key for stop in found.stops}


@pytest.mark.parametrize("seed", range(12))
def test_no_stop_goes_over_its_limit_unless_it_is_named(seed: int) -> None:
    """Any places, any limits: over 25 shifts, whatever is due is on the list or named with what keeps it off."""
    rng = random.Random(seed)
    limit = {name: rng.choice([0, 2, 4, 7]) for name in NO_LIMIT}
    mine = weights(revisit_limit=limit, shift_every_days=rng.choice([1, 2]), group_week_cap=rng.choice([5, 25]))
    every, last, done = places(seed, 120), {}, []
    for day in range(0, 25, mine.shift_every_days):
        visits = [Visit(stop.x, stop.y, day - on, stop.group) for on, stop in done]
        found = suggest_stops(every, mine, Shift(20 * 60, 23 * 60, rng.choice([10, 40]), seed=day), visits)
        named = {one.stop.key for one in found.left_due}
        walked = [stop for stop in found.stops if stop.due is not None or rng.random() < 0.3]
        done += [(day, stop) for stop in walked]
        for stop in walked:
            last[stop.key] = day
        for stop in (*found.stops, *(one.stop for one in found.left_due)):
            if stop.due is None:
                continue
            assert stop.key in named or last[stop.key] == day
        for key in named:
            last.pop(key, None)
        for stop in found.stops:
            limits = [limit[one.values["class"]] for one in stop.reasons if one.code == "hotspot"]
            if any(limits) and stop.key in last:
                assert day + mine.shift_every_days - last[stop.key] <= min(n for n in limits if n)


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
        ("end", "20:00", "shift_too_long"), ("teams", [], "required"), ("seed", 1.5, "whole"),
        ("stop_count", 3, "range"), ("shift_on", "2026-13-01", "day"),
    ):  # fmt: skip
        _, faults = read_settings({**raw, field: value})
        assert {"field": field, "rule": rule} in faults
    old = {name: value for name, value in DEFAULTS.items() if name not in LATER}
    weights_then, faults = read_weights(old)
    assert not faults
    assert weights_then is not None
    assert weights_then.revisit_limit == DEFAULTS["revisit_limit"]
    _, faults = read_weights({**DEFAULTS, "school_hours": [["11:00", "10:00"]]})
    assert faults == [{"field": "school_hours", "rule": "end_before_start"}]


def test_a_stop_is_dropped_by_every_key_that_it_is_known_by() -> None:
    """Its pin may be another place's of the same stop: the button works all the same."""
    settings = {"pinned": ["venue:9", "school:1"], "dropped": [], "locked": [{"team": 1, "keys": ["venue:9"]}]}
    found = edited(settings, "drop|hotspot:1", {"hotspot:1": ["hotspot:1", "venue:9"]})
    assert found == {"pinned": ["school:1"], "dropped": ["hotspot:1"], "locked": [{"team": 1, "keys": []}]}
