"""Ruin and recreate: take strings of stops out of neighbouring routes, put unserved stops back in a random order.

String removal: Christiaens & Vanden Berghe (2020), Slack induction by string removals, Transportation Science 54(2).
"""

import numpy as np
from numpy.typing import NDArray

from gis_app.analysis.patrol.compiled import jit
from gis_app.analysis.patrol.state import SLACK, Floats, Ints, Net, State, insert, refresh, uniform

# Stops taken out on average, longest string, and the chance that a place is overlooked.
REMOVED, LONGEST, BLINK = 10.0, 10.0, 0.01
# Once in a hundred times a whole route goes, and what lies round one unserved stop comes first: a remote cluster may
# need a route of its own.
WHOLE = 0.01


@jit
def ruin(net: Net, st: State, rng: NDArray[np.uint64]) -> int:
    """Take stops out; the answer is the stop round which it happened."""
    seed = net.stops[int(uniform(rng) * len(net.stops))]
    served, used = 0, 0
    for r in range(len(st.size)):
        served += st.size[r] - 2
        used += st.size[r] > 2
    if used == 0:
        return int(seed)
    if uniform(rng) < WHOLE:
        r = int(uniform(rng) * len(st.size))
        _take_out(net, st, r, 1, st.size[r] - 2, 0, 0)
        return int(seed)
    longest = min(LONGEST, served / used)
    strings = int(1.0 + uniform(rng) * (4.0 * REMOVED / (1.0 + longest) - 1.0))
    for k in range(-1, net.near.shape[1]):
        u = seed if k < 0 else net.near[seed, k]
        if u < 0 or strings == 0:
            break
        r = st.where[u]
        if r < 0 or st.changed[r]:
            continue
        _cut(net, st, rng, r, st.pos[u], longest)
        strings -= 1
    return int(seed)


@jit
def _cut(net: Net, st: State, rng: NDArray[np.uint64], r: int, p: int, longest: float) -> None:
    """Take a string with position p out of a route, half the times with a part in the middle kept."""
    inside = st.size[r] - 2
    count = int(1.0 + uniform(rng) * min(float(inside), longest))
    count = min(count, inside)
    kept = 0
    if count > 1 and count < inside and uniform(rng) < 0.5:
        kept = 1
        while count + kept < inside and uniform(rng) < 0.3:
            kept += 1
    total = count + kept
    low, high = max(1, p - total + 1), min(p, inside - total + 1)
    first = low + int(uniform(rng) * (high - low + 1))
    hold = first + 1 + int(uniform(rng) * (count - 1)) if kept else 0
    _take_out(net, st, r, first, total, hold, kept)


@jit
def _take_out(net: Net, st: State, r: int, first: int, total: int, hold: int, kept: int) -> None:
    """Remove positions first to first + total, except `kept` from `hold` on and locked ones."""
    seq, out = st.seq[r], first
    for p in range(first, st.size[r]):
        u = seq[p]
        if p < first + total and not net.locked[u] and not (hold <= p < hold + kept):
            st.where[u] = st.pos[u] = -1
            st.dirty[seq[out - 1]] = True
            st.dirty[seq[p + 1]] = True
        else:
            seq[out] = u
            out += 1
    st.size[r] = out
    st.changed[r] = True
    refresh(net, st, r)


@jit
def recreate(net: Net, st: State, rng: NDArray[np.uint64], seed: int, order: Ints, rank: Floats) -> None:
    """Offer every unserved stop its cheapest place, in one of five orders."""
    choice = uniform(rng)
    count = 0
    by_far = 0.9 <= choice < 0.97
    for k in range(len(net.stops)):
        u = net.far[k] if by_far else net.stops[k]
        if st.where[u] < 0:
            order[count] = u
            count += 1
    if choice < 0.4:
        for k in range(count - 1, 0, -1):
            other = int(uniform(rng) * (k + 1))
            order[k], order[other] = order[other], order[k]
    elif choice < 0.65:
        pass  # highest prize first: the order of net.stops
    else:
        for k in range(count):
            u = order[k]
            if by_far:
                break
            rank[k] = net.travel[seed, u] if choice >= 0.97 else _dearness(net, st, u) * (0.8 + 0.4 * uniform(rng))
        if not by_far:
            _sort(order, rank, count)
    for k in range(count):
        _place(net, st, rng, order[k])


@jit
def _sort(order: Ints, rank: Floats, count: int) -> None:
    sorting = np.argsort(rank[:count])
    copied = order[:count].copy()
    for k in range(count):
        order[k] = copied[sorting[k]]


@jit
def _dearness(net: Net, st: State, u: int) -> float:
    """Detour to a stop from the nearest one that is served, per prize."""
    away = min(net.travel[net.start[0], u], net.travel[u, net.end[0]])
    for k in range(net.near.shape[1]):
        v = net.near[u, k]
        if v < 0:
            break
        if st.where[v] >= 0:
            away = min(away, net.travel[v, u])
            break
    return (away + net.service[u]) / (net.prize[u] + 1e-9)


@jit
def _place(net: Net, st: State, rng: NDArray[np.uint64], u: int) -> None:
    """Put a stop into its cheapest feasible place beside one of its neighbours or a depot."""
    best, route, after = 4.0e7, -1, 0
    for k in range(net.near.shape[1]):
        v = net.near[u, k]
        if v < 0:
            break
        r = st.where[v]
        if r < 0 or not net.allowed[r, u]:
            continue
        p = st.pos[v]
        for q in range(p - 1, p + 1):
            cost = _detour(net, st, u, r, q)
            if cost < best and uniform(rng) >= BLINK and _fits(net, st, u, r, q):
                best, route, after = cost, r, q
    for r in range(len(st.size)):
        if not net.allowed[r, u]:
            continue
        for side in range(2):
            q = (st.size[r] - 2) * side
            cost = _detour(net, st, u, r, q)
            if cost < best and uniform(rng) >= BLINK and _fits(net, st, u, r, q):
                best, route, after = cost, r, q
    if route >= 0:
        insert(net, st, u, route, after)


@jit
def _detour(net: Net, st: State, u: int, r: int, p: int) -> float:
    a, b = st.seq[r, p], st.seq[r, p + 1]
    return float(net.travel[a, u] + net.travel[u, b] - net.travel[a, b])


@jit
def _fits(net: Net, st: State, u: int, r: int, p: int) -> bool:
    a, b = st.seq[r, p], st.seq[r, p + 1]
    clock = max(st.begin[r, p] + net.service[a] + net.travel[a, u], net.open_s[u])
    if clock > net.close_s[u] + SLACK:
        return False
    return bool(clock + net.service[u] + net.travel[u, b] <= st.latest[r, p + 1] + SLACK)
