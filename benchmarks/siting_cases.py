"""Generated siting problems: plain covering on a square, and streets with poles, bearings and lamps."""

from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from scipy.spatial import cKDTree

from gis_app.analysis.siting import SitingProblem

CAMERA_VND, LAMP_VND = 12e6, 5e6
CAMERA_RANGE_M, CAMERA_HALF_DEG, LAMP_RADIUS_M = 50.0, 45.0, 20.0


def covering(targets: int, sites: int, chosen: int, radius_m: float, seed: int = 0, side_m: float = 2000.0,
             weights: bool = True) -> SitingProblem:  # fmt: skip
    """Maximal covering: points at random, a site covers what lies within the radius, `chosen` sites."""
    rng = np.random.default_rng(seed)
    points, places = rng.uniform(0, side_m, (targets, 2)), rng.uniform(0, side_m, (sites, 2))
    near = cKDTree(places).sparse_distance_matrix(cKDTree(points), radius_m, output_type="coo_matrix")
    sees = sp.csr_matrix((np.ones(near.nnz, np.int8), (near.row, near.col)), shape=(sites, targets))
    weight = rng.integers(1, 100, targets).astype(float) if weights else np.ones(targets)
    none = np.zeros(targets, bool)
    return SitingProblem(
        weight, np.zeros(targets), none, none, none, np.zeros(targets, int), np.arange(sites), np.ones(sites),
        np.zeros(sites, bool), sees, np.zeros(0, int), np.zeros(0), sp.csr_matrix((0, targets)),
        np.ones(sites, int), np.zeros(sites, bool), np.array([[float(chosen)]]), [{"camera"}],
    )  # fmt: skip


def streets(targets: int, poles: int, bearings: int, seed: int = 0, budget: float = 0.0) -> SitingProblem:
    """A grid of streets, a pole per 75 x 75 m; night weighs half as much again as day, 15 % of the targets are lit."""
    rng = np.random.default_rng(seed)
    side = 75.0 * np.sqrt(poles)
    lines = np.linspace(0, side, max(4, int(np.sqrt(poles / 4))))

    def along(count: int) -> np.ndarray:
        across, down = rng.choice(lines, count) + rng.normal(0, 4, count), rng.uniform(0, side, count)
        turned = rng.random(count) < 0.5
        return np.stack((np.where(turned, across, down), np.where(turned, down, across)), 1)

    points, places = along(targets), along(poles)
    near = cKDTree(places).sparse_distance_matrix(cKDTree(points), CAMERA_RANGE_M, output_type="coo_matrix")
    gap = points[near.col] - places[near.row]
    bearing = np.degrees(np.arctan2(gap[:, 0], gap[:, 1]))
    rows, columns = [], []
    for k in range(bearings):
        inside = np.abs((bearing - k * 360 / bearings + 180) % 360 - 180) <= CAMERA_HALF_DEG
        rows.append(near.row[inside] * bearings + k)
        columns.append(near.col[inside])
    row, column = np.concatenate(rows), np.concatenate(columns)
    cameras = poles * bearings
    close = near.data <= LAMP_RADIUS_M
    none = np.zeros(targets, bool)
    return SitingProblem(
        rng.integers(1, 20, targets).astype(float), rng.integers(1, 30, targets).astype(float), none, none,
        rng.random(targets) < 0.15, np.zeros(targets, int), np.repeat(np.arange(poles), bearings),
        np.full(cameras, CAMERA_VND), np.zeros(cameras, bool),
        sp.csr_matrix((np.ones(len(row), np.int8), (row, column)), shape=(cameras, targets)), np.arange(poles),
        np.full(poles, LAMP_VND),
        sp.csr_matrix((np.ones(int(close.sum()), np.int8), (near.row[close], near.col[close])), (poles, targets)),
        np.full(poles, 2), np.zeros(poles, bool), np.array([[budget or CAMERA_VND * poles / 8]]),
        [{"camera", "lamp"}],
    )  # fmt: skip


def cameras_only(problem: SitingProblem) -> SitingProblem:
    """All the money for cameras."""
    return replace(problem, forbidden=np.arange(problem.cameras, problem.cameras + problem.lamps))


def half_half(problem: SitingProblem) -> SitingProblem:
    """Half of the money for each kind."""
    half = problem.budgets / 2
    return replace(problem, budgets=np.concatenate((half, half), axis=1), fund_kinds=[{"camera"}, {"lamp"}])
