"""Alternatives of a shift: worth enough, on other streets; due stops; one more team; the draw."""

import dataclasses
import itertools
from collections.abc import Collection
from functools import cache

import numpy as np
import pytest
import shapely

from benchmarks.patrol_data import shift_ground
from gis_app.analysis.patrol_family import (
    ASKED,
    FLOOR,
    SAME,
    Alternative,
    Effort,
    Family,
    draw,
    plan_family,
)
from gis_app.analysis.patrol_mend import mended
from gis_app.analysis.patrol_shift import (
    MOST_SHARED,
    ShiftGround,
    make_ground,
    may_serve,
    metres_by_street,
    recent_shares,
    share_of,
    walk,
)
from gis_app.analysis.street_graph import Streets, make_graph

EFFORT = Effort(1, 600, 60.0)


@cache
def ground(seed: int = 0, stops: int = 40, teams: int = 2) -> ShiftGround:
    return shift_ground(seed, stops, teams, hours=3)


def with_marks(old: ShiftGround, due: Collection[int], pinned: Collection[int] = ()) -> ShiftGround:
    stops = [dataclasses.replace(stop, is_due=n in due, is_pinned=n in pinned) for n, stop in enumerate(old.stops)]
    return dataclasses.replace(old, stops=stops)


def met(one: Alternative) -> list[int]:
    return [node for route in one.routes for node in route]


def check(shift: ShiftGround, found: Family) -> None:
    """Every rule that holds whatever the shift."""
    best = max(one.prize for one in found.alternatives)
    for one in found.alternatives:
        assert len(set(met(one))) == len(met(one))
        assert one.prize == pytest.approx(sum(shift.stops[node].points for node in met(one)))
        assert one.prize >= FLOOR * best - 1e-9
        for team, route in enumerate(one.routes):
            clock = walk(one.ground, team, route)
            assert clock.duration_s <= shift.settings.shift_s + 0.5
            assert not clock.late
        assert all(may_serve(shift.settings.teams[team], shift.stops[node])
                   for team, route in enumerate(one.routes) for node in route)  # fmt: skip
        shares = [one.shared_recent, *one.shared_others.values()]
        assert one.is_within == (max(shares) <= MOST_SHARED)


@pytest.mark.parametrize("seed", [0, 1])
def test_three_alternatives_on_other_streets(seed: int) -> None:
    shift = ground(seed)
    last = plan_family(shift, {}, dataclasses.replace(EFFORT, seed=9), 1).alternatives[0]
    graph = shift.matrix_of(0).graph
    recent = recent_shares(graph, [way.line for way in last.ways])
    found = plan_family(shift, recent, EFFORT)
    check(shift, found)
    assert len(found.alternatives) == 3
    assert sum(one.is_within for one in found.alternatives) >= 2
    for (n, one), other in itertools.product(enumerate(found.alternatives), found.alternatives):
        if one is not other and n + 1 in other.shared_others:
            mine = metres_by_street(other.ways)
            told = share_of(mine, dict.fromkeys(metres_by_street(one.ways), 1.0))
            assert other.shared_others[n + 1] == pytest.approx(told)
    again = plan_family(shift, recent, EFFORT)
    assert [one.routes for one in again.alternatives] == [one.routes for one in found.alternatives]


def test_where_there_is_one_street_the_share_is_told() -> None:
    """A street with one end: every plan goes along it, and the last shift did."""
    lines = np.array([shapely.LineString([(0, 0), (900, 0)])], dtype=object)
    every = np.ones(1, dtype=bool)
    graph = make_graph(Streets(lines, ["residential"], ["no"], every, every))
    town = ground(0, 1, 1)
    stop = dataclasses.replace(town.stops[0], x=800.0, y=0.0)
    shift = make_ground(graph, town.settings, [stop], np.zeros((2, 2)), [])
    first = plan_family(shift, {}, EFFORT, 1).alternatives[0]
    recent = recent_shares(graph, [way.line for way in first.ways])
    found = plan_family(shift, recent, EFFORT).alternatives
    assert [(one.prize, one.is_within) for one in found] == [(first.prize, False)]
    assert plan_family(shift, recent, EFFORT).fewer == SAME
    assert found[0].shared_recent > 0.8


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_due_stops_are_in_every_alternative(seed: int) -> None:
    """Those worth least, which the search would leave out, are served once they are due."""
    plain = ground(seed)
    order = np.argsort([stop.points for stop in plain.stops], kind="stable")
    due = {int(node) for node in order[:5]}
    shift = with_marks(plain, due)
    found = plan_family(shift, {}, EFFORT)
    check(shift, found)
    assert found.status != "must_missing"
    for one in found.alternatives:
        assert due <= set(met(one))


