"""Hotspot statistics: `.venv/bin/python -m benchmarks.hotspot_stats [--quick] [--write]`.

100,000 reports of a 6 km × 6 km commune, two thirds of them around 400 places: density and clusters together in CPU
seconds of one process, goal 5 s, and times scikit-learn's DBSCAN in the same run; then a usual year of a ward (900
reports) with everything that the page shows. Clusters are scikit-learn's, and every report is one unit of density.
The last line is the verdict.
"""

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from sklearn.cluster import DBSCAN

from benchmarks.harness import machine_noise, save_results, table_text
from gis_app.analysis.hotspot_stats import cells, clusters, density, local, near_repeat
from gis_app.analysis.hotspot_stats import network_density as streets
from gis_app.analysis.hotspot_stats.events import Floats
from gis_app.analysis.street_graph import Streets, make_graph

GOAL_S, SIDE_M, EPS_M = 5.0, 6_000.0, 30.0


def make_reports(n: int, seed: int = 1) -> Floats:
    """Two thirds around places, one third anywhere."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(200, SIDE_M - 200, (min(400, n // 20), 2))
    near = places[rng.integers(len(places), size=n - n // 3)] + rng.normal(0, 45, (n - n // 3, 2))
    return np.vstack([near, rng.uniform(0, SIDE_M, (n // 3, 2))]).clip(1, SIDE_M - 1)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds, and what came of it."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def measure_many(n: int) -> tuple[list[tuple[str, ...]], list[str]]:
    """Density and clusters of many reports, and faults."""
    xy, outline = make_reports(n), shapely.box(0, 0, SIDE_M, SIDE_M)
    width = density.bandwidth_of(xy)
    density_s, surface = timed(lambda: density.kernel_density(xy, density.make_grid(outline, width), width))
    bands_s, _ = timed(lambda: density.band_shapes(surface))
    ours_s, label = timed(lambda: clusters.dbscan(xy, EPS_M, 10))
    theirs_s, theirs = timed(lambda: DBSCAN(eps=EPS_M, min_samples=10).fit(xy))
    total = density_s + bands_s + ours_s
    faults = [] if total <= GOAL_S else [f"{total:.1f} s for {n} reports"]
    mass = float(surface.value.sum() * surface.grid.cell_m**2)
    if abs(mass - n) > 1e-6 * n:
        faults.append(f"{mass} units of density of {n} reports")
    core = theirs.core_sample_indices_
    pairs = set(zip(label[core].tolist(), theirs.labels_[core].tolist(), strict=True))
    if not np.array_equal(label < 0, theirs.labels_ < 0) or len(pairs) != len({a for a, _ in pairs}):
        faults.append("other clusters than scikit-learn's")
    rows = [
        ("density", f"{density_s:.2f}", f"{surface.grid.inside.size} cells, bandwidth {width:.0f} m"),
        ("its bands", f"{bands_s:.2f}", ""),
        ("DBSCAN", f"{ours_s:.2f}", f"{label.max() + 1} clusters; scikit-learn {theirs_s:.2f} s"),
        ("together", f"{total:.2f}", f"goal {GOAL_S:.0f}"),
    ]
    return rows, faults


def measure_year(n: int) -> list[tuple[str, ...]]:
    """Everything of a usual year."""
    xy, outline = make_reports(n, 2), shapely.box(0, 0, SIDE_M, SIDE_M)
    day = np.random.default_rng(3).integers(0, 365, n)
    steps = np.arange(0, SIDE_M + 1, 120)
    lines = [shapely.LineString([(a, 0), (a, SIDE_M)]) for a in steps]
    lines += [shapely.LineString([(0, a), (SIDE_M, a)]) for a in steps]
    count = len(lines)
    shapes = np.array(lines, dtype=object)
    graph = make_graph(Streets(shapes, ["alley"] * count, ["no"] * count, np.ones(count, bool), np.zeros(count, bool)))
    cells_s, made = timed(lambda: cells.make_cells(outline, xy, cells.width_of(SIDE_M**2)))
    found = [
        ("density", timed(lambda: density.kernel_density(xy, density.make_grid(outline, 200), 200))[0], ""),
        ("along streets", timed(lambda: streets.street_density(xy, graph, 70))[0], f"{graph.edge_count} edges"),
        ("DBSCAN", timed(lambda: clusters.dbscan(xy))[0], ""),
        ("HDBSCAN", timed(lambda: clusters.hdbscan(xy))[0], ""),
        ("hexagons", cells_s, f"{len(made)}"),
        ("Gi*", timed(lambda: local.gi_star(made.count, made.near))[0], "all permutations"),
        ("local Moran", timed(lambda: local.local_moran(made.count, made.near))[0], "all permutations"),
        ("near repeats", timed(lambda: near_repeat.knox(xy, day, 1))[0],
         f"{near_repeat.count_pairs(xy)} pairs, {near_repeat.PERMUTATIONS} permutations"),
    ]  # fmt: skip
    return [(name, f"{seconds:.3f}", said) for name, seconds, said in found]


def main() -> int:
    """Measure, print, say the verdict."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="20,000 reports")
    parser.add_argument("--write", action="store_true", help="into RESULTS.md")
    asked = parser.parse_args()
    many = 20_000 if asked.quick else 100_000
    rows, faults = measure_many(many)
    parts = [machine_noise(), table_text((f"{many:,} reports", "CPU s", ""), rows),
             table_text(("900 reports, a year of a ward", "CPU s", ""), measure_year(900))]  # fmt: skip
    said = f"REACHED density and clusters of {many:,} reports within {GOAL_S:.0f} CPU s; clusters are scikit-learn's"
    parts.append("Verdict: " + ("MISSED " + "; ".join(faults) if faults else said))
    text = "\n\n".join(parts)
    if asked.write:
        save_results("hotspot_stats" + (" (quick)" if asked.quick else ""), text)
    print(text)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
