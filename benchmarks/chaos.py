"""Break everything under load, then count: `python -m benchmarks.chaos`, under four minutes, on 127.0.0.1 alone.

A private cluster and the real server are started for it. Writers send features with an Idempotency-Key and repeat until
the server acknowledges, while PostgreSQL, a worker, the whole server and an import are killed with -9, PostgreSQL is
frozen for ten seconds, and (as root) a small disk is filled. At the end every acknowledged write must be there once.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from benchmarks.chaos_rig import Rig, folder, marks_in, rig_in, wait_until
from benchmarks.chaos_writers import Crowd, Tally
from benchmarks.harness import machine_noise, save_results, table_text
from gis_app import embedded
from gis_app.settings import ROOT
from tests.builders import MAU

QUIET_S = 3.0
FREEZE_S = 10.0
READY_GOAL_S = 5.0
IMPORT_ROWS = 3000
HEADS = ("what was done", "acknowledged", "again", "503", "lines lost", "other", "ready after s", "write after s")


@dataclass
class Phase:
    """One thing that was broken, and how long it took to be whole again."""

    name: str
    tally: Tally
    ready_s: float
    write_s: float

    def row(self) -> list[object]:
        """Its line in the table."""
        t = self.tally
        other = ", ".join(f"{status}×{count}" for status, count in t.strange.items()) or "none"
        return [self.name, t.acknowledged, t.replayed, t.statuses[503], t.lost_lines, other, self.ready_s, self.write_s]


def run_phase(rig: Rig, crowd: Crowd, name: str, break_it: Callable[[], float]) -> Phase:
    """Run a quiet moment, the fault, and a quiet moment; `break_it` returns when the mending began (monotonic s)."""
    crowd.next_phase()
    time.sleep(QUIET_S)
    mended_at = break_it()
    wait_until(rig.is_ready)
    ready_s = time.monotonic() - mended_at
    wait_until(lambda: any(at > mended_at for at in crowd.tally.acknowledged_at))
    later = [at for at in crowd.tally.acknowledged_at if at > mended_at]
    write_s = later[0] - mended_at if later else float("inf")
    time.sleep(QUIET_S)
    return Phase(name, crowd.next_phase(), ready_s, write_s)


def kill_database(rig: Rig) -> float:
    """Kill -9 of PostgreSQL's first process; away for two seconds."""
    os.kill(rig.postmaster(), signal.SIGKILL)
    time.sleep(2)
    begun = time.monotonic()
    embedded.ensure_running(rig.var_dir)
    return begun


def kill_worker(rig: Rig) -> float:
    """Kill -9 of one worker of the web server, which must be replaced by itself."""
    before = rig.server_pids()
    os.kill(before[-1], signal.SIGKILL)
    begun = time.monotonic()
    wait_until(lambda: len(rig.server_pids()) == len(before) and before[-1] not in rig.server_pids())
    return begun


def kill_server(rig: Rig) -> float:
    """Kill -9 of the whole server."""
    rig.kill_server()
    begun = time.monotonic()
    rig.start_server()
    return begun


