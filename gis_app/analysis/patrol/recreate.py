"""Ruin and recreate: take strings of stops out of neighbouring routes, put unserved stops back in a random order.

String removal: Christiaens & Vanden Berghe (2020), Slack induction by string removals, Transportation Science 54(2).
"""

from gis_app.analysis.patrol.compiled import jit
from gis_app.analysis.patrol.state import (
    AFTER,
    BEFORE,
    CLOSE,
    LATE,
    LATE_END,
    LEAVE,
    LEAVE_START,
    OPEN,
    POS,
    PRIZE,
    SERVICE,
    SLACK,
    STEP_IN,
    STEP_OUT,
    WHERE,
    Chance,
    Floats,
    Ints,
    Net,
    State,
    insert,
    refresh,
    uniform,
    whole,
)

# Stops taken out on average, longest string, and the chance that a place is overlooked.
REMOVED, LONGEST, BLINK = 10.0, 10.0, 0.01
# Once in a hundred times a whole route goes, and what lies round one unserved stop comes first: a remote cluster may
# need a route of its own.
WHOLE = 0.01
# Position of a stop that this ruin took out: it may fit where the others were found not to.
JUST_OUT = -2


@jit
def ruin(net: Net, st: State, rng: Chance) -> int:
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
        _take_out(net, st, r, whole(1), st.size[r] - 2, whole(0), whole(0))
        return int(seed)
    longest = min(LONGEST, served / used)
    strings = int(1.0 + uniform(rng) * (4.0 * REMOVED / (1.0 + longest) - 1.0))
    for k in range(-1, net.near.shape[1]):
        u = seed if k < 0 else net.near[seed, k]
        if u < 0 or strings == 0:
            break
        r = st.link[u, WHERE]
        if r < 0 or st.changed[r]:
            continue
        _cut(net, st, rng, r, st.link[u, POS], longest)
        strings -= 1
    return int(seed)


@jit
def _cut(net: Net, st: State, rng: Chance, r: int, p: int, longest: float) -> None:
    """Take a string with position p out of a route, half the times with a part in the middle kept."""
    inside = st.size[r] - 2
    count = int(1.0 + uniform(rng) * min(float(inside), longest))
    count = min(count, inside)
    kept = whole(0)
    if count > 1 and count < inside and uniform(rng) < 0.5:
        kept = 1
        while count + kept < inside and uniform(rng) < 0.3:
            kept += 1
    total = count + kept
    low, high = max(1, p - total + 1), min(p, inside - total + 1)
    first = low + int(uniform(rng) * (high - low + 1))
    hold = first + 1 + int(uniform(rng) * (count - 1)) if kept else whole(0)
    _take_out(net, st, r, first, total, hold, kept)


@jit
def _take_out(net: Net, st: State, r: int, first: int, total: int, hold: int, kept: int) -> None:
    """Remove positions first to first + total, except `kept` from `hold` on and locked ones."""
    seq, out = st.seq[r], first
    for p in range(first, st.size[r]):
        u = seq[p]
        if p < first + total and not net.locked[u] and not (hold <= p < hold + kept):
            st.link[u, WHERE], st.link[u, POS] = -1, JUST_OUT
            st.dirty[seq[out - 1]] = True
            st.dirty[seq[p + 1]] = True
        else:
            seq[out] = u
            out += 1
    st.size[r] = out
    st.changed[r] = True
    refresh(net, st, r)


@jit
def recreate(net: Net, st: State, rng: Chance, seed: int, order: Ints, rank: Floats) -> None:
    """Offer every unserved stop its cheapest place, in one of five orders."""
    choice = uniform(rng)
    count = whole(0)
    by_far = 0.9 <= choice < 0.97
    for k in range(len(net.stops)):
        u = net.far[k] if by_far else net.stops[k]
        if st.link[u, WHERE] < 0:
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
    _place(net, st, rng, order[:count])


@jit
def _sort(order: Ints, rank: Floats, count: int) -> None:
    """Sort stops by their rank, by Shell's method: NumPy's takes three seconds to compile."""
    gap = count // 2
    while gap > 0:
        for k in range(gap, count):
            stop, value, j = order[k], rank[k], k
            while j >= gap and rank[j - gap] > value:
                order[j], rank[j] = order[j - gap], rank[j - gap]
                j -= gap
            order[j], rank[j] = stop, value
        gap //= 2


@jit
def _dearness(net: Net, st: State, u: int) -> float:
    """Detour to a stop from the nearest one that is served, per prize."""
    away = min(net.travel[net.start[0], u], net.travel[u, net.end[0]])
    for k in range(net.near.shape[1]):
        v = net.near[u, k]
        if v < 0:
            break
        if st.link[v, WHERE] >= 0:
            away = min(away, net.travel[v, u])
            break
    return float((away + net.stop[u, SERVICE]) / (net.stop[u, PRIZE] + 1e-9))


@jit
def _place(net: Net, st: State, rng: Chance, order: Ints) -> None:  # noqa: C901, PLR0912
    """Put stops, one after another, into their cheapest feasible place beside a neighbour or a depot.

    One function on purpose: a call hands over every array of both tuples, which doubles the time of this inner loop.
    """
    for u in order:
        best, route, spot = 4.0e6, whole(-1), whole(0)
        service, opened, closed = net.stop[u, SERVICE], net.stop[u, OPEN], net.stop[u, CLOSE] + SLACK
        fresh = st.link[u, POS] == JUST_OUT
        st.link[u, POS] = -1
        for k in range(net.near.shape[1]):
            v = net.near[u, k]
            if v < 0:
                break
            r = st.link[v, WHERE]
            if r < 0 or not (fresh or st.changed[r]) or not net.allowed[r, u]:
                continue
            p, to, back = st.link[v, POS], net.travel[u, v], net.back[u, v]
            a, b = st.link[v, BEFORE], st.link[v, AFTER]
            cost = net.back[u, a] + to - st.clock[v, STEP_IN]
            if cost < best and uniform(rng) >= BLINK:
                left = st.clock[a, LEAVE] if p > 1 else st.team[r, LEAVE_START]
                clock = max(left + net.back[u, a], opened)
                if clock <= closed and clock + service + to <= st.clock[v, LATE] + SLACK:
                    best, route, spot = cost, r, p - 1
            cost = back + net.travel[u, b] - st.clock[v, STEP_OUT]
            if cost < best and uniform(rng) >= BLINK:
                late = st.clock[b, LATE] if p < st.size[r] - 2 else st.team[r, LATE_END]
                clock = max(st.clock[v, LEAVE] + back, opened)
                if clock <= closed and clock + service + net.travel[u, b] <= late + SLACK:
                    best, route, spot = cost, r, p
        for r in range(len(st.size)):
            if not (fresh or st.changed[r]) or not net.allowed[r, u]:
                continue
            for side in range(2):
                p = (st.size[r] - 2) * side
                a, b = st.seq[r, p], st.seq[r, p + 1]
                cost = net.back[u, a] + net.travel[u, b] - net.travel[a, b]
                if cost < best and uniform(rng) >= BLINK:
                    left = st.clock[a, LEAVE] if p > 0 else st.team[r, LEAVE_START]
                    late = st.clock[b, LATE] if p < st.size[r] - 2 else st.team[r, LATE_END]
                    clock = max(left + net.back[u, a], opened)
                    if clock <= closed and clock + service + net.travel[u, b] <= late + SLACK:
                        best, route, spot = cost, r, p
        if route >= 0:
            insert(net, st, u, route, spot)
