"""What the compiled search works on: a network that does not change, routes that do, and a generator of chance.

A route is a row of `seq` from its start depot to its end depot. `begin` is when service starts at each position,
`latest` the last moment at which it may, so that one stop is put in or refused in constant time.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis_app.analysis.patrol.compiled import jit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
# What the clock forgives, in the units of time: sums of floats.
SLACK = 1e-7
# Stands for "cannot": 115 days, small enough for sums and differences to stay exact.
NEVER = 1e7


class Net(NamedTuple):
    """Numbers of nodes are positions; only `stops` are ever visited between depots."""

    travel: Floats
    service: Floats
    open_s: Floats
    close_s: Floats
    prize: Floats
    start: Ints
    end: Ints
    shift: Floats
    allowed: Flags
    locked: Flags
    stops: Ints
    far: Ints
    near: Ints
    key: NDArray[np.uint64]
    kind: NDArray[np.uint64]
    windows: bool


class State(NamedTuple):
    """Routes of all teams; `where` and `pos` tell a stop's route and position, -1 if none."""

    seq: Ints
    size: Ints
    where: Ints
    pos: Ints
    begin: Floats
    latest: Floats
    skew: Floats
    length: Floats
    gain: Floats
    dirty: Flags
    changed: Flags


def empty_state(net: Net) -> State:
    """Return teams that go straight from start to end."""
    teams, nodes = len(net.start), len(net.prize)
    shape = (teams, nodes + 2)
    found = State(
        np.zeros(shape, np.int64), np.full(teams, 2, np.int64), np.full(nodes, -1), np.full(nodes, -1),
        np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(teams), np.zeros(teams),
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
def uniform(rng: NDArray[np.uint64]) -> float:
    """Next number in [0, 1): xorshift64*."""
    x = rng[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    rng[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@jit
def refresh(net: Net, st: State, r: int) -> None:
    """Work out a route's clocks, length, prize and places from its sequence."""
    seq, last = st.seq[r], st.size[r] - 1
    a = seq[0]
    clock = max(0.0, net.open_s[a])
    st.begin[r, 0], st.skew[r, 0] = clock, 0.0
    length, gain = 0.0, 0.0
    for p in range(1, last + 1):
        b = seq[p]
        step = net.travel[a, b]
        clock = max(clock + net.service[a] + step, net.open_s[b])
        st.begin[r, p] = clock
        st.skew[r, p] = st.skew[r, p - 1] + net.travel[b, a] - step
        length += step
        if p < last:
            gain += net.prize[b]
            st.where[b], st.pos[b] = r, p
        a = b
    st.length[r], st.gain[r] = length, gain
    late = min(net.shift[r], net.close_s[seq[last]])
    st.latest[r, last] = late
    for p in range(last - 1, -1, -1):
        a = seq[p]
        late = min(net.close_s[a], late - net.travel[a, seq[p + 1]] - net.service[a])
        st.latest[r, p] = late


@jit
def in_time(net: Net, r: int, seq: Ints, size: int) -> bool:
    """Tell whether a sequence keeps every window and the shift."""
    a = seq[0]
    clock = max(0.0, net.open_s[a])
    for p in range(1, size):
        b = seq[p]
        clock = max(clock + net.service[a] + net.travel[a, b], net.open_s[b])
        if clock > net.close_s[b] + SLACK:
            return False
        a = b
    return clock <= net.shift[r] + SLACK


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
def copy_changed(source: State, target: State) -> None:
    """Make the target's routes equal where either differs; the source's flags tell which."""
    for r in range(len(source.size)):
        if source.changed[r]:
            for p in range(1, target.size[r] - 1):
                target.where[target.seq[r, p]] = -1
    for r in range(len(source.size)):
        if source.changed[r]:
            size = source.size[r]
            target.size[r], target.length[r], target.gain[r] = size, source.length[r], source.gain[r]
            for p in range(size):
                target.seq[r, p] = source.seq[r, p]
                target.begin[r, p] = source.begin[r, p]
                target.latest[r, p] = source.latest[r, p]
                target.skew[r, p] = source.skew[r, p]
            for p in range(1, size - 1):
                u = source.seq[r, p]
                target.where[u], target.pos[u], target.dirty[u] = r, p, source.dirty[u]
