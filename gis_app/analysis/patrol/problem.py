"""The question: stops with prizes, teams with shifts, and what must or must not be.

Seconds count from the shift's start. Waiting, travel and services all count against a shift.
"""

from dataclasses import dataclass, field

import numpy as np

from gis_app.analysis.patrol.state import NEVER, SLACK, Flags, Floats, Ints
from gis_app.errors import Unprocessable

Locks = tuple[tuple[int, tuple[int, ...]], ...]


@dataclass(frozen=True)
class PatrolProblem:
    """Nodes are positions 0 to n - 1; those where a team starts or ends are depots and never stops.

    `prize`, `service_s`, `open_s`, `close_s` (n,): service must start within open and close. `travel_s` (n, n), from
    row to column, inf = cannot; shortest times, so that no way through a third node is quicker (else reasons and
    bound, which look at every stop alone, may be wrong, though a plan never is). `start`, `end`, `shift_s` (t,).
    `must`, `forbidden` (n,). `allowed` (t, n): which team may serve which stop. `locked`: (team, stops in the order
    that stays); others may come between.
    """

    prize: Floats
    service_s: Floats
    open_s: Floats
    close_s: Floats
    travel_s: Floats
    start: Ints
    end: Ints
    shift_s: Floats
    must: Flags
    forbidden: Flags
    allowed: Flags
    locked: Locks = field(default=())

    @property
    def node_count(self) -> int:
        """Stops and depots."""
        return len(self.prize)

    @property
    def team_count(self) -> int:
        """Teams of the shift."""
        return len(self.start)

    @property
    def depot(self) -> Flags:
        """Where a team starts or ends."""
        found = np.zeros(self.node_count, np.bool_)
        found[self.start] = found[self.end] = True
        return found


def make_problem(prize: Floats, travel_s: Floats, start: Ints, end: Ints, shift_s: Floats) -> PatrolProblem:
    """Return the plain question: no service, no windows, nothing forced; `dataclasses.replace` sets the rest."""
    nodes, teams = len(prize), len(start)
    return PatrolProblem(
        np.asarray(prize, np.float64), np.zeros(nodes), np.zeros(nodes), np.full(nodes, np.inf),
        np.asarray(travel_s, np.float64), np.asarray(start, np.int64), np.asarray(end, np.int64),
        np.asarray(shift_s, np.float64), np.zeros(nodes, np.bool_), np.zeros(nodes, np.bool_),
        np.ones((teams, nodes), np.bool_),
    )  # fmt: skip


def check_problem(problem: PatrolProblem) -> None:
    """Refuse what has no meaning.

    Raises
    ------
    Unprocessable
        `bad_patrol_problem` with `field`; `patrol_must_forbidden`, `patrol_must_unreachable`, `patrol_lock_invalid`
        with `nodes`; `patrol_lock_too_long` with `team`.
    """
    _check_shapes(problem)
    _check_numbers(problem)
    _check_locks(problem)
    wanted = problem.must.copy()
    wanted[[node for _, order in problem.locked for node in order]] = True
    barred = problem.forbidden | problem.depot | ~problem.allowed.any(axis=0)
    if (wanted & barred).any():
        raise Unprocessable("patrol_must_forbidden", nodes=np.flatnonzero(wanted & barred).tolist())
    alone = reach_of(problem).possible.any(axis=0)
    if (wanted & ~alone).any():
        raise Unprocessable("patrol_must_unreachable", nodes=np.flatnonzero(wanted & ~alone).tolist())
    for team, order in enumerate(lone_order(problem)):
        if order and not follows(problem, team, order):
            raise Unprocessable("patrol_lock_too_long", team=team)


def lone_order(problem: PatrolProblem) -> list[list[int]]:
    """Every team's locked stops and nothing else."""
    found: list[list[int]] = [[] for _ in range(problem.team_count)]
    for team, order in problem.locked:
        found[team] += order
    return found


def follows(problem: PatrolProblem, team: int, stops: list[int]) -> bool:
    """Tell whether a team may serve these in this order, by windows and shift."""
    here = int(problem.start[team])
    clock, service = max(0.0, float(problem.open_s[here])), 0.0
    for node in (*stops, int(problem.end[team])):
        step = float(problem.travel_s[here, node]) if node != here else 0.0
        clock = max(clock + service + step, float(problem.open_s[node]))
        if clock > problem.close_s[node] + SLACK:
            return False
        service, here = float(problem.service_s[node]), node
    return bool(clock <= problem.shift_s[team] + SLACK)


def _check_shapes(problem: PatrolProblem) -> None:
    nodes, teams = len(problem.prize), len(problem.start)
    wanted = dict.fromkeys(("prize", "service_s", "open_s", "close_s", "must", "forbidden"), (nodes,))
    every = {
        **wanted, **dict.fromkeys(("start", "end", "shift_s"), (teams,)),
        "travel_s": (nodes, nodes), "allowed": (teams, nodes),
    }  # fmt: skip
    for name, shape in every.items():
        if np.shape(getattr(problem, name)) != shape:
            raise Unprocessable("bad_patrol_problem", field=name)
    if teams == 0:
        raise Unprocessable("bad_patrol_problem", field="start")


def _check_numbers(problem: PatrolProblem) -> None:
    for name in ("start", "end"):
        nodes = getattr(problem, name)
        if nodes.dtype.kind not in "iu" or nodes.min() < 0 or nodes.max() >= problem.node_count:
            raise Unprocessable("bad_patrol_problem", field=name)
    for name in ("prize", "service_s", "open_s", "close_s", "travel_s", "shift_s"):
        values = getattr(problem, name)
        endless = name in {"close_s", "travel_s"}
        if np.isnan(values).any() or (values < 0).any() or (not endless and np.isinf(values).any()):
            raise Unprocessable("bad_patrol_problem", field=name)
    if (problem.shift_s >= NEVER / 10).any():
        raise Unprocessable("bad_patrol_problem", field="shift_s")
    if (problem.open_s > problem.close_s).any():
        raise Unprocessable("bad_patrol_problem", field="close_s")


def _check_locks(problem: PatrolProblem) -> None:
    met: set[int] = set()
    for team, order in problem.locked:
        unknown = [node for node in order if not 0 <= node < problem.node_count]
        if not 0 <= team < problem.team_count or unknown:
            raise Unprocessable("patrol_lock_invalid", nodes=list(order))
        twice = [node for node in order if node in met] or [node for node in order if order.count(node) > 1]
        not_theirs = [node for node in order if not problem.allowed[team, node]]
        if twice or not_theirs:
            raise Unprocessable("patrol_lock_invalid", nodes=sorted({*twice, *not_theirs}))
        met.update(order)


@dataclass(frozen=True)
class Reach:
    """Who can serve what when sent there alone: `(t, n)` each."""

    in_shift: Flags
    """Not looking at windows."""
    possible: Flags


def reach_of(problem: PatrolProblem) -> Reach:
    """Tell which team could serve which stop as its only one."""
    travel = np.minimum(problem.travel_s, NEVER)
    out, back = travel[problem.start], travel[:, problem.end].T
    leave = np.maximum(0.0, problem.open_s[problem.start])[:, None]
    shift = np.minimum(problem.shift_s, problem.close_s[problem.end])[:, None] + 1e-7
    free = problem.allowed & ~problem.forbidden & ~problem.depot
    in_shift = free & (out + problem.service_s + back <= shift)
    begin = np.maximum(leave + out, problem.open_s)
    in_time = (begin <= problem.close_s + 1e-7) & (begin + problem.service_s + back <= shift)
    return Reach(in_shift, in_shift & in_time)
