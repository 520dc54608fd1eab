"""Views in places where geometry goes wrong: on walls, in buildings, in courtyards, between walls that touch."""

import math

import numpy as np
import pytest
import shapely

from gis_app.analysis import sweep as sweep_file
from gis_app.analysis.visibility import cut_view, full_view, full_views, make_obstacles, sees, view_polygons, views
from gis_app.errors import Unprocessable

NOTHING = make_obstacles([])
HOUSE = shapely.box(0, 0, 20, 20)
COURT = HOUSE.difference(shapely.box(5, 5, 15, 15))


def area(x: float, y: float, reach: float, buildings: list[object], walls: list[object] = ()) -> float:  # type: ignore[assignment]
    view = cut_view(full_view(x, y, reach, make_obstacles(buildings, walls)), 0, 360, reach)
    assert view.polygon.is_valid
    assert view.polygon.area == pytest.approx(view.area_m2, rel=2e-5, abs=1e-9)
    return view.area_m2


@pytest.mark.parametrize("reach", [1e-3, 1.0, 38.4, 1e6])
def test_open_ground_is_a_sector(reach: float) -> None:
    isovist = full_view(580_000, 2_300_000, reach, NOTHING)
    for field in (0.2, 90, 180, 359.9, 360, 400, 1e9):
        view = cut_view(isovist, 350, field, reach)
        assert view.area_m2 == pytest.approx(math.pi * reach**2 * min(field, 360) / 360)
        assert view.polygon.is_valid
    corners = shapely.get_coordinates(cut_view(isovist, 90, 90, reach).polygon) - [580_000, 2_300_000]
    assert corners[:, 0].min() == pytest.approx(0, abs=1e-9)
    assert corners[:, 0].max() == pytest.approx(reach, abs=1e-9 + reach * 1e-5)


def test_a_long_wall_halves_the_view_and_ends_where_the_circle_crosses_it() -> None:
    wall = shapely.LineString([(-100, 3), (100, 3)])
    segment = 25 * math.acos(3 / 5) - 3 * 4
    assert area(0, 0, 5, [], [wall]) == pytest.approx(25 * math.pi - segment, rel=1e-12)
    assert area(0, 0, 2.9, [], [wall]) == pytest.approx(2.9**2 * math.pi, rel=1e-12)


def test_a_courtyard_is_all_that_is_seen_from_it() -> None:
    assert area(10, 10, 30, [COURT]) == pytest.approx(100)
    assert area(6, 14, 30, [COURT, shapely.box(9, 9, 10, 10)]) < 99
    both = shapely.MultiPolygon([COURT, shapely.box(30, 0, 40, 10)])
    assert area(10, 10, 300, [both]) == pytest.approx(100)


def test_overlapping_and_touching_buildings_are_one() -> None:
    parts = [shapely.box(x, 0, x + 6, 10) for x in range(0, 20, 5)] + [shapely.box(21, 0, 30, 10)]
    assert area(15, -8, 60, parts) == pytest.approx(area(15, -8, 60, [shapely.box(0, 0, 30, 10)]), rel=1e-9)
    assert area(15, -8, 60, [*parts, shapely.box(1, 1, 2, 2), None, shapely.Polygon()]) == pytest.approx(
        area(15, -8, 60, parts), rel=1e-9
    )


def test_invalid_and_solid_buildings_are_taken_as_they_look() -> None:
    bow = shapely.Polygon([(0, 10), (10, 20), (10, 10), (0, 20)])
    halves = [shapely.Polygon([(0, 10), (5, 15), (0, 20)]), shapely.Polygon([(10, 10), (5, 15), (10, 20)])]
    assert area(5, 0, 40, [bow]) == pytest.approx(area(5, 0, 40, halves), rel=1e-9)
    tall = shapely.force_3d(HOUSE, 12.0)
    assert area(-5, 10, 40, [tall]) == pytest.approx(area(-5, 10, 40, [HOUSE]))


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ((0, 10), (-0.2, 10)),
        ((-0.005, 10), (-0.2, 10)),
        ((2.4, 9), (-0.2, 9)),
        ((2.6, 10), (5.2, 10)),
        ((0, 0), (-math.sqrt(0.02), -math.sqrt(0.02))),
        ((5, 5), (5 + math.sqrt(0.02), 5 + math.sqrt(0.02))),
        ((-0.5, 10), (-0.5, 10)),
    ],
)
def test_cameras_hang_off_their_wall(place: tuple[float, float], wanted: tuple[float, float]) -> None:
    isovist = full_view(*place, 30, make_obstacles([COURT]))
    assert (isovist.x, isovist.y) == pytest.approx(wanted, abs=1e-6)
    assert not isovist.inside
    assert cut_view(isovist, 0, 360, 30).area_m2 > 99


def test_deep_in_a_building_nothing_is_seen() -> None:
    obstacles = make_obstacles([shapely.box(0, 0, 50, 50), shapely.box(60, 0, 70, 10)])
    assert not full_view(3, 25, 40, obstacles).inside
    isovist = full_view(25, 25, 40, obstacles)
    view = cut_view(isovist, 0, 90, 40)
    assert isovist.inside
    assert view.polygon.is_empty
    assert view.area_m2 == 0
    assert not sees(isovist, np.array([[25.0, 26.0], [25, 25]]))[2].any()
    found = views([25, 55, 3.5], [25, 5, 25], 90, [90, 360, 90], 8, obstacles)
    assert found.inside.tolist() == [True, False, True]
    assert shapely.is_empty(found.polygons).tolist() == [True, False, True]


