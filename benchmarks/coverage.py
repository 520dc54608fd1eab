"""Coverage of a commune: `.venv/bin/python -m benchmarks.coverage [--quick] [--write]`.

300 cameras, 2,000 lamps, 5,000 buildings on 9 km²: views, lit areas and all figures from nothing (goal 5 CPU s), then
after one camera is turned (goal 200 ms: its squares alone); the same figures by geopandas (goal 0.1 %). Reading and
writing the database is not part of it. The last line is the verdict.
"""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from benchmarks.harness import machine_noise, save_results, table_text
from gis_app.analysis.coverage import (
    STANDING,
    VERIFIED,
    WORKING,
    Devices,
    Figure,
    Unit,
    cells_touching,
    index_of,
    lit_index,
    measure,
)
from gis_app.analysis.device_views import CameraFields, lit_polygons, views_of_cameras
from gis_app.analysis.obstacles import make_obstacles

NOTHING_GOAL_S, MOVED_GOAL_MS, AGREE_GOAL = 5.0, 200.0, 1e-3
HEADS = ("what", "CPU", "goal", "squares", "figures")


@dataclass(frozen=True)
class Size:
    """How much stands in the commune; `side_m` its side."""

    cameras: int = 300
    lamps: int = 2000
    buildings: int = 5000
    side_m: float = 3000.0


@dataclass
class Town:
    """A commune with a street every 120 m, houses along them, cameras and lamps at their kerbs."""

    units: list[Unit]
    buildings: list[Any]
    x: Any
    y: Any
    cameras: list[CameraFields]
    rank: Any
    lamps: Any
    lamp_rank: Any


def make_town(size: Size, seed: int = 22) -> Town:
    """The same town for the same seed."""
    rng = np.random.default_rng(seed)
    side, block = size.side_m, 120.0
    lines = np.arange(block / 2, side, block)
    outline = shapely.box(0, 0, side, side)
    units = [Unit("commune", "", outline)]
    for number in range(25):
        east, north = number % 5 * side / 5, number // 5 * side / 5
        units.append(Unit("group", str(number), shapely.box(east, north, east + side / 5, north + side / 5)))
    for n, at in enumerate(lines):
        for start in np.arange(0, side, block):
            ends = (start, min(start + block, side))
            units.append(Unit("street", f"Ngang {n}", shapely.LineString([(ends[0], at), (ends[1], at)])))
            units.append(Unit("street", f"Dọc {n}", shapely.LineString([(at, ends[0]), (at, ends[1])])))
    units += [Unit("venue", str(n), shapely.Point(*rng.uniform(0, side, 2))) for n in range(200)]
    corners = rng.uniform(0, side, (size.buildings, 2))
    corners[:, 0] = np.round(corners[:, 0] / block) * block + rng.uniform(8, 45, size.buildings)
    sizes = rng.uniform(5, 16, (size.buildings, 2))
    buildings = [shapely.box(x, y, x + w, y + h) for (x, y), (w, h) in zip(corners, sizes, strict=True)]
    x, y = _kerb(rng, lines, size.cameras, side)
    cameras = [
        CameraFields("ptz" if n % 11 == 0 else "fixed", None if n % 5 == 0 else float(rng.uniform(0, 360)),
                     float(rng.choice([60, 90, 110])), None, int(rng.choice([1920, 2560, 3840])), n % 3 == 0)
        for n in range(size.cameras)
    ]  # fmt: skip
    ranks = np.array([STANDING, WORKING, VERIFIED])
    lamps = lit_polygons(*_kerb(rng, lines, size.lamps, side), rng.uniform(10, 22, size.lamps))
    return Town(units, buildings, x, y, cameras, rng.choice(ranks, size.cameras), lamps, rng.choice(ranks, size.lamps))


def _kerb(rng: np.random.Generator, lines: Any, count: int, side: float) -> tuple[Any, Any]:
    at, along = rng.choice(lines, count) + rng.choice([-4.0, 4.0], count), rng.uniform(0, side, count)
    across = rng.random(count) < 0.5
    return np.where(across, along, at), np.where(across, at, along)


def derive(town: Town, chosen: Sequence[int]) -> Any:
    """Views of some cameras at the four levels, as (n, 4)."""
    around = shapely.union_all([shapely.Point(town.x[n], town.y[n]).buffer(180) for n in chosen])
    near = shapely.STRtree(town.buildings).query(around, predicate="intersects")
    streets = [unit.shape for unit in town.units if unit.kind == "street"]
    seen = views_of_cameras(
        town.x[list(chosen)], town.y[list(chosen)], [town.cameras[n] for n in chosen], streets,
        make_obstacles(np.array(town.buildings, dtype=object)[near]),
    )  # fmt: skip
    empty = shapely.Polygon()
    found = np.full((len(chosen), 4), empty, dtype=object)
    for row, one in enumerate(seen):
        for column, level in enumerate(("detect", "observe", "recognise", "identify")):
            if level in one.views:
                found[row, column] = one.views[level].polygon
    return found


def devices_of(town: Town, views: Any) -> Devices:
    """Everything that counts."""
    infrared = np.array([bool(camera.has_infrared) for camera in town.cameras])
    return Devices(views, town.rank, infrared, town.lamps, town.lamp_rank)


