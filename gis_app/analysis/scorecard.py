"""The year-end scorecard of a group: points by a table that everybody sees. Places and work, never persons.

    s(k)      = min(1, (done_k / total_k) / full_k)          k without a basis (total_k = 0, or not told): left out
    earned(k) = points_k * s(k)
    score     = 100 * sum earned(k) / sum points_k           over the criteria that have a basis

Shares are fractions of whole numbers and the sum is exact; `earned` and `score` are tenths of a point, rounded half up.
Who has a basis for less than half of all points gets no score: too little is known. What is proposed follows the score
alone: commendation from a score on where the group has reached the standard, support below another; people decide.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from gis_app.analysis.status import ACHIEVED_STAGES

# The criteria in the order of the table: default points, and from which share (in per cent) on they are all earned.
DEFAULTS: Mapping[str, tuple[int, int]] = {
    "stage": (25, 100),
    "clean": (15, 100),
    "reviews": (10, 100),
    "pledges": (10, 100),
    "communication": (10, 100),
    "coverage": (10, 50),
    "patrol": (5, 100),
    "tasks": (10, 100),
    "tips": (5, 100),
}
CRITERIA = tuple(DEFAULTS)
VERDICTS = ("commend", "support", "none")
# How far along a stage is, in tenths.
STAGE_TENTHS: Mapping[str, int] = {
    "maintained": 10, "recognised": 10, "proposed": 7, "building": 4, "cleaning": 2, "not_selected": 0, "lapsed": 0,
}  # fmt: skip
COMMEND_FROM, SUPPORT_BELOW = 85, 50
# Tips are few: below that many nothing is told of a group, and of more only the nearest quarter that is handled.
SMALLEST_TOLD, PARTS = 5, 4
Basis = tuple[int, int]


@dataclass(frozen=True)
class Rules:
    """Points and full marks by criterion, and the two borders in points of 100."""

    points: Mapping[str, int] = field(default_factory=lambda: {name: one[0] for name, one in DEFAULTS.items()})
    full: Mapping[str, int] = field(default_factory=lambda: {name: one[1] for name, one in DEFAULTS.items()})
    commend_from: int = COMMEND_FROM
    support_below: int = SUPPORT_BELOW

    def as_json(self) -> dict[str, Any]:
        """The rules as they are stored."""
        borders = {"commend_from": self.commend_from, "support_below": self.support_below}
        return {"points": dict(self.points), "full": dict(self.full), **borders}


@dataclass(frozen=True)
class Score:
    """Tenths of points: `earned` by criterion (None: no basis), `tenths` of the whole (None: too little is known)."""

    earned: Mapping[str, int | None]
    tenths: int | None
    verdict: str | None


def read_rules(raw: Mapping[str, Any]) -> tuple[Rules | None, list[dict[str, str]]]:
    """Check a table of points; every fault is named by its path."""
    faults: list[dict[str, str]] = []

    def whole(value: Any, path: str, low: int, high: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            faults.append({"field": path, "rule": "range" if isinstance(value, int) else "whole"})
            return low
        return value

    parts: dict[str, dict[str, int]] = {}
    for part, low in (("points", 0), ("full", 1)):
        given = raw.get(part)
        known = given if isinstance(given, Mapping) else {}
        parts[part] = {name: whole(known.get(name), f"{part}.{name}", low, 100) for name in CRITERIA}
    borders = {name: whole(raw.get(name), name, 0, 100) for name in ("commend_from", "support_below")}
    if not faults and not any(parts["points"].values()):
        faults.append({"field": "points", "rule": "required"})
    if not faults and borders["support_below"] > borders["commend_from"]:
        faults.append({"field": "support_below", "rule": "range"})
    return (None, faults) if faults else (Rules(**parts, **borders), [])  # type: ignore[arg-type]


def told(done: int, total: int) -> Basis | None:
    """A basis of counts that are small: which of PARTS, rounded half up, and nothing of few."""
    return None if total < SMALLEST_TOLD else ((2 * PARTS * done + total) // (2 * total), PARTS)


def score_of(bases: Mapping[str, Basis | None], stage: str, rules: Rules) -> Score:
    """The score of a group from what is done of what."""
    exact: dict[str, Fraction | None] = {}
    for name in CRITERIA:
        basis = bases.get(name)
        if basis is None or basis[1] <= 0:
            exact[name] = None
        else:
            reached = Fraction(max(basis[0], 0) * 100, basis[1] * rules.full[name])
            exact[name] = rules.points[name] * min(Fraction(1), reached)
    applied = sum(rules.points[name] for name, value in exact.items() if value is not None)
    earned = {name: None if value is None else _tenths(value) for name, value in exact.items()}
    if applied == 0 or 2 * applied < sum(rules.points.values()):
        return Score(earned, None, None)
    whole = 100 * sum((value for value in exact.values() if value is not None), Fraction(0)) / applied
    tenths = _tenths(whole)
    return Score(earned, tenths, _verdict(tenths, stage, rules))


def _verdict(tenths: int, stage: str, rules: Rules) -> str:
    if tenths < 10 * rules.support_below:
        return "support"
    return "commend" if tenths >= 10 * rules.commend_from and stage in ACHIEVED_STAGES else "none"


def _tenths(value: Fraction) -> int:
    return int((value * 20 + 1) // 2)


def streak_of(clean: Sequence[bool]) -> Basis:
    """How many of the periods, from the last one back, were clean without a break, and of how many."""
    count = 0
    for one in reversed(clean):
        if not one:
            break
        count += 1
    return count, len(clean)
