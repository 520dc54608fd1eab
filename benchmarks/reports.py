"""A report of the 43-group demonstration commune: gather, freeze, print three files. Target: 20 s (T-C9)."""

import argparse
import datetime as dt
import hashlib
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.harness import BenchDatabase, drop_database, machine_noise, open_database, save_results, table_text
from gis_app.analysis.report_periods import last_full
from gis_app.db import OWNER_ROLE, Actor, begin, make_engine
from gis_app.jobs.demo import load_demo
from gis_app.jobs.job_report import make_report
from gis_app.queries.reports import FORMATS, fetch_content, fetch_file, fetch_snapshots
from gis_app.queries.statuses import fetch_known_moment

DATABASE = "gis_bench_reports"
KIEN_AN = 11443
ACTOR = Actor("committee", KIEN_AN, "bench")
TARGET_S = 20.0


def _fill(owner_url: str) -> None:
    with begin(make_engine(owner_url, role=OWNER_ROLE), Actor("system")) as conn:
        load_demo(conn)


def measure(database: BenchDatabase) -> tuple[dict[str, float], Any, dict[str, bytes], int]:
    """Make one report of the last full quarter; seconds by step, the snapshot, its files, its groups."""
    engine = make_engine(database.app_url)
    with begin(engine, ACTOR) as conn:
        known_at = fetch_known_moment(conn, KIEN_AN)
    period = last_full("quarter", dt.datetime.now(dt.UTC).date())
    asked = {"kind": period.kind, "from_on": period.from_on.isoformat(), "to_on": period.to_on.isoformat(),
             "known_at": known_at.isoformat(),
             "conclusions": "Công an phường tiếp tục rà soát các tổ dân phố chưa đủ ba tiêu chí, xong trước ngày 10.\n"
             "Các tổ dân phố chưa có hòm thư tố giác hoàn thành lắp đặt trong tháng."}  # fmt: skip
    marks: list[tuple[float, str]] = []
    began = time.perf_counter()
    with begin(engine, ACTOR) as conn:
        report_id = make_report(conn, ACTOR, asked, lambda _percent, word: marks.append((time.perf_counter(), word)))
    ended = time.perf_counter()
    seconds: dict[str, float] = {}
    for (at, word), end in zip(marks, [*(at for at, _ in marks[1:]), ended], strict=True):
        seconds[word] = seconds.get(word, 0) + end - at
    seconds["all"] = ended - began
    with begin(engine, ACTOR) as conn:
        snapshot = fetch_snapshots(conn, KIEN_AN, report_id)[0]
        content = fetch_content(conn, KIEN_AN, report_id) or {}
        files = {fmt: fetch_file(conn, KIEN_AN, report_id, fmt) or b"" for fmt in FORMATS}
    engine.dispose()
    return seconds, snapshot, files, content["sections"][0]["figures"]["groups"]


def main() -> int:
    """Make one report, print the tables and the verdict; 1 where it took longer than the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the same: there is one size")
    parser.add_argument("--drop", action="store_true", help="remove the database and end")
    parser.add_argument("--write", action="store_true", help="save the tables in benchmarks/RESULTS.md")
    parser.add_argument("--out", type=Path, help="folder for the printed files")
    options = parser.parse_args()
    if options.drop:
        drop_database(DATABASE)
        return 0
    seconds, snapshot, files, groups = measure(open_database(DATABASE, "demo", _fill))
    for fmt, printed in files.items() if options.out else ():
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / f"report.{fmt}").write_bytes(printed)
    sizes = [(fmt, len(printed) / 1e3, hashlib.sha256(printed).hexdigest()[:16]) for fmt, printed in files.items()]
    verdict = "PASS" if seconds["all"] <= TARGET_S else "FAIL"
    text = "\n\n".join(
        (
            machine_noise(),
            table_text(("step", "seconds"), list(seconds.items())),
            table_text(("file", "kB", "sha256"), sizes),
            f"{verdict}: report of {groups} groups (snapshot {snapshot.sha256[:16]}) in {seconds['all']:.1f} s, "
            f"target {TARGET_S:g} s",
        )
    )
    if options.write:
        save_results("reports", text)
    print(text)
    return 0 if verdict == "PASS" else 1


if __name__ == "__main__":
    sys.exit(main())
