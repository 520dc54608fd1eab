"""The roll-up over communes: groups by stage, and this year's target of groups in each and over all."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gis_app.analysis.roadmap import Target, Units, evaluate
from gis_app.analysis.status import ACHIEVED_STAGES
from gis_app.analysis.target_rules import TargetRule
from gis_app.jobs.roadmap import name_key, rule_of
from gis_app.queries import roadmap as queries
from gis_app.queries.city import CommuneTotals, fetch_totals, stages

# What can be said of a commune: `open` while a clause can be read in two ways and the answer hangs on it.
VERDICTS = ("met", "not_met", "open", "not_due", "no_target")


@dataclass(frozen=True)
class CityTarget:
    """One commune's target of groups in a year: a range while a reading is open, None without a roadmap.

    `gap`: whole groups still missing to the lowest target, named ones counted; `verdict` is one of VERDICTS.
    """

    commune: queries.CityCommune
    lowest: int | None
    highest: int | None
    gap: int | None
    verdict: str


@dataclass(frozen=True)
class CityLine:
    """One granted commune: what it has by stage, and its target."""

    totals: CommuneTotals
    group_count: int
    achieved_count: int
    target: CityTarget


@dataclass(frozen=True)
class CitySums:
    """Over all communes; counts of verdicts by verdict. A group is in one commune, so nothing is counted twice."""

    groups: dict[str, int]
    group_count: int
    achieved_count: int
    lowest: int
    highest: int
    gap: int
    verdicts: dict[str, int]


def city_targets(conn: Connection, year: int) -> list[CityTarget]:
    """Targets of groups in every commune that the acting city account, or the nationwide reader, may add up."""
    rules: dict[int, list[TargetRule]] = defaultdict(list)
    for row in queries.fetch_city_rules(conn):
        own = rules[row["commune_id"]]
        # Its place in the commune, not its key: so that equal roadmaps are equal.
        own.append(rule_of(row | {"id": len(own)}))
    known: dict[tuple[object, ...], tuple[Target, ...]] = {}
    return [_city_target(one, rules.get(one.id, []), year, known) for one in queries.fetch_city_communes(conn)]


def _city_target(
    commune: queries.CityCommune,
    rules: Sequence[TargetRule],
    year: int,
    known: dict[tuple[object, ...], tuple[Target, ...]],
) -> CityTarget:
    if not rules or year < min(rule.year for rule in rules):
        return CityTarget(commune, None, None, None, "no_target")
    # Many communes copy one resolution: the same rules on as many groups are evaluated once.
    key = (tuple(rules), commune.group_count, commune.achieved_count, commune.achieved_names)
    if key not in known:
        done = commune.achieved_names
        units = {"group": Units(commune.group_count, commune.achieved_count, done, done)}
        known[key] = evaluate(rules, units, year, name_key)[-1].targets
    targets = known[key]
    wholes = [target.whole for target in targets if target.whole is not None]
    gaps = [target.gap for target in targets if target.gap is not None]
    lowest, highest = min(wholes, default=None), max(wholes, default=None)
    return CityTarget(commune, lowest, highest, min(gaps, default=None), _verdict(targets, highest))


def _verdict(targets: Sequence[Target], highest: int | None) -> str:
    answers = {target.met for target in targets}
    if highest is None or None in answers:
        return "no_target"
    if highest == 0:
        return "not_due"
    if len(answers) > 1:
        return "open"
    return "met" if answers == {True} else "not_met"


def city_lines(conn: Connection, year: int) -> list[CityLine]:
    """Every commune granted to the acting city account with its totals and its target, in Vietnamese name order."""
    targets = {one.commune.id: one for one in city_targets(conn, year)}
    return [
        CityLine(
            one, sum(one.groups.values()), sum(one.groups[stage] for stage in ACHIEVED_STAGES), targets[one.id]
        )
        for one in fetch_totals(conn)
    ]  # fmt: skip


def sum_up(lines: Sequence[CityLine]) -> CitySums:
    """Add communes up."""
    targets = [line.target for line in lines]
    return CitySums(
        groups={stage: sum(line.totals.groups[stage] for line in lines) for stage in stages()},
        group_count=sum(line.group_count for line in lines),
        achieved_count=sum(line.achieved_count for line in lines),
        lowest=sum(one.lowest or 0 for one in targets),
        highest=sum(one.highest or 0 for one in targets),
        gap=sum(one.gap or 0 for one in targets),
        verdicts={verdict: sum(one.verdict == verdict for one in targets) for verdict in VERDICTS},
    )
