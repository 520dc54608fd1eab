"""Status of a group: the answer of the three criteria, the evaluation period, the steps of the programme.

Decision 28/2025/QĐ-TTg, Article 6: an area is drug-free when all three criteria hold; the evaluation period runs from
15 December to 14 December. Nothing here looks at a head count: exempt persons break no criterion, and what was not
reviewed within the period is never an answer. migrations/sql/statuses.sql and stage_changes.sql hold the same rules
against every query; tests compare the two.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

MET, NOT_MET, NOT_REVIEWED = "met", "not_met", "not_reviewed"
# "Selected", "recognised" and "maintained" are different things; only these two count as reached.
ACHIEVED_STAGES = ("recognised", "maintained")
# Stages for which the criteria must be met.
GUARDED_STAGES = ("proposed", "recognised", "maintained")
# The usual steps; configuration may close one (table stage_steps).
STEPS: Mapping[str, tuple[str, ...]] = {
    "not_selected": ("cleaning", "building"),
    "cleaning": ("building", "not_selected"),
    "building": ("proposed", "not_selected"),
    "proposed": ("recognised", "building"),
    "recognised": ("maintained", "lapsed"),
    "maintained": ("maintained", "lapsed"),
    "lapsed": ("cleaning", "building"),
}


@dataclass(frozen=True)
class Answer:
    """The answer of one criterion: met, not_met or not_reviewed, with the day and the number of the document."""

    code: str
    on: dt.date | None = None
    document: str | None = None


def period_year(day: dt.date) -> int:
    """The year whose evaluation period holds a day: 15/12/2025 to 14/12/2026 is 2026."""
    return (day + dt.timedelta(days=17)).year


def period(year: int) -> tuple[dt.date, dt.date]:
    """First and last day of an evaluation period."""
    return dt.date(year - 1, 12, 15), dt.date(year, 12, 14)


def answer_at(answer: Answer, day: dt.date) -> str:
    """The answer as it counts on a day: one of another period, or without a day, is `not_reviewed`."""
    first = period(period_year(day))[0]
    if answer.on is None or not first <= answer.on <= day:
        return NOT_REVIEWED
    return answer.code


def drug_free(answers: Iterable[Answer], day: dt.date) -> str:
    """The computed answer of a group on a day: not_met, else not_reviewed, else met."""
    codes = {answer_at(answer, day) for answer in answers}
    if NOT_MET in codes:
        return NOT_MET
    return NOT_REVIEWED if NOT_REVIEWED in codes or not codes else MET


def may_move(old: str, new: str) -> bool:
    """Whether a step follows the usual machine."""
    return new in STEPS.get(old, ())


def achieved_count(stages: Sequence[str]) -> int:
    """How many of the groups are recognised or maintained."""
    return sum(stage in ACHIEVED_STAGES for stage in stages)
