"""Alternatives: worth enough, on other streets; one more team; the draw."""

import dataclasses
import itertools

import numpy as np
import pytest

from benchmarks.patrol_data import real_shift
from gis_app.analysis.patrol import EdgeStreets, alternatives, draw, marginal_team, plan_routes
from gis_app.analysis.patrol.plan import Routes
from tests.unit.patrol_oracle import faults_of, streets_of


@pytest.mark.parametrize("seed", [0, 1])
def test_three_alternatives_on_other_streets(seed: int) -> None:
    problem = real_shift(seed)

    def share(routes: Routes, other: Routes) -> float:
        ours = streets_of(problem, routes)
        return len(ours & streets_of(problem, other)) / len(ours)

    last = plan_routes(problem, seed=9, iterations=1).routes
    found = alternatives(problem, share, avoid=[last], seed=seed, time_limit_s=4)
    assert len(found) == 3
    for one in found:
        assert faults_of(problem, one.plan) == []
        assert one.prize_share >= 0.9
        assert one.street_share <= 0.5
        assert share(one.plan.routes, last) <= 0.5
    for one, other in itertools.combinations(found, 2):
        assert min(share(one.plan.routes, other.plan.routes), share(other.plan.routes, one.plan.routes)) <= 0.5
    again = alternatives(problem, share, avoid=[last], seed=seed, time_limit_s=4)
    assert [one.plan.routes for one in again] == [one.plan.routes for one in found]


def test_where_there_is_one_street_the_share_is_told() -> None:
    """One stop: every plan is the same one."""
    problem = dataclasses.replace(real_shift(0, stops=1, teams=1))
    streets = EdgeStreets(problem, lambda i, j: [min(i, j)], np.array([100.0, 100.0]))
    earlier = frozenset({0})
    found = alternatives(problem, streets, avoid=[earlier], time_limit_s=1)
    assert [(one.prize_share, one.street_share) for one in found] == [(1.0, 1.0)]


def test_edges_count_once_by_length() -> None:
    problem = real_shift(0, stops=3, teams=1)
    edges = {(0, 1): [0, 1], (1, 2): [1, 2], (2, 0): [3], (1, 0): [0, 1], (0, 2): [3], (2, 1): [2, 1]}
    streets = EdgeStreets(problem, lambda i, j: edges[i, j], np.array([10.0, 20, 30, 40]))
    assert streets.used(((1, 2),)) == {0, 1, 2, 3}
    assert streets(((1, 2),), frozenset({1, 2})) == 0.5
    assert streets(((1,),), ((2,),)) == 0.0
    assert streets(((),), ((2,),)) == 0.0


def test_one_more_team_adds_what_is_left() -> None:
    problem = real_shift(2, stops=40, teams=1)
    plan = plan_routes(problem, iterations=4000)
    more = marginal_team(problem, plan, time_limit_s=0.5)
    assert len(more.plan.routes) == 2
    assert more.prize == more.plan.prize - plan.prize > 0


def test_the_draw_can_be_checked() -> None:
    assert [draw(3, 7) for _ in range(2)] == [draw(3, 7)] * 2
    assert {draw(3, seed) for seed in range(30)} == {0, 1, 2}
