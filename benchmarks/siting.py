"""How fast siting is proven: `.venv/bin/python -m benchmarks.siting [--quick] [--write]`.

Generated maximal covering (sites on a 2 x 2 km square, whole weights 1-99), streets with poles, bearings and lamps,
and spopt 0.7.0 with HiGHS (through PuLP) on the first of them, in an environment of its own. Each run is a process of
its own; CPU seconds of one thread, building included, and the peak of its memory. The last line is the verdict.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.harness import machine_noise, save_results, table_text, var_dir

MEMORY_GOAL_MB, RATIO_GOAL = 800.0, 20.0
PACKAGES = ("spopt==0.7.0", "highspy==1.15.1")
INSTALL_S, RUN_S = 300, 400
HEADS = ("case", "CPU s", "goal s", "status", "weight", "bound", "gap %", "cameras", "lamps", "MB")


@dataclass(frozen=True)
class Case:
    """A generated problem, and what is asked of its run."""

    name: str
    kind: str
    arguments: tuple[Any, ...]
    limit_s: float
    gap: float
    goal_s: float
    goal_gap: float = 0.0


FULL = (
    Case("1,000 x 1,000, p 20", "covering", (1000, 1000, 20, 150.0), 30, 0.0, 1.0),
    Case("5,000 x 1,000, p 50", "covering", (5000, 1000, 50, 100.0), 60, 0.0, 15.0),
    Case("5,000 x 5,000, 150 m, p 20", "covering", (5000, 5000, 20, 150.0), 60, 0.0, 30.0, 0.01),
    Case("1,500 targets x 400 poles x 12", "streets", (1500, 400, 12), 30, 1e-3, 10.0, 1e-3),
)
# No goal: nearly everything is covered, and the relaxation is far; then a large town; then more than HiGHS may have.
OPEN = (
    Case("5,000 x 1,000, 150 m, p 50", "covering", (5000, 1000, 50, 150.0), 30, 0.0, 0.0),
    Case("3,000 targets x 800 poles x 24", "streets", (3000, 800, 24), 60, 1e-4, 0.0),
    Case("5,000 x 100,000, 100 m, p 50", "covering", (5000, 100_000, 50, 100.0), 60, 1e-4, 0.0),
)
QUICK = (Case("300 x 300, p 10", "covering", (300, 300, 10, 200.0), 10, 0.0, 1.0),
         Case("300 targets x 80 poles x 8", "streets", (300, 80, 8), 10, 1e-3, 5.0, 1e-3))  # fmt: skip

# Run by the other environment: the same matrix from a file, built and solved with spopt.
RIVAL = """
import json, sys, time
import numpy, pulp
from spopt.locate import MCLP
data = numpy.load(sys.argv[1])
begun = time.process_time()
model = MCLP.from_cost_matrix(data["distance"], data["weight"], float(data["radius"]), int(data["chosen"]))
built = time.process_time() - begun
model = model.solve(pulp.HiGHS(msg=False, threads=1))
print(json.dumps({"build": built, "all": time.process_time() - begun, "weight": pulp.value(model.problem.objective)}))
"""


def run_here(case: Case, rule: str) -> None:
    """One case in this process; prints JSON."""
    from benchmarks import siting_cases as made  # noqa: PLC0415 - the parent stays small
    from gis_app.analysis.siting import Options, solve  # noqa: PLC0415

    problem = getattr(made, case.kind)(*case.arguments)
    if rule:
        problem = getattr(made, rule)(problem)
    begun = time.process_time()
    plan = solve(problem, time_limit_s=case.limit_s, options=Options(gap=case.gap))
    spent = time.process_time() - begun
    print(json.dumps({
        "cpu": spent, "status": plan.status, "weight": plan.objective, "bound": plan.bound, "gap": plan.gap_share,
        "cameras": len(plan.cameras), "lamps": len(plan.lamps),
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }))  # fmt: skip


def measure(case: Case, rule: str = "") -> dict[str, Any]:
    """A case in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.siting", "--one", json.dumps([case.__dict__, rule])]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=RUN_S)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def rival(case: Case) -> dict[str, float] | None:
    """The same problem by spopt, or None (and a line that says why)."""
    folder = var_dir() / "bench-env"
    try:
        if not any(folder.glob("lib/*/site-packages/spopt")):
            if not (folder / "bin" / "pip").exists():
                venv.create(folder, with_pip=True)
            subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", *PACKAGES], check=True,
                           capture_output=True, timeout=INSTALL_S)  # fmt: skip
        data = _matrix_file(case)
        done = subprocess.run([str(folder / "bin" / "python"), "-W", "ignore", "-c", RIVAL, str(data)], check=True,
                              capture_output=True, text=True, timeout=RUN_S)  # fmt: skip
        data.unlink()
    except (subprocess.SubprocessError, OSError) as error:
        print(f"spopt is left out: {type(error).__name__}", file=sys.stderr)
        return None
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _matrix_file(case: Case) -> Path:
    """Distances that say who covers whom: 0 within, 2 beyond a radius of 1."""
    import numpy as np  # noqa: PLC0415

    from benchmarks import siting_cases as made  # noqa: PLC0415

    problem = made.covering(*case.arguments)
    path = var_dir() / "bench-siting.npz"
    np.savez(path, distance=2.0 * (1 - problem.camera_sees.toarray().T), weight=problem.weight_day, radius=1.0,
             chosen=problem.budgets.sum())  # fmt: skip
    return path


