"""Plans hold every rule of their question, equal the optimum on tiny ones, and are the same for the same seed."""

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis_app.analysis.patrol import PatrolProblem, make_problem, plan_routes, warm_up
from gis_app.analysis.patrol.problem import lone_order, reach_of
from gis_app.analysis.patrol.search import nominal_iterations, run_lengths
from tests.unit.patrol_oracle import best_prize, faults_of

LONG = 600.0


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    warm_up()


def draw_problem(seed: int, stops: int, teams: int) -> PatrolProblem:
    """Asymmetric times, different starts and ends, windows for half, one must, one forbidden, some teams barred."""
    rng = np.random.default_rng(seed)
    nodes = stops + 3
    places = rng.uniform(0, 10, (nodes, 2))
    travel = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) * rng.uniform(1, 1.3, (nodes, nodes))
    travel[rng.random((nodes, nodes)) < 0.05] = np.inf
    for middle in range(nodes):
        travel = np.minimum(travel, travel[:, middle, None] + travel[None, middle])
    lost = rng.integers(3, nodes)
    travel[:, lost] = np.inf
    travel[lost, lost] = 0
    prize = rng.integers(0, 10, nodes).astype(float)
    prize[:3] = 0
    opened, closed = np.zeros(nodes), np.full(nodes, np.inf)
    some = rng.random(nodes) < 0.5
    some[:3] = False
    opened[some] = rng.uniform(0, 15, some.sum())
    closed[some] = opened[some] + rng.uniform(1, 10, some.sum())
    problem = dataclasses.replace(
        make_problem(prize, travel, rng.integers(0, 2, teams), rng.integers(1, 3, teams), rng.uniform(10, 30, teams)),
        service_s=np.where(np.arange(nodes) < 3, 0, rng.uniform(0, 2, nodes)),
        open_s=opened,
        close_s=closed,
        forbidden=np.arange(nodes) == nodes - 1,
        allowed=rng.random((teams, nodes)) < 0.8,
    )
    alone = reach_of(problem).possible
    can = np.flatnonzero(alone.any(axis=0))
    if len(can) > 1:
        problem.must[can[0]] = True
        team = int(np.flatnonzero(alone[:, can[1]])[0])
        problem = dataclasses.replace(problem, locked=((team, (int(can[1]),)),))
    return problem


@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(1, 4))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_plan_holds_every_rule(seed: int, stops: int, teams: int) -> None:
    problem = draw_problem(seed, stops, teams)
    assert faults_of(problem, plan_routes(problem, seed, LONG, iterations=300)) == []


@pytest.mark.parametrize("seed", range(24))
def test_tiny_plans_are_the_best_by_enumeration(seed: int) -> None:
    problem = draw_problem(seed, 5 if seed % 2 else 6, 1 + seed % 2)
    plan = plan_routes(problem, 0, LONG, iterations=600)
    best = best_prize(problem)
    assert faults_of(problem, plan) == []
    if best is None:
        assert plan.status == "must_missing"
    else:
        assert plan.status != "must_missing"
        assert plan.prize == pytest.approx(best)
        assert plan.bound is not None
        assert plan.bound >= best - 1e-9


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_a_long_lock_keeps_its_order(seed: int) -> None:
    """Stops of a plan, turned into a lock of another team's free plan, stay in that order."""
    problem = draw_problem(seed, 20, 2)
    found = plan_routes(problem, 1, LONG, iterations=1)
    locks = tuple((team, stops[::2]) for team, stops in enumerate(found.routes) if stops)
    tight = dataclasses.replace(problem, locked=locks)
    again = plan_routes(tight, 2, LONG, iterations=3000)
    assert faults_of(tight, again) == []


@given(st.integers(0, 10_000))
@settings(max_examples=8, deadline=None)
def test_same_seed_same_plan_and_more_is_never_worse(seed: int) -> None:
    problem = draw_problem(seed, 25, 3)
    worth = [1000.0 * (plan.status != "must_missing") + plan.prize for plan in (
        plan_routes(problem, seed, LONG, iterations=count) for count in (1, 3000, 8000)
    )]  # fmt: skip
    assert worth == sorted(worth)
    one, two = (plan_routes(problem, seed, LONG, iterations=3000) for _ in range(2))
    assert one.routes == two.routes
    again = plan_routes(problem, seed, LONG, iterations=one.iterations)
    assert (again.routes, again.iterations) == (one.routes, one.iterations)


