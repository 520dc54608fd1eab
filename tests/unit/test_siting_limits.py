"""Siting: bad input, empty cases, time, stop, fixed devices, other sums of money, both kinds against one."""

import time
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from benchmarks import siting_cases as made
from gis_app.analysis.siting import (
    BadSitingProblem,
    Options,
    Progress,
    SitingPlan,
    SitingProblem,
    cost_curve,
    marginal,
    solve,
    weights_of,
)
from tests.unit.siting_cases import Traits, random_problem, weight_by_hand

BASE = random_problem(3, Traits(lamps=True), 12, 6, 3)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("weight_day", np.full(12, np.nan), "siting_not_finite"),
        ("weight_night", np.full(12, np.inf), "siting_not_finite"),
        ("weight_day", np.full(11, 1.0), "siting_shape"),
        ("camera_cost", np.full(6, -1.0), "siting_negative"),
        ("camera_cost", ["dear"] * 6, "siting_not_a_number"),
        ("lamp_cost", np.full(3, np.nan), "siting_not_finite"),
        ("budgets", np.full((1, 1), np.nan), "siting_not_finite"),
        ("budgets", np.full(1, 5.0), "siting_shape"),
        ("budgets", np.full((1, 2), 5.0), "siting_shape"),
        ("fund_kinds", [{"drone"}], "siting_unknown_kind"),
        ("camera_sees", sp.csr_matrix((6, 11)), "siting_shape"),
        ("camera_sees", sp.csr_matrix(np.full((6, 12), np.nan)), "siting_not_finite"),
        ("camera_pole", np.full(6, 99), "siting_unknown_id"),
        ("camera_pole", np.full(6, 0.5), "siting_not_whole"),
        ("zone", np.full(12, np.nan), "siting_not_whole"),
        ("locked", [99], "siting_unknown_id"),
        ("backup_share", 2.0, "siting_out_of_range"),
        ("heads", np.full(9, -1), "siting_negative"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(name: str, value: object, code: str) -> None:
    with pytest.raises(BadSitingProblem) as caught:
        replace(BASE, **{name: value})
    assert caught.value.code == code
    # A length that differs is told of the field that shows it.
    assert code == "siting_shape" or caught.value.params["field"] == name


def test_locks_that_cannot_be_are_refused() -> None:
    for changes in ({"locked": [1], "forbidden": [1]},
                    {"locked": [0, 1], "camera_pole": np.zeros(6, int)}):  # fmt: skip
        with pytest.raises(BadSitingProblem):
            replace(BASE, **changes)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"budgets": np.zeros((1, 1))}, "zero_budget"),
        ({"forbidden": np.arange(9)}, "no_candidate"),
        ({"camera_sees": sp.csr_matrix((6, 12)), "lamp_lights": sp.csr_matrix((3, 12))}, "nothing_coverable"),
        ({"weight_day": np.zeros(12), "weight_night": np.zeros(12)}, "nothing_coverable"),
        ({"must": np.ones(12, bool), "camera_sees": sp.csr_matrix((6, 12))}, "must_infeasible"),
        ({"must": np.ones(12, bool), "budgets": np.ones((1, 1))}, "must_infeasible"),
        ({"locked": np.arange(9), "budgets": np.ones((1, 1))}, "must_infeasible"),
    ],
)
def test_empty_cases_have_a_status_each(changes: dict[str, object], status: str) -> None:
    problem = replace(BASE, **changes)
    plan = solve(problem)
    assert plan.status == status
    assert plan.bound >= plan.objective >= plan.before
    if status == "must_infeasible":
        assert plan.missing or plan.conflict == "locked"
    else:
        assert not len(plan.cameras) + len(plan.lamps)
    assert cost_curve(problem)[0] == (0.0, plan.before)


def test_no_targets_and_no_poles() -> None:
    nothing = np.zeros(0)
    problem = SitingProblem(
        nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing, sp.csr_matrix((0, 0)),
        nothing, nothing, sp.csr_matrix((0, 0)), nothing, nothing, np.ones((1, 1)), [{"camera"}],
    )  # fmt: skip
    assert solve(problem).status == "no_candidate"


def test_missing_names_what_no_camera_sees() -> None:
    sees = BASE.camera_sees.toarray()
    sees[:, 4] = 0
    must = np.zeros(12, bool)
    must[4] = True
    plan = solve(replace(BASE, camera_sees=sp.csr_matrix(sees), must=must))
    assert (plan.status, plan.missing) == ("must_infeasible", (4,))


def test_existing_devices_stay_and_count() -> None:
    problem = random_problem(11, Traits(lamps=True, existing=True), 30, 9, 4)
    plan = solve(problem, options=Options(gap=0.0))
    assert plan.before == pytest.approx(weight_by_hand(problem, set())[0])
    assert plan.after >= plan.before
    assert plan.before == weights_of(problem, np.zeros(0, int), np.zeros(0, int)).total


