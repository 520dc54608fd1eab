"""The scorecard: what every scoring must keep, whatever the points and the figures are."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gis_app.analysis.scorecard import (
    CRITERIA,
    DEFAULTS,
    STAGE_TENTHS,
    Rules,
    read_rules,
    score_of,
    streak_of,
    told,
)
from layers.groups import STAGES

BASES = st.fixed_dictionaries({
    name: st.none() | st.tuples(st.integers(0, 60), st.integers(0, 50)) for name in CRITERIA
})  # fmt: skip
RULES = st.builds(
    Rules,
    points=st.fixed_dictionaries({name: st.integers(0, 100) for name in CRITERIA}).filter(
        lambda one: any(one.values())
    ),
    full=st.fixed_dictionaries({name: st.integers(1, 100) for name in CRITERIA}),
    commend_from=st.integers(50, 100),
    support_below=st.integers(0, 50),
)
STAGE = st.sampled_from([stage.code for stage in STAGES])


@given(BASES, STAGE, RULES)
def test_a_score_is_within_its_bounds(bases: dict[str, Any], stage: str, rules: Rules) -> None:
    score = score_of(bases, stage, rules)
    for name in CRITERIA:
        earned, basis = score.earned[name], bases[name]
        assert (earned is None) == (basis is None or basis[1] == 0)
        assert earned is None or 0 <= earned <= 10 * rules.points[name]
    assert score.tenths is None or 0 <= score.tenths <= 1000
    assert (score.verdict is None) == (score.tenths is None)
    if score.verdict == "commend":
        assert stage in ("recognised", "maintained")
        assert (score.tenths or 0) >= 10 * rules.commend_from
    if score.tenths is not None:
        assert (score.verdict == "support") == (score.tenths < 10 * rules.support_below)


@given(BASES, STAGE, RULES, st.sampled_from(CRITERIA), st.integers(1, 20))
def test_more_done_is_never_less(bases: dict[str, Any], stage: str, rules: Rules, name: str, more: int) -> None:
    assume(bases[name] is not None)
    better = {**bases, name: (bases[name][0] + more, bases[name][1])}
    before, after = score_of(bases, stage, rules), score_of(better, stage, rules)
    assert (before.tenths is None) == (after.tenths is None)
    assert before.tenths is None or after.tenths is None or after.tenths >= before.tenths


@given(BASES, STAGE, RULES, st.sampled_from(CRITERIA))
def test_what_has_no_basis_changes_nothing(bases: dict[str, Any], stage: str, rules: Rules, name: str) -> None:
    """A criterion without a basis counts as if the table did not have it, but for the half that must be known."""
    without = {**bases, name: None}
    score = score_of(without, stage, rules)
    assert score == score_of({**bases, name: (7, 0)}, stage, rules)
    fewer = Rules({**rules.points, name: 0}, rules.full, rules.commend_from, rules.support_below)
    assume(any(fewer.points.values()))
    if score.tenths is not None:
        assert score_of(without, stage, fewer).tenths == score.tenths


@given(BASES, STAGE, RULES, st.integers(2, 9))
def test_the_scale_of_the_points_does_not_matter(bases: dict[str, Any], stage: str, rules: Rules, times: int) -> None:
    larger = Rules(
        {name: times * points for name, points in rules.points.items()}, rules.full, rules.commend_from,
        rules.support_below,
    )  # fmt: skip
    assert score_of(bases, stage, larger).tenths == score_of(bases, stage, rules).tenths


def test_the_ends_and_the_sum() -> None:
    full = dict.fromkeys(CRITERIA, (3, 3))
    best = score_of(full, "maintained", Rules())
    assert (best.tenths, best.verdict) == (1000, "commend")
    assert sum(value or 0 for value in best.earned.values()) == 1000
    assert score_of(full, "building", Rules()).verdict == "none"
    nothing = score_of(dict.fromkeys(CRITERIA, (0, 3)), "lapsed", Rules())
    assert (nothing.tenths, nothing.verdict) == (0, "support")
    # Half of the streets are all the points of coverage; 1/3 of 10 points is 3.3, 2/3 is 6.7.
    halves = score_of({**full, "coverage": (1, 2), "tasks": (1, 3), "reviews": (2, 3)}, "maintained", Rules())
    assert (halves.earned["coverage"], halves.earned["tasks"], halves.earned["reviews"]) == (100, 33, 67)
    assert halves.tenths == 900
    # Stage and streak alone are 40 of 100 points: too little is known.
    assert score_of({"stage": (10, 10), "clean": (1, 1)}, "maintained", Rules()).tenths is None
    assert score_of({"stage": (10, 10), "clean": (1, 1), "tasks": (0, 1)}, "maintained", Rules()).tenths == 800


def test_every_stage_has_its_tenths() -> None:
    assert set(STAGE_TENTHS) == {stage.code for stage in STAGES}
    assert sum(points for points, _ in DEFAULTS.values()) == 100


def test_streaks_and_small_numbers() -> None:
    assert streak_of([True, False, True, True]) == (2, 4)
    assert streak_of([True, True, False]) == (0, 3)
    assert streak_of([]) == (0, 0)
    assert [told(2, 4), told(0, 0)] == [None, None]
    assert [told(0, 5), told(1, 5), told(3, 5), told(5, 5), told(3, 8)] == [(0, 4), (1, 4), (2, 4), (4, 4), (2, 4)]


@given(st.integers(0, 40), st.integers(0, 40))
def test_what_is_told_of_tips_tells_no_small_number(done: int, rest: int) -> None:
    found = told(done, done + rest)
    assert (found is None) == (done + rest < 5)
    if found is not None:
        assert abs(found[0] / 4 - done / (done + rest)) <= 1 / 8
        # Another number of tips tells the same: the part alone gives no count away.
        assert found == told(2 * done, 2 * (done + rest))


@pytest.mark.parametrize(
    ("path", "value"),
    [("points.stage", 101), ("points.tips", -1), ("full.stage", 0), ("full.clean", "5"), ("points.tasks", True),
     ("commend_from", None), ("support_below", 99)],
)  # fmt: skip
def test_each_fault_of_a_table_is_named(path: str, value: Any) -> None:
    raw = Rules().as_json()
    part, _, name = path.partition(".")
    if name:
        raw[part][name] = value
    else:
        raw[part] = value
    rules, faults = read_rules(raw)
    assert rules is None
    assert [fault["field"] for fault in faults] == [path]


def test_a_table_comes_back_as_it_was_stored() -> None:
    rules, faults = read_rules(Rules().as_json())
    assert (rules, faults) == (Rules(), [])
    assert read_rules({})[0] is None
    empty = Rules(dict.fromkeys(CRITERIA, 0)).as_json()
    assert read_rules(empty)[1] == [{"field": "points", "rule": "required"}]
