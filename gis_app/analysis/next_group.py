"""Which group comes next: effort that is left until recognition, by weights that everybody sees. A human picks.

    effort(g) = w_not_met * criteria not met + w_not_reviewed * criteria not reviewed
              + w_quarter * min(quarters since the last review, 4) + w_hotspot * open hotspots
              + w_gap * coverage gaps + w_trend * (criteria fallen - criteria newly met in 90 days)

The least effort stands first; ties by name order. Gaps: no tip box, no board with the three numbers, a fifth of the
street lights or more broken. Nothing reads a count of persons.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

DAYS_OF_QUARTER = 91
MOST_QUARTERS = 4
BROKEN_SHARE = Decimal("0.2")
TREND_DAYS = 90


@dataclass(frozen=True)
class Weights:
    """Points of effort for one of each."""

    not_met: int = 8
    not_reviewed: int = 4
    quarter: int = 1
    hotspot: int = 2
    gap: int = 1
    trend: int = 2


@dataclass(frozen=True)
class Candidate:
    """A group that is not recognised yet."""

    group_id: int
    name: str
    stage: str
    not_met: int
    not_reviewed: int
    last_reviewed_on: dt.date | None
    open_hotspots: int
    gaps: Sequence[str]
    newly_met: int


@dataclass(frozen=True)
class Ranked:
    """A candidate with its effort and the part of each reason, in points; parts add up to the effort."""

    candidate: Candidate
    effort: int
    parts: dict[str, int]


def find_gaps(tip_boxes: int, boards: int, lights: int, broken_lights: int) -> list[str]:
    """The coverage gaps of a group, by code."""
    gaps = []
    if tip_boxes == 0:
        gaps.append("tip_box")
    if boards == 0:
        gaps.append("notice_board")
    if lights and Decimal(broken_lights) / lights >= BROKEN_SHARE:
        gaps.append("broken_lights")
    return gaps


def rank_candidates(candidates: Sequence[Candidate], today: dt.date, weights: Weights | None = None) -> list[Ranked]:
    """Order candidates by effort; the order of the input (by name) breaks ties."""
    w = weights or Weights()
    ranked = [_rank(candidate, today, w) for candidate in candidates]
    return sorted(ranked, key=lambda one: one.effort)


def _rank(candidate: Candidate, today: dt.date, w: Weights) -> Ranked:
    if candidate.last_reviewed_on is None:
        quarters = MOST_QUARTERS
    else:
        quarters = min(max((today - candidate.last_reviewed_on).days, 0) // DAYS_OF_QUARTER, MOST_QUARTERS)
    parts = {
        "not_met": w.not_met * candidate.not_met,
        "not_reviewed": w.not_reviewed * candidate.not_reviewed,
        "quarter": w.quarter * quarters,
        "hotspot": w.hotspot * candidate.open_hotspots,
        "gap": w.gap * len(candidate.gaps),
        "trend": -w.trend * candidate.newly_met,
    }
    return Ranked(candidate, sum(parts.values()), parts)


def weights_dict(weights: Weights) -> dict[str, int]:
    """The weights by name."""
    return asdict(weights)