def sums(figures: Sequence[Figure]) -> Mapping[tuple[str, str], Any]:
    """Total and covered of each unit."""
    found: dict[tuple[str, str], Any] = {}
    for one in figures:
        key = (one.kind, one.unit)
        found[key] = found.get(key, 0.0) + np.array([one.total, *one.covered])
    return found


def worst_difference(town: Town, devices: Devices, found: Mapping[tuple[str, str], Any]) -> float:
    """The largest relative difference from geopandas overlays, over kinds, times and ranks at level detect."""
    views = gpd.GeoDataFrame(
        {"rank": devices.camera_rank, "infrared": devices.infrared}, geometry=list(devices.views[:, 0])
    )
    lamps = gpd.GeoDataFrame({"rank": devices.lamp_rank}, geometry=list(devices.lamps))
    units = gpd.GeoDataFrame(
        {"kind": [u.kind for u in town.units], "unit": [u.unit for u in town.units]},
        geometry=[u.shape for u in town.units],
    )
    worst = 0.0
    for rank in (STANDING, WORKING, VERIFIED):
        lit = lamps[lamps["rank"] >= rank].union_all()
        seen = views[views["rank"] >= rank]
        night = seen[seen["infrared"]].union_all().union(seen[~seen["infrared"]].union_all().intersection(lit))
        covers = {index_of("day", "detect", rank): seen.union_all(), index_of("night", "detect", rank): night,
                  lit_index(rank): lit}  # fmt: skip
        for column, cover in covers.items():
            for kind, size in (("commune", "area"), ("group", "area"), ("street", "length")):
                own = units[units["kind"] == kind]
                amounts = getattr(own.intersection(cover), size).groupby(own["unit"]).sum()
                for unit, amount in amounts.items():
                    if amount > 1.0:
                        worst = max(worst, abs(found[(kind, str(unit))][1 + column] / amount - 1))
    return worst


def run(size: Size) -> tuple[list[tuple[str, ...]], bool]:
    """The rows of the table and whether every goal is met."""
    town = make_town(size)
    begin = time.process_time()
    devices = devices_of(town, derive(town, range(size.cameras)))
    cells = cells_touching([unit.shape for unit in town.units])
    figures = measure(cells, town.units, devices)
    whole_s = time.process_time() - begin
    worst = worst_difference(town, devices, sums(figures))
    moved = [_moved(town, devices.views, number) for number in range(0, size.cameras, max(size.cameras // 20, 1))]
    times = sorted(one[0] for one in moved)
    agrees = all(one[3] for one in moved)
    rows = [
        ("from nothing", f"{whole_s:.2f} s", f"{NOTHING_GOAL_S:g} s", str(len(cells)), str(len(figures))),
        ("one camera turned, median", f"{times[len(times) // 2] * 1e3:.0f} ms", f"{MOVED_GOAL_MS:g} ms",
         str(moved[0][1]), str(moved[0][2])),
        ("one camera turned, worst", f"{times[-1] * 1e3:.0f} ms", f"{MOVED_GOAL_MS:g} ms", "", ""),
        ("largest difference from geopandas", f"{worst:.1e}", f"{AGREE_GOAL:g}", "", ""),
        ("turned = from nothing", "yes" if agrees else "NO", "yes", "", ""),
    ]  # fmt: skip
    met = whole_s <= NOTHING_GOAL_S and times[-1] * 1e3 <= MOVED_GOAL_MS and worst <= AGREE_GOAL and agrees
    return rows, met


def _moved(town: Town, views: Any, number: int) -> tuple[float, int, int, bool]:
    """Turn a camera by a third: CPU seconds, squares, figures, whether they are those of a computation from nothing."""
    camera = town.cameras[number]
    turned = CameraFields(
        camera.kind, (camera.azimuth_deg or 0.0) + 120.0, camera.fov_deg, None, camera.pixel_width, camera.has_infrared
    )
    old, town.cameras[number] = views[number, 0], turned
    begin = time.process_time()
    fresh = views.copy()
    fresh[number] = derive(town, [number])[0]
    devices = devices_of(town, fresh)
    cells = cells_touching([old, fresh[number, 0]], 10.0)
    part = measure(cells, town.units, devices)
    spent = time.process_time() - begin
    town.cameras[number] = camera
    everywhere = {(f.cell, f.kind, f.unit): f for f in measure(_around(cells), town.units, devices)}
    same = all(everywhere[(f.cell, f.kind, f.unit)] == f for f in part)
    return spent, len(cells), len(part), same


def _around(cells: Any) -> set[tuple[int, int]]:
    return {(x + dx, y + dy) for x, y in cells for dx in (-1, 0, 1) for dy in (-1, 0, 1)}


def main() -> int:
    """Print the table and the verdict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    size = Size(60, 300, 800, 1200.0) if options.quick else Size()
    noise = machine_noise()
    rows, met = run(size)
    title = f"{size.cameras} cameras, {size.lamps} lamps, {size.buildings} buildings; {noise}"
    text = table_text(HEADS, rows)
    print(f"{title}\n\n{text}\n")
    if options.write:
        save_results("coverage", f"{title}\n\n{text}")
    print(f"coverage: {'goals met' if met else 'GOALS MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