def test_stop_keeps_the_best_so_far() -> None:
    problem, heard = made.covering(1500, 400, 25, 190.0, seed=1), []

    def stop(news: Progress) -> bool:
        heard.append(news)
        return news.cameras > 0

    plan = solve(problem, on_progress=stop)
    assert plan.status == "stopped"
    assert len(plan.cameras)
    assert plan.objective >= max(one.incumbent for one in heard)
    assert plan.bound >= plan.objective


def test_news_only_get_better() -> None:
    heard: list[Progress] = []
    plan = solve(made.covering(600, 200, 10, 150.0, seed=2), on_progress=lambda news: bool(heard.append(news)))
    incumbents, bounds = [one.incumbent for one in heard], [one.bound for one in heard]
    assert incumbents == sorted(incumbents)
    assert bounds == sorted(bounds, reverse=True)
    assert all(one.bound >= one.incumbent for one in heard)
    assert plan.history[-1][1] <= plan.objective <= plan.bound <= plan.history[-1][2] + 1e-6


def test_an_error_of_the_listener_is_its_own() -> None:
    def fail(_news: Progress) -> bool:
        raise KeyError("listener")

    with pytest.raises(KeyError, match="listener"):
        solve(BASE, on_progress=fail)


def test_time_limit_is_kept_and_the_bound_holds() -> None:
    problem = made.covering(3000, 800, 40, 150.0, seed=3)
    begun = time.monotonic()
    plan = solve(problem, time_limit_s=1.0)
    assert time.monotonic() - begun < 4.0
    assert plan.status in {"time_limit", "optimal"}
    assert plan.bound >= plan.objective > 0
    assert solve(problem, time_limit_s=0).bound >= plan.objective


def test_same_seed_same_plan() -> None:
    problem = made.streets(200, 40, 6, seed=4)
    first, second = (solve(problem, seed=5) for _ in range(2))
    assert first.cameras.tolist() == second.cameras.tolist()
    assert first.year.tolist() == second.year.tolist()


@pytest.mark.parametrize("seed", range(3))
def test_both_kinds_together_beat_either_rule(seed: int) -> None:
    problem = made.streets(250, 50, 8, seed=seed)
    plan = solve(problem, time_limit_s=10)
    # The other rules at their best may not pass the joint plan's gap.
    for other in (made.cameras_only(problem), made.half_half(problem)):
        rival = solve(other, time_limit_s=10)
        assert plan.objective > rival.objective


def test_what_covers_most_comes_first() -> None:
    problem = replace(made.streets(200, 40, 6, seed=6), budgets=np.array([[60e6], [60e6], [60e6]]))
    for carry_over in (False, True):
        one = replace(problem, carry_over=carry_over)
        plan = solve(one, time_limit_s=10)
        year = plan.camera_year.copy()
        early = first_years(one, plan, year)
        rng = np.random.default_rng(0)
        # Cameras all cost the same here: any order of theirs could be paid.
        assert all(first_years(one, plan, rng.permutation(year)) <= early + 1e-9 for _ in range(50))
        assert plan.camera_year.min() == 0


def first_years(problem: SitingProblem, plan: SitingPlan, camera_year: np.ndarray) -> float:
    """Weight covered at the end of each year, added up."""
    return sum(weights_of(problem, plan.cameras[camera_year <= year], plan.lamps[plan.lamp_year <= year]).total
               for year in range(len(problem.budgets)))  # fmt: skip


def test_curve_rises_and_holds_the_plan() -> None:
    problem = made.streets(200, 40, 6, seed=7)
    plan = solve(problem, time_limit_s=10)
    curve = cost_curve(problem, plan)
    assert curve[0] == (0.0, plan.before)
    assert curve == sorted(curve)
    assert [weight for _, weight in curve] == sorted(weight for _, weight in curve)
    assert max(weight for cost, weight in curve if cost <= plan.cost) >= plan.after - 1e-9
    everything = weights_of(problem, np.arange(problem.cameras), np.arange(problem.lamps)).total
    assert plan.after < curve[-1][1] <= everything + 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_marginal_is_what_one_more_or_less_changes(seed: int) -> None:
    problem = random_problem(seed, Traits(lamps=True, heads=True, existing=True), 25, 10, 4)
    plan = solve(problem)
    found = marginal(problem, plan)
    total = plan.after
    for k in range(len(plan.cameras)):
        less = weights_of(problem, np.delete(plan.cameras, k), plan.lamps).total
        assert found.without_cameras[k] == pytest.approx(total - less)
    for k in range(len(plan.lamps)):
        less = weights_of(problem, plan.cameras, np.delete(plan.lamps, k)).total
        assert found.without_lamps[k] == pytest.approx(total - less)
    if found.camera_id >= 0:
        more = weights_of(problem, np.append(plan.cameras, found.camera_id), plan.lamps).total
        assert found.camera == pytest.approx(more - total)
    if found.lamp_id >= 0:
        more = weights_of(problem, plan.cameras, np.append(plan.lamps, found.lamp_id)).total
        assert found.lamp == pytest.approx(more - total)
    if found.pair_ids[0] >= 0:
        more = weights_of(problem, np.append(plan.cameras, found.pair_ids[0]),
                          np.append(plan.lamps, found.pair_ids[1])).total  # fmt: skip
        assert found.pair == pytest.approx(more - total)
