"""What sections of a report share: the period, the groups at its end and before its start, names of codes."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from gis_app.analysis.report_periods import Period
from gis_app.queries.communes import Commune
from gis_app.queries.statuses import GroupStatus
from gis_app.words import VIETNAMESE as VI
from layers import LAYERS
from layers.communes import KINDS as COMMUNE_KIND_CHOICES
from layers.groups import ANSWERS, CRITERIA, STAGES

STAGE_TITLES: Mapping[str, str] = {choice.code: choice.vi for choice in STAGES}
ANSWER_TITLES: Mapping[str, str] = {choice.code: choice.vi for choice in ANSWERS}
CRITERION_TITLES: Mapping[str, str] = {choice.code: choice.vi for choice in CRITERIA}
GROUPS = LAYERS["groups"]
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
# Letters of a list of names: a row of a table must not be taller than a page.
LONGEST = 1000
SMALLEST_TOLD, COUNT_STEP = 5, 5
# What the names of groups begin with.
_SPLIT = re.compile(r"((?:Tổ dân phố|Thôn|Khu dân cư)(?: số)? )(.+)")
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
    def frozen_on(self) -> dt.date:
        """The day in Vietnam on which it is frozen: the one that tables without a history tell of."""
        return self.known_at.astimezone(VIETNAM).date()

    @property
    def unit(self) -> str:
        """What the commune's groups are called in the middle of a sentence."""
        return "thôn" if self.commune.kind == "commune" else "tổ dân phố"


def day(value: dt.date | None) -> str:
    """A day as it is printed."""
    return "" if value is None else f"{value:%d/%m/%Y}"


def name_list(names: Sequence[str], most: int = 200) -> str:
    """Names in a row: "Tổ dân phố số 1, 2, 5; Tổ dân phố Cầu Tre"; past `most`, how many more there are."""
    known = [name for name in names if name]
    shown = known[:most]
    while len(text := _joined(shown)) > LONGEST:
        shown = shown[:-1]
    rest = (len(known) - len(shown), "nơi khác"), (len(names) - len(known), "nơi chưa có tên")
    more = [f"{count} {what}" for count, what in rest if count]
    return " và ".join([text, *more] if text else more)


def _joined(names: Sequence[str]) -> str:
    parts = (
        f"{start}{', '.join(end for _, end in same)}"
        for start, same in groupby(map(_split, names), key=lambda part: part[0])
    )
    return "; ".join(parts)


def _split(name: str) -> tuple[str, str]:
    found = _SPLIT.fullmatch(name)
    return ("", name) if found is None else (found[1], found[2])


def told_count(number: int) -> str:
    """A number that could point at something: none, few, or to the nearest five."""
    if 0 < number < SMALLEST_TOLD:
        return VI.say("tip.few")
    return f"khoảng {(number + COUNT_STEP // 2) // COUNT_STEP * COUNT_STEP}" if number else "0"
