"""Shared borders: what was shared stays shared to the bit, whatever corner moves; a cut tiles what it cuts."""

import random

import pytest
import shapely
from shapely.geometry import box

from gis_app.analysis.borders import BorderError, Move, area_m2, cut, move_corners

X, Y, D = 106.65, 20.82, 0.002


def multi(*polygons: shapely.Polygon) -> shapely.MultiPolygon:
    return shapely.MultiPolygon(polygons)


def grid(size: int, seed: int) -> dict[int, shapely.MultiPolygon]:
    """Jittered cells that share corners; every second cell lacks a corner that its neighbour has on their border."""
    rng = random.Random(seed)
    spot = {
        (i, j): (X + i * D + rng.uniform(-0.2, 0.2) * D, Y + j * D + rng.uniform(-0.2, 0.2) * D)
        for i in range(size + 1)
        for j in range(size + 1)
    }
    cells = {}
    for i in range(size):
        for j in range(size):
            ring = [spot[i, j], spot[i + 1, j], spot[i + 1, j + 1], spot[i, j + 1]]
            if (i + j) % 2:
                ring.insert(1, tuple((a + b) / 2 for a, b in zip(spot[i, j], spot[i + 1, j], strict=True)))
            cells[i * size + j] = multi(shapely.Polygon(ring))
    return cells


def overlaps_m2(areas: dict[int, shapely.MultiPolygon]) -> float:
    keys = sorted(areas)
    return sum(area_m2(areas[a].intersection(areas[b])) for a in keys for b in keys if a < b)


def loss_m2(areas: dict[int, shapely.MultiPolygon], whole: shapely.Geometry) -> float:
    return area_m2(shapely.unary_union(list(areas.values())).symmetric_difference(whole))


@pytest.mark.parametrize("seed", range(12))
def test_no_overlap_and_no_gap_comes_of_moves_inside(seed: int) -> None:
    areas = grid(4, seed)
    whole = shapely.unary_union(list(areas.values()))
    rng = random.Random(seed)
    for _ in range(15):
        area = areas[rng.choice([5, 6, 9, 10])]
        ring = shapely.get_coordinates(area.geoms[0].exterior)[:-1].tolist()
        at = rng.randrange(len(ring))
        start = tuple(ring[at])
        if rng.random() < 0.4:
            start = tuple((a + b) / 2 for a, b in zip(ring[at - 1], ring[at], strict=True))
        if whole.boundary.distance(shapely.Point(start)) < 1e-6:
            continue
        end = (round(start[0] + rng.uniform(-0.15, 0.15) * D, 7), round(start[1] + rng.uniform(-0.15, 0.15) * D, 7))
        try:
            areas |= move_corners(areas, [Move(start, end)])
        except BorderError:
            continue
        assert overlaps_m2(areas) < 0.01
        assert loss_m2(areas, whole) < 0.01
        assert sum(start in shapely.get_coordinates(a).tolist() for a in areas.values()) == 0


def test_rounded_corners_are_found_and_all_get_the_same_place() -> None:
    areas = {1: multi(box(0, 0, 1, 1)), 2: multi(box(1.00000003, 0, 2, 1))}
    changed = move_corners(areas, [Move((1.0, 1.0), (1.2, 1.1))])
    assert sorted(changed) == [1, 2]
    assert all((1.2, 1.1) in [tuple(c) for c in shapely.get_coordinates(a).tolist()] for a in changed.values())


def test_a_corner_on_one_side_only_takes_the_other_side_along() -> None:
    left = shapely.Polygon([(0, 0), (1, 0), (1, 0.4), (1, 1), (0, 1)])
    areas = {1: multi(left), 2: multi(box(1, 0, 2, 1))}
    whole = shapely.unary_union(list(areas.values()))
    areas |= move_corners(areas, [Move((1.0, 0.4), (1.3, 0.5))])
    assert areas[2].area == pytest.approx(1 - 0.3 / 2)
    assert shapely.unary_union(list(areas.values())).symmetric_difference(whole).area < 1e-12


def test_a_third_group_that_meets_the_edge_follows() -> None:
    top = multi(box(0, 1, 2, 2))
    areas = {1: multi(box(0, 0, 1, 1)), 2: multi(box(1, 0, 2, 1)), 3: top}
    whole = shapely.unary_union(list(areas.values()))
    areas |= move_corners(areas, [Move((1.0, 1.0), (1.1, 1.2))])
    assert (1.1, 1.2) in [tuple(c) for c in shapely.get_coordinates(areas[3]).tolist()]
    assert shapely.unary_union(list(areas.values())).symmetric_difference(whole).area < 1e-12


def test_taking_out_a_corner_and_where_three_meet() -> None:
    left = shapely.Polygon([(0, 0), (1, 0), (1.2, 0.5), (1, 1), (0, 1)])
    right = shapely.Polygon([(1, 0), (2, 0), (2, 1), (1, 1), (1.2, 0.5)])
    areas = {1: multi(left), 2: multi(right), 3: multi(box(0, 1, 2, 2))}
    changed = move_corners(areas, [Move((1.2, 0.5), None)])
    assert changed[1].area == pytest.approx(1)
    assert changed[2].area == pytest.approx(1)
    with pytest.raises(BorderError, match="junction"):
        move_corners(areas, [Move((1.0, 1.0), None)])
    with pytest.raises(BorderError, match="no_corner"):
        move_corners(areas, [Move((0.5, 0.5), (0.6, 0.6))])


def test_an_edit_over_a_neighbour_is_refused_and_one_that_mends_is_taken() -> None:
    areas = {1: multi(box(0, 0, 1, 1)), 2: multi(box(1.1, 0, 2, 1))}
    with pytest.raises(BorderError, match="overlap"):
        move_corners(areas, [Move((1.0, 1.0), (1.5, 0.9))])
    areas |= move_corners(areas, [Move((1.0, 1.0), (1.1, 1.0)), Move((1.0, 0.0), (1.1, 0.0))])
    assert areas[1].intersection(areas[2]).length == pytest.approx(1)
    assert areas[1].intersection(areas[2]).area == 0


def test_a_cut_gives_pieces_from_west_to_east_that_tile() -> None:
    area = shapely.MultiPolygon([box(X, Y, X + 3 * D, Y + D), box(X, Y + 2 * D, X + D / 2, Y + 3 * D)])
    line = shapely.LineString([(X + D, Y - D), (X + 1.2 * D, Y + 1.5 * D), (X + 2.5 * D, Y - D)])
    pieces = cut(area, line)
    assert [round(piece.centroid.x, 4) for piece in pieces] == sorted(round(p.centroid.x, 4) for p in pieces)
    assert len(pieces) == 3
    assert shapely.unary_union(pieces).symmetric_difference(area).area < 1e-15
    assert len(pieces[0].geoms) == 2, "the island goes with the nearest piece"
    with pytest.raises(BorderError, match="not_cut"):
        cut(area, shapely.LineString([(X + D, Y - D), (X + D, Y + D / 2)]))
    with pytest.raises(BorderError, match="sliver"):
        cut(area, shapely.LineString([(X + 2e-7, Y - D), (X + 2e-7, Y + 1.5 * D)]))
