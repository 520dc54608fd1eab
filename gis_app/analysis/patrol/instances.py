"""Team orienteering in the text format of Chao, Golden & Wasil (1996): `n`, `m`, `tmax`, then x y score per node."""

import numpy as np

from gis_app.analysis.patrol.problem import PatrolProblem, make_problem
from gis_app.errors import Unprocessable


def read_instance(text: str) -> PatrolProblem:
    """Return the question: teams start at the first node and end at the last, times are Euclidean distances.

    Raises
    ------
    Unprocessable
        `bad_patrol_problem`: not of this format.
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    try:
        head = {line[0]: float(line[1]) for line in lines[:3]}
        nodes, teams, shift = int(head["n"]), int(head["m"]), head["tmax"]
        table = np.array([[float(word) for word in line] for line in lines[3 : 3 + nodes]])
    except (ValueError, IndexError, KeyError) as fault:
        raise Unprocessable("bad_patrol_problem", field="file") from fault
    if nodes < 2 or teams < 1 or table.shape != (nodes, 3) or not np.isfinite(table).all():
        raise Unprocessable("bad_patrol_problem", field="file")
    prize = table[:, 2].copy()
    prize[[0, -1]] = 0.0
    ends = np.zeros(teams, np.int64)
    return make_problem(prize, euclidean(table[:, :2]), ends, ends + nodes - 1, np.full(teams, shift))


def euclidean(
    places: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return distances between places."""
    away = places[:, None] - places[None]
    return np.asarray(np.hypot(away[..., 0], away[..., 1]))
