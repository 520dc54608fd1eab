"""The programme of a commune in figures: indicators, data quality, and which group comes next."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.engine import Connection

from gis_app.analysis.indicators import TITLES, Indicator, Work, group_indicators, hotspot_indicator, place_indicator
from gis_app.analysis.next_group import TREND_DAYS, Candidate, Ranked, find_gaps, rank_candidates
from gis_app.analysis.periods import period_of
from gis_app.analysis.status import ACHIEVED_STAGES, NOT_MET, NOT_REVIEWED, Answer, answer_at
from gis_app.queries.group_facts import GroupFacts, fetch_group_facts, fetch_newly_met, fetch_pledges
from gis_app.queries.hotspot_register import count_period
from gis_app.queries.quality import WORDS, Check, fetch_checks
from gis_app.queries.statuses import GroupStatus, fetch_statuses, fetch_today


@dataclass(frozen=True)
class Bar:
    """One of the four words: the mean score of its checks, from 0 to 1, and what was found."""

    word: str
    score: Decimal
    fault_count: int
    checks: Sequence[Check]


def criteria_at(status: GroupStatus, day: dt.date) -> list[str]:
    """The three answers of a group as they count on a day."""
    return [answer_at(Answer(*answer), day) for answer in status.answers.values()]


def compute_indicators(conn: Connection, commune_id: int) -> list[Indicator]:
    """Return the indicators of a commune today, in the order of the board."""
    today = fetch_today(conn)
    facts = fetch_group_facts(conn, commune_id, period_of("month", today))
    reviewed = {
        status.group_id: NOT_REVIEWED not in criteria_at(status, today) for status in fetch_statuses(conn, commune_id)
    }
    found = group_indicators([_work(fact) for fact in facts], reviewed)
    for code, places in fetch_pledges(conn, commune_id).items():
        # What an indicator counts is the first word of its code.
        found.append(
            place_indicator(code, code.partition("_")[0], [(place.id, place.name, place.is_done) for place in places])
        )
    found.append(hotspot_indicator(count_period(conn, *period_of("year", today))))
    order = list(TITLES)
    return sorted(found, key=lambda one: order.index(one.code))


def _work(fact: GroupFacts) -> Work:
    return Work(
        fact.group_id,
        fact.name,
        fact.household_count,
        fact.tip_box_count,
        fact.board_count,
        fact.communication_count,
        fact.pledge_household_count,
    )


def rank_groups(conn: Connection, commune_id: int) -> list[Ranked]:
    """Rank the groups that are not recognised yet by the effort that is left."""
    today = fetch_today(conn)
    facts = {fact.group_id: fact for fact in fetch_group_facts(conn, commune_id, period_of("month", today))}
    newly_met = fetch_newly_met(conn, commune_id, today - dt.timedelta(days=TREND_DAYS))
    candidates = []
    for status in fetch_statuses(conn, commune_id):
        if status.stage in ACHIEVED_STAGES or status.group_id not in facts:
            continue
        fact, answers = facts[status.group_id], criteria_at(status, today)
        gaps = find_gaps(fact.tip_box_count, fact.board_count, fact.light_count, fact.broken_light_count)
        candidates.append(
            Candidate(
                status.group_id,
                status.name,
                status.stage,
                answers.count(NOT_MET),
                answers.count(NOT_REVIEWED),
                status.last_reviewed_on,
                fact.open_hotspot_count,
                gaps,
                newly_met.get(status.group_id, 0),
            )
        )
    return rank_candidates(candidates, today)


def measure_quality(conn: Connection, commune_id: int, role: str, metric_srid: int) -> list[Bar]:
    """Return the four bars of data quality, over what the role reads."""
    checks = fetch_checks(conn, commune_id, role, metric_srid)
    bars = []
    for word in WORDS:
        own = [check for check in checks if check.word == word]
        counted = [Decimal(str(check.score)) for check in own if check.checked_count]
        score = sum(counted, Decimal(0)) / len(counted) if counted else Decimal(1)
        bars.append(Bar(word, score, sum(check.fault_count for check in own), own))
    return bars
