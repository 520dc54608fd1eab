"""Simulated annealing over ruin and recreate, in slices that can be stopped; every good route is remembered."""

from typing import NamedTuple

import numpy as np

from gis_app.analysis.patrol.compiled import jit
from gis_app.analysis.patrol.network import kinds_of
from gis_app.analysis.patrol.polish import polish_changed
from gis_app.analysis.patrol.recreate import recreate, ruin
from gis_app.analysis.patrol.state import (
    GAIN,
    LENGTH,
    SLACK,
    SPARE,
    Chance,
    Floats,
    Ints,
    Net,
    State,
    copy_changed,
    uniform,
)

# Routes that the pool remembers, and the size of its table (a power of two).
POOL, TABLE = 20_000, 65_536


class Pool(NamedTuple):
    """Routes met, by the hash of their set of stops: `nodes[first[i]:first[i + 1]]`; size[0] of them."""

    table: Ints
    hash: Chance
    first: Ints
    team: Ints
    gain: Floats
    nodes: Ints
    size: Ints
    key: Chance
    """A random number of every node and of every kind of team, whose exclusive or is a hash."""
    kind: Chance


class Run(NamedTuple):
    """One search: where it stands, the best so far, its chance, and its memory."""

    current: State
    work: State
    best: State
    pool: Pool
    rng: Chance
    value: Floats
    """Of the current and of the best."""
    order: Ints
    rank: Floats


def empty_pool(net: Net) -> Pool:
    """Return a pool without routes."""
    return Pool(
        np.full(TABLE, -1), np.zeros(POOL, np.uint64), np.zeros(POOL + 1, np.int64), np.zeros(POOL, np.int64),
        np.zeros(POOL), np.zeros(POOL * 64, np.int64), np.zeros(1, np.int64),
        np.random.default_rng(20_240_601).integers(1, 2**63, len(net.stop), dtype=np.uint64), kinds_of(net),
    )  # fmt: skip


@jit
def value_of(st: State, length_cost: float) -> float:
    """Prize less a small share of the length."""
    total = 0.0
    for r in range(len(st.size)):
        total += st.team[r, GAIN] - length_cost * st.team[r, LENGTH]
    return total


@jit
def remember(st: State, r: int, pool: Pool) -> None:
    """Put a route into the pool if its set of stops is new and there is room."""
    size, count = st.size[r], pool.size[0]
    if size <= 2 or count >= len(pool.gain) or pool.first[count] + size > len(pool.nodes):
        return
    code = pool.kind[r]
    for p in range(1, size - 1):
        code ^= pool.key[st.seq[r, p]]
    mask = np.uint64(len(pool.table) - 1)
    slot = np.int64(code & mask)
    while pool.table[slot] >= 0:
        if pool.hash[pool.table[slot]] == code:
            return
        slot = (slot + 1) % len(pool.table)
    pool.table[slot] = count
    pool.hash[count], pool.team[count], pool.gain[count] = code, r, st.team[r, GAIN]
    first = pool.first[count]
    for p in range(1, size - 1):
        pool.nodes[first + p - 1] = st.seq[r, p]
    pool.first[count + 1] = first + size - 2
    pool.size[0] = count + 1


@jit
def _kept(st: State) -> bool:
    """Whether routes keep their times still: without a stop on the way, a step may be impossible or longer."""
    for r in range(len(st.size)):  # noqa: SIM110 - Numba has no generators in all()
        if st.changed[r] and st.size[r] > 2 and st.team[r, SPARE] < -SLACK:
            return False
    return True


@jit
def anneal(net: Net, run: Run, span: tuple[int, int, int], heat: tuple[float, float, float, float]) -> None:
    """Do iterations span[0] to span[1] of span[2].

    `heat`: first and last temperature, cost of a unit of length, and how much worse than the best a state may be whose
    routes are remembered.
    """
    current, work, best = run.current, run.work, run.best
    hot, cold, length_cost, margin = heat
    for step in range(span[0], span[1]):
        temperature = hot * (cold / hot) ** (step / span[2])
        work.changed[:] = False
        seed = ruin(net, work, run.rng)
        polish_changed(net, work, run.order)
        recreate(net, work, run.rng, seed, run.order, run.rank)
        value = value_of(work, length_cost) if _kept(work) else -np.inf
        if value - run.value[0] < temperature * np.log(uniform(run.rng) + 1e-300):
            current.changed[:] = work.changed
            copy_changed(net, current, work)
            continue
        copy_changed(net, work, current)
        run.value[0] = value
        if value > run.value[1] - margin:
            for r in range(len(work.size)):
                if work.changed[r]:
                    remember(work, r, run.pool)
        if value > run.value[1] + 1e-9:
            best.changed[:] = True
            current.changed[:] = True
            copy_changed(net, current, best)
            run.value[1] = value
