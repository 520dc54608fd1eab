"""Can it be measured: the reference figures, round trips, the difference against numbers worked by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis_app.analysis.measurability import Counts, difference, events_needed, rank_controls, smallest_fall


def test_reference_setting() -> None:
    """T-S8: 77 events show a fall by half, 226 one by 30 %."""
    assert (events_needed(0.5), events_needed(0.3)) == (77, 226)


@given(st.floats(0.02, 1.0), st.floats(0.1, 10.0))
def test_needed_events_show_that_fall_and_one_fewer_does_not(fall: float, control: float) -> None:
    needed = events_needed(fall, control)
    seen = smallest_fall(needed, control)
    assert seen is not None
    assert seen <= fall + 1e-9
    fewer = smallest_fall(needed - 1, control)
    assert fewer is None or fewer > fall - 1e-9


@given(st.integers(0, 5000))
def test_more_events_show_smaller_falls(count: int) -> None:
    here, more = smallest_fall(count), smallest_fall(count + 1)
    assert here is None or (more is not None and more < here <= 1)


def test_too_few_events_show_nothing() -> None:
    assert smallest_fall(0) is None
    assert smallest_fall(10) is None
    assert smallest_fall(17) is not None


@pytest.mark.parametrize("fall", [0.0, -0.1, 1.1, float("nan")])
def test_a_share_outside_its_range_is_refused(fall: float) -> None:
    with pytest.raises(ValueError, match=str(fall)):
        events_needed(fall)


def test_difference_by_hand() -> None:
    """(30-50) + (12-10) - ((48-50) + (9-10)) = -15; variance 80 + 22 + 98 + 19 = 219."""
    found = difference(Counts(50, 30), Counts(50, 48), Counts(10, 12), Counts(10, 9))
    assert found.event_count == 219
    assert found.wdd == pytest.approx(-15)
    assert (found.low, found.high) == pytest.approx((-15 - 1.645 * 219**0.5, -15 + 1.645 * 219**0.5))
    assert found.verdict == "unclear"
    assert difference(Counts(100, 40), Counts(100, 98)).verdict == "fewer"
    assert difference(Counts(40, 100), Counts(100, 98)).verdict == "more"


def test_a_weighted_control_counts_less() -> None:
    """Twice the control at half the weight moves the difference alike, with less variance."""
    one = difference(Counts(50, 30), Counts(50, 40))
    two = difference(Counts(50, 30), Counts(100, 80), control_weight=0.5)
    assert one.wdd == two.wdd == pytest.approx(-10)
    assert one.low is not None
    assert two.low is not None
    assert two.low > one.low


@pytest.mark.parametrize("counts", [(5, 2, 5, 4), (40, 20, 0, 0), (0, 0, 40, 40)])
def test_too_few_events_conclude_nothing(counts: tuple[int, int, int, int]) -> None:
    found = difference(Counts(*counts[:2]), Counts(*counts[2:]))
    assert (found.wdd, found.low, found.high, found.verdict) == (None, None, None, "too_few")


def test_controls_are_ranked_by_likeness_whatever_the_unit() -> None:
    areas = {1: (3, 400), 2: (3, 410), 3: (0, 400), 4: (9, 900)}
    assert rank_controls(areas, 1, [4, 3, 2]) == [2, 3, 4]
    in_thousands = {one: (count, households / 1000) for one, (count, households) in areas.items()}
    assert rank_controls(in_thousands, 1, [4, 3, 2]) == [2, 3, 4]
    assert rank_controls({1: (0,), 2: (0,), 3: (0,)}, 1, [3, 2]) == [2, 3]
