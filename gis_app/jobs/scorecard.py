"""The year-end scorecard of a commune: bases of every group, scores, notes; a year that is closed as it was closed.

Everything is counted as the least of its readers reads it, so a score is the same whoever looks. Nothing is a count of
persons, and tips are told in steps.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.engine import Connection

from gis_app.analysis.periods import period_of
from gis_app.analysis.scorecard import STAGE_TENTHS, Basis, Rules, read_rules, score_of, streak_of, told
from gis_app.analysis.status import MET, period, period_year
from gis_app.db import Actor, act_as
from gis_app.jobs.coverage_figures import Asked, figures_of
from gis_app.queries import scorecards as q
from gis_app.queries.communes import Commune
from gis_app.queries.patrol_effort import Period, fetch_effort
from gis_app.queries.reports import LEAST_READER
from gis_app.queries.statuses import GroupStatus, fetch_statuses, fetch_today
from gis_app.queries.tip_queue import count_groups
from gis_app.tables.tips import KEPT_DAYS

# A year may be closed from so many days before its end: the summing up comes before 15 December.
CLOSED_EARLY = dt.timedelta(days=45)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Scorecard:
    """A year: `rows` as they are stored and answered; `edition` None: not closed, figures of `counted_to`."""

    year: int
    days: tuple[dt.date, dt.date]
    counted_to: dt.date
    rules: Rules
    rules_version: int
    rows: list[dict[str, Any]]
    edition: q.Edition | None = None

    def as_json(self) -> dict[str, Any]:
        """The card as it is closed."""
        return {
            "counted_to": self.counted_to.isoformat(),
            "rules": self.rules.as_json(),
            "rules_version": self.rules_version,
            "rows": self.rows,
        }


@contextmanager
def _as_least(conn: Connection, actor: Actor) -> Iterator[None]:
    act_as(conn, replace(actor, role=LEAST_READER))
    yield
    # Not after an error: then the transaction is rolled back whole, and its settings with it.
    act_as(conn, actor)


def current_rules(conn: Connection, commune_id: int) -> tuple[int, Rules]:
    """The points of a commune and their version; the program's own while it has none."""
    version, raw = q.fetch_rules(conn, commune_id)
    rules = None if raw is None else read_rules(raw)[0]
    return (0, Rules()) if rules is None else (version, rules)


def scorecard_of(conn: Connection, actor: Actor, commune: Commune, year: int) -> Scorecard:
    """A year as it was closed last, or as it stands today."""
    edition = _last_edition(conn, commune.id, year)
    if edition is None:
        return count_scorecard(conn, actor, commune, year)
    kept = q.fetch_content(conn, commune.id, edition)
    rules, _ = read_rules(kept["rules"])
    counted_to = dt.date.fromisoformat(kept["counted_to"])
    return Scorecard(
        year, period(year), counted_to, rules or Rules(), kept["rules_version"], list(kept["rows"]), edition
    )


def count_scorecard(conn: Connection, actor: Actor, commune: Commune, year: int) -> Scorecard:
    """A year from what the system knows today; of a year gone by, what has a history is of its last day."""
    version, rules = current_rules(conn, commune.id)
    notes = q.fetch_notes(conn, commune.id, year)
    days, today = period(year), fetch_today(conn)
    counted_to = min(days[1], today)
    with _as_least(conn, actor):
        groups = fetch_statuses(conn, commune.id, counted_to)
        bases = _bases(conn, commune, groups, (days[0], counted_to), today)
    rows = [_row(group, bases[group.group_id], rules, notes.get(group.group_id, q.Note())) for group in groups]
    return Scorecard(year, days, counted_to, rules, version, rows)


def _row(group: GroupStatus, bases: Mapping[str, Basis | None], rules: Rules, note: q.Note) -> dict[str, Any]:
    score = score_of(bases, group.stage, rules)
    return {
        "group_id": group.group_id,
        "name": group.name,
        "stage": group.stage,
        "bases": {name: None if basis is None else list(basis) for name, basis in bases.items()},
        "earned": dict(score.earned),
        "tenths": score.tenths,
        "proposed": score.verdict,
        "verdict": note.verdict or score.verdict,
        "is_decided": note.verdict is not None,
        "remark": note.remark,
        "note_version": note.version,
    }


