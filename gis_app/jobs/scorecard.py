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

# A year may be closed from so many days before its end: the summing up comes before 15 December.
CLOSED_EARLY = dt.timedelta(days=45)


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
    edition = next((one for one in q.fetch_editions(conn, commune.id) if one.year == year), None)
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
        month = period_of("month", month[1] + dt.timedelta(days=1))
    return found


def _bases(
    conn: Connection, commune: Commune, groups: list[GroupStatus], days: tuple[dt.date, dt.date], today: dt.date
) -> dict[int, dict[str, Basis | None]]:
    here, months = commune.id, months_of(days)
    # What nobody kept in the system yet counts against nobody: months from the first of which it knows something.
    lists = [fetch_statuses(conn, here, last) for _, last in months]
    clean = [{one.group_id for one in known if one.drug_free == MET} for known in lists if known]
    first = q.fetch_first_month(conn, here, days)
    reviewed = [month for month in months if first is not None and month[0] >= first]
    reviews = q.count_reviews(conn, here, (reviewed[0][0], reviewed[-1][0])) if reviewed else {}
    pledged, done = q.fetch_pledged(conn, here, days), q.count_tasks(conn, here, days, today)
    tips, covered, walked = count_groups(conn, *days), _covered(conn, here), _walked(conn, days)
    found: dict[int, dict[str, Basis | None]] = {}
    for group in groups:
        key = group.group_id
        sent, talked = reviews.get(key, (0, 0))
        households = group.household_count
        found[key] = {
            "stage": (STAGE_TENTHS[group.stage], 10),
            "clean": streak_of([key in month for month in clean]) if clean else None,
            "reviews": (sent, len(reviewed)) if reviewed else None,
            "pledges": (min(pledged.get(key, 0), households), households) if households and pledged else None,
            "communication": (talked, len(reviewed)) if reviewed else None,
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


def _walked(conn: Connection, days: tuple[dt.date, dt.date]) -> dict[str, Basis | None]:
    """Stops at which a team was, of those on issued shifts, by the name of the group; whole weeks, as all may know."""
    effort = fetch_effort(conn, Period(*days, 7)) or {"sums": []}
    return {one["name"]: (int(one["done"]), int(one["planned"])) for one in effort["sums"] if one["part"] == "group"}


def may_close(year: int, today: dt.date) -> bool:
    """Whether a year is near enough to its end, or over."""
    return today >= period(year)[1] - CLOSED_EARLY


def close_year(conn: Connection, actor: Actor, commune: Commune, year: int) -> bool:
    """Close a year as it stands, or once more as another edition; False: somebody did at the same moment."""
    card = count_scorecard(conn, actor, commune, year)
    editions = [one.edition for one in q.fetch_editions(conn, commune.id) if one.year == year]
    return q.insert_edition(conn, commune.id, year, max(editions, default=0) + 1, card.as_json())


def years_of(conn: Connection, commune_id: int, today: dt.date) -> list[int]:
    """This year, the one before, and every closed one; the last first."""
    now = period_year(today)
    return sorted({now, now - 1, *(one.year for one in q.fetch_editions(conn, commune_id))}, reverse=True)


def totals_of(conn: Connection, commune_id: int, year: int) -> dict[int, int | None]:
    """Tenths of a closed year by group; nothing of one that was not closed."""
    edition = next((one for one in q.fetch_editions(conn, commune_id) if one.year == year), None)
    rows = [] if edition is None else q.fetch_content(conn, commune_id, edition)["rows"]
    return {row["group_id"]: row["tenths"] for row in rows}
