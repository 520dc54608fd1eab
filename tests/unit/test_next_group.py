"""The order is what the shown weights say; nothing about persons goes in."""

import dataclasses
import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from gis_app.analysis.next_group import Candidate, Weights, find_gaps, rank_candidates, weights_dict

TODAY = dt.date(2026, 11, 22)


def candidate(number: int, **values: object) -> Candidate:
    usual = {
        "group_id": number, "name": f"Tổ {number}", "stage": "building", "not_met": 0, "not_reviewed": 0,
        "last_reviewed_on": TODAY, "open_hotspots": 0, "gaps": (), "newly_met": 0,
    }  # fmt: skip
    return Candidate(**usual | values)  # type: ignore[arg-type]


def order(*candidates: Candidate) -> list[int]:
    return [one.candidate.group_id for one in rank_candidates(candidates, TODAY)]


def test_one_criterion_moves_the_rank_as_documented() -> None:
    assert order(candidate(1, not_met=1), candidate(2, not_reviewed=1), candidate(3)) == [3, 2, 1]
    assert order(candidate(1), candidate(2), candidate(3)) == [1, 2, 3]
    assert order(candidate(1, newly_met=0), candidate(2, newly_met=1)) == [2, 1]


def test_days_since_the_review_count_by_quarters_up_to_four() -> None:
    ranked = rank_candidates([candidate(1, last_reviewed_on=None)], TODAY)[0]
    old = rank_candidates([candidate(1, last_reviewed_on=dt.date(2020, 1, 1))], TODAY)[0]
    assert ranked.parts["quarter"] == old.parts["quarter"] == 4


def test_gaps() -> None:
    assert find_gaps(1, 1, 10, 1) == []
    assert find_gaps(0, 0, 10, 2) == ["tip_box", "notice_board", "broken_lights"]
    assert find_gaps(1, 1, 0, 0) == []


CANDIDATES = st.lists(
    st.builds(
        candidate,
        st.integers(1, 99),
        not_met=st.integers(0, 3),
        not_reviewed=st.integers(0, 3),
        open_hotspots=st.integers(0, 5),
        newly_met=st.integers(-3, 3),
    ),
    max_size=12,
)


@given(CANDIDATES)
def test_the_order_is_reproducible_from_what_is_shown(found: list[Candidate]) -> None:
    ranked = rank_candidates(found, TODAY)
    weights = weights_dict(Weights())
    for one in ranked:
        c = one.candidate
        shown = (
            weights["not_met"] * c.not_met + weights["not_reviewed"] * c.not_reviewed
            + weights["hotspot"] * c.open_hotspots - weights["trend"] * c.newly_met
        )  # fmt: skip
        assert one.effort == sum(one.parts.values()) == shown
    assert [one.effort for one in ranked] == sorted(one.effort for one in ranked)


def test_no_count_of_persons_is_read() -> None:
    fields = {f.name for f in dataclasses.fields(Candidate)}
    assert not {name for name in fields if "exempt" in name or "other" in name or "person" in name or "using" in name}
