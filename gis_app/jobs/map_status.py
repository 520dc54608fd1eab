"""What a map says of groups besides their stage: which answers count on a day, and what the three give together."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from gis_app.analysis.status import NOT_REVIEWED, Answer, answer_at, drug_free, period, period_year
from gis_app.formats.html_map import MapField
from layers.groups import CRITERIA

VERDICT, GAP = "drug_free", "gap"


def add_verdict(features: Sequence[dict[str, Any]], day: dt.date) -> int:
    """Write the computed answer into each group and take away answers that do not count; return how many have a gap."""
    gaps = 0
    for feature in features:
        properties = feature["properties"]
        answers = [_answer(properties, criterion.code) for criterion in CRITERIA]
        properties[VERDICT] = drug_free(answers, day)
        for criterion, answer in zip(CRITERIA, answers, strict=True):
            if answer_at(answer, day) == NOT_REVIEWED:
                properties[f"{criterion.code}_answer"] = NOT_REVIEWED
                properties.pop(f"{criterion.code}_on", None)
                properties.pop(f"{criterion.code}_document", None)
                properties[GAP] = True
        gaps += GAP in properties
    return gaps


def _answer(properties: Mapping[str, Any], code: str) -> Answer:
    on = properties.get(f"{code}_on")
    answer = properties.get(f"{code}_answer") or NOT_REVIEWED
    return Answer(answer, dt.date.fromisoformat(on) if on else None, properties.get(f"{code}_document"))


def verdict_field(messages: Mapping[str, str]) -> MapField:
    """The computed answer as a popup shows it."""
    choices = {code: messages[f"map.verdict_{code}"] for code in ("met", "not_met", "not_reviewed")}
    return MapField(VERDICT, messages["compare.verdict"], choices=choices)


def period_text(messages: Mapping[str, str], day: dt.date) -> str:
    """The evaluation period of a day in words."""
    first, last = period(period_year(day))
    return messages["map.period"].format(first=f"{first:%d/%m/%Y}", last=f"{last:%d/%m/%Y}")
