"""What sections of a report share: the period, the groups at its end and before its start, names of codes."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gis_app.analysis.report_periods import Period
from gis_app.queries.communes import Commune
from gis_app.queries.statuses import GroupStatus
from layers import LAYERS
from layers.communes import KINDS as COMMUNE_KIND_CHOICES
from layers.groups import ANSWERS, CRITERIA, STAGES

STAGE_TITLES: Mapping[str, str] = {choice.code: choice.vi for choice in STAGES}
ANSWER_TITLES: Mapping[str, str] = {choice.code: choice.vi for choice in ANSWERS}
CRITERION_TITLES: Mapping[str, str] = {choice.code: choice.vi for choice in CRITERIA}
GROUPS = LAYERS["groups"]
COMMUNE_KINDS: Mapping[str, str] = {choice.code: choice.vi.lower() for choice in COMMUNE_KIND_CHOICES}


@dataclass(frozen=True)
class Asked:
    """What a report is asked about; `before` are the groups on the day before the period, `after` on its last day."""

    commune: Commune
    period: Period
    valid_on: dt.date
    known_at: dt.datetime
    before: Sequence[GroupStatus]
    after: Sequence[GroupStatus]
    shapes: Mapping[int, Mapping[str, Any]]

    @property
    def place(self) -> str:
        """The commune in the middle of a sentence: "phường Kiến An"."""
        return f"{COMMUNE_KINDS[self.commune.kind]} {self.commune.name}"

    @property
    def unit(self) -> str:
        """What the commune's groups are called in the middle of a sentence."""
        return "thôn" if self.commune.kind == "commune" else "tổ dân phố"


def day(value: dt.date | None) -> str:
    """A day as it is printed."""
    return "" if value is None else f"{value:%d/%m/%Y}"
