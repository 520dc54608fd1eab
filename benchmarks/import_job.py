"""The import wizard's job: 100,000 points read, checked, stored, undone; memory; a cancelled one leaves nothing.

`python -m benchmarks.import_job [--quick] [--wards]`. Each part is the job's own function in a transaction of a data
officer, the reading child included. Rows a second are counted after parsing, from the job's first step after it.
`--wards`: 3,321 wards alone, by the same steps as the owner, for no officer of a commune may bring communes.
"""

import argparse
import contextlib
import hashlib
import itertools
import resource
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from benchmarks.harness import DATA, machine_noise, open_database, table_text
from benchmarks.imports import GOAL_MB, GOAL_ROWS_S, KIEN_AN, POINTS, make_commune, write_points
from gis_app.db import OWNER_ROLE, Actor, begin, make_engine
from gis_app.formats import Options, read_file
from gis_app.jobs.import_steps import UPLOAD_LIMITS
from gis_app.jobs.imports import ImportRequest, Watch, import_table
from gis_app.jobs.job_import import job, parameters
from gis_app.jobs.kinds import Work
from gis_app.queries import import_records as records
from gis_app.tables.imports import MAX_PART_BYTES
from layers import LAYERS

OFFICER = Actor("data", int(KIEN_AN), "bench")


class Cancelled(Exception):
    """What the worker raises where somebody cancelled."""


class Steps:
    """Notes when each step was told; stops at a percentage, if any."""

    def __init__(self, stop_at: int = 1000) -> None:
        self.told: list[tuple[float, int, str]] = []
        self.stop_at = stop_at

    def __call__(self, percent: int, message: str, _detail: Mapping[str, Any] | None = None, /) -> bool:
        """As the runner's step."""
        self.told.append((time.perf_counter(), percent, message))
        if percent >= self.stop_at:
            raise Cancelled
        return False


def run_part(engine: Engine, import_id: int, part: str, steps: Steps) -> float:
    """Run a part of the job; seconds."""
    started = time.perf_counter()
    with begin(engine, OFFICER) as conn:
        record = records.fetch_imports(conn, int(KIEN_AN), import_id=import_id)[0]
        job.run(Work(conn, OFFICER, parameters(record, part), steps))
    return time.perf_counter() - started


def upload(engine: Engine, path: Path) -> int:
    """Keep the file as the page does."""
    content = path.read_bytes()
    with begin(engine, OFFICER) as conn:
        digest = hashlib.sha256(content).hexdigest()
        import_id = records.insert_import(conn, int(KIEN_AN), "lights", path.name, len(content), digest)
        pieces = (content[at : at + MAX_PART_BYTES] for at in range(0, len(content), MAX_PART_BYTES))
        records.insert_file(conn, int(KIEN_AN), import_id, pieces)
    return import_id


class Told(Watch):
    """The steps of an import as the job tells them."""

    def __init__(self, steps: Steps) -> None:
        self.steps = steps

    def step(self, percent: int, message: str) -> None:
        """Write it down; stops where it was told to."""
        self.steps(percent, message)