def freeze(rig: Rig) -> float:
    """SIGSTOP of every process of PostgreSQL for ten seconds."""
    pids = [rig.postmaster(), *_children(rig.postmaster())]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(FREEZE_S)
    begun = time.monotonic()
    for pid in reversed(pids):
        os.kill(pid, signal.SIGCONT)
    return begun


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class Imports:
    """`flask import` of 3,000 rows: killed in the middle, then run to its end, then once more."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.faults: list[str] = []
        self.story = ""
        self._file = rig.var_dir / "three-thousand.csv"
        spots = (MAU.at(50 + n % 60 * 48, 50 + n // 60 * 48) for n in range(IMPORT_ROWS))
        lines = [f"K-{n},{spot.x:.7f},{spot.y:.7f},working,15" for n, spot in enumerate(spots)]
        self._file.write_text("\n".join(["id,lon,lat,state,radius_m", *lines]) + "\n")

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "flask", "import", "lights", str(self._file), "--commune", str(MAU.id)]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.rig.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def _count(self) -> int:
        return int(str(self.rig.rows("SELECT count(*) FROM lights WHERE external_id LIKE 'K-%'")[0][0]))

    def kill_one(self) -> float:
        """Kill -9 as soon as the database is busy storing the rows."""
        storing = (
            "SELECT 1 FROM pg_stat_activity WHERE datname = 'gis' AND pid <> pg_backend_pid() "
            "AND state <> 'idle' AND (query ILIKE '%INSERT INTO lights%' OR query ILIKE 'COPY%')"
        )
        process = self._start()
        waited = wait_until(lambda: process.poll() is not None or bool(self.rig.rows(storing)))
        was_running = process.poll() is None
        process.kill()
        begun = time.monotonic()
        process.wait(10)
        wait_until(lambda: not self.rig.rows(storing), 5)
        count = self._count()
        if not was_running or count:
            self.faults.append(f"killed import: running {was_running}, {count} rows there instead of 0")
        self.story = f"killed after {waited:.1f} s while storing: {count} rows there"
        return begun

    def run_twice(self) -> float:
        """Run to the end, and again: 3,000 rows, once each."""
        for _ in range(2):
            process = self._start()
            output = process.communicate(timeout=60)[0].decode(errors="replace")
            if process.returncode != 0 or self._count() != IMPORT_ROWS:
                self.faults.append(f"import ended with {process.returncode}, {self._count()} rows: {output[-300:]}")
        self.story += f"; run again twice: {self._count()} rows"
        return time.monotonic()


def fill_disk(rig: Rig) -> float:
    """Fill the small disk to the last byte under load, let an import fail on it, then free it."""
    ballast = rig.data_dir().parent / "ballast"
    with ballast.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(b"\0" * 65_536)
        except OSError:
            pass
    time.sleep(4)
    # Now so much that the write-ahead log needs a file that it cannot have: PostgreSQL itself goes down.
    noise = "SELECT count(pg_logical_emit_message(false, 'chaos', repeat('x', 900000))) FROM generate_series(1, 300)"
    try:
        rig.rows(noise)
    except psycopg2.Error as error:
        print(f"  full disk: {type(error).__name__}: {str(error).splitlines()[0][:90]}")
    time.sleep(4)
    begun = time.monotonic()
    ballast.unlink()
    embedded.ensure_running(rig.var_dir)
    return begun


def check(rig: Rig, crowd: Crowd) -> list[str]:
    """What is lost or double."""
    found = marks_in(rig)
    lost = [mark for mark, row_id in crowd.acknowledged.items() if row_id not in found.get(mark, [])]
    double = [mark for mark, ids in found.items() if len(ids) > 1]
    for words, count in rig.unexpected().items():
        print(f"  server log: {count} times {words}")
    faults = [f"{len(lost)} acknowledged writes lost, such as {lost[0]}"] if lost else []
    faults += [f"{len(double)} writes stored more than once, such as {double[0]}"] if double else []
    faults += [f"valid writes refused: {dict(crowd.refusals)}"] if crowd.refusals else []
    return faults


def judge(phases: list[Phase]) -> list[str]:
    """What missed the marks."""
    faults = [f"{p.name}: answers {p.tally.strange}" for p in phases if p.tally.strange]
    faults += [f"{p.name}: ready after {p.ready_s:.1f} s" for p in phases if p.ready_s > READY_GOAL_S]
    return faults + [f"{p.name}: first write after {p.write_s:.1f} s" for p in phases if p.write_s > 2 * READY_GOAL_S]


def on_the_disk(only: str) -> tuple[list[Phase], list[str], int]:
    """Everything but the full disk."""
    with folder(small=False) as path, rig_in(path) as rig:  # type: ignore[arg-type]
        imports = Imports(rig)
        steps: dict[str, Callable[[], float]] = {
            "kill -9 PostgreSQL": lambda: kill_database(rig),
            "kill -9 a worker of the web": lambda: kill_worker(rig),
            "kill -9 the whole server": lambda: kill_server(rig),
            "kill -9 an import of 3,000 rows": imports.kill_one,
            "the import again, twice": imports.run_twice,
            "freeze PostgreSQL 10 s": lambda: freeze(rig),
        }
        crowd = Crowd(rig)
        crowd.start()
        phases = [run_phase(rig, crowd, name, step) for name, step in steps.items() if only in name]
        crowd.stop()
        if imports.story:
            print(f"  import: {imports.story}")
        return phases, check(rig, crowd) + imports.faults, len(crowd.acknowledged)


def on_a_small_disk() -> tuple[list[Phase], list[str], int]:
    """The full disk, where a tmpfs may be mounted."""
    with folder(small=True) as path:
        if path is None:
            print("SKIPPED full disk: mounting a tmpfs needs root")
            return [], [], 0
        with rig_in(path) as rig:
            crowd = Crowd(rig)
            crowd.start()
            phases = [run_phase(rig, crowd, "full disk", lambda: fill_disk(rig))]
            crowd.stop()
            return phases, check(rig, crowd), len(crowd.acknowledged)


def main() -> int:
    """Break, count, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="save the table in benchmarks/RESULTS.md")
    parser.add_argument("--only", default="", help="phases whose name holds this text")
    asked = parser.parse_args()
    begun, noise = time.monotonic(), machine_noise()
    phases, faults, count = on_the_disk(asked.only) if "full disk" not in asked.only else ([], [], 0)
    if asked.only in "full disk":
        more, wrong, extra = on_a_small_disk()
        phases, faults, count = phases + more, faults + wrong, count + extra
    faults += judge(phases)
    text = f"{noise}; {time.monotonic() - begun:.0f} s\n\n{table_text(HEADS, [phase.row() for phase in phases])}\n\n"
    text += f"Verdict: {'MISSED ' + '; '.join(faults) if faults else 'REACHED'}: {count} acknowledged writes"
    text += "" if faults else ", each there exactly once; only 2xx, 4xx and 503; ready within 5 s"
    if asked.write:
        save_results("chaos", text)
    print(text)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
