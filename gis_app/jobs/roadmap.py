"""The evaluated roadmap of a commune: rows of the database made into rules, counted units beside them."""

import datetime as dt
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy.engine import Connection

from gis_app.analysis.roadmap import Past, Units, YearTargets, evaluate, find_doubts
from gis_app.analysis.roadmap_faults import Fault, find_faults
from gis_app.analysis.status import ACHIEVED_STAGES
from gis_app.analysis.target_rules import Reading, TargetRule
from gis_app.queries import roadmap as queries
from gis_app.queries.statuses import GroupStatus, fetch_statuses, fetch_today
from gis_app.text import fold

# The programme's documents look as far as 2030.
HORIZON = 2030
# What people leave out or put before a name.
_PREFIXES = ("to_dan_pho_so_", "to_dan_pho_", "tdp_", "khu_dan_cu_", "thon_", "to_so_", "to_", "khu_")


@dataclass(frozen=True)
class Moment:
    """A day that is over or today, and the moment whose knowledge of it is asked."""

    valid_on: dt.date
    known_at: dt.datetime


@dataclass(frozen=True)
class Roadmap:
    """All rules of a commune, what they ask for year by year, and what does not fit."""

    rules: tuple[TargetRule, ...]
    years: tuple[YearTargets, ...]
    doubts: tuple[tuple[str, int], ...]
    units: Mapping[str, Units]

    def of(self, kind: str, year: int, subject: str = "") -> YearTargets | None:
        """The targets of one chain in one year."""
        return next((one for one in self.years if (one.kind, one.subject, one.year) == (kind, subject, year)), None)

    def reading_text(self, rule_id: int, code: str) -> str:
        """What a reading says."""
        rule = next(rule for rule in self.rules if rule.id == rule_id)
        return next((reading.text for reading in rule.readings if reading.code == code), code)


def name_key(name: str) -> str:
    """One key for "Thôn Trại Mũa", "trại mũa" and "THON TRAI MUA"."""
    key = fold(name)
    for prefix in _PREFIXES:
        if key.startswith(prefix) and key != prefix:
            return key.removeprefix(prefix)
    return key


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _reading(raw: Mapping[str, Any]) -> Reading:
    return Reading(raw["code"], raw.get("text", ""), raw["basis"], _decimal(raw.get("share")), raw.get("count"))


def rule_of(row: Mapping[str, Any]) -> TargetRule:
    """A row of target_rules (or the same as JSON) as a rule."""
    return TargetRule(
        id=row.get("id") or 0,
        kind=row.get("kind", "group"),
        part=row["part"],
        year=row["year"],
        until_year=row["until_year"],
        operator=row.get("operator", "="),
        basis=row.get("basis", "added"),
        share=_decimal(row.get("share")),
        count=row.get("count"),
        rounding=row.get("rounding", "ceil"),
        subject=row.get("subject", ""),
        named=tuple(row.get("named") or ()),
        readings=tuple(_reading(raw) for raw in row.get("readings") or ()),
        chosen=row.get("chosen_reading"),
        due_on=row.get("due_on"),
        text=row.get("text", ""),
        document=row.get("document", ""),
        line=row.get("line") or 0,
    )


def rules_of_commune(conn: Connection, commune_id: int) -> tuple[TargetRule, ...]:
    """All target rules of the commune."""
    return tuple(rule_of(row) for row in queries.fetch_rules(conn, commune_id))


def _is_achieved(group: GroupStatus, day: dt.date | None) -> bool:
    # A group that came in by import has one stage through all its history; the stage's own day says since when.
    began = group.stage_on is None or day is None or group.stage_on <= day
    return group.stage in ACHIEVED_STAGES and began


def units_of_commune(
    conn: Connection, commune_id: int, day: dt.date | None = None, at: Moment | None = None
) -> dict[str, Units]:
    """What rules are measured by, today or on a day: groups by their history, other kinds by the newest count.

    `at`: as known at its moment, and without a day on its own.
    """
    now, known_at = (None, None) if at is None else (at.valid_on, at.known_at)
    groups = fetch_statuses(conn, commune_id, valid_on=day or now, known_at=known_at)
    done = [group.name for group in groups if _is_achieved(group, day)]
    answers = {group.drug_free for group in groups}
    units = {"group": Units(len(groups), len(done), tuple(g.name for g in groups), tuple(done))}
    schools = queries.count_schools(conn, commune_id)
    if schools:
        units["school"] = Units(schools)
    for row in queries.fetch_newest_counts(conn, commune_id, day or now):
        key = f"{row.kind}/{row.subject}" if row.subject else row.kind
        achieved = _commune_achieved(row.achieved_count, answers, day) if key == "commune" else row.achieved_count
        units[key] = Units(row.unit_count, achieved)
    return units


def _commune_achieved(entered: int | None, answers: Set[str], day: dt.date | None) -> int | None:
    """What an entered recognition of the commune itself is worth beside its groups' computed answers.

    A group that does not meet a criterion refutes it. One that is not reviewed leaves today's answer open; a past day
    stands as its document says, for reviews of that time may never have been entered.
    """
    if not entered:
        return entered
    if "not_met" in answers:
        return 0
    return None if day is None and "not_reviewed" in answers else entered


def roadmap_of(
    conn: Connection,
    commune_id: int,
    last_year: int = HORIZON,
    rounding: str | None = None,
    at: Moment | None = None,
) -> Roadmap:
    """Evaluate the roadmap of a commune up to a year; `rounding`: as if every rule were rounded so.

    `at`: groups as of a day and moment; clauses, readings and other units keep no history and are those of now.
    """
    rules = rules_of_commune(conn, commune_id)
    if rounding is not None:
        rules = tuple(replace(rule, rounding=rounding) for rule in rules)
    units = units_of_commune(conn, commune_id, at=at)
    today = fetch_today(conn) if at is None else at.valid_on
    past = Past(today, lru_cache(lambda day: units_of_commune(conn, commune_id, day, at)))
    years = evaluate(rules, units, last_year, name_key, past)
    return Roadmap(rules, years, tuple(find_doubts(rules, years)), units)


def faults_with(rules: Sequence[TargetRule], changed: TargetRule | None, gone: Sequence[int] = ()) -> list[Fault]:
    """What would be wrong with all rules if one were new or changed and others were gone."""
    kept = [rule for rule in rules if rule.id not in gone and (changed is None or rule.id != changed.id)]
    return find_faults([*kept, *([] if changed is None else [changed])])
