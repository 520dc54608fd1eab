"""Figures square by square: equal to overlays of the whole, however devices, ranks and shapes lie."""

from collections import defaultdict
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_app.analysis.coverage import (
    CELL_M,
    LEVEL_NAMES,
    NEAR_M,
    RANKS,
    TIMES,
    WIDTH,
    Devices,
    Unit,
    box_of,
    cells_touching,
    index_of,
    lit_index,
    measure,
)
from gis_app.analysis.coverage_gaps import WEIGHTS, Darkness, count_near, gap_of, largest_bounds, merge_gaps, rank_gaps
from gis_app.analysis.device_views import lit_polygons
from gis_app.analysis.dori import LEVELS as DORI
from gis_app.analysis.siting_settings import CLASSES, COVERED_AS, DEFAULT_WEIGHTS, STREETS, default_weights
from gis_app.tables.coverage import COLUMN_COUNT, LEVELS, PLACE_KINDS

SIDE = 700.0


def sector(x: float, y: float, azimuth: float, fov: float, reach: float) -> Any:
    bearing = np.radians(np.linspace(azimuth - fov / 2, azimuth + fov / 2, 40))
    rim = zip(x + reach * np.sin(bearing), y + reach * np.cos(bearing), strict=True)
    return shapely.Polygon([(x, y), *rim])


def some_devices(seed: int, cameras: int = 25, lamps: int = 40) -> Devices:
    rng = np.random.default_rng(seed)
    views = np.empty((cameras, 4), dtype=object)
    for n in range(cameras):
        x, y, azimuth = *rng.uniform(0, SIDE, 2), rng.uniform(0, 360)
        for column, reach in enumerate((60.0, 25.0, 12.0, 6.0)):
            views[n, column] = sector(x, y, azimuth, 90.0, reach)
    light = lit_polygons(*rng.uniform(0, SIDE, (2, lamps)), rng.uniform(8, 40, lamps))
    return Devices(views, rng.integers(1, 4, cameras), rng.random(cameras) < 0.3, light, rng.integers(1, 4, lamps))


def some_units(seed: int) -> list[Unit]:
    rng = np.random.default_rng(seed + 1000)
    half = rng.uniform(200, 500)
    hole = shapely.box(300, 300, 340, 380)
    units = [
        Unit("commune", "", shapely.box(0, 0, SIDE, SIDE).difference(hole)),
        Unit("group", "1", shapely.box(0, 0, half, SIDE).difference(hole)),
        Unit("group", "2", shapely.box(half, 0, SIDE, SIDE).difference(hole)),
    ]
    units += [Unit("street", name, shapely.LineString(rng.uniform(0, SIDE, (3, 2)))) for name in ("a", "a", "b", "")]
    # Along the border of both groups.
    units.append(Unit("street", "border", shapely.LineString([(half, 50), (half, 450)])))
    units += [Unit("venue", str(n), shapely.Point(*rng.uniform(0, SIDE, 2)), 2.0) for n in range(8)]
    units.append(Unit("school", "1", shapely.Point(350, 350).buffer(100)))
    return units