def measure_wards() -> int:
    """3,321 wards: a dry run, a cancelled one, a real one, the same again; progress that was seen."""
    path = DATA / "boundaries" / "vn_wards_simplified25m.gpkg"
    if not path.exists():
        print("../shared/data is not here")
        return 0
    database = open_database("gis_bench_import_wards", "import_wards", lambda _url: None, fresh=True)
    engine = make_engine(database.owner_url, role=OWNER_ROLE)
    layer, rows, faults = LAYERS["communes"], [], []
    for part, stop_at, stored in (
        ("check", 1000, 0),
        ("cancelled", 70, 0),
        ("apply", 1000, 3321),
        ("again", 1000, 3321),
    ):
        steps = Steps(stop_at)
        started = time.perf_counter()
        report = None
        with contextlib.suppress(Cancelled), begin(engine, Actor("system")) as conn:
            table = read_file(path, Options(None, layer.name, "", layer.geometry), UPLOAD_LIMITS, lambda: None)
            steps(20, "parsed")
            report = import_table(conn, layer, table, ImportRequest(is_dry_run=part == "check"), Told(steps))
        seconds = time.perf_counter() - started
        with begin(engine, Actor("system")) as conn:
            count = int(conn.execute(sa.text("SELECT count(*) FROM communes")).scalar_one())
        peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
        said = "-" if report is None else f"{report.inserted_count} / {report.updated_count} / {report.unchanged_count}"
        told = sorted({percent for _, percent, _ in steps.told})
        shown = f"{len(told)} of {told[0]}-{told[-1]} %"
        rows.append((part, f"{seconds:.1f}", shown, said, f"{peak:.0f}", f"{count:,}"))
        if count != stored or (report is not None and report.errors):
            faults.append(f"{part}: {count} wards stored, {len(report.errors) if report else 0} faults")
        if peak > GOAL_MB:
            faults.append(f"{part}: {peak:.0f} MB, goal {GOAL_MB}")
    print(machine_noise())
    heads = ("part", "seconds", "progress told", "new / changed / same", "peak MB so far", "wards stored")
    print(table_text(heads, rows))
    print("VERDICT " + ("goals reached" if not faults else "; ".join(faults)))
    return 1 if faults else 0


def count_lights(engine: Engine) -> int:
    """Rows of the layer."""
    with begin(engine, OFFICER) as conn:
        return int(conn.execute(sa.text("SELECT count(*) FROM lights")).scalar_one())


def main() -> int:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the points")
    parser.add_argument("--wards", action="store_true", help="3,321 wards alone")
    asked = parser.parse_args()
    if asked.wards:
        return measure_wards()
    count = POINTS // 10 if asked.quick else POINTS
    database = open_database("gis_bench_import_job", "import_job", lambda _url: None, fresh=True)
    engine = make_engine(database.app_url)
    rows, faults = [], []
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        make_commune(database, folder)
        write_points(folder / "lamps.csv", count)
        import_id = upload(engine, folder / "lamps.csv")
    before = count_lights(engine)
    for part in ("read", "check", "cancelled", "apply", "undo"):
        steps = Steps(70 if part == "cancelled" else 1000)
        try:
            seconds = run_part(engine, import_id, "apply" if part == "cancelled" else part, steps)
        except Cancelled:
            seconds = steps.told[-1][0] - steps.told[0][0]
        for (began, _, doing), (ended, _, _) in itertools.pairwise(steps.told):
            if ended - began > 1:
                print(f"{part}: {doing} {ended - began:.1f} s")
        parsed = next((at for at, _, message in steps.told if message == "values"), None)
        rate = count / (steps.told[-1][0] - parsed) if parsed and part != "cancelled" else 0.0
        peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
        stored = count_lights(engine) - before
        rows.append((part, f"{seconds:.1f}", f"{rate:,.0f}" if rate else "-", f"{peak:.0f}", f"{stored:,}"))
        if part == "check" and rate < GOAL_ROWS_S:
            faults.append(f"check: {rate:,.0f} rows/s, goal {GOAL_ROWS_S:,}")
        if stored != (count if part == "apply" else 0):
            faults.append(f"{part}: {stored} rows stored")
        if peak > GOAL_MB:
            faults.append(f"{part}: {peak:.0f} MB, goal {GOAL_MB}")
        if part == "read":
            with begin(engine, OFFICER) as conn:
                record = records.fetch_imports(conn, int(KIEN_AN), import_id=import_id)[0]
                records.update_import(conn, import_id, record.version, {"state": "placed"})
    print(machine_noise())
    print(table_text(("part", "seconds", "rows/s after parsing", "peak MB so far", "rows stored"), rows))
    print("VERDICT " + ("goals reached" if not faults else "; ".join(faults)))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
