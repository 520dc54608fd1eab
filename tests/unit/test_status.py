"""The computed answer, the evaluation period and the steps of the programme."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis_app.analysis.status import (
    ACHIEVED_STAGES,
    STEPS,
    Answer,
    drug_free,
    may_move,
    period,
    period_year,
)

DAY = dt.date(2026, 11, 22)
FRESH = dt.date(2026, 3, 1)
LAST_PERIOD = dt.date(2025, 12, 14)


@pytest.mark.parametrize(
    ("day", "year"),
    [((2025, 12, 14), 2025), ((2025, 12, 15), 2026), ((2026, 1, 1), 2026), ((2026, 12, 14), 2026),
     ((2026, 12, 15), 2027), ((2024, 12, 15), 2025), ((2024, 2, 29), 2024)],
)  # fmt: skip
def test_the_period_runs_from_15_december_to_14_december(day: tuple[int, int, int], year: int) -> None:
    assert period_year(dt.date(*day)) == year
    first, last = period(year)
    assert first <= dt.date(*day) <= last


def answers(*codes: str, on: dt.date | None = FRESH) -> list[Answer]:
    return [Answer(code, on) for code in codes]


def test_all_three_must_be_met() -> None:
    assert drug_free(answers("met", "met", "met"), DAY) == "met"
    assert drug_free(answers("met", "not_reviewed", "met"), DAY) == "not_reviewed"
    assert drug_free(answers("not_met", "not_reviewed", "met"), DAY) == "not_met"
    assert drug_free([], DAY) == "not_reviewed"


def test_what_was_reviewed_in_another_period_is_no_answer() -> None:
    assert drug_free(answers("met", "met", "met", on=LAST_PERIOD), DAY) == "not_reviewed"
    assert drug_free(answers("met", "met", "met", on=None), DAY) == "not_reviewed"
    # Nor is one from the future of the day asked for.
    assert drug_free(answers("met", "met", "met", on=DAY + dt.timedelta(days=1)), DAY) == "not_reviewed"


@given(
    st.lists(
        st.builds(
            Answer,
            st.sampled_from(["met", "not_met", "not_reviewed"]),
            st.none() | st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31)),
        ),
        min_size=3,
        max_size=3,
    ),
    st.dates(dt.date(2024, 6, 1), dt.date(2027, 12, 31)),
)
def test_never_green_while_something_is_not_reviewed(found: list[Answer], day: dt.date) -> None:
    first, _ = period(period_year(day))
    whole = all(a.code == "met" and a.on is not None and first <= a.on <= day for a in found)
    assert (drug_free(found, day) == "met") == whole


@given(st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=30))
def test_no_walk_reaches_recognised_but_through_a_proposal(wanted: list[str]) -> None:
    stage, path = "not_selected", ["not_selected"]
    for new in wanted:
        if may_move(stage, new):
            stage = new
            path.append(new)
    for before, after in itertools.pairwise(path):
        if after == "recognised":
            assert before == "proposed"
        if after == "maintained":
            assert before in ACHIEVED_STAGES
        if after == "lapsed":
            assert before in ACHIEVED_STAGES
