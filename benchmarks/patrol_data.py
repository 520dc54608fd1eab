"""Instances for the patrol benchmark: the published ones from a folder, and generated ones."""

import csv
import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np

from benchmarks.streets import town
from gis_app.analysis.patrol.instances import euclidean, read_instance
from gis_app.analysis.patrol.problem import PatrolProblem, make_problem
from gis_app.analysis.patrol_settings import default_settings, read_settings
from gis_app.analysis.patrol_shift import ShiftGround, StopNode, make_ground
from gis_app.analysis.street_graph import make_graph

# Of every set, long shifts and 2 to 4 teams: those on which solvers differ.
SAMPLE = [
    "p1.2.r", "p2.3.k", "p3.3.q", "p3.4.t", "p4.2.j", "p4.2.q", "p4.3.p",
    "p4.3.t", "p4.4.k", "p4.4.r", "p5.2.x", "p5.3.q", "p5.4.w", "p6.2.j",
    "p6.3.n", "p7.2.l", "p7.2.r", "p7.3.m", "p7.3.t", "p7.4.p", "p7.4.s",
]  # fmt: skip


def published(folder: Path, names: list[str]) -> dict[str, tuple[PatrolProblem, float]]:
    """Instances and their reference values."""
    with (folder / "reference_values.csv").open() as file:
        values = {row["name"]: float(row["bks"]) for row in csv.DictReader(file)}
    return {name: (read_instance((folder / f"{name}.txt").read_text()), values[name]) for name in names}


def windowed(seed: int, stops: int = 100, teams: int = 2) -> PatrolProblem:
    """Like Righini & Salani's instances after Solomon: depot in the middle, windows of many widths, service 10.

    Seeds 0, 3, … are scattered, 1, 4, … in clusters, 2, 5, … half and half; every second has narrow windows.
    """
    rng, shift = np.random.default_rng(1000 + seed), 230.0
    centres = rng.uniform(10, 90, (8, 2))
    near = centres[rng.integers(0, 8, stops)] + rng.normal(0, 4, (stops, 2))
    wide = rng.uniform(0, 100, (stops, 2))
    clustered = np.array([0.0, 1.0, 0.5])[seed % 3]
    places = np.vstack([[50.0, 50.0], np.where((rng.random(stops) < clustered)[:, None], near, wide)])
    travel = np.ceil(euclidean(places) * 10) / 10
    width = rng.uniform(10, 40, stops) if seed % 2 else rng.uniform(30, 120, stops)
    centre = rng.uniform(travel[0, 1:], shift - travel[0, 1:] - 10)
    prize = np.concatenate([[0], rng.integers(1, 41, stops)]).astype(float)
    depot = np.zeros(teams, np.int64)
    opened = np.concatenate([[0], np.maximum(centre - width / 2, 0)])
    closed = np.concatenate([[shift], centre + width / 2])
    plain = make_problem(prize, travel, depot, depot, np.full(teams, shift))
    service = np.concatenate([[0], np.full(stops, 10.0)])
    return dataclasses.replace(plain, service_s=service, open_s=np.round(opened, 1), close_s=np.round(closed, 1))


def large(seed: int, stops: int, teams: int) -> PatrolProblem:
    """Uniform or clustered places in 100 x 100, prizes 1 to 100, about half of the stops within reach."""
    rng = np.random.default_rng(2000 + seed)
    places = rng.uniform(0, 100, (stops + 2, 2))
    if seed % 2:
        centres = rng.uniform(5, 95, (stops // 15, 2))
        places = centres[rng.integers(0, len(centres), stops + 2)] + rng.normal(0, 3, (stops + 2, 2))
    places[[0, -1]] = [[50, 50], [50, 50]]
    prize = rng.integers(1, 101, stops + 2).astype(float)
    prize[[0, -1]] = 0
    # 0.7124 sqrt(n A): the length of a tour through all.
    shift = 0.5 * 0.7124 * np.sqrt(stops * 1e4) / teams
    start = np.zeros(teams, np.int64)
    return make_problem(prize, euclidean(places), start, start + stops + 1, np.full(teams, shift))


def shift_ground(seed: int, stops: int = 60, teams: int = 3, hours: int = 4, mode: str = "motorbike") -> ShiftGround:
    """An evening on the streets of a crooked town of 4 x 4 km: points 1 to 10, teams that start in the middle."""
    rng = np.random.default_rng(4000 + seed)
    graph = make_graph(town(40, seed + 1))
    team = {"name": "Tổ", "mode": mode, "force": "mixed", "start": [106.6, 20.8], "end": [106.6, 20.8]}
    raw = default_settings(dt.date(2026, 11, 22), (106.6, 20.8), seed)
    asked, faults = read_settings(raw | {"start": "19:00", "end": f"{19 + hours}:00", "teams": [team] * teams})
    if asked is None:
        raise ValueError(faults)
    nodes = [
        StopNode(n, f"venue:{n}", [f"venue:{n}"], *rng.uniform(0, 3900, 2).tolist(), float(rng.integers(1, 11)),
                 None, None, False, False, False)
        for n in range(stops)
    ]  # fmt: skip
    return make_ground(graph, asked, nodes, np.full((2 * teams, 2), 1950.0), [])


def real_shift(seed: int, stops: int = 60, teams: int = 3) -> PatrolProblem:
    """An evening: 4 h, motorbikes at 18 km/h over 4 x 4 km, one-way detours, 10-15 min at a stop, some windows."""
    rng = np.random.default_rng(3000 + seed)
    metres = euclidean(rng.uniform(0, 4000, (stops + 1, 2))) * rng.uniform(1.2, 1.6, (stops + 1, stops + 1))
    travel = metres / 5.0
    for middle in range(stops + 1):  # no street is longer than the way round
        travel = np.minimum(travel, travel[:, middle, None] + travel[None, middle])
    prize = np.concatenate([[0], rng.integers(1, 11, stops)]).astype(float)
    service = np.concatenate([[0], rng.uniform(600, 900, stops)])
    opened, closed = np.zeros(stops + 1), np.full(stops + 1, np.inf)
    some = rng.choice(np.arange(1, stops + 1), stops // 5, replace=False)
    opened[some] = rng.uniform(0, 9000, len(some))
    closed[some] = opened[some] + rng.uniform(1800, 5400, len(some))
    depot = np.zeros(teams, np.int64)
    plain = make_problem(prize, travel, depot, depot, np.full(teams, 14_400.0))
    return dataclasses.replace(plain, service_s=service, open_s=opened, close_s=closed)
