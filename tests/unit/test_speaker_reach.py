"""Loudspeakers: shares by houses, by area where there are none, and of the commune."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis_app.analysis.speaker_reach import Home, reach_of, share_of_commune

WEST, EAST = Home(1, shapely.box(0, 0, 100, 100), 80), Home(2, shapely.box(100, 0, 200, 100), 20)
NONE = np.empty((0, 2))


def test_shares_by_houses_and_by_area() -> None:
    houses = np.array([[10.0, 50.0], [50.0, 50.0], [90.0, 50.0], [99.0, 1.0]])
    found = reach_of([WEST, EAST], houses, np.array([[0.0, 50.0]]), np.array([60.0]))
    assert [(one.share, one.by_houses, one.reached_count) for one in found] == [(0.5, True, 40), (0.0, False, 0)]
    assert share_of_commune(found) == pytest.approx(40 / 100)
    # Half of the east by a circle that just holds its western half's corner points is its area, to a metre.
    found = reach_of([EAST], NONE, np.array([[150.0, 50.0]]), np.array([25.0]))
    assert found[0].share == pytest.approx(np.pi * 25**2 / 10_000, rel=1e-3)


def test_what_is_not_known_is_not_assumed() -> None:
    found = reach_of([WEST, Home(3, shapely.box(0, 0, 9, 9), None)], NONE, NONE, np.empty(0))
    assert [(one.share, one.reached_count) for one in found] == [(0.0, 0), (0.0, None)]
    assert share_of_commune(found) == 0.0
    assert share_of_commune([]) is None
    assert reach_of([], NONE, NONE, np.empty(0)) == []


def test_a_house_on_a_border_counts_once() -> None:
    found = reach_of([WEST, EAST], np.array([[100.0, 50.0]]), np.array([[100.0, 50.0]]), np.array([5.0]))
    assert [one.by_houses for one in found] == [True, False]


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 100), st.integers(1, 150)), max_size=6), st.integers(0, 9)
)
def test_one_more_is_never_less(speakers: list[tuple[int, int, int]], seed: int) -> None:
    houses = np.random.default_rng(seed).uniform((0, 0), (200, 100), (30, 2))
    shares = []
    for count in range(len(speakers) + 1):
        part = np.array(speakers[:count], dtype=float).reshape(-1, 3)
        found = reach_of([WEST, EAST], houses, part[:, :2], part[:, 2])
        assert all(0 <= (one.share or 0) <= 1 for one in found)
        shares.append(share_of_commune(found) or 0.0)
    assert shares == sorted(shares)
