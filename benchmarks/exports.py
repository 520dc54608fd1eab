"""Exports: processor seconds and megabytes of every format, for 12,000 buildings and 100,000 lamps; peak memory.

`python -m benchmarks.exports [--quick]`. No database: what a job does after its query. Buildings have five corners, as
in OpenStreetMap; lamps six columns. Each format is written in a process of its own, so that the peak is its own.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from datetime import UTC, date, datetime

import shapely

from benchmarks.harness import machine_noise, table_text
from gis_app.formats.table import Column, Table
from gis_app.jobs.export_layer import FORMATS, ONLY_WGS84
from gis_app.settings import ROOT
from layers import LAYERS

BUILDINGS, LAMPS = 12_000, 100_000
# Goal: a commune's largest layer in a job of seconds, on a server of 2 GB.
GOAL_CPU_S, GOAL_MB = 10.0, 600
CENTRE = (106.64, 20.82)
PRINTED = "RESULT "


def make_table(layer: str, count: int) -> Table:
    """Rows with a third of the values missing, as real ones have."""
    draw = random.Random(28)
    places = [(CENTRE[0] + draw.uniform(-0.03, 0.03), CENTRE[1] + draw.uniform(-0.03, 0.03)) for _ in range(count)]
    shapes = [shapely.Point(place) if layer == "lights" else shapely.box(*place, place[0] + 1e-4, place[1] + 1e-4)
              for place in places]  # fmt: skip

    def some(value: object) -> object:
        return None if draw.random() < 1 / 3 else value

    makers = {"text": "đèn số 1", "int": 8, "bigint": 8, "float": 12.5, "bool": True, "date": date(2026, 11, 22)}
    fields = LAYERS[layer].fields
    columns = [Column("external_id", "text", "external_id", "", [f"L{n}" for n in range(count)])]
    columns += [Column(f.name, f.type, f.name, f.unit, [some(makers[f.type]) for _ in range(count)]) for f in fields]
    if layer != "lights" and LAYERS[layer].geometry == "MULTIPOLYGON":
        shapes = [shapely.MultiPolygon([shape]) for shape in shapes]
    wkb = [shape.wkb for shape in shapes]
    return Table(layer, layer, LAYERS[layer].geometry, 4326, columns, wkb, datetime(2026, 11, 22, tzinfo=UTC))


def measure(layer: str, count: int, fmt: str) -> None:
    """Write once and print what it took."""
    table = make_table(layer, count)
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    content = FORMATS[fmt][2](table, LAYERS[layer])
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(PRINTED + json.dumps([seconds, len(content) / 1e6, peak / 1024, (peak - before) / 1024]))


def run(layer: str, count: int, fmt: str) -> list[float]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.exports", "--one", layer, str(count), fmt]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=300)
    found: list[float] = json.loads(done.stdout.rsplit(PRINTED, 1)[1])
    return found


def main() -> int:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows")
    parser.add_argument("--one", nargs=3, metavar=("LAYER", "COUNT", "FORMAT"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        measure(given.one[0], int(given.one[1]), given.one[2])
        return 0
    share = 10 if given.quick else 1
    rows, faults = [], []
    for layer, count in (("buildings", BUILDINGS // share), ("lights", LAMPS // share)):
        for fmt in FORMATS:
            seconds, size, peak, more = run(layer, count, fmt)
            rows.append((layer, f"{count:,}", fmt, f"{seconds:.2f}", f"{size:.1f}", f"{peak:.0f}", f"{more:.0f}"))
            if seconds > GOAL_CPU_S or peak > GOAL_MB:
                faults.append(f"{layer} {fmt}: {seconds:.1f} s, {peak:.0f} MB")
    print(machine_noise())
    heads = ("layer", "rows", "format", "CPU s", "file MB", "peak MB", "of it by writing")
    print(table_text(heads, rows))
    print(f"Only WGS 84: {', '.join(ONLY_WGS84)}.")
    print("VERDICT " + ("goals reached" if not faults else "; ".join(faults)))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