def row_of(case: Case, found: dict[str, Any]) -> list[object]:
    """The table's row."""
    return [case.name, found["cpu"], case.goal_s or "-", found["status"], found["weight"], found["bound"],
            100 * found["gap"], found["cameras"], found["lamps"], found["mb"]]  # fmt: skip


def reached(case: Case, found: dict[str, Any]) -> bool:
    """Within the time, proven or within the gap asked, within the memory."""
    proven = found["gap"] <= max(case.goal_gap, 1e-9)
    return bool(proven and found["cpu"] <= case.goal_s and found["mb"] <= MEMORY_GOAL_MB)


def fixtures(quick: bool) -> tuple[list[list[object]], bool]:
    """Both kinds of device together against either rule, at the same money."""
    rows, good = [], True
    for seed in range(3):
        case = Case(f"streets {seed}", "streets", (150, 40, 8, seed) if quick else (600, 150, 12, seed), 20, 1e-4, 0)
        joint, cameras, half = (measure(case, rule)["weight"] for rule in ("", "cameras_only", "half_half"))
        good = good and joint > max(cameras, half)
        rows.append([case.name, joint, cameras, half])
    return rows, good


def judge(cases: Sequence[Case], found: Sequence[dict[str, Any]], other: dict[str, float] | None,
          better: bool) -> tuple[bool, str]:  # fmt: skip
    """All goals in words."""
    said = [f"{'REACHED' if reached(case, one) else 'MISSED'} {case.name} ({one['cpu']:.2f} of {case.goal_s:g} s)"
            for case, one in zip(cases, found, strict=True)]  # fmt: skip
    if other is not None:
        ratio = other["all"] / found[0]["cpu"]
        said.append(f"{'REACHED' if ratio >= RATIO_GOAL else 'MISSED'} spopt x {ratio:.0f} (goal {RATIO_GOAL:g})")
    said.append(f"{'REACHED' if better else 'MISSED'} joint above cameras-only and half/half on three fixtures")
    return not any(one.startswith("MISSED") for one in said), "Verdict: " + "; ".join(said)


def main() -> int:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small problems, spopt on the smallest")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help="save the tables in benchmarks/RESULTS.md")
    asked = parser.parse_args()
    if asked.one:
        fields, rule = json.loads(asked.one)
        run_here(Case(**{**fields, "arguments": tuple(fields["arguments"])}), rule)
        return 0
    noise, cases = machine_noise(), QUICK if asked.quick else FULL
    found = [measure(case) for case in cases]
    more = [] if asked.quick else [row_of(case, measure(case)) for case in OPEN]
    other = rival(cases[0])
    rows, better = fixtures(asked.quick)
    # On small problems a start-up is all there is: the ratio is asked of the full run.
    good, verdict = judge(cases, found, None if asked.quick else other, better)
    said = "spopt was left out" if other is None else (
        f"spopt 0.7.0 with HiGHS, {cases[0].name}: build {other['build']:.2f} s, with solve {other['all']:.2f} s, "
        f"weight {other['weight']:,.0f} (ours {found[0]['weight']:,.0f})")  # fmt: skip
    parts = [f"{noise}; after: {machine_noise()}", "CPU seconds of one thread, building included; imports are not.",
             table_text(HEADS, [row_of(case, one) for case, one in zip(cases, found, strict=True)] + more), said,
             table_text(("fixture", "joint", "cameras only", "half / half"), rows), verdict]  # fmt: skip
    text = "\n\n".join(parts)
    if asked.write:
        save_results("siting" + (" (quick)" if asked.quick else ""), text)
    print(text)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
