"""Can an effect be measured? The weighted displacement difference (WDD), before money is spent and after.

With counts before (0) and after (1) in the treated area T, its displacement zone D and their controls C and E

    WDD = (T1 - T0) + (D1 - D0) - w ((C1 - C0) + (E1 - E0)),     Var = T0 + T1 + D0 + D1 + w^2 (C0 + C1 + E0 + E1)

with counts taken as Poisson and w scaling a control of another size (w = 1: equal). Wheeler & Ratcliffe (2018), A
simple weighted displacement difference test to evaluate place based crime interventions, Crime Science 7:11.

Planning: n events before in the treated area, m per treated event in the control, a fall by the share r in T alone:

    |WDD| = r n,     Var = n (2 - r + 2 m),     detectable where  r n >= (z_a + z_b) sqrt(Var)

Reference setting: 5 % one-sided (z_a = 1.64), power 80 % (z_b = 0.84), m = 0.8. It needs 77 events to see a fall by
half and 226 to see one by 30 %; the two quantiles are those of printed tables, with two decimals.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Z_LEVEL, Z_POWER = 1.64, 0.84
CONTROL_SHARE = 0.8
# 90 % two-sided: the interval that agrees with a one-sided test at 5 %.
Z_INTERVAL = 1.645
# Below this many events in all, the normal approximation of a difference of counts is no answer.
LEAST_EVENTS = 20


@dataclass(frozen=True)
class Counts:
    """Events before and after in one area."""

    before: int
    after: int

    @property
    def change(self) -> int:
        """After minus before."""
        return self.after - self.before

    @property
    def total(self) -> int:
        """All events, which is the variance of the change."""
        return self.after + self.before


@dataclass(frozen=True)
class Difference:
    """The WDD with its interval (90 %); all three None where there are too few events to say."""

    event_count: int
    wdd: float | None
    low: float | None
    high: float | None

    @property
    def verdict(self) -> str:
        """`too_few`, `fewer` (the interval lies below zero), `more` (above), or `unclear` (it holds zero)."""
        if self.low is None or self.high is None:
            return "too_few"
        if self.high < 0:
            return "fewer"
        return "more" if self.low > 0 else "unclear"


def events_needed(fall_share: float, control_share: float = CONTROL_SHARE) -> int:
    """Events before, in the treated area, from which a fall by a share (0 < r <= 1) is seen.

    Raises
    ------
    ValueError
        A share outside (0, 1], or a control of no or infinite size.
    """
    if not 0 < fall_share <= 1 or not 0 < control_share < math.inf:
        raise ValueError(fall_share, control_share)
    z = Z_LEVEL + Z_POWER
    return math.ceil(z * z * (2 - fall_share + 2 * control_share) / fall_share**2)


def smallest_fall(event_count: int, control_share: float = CONTROL_SHARE) -> float | None:
    """The smallest fall (share of `event_count` events before) that would be seen; None: not even a fall to nothing."""
    if event_count < 0 or not 0 < control_share < math.inf:
        raise ValueError(control_share)
    if event_count == 0:
        return None
    # r^2 n^2 = z^2 n (k - r) with k = 2 + 2 m, solved for r > 0.
    square, k = (Z_LEVEL + Z_POWER) ** 2, 2 + 2 * control_share
    found = (math.sqrt(square * square + 4 * event_count * square * k) - square) / (2 * event_count)
    return found if found <= 1 else None


def difference(
    treated: Counts,
    control: Counts,
    displaced: Counts = Counts(0, 0),
    control_displaced: Counts = Counts(0, 0),
    control_weight: float = 1.0,
) -> Difference:
    """The WDD after the fact; counts below `LEAST_EVENTS` in all say nothing."""
    ours, theirs = (treated, displaced), (control, control_displaced)
    event_count = sum(c.total for c in (*ours, *theirs))
    if event_count < LEAST_EVENTS or control.total == 0 or treated.total == 0:
        return Difference(event_count, None, None, None)
    wdd = sum(c.change for c in ours) - control_weight * sum(c.change for c in theirs)
    spread = Z_INTERVAL * math.sqrt(sum(c.total for c in ours) + control_weight**2 * sum(c.total for c in theirs))
    return Difference(event_count, wdd, wdd - spread, wdd + spread)


def rank_controls(features: Mapping[int, Sequence[float]], treated: int, candidates: Sequence[int]) -> list[int]:
    """Candidates from the most alike to the least.

    Parameters
    ----------
    features
        Of every area, by id, the same figures in the same order (any units): each is divided by its spread over all
        areas, so that none decides by its unit alone; one that does not differ decides nothing.
    treated, candidates
        Ids in `features`.
    """
    ids = list(features)
    table = np.array([features[one] for one in ids], dtype=float).reshape(len(ids), -1)
    spread = table.std(axis=0)
    scaled = dict(zip(ids, table / np.where(spread > 0, spread, np.inf), strict=True))
    away = {one: float(np.linalg.norm(scaled[one] - scaled[treated])) for one in candidates}
    return sorted(candidates, key=lambda one: (round(away[one], 9), one))