def covers_of(devices: Devices) -> dict[int, Any]:
    """The 27 covers by plain unions of everything."""
    found = {}
    for rank in RANKS:
        lit = shapely.union_all(devices.lamps[devices.lamp_rank >= rank])
        found[lit_index(rank)] = lit
        for column, level in enumerate(LEVEL_NAMES):
            counts = devices.camera_rank >= rank
            day = shapely.union_all(devices.views[counts, column])
            bright = shapely.union_all(devices.views[counts & devices.infrared, column])
            other = shapely.union_all(devices.views[counts & ~devices.infrared, column])
            found[index_of("day", level, rank)] = day
            found[index_of("night", level, rank)] = bright.union(other.intersection(lit))
    return found


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_sums_over_squares_are_overlays_of_the_whole(seed: int) -> None:
    devices, units = some_devices(seed), some_units(seed)
    figures = measure(cells_touching([u.shape for u in units]), units, devices)
    sums: dict[tuple[str, str], Any] = defaultdict(lambda: np.zeros(WIDTH + 1))
    for one in figures:
        sums[(one.kind, one.unit)] += np.array([one.total, *one.covered])
    expected: dict[tuple[str, str], Any] = defaultdict(lambda: np.zeros(WIDTH + 1))
    covers = covers_of(devices)
    for unit in units:
        key, kind = (unit.kind, unit.unit), shapely.get_dimensions(unit.shape)
        size = {0: lambda _s, u=unit: u.weight, 1: shapely.length, 2: shapely.area}[int(kind)]
        expected[key][0] += size(unit.shape)
        for column, cover in covers.items():
            if kind == 0:
                expected[key][1 + column] += unit.weight * bool(shapely.dwithin(cover, unit.shape, NEAR_M))
            else:
                expected[key][1 + column] += size(shapely.intersection(unit.shape, cover))
    for key, values in expected.items():
        assert sums[key] == pytest.approx(values, abs=0.05), key
    # Groups tile the commune.
    assert sums[("group", "1")] + sums[("group", "2")] == pytest.approx(sums[("commune", "")], abs=0.05)
    # Streets within groups are the streets within the commune, and the few metres that leave it at a flat angle.
    inside = sum(shapely.length(u.shape.intersection(units[0].shape)) for u in units if u.kind == "street")
    assert inside - 0.05 <= sums[("group_street", "1")][0] + sums[("group_street", "2")][0] <= inside + 25


def test_order_of_the_columns_is_what_the_database_knows() -> None:
    """migrations/sql/coverage_measures.sql names them by number."""
    assert index_of("day", "detect", 2) + 1 == 2
    assert index_of("night", "detect", 2) + 1 == 14
    assert lit_index(2) + 1 == 26
    assert WIDTH == COLUMN_COUNT
    assert LEVEL_NAMES == LEVELS == tuple(DORI)
    positions = [index_of(t, level, r) for t in TIMES for level in LEVEL_NAMES for r in RANKS]
    assert [*positions, *map(lit_index, RANKS)] == list(range(WIDTH))


def test_more_devices_never_cover_less_and_ranks_nest() -> None:
    devices, units = some_devices(5), some_units(5)
    for one in measure(cells_touching([u.shape for u in units]), units, devices):
        grid = np.array(one.covered[:-3]).reshape(2, 4, 3)
        assert (np.diff(grid, axis=2) <= 1e-9).all(), "a higher rank counts fewer devices"
        assert (np.diff(grid, axis=1) <= 1e-9).all(), "a finer level reaches less far"
        assert (grid[1] <= grid[0] + 1e-3).all(), "night sees no more than day"
        assert (np.array(one.covered) <= one.total + 1e-9).all()


def test_a_square_without_devices_still_has_its_totals() -> None:
    none = np.empty((0, 4), dtype=object)
    empty = Devices(none, np.empty(0, int), np.empty(0, bool), np.empty(0, object), np.empty(0, int))
    figures = measure(cells_touching([shapely.box(0, 0, 300, 300)]), some_units(1), empty)
    assert sum(f.total for f in figures if f.kind == "commune") > 80_000
    assert not any(any(f.covered) for f in figures)
    assert measure([], some_units(1), empty) == []
    assert measure([(0, 0)], [], empty) == []


def test_cells() -> None:
    assert cells_touching([shapely.Point(1, 1)]) == {(0, 0)}
    assert len(cells_touching([shapely.Point(1, 1)], spare_m=5)) == 4
    assert cells_touching([shapely.Polygon(), None]) == set()
    assert box_of((3, -2)).area == pytest.approx(CELL_M**2)


def test_gaps_rank_by_what_is_unmet() -> None:
    gaps = rank_gaps([
        gap_of("street", "a", 500, 100), gap_of("school", "s", 100.0, 76.0), gap_of("hotspot", "h", 3.0, 0.0),
        gap_of("venue", "v", 1.0, 1.0), gap_of("street", "b", 500, 497), gap_of("unnamed", "0:0", 900, 0),
    ])  # fmt: skip
    assert [(gap.kind, gap.unmet_weight) for gap in gaps] == [
        ("hotspot", 12.0), ("unnamed", 4.5), ("street", 4.0),
    ]  # fmt: skip
    # 24 m² of a disc are a sliver, 26 are not.
    school = gap_of("school", "s", 100.0, 74.0)
    assert school is not None
    assert school.unmet_weight == pytest.approx(WEIGHTS["school"] * 0.26)


