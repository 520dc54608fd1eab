"""Shorten one route: 2-opt (asymmetric) and or-opt beside stops whose neighbours changed ("don't-look bits")."""

import numpy as np

from gis_app.analysis.patrol.compiled import jit
from gis_app.analysis.patrol.state import LENGTH, POS, SLACK, WHERE, Ints, Net, State, in_time, refresh, whole

# New neighbours are sought among so many of the nearest.
LOOKED = 15


@jit
def polish(net: Net, st: State, r: int, buffer: Ints) -> None:
    """Improve until no changed stop of the route has a better place."""
    found = True
    while found:
        found = False
        for p in range(st.size[r]):
            u = st.seq[r, p]
            if not st.dirty[u]:
                continue
            if _reverse(net, st, r, p, buffer) or _move(net, st, r, p, buffer):
                found = True
                break
            if 0 < p < st.size[r] - 1:
                st.dirty[u] = False


@jit
def _arc(net: Net, st: State, r: int, u: int, case: int) -> int:
    """Position before an arc worth looking at: beside the nearest stops, and the first and last arc; -1: none."""
    if case >= 2 * LOOKED:
        return 0 if case == 2 * LOOKED else int(st.size[r] - 2)
    v = net.near[u, case // 2]
    if v < 0 or st.link[v, WHERE] != r:
        return -1
    return int(st.link[v, POS] - case % 2)


@jit
def _reverse(net: Net, st: State, r: int, p: int, buffer: Ints) -> bool:
    """Take the best 2-opt move that changes the arc before or after position p."""
    seq, size, travel, skew = st.seq[r], st.size[r], net.travel, st.skew[r]
    best, low, high = -SLACK, whole(0), whole(0)
    for case in range(2 * LOOKED + 2):
        other = _arc(net, st, r, seq[p], case)
        if other < 0:
            continue
        for arc in range(max(p - 1, 0), min(p + 1, size - 1)):
            i, j = min(arc, other) + 1, max(arc, other)
            if j <= i:
                continue
            before, first, final, after = seq[i - 1], seq[i], seq[j], seq[j + 1]
            change = (
                travel[before, final] + travel[first, after] - travel[before, first] - travel[final, after]
                + skew[j] - skew[i]
            )  # fmt: skip
            if change < best and _may_reverse(net, seq, i, j):
                if net.windows:
                    _reversed(seq, size, i, j, buffer)
                    if not in_time(net, r, buffer, size):
                        continue
                best, low, high = change, i, j
    if high == 0:
        return False
    _reversed(seq, size, low, high, buffer)
    return _take(net, st, r, buffer)


@jit
def _may_reverse(net: Net, seq: Ints, i: int, j: int) -> bool:
    """Two locked stops keep their order."""
    count = 0
    for p in range(i, j + 1):
        if net.locked[seq[p]]:
            count += 1
    return count < 2


@jit
def _reversed(seq: Ints, size: int, i: int, j: int, buffer: Ints) -> None:
    for p in range(size):
        buffer[p] = seq[i + j - p] if i <= p <= j else seq[p]


@jit
def _move(net: Net, st: State, r: int, p: int, buffer: Ints) -> bool:  # noqa: C901 - calls are dear here
    """Take the best move of one to three stops, beginning or ending at p, to elsewhere in the route."""
    seq, size, travel = st.seq[r], st.size[r], net.travel
    best, first, turned = -SLACK, whole(0), False
    count = to = whole(0)
    for case in range(5):
        length = (case + 3) // 2 if case else 1
        i = p - length + 1 if case % 2 == 0 else p
        j = i + length - 1
        if i < 1 or j > size - 2 or _any_locked(net, seq, i, j):
            continue
        a, b = seq[i], seq[j]
        inner, back = 0.0, 0.0
        for q in range(i, j):
            inner += travel[seq[q], seq[q + 1]]
            back += travel[seq[q + 1], seq[q]]
        saved = travel[seq[i - 1], a] + travel[b, seq[j + 1]] - travel[seq[i - 1], seq[j + 1]]
        for option in range(2 * LOOKED + 2):
            q = _arc(net, st, r, seq[p], option)
            if q < 0 or i - 1 <= q <= j:
                continue
            x, y = seq[q], seq[q + 1]
            straight = travel[x, a] + travel[b, y] - travel[x, y] - saved
            around = travel[x, b] + travel[a, y] - travel[x, y] - saved + back - inner
            for turn in range(2):
                change = around if turn else straight
                if change < best:
                    if net.windows:
                        _moved(seq, size, (i, length, q, turn == 1), buffer)
                        if not in_time(net, r, buffer, size):
                            continue
                    best, first, count, to, turned = change, i, length, q, turn == 1
    if count == 0:
        return False
    _moved(seq, size, (first, count, to, turned), buffer)
    return _take(net, st, r, buffer)


@jit
def _any_locked(net: Net, seq: Ints, i: int, j: int) -> bool:
    for p in range(i, j + 1):  # noqa: SIM110 - Numba has no generators in any()
        if net.locked[seq[p]]:
            return True
    return False


@jit
def _moved(seq: Ints, size: int, move: tuple[int, int, int, bool], buffer: Ints) -> None:
    """Write the sequence with `length` stops from i taken out and put after position q, reversed or not."""
    i, length, q, turn = move
    out = 0
    for p in range(size):
        if p < i or p >= i + length:
            buffer[out] = seq[p]
            out += 1
        if p == q:
            for k in range(length):
                buffer[out] = seq[i + length - 1 - k] if turn else seq[i + k]
                out += 1


@jit
def _take(net: Net, st: State, r: int, buffer: Ints) -> bool:
    """Make the buffer the route if it is truly shorter; stops with a new neighbour are looked at again."""
    seq, size, length = st.seq[r], st.size[r], 0.0
    for p in range(size - 1):
        length += net.travel[buffer[p], buffer[p + 1]]
    if length > st.team[r, LENGTH] - SLACK / 2:
        return False
    for p in range(size):
        if seq[p] != buffer[p]:
            for q in range(max(p - 1, 0), min(p + 2, size)):
                st.dirty[buffer[q]] = True
    for p in range(size):
        seq[p] = buffer[p]
    st.changed[r] = True
    refresh(net, st, r)
    return True


@jit
def polish_changed(net: Net, st: State, buffer: Ints) -> None:
    """Improve every changed route."""
    for r in range(len(st.size)):
        if st.changed[r]:
            polish(net, st, r, buffer)


def polish_all(net: Net, st: State) -> None:
    """Improve every route, each stop looked at."""
    st.changed[:] = True
    st.dirty[:] = True
    polish_changed(net, st, np.zeros(st.seq.shape[1], np.int64))
