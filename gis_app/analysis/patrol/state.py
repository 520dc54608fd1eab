"""What the compiled search works on: a network that does not change, routes that do, and a generator of chance.

A route is a row of `seq` from its start depot to its end depot. Every stop knows its neighbours, when it is left and
until when its service may start, so that one more stop is put in or refused in constant time. Values that are read
together share an array: fewer arrays make calls of compiled functions cheaper.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis_app.analysis.patrol.compiled import jit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Chance = NDArray[np.uint64]
# What the clock forgives, in the units of time: sums of floats.
SLACK = 1e-7
# Stands for "cannot": 115 days, small enough for sums and differences to stay exact.
NEVER = 1e7
# Columns of Net.stop, State.link, State.clock and State.team.
SERVICE, OPEN, CLOSE, PRIZE = range(4)
WHERE, POS, BEFORE, AFTER = range(4)
LEAVE, LATE, STEP_IN, STEP_OUT = range(4)
LEAVE_START, LATE_END, LENGTH, GAIN, SPARE = range(5)


class Net(NamedTuple):
    """Numbers of nodes are positions; only `stops` (highest prize first) are ever visited between depots."""

    travel: Floats
    back: Floats
    """The transposed of `travel`."""
    stop: Floats
    start: Ints
    end: Ints
    shift: Floats
    allowed: Flags
    locked: Flags
    stops: Ints
    far: Ints
    """The stops, farthest from the depots first."""
    near: Ints
    """Nearest stops of every stop, then -1."""
    windows: bool


class State(NamedTuple):
    """Routes of all teams.

    `link` of a stop: route and position (-1: not served), stop before and after; `clock`: when it is left, until when
    its service may start, travel from before and to after. `team`: when the start is left, latest end, length, prize,
    time to spare (below zero: the route breaks a window or the shift).
    """

    seq: Ints
    size: Ints
    link: Ints
    clock: Floats
    team: Floats
    skew: Floats
    """How much longer the way back is than the way there, from the start to each position."""
    dirty: Flags
    changed: Flags


def empty_state(net: Net) -> State:
    """Return teams that go straight from start to end."""
    teams, nodes = len(net.start), len(net.stop)
    found = State(
        np.zeros((teams, nodes + 2), np.int64), np.full(teams, 2, np.int64), np.full((nodes, 4), -1),
        np.zeros((nodes, 4)), np.zeros((teams, 5)), np.zeros((teams, nodes + 2)),
        np.zeros(nodes, np.bool_), np.zeros(teams, np.bool_),
    )  # fmt: skip
    for team in range(teams):
        found.seq[team, :2] = net.start[team], net.end[team]
        refresh(net, found, team)
    return found


def state_of(net: Net, routes: list[list[int]]) -> State:
    """Return these routes (stops without depots) with their clocks."""
    found = empty_state(net)
    for team, stops in enumerate(routes):
        found.seq[team, : len(stops) + 2] = [net.start[team], *stops, net.end[team]]
        found.size[team] = len(stops) + 2
        refresh(net, found, team)
    return found


def routes_of(state: State) -> list[list[int]]:
    """Return the stops of every team, without depots."""
    return [state.seq[team, 1 : size - 1].tolist() for team, size in enumerate(state.size.tolist())]


@jit
def uniform(rng: Chance) -> float:
    """Next number in [0, 1): xorshift64*."""
    x = rng[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    rng[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@jit
def whole(number: int) -> int:
    """Return the number as no constant: Numba would compile a function once more for each constant it is given."""
    return number + 0


@jit
def refresh(net: Net, st: State, r: int) -> None:
    """Work out a route's clocks, length, prize and places from its sequence."""
    last = st.size[r] - 1
    a = st.seq[r, 0]
    clock = max(0.0, net.stop[a, OPEN])
    st.team[r, LEAVE_START], st.skew[r, 0] = clock, 0.0
    length, gain, skew = 0.0, 0.0, 0.0
    for p in range(1, last + 1):
        b = st.seq[r, p]
        step = net.travel[a, b]
        skew += net.back[a, b] - step
        st.skew[r, p] = skew
        length += step
        if p > 1:
            st.clock[a, STEP_OUT], st.link[a, AFTER] = step, b
        if p < last:
            clock = max(clock + step, net.stop[b, OPEN]) + net.stop[b, SERVICE]
            gain += net.stop[b, PRIZE]
            st.link[b, WHERE], st.link[b, POS], st.link[b, BEFORE] = r, p, a
            st.clock[b, STEP_IN], st.clock[b, LEAVE] = step, clock
        a = b
    late = min(net.shift[r], net.stop[a, CLOSE])
    st.team[r, LATE_END], st.team[r, LENGTH], st.team[r, GAIN] = late, length, gain
    for p in range(last - 1, 0, -1):
        b = st.seq[r, p]
        late = min(net.stop[b, CLOSE], late - st.clock[b, STEP_OUT] - net.stop[b, SERVICE])
        st.clock[b, LATE] = late
    st.team[r, SPARE] = late - net.travel[st.seq[r, 0], st.seq[r, 1]] - st.team[r, LEAVE_START]


@jit
def in_time(net: Net, r: int, seq: Ints, size: int) -> bool:
    """Tell whether a sequence keeps every window and the shift."""
    a = seq[0]
    clock, service = max(0.0, net.stop[a, OPEN]), 0.0
    for p in range(1, size):
        b = seq[p]
        clock = max(clock + service + net.travel[a, b], net.stop[b, OPEN])
        if clock > net.stop[b, CLOSE] + SLACK:
            return False
        service = net.stop[b, SERVICE]
        a = b
    return bool(clock <= net.shift[r] + SLACK)


@jit
def insert(net: Net, st: State, u: int, r: int, p: int) -> None:
    """Put a stop after position p."""
    size = st.size[r]
    for q in range(size, p + 1, -1):
        st.seq[r, q] = st.seq[r, q - 1]
    st.seq[r, p + 1] = u
    st.size[r] = size + 1
    st.changed[r] = True
    st.dirty[u] = st.dirty[st.seq[r, p]] = st.dirty[st.seq[r, p + 2]] = True
    refresh(net, st, r)


@jit
def copy_changed(net: Net, source: State, target: State) -> None:
    """Make the target's routes equal where the source's flags say that they differ."""
    for r in range(len(source.size)):
        if source.changed[r]:
            for p in range(1, target.size[r] - 1):
                u = target.seq[r, p]
                target.link[u, WHERE] = target.link[u, POS] = -1
    for r in range(len(source.size)):
        if source.changed[r]:
            size = source.size[r]
            target.size[r] = size
            for p in range(size):
                u = source.seq[r, p]
                target.seq[r, p], target.dirty[u] = u, source.dirty[u]
            refresh(net, target, r)
