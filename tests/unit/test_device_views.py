"""Ranges by pixel density, what is assumed of a camera or lamp, and what it then sees or lights."""

import math

import numpy as np
import pytest
import shapely

from gis_app.analysis.device_views import (
    FARTHEST_M,
    CameraFields,
    aim,
    assumed_of,
    assumed_of_lamp,
    lit_polygons,
    lit_radius_m,
    ranges_of,
    view_of_camera,
    views_of_cameras,
)
from gis_app.analysis.dori import LEVELS, range_of
from gis_app.analysis.visibility import make_obstacles
from gis_app.errors import Unprocessable

NOTHING = make_obstacles([])
STREET = shapely.LineString([(0, 0), (100, 0), (100, 80)])
KNOWN = CameraFields("fixed", azimuth_deg=90, fov_deg=90, pixel_width=1920)


@pytest.mark.parametrize(
    ("pixels", "wanted"),
    [(1920, (38.4, 15.4, 7.7, 3.8)), (2560, (51.2, 20.5, 10.2, 5.1)), (3840, (76.8, 30.7, 15.4, 7.7))],
)
def test_ranges_at_90_degrees(pixels: int, wanted: tuple[float, ...]) -> None:
    assert [range_of(pixels, 90, level) for level in LEVELS.values()] == pytest.approx(wanted, abs=0.05)


def test_wide_pictures_are_equiangular() -> None:
    assert range_of(1920, 360, 25) == pytest.approx(1920 / 25 / (2 * math.pi))
    assert range_of(1920, 180, 25) == pytest.approx(1920 / 25 / math.pi)
    assert range_of(1920, 400, 25) == range_of(1920, 360, 25)
    assert range_of(1920, 90, 25, is_panoramic=True) == pytest.approx(1920 / 25 / (math.pi / 2))


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ((0, 90, 25), "view_range"),
        ((1920, 0, 25), "view_fov"),
        ((1920, 90, 0), "view_range"),
        ((1920, math.nan, 25), "view_not_finite"),
    ],
)
def test_no_range_of_nonsense(asked: tuple[float, float, float], code: str) -> None:
    with pytest.raises(Unprocessable) as found:
        range_of(*asked)
    assert found.value.code == code


@pytest.mark.parametrize(
    ("camera", "assumed"),
    [
        (KNOWN, ()),
        (CameraFields("fixed"), ("direction", "fov", "range")),
        (CameraFields("fixed", range_m=40), ("direction", "fov")),
        (CameraFields("fixed", azimuth_deg=0.0, fov_deg=80, range_m=40), ()),
        (CameraFields("ptz", fov_deg=60, range_m=50), ("ptz",)),
        (CameraFields("ptz"), ("ptz", "fov", "range")),
        (CameraFields("panoramic", range_m=25), ()),
        (CameraFields("panoramic", fov_deg=180, range_m=25), ("direction",)),
    ],
)
def test_what_is_assumed(camera: CameraFields, assumed: tuple[str, ...]) -> None:
    assert assumed_of(camera) == assumed


def test_a_stored_range_caps_every_level_and_scales_without_pixels() -> None:
    assert list(ranges_of(KNOWN).values()) == pytest.approx([38.4, 15.36, 7.68, 3.84])
    capped = CameraFields("fixed", azimuth_deg=0, fov_deg=90, range_m=10, pixel_width=1920)
    assert list(ranges_of(capped).values()) == pytest.approx([10, 10, 7.68, 3.84])
    assert list(ranges_of(CameraFields("fixed", range_m=50)).values()) == pytest.approx([50, 20, 10, 5])
    assert ranges_of(CameraFields("fixed"))["detect"] == pytest.approx(38.4)
    assert ranges_of(KNOWN, {"detect": 20, "identify": 200}) == pytest.approx({"detect": 48, "identify": 4.8})
    assert ranges_of(CameraFields("ptz", fov_deg=1, pixel_width=3840))["detect"] == FARTHEST_M


