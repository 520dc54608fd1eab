"""A good plan in little time: greedy, one-for-one swaps, then small parts taken away and filled again.

A camera on a dark street pays nothing by night and a lamp that no camera looks at pays nothing either, so each step
weighs single columns against pairs of a camera and a lamp. By money spent (weight per VND) and by weight alone: the
better of the two never falls below a fixed share of the optimum of plain covering (Khuller, Moss and Naor 1999).
"""

from collections.abc import Callable

import numpy as np

from gis_app.analysis.siting.core import Core
from gis_app.analysis.siting.problem import Ints
from gis_app.analysis.siting.state import State, Tables

_LEAST = 1e-9
_STALE = 60
_LONG = 100_000
_MOST_TAKEN = 4


def fill(state: State, power: float, stop: Callable[[], bool], noise: np.random.Generator | None = None) -> list[int]:
    """Add columns while they pay; `power` 1 weighs by money, 0 by weight alone. Answers the order of purchase."""
    added: list[int] = []
    price = state.tables.price**power
    barred = np.zeros(state.core.size, bool)
    while not stop():
        possible = state.possible() & ~barred
        score = np.where(possible & (state.gain > _LEAST), state.gain, 0.0) / price
        if noise is not None:
            score *= noise.uniform(0.9, 1.0, len(score))
        best = int(np.argmax(score)) if len(score) else -1
        top = float(score[best]) if best >= 0 else 0.0
        paired = (0.0, -1, -1)
        if len(state.tables.lamps) and state.open.any():
            paired = state.best_pair(possible, power)
        if paired[0] > top and _add_pair(state, paired[1], paired[2]):
            added += paired[1:]
        elif top > 0:
            if state.add(best):
                added.append(best)
            else:
                barred[best] = True
        else:
            break
    return added


def _add_pair(state: State, camera: int, lamp: int) -> bool:
    """Both or neither."""
    if not state.add(camera):
        return False
    if state.add(lamp):
        return True
    state.remove([camera])
    return False


def begin(tables: Tables) -> State | None:
    """The locked columns only; None when money or room is short of them."""
    state = State(tables)
    # Dear ones first pack best.
    locked = np.flatnonzero(tables.core.locked)
    for column in locked[np.argsort(-tables.core.cost[locked], kind="stable")]:
        if not state.add(int(column)):
            return None
    return state


def _swap_all(state: State, rng: np.random.Generator, stop: Callable[[], bool]) -> bool:
    """Take each chosen column away once and fill again; keep what is better."""
    better = False
    for column in rng.permutation(state.columns()):
        if stop():
            return False
        if state.chosen[column] and not state.core.locked[column]:
            better |= _try(state, [int(column)], 0.0, None, stop)
    return better


def _try(state: State, taken: list[int], power: float, noise: np.random.Generator | None,
         stop: Callable[[], bool]) -> bool:  # fmt: skip
    """Without some columns, filled again: whether it is better; else as before. Equal weight for less money counts."""
    kept, value, money = state.snapshot(), state.value, float(state.wallet.left.sum())
    state.remove(taken)
    fill(state, power, stop, noise)
    now, left = state.value, float(state.wallet.left.sum())
    tolerance = _LEAST * max(1.0, value)
    if now > value + tolerance or (now >= value - tolerance and left > money + state.core.bins.slack):
        return True
    state.restore(kept)
    return False


def improve(state: State, rng: np.random.Generator, stop: Callable[[], bool], stale: int = _STALE) -> None:
    """Swaps until none helps, then parts at random until `stale` of them in a row were of no use."""
    while _swap_all(state, rng, stop):
        pass
    idle = 0
    while idle < stale and not stop():
        open_to = np.flatnonzero(state.chosen & ~state.core.locked)
        if len(open_to) < 2:
            return
        size = int(rng.integers(2, min(len(open_to), _MOST_TAKEN) + 1))
        taken = _near(state, int(rng.choice(open_to)), open_to, size, rng)
        idle = 0 if _try(state, taken, float(rng.integers(0, 2)), rng, stop) else idle + 1


def _near(state: State, column: int, open_to: Ints, size: int, rng: np.random.Generator) -> list[int]:
    """A column and others that share signals with it, or any others."""
    others = open_to[open_to != column]
    if rng.random() < 0.5:
        rows = state.tables.by_column[column].indices
        shared = np.asarray(state.core.signals[rows].sum(axis=0)).ravel()[others] + rng.random(len(others))
        return [column, *others[np.argsort(-shared, kind="stable")][: size - 1].tolist()]
    return [column, *rng.choice(others, size - 1, replace=False).tolist()]


class Search:
    """The best of both greedy plans, improved; it may be taken up again between the solver's own steps."""

    def __init__(self, core: Core, seed: int) -> None:
        self.tables = Tables(core)
        self.rng = np.random.default_rng(seed)
        self.state: State | None = None

    def begin(self, stop: Callable[[], bool], stale: int = _STALE) -> State | None:
        """The first plan; None when the locked columns cannot be paid."""
        for power in (1.0, 0.0):
            state = begin(self.tables)
            if state is None:
                return None
            fill(state, power, stop)
            if self.state is None or state.value > self.state.value:
                self.state = state
        if self.state is not None:
            improve(self.state, self.rng, stop, stale)
        return self.state

    def load(self, columns: Ints) -> None:
        """Go on from another plan, if money and room can be found for it."""
        state = State(self.tables)
        if all(state.add(int(one)) for one in columns[np.argsort(-self.tables.core.cost[columns], kind="stable")]):
            self.state = state

    def again(self, stop: Callable[[], bool], stale: int = _LONG) -> State | None:
        """More of it, from the best plan so far."""
        if self.state is not None:
            improve(self.state, self.rng, stop, stale)
        return self.state
