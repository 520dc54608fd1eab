"""PyVRP as the second engine: tuned as METHODS.md found best (prizes outweigh distances, whole numbers)."""

import time

import numpy as np
import pyvrp

from gis_app.analysis.patrol.problem import PatrolProblem

SCALE = 100


class CpuLimit:
    """Stop after CPU seconds of this thread."""

    def __init__(self, seconds: float) -> None:
        self.end = time.thread_time() + seconds

    def __call__(self, best_cost: float) -> bool:
        """Whether to stop."""
        return time.thread_time() >= self.end


def solve_pyvrp(problem: PatrolProblem, seconds: float, seed: int = 0) -> tuple[float, list[list[int]]]:
    """Prize and routes (node numbers of the problem) that PyVRP finds in so much CPU."""
    times = np.minimum(np.ceil(problem.travel_s * SCALE), 1e9).astype(np.int64)
    horizon = int(problem.shift_s.max() * SCALE)
    weight = 10.0 * float(problem.shift_s.sum()) * SCALE / problem.prize.sum()
    depots = np.unique(np.concatenate([problem.start, problem.end])).tolist()
    stops = np.flatnonzero(~problem.depot & ~problem.forbidden).tolist()
    model = pyvrp.Model()
    place = {node: model.add_location(0, 0) for node in (*depots, *stops)}
    depot = {node: model.add_depot(place[node]) for node in depots}
    for node in stops:
        model.add_client(
            place[node], service_duration=int(np.ceil(problem.service_s[node] * SCALE)),
            tw_early=int(np.ceil(problem.open_s[node] * SCALE)),
            tw_late=int(min(problem.close_s[node] * SCALE, horizon)),
            prize=int(problem.prize[node] * weight), required=bool(problem.must[node]),
        )  # fmt: skip
    for start, end, shift in zip(problem.start.tolist(), problem.end.tolist(), problem.shift_s.tolist(), strict=True):
        # From the shift's start, waiting included.
        model.add_vehicle_type(1, start_depot=depot[start], end_depot=depot[end], tw_late=int(shift * SCALE))
    for a, from_place in place.items():
        for b, to_place in place.items():
            if a != b:
                model.add_edge(from_place, to_place, int(times[a, b]), int(times[a, b]))
    result = model.solve(CpuLimit(seconds), seed=seed, display=False, collect_stats=False)
    routes = [[stops[activity.idx] for activity in route if activity.is_client()] for route in result.best.routes()]
    prize = sum(float(problem.prize[node]) for route in routes for node in route)
    return (prize if result.best.is_feasible() else 0.0), routes
