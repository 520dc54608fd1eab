"""A core made smaller without a change of its optimum: equal signals are one, dominated columns and empty rows go."""

import time
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from gis_app.analysis.siting.core import Clauses, Core
from gis_app.analysis.siting.problem import Bools, Ints, sums

# Two independent 64-bit sums tell signals apart: two unlike ones of 10^6 agree with probability below 10^-26.
_HASH_SEED = 20_260_701
_BIT_BLOCK = 64
# 100 MB of bits.
_MOST_BITS = 800_000_000


def presolve(core: Core, deadline: float, merge: bool = True) -> Core:
    """Merge, drop dominated columns, merge again (columns that are gone leave signals equal)."""
    core = drop_idle(merge_signals(core, merge))
    if merge:
        kept = np.flatnonzero(~dominated(core, deadline))
        if len(kept) < core.size:
            core = drop_idle(merge_signals(core.keep_columns(kept), merge))
    return core


def merge_signals(core: Core, merge: bool = True) -> Core:
    """Only signals in use; with `merge` one of each kind, and clauses that ask for the same are added up."""
    used = np.unique(np.concatenate((core.clauses.first, core.clauses.second[core.clauses.second >= 0], core.must)))
    signals = sp.csr_matrix(core.signals[used])
    place = np.full(core.signals.shape[0] + 1, -1)
    if merge and len(used):
        first, inverse = _groups(signals)
        signals = sp.csr_matrix(signals[first])
        place[used] = inverse
    else:
        place[used] = np.arange(len(used))
    old = core.clauses
    # place[-1] is the extra entry: no second signal stays none.
    clauses = Clauses(place[old.first], old.need, place[old.second], old.weight, old.zone)
    # Both signals the same (every camera infrared, no lamp): the second asks nothing more.
    clauses = replace(clauses, second=np.where(clauses.second == clauses.first, -1, clauses.second))
    if merge:
        clauses = _add_up(clauses)
    return replace(core, signals=signals, clauses=clauses, must=np.unique(place[core.must]))


def _groups(signals: sp.csr_matrix) -> tuple[Ints, Ints]:
    """The first of each group of equal rows, and each row's group."""
    draws = np.random.default_rng(_HASH_SEED).integers(1, 2**63, size=(2, signals.shape[1]), dtype=np.uint64)
    sums = np.zeros((2, signals.shape[0]), np.uint64)
    filled = np.diff(signals.indptr) > 0
    for k in range(2):
        if filled.any():
            sums[k, filled] = np.add.reduceat(draws[k][signals.indices], signals.indptr[:-1][filled])
    keys = sums.T.copy().view([("a", np.uint64), ("b", np.uint64)]).ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return first, inverse


def _add_up(clauses: Clauses) -> Clauses:
    """One clause per kind, its weights added."""
    if not len(clauses.first):
        return clauses
    keys = np.stack((clauses.first, clauses.need, clauses.second, clauses.zone))
    _, first, inverse = np.unique(keys, axis=1, return_index=True, return_inverse=True)
    weight = sums(inverse.ravel(), clauses.weight, len(first))
    return replace(clauses.take(first), weight=weight)


def drop_idle(core: Core) -> Core:
    """Columns that are in no signal add nothing and cost; a locked one stays."""
    count = np.bincount(core.signals.indices, minlength=core.size)
    kept = np.flatnonzero((count > 0) | core.locked)
    return core.keep_columns(kept) if len(kept) < core.size else core


def dominated(core: Core, deadline: float) -> Bools:
    """Columns that some optimum does without.

    Column a goes for column b of the same kind when b's signals hold all of a's, b costs no more, and either both
    stand on one pole or b's pole can never be short of room. Proof: take a plan with a. With b too: leave a out; no
    count falls below 1, money and room are freed. Without b: put b in a's place; every count stays, the bin that paid
    for a pays for b, the pole's load is the same (same pole) or never binds (free pole). Ties go to the lower id, so
    there is no circle and the chain from a always ends at a kept column (a free pole stays free while columns go).
    A second camera breaks the first case, as leaving a out lowers a count of 2: where a is in such a signal it goes
    only if plans never hold both, that is on one pole with one head or with exclusivity. Locked columns stay. A plan
    with fewer columns never falls below a zone's share or a must row, as counts of 1 stay 1.
    """
    gone = np.zeros(core.size, bool)
    if not core.size or core.size * core.signals.shape[0] > _MOST_BITS:
        return gone
    by_column = sp.csr_matrix(core.signals.T)
    size = np.diff(by_column.indptr)
    bits = _bits(by_column)
    short = np.bitwise_or.reduce(bits, axis=1) if bits.shape[1] else np.zeros(core.size, np.uint64)
    free, alone = _room(core)
    doubled = np.zeros(core.signals.shape[0], np.int64)
    doubled[core.clauses.first[core.clauses.need > 1]] = 1
    twice = (by_column @ doubled) > 0
    rarity = np.diff(core.signals.indptr)
    for a in np.flatnonzero(~core.locked & (size > 0)):
        if not a % 256 and time.monotonic() > deadline:
            break
        rows = by_column.indices[by_column.indptr[a] : by_column.indptr[a + 1]]
        rarest = rows[np.argmin(rarity[rows])]
        near = core.signals.indices[core.signals.indptr[rarest] : core.signals.indptr[rarest + 1]]
        same = core.pole[near] == core.pole[a]
        fit = (core.is_camera[near] == core.is_camera[a]) & (size[near] >= size[a]) & (core.cost[near] <= core.cost[a])
        fit &= same & alone[core.pole[a]] if twice[a] else same | free[near]
        fit &= (short[a] & ~short[near]) == 0
        # Alike in signals and cost: only the lower id stays, so that not both go.
        equal = (size[near] == size[a]) & (core.cost[near] == core.cost[a])
        fit &= ~equal | (near < a) | core.locked[near]
        near = near[fit & (near != a)]
        gone[a] = bool(len(near)) and bool(((bits[a] & ~bits[near]) == 0).all(axis=1).any())
    return gone


def _room(core: Core) -> tuple[Bools, Bools]:
    """Columns whose pole can take all its columns at once, and poles that take one camera at most."""
    cameras = np.bincount(core.pole[core.is_camera], minlength=len(core.heads))
    every = np.bincount(core.pole, minlength=len(core.heads))
    loose = ~core.exclusive | (every <= 1)
    free = np.where(core.is_camera, (loose & (cameras <= core.heads))[core.pole], loose[core.pole])
    return free, core.exclusive | (core.heads <= 1)


def _bits(by_column: sp.csr_matrix) -> npt.NDArray[np.uint64]:
    """Each column's signals as bits of 64-bit words."""
    count, rows = by_column.shape
    words = np.zeros((count, max(1, -(-rows // _BIT_BLOCK))), np.uint64)
    owner = np.repeat(np.arange(count), np.diff(by_column.indptr))
    where = by_column.indices.astype(np.int64)
    np.bitwise_or.at(words, (owner, where // _BIT_BLOCK), np.uint64(1) << (where % _BIT_BLOCK).astype(np.uint64))
    return words
