"""Choose the best set of routes among all that the search met: set packing by HiGHS.

The linear relaxation comes first: a column whose reduced cost proves that it cannot be in a better plan leaves.
"""

import highspy
import numpy as np

from gis_app.analysis.patrol.anneal import Pool
from gis_app.analysis.patrol.state import Floats, Ints, Net


def pack(net: Net, pool: Pool, floor: float, limit_s: float) -> tuple[list[list[int]] | None, bool]:
    """Return routes per team that are together worth more than `floor`, or None; and whether HiGHS finished."""
    count = int(pool.size[0])
    if count == 0:
        return None, True
    gain = pool.gain[:count]
    kinds, kind_of = np.unique(pool.kind, return_inverse=True)
    kind = kind_of[pool.team[:count]]
    sizes = np.diff(pool.first[: count + 1])
    nodes = pool.nodes[: pool.first[count]]
    rows = len(net.stop)
    limits = np.concatenate([np.ones(rows), np.bincount(kind_of, minlength=len(kinds))])
    # Each column: its stops, then its kind of team.
    starts = np.concatenate([[0], np.cumsum(sizes + 1)])
    index = np.insert(nodes, np.cumsum(sizes), rows + kind)
    keep = np.arange(count)
    relaxed = _solve(gain, starts, index, limits, limit_s, whole=False)
    if relaxed is None:
        return None, False
    bound, reduced, _, _ = relaxed
    if bound <= floor + 1e-6:
        return None, True
    keep = keep[bound + np.minimum(reduced, 0.0) > floor + 1e-6]
    parts = [index[starts[k] : starts[k + 1]] for k in keep]
    some = np.concatenate([[0], np.cumsum([len(part) for part in parts])])
    solved = _solve(gain[keep], some, np.concatenate(parts), limits, limit_s, whole=True)
    if solved is None or solved[0] <= floor + 1e-6:
        return None, solved is not None and solved[3]
    picked = keep[solved[2] > 0.5]
    free = {k: np.flatnonzero(kind_of == k).tolist() for k in range(len(kinds))}
    routes: list[list[int]] = [[] for _ in net.start]
    for column in picked.tolist():
        routes[free[int(kind[column])].pop()] = nodes[pool.first[column] : pool.first[column + 1]].tolist()
    return routes, solved[3]


def _solve(
    gain: Floats, starts: Ints, index: Ints, limits: Floats, limit_s: float, *, whole: bool
) -> tuple[float, Floats, Floats, bool] | None:
    """Value, reduced costs, columns, and whether they are the best; None if HiGHS was stopped before it had any."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, option in (("output_flag", False), ("threads", 1), ("time_limit", limit_s), ("random_seed", 0)):
        solver.setOptionValue(name, option)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(gain), len(limits)
    model.col_cost_, model.sense_ = gain, highspy.ObjSense.kMaximize
    model.col_lower_, model.col_upper_ = np.zeros(len(gain)), np.ones(len(gain))
    model.row_lower_, model.row_upper_ = np.full(len(limits), -highspy.kHighsInf), limits
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = starts.astype(np.int32)
    model.a_matrix_.index_ = index.astype(np.int32)
    model.a_matrix_.value_ = np.ones(len(index))
    if whole:
        model.integrality_ = [highspy.HighsVarType.kInteger] * len(gain)
    solver.passModel(model)
    solver.run()
    finished = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    info, solution = solver.getInfo(), solver.getSolution()
    if not finished and not (whole and info.primal_solution_status == 2):
        return None
    return info.objective_function_value, np.array(solution.col_dual), np.array(solution.col_value), finished
