"""Hotspot statistics against esda, against scikit-learn, against definitions written out, and by their properties."""

import itertools

import esda
import libpysal
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.cluster import DBSCAN, HDBSCAN
from sklearn.metrics import adjusted_rand_score

from gis_app.analysis.hotspot_stats import cells, clusters, density, hours, local, near_repeat
from gis_app.analysis.hotspot_stats import network_density as street
from gis_app.analysis.hotspot_stats.events import Events, Wanted, counted
from gis_app.analysis.street_graph import StreetGraph, Streets, make_graph

TOWN = shapely.Polygon([(0, 0), (2000, 0), (2000, 1500), (900, 1500), (900, 900), (0, 900)])
SIZES = st.integers(2, 40)


def make_events(n: int, seed: int = 1, source: str = "police") -> Events:
    rng = np.random.default_rng(seed)
    middles = rng.uniform(100, 800, (5, 2))
    xy = np.vstack([middles[rng.integers(5, size=n - n // 3)] + rng.normal(0, 40, (n - n // 3, 2)),
                    rng.uniform(0, 900, (n // 3, 2))]).clip(1, 899)  # fmt: skip
    category = rng.choice(["gathering", "light_out"], n).tolist()
    return Events(xy, rng.integers(490_000, 499_000, n), category, [source] * n)


def together(*parts: Events) -> Events:
    return Events(
        np.vstack([part.xy for part in parts]),
        np.concatenate([part.hour for part in parts]),
        [one for part in parts for one in part.category],
        [one for part in parts for one in part.source],
    )


def make_streets(*lines: list[tuple[float, float]]) -> StreetGraph:
    shapes = np.array([shapely.LineString(line) for line in lines], dtype=object)
    count = len(lines)
    return make_graph(
        Streets(shapes, ["residential"] * count, ["no"] * count, np.ones(count, bool), np.zeros(count, bool))
    )


# --- which events count


@given(st.integers(0, 60), st.integers(0, 23), st.integers(0, 24), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_what_patrols_found_changes_no_statistic(found: int, low: int, high: int, seed: int) -> None:
    told = make_events(60, seed)
    more = together(make_events(found, seed + 1, "patrol"), told) if found > 2 else told
    wanted = Wanted(low, high, ("gathering",))
    kept, same = counted(more, wanted), counted(told, wanted)
    assert np.array_equal(kept.xy, same.xy)
    assert np.array_equal(kept.hour, same.hour)
    assert list(kept.category) == list(same.category)


def test_twenty_patrol_events_leave_the_surface_unchanged() -> None:
    told = make_events(200)
    spot = told.xy[:1].repeat(20, axis=0)
    found = Events(spot, np.full(20, 498_000), ["gathering"] * 20, ["patrol"] * 20)
    before, after = (counted(one).xy for one in (told, together(told, found)))
    grid = density.make_grid(TOWN, 150)
    first, second = (density.kernel_density(xy, grid, density.bandwidth_of(xy)).value for xy in (before, after))
    assert np.array_equal(first, second)


def test_hours_of_the_day_and_over_midnight() -> None:
    # Monday 5 January 1970, 22:00, and Tuesday 01:00.
    events = Events(np.zeros((2, 2)), np.array([4 * 24 + 22, 5 * 24 + 1]), ["other"] * 2, ["tip"] * 2)
    assert events.weekday.tolist() == [1, 2]
    assert hours.by_hour(events)[0, 22] == hours.by_hour(events)[1, 1] == 1
    assert len(counted(events, Wanted(22, 4))) == 2
    assert len(counted(events, Wanted(4, 22))) == 0
    assert len(counted(events, Wanted(22, 24))) == 1


# --- density


def test_density_is_the_sum_of_its_definition() -> None:
    xy = make_events(40).xy
    grid = density.make_grid(TOWN, 200, 900)
    found = density.kernel_density(xy, grid, 200)
    x, y = np.meshgrid(*grid.middles())
    expected = np.zeros(grid.inside.shape)
    for spot in xy:
        away = np.hypot(x - spot[0], y - spot[1]) / 200
        kernel = np.where((away < 1) & grid.inside, (1 - away**2) ** 2, 0.0)
        expected += kernel / kernel.sum() / grid.cell_m**2
    assert np.allclose(found.value, expected, rtol=1e-12, atol=1e-15)


@given(SIZES, st.floats(60, 400), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_every_event_is_one_unit_of_density(n: int, bandwidth: float, seed: int) -> None:
    xy = np.random.default_rng(seed).uniform(0, 890, (n, 2))
    found = density.kernel_density(xy, density.make_grid(TOWN, bandwidth), bandwidth)
    assert found.value.sum() * found.grid.cell_m**2 == pytest.approx(n, rel=1e-9)
    assert (found.value[~found.grid.inside] == 0).all()
    bands = density.band_shapes(found)
    for share, smaller, larger in zip(density.BANDS, bands, bands[1:], strict=False):
        assert larger.buffer(1e-6).covers(smaller)
        held = shapely.contains_xy(smaller, *map(np.ravel, np.meshgrid(*found.grid.middles())))
        assert found.value.ravel()[held].sum() * found.grid.cell_m**2 >= share * n * (1 - 1e-9)


def test_the_bandwidth_rule_does_not_depend_on_place_and_grows_with_size() -> None:
    xy = make_events(300).xy
    assert density.bandwidth_of(xy) == density.bandwidth_of(xy + np.array([600_000, 2_300_000]))
    assert density.bandwidth_of(xy * 1.5) > density.bandwidth_of(xy)


# --- along streets


def test_heat_on_a_long_street_is_the_gaussian() -> None:
    graph = make_streets([(0, 0), (4000, 0)])
    found = street.street_density(np.array([[2000.0, 3.0]]), graph, 150, step_m=10)
    at = (found.mesh.from_m + found.mesh.to_m) / 2
    expected = np.exp(-((at - 2000) ** 2) / (2 * 150**2)) / (150 * np.sqrt(2 * np.pi))
    assert np.abs(found.value - expected).max() < 0.005 * expected.max()


@pytest.mark.parametrize("arms", [3, 4, 5])
def test_heat_at_a_junction_is_the_kernel_of_the_star(arms: int) -> None:
    """On the event's own arm g(x - y) + (2 / n - 1) g(x + y), on every other 2 / n g(x + y)."""
    turn = 2 * np.pi * np.arange(arms) / arms
    graph = make_streets(*[[(0, 0), (2000 * np.cos(t), 2000 * np.sin(t))] for t in turn])
    found = street.street_density(np.array([[90.0, 0.0]]), graph, 120, step_m=10)

    def g(x: np.ndarray) -> np.ndarray:
        return np.exp(-(x**2) / (2 * 120**2)) / (120 * np.sqrt(2 * np.pi))

    along = (found.mesh.from_m + found.mesh.to_m) / 2
    own = graph.source[found.mesh.edge] == 0
    expected = np.where(own, g(along - 90) + (2 / arms - 1) * g(along + 90), 2 / arms * g(along + 90))
    assert np.abs(found.value - expected).max() < 0.006 * expected.max()


@given(st.integers(1, 30), st.floats(40, 300), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_streets_keep_every_unit(n: int, bandwidth: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    across = [[(0, k * 130), (910, k * 130)] for k in range(8)]
    graph = make_streets(*across, *[[(k * 130, 0), (k * 130, 910)] for k in range(8)], [(0, 0), (455, 777)])
    xy = np.vstack([rng.uniform(0, 900, (n, 2)), [[5000, 5000]]])
    found = street.street_density(xy, graph, bandwidth)
    assert found.left_out >= 1
    assert found.event_count + found.left_out == n + 1
    assert (found.value * found.mesh.length_m).sum() == pytest.approx(found.event_count, rel=1e-9)
    lines = street.segment_lines(graph, found.mesh, np.arange(len(found.mesh.tail)))
    assert np.allclose([line.length for line in lines], found.mesh.length_m)


# --- clusters


@given(st.integers(0, 120), st.floats(20, 150), st.integers(2, 8), st.integers(0, 999), st.booleans())
@settings(max_examples=60, deadline=None)
def test_dbscan_finds_what_scikit_learn_finds(n: int, eps: float, least: int, seed: int, rough: bool) -> None:
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 900, (n, 2))
    if rough:
        # Many at one place, many on one line.
        xy = np.round(xy / 90) * 90 + np.array([600_000, 2_300_000])
    mine = clusters.dbscan(xy, eps, least)
    if n == 0:
        return
    theirs = DBSCAN(eps=eps, min_samples=least).fit(xy)
    assert np.array_equal(mine < 0, theirs.labels_ < 0)
    core = theirs.core_sample_indices_
    pairs = {(int(mine[k]), int(theirs.labels_[k])) for k in core}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def test_dbscan_of_points_on_a_line() -> None:
    xy = np.stack([np.arange(12) * 50.0, np.zeros(12)], axis=1)
    assert set(clusters.dbscan(xy, 60, 2).tolist()) == {0}
    assert set(clusters.dbscan(xy, 40, 2).tolist()) == {-1}


def hdbscans(n: int, size: int, least: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels of four clouds: ours and scikit-learn's."""
    rng = np.random.default_rng(seed)
    xy = np.vstack([rng.normal(rng.uniform(0, 2000, 2), 40, (n // 4, 2)) for _ in range(4)])
    theirs = HDBSCAN(min_cluster_size=size, min_samples=least, copy=True).fit(xy).labels_
    return clusters.hdbscan(xy, size, least), theirs


@given(st.integers(20, 160), st.integers(3, 10), st.integers(0, 999))
@settings(max_examples=40, deadline=None)
def test_hdbscan_finds_what_scikit_learn_finds(n: int, size: int, seed: int) -> None:
    mine, theirs = hdbscans(n, size, 1, seed)
    assert np.array_equal(mine < 0, theirs < 0)
    pairs = set(zip(mine.tolist(), theirs.tolist(), strict=True))
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


@pytest.mark.parametrize("seed", range(12))
def test_hdbscan_by_the_core_distance_as_well(seed: int) -> None:
    """Mutual reach has ties by its nature (a core distance is the length of several edges): a tree may take any."""
    mine, theirs = hdbscans(140, 8, 5, seed)
    assert adjusted_rand_score(theirs, mine) > 0.95


# --- hot cells


def hexes(n: int = 300, seed: int = 3) -> cells.Cells:
    return cells.make_cells(TOWN, make_events(n, seed).xy, 150)


def test_cells_tile_the_commune_and_count_everything() -> None:
    found = hexes()
    assert found.count.sum() == 300
    assert shapely.union_all(found.shapes).buffer(0.01).covers(TOWN)
    assert sum(shape.area for shape in found.shapes) == pytest.approx(shapely.union_all(found.shapes).area, rel=1e-9)
    touching = np.array([[a.distance(b) < 0.01 for b in found.shapes] for a in found.shapes]) & ~np.eye(
        len(found), dtype=bool
    )
    assert np.array_equal(found.near.toarray() > 0, touching)


def weights_of(near: csr_array) -> libpysal.weights.W:
    rows = {k: near.indices[near.indptr[k] : near.indptr[k + 1]].tolist() for k in range(near.shape[0])}
    return libpysal.weights.W(rows, silence_warnings=True)


@given(st.integers(40, 400), st.integers(0, 99))
@settings(max_examples=15, deadline=None)
def test_gi_star_is_esdas(n: int, seed: int) -> None:
    found = hexes(n, seed)
    mine = local.gi_star(found.count, found.near)
    star = libpysal.weights.fill_diagonal(weights_of(found.near), 1)
    theirs = esda.G_Local(found.count.astype(float), star, transform="B", permutations=0, star=None)
    for ours, esdas in ((mine.value, theirs.Gs), (mine.z_score, theirs.Zs)):
        assert np.abs(ours - esdas).max() < 1e-9


@given(st.integers(40, 400), st.integers(0, 99))
@settings(max_examples=15, deadline=None)
def test_local_moran_is_esdas(n: int, seed: int) -> None:
    found = hexes(n, seed)
    mine, lag = local.local_moran(found.count, found.near)
    theirs = esda.Moran_Local(found.count.astype(float), weights_of(found.near), permutations=0)
    assert np.abs(mine.value - theirs.Is).max() < 1e-9
    # A cell with just the mean count has no score.
    varies = theirs.VIc > 1e-12
    expected = (theirs.Is - theirs.EIc)[varies] / np.sqrt(theirs.VIc[varies])
    assert np.abs(mine.z_score[varies] - expected).max() < 1e-9
    z = found.count - found.count.mean()
    kind = np.where(z > 0, np.where(lag > 0, 1, 4), np.where(lag > 0, 2, 3))
    clear = (np.abs(z) > 1e-9) & (np.abs(lag) > 1e-9)
    assert np.array_equal(kind[clear], theirs.q[clear])


def test_p_is_what_drawing_tends_to() -> None:
    """As esda draws: the cell keeps its value, 4,000 times others' values are dealt to its neighbours."""
    found = hexes(200, 8)
    exact, y = local.dealt_p(found.count, found.near), found.count
    rng = np.random.default_rng(5)
    for i in range(0, len(y), 7):
        around = found.near.indices[found.near.indptr[i] : found.near.indptr[i + 1]]
        others = np.delete(y, i)
        sums = np.array([rng.choice(others, len(around), replace=False).sum() for _ in range(4_000)])
        observed = y[around].sum()
        drawn = min(1.0, 2 * min((sums >= observed).mean(), (sums <= observed).mean()))
        assert abs(drawn - exact[i]) < 0.08 * np.sqrt(max(exact[i], 0.005))


@given(st.lists(st.integers(0, 4), min_size=5, max_size=7), st.integers(0, 50), st.booleans())
@settings(max_examples=40, deadline=None)
def test_p_counts_every_deal(y: list[int], seed: int, with_itself: bool) -> None:
    n = len(y)
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.random((n, n)) < 0.4, 1)
    near = csr_array((upper | upper.T).astype(float))
    mine = local.dealt_p(np.array(y), near, with_itself=with_itself)
    for i in range(n):
        around = near.indices[near.indptr[i] : near.indptr[i + 1]].tolist()
        if not around:
            assert mine[i] == 1
            continue
        own = [i] if with_itself else []
        observed = sum(y[j] for j in [*around, *own])
        others = [y[j] for j in range(n) if with_itself or j != i]
        sums = np.array([sum(deal) for deal in itertools.combinations(others, len(around) + len(own))])
        expected = min(1.0, 2 * min((sums >= observed).mean(), (sums <= observed).mean()))
        assert mine[i] == pytest.approx(expected, abs=1e-12)


def test_chance_alone_gives_few_hot_cells() -> None:
    rng = np.random.default_rng(11)
    square = shapely.box(0, 0, 900, 900)
    hot = [
        bool(local.gi_star(one.count, one.near).found.any())
        for one in (cells.make_cells(square, rng.uniform(0, 900, (250, 2)), 90) for _ in range(40))
    ]
    assert sum(hot) <= 8


def test_false_discovery_rate_by_hand() -> None:
    assert local.stands(np.array([0.01, 0.02, 0.03, 0.5]), 0.05).tolist() == [True, True, True, False]
    assert not local.stands(np.array([0.02, 0.9]), 0.01).any()


# --- near repeats, hours, trend


def test_knox_counts_what_a_double_loop_counts() -> None:
    events = make_events(90, 4)
    table = near_repeat.knox(events.xy, events.day, 7, permutations=19)
    expected = np.zeros_like(table.observed)
    for i, j in itertools.combinations(range(90), 2):
        away, apart = np.hypot(*(events.xy[i] - events.xy[j])), abs(int(events.day[i] - events.day[j]))
        row = next((k for k, far in enumerate(near_repeat.DISTANCES_M) if away <= far), None)
        column = next((k for k, days in enumerate(near_repeat.DAYS) if apart <= days), None)
        if row is not None and column is not None:
            expected[row, column] += 1
    assert np.array_equal(table.observed, expected)
    assert np.array_equal(table.expected, near_repeat.knox(events.xy, events.day, 7, permutations=19).expected)


def test_knox_finds_repeats_and_links_them_in_time() -> None:
    rng = np.random.default_rng(2)
    first = rng.uniform(0, 3000, (150, 2))
    day = rng.integers(0, 700, 150)
    xy, days = np.vstack([first, first[:60] + rng.normal(0, 12, (60, 2))]), np.concatenate([day, day[:60] + 2])
    table = near_repeat.knox(xy, days, 1, permutations=499)
    assert table.found[0, 0]
    assert table.ratio[0, 0] > 5
    assert table.links.shape[0] == table.observed[0, 0]
    assert (days[table.links[:, 0]] <= days[table.links[:, 1]]).all()
    shuffled = near_repeat.knox(xy, rng.permutation(days), 1, permutations=499)
    assert not shuffled.found[0, 0]


def test_a_trend_needs_enough_and_an_interval_without_one() -> None:
    assert hours.trend(9, 10, 365, 365).verdict == "too_few"
    assert hours.trend(9, 10, 365, 365).ratio is None
    assert hours.trend(30, 33, 365, 365).verdict == "same"
    assert hours.trend(30, 70, 365, 365).verdict == "more"
    assert hours.trend(70, 30, 365, 365).verdict == "fewer"
    assert hours.trend(40, 20, 360, 180).verdict == "same"
    none_before = hours.trend(0, 25, 90, 90)
    assert (none_before.verdict, none_before.ratio) == ("more", np.inf)


@given(st.integers(0, 200), st.integers(0, 200), st.integers(1, 800), st.integers(1, 800))
@settings(max_examples=60, deadline=None)
def test_the_interval_holds_the_ratio_and_turns_with_the_periods(a: int, b: int, s: int, t: int) -> None:
    found, turned = hours.trend(a, b, s, t), hours.trend(b, a, t, s)
    if found.ratio is None or found.low is None or found.high is None:
        assert a + b < 20
        return
    assert found.low <= found.ratio <= found.high
    swap = {"more": "fewer", "fewer": "more", "same": "same"}
    assert turned.verdict == swap[found.verdict]
