"""Imports, as a person runs them: seconds and peak memory of the documented commands, in a database of their own.

`python -m benchmarks.imports [--quick]`. Real files of ../shared/data where they are, else generated ones.
Memory is the peak of the largest process of the command (the reading child included).
"""

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import DATA, BenchDatabase, machine_noise, open_database, table_text
from gis_app.settings import ROOT

POINTS = 100_000
KIEN_AN = "11443"
# Goal of issue F: valid rows a second after parsing, and memory.
GOAL_ROWS_S = 10_000
GOAL_MB = 500


@dataclass(frozen=True)
class Run:
    """One command: what it said, how long it took, how much memory its largest process had."""

    text: str
    status: int
    seconds: float
    peak_mb: float


def run_flask(database: BenchDatabase, *arguments: str) -> Run:
    """Run `flask …` on the benchmark's database in a process of its own, measured by a parent of its own."""
    environment = os.environ | {"DATABASE_URL": database.app_url, "DATABASE_OWNER_URL": database.owner_url}
    measure = (
        "import resource, subprocess, sys; "
        "status = subprocess.run([sys.executable, '-m', 'flask', *sys.argv[1:]]).returncode; "
        "print('PEAK', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(status)"
    )
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", measure, *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    *lines, peak = done.stdout.strip().splitlines() or ["PEAK 0"]
    return Run("\n".join([*lines, done.stderr[-500:]]), done.returncode, seconds, int(peak.split()[1]) / 1024)


def write_points(path: Path, count: int) -> None:
    """A CSV of lamps inside Kiến An's middle (EPSG:4326)."""
    draw = random.Random(28)
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["ma", "lon", "lat", "tinh_trang", "ban_kinh"])
        for number in range(count):
            lon, lat = 106.640 + draw.random() * 0.006, 20.822 + draw.random() * 0.006
            writer.writerow([f"D{number}", f"{lon:.7f}", f"{lat:.7f}", "working", draw.randint(8, 25)])


def cases(folder: Path, points: int) -> list[tuple[str, tuple[str, ...], int]]:
    """Name, command and number of rows of every import."""
    lamps = folder / "lamps.csv"
    write_points(lamps, points)
    found: list[tuple[str, tuple[str, ...], int]] = []
    wards = DATA / "boundaries" / "vn_wards_simplified25m.gpkg"
    streets = DATA / "osm" / "hanoi_centre_roads_2023-12.osm.pbf"
    if wards.exists():
        found.append(("3,321 wards (GeoPackage)", ("import", "communes", str(wards)), 3321))
        found.append(("the same again", ("import", "communes", str(wards)), 3321))
        found.append(("Hanoi streets (OSM)", ("import-osm", str(streets)), 0))
    else:
        print("../shared/data is not here: only the generated points are measured")
    found.append((f"{points:,} lamps (CSV)", ("import", "lights", str(lamps), "--commune", KIEN_AN), points))
    found.append(("the same again", ("import", "lights", str(lamps), "--commune", KIEN_AN), points))
    return found


def make_commune(database: BenchDatabase, folder: Path) -> None:
    """A stand-in for Kiến An where the wards are not at hand."""
    ring = "[[106.62,20.80],[106.68,20.80],[106.68,20.85],[106.62,20.85],[106.62,20.80]]"
    path = folder / "commune.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"11443","name":"Kiến An",'
        f'"full_name":"Phường Kiến An"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}]}}'
    )
    run_flask(database, "import", "communes", str(path))


def main() -> int:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the points")
    quick = parser.parse_args().quick
    database = open_database("gis_bench_imports", "imports", lambda _url: None, fresh=True)
    rows, faults = [], []
    idle = run_flask(database, "--version")
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        make_commune(database, folder)
        for name, command, count in cases(folder, POINTS // 10 if quick else POINTS):
            run = run_flask(database, *command)
            busy = max(run.seconds - idle.seconds, 0.01)
            rate = f"{count / busy:,.0f}" if count else "-"
            rows.append((name, f"{run.seconds:.1f}", rate, f"{run.peak_mb:.0f}"))
            if run.status != 0:
                faults.append(f"{name}: {run.text[-300:]}")
            if run.peak_mb > GOAL_MB:
                faults.append(f"{name}: {run.peak_mb:.0f} MB, goal {GOAL_MB}")
    print(machine_noise())
    print(table_text(("import", "seconds", "rows/s, start and parsing included", "peak MB"), rows))
    print("VERDICT " + ("goals reached" if not faults else "; ".join(faults)))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
