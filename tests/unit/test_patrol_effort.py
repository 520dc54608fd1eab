"""Effort as figures: the sum over streets is the routes' length, shares count once, rates have a floor."""

import datetime as dt

import numpy as np
import pytest
import shapely

from benchmarks.streets import town
from gis_app.analysis.patrol_effort import columns_of, metres_on_streets, per_thousand
from gis_app.analysis.patrol_shift import recent_shares
from gis_app.analysis.street_graph import make_graph
from gis_app.analysis.street_laying import lay, shares_of

STREETS = np.array(
    [shapely.LineString([(0, 0), (500, 0)]), shapely.LineString([(250, -200), (250, 200)])], dtype=object
)


def test_the_sum_over_streets_is_the_length_of_the_routes() -> None:
    """T-P9: along one street there and back, round a corner, and over a field."""
    routes = [
        shapely.LineString([(0, 0), (400, 0), (0, 0)]),
        shapely.LineString([(100, 0.4), (250, 0.4), (250.3, 150)]),
        shapely.LineString([(0, 100), (200, 100)]),
    ]
    found = metres_on_streets(STREETS, routes)
    assert found.total_m == pytest.approx(sum(route.length for route in routes))
    assert found.metres[0] == pytest.approx(950, abs=10)
    assert found.metres[1] == pytest.approx(150, abs=10)
    assert found.off_m == pytest.approx(200)
    assert found.times == {0: 2, 1: 1}
    nothing = np.empty(0, dtype=object)
    assert metres_on_streets(nothing, routes).off_m == pytest.approx(found.total_m)
    assert metres_on_streets(STREETS, []).total_m == 0
    assert metres_on_streets(STREETS, [shapely.LineString([(1, 1), (1, 1)])]).total_m == 0


@pytest.mark.parametrize("seed", range(3))
def test_routes_of_a_town_add_up(seed: int) -> None:
    graph, rng = make_graph(town(10, seed)), np.random.default_rng(seed)
    lines = graph.streets.lines
    routes = [lines[k] for k in rng.integers(0, len(lines), 12)]
    found = metres_on_streets(lines, routes)
    assert found.off_m == 0
    assert sum(found.metres.values()) == pytest.approx(sum(route.length for route in routes), rel=1e-9)


def test_a_street_counts_once_and_one_that_is_crossed_hardly() -> None:
    back = shapely.LineString([(0, 0), (500, 0), (0, 0)])
    shares = shares_of(STREETS, lay(STREETS, [back, back], 8.0))
    assert shares[0] == 1.0
    assert shares.get(1, 0.0) <= 1 / 40
    half = shares_of(STREETS, lay(STREETS, [shapely.LineString([(0, 0), (0, 0), (250, 0)])], 8.0))
    assert half[0] == pytest.approx(0.5, abs=0.03)
    graph = make_graph(town(6))
    assert recent_shares(graph, list(graph.streets.lines)) == pytest.approx(dict.fromkeys(range(60), 1.0))
    assert recent_shares(graph, []) == {}


def test_a_rate_needs_residents() -> None:
    assert [per_thousand(20, n) for n in (None, 0, 49, 50, 800)] == [None, None, None, 400.0, 25.0]


@pytest.mark.parametrize("length", [1, 31, 32, 200])
def test_columns_add_up(length: int) -> None:
    first = dt.date(2026, 3, 4)
    days = [
        {"name": (first + dt.timedelta(days=n)).isoformat(), "planned": n, "done": n // 2, "minutes": 3 * n}
        for n in range(0, length, 3)
    ]
    found = columns_of(days, first, first + dt.timedelta(days=length - 1))
    assert (found[0].first, found[-1].last) == (first, first + dt.timedelta(days=length - 1))
    assert sum(one.planned for one in found) == sum(one["planned"] for one in days)
    assert sum(one.minutes for one in found) == sum(one["minutes"] for one in days)
    assert (len(found) == length) is (length <= 31)