def months_of(days: tuple[dt.date, dt.date]) -> list[tuple[dt.date, dt.date]]:
    """The calendar months that end within some days."""
    found, month = [], period_of("month", days[0])
    while month[1] <= days[1]:
        found.append(month)
        month = period_of("month", month[1] + DAY)
    return found


def _bases(
    conn: Connection, commune: Commune, groups: list[GroupStatus], days: tuple[dt.date, dt.date], today: dt.date
) -> dict[int, dict[str, Basis | None]]:
    here, months = commune.id, months_of(days)
    # What nobody kept in the system yet counts against nobody: a group's months are those at whose end it is known, and
    # of these reviews are asked from the first month that has any, and once the day to send them is over.
    clean = {month: {one.group_id: one.drug_free == MET for one in fetch_statuses(conn, here, month[1])}
             for month in months}  # fmt: skip
    first = q.fetch_first_month(conn, here, days)
    due = [month for month in months if first and first <= month[0] and month[1] + q.REVIEW_DAYS * DAY < days[1]]
    reviews = q.count_reviews(conn, here, (due[0][0], due[-1][0])) if due else {}
    pledged, done = q.fetch_pledged(conn, here, days), q.count_tasks(conn, here, days, today)
    # What is closed is deleted after a while: of earlier tips only those that nobody closed are left.
    tips = count_groups(conn, max(days[0], today - KEPT_DAYS * DAY), days[1])
    covered, walked = _covered(conn, here), _walked(conn, days, today)
    found: dict[int, dict[str, Basis | None]] = {}
    for group in groups:
        key, households = group.group_id, group.household_count
        sent, talked = reviews.get(key, (0, 0))
        asked = sum(key in clean[month] for month in due)
        months_clean = [known[key] for known in clean.values() if key in known]
        found[key] = {
            "stage": (STAGE_TENTHS[group.stage], 10),
            "clean": streak_of(months_clean) if months_clean else None,
            "reviews": (sent, asked) if asked else None,
            "pledges": (min(pledged.get(key, 0), households), households) if households and pledged else None,
            "communication": (talked, asked) if asked else None,
            "coverage": covered.get(key),
            "patrol": walked.get(group.name),
            "tasks": done.get(key),
            "tips": told(*tips.get(key, (0, 0))),
        }
    return found


def _covered(conn: Connection, commune_id: int) -> dict[int, Basis | None]:
    """Thousandths of street length that working cameras see and that working lamps light, of both together."""
    found: dict[int, Basis | None] = {}
    for one in figures_of(conn, commune_id, LEAST_READER, Asked(working_only=True))["groups"]:
        street = one["street"]
        if street["share"] is not None and street["lit_share"] is not None:
            found[one["group_id"]] = round(1000 * street["share"]) + round(1000 * street["lit_share"]), 2000
    return found


def _walked(conn: Connection, days: tuple[dt.date, dt.date], today: dt.date) -> dict[str, Basis | None]:
    """Stops at which a team was, of those on issued shifts, by the name of the group; whole weeks, as all may know."""
    until = min(days[1] + DAY, today)
    # Before the first week of the days is over, the last whole one is of the year before.
    if until - until.weekday() * DAY <= days[0]:
        return {}
    effort = fetch_effort(conn, Period(*days, 7)) or {"sums": []}
    return {one["name"]: (int(one["done"]), int(one["planned"])) for one in effort["sums"] if one["part"] == "group"}


def may_close(year: int, today: dt.date) -> bool:
    """Whether a year is near enough to its end, or over."""
    return today >= period(year)[1] - CLOSED_EARLY


def years_of(conn: Connection, commune_id: int, today: dt.date) -> list[int]:
    """This year, the one before, and every closed one; the last first."""
    now = period_year(today)
    return sorted({now, now - 1, *(one.year for one in q.fetch_editions(conn, commune_id))}, reverse=True)


def totals_of(conn: Connection, commune_id: int, year: int) -> dict[int, int | None]:
    """Tenths of a closed year by group; nothing of one that was not closed."""
    edition = _last_edition(conn, commune_id, year)
    rows = [] if edition is None else q.fetch_content(conn, commune_id, edition)["rows"]
    return {row["group_id"]: row["tenths"] for row in rows}


def _last_edition(conn: Connection, commune_id: int, year: int) -> q.Edition | None:
    return next((one for one in q.fetch_editions(conn, commune_id) if one.year == year), None)