def test_a_street_along_a_key_route_is_listed_once_and_a_spot_too() -> None:
    line = shapely.LineString([(0, 0), (1000, 0)])
    shapes = {
        ("key_route", "1"): line,
        ("street", "same"): shapely.LineString([(100, 8), (900, 8)]),
        ("street", "longer"): shapely.LineString([(0, 5), (500, 5), (500, 900)]),
        ("hotspot", "1"): shapely.Point(5, 5),
        ("hotspot", "2"): shapely.Point(5, 5),
        ("hotspot", "3"): shapely.Point(5, 6),
        ("venue", "1"): shapely.Point(5, 5),
    }
    gaps = rank_gaps([gap_of(kind, unit, 900.0, 0.0) for kind, unit in [*shapes, ("venue", "gone")]])
    found = merge_gaps(gaps, shapes)
    assert {(gap.kind, gap.unit, gap.count) for gap in found} == {
        ("key_route", "1", 1), ("street", "longer", 1), ("hotspot", "1", 2), ("hotspot", "3", 1), ("venue", "1", 1),
    }  # fmt: skip
    # Nothing that is dark is lost but for what the route says already; heaviest first.
    assert [gap.unmet_weight for gap in found] == sorted((gap.unmet_weight for gap in found), reverse=True)
    lost = {("street", "same"), ("venue", "gone")}
    assert sum(gap.unmet_weight for gap in found) == pytest.approx(
        sum(gap.unmet_weight for gap in gaps if (gap.kind, gap.unit) not in lost)
    )
    # Without a route in the list its street stays.
    streets = [gap for gap in gaps if gap.kind == "street"]
    assert len(merge_gaps(streets, shapes)) == 2


def test_houses_near_a_dark_part() -> None:
    line, spot = shapely.LineString([(0, 0), (100, 0)]), shapely.Point(0, 500)
    houses = np.array([[50.0, 30.0], [50.0, 31.0], [130.0, 0.0], [0.0, 490.0], [0.0, 470.0]])
    assert count_near([line, spot, shapely.MultiLineString()], houses, 30.0) == [2, 2, 0]
    assert count_near([line], np.empty((0, 2)), 30.0) == [0]
    assert count_near([], houses, 30.0) == []


def test_the_classes_of_siting_plans_are_those_of_coverage() -> None:
    assert set().union(*COVERED_AS.values()) == set(PLACE_KINDS)
    assert set(COVERED_AS) == set(CLASSES) - {STREETS}
    assert default_weights(()) == DEFAULT_WEIGHTS
    assert default_weights({"office"})["facilities"] == DEFAULT_WEIGHTS["facilities"]
    assert default_weights({"office", "market", "school"}) == {**DEFAULT_WEIGHTS, "facilities": 0.0, "schools": 0.0}


def test_dark_parts_are_what_the_figures_miss() -> None:
    devices = some_devices(9)
    rank = 2
    darkness = Darkness(devices, lambda cover: cover.seen("night", "detect", rank))
    cover = covers_of(devices)[index_of("night", "detect", rank)]
    street = shapely.LineString([(0, 10), (350, 360), (690, 100)])
    dark = darkness.part(street)
    assert shapely.length(dark) == pytest.approx(shapely.length(street.difference(cover)), abs=12)
    area = shapely.box(100, 100, 600, 500)
    assert shapely.area(darkness.part(area)) == pytest.approx(shapely.area(area.difference(cover)), abs=80)
    west, south, east, north = largest_bounds(dark)
    longest = max(shapely.get_parts(dark), key=shapely.length)
    assert (west, south, east, north) == pytest.approx(longest.bounds)
