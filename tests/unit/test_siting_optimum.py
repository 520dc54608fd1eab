"""Tiny siting problems: the solver's plan is the best of all plans, and every plan keeps its rules."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_app.analysis.siting import Options, SitingPlan, SitingProblem, solve
from tests.unit.siting_cases import Traits, best_by_trying, has_room, random_problem, weight_by_hand

EXACT = Options(gap=0.0)
CASES = {
    "plain": Traits(),
    "real weights": Traits(lamps=True, real_weights=True),
    "lamps": Traits(lamps=True),
    "existing": Traits(lamps=True, existing=True, backup=True),
    "years": Traits(lamps=True, years=3),
    "funds": Traits(lamps=True, years=2, funds=True),
    "carried over": Traits(lamps=True, years=2, funds=True, carry_over=True),
    "heads": Traits(lamps=True, heads=True),
    "must": Traits(lamps=True, must=True),
    "backup": Traits(backup=True, heads=True),
    "equity": Traits(lamps=True, equity=True),
    "locks": Traits(lamps=True, heads=True, locks=True),
    "all": Traits(True, 2, True, False, True, True, True, True, True, True),
}


def check_rules(problem: SitingProblem, plan: SitingPlan) -> None:
    """Money by year and fund, poles, locks, weights, bound."""
    chosen = [*plan.cameras.tolist(), *(problem.cameras + plan.lamps).tolist()]
    assert len(plan.year) == len(plan.fund) == len(chosen)
    spent = np.zeros(problem.budgets.shape)
    for column, year, fund in zip(chosen, plan.year.tolist(), plan.fund.tolist(), strict=True):
        spent[year, fund] += problem.cost[column]
        assert ("camera" if column < problem.cameras else "lamp") in problem.fund_kinds[fund]
    if problem.carry_over:
        assert (spent.cumsum(axis=0) <= problem.budgets.cumsum(axis=0) + 1e-6).all()
    else:
        assert (spent <= problem.budgets + 1e-6).all()
    assert plan.cost == pytest.approx(spent.sum())
    assert has_room(problem, chosen)
    assert not set(chosen) & set(problem.forbidden.tolist())
    assert plan.objective == plan.after == pytest.approx(weight_by_hand(problem, set(chosen))[0])
    assert plan.before == pytest.approx(weight_by_hand(problem, set())[0])
    assert plan.bound >= plan.objective - 1e-9


def check_best(problem: SitingProblem, plan: SitingPlan) -> None:
    """As good as the best of all plans."""
    check_rules(problem, plan)
    best = best_by_trying(problem)
    if best is None:
        assert plan.status == "must_infeasible"
        assert plan.conflict == "locked" or plan.missing
        return
    assert plan.status != "must_infeasible"
    assert plan.objective == pytest.approx(best[1], abs=1e-6)
    assert set(problem.locked.tolist()) <= {*plan.cameras.tolist(), *(problem.cameras + plan.lamps).tolist()}
    if problem.equity and plan.status == "optimal":
        assert plan.floor == pytest.approx(best[0], abs=1e-6)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", range(6))
def test_tiny_problems_equal_enumeration(name: str, seed: int) -> None:
    problem = random_problem(seed, CASES[name])
    check_best(problem, solve(problem, seed, 10, options=EXACT))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(100, 10**6), st.builds(Traits, *[st.booleans(), st.integers(1, 2), *[st.booleans()] * 9]))
def test_any_mix_of_options_equals_enumeration(seed: int, traits: Traits) -> None:
    problem = random_problem(seed, traits, 6, 4, 3)
    check_best(problem, solve(problem, seed, 10, options=EXACT))


@pytest.mark.parametrize("name", CASES)
def test_presolve_and_start_change_no_optimum(name: str) -> None:
    for seed in (50, 51):
        problem = random_problem(seed, CASES[name], 20, 9, 4)
        found = [solve(problem, seed, 20, options=Options(0.0, *choice)) for choice in ((True, True), (False, False))]
        for plan in found:
            check_rules(problem, plan)
        assert found[0].status == found[1].status
        if found[0].status != "must_infeasible":
            assert found[0].objective == pytest.approx(found[1].objective, abs=1e-6)
            assert found[0].floor == pytest.approx(found[1].floor, abs=1e-6)


@pytest.mark.parametrize("name", ["plain", "lamps", "years", "funds", "heads"])
def test_more_money_is_never_worse(name: str) -> None:
    problem = random_problem(7, CASES[name], 14, 8, 3)
    weights = []
    for factor in (0.5, 1.0, 1.5, 3.0):
        changed = {key: getattr(problem, key) for key in problem.__dataclass_fields__}
        changed["budgets"] = np.floor(problem.budgets * factor)
        weights.append(solve(SitingProblem(**changed), options=EXACT).objective)
    assert weights == sorted(weights)