def test_where_there_is_no_room_off_the_wall_nothing_is_seen() -> None:
    slit = shapely.box(0, 0, 40, 40).difference(shapely.box(10, 19.999, 30, 20.001))
    assert full_view(20, 20, 10, make_obstacles([slit])).inside


def test_walls_hide_from_both_sides_and_end_at_buildings() -> None:
    wall = shapely.LineString([(-50, 0), (50, 0)])
    assert area(0, 5, 20, [], [wall]) == pytest.approx(area(0, -5, 20, [], [wall]))
    assert area(0, 5, 20, [], [wall]) < 900
    crossing = [wall, shapely.LineString([(0, -50), (0, 50)])]
    corner = shapely.LineString([(-50, 0), (0, 0), (0, 50)])
    assert area(-6, 7, 20, [], crossing) == pytest.approx(area(-6, 7, 20, [], [corner]), rel=1e-9)
    through = shapely.LineString([(-30, 10), (10, 10)])
    outside = shapely.LineString([(-30, 10), (0, 10)])
    assert len(make_obstacles([HOUSE], [through]).starts) == 5
    assert area(-8, 4, 25, [HOUSE], [through]) == pytest.approx(area(-8, 4, 25, [HOUSE], [outside]))
    within = make_obstacles([HOUSE], [shapely.LineString([(2, 2), (9, 9)]), shapely.Point(1, 1)])
    assert not within.is_wall.any()


def test_who_stands_on_a_free_wall_sees_over_it() -> None:
    wall = shapely.LineString([(-50, 0), (50, 0)])
    assert area(3, 0, 20, [], [wall]) == pytest.approx(400 * math.pi)
    assert area(3, 0, 20, [], [shapely.LineString([(3, 0), (3, 30)])]) == pytest.approx(400 * math.pi)


def test_walls_in_line_with_the_camera_and_without_length_hide_nothing() -> None:
    ahead = shapely.LineString([(0, 5), (0, 9)])
    assert area(0, 0, 20, [], [ahead, shapely.LineString([(1, 1), (1, 1)])]) == pytest.approx(400 * math.pi)
    doubled = shapely.Polygon([(-5, 5), (5, 5), (5, 5), (5, 9), (-5, 9)])
    assert area(0, 0, 20, [doubled]) == pytest.approx(area(0, 0, 20, [shapely.box(-5, 5, 5, 9)]))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"x": math.nan}, "view_not_finite"),
        ({"azimuth_deg": math.nan}, "view_not_finite"),
        ({"fov_deg": math.inf}, "view_not_finite"),
        ({"range_m": math.inf}, "view_not_finite"),
        ({"fov_deg": 0}, "view_fov"),
        ({"fov_deg": -90}, "view_fov"),
        ({"range_m": 0}, "view_range"),
        ({"range_m": -1}, "view_range"),
    ],
)
def test_what_is_no_view_is_refused(change: dict[str, float], code: str) -> None:
    asked = {"x": 0.0, "y": 0.0, "azimuth_deg": 0.0, "fov_deg": 90.0, "range_m": 30.0} | change
    with pytest.raises(Unprocessable) as found:
        view_polygons(*([value] for value in asked.values()), NOTHING)
    assert found.value.code == code


def test_other_refusals() -> None:
    for radius in (0, -3, math.nan):
        with pytest.raises(Unprocessable):
            full_view(0, 0, radius, NOTHING)
    isovist = full_view(0, 0, 10, NOTHING)
    with pytest.raises(ValueError, match="swept to 10 m"):
        cut_view(isovist, 0, 90, 11)
    with pytest.raises(Unprocessable, match="view_fov"):
        cut_view(isovist, 0, 0, 5)
    with pytest.raises(Unprocessable, match="view_not_finite"):
        make_obstacles([], [shapely.LineString([(0, 0), (math.inf, 1)])])


def test_nothing_asked_is_nothing_answered() -> None:
    assert len(view_polygons([], [], [], [], [], make_obstacles([HOUSE]))) == 0
    assert full_views([], [], [], NOTHING) == []
    assert [len(part) for part in sees(full_view(0, 0, 5, NOTHING), np.empty((0, 2)))] == [0, 0, 0]


def test_targets_on_a_wall_are_seen_and_those_behind_are_not() -> None:
    isovist = full_view(-10, 10, 40, make_obstacles([HOUSE]))
    bearing, distance, visible = sees(isovist, np.array([[0.0, 10], [1, 10], [-10, 50], [-10, 51], [-10, 10]]))
    assert visible.tolist() == [True, False, True, False, True]
    assert bearing[:4] == pytest.approx([90, 90, 0, 0])
    assert distance == pytest.approx([10, 11, 40, 41, 0])


def test_a_crowd_of_poles_is_swept_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    obstacles = make_obstacles([shapely.box(x, y, x + 4, y + 3) for x, y in rng.uniform(0, 100, (80, 2))])
    xs, ys = rng.uniform(0, 100, (2, 40))
    whole = views(xs, ys, 45, 120, 50, obstacles)
    monkeypatch.setattr(sweep_file, "_MOST_PAIRS", 100)
    parts = views(xs, ys, 45, 120, 50, obstacles)
    assert (whole.areas_m2 == parts.areas_m2).all()