def test_due_stops_that_do_not_fit_leave_the_pinned_ones_in() -> None:
    plain = shift_ground(3, 60, 1, hours=1)
    far = int(np.argmax([plain.matrix_of(0).seconds[plain.start_of(0), node] for node in range(60)]))
    shift = with_marks(plain, set(range(60)) - {far}, {far})
    found = plan_family(shift, {}, EFFORT)
    for one in found.alternatives:
        assert far in met(one)
    left = {node for node, stop in enumerate(shift.stops) if stop.is_due} - set(met(found.alternatives[0]))
    assert left
    assert left <= found.unserved.keys()
    counts = [sum(shift.stops[node].is_due for node in met(one)) for one in found.alternatives]
    assert min(counts) >= int(FLOOR * counts[0])


def test_one_more_team_adds_what_is_left() -> None:
    found = plan_family(ground(2, 40, 1), {}, EFFORT, 1)
    assert found.one_more_prize > 0
    assert found.one_more_stops > 0


def test_the_draw_can_be_checked() -> None:
    every = [(1, True), (2, False), (3, True)]
    assert [draw(every, 7) for _ in range(2)] == [draw(every, 7)] * 2
    assert {draw(every, seed) for seed in range(30)} == {1, 3}
    assert {draw([(1, False), (2, False)], seed) for seed in range(30)} == {1, 2}


def test_where_there_are_fewer_it_is_told_why() -> None:
    shift = ground(0)
    assert plan_family(shift, {}, EFFORT).fewer is None
    stopped = plan_family(shift, {}, EFFORT, tell=lambda _count, _value: True)
    assert (len(stopped.alternatives), stopped.fewer) == (1, ASKED)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_mended_keeps_every_rule(seed: int) -> None:
    """Any routes that fit: due stops come in, nothing pinned, due or locked goes, no rule of the shift is broken."""
    rng = np.random.default_rng(seed)
    plain = shift_ground(seed, 30, 2, hours=2)
    due, pinned = {int(node) for node in rng.choice(30, 6, replace=False)}, {int(rng.integers(30))}
    marked = with_marks(plain, due, pinned)
    stops = [
        dataclasses.replace(stop, police_only=n % 5 == 0, is_dropped=n % 7 == 3) for n, stop in enumerate(marked.stops)
    ]
    teams = [marked.settings.teams[0], dataclasses.replace(marked.settings.teams[1], force="security")]
    locked = [(0, [stops[1].key])]
    shift = dataclasses.replace(
        marked, stops=stops, settings=dataclasses.replace(marked.settings, teams=teams, locked=locked)
    )
    start = (
        (1,),
        tuple(node for node in range(2, 30) if not stops[node].police_only and not stops[node].is_dropped)[:1],
    )
    kept = {node for route in start for node in route if stops[node].is_due or stops[node].is_pinned or node == 1}
    routes = mended(shift, start)
    served = [node for route in routes for node in route]
    assert len(set(served)) == len(served)
    assert kept <= set(served)
    assert 1 in routes[0]
    for team, route in enumerate(routes):
        clock = walk(shift, team, route)
        assert clock.duration_s <= shift.settings.shift_s
        assert not clock.late
        assert all(may_serve(teams[team], stops[node]) and not stops[node].is_dropped for node in route)
    assert sum(stops[node].points for node in served) >= sum(stops[node].points for route in start for node in route)
    assert mended(shift, routes) == routes or len([n for r in mended(shift, routes) for n in r]) >= len(served)
