"""HiGHS on a siting model: warm start, progress, stop, time limit; the incumbent and a bound that holds."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp

from gis_app.analysis.siting.model import Model
from gis_app.analysis.siting.problem import Floats

# Interior point for the first relaxation: 2-4 s where the simplex needs 60 (METHODS.md, section 2).
_IPM_ENTRIES = 10_000
_BEAT_S = 0.2

# Seconds are the caller's: (incumbent's point or None, bound) -> stop?
Watch = Callable[[Floats | None, float], bool]


@dataclass(frozen=True)
class Outcome:
    """The best point (None: none found), a bound on the weight, and how it ended."""

    point: Floats | None
    bound: float
    status: str


def bound_of(model: Model, bound: float) -> float:
    """In the caller's weights; whole weights add up to whole ones."""
    if model.step and np.isfinite(bound):
        bound = float(np.floor(bound + 1e-6))
    return bound / model.scale


class _Ears:
    """Listens to HiGHS; asks the caller at most five times a second whether to stop."""

    def __init__(self, model: Model, deadline: float, watch: Watch) -> None:
        self.model, self.deadline, self.watch = model, deadline, watch
        self.bound = np.inf
        self.best: Floats | None = None
        self.best_value = -np.inf
        self.stopped = self.late = False
        self.error: Exception | None = None
        self._asked = 0.0

    def _ask(self, point: Floats | None, soon: bool) -> None:
        now = time.monotonic()
        if self.stopped or self.error or not (soon or now - self._asked > _BEAT_S):
            return
        self._asked = now
        try:
            self.stopped = self.watch(point, bound_of(self.model, self.bound))
        except Exception as error:  # noqa: BLE001 - raised again once HiGHS has ended
            self.error = error

    def improved(self, event: highspy.highs.HighsCallbackEvent) -> None:
        """A better plan."""
        value = float(event.data_out.objective_function_value)
        if value > self.best_value:
            self.best_value = value
            self.best = np.array(event.data_out.mip_solution, np.float64)
            self._take_bound(event)
            self._ask(self.best, soon=True)

    def beat(self, event: highspy.highs.HighsCallbackEvent) -> None:
        """Now and then."""
        self._take_bound(event)
        self._ask(None, soon=False)
        self.late = self.late or time.monotonic() > self.deadline
        if self.stopped or self.error or self.late:
            event.interrupt()

    def lp_beat(self, event: highspy.highs.HighsCallbackEvent) -> None:
        """Inside a relaxation nothing is known of the bound."""
        self._ask(None, soon=False)
        self.late = self.late or time.monotonic() > self.deadline
        if self.stopped or self.error or self.late:
            event.interrupt()

    def _take_bound(self, event: highspy.highs.HighsCallbackEvent) -> None:
        bound = float(event.data_out.mip_dual_bound)
        if np.isfinite(bound):
            self.bound = min(self.bound, bound)


def _linear_program(model: Model) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model.weight), len(model.low)
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = model.weight, model.lower, model.upper
    lp.row_lower_ = np.where(np.isneginf(model.low), -highspy.kHighsInf, model.low)
    lp.row_upper_ = np.where(np.isposinf(model.high), highspy.kHighsInf, model.high)
    matrix = sp.csc_matrix(model.matrix)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    kinds = [highspy.HighsVarType.kContinuous] * len(model.weight)
    for one in model.whole.tolist():
        kinds[one] = highspy.HighsVarType.kInteger
    lp.integrality_ = kinds
    return lp


def _options(highs: highspy.Highs, model: Model, seed: int, gap: float, left: float) -> None:
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("parallel", "off")
    highs.setOptionValue("random_seed", seed % 2**31)
    highs.setOptionValue("time_limit", left)
    highs.setOptionValue("mip_rel_gap", gap)
    # Whole weights: a bound less than one step above the plan proves it.
    highs.setOptionValue("mip_abs_gap", 0.999 * model.step if model.step else 1e-6)
    highs.setOptionValue("mip_detect_symmetry", False)
    # Starting over pays where cameras and lamps must meet, and costs a third of the time of plain covering.
    highs.setOptionValue("mip_allow_restart", bool(len(model.joined)))
    if model.matrix.nnz > _IPM_ENTRIES:
        highs.setOptionValue("mip_lp_solver", "ipm")


def run(model: Model, start: Floats | None, seed: int, gap: float, deadline: float, watch: Watch,
        searched: bool) -> Outcome:  # fmt: skip
    """Solve until proven, late or told to stop."""
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    _options(highs, model, seed, gap, max(0.01, deadline - time.monotonic()))
    if searched:
        # Its sub-problems took 23 of 25 s on 5,000 x 1,000; the search in the calls between finds more in less time.
        highs.setOptionValue("mip_heuristic_effort", 0.0)
        for name in ("rens", "rins", "root_reduced_cost", "feasibility_jump"):
            highs.setOptionValue(f"mip_heuristic_run_{name}", False)
    if highs.passModel(_linear_program(model)) == highspy.HighsStatus.kError:
        raise RuntimeError("HiGHS refused the model")
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = start.tolist()
        highs.setSolution(solution)
    ears = _Ears(model, deadline, watch)
    highs.cbMipImprovingSolution += ears.improved
    highs.cbMipInterrupt += ears.beat
    highs.cbMipLogging += ears.beat
    highs.cbSimplexInterrupt += ears.lp_beat
    highs.cbIpmInterrupt += ears.lp_beat
    highs.run()
    if ears.error is not None:
        raise ears.error
    return _outcome(highs, model, ears)


def _outcome(highs: highspy.Highs, model: Model, ears: _Ears) -> Outcome:
    status, info = highs.getModelStatus(), highs.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Outcome(None, -np.inf, "infeasible")
    bound, point = ears.bound, ears.best
    if np.isfinite(info.mip_dual_bound):
        bound = min(bound, float(info.mip_dual_bound))
    if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        point = np.array(highs.getSolution().col_value, np.float64)
    ended = "stopped" if ears.stopped else "time_limit"
    how = "optimal" if status == highspy.HighsModelStatus.kOptimal else ended
    return Outcome(point, bound_of(model, bound), how)
