"""Time and news of one run: the deadline, the best so far, the bound, what the caller hears."""

import time
from dataclasses import dataclass

import numpy as np

from gis_app.analysis.siting.plan import OnProgress, Progress

_GAP = 1e-4


@dataclass(frozen=True)
class Options:
    """How it is solved: a share of the plan's gain that may stay unproven, and whether the problem is made smaller."""

    gap: float = _GAP
    presolve: bool = True
    heuristics: bool = True


class Session:
    """Time, the best so far, and what the caller is told."""

    def __init__(self, before: float, time_limit_s: float, on_progress: OnProgress | None) -> None:
        self.begun = time.monotonic()
        self.deadline = self.begun + max(0.0, time_limit_s)
        self.limit = max(0.0, time_limit_s)
        self.before, self.on_progress = before, on_progress
        self.history: list[tuple[float, float, float]] = []
        self.stopped = False
        self.best, self.bound, self.numbers = 0.0, np.inf, (0, 0)

    def late(self) -> bool:
        """Whether time is up or the caller said stop."""
        return self.stopped or time.monotonic() > self.deadline

    def tell(
        self, value: float | None = None, bound: float | None = None, numbers: tuple[int, int] | None = None
    ) -> bool:
        """Take news in, keep them, pass them on; whether to stop."""
        old = (self.best, self.bound)
        if value is not None and value >= self.best:
            self.best, self.numbers = value, numbers or self.numbers
        if bound is not None:
            self.bound = min(self.bound, bound)
        seconds = time.monotonic() - self.begun
        now = (self.best, max(self.bound, self.best))
        if now != old or not self.history:
            self.history.append((seconds, now[0] + self.before, now[1] + self.before))
        if self.on_progress is not None:
            self.stopped |= bool(self.on_progress(Progress(seconds, now[0] + self.before, now[1] + self.before,
                                                           *self.numbers)))  # fmt: skip
        return self.stopped

    def proven(self, gap: float) -> bool:
        """Whether the bound leaves less than the gap above the best."""
        return bool(self.bound - self.best <= gap * abs(self.best))