def test_a_time_limit_stands_for_whole_runs() -> None:
    ends = list(itertools.accumulate(itertools.islice(run_lengths(100), 8)))
    assert ends[:5] == [592, 2369, 7702, 23702, 39702]
    assert (nominal_iterations(100, 2.0), nominal_iterations(100, 0.0)) == (23_702, 592)
    assert nominal_iterations(400, 30.0) > nominal_iterations(400, 3.0)


def test_time_limit_is_kept_and_an_answer_is_always_there() -> None:
    problem = draw_problem(5, 30, 3)
    ticks = iter(np.arange(0.0, 1e6, 0.2))
    plan = plan_routes(problem, 0, 3.0, iterations=10**7, clock=lambda: float(next(ticks)))
    assert plan.status == "time_limit"
    assert plan.iterations < 10_000
    assert faults_of(problem, plan) == []
    again = plan_routes(problem, 0, LONG, iterations=plan.iterations)
    assert (again.routes, again.iterations, again.status) == (plan.routes, plan.iterations, "complete")


def test_progress_rises_and_may_stop() -> None:
    problem, seen = draw_problem(5, 30, 3), []

    def watch(share: float, prize: float) -> bool:
        seen.append((share, prize))
        return len(seen) == 6

    plan = plan_routes(problem, 0, LONG, watch, iterations=20_000)
    assert plan.status == "stopped"
    assert seen == sorted(seen)
    assert 0 < plan.iterations <= 1000
    assert faults_of(problem, plan) == []


def test_reasons() -> None:
    """On a line: 1 is near, 2 is forbidden, 3 closes too early, 4 is too far, 5 costs more than it is worth."""
    at = np.array([0.0, 1, 1, 5, 50, -8])
    plain = make_problem(
        np.array([0, 9, 9, 9, 9, 1.0]), np.abs(at[:, None] - at), np.zeros(1, int), np.zeros(1, int), np.array([17.0])
    )
    close = np.full(6, np.inf)
    close[3] = 4
    problem = dataclasses.replace(plain, forbidden=np.arange(6) == 2, close_s=close)
    plan = plan_routes(problem, 0, LONG, iterations=1)
    assert plan.routes == ((1,),)
    assert plan.unserved == {2: "forbidden", 3: "window", 4: "too_far", 5: "no_time"}
    assert (plan.arrive_s, plan.duration_s.tolist(), plan.status) == ({1: 1.0}, [2.0], "complete")


def test_waiting_counts_and_everything_reachable_is_optimal() -> None:
    at = np.array([0.0, 1, 2])
    plain = make_problem(np.array([0, 1, 1.0]), np.abs(at[:, None] - at), np.zeros(1, int), np.zeros(1, int), [20.0])
    problem = dataclasses.replace(plain, open_s=np.array([0, 5.0, 0]), service_s=np.array([0, 1.0, 1.0]))
    plan = plan_routes(problem, 0, LONG, iterations=1)
    assert (plan.prize, plan.bound, plan.status) == (2.0, 2.0, "optimal")
    assert plan.begin_s[1] >= 5
    assert plan.duration_s[0] >= 7
    assert lone_order(problem) == [[]]


def test_remote_cluster_gets_its_own_route() -> None:
    """Near: little prizes for the whole shift. Far: much in one place, which only a whole shift reaches."""
    rng = np.random.default_rng(1)
    near, far = rng.uniform(-2, 2, (45, 2)), np.array([40.0, 0]) + rng.uniform(-1, 1, (45, 2))
    places = np.vstack([[[0, 0]], near, far])
    travel = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    prize = np.concatenate([[0], np.full(45, 1.0), np.full(45, 10.0)])
    problem = make_problem(prize, travel, np.zeros(2, int), np.zeros(2, int), np.array([95.0, 95.0]))
    assert plan_routes(problem, 0, LONG, iterations=5000).prize > 400


def test_no_stop_at_all() -> None:
    plan = plan_routes(make_problem(np.zeros(2), np.ones((2, 2)), np.zeros(1, int), np.ones(1, int), np.ones(1)))
    assert (plan.routes, plan.prize, plan.status, plan.iterations) == (((),), 0.0, "optimal", 0)
