"""What has no meaning is refused by name; the reader of instances; the compiler's cache; PyVRP as second engine."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.patrol_data import windowed
from benchmarks.patrol_rivals import solve_pyvrp
from gis_app.analysis.patrol import PatrolProblem, check_problem, make_problem, plan_routes
from gis_app.analysis.patrol.compiled import cache_folder
from gis_app.analysis.patrol.instances import read_instance
from gis_app.errors import Unprocessable
from tests.unit.patrol_oracle import best_prize, keeps_time


def line(**changes: Any) -> PatrolProblem:
    """Depot at 0, stops at 1 to 4 on a line, two teams of 10."""
    at = np.arange(5.0)
    ends = np.zeros(2, np.int64)
    plain = make_problem(np.array([0, 1, 2, 3, 4.0]), np.abs(at[:, None] - at), ends, ends, np.full(2, 10.0))
    return dataclasses.replace(plain, **changes)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"prize": np.array([0, 1, np.nan, 1, 1])}, "prize"),
        ({"prize": np.array([0, 1, -1.0, 1, 1])}, "prize"),
        ({"open_s": np.zeros(4)}, "open_s"),
        ({"service_s": np.full(5, -1.0)}, "service_s"),
        ({"service_s": np.full(5, np.inf)}, "service_s"),
        ({"open_s": np.full(5, 3.0), "close_s": np.full(5, 2.0)}, "close_s"),
        ({"travel_s": np.full((5, 5), np.nan)}, "travel_s"),
        ({"travel_s": np.zeros((5, 4))}, "travel_s"),
        ({"shift_s": np.array([10.0, np.inf])}, "shift_s"),
        ({"shift_s": np.array([10.0, 1e7])}, "shift_s"),
        ({"start": np.array([0, 5])}, "start"),
        ({"end": np.array([-1, 0])}, "end"),
        ({"end": np.array([0.5, 0])}, "end"),
        ({"allowed": np.ones((1, 5), bool)}, "allowed"),
    ],
)
def test_bad_numbers_are_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Unprocessable) as raised:
        plan_routes(line(**changes))
    assert (raised.value.code, raised.value.params["field"]) == ("bad_patrol_problem", field)


MUST = np.arange(5) == 4


@pytest.mark.parametrize(
    ("changes", "code", "named"),
    [
        ({"must": MUST, "forbidden": MUST}, "patrol_must_forbidden", [4]),
        ({"must": np.arange(5) == 0}, "patrol_must_forbidden", [0]),
        ({"must": MUST, "allowed": np.tile(~MUST, (2, 1))}, "patrol_must_forbidden", [4]),
        ({"must": MUST, "shift_s": np.array([7.0, 7.0])}, "patrol_must_unreachable", [4]),
        ({"must": MUST, "close_s": np.array([99, 99, 99, 99, 3.0])}, "patrol_must_unreachable", [4]),
        ({"locked": ((2, (1,)),)}, "patrol_lock_invalid", [1]),
        ({"locked": ((0, (1, 9)),)}, "patrol_lock_invalid", [1, 9]),
        ({"locked": ((0, (1, 2)), (1, (2,)))}, "patrol_lock_invalid", [2]),
        ({"locked": ((0, (1, 1)),)}, "patrol_lock_invalid", [1]),
        ({"locked": ((0, (4,)),), "allowed": np.array([~MUST, np.ones(5, bool)])}, "patrol_lock_invalid", [4]),
    ],
)
def test_what_cannot_be_is_named(changes: dict[str, Any], code: str, named: list[int]) -> None:
    with pytest.raises(Unprocessable) as raised:
        check_problem(line(**changes))
    assert (raised.value.code, raised.value.params["nodes"]) == (code, named)


def test_a_lock_that_takes_too_long_names_its_team() -> None:
    with pytest.raises(Unprocessable) as raised:
        check_problem(line(locked=((1, (4, 1, 4 - 1, 2)),)))
    assert (raised.value.code, raised.value.params["team"]) == ("patrol_lock_too_long", 1)


def test_reader() -> None:
    text = "n 4\nm 2\ntmax 10.5\n0 0 0\n3 4\t7\n0 1 2\n6 8 0\n"
    problem = read_instance(text)
    assert (problem.node_count, problem.team_count, problem.shift_s.tolist()) == (4, 2, [10.5, 10.5])
    assert (problem.start.tolist(), problem.end.tolist()) == ([0, 0], [3, 3])
    assert problem.travel_s[0, 1] == 5
    assert plan_routes(problem, iterations=300).prize == best_prize(problem) == 9


@pytest.mark.parametrize(
    "text", ["", "n 4\nm 2\n", "n 3\nm 1\ntmax 5\n0 0 0\n1 1 x\n2 2 0", "n 2\nm 1\ntmax 5\n0 0 0\n"]
)
def test_reader_refuses_other_formats(text: str) -> None:
    with pytest.raises(Unprocessable):
        read_instance(text)


def test_second_engine_agrees() -> None:
    """PyVRP's routes are feasible by our clock, and ours are worth at least as much."""
    problem = windowed(4, stops=30)
    ours = plan_routes(problem, 0, 60, iterations=8000)
    prize, routes = solve_pyvrp(problem, 0.5)
    assert all(keeps_time(problem, team, tuple(stops)) for team, stops in enumerate(routes))
    assert ours.prize >= prize > 0.8 * ours.prize


def test_cache_goes_where_it_may_be_written(tmp_path: Path) -> None:
    there = cache_folder({"NUMBA_CACHE_DIR": str(tmp_path / "a"), "VAR_DIR": str(tmp_path / "b")})
    assert there is not None
    assert there.parent == tmp_path / "a"
    other = cache_folder({"VAR_DIR": str(tmp_path / "b")})
    assert other is not None
    assert other.parent == tmp_path / "b" / "numba"
    (tmp_path / "file").touch()
    assert cache_folder({"NUMBA_CACHE_DIR": str(tmp_path / "file")}) is None
