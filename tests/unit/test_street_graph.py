"""The street graph: junctions, one-way, modes, stops on the street, ways, avoid areas, parts that hang together."""

import numpy as np
import pytest
import shapely

from gis_app.analysis.street_graph import StreetGraph, Streets, make_graph, without
from gis_app.analysis.street_ways import route_geometry, snap, travel_matrix, way_through


def streets(lines: list[shapely.LineString], *, noded: bool = True, **values: list[str]) -> Streets:
    found = np.empty(len(lines), dtype=object)
    found[:] = lines
    count = len(lines)
    return Streets(found, values.get("classes", ["residential"] * count), values.get("oneway", ["no"] * count),
                   np.ones(count, dtype=bool), np.full(count, noded))  # fmt: skip


def line(*spots: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(spots)


def grid(side: int = 5, *, noded: bool = False) -> StreetGraph:
    end = (side - 1) * 100
    lines = [line((0, k * 100), (end, k * 100)) for k in range(side)] + [
        line((k * 100, 0), (k * 100, end)) for k in range(side)
    ]
    return make_graph(streets(lines, noded=noded))


def test_lines_that_cross_without_a_node_are_cut() -> None:
    graph = grid()
    assert (len(graph.node_xy), graph.edge_count) == (25, 40)
    assert graph.length_m.sum() == pytest.approx(4000)
    assert set(graph.source.tolist()) == set(range(10))


def test_bridges_stay_where_the_file_says_that_pieces_end_at_junctions() -> None:
    graph = grid(noded=True)
    assert graph.edge_count == 10
    assert graph.disconnected_m("walk") > 0


def test_one_way_counts_for_wheels_alone() -> None:
    ring = [line((0, 0), (100, 0)), line((100, 0), (100, 100)), line((100, 100), (0, 100)), line((0, 100), (0, 0))]
    graph = make_graph(streets(ring, oneway=["forward"] * 4))
    places = np.array([[0.0, 0.0], [0.0, 100.0]])
    assert travel_matrix(graph, snap(graph, places, "walk")).metres[0, 1] == pytest.approx(100)
    wheels = travel_matrix(graph, snap(graph, places, "motorbike")).metres
    assert (wheels[0, 1], wheels[1, 0]) == (pytest.approx(300), pytest.approx(100))


def test_no_car_in_an_alley() -> None:
    graph = make_graph(streets([line((0, 0), (100, 0)), line((100, 0), (200, 0))], classes=["residential", "alley"]))
    stop = snap(graph, np.array([[190.0, 5.0]]), "car")
    assert stop.xy[0].tolist() == [100, 0]
    assert stop.away_m[0] == pytest.approx(np.hypot(90, 5))
    assert snap(graph, np.array([[190.0, 5.0]]), "motorbike").away_m[0] == pytest.approx(5)


def test_stops_lie_between_junctions_and_share_an_edge() -> None:
    graph = grid()
    places = np.array([[130.0, 2.0], [160.0, -1.0], [160.0, 0.0], [200.0, 0.0], [200.0005, 0.0]])
    matrix = travel_matrix(graph, snap(graph, places, "walk"))
    assert matrix.metres[0].tolist() == pytest.approx([0, 30, 30, 70, 70], abs=1e-3)
    assert matrix.seconds[0, 1] == pytest.approx(30 / 4.5 * 3.6)
    assert route_geometry(matrix, 0, 3).length == pytest.approx(70)


@pytest.mark.parametrize("seed", range(5))
def test_a_way_is_as_long_as_the_matrix_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = grid(7)
    matrix = travel_matrix(graph, snap(graph, rng.uniform(-20, 620, (12, 2)), "motorbike"))
    for first in range(12):
        for second in range(12):
            way = way_through(matrix, [first, second])
            assert way.metres == pytest.approx(matrix.metres[first, second])
            assert way.line.length == pytest.approx(way.metres, abs=1e-6)
    tour = way_through(matrix, list(range(12)))
    assert tour.metres == pytest.approx(sum(matrix.metres[k, k + 1] for k in range(11)))


def test_the_triangle_holds_and_asymmetry_is_kept() -> None:
    rng = np.random.default_rng(3)
    lines = [
        line((x, y), (x + dx, y + dy))
        for x in range(0, 600, 100)
        for y in range(0, 600, 100)
        for dx, dy in ((100, 0), (0, 100))
    ]
    graph = make_graph(streets(lines, oneway=rng.choice(["no", "forward"], len(lines), p=[0.7, 0.3]).tolist()))
    seconds = travel_matrix(graph, snap(graph, rng.uniform(0, 600, (15, 2)), "car")).seconds
    assert not np.allclose(seconds, seconds.T)
    through = (seconds[:, :, None] + seconds[None, :, :]).min(axis=1)
    assert (seconds <= through + 1e-9).all()


def test_nobody_goes_through_an_area_to_avoid_and_one_way_streets_keep_their_direction() -> None:
    area = shapely.box(150, 50, 250, 350)
    graph = without(grid(), [area])
    matrix = travel_matrix(graph, snap(graph, np.array([[100.0, 200.0], [300.0, 200.0]]), "walk"))
    way = way_through(matrix, [0, 1])
    assert way.metres == pytest.approx(600)
    assert not way.line.intersects(area.buffer(-0.01))
    long = make_graph(streets([line((0, 0), (100, 0), (100, 50), (0, 50), (0, 0.5))], oneway=["backward"]))
    cut = without(long, [shapely.box(40, -10, 60, 10)])
    assert [piece.coords[0] for piece in cut.lines] == [(0, 0), (60, 0)]
    assert cut.source.tolist() == [0, 0]


def test_dear_streets_are_gone_round_and_times_stay_true() -> None:
    graph = grid()
    stops = snap(graph, np.array([[0.0, 200.0], [400.0, 200.0]]), "walk")
    dearer = np.ones(10)
    dearer[2] = 5
    matrix = travel_matrix(graph, stops, dearer=dearer)
    assert matrix.metres[0, 1] == pytest.approx(600)
    assert matrix.seconds[0, 1] == pytest.approx(600 / 4.5 * 3.6)


def test_what_hangs_together_with_nothing_is_told_and_not_used() -> None:
    graph = make_graph(streets([line((0, 0), (100, 0)), line((100, 0), (200, 0)), line((0, 500), (50, 500))]))
    assert graph.disconnected_m("walk") == pytest.approx(50)
    stop = snap(graph, np.array([[20.0, 480.0]]), "walk")
    assert stop.reachable.all()
    assert stop.away_m[0] == pytest.approx(480)


def test_nothing_is_no_fault() -> None:
    graph = make_graph(streets([]))
    stops = snap(graph, np.array([[0.0, 0.0]]), "walk")
    assert not stops.reachable.any()
    assert travel_matrix(graph, stops).seconds.tolist() == [[0]]
