"""What the committee's page tells: groups and their stages today, the roadmap, progress year by year."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gis_app.analysis.roadmap import YearTargets
from gis_app.jobs.roadmap import HORIZON, Roadmap, roadmap_of, units_of_commune
from gis_app.queries.statuses import GroupStatus, fetch_statuses, fetch_today
from layers import LAYERS

FIRST_YEAR = 2025


@dataclass(frozen=True)
class Progress:
    """One year: groups achieved by its end (today in the current year, None later), and its targets if any."""

    year: int
    achieved: int | None
    targets: YearTargets | None


@dataclass(frozen=True)
class Overview:
    """Everything of the page; counts of stages in the order of the programme, zero included."""

    today: dt.date
    groups: list[GroupStatus]
    stages: dict[str, int]
    roadmap: Roadmap
    progress: tuple[Progress, ...]

    def of_year(self, year: int) -> list[YearTargets]:
        """What a year asks for, groups first: chains with a rule of that year, or with something missing."""
        found = [one for one in self.roadmap.years if one.year == year]
        return [one for one in found if one.rule_ids or any(target.gap for target in one.targets)]


def _stage_codes() -> tuple[str, ...]:
    field = LAYERS["groups"].field("stage")
    return tuple(choice.code for choice in field.choices) if field else ()


def _achieved(conn: Connection, commune_id: int, year: int, today: dt.date, now: int | None) -> int | None:
    if year > today.year:
        return None
    if year == today.year:
        return now
    return units_of_commune(conn, commune_id, dt.date(year, 12, 31))["group"].achieved


def overview_of(conn: Connection, commune_id: int) -> Overview:
    """The overview of a commune, as of today in Vietnam."""
    today = fetch_today(conn)
    groups = fetch_statuses(conn, commune_id)
    roadmap = roadmap_of(conn, commune_id, max(HORIZON, today.year))
    now = roadmap.units["group"].achieved
    stages = dict.fromkeys(_stage_codes(), 0)
    for group in groups:
        stages[group.stage] += 1
    years = range(FIRST_YEAR, max(HORIZON, today.year) + 1)
    progress = tuple(
        Progress(year, _achieved(conn, commune_id, year, today, now), roadmap.of("group", year)) for year in years
    )
    return Overview(today, groups, stages, roadmap, progress)