def test_unknown_directions_look_at_the_nearest_street() -> None:
    bearings = aim([50, 50, 50, 99.5, 50], [20, -20, 0.5, 40, 61], [shapely.LineString([(0, -300), (9, -300)]), STREET])
    assert bearings[:4] == pytest.approx([180, 0, 90, 0])
    assert bearings[4] == pytest.approx(90)  # the other arm, 50 m east
    assert np.isnan(aim([50], [200], [STREET])).all()
    assert np.isnan(aim([50], [200], [])).all()
    assert aim([-3], [0], [STREET]) == pytest.approx([90])


def test_a_camera_with_nothing_to_look_at_has_no_view() -> None:
    found = view_of_camera((50, 300), CameraFields("fixed", fov_deg=80), [STREET], NOTHING)
    assert found.problem == "no_direction"
    assert found.views == {}
    shut = view_of_camera((50, 300), KNOWN, [], make_obstacles([shapely.box(0, 250, 100, 350)]))
    assert shut.problem == "inside"
    assert shut.views == {}


def test_views_by_level() -> None:
    found = view_of_camera((0, 0), KNOWN, [], make_obstacles([shapely.box(20, -50, 30, 50)]))
    assert found.problem is None
    assert found.views["observe"].area_m2 == pytest.approx(math.pi * 15.36**2 / 4)
    assert found.views["detect"].area_m2 == pytest.approx(20 * 20)
    assert list(found.views) == list(LEVELS)


def test_many_cameras_at_once() -> None:
    lost, ptz = CameraFields("fixed"), CameraFields("ptz", fov_deg=60, pixel_width=1920)
    places = np.array([[50, 30.0], [50, 30], [50, 900], [50, 30]])
    found = views_of_cameras(places[:, 0], places[:, 1], [lost, ptz, lost, KNOWN], [STREET], NOTHING)
    assert [one.problem for one in found] == [None, None, "no_direction", None]
    assert found[0].azimuth_deg == pytest.approx(180)
    assert found[1].views["detect"].area_m2 == pytest.approx(math.pi * found[1].ranges_m["detect"] ** 2)
    alone = view_of_camera((50, 30), KNOWN, [STREET], NOTHING)
    assert found[3].views["identify"].polygon.equals(alone.views["identify"].polygon)
    assert views_of_cameras(np.empty(0), np.empty(0), [], [STREET], NOTHING) == []


@pytest.mark.parametrize(
    ("radius", "height", "lamp", "wanted"),
    [
        (12.5, 8.0, "led", 12.5),
        (None, 8.0, "led", 16.0),
        (None, 8.0, "sodium", 14.4),
        (None, 8.0, None, 12.8),
        (None, None, "led", 15.0),
        (None, 0.0, "led", 15.0),
    ],
)
def test_lit_radius(radius: float | None, height: float | None, lamp: str | None, wanted: float) -> None:
    assert lit_radius_m(radius, height, lamp) == pytest.approx(wanted)
    assert assumed_of_lamp(radius) == (() if radius else ("radius",))


def test_lit_ground_has_the_circles_area() -> None:
    radius = np.array([5.0, 15, 30])
    found = lit_polygons(580_000 + radius, 2_300_000 - radius, radius)
    assert (shapely.get_num_coordinates(found) == 65).all()
    assert shapely.area(found) == pytest.approx(math.pi * radius**2, rel=1e-9)
    assert shapely.get_coordinates(shapely.centroid(found)[1]) == pytest.approx(np.array([[580_015, 2_299_985]]))


def test_buildings_may_stand_in_the_light() -> None:
    house = make_obstacles([shapely.box(5, -50, 9, 50)])
    open_ground, behind = lit_polygons([0, -40], [0, 0], [15, 15], house)
    assert open_ground.area < 0.8 * behind.area
    assert behind.area == pytest.approx(math.pi * 225, rel=2e-5)
    with pytest.raises(Unprocessable):
        lit_polygons([0], [0], [math.nan])
