"""The invented past of a group: the stages that led to the present one, with the reviews they rested on."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

_BEFORE: Mapping[str, tuple[str, ...]] = {
    "not_selected": (),
    "cleaning": ("not_selected",),
    "building": ("not_selected", "cleaning"),
    "proposed": ("not_selected", "cleaning", "building"),
    "recognised": ("not_selected", "building", "proposed"),
    "maintained": ("building", "proposed", "recognised"),
    "lapsed": ("building", "proposed", "recognised"),
}
_CRITERIA = ("users", "offenders", "places")
_CLEAN = ("proposed", "recognised", "maintained")
Span = tuple[date, date, dict[str, Any]]


def past_of(group: Mapping[str, Any]) -> list[Span]:
    """Spans of days [from, until) before the present stage, with what held in them; none if it never moved."""
    since, now_from = group["valid_from"], group["stage_on"]
    stages = _BEFORE[group["stage"]]
    if now_from is None or not stages:
        return []
    step = (now_from - since) // len(stages)
    if step < timedelta(days=10):
        return []
    starts = [since + k * step for k in range(len(stages))]
    spans = [
        (start, end, _held(stage, start))
        for stage, start, end in zip(stages, starts, [*starts[1:], now_from], strict=True)
    ]
    reviewed = group["last_reviewed_on"]
    if reviewed is not None and reviewed > now_from:
        # Before its last review the present stage stood on what was reviewed when it began.
        told = {name: value for name, value in _held(group["stage"], now_from).items() if not name.startswith("stage")}
        spans.append((now_from, reviewed, told))
    return spans


def _held(stage: str, start: date) -> dict[str, Any]:
    reviewed = stage in _CLEAN
    held: dict[str, Any] = {
        "stage": stage,
        "stage_on": start.isoformat(),
        "stage_document": None,
        "stage_body": None,
        "last_reviewed_on": start.isoformat() if reviewed else None,
    }
    for criterion in _CRITERIA:
        held[f"{criterion}_answer"] = "met" if reviewed else "not_reviewed"
        held[f"{criterion}_on"] = start.isoformat() if reviewed else None
        held[f"{criterion}_document"] = f"{start.month:02d}/BB-RS" if reviewed else None
    return held
