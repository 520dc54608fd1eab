"""Evaluate a roadmap: cumulative whole-unit targets per year and reading, keep and new parts, gap to what is achieved.

The model. For a chain of rules and n units, the exact cumulative target of year y is

    E(y) = max( E(y-1) + sum of what is added in y,  every total due in y,  every amount to be kept in y )

and the whole target is W(y) = max(W(y-1), whole(E(y))) with `whole` of target_rules.py: the CUMULATIVE figure is
rounded, so the parts always add up and no unit is asked for twice. The keep part of a year is W(y-1), the new part
W(y) - W(y-1). Rounding each tranche by itself is refused: 20/30/30/20 % of 23 would give 5+7+7+5 = 24.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import product

from gis_app.analysis.target_rules import HUNDRED, KINDS, Reading, TargetRule, whole_units

Scenario = Mapping[int, Reading]
# What names of units are compared by; the caller's folding of diacritics and prefixes.
Key = Callable[[str], str]


class RoadmapError(ValueError):
    """Something that a roadmap must not do; `code` is a message key, `params` its figures."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True)
class Units:
    """The units of one kind: how many there are (None: not known), how many are achieved, and names where known."""

    total: int | None
    achieved: int | None = None
    names: Sequence[str] = ()
    achieved_names: Sequence[str] = ()


@dataclass(frozen=True)
class Target:
    """What one reading asks for by the end of a year; cumulative.

    `readings`: (rule id, code) of the open choices under which this holds, empty where the choice does not matter.
    `exact` in units and `whole` are None where the number of units is not known; `share` in per cent is None where
    whole counts are mixed in. `gap` is 0 if and only if `met`; both None where something is not known.
    """

    readings: tuple[tuple[tuple[int, str], ...], ...]
    exact: Decimal | None
    share: Decimal | None
    whole: int | None
    keep: int | None
    new: int | None
    operator: str
    rounding: str
    gap: int | None = None
    met: bool | None = None


@dataclass(frozen=True)
class YearTargets:
    """The targets of one chain in one year: one, or several while a reading is open; and what is achieved.

    `missing` are named units that are not achieved, `unknown` named units that the commune does not have.
    `rule_ids` are the rules that speak in this year. `measured_on` is the day whose units are told of: the due day of a
    year that is over, None for now.
    """

    kind: str
    subject: str
    year: int
    targets: tuple[Target, ...]
    total: int | None
    achieved: int | None
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    rule_ids: tuple[int, ...]
    due_on: date | None
    measured_on: date | None = None


@dataclass(frozen=True)
class Past:
    """What was achieved on days before today: `at(day)` gives units by kind as `evaluate` takes them."""

    today: date
    at: Callable[[date], Mapping[str, Units]]


@dataclass(frozen=True)
class _State:
    exact: Decimal | None = Decimal(0)
    share: Decimal | None = Decimal(0)
    whole: int | None = 0
    keep: int | None = 0
    operator: str = "="
    rounding: str = "ceil"


def chains_of(rules: Sequence[TargetRule]) -> dict[tuple[str, str], list[TargetRule]]:
    """Group rules into chains, in the order of KINDS; rules by year."""
    ordered = sorted(rules, key=lambda r: (KINDS.index(r.kind), r.subject, r.year, r.part != "keep", r.id))
    chains: dict[tuple[str, str], list[TargetRule]] = {}
    for rule in ordered:
        chains.setdefault(rule.chain, []).append(rule)
    return chains


def scenarios_of(rules: Sequence[TargetRule]) -> list[dict[int, Reading]]:
    """Every combination of the readings that are still open."""
    return [dict(zip([r.id for r in rules], found, strict=True)) for found in product(*(r.alternatives for r in rules))]


def amount_of(reading: Reading, total: int | None) -> tuple[Decimal | None, Decimal | None]:
    """Return (units, share in per cent) that a reading asks for; a count has no share, a share of unknown no units."""
    if reading.count is not None:
        return Decimal(reading.count), None
    if reading.share is None:
        return None, None
    return (None if total is None else reading.share * total / HUNDRED), reading.share


def _plus(a: Decimal | None, b: Decimal | None) -> Decimal | None:
    return None if a is None or b is None else a + b


def _most(a: Decimal | None, b: Decimal | None) -> Decimal | None:
    return None if a is None or b is None else max(a, b)


def _decides(rule: TargetRule, reading: Reading, year: int) -> bool:
    if rule.part == "keep":
        return rule.holds_in(year) and (reading.share is not None or reading.count is not None)
    return rule.holds_in(year) if reading.basis == "yearly" else rule.due_year == year


def _step(before: _State, deciding: Sequence[tuple[TargetRule, Reading]], total: int | None) -> _State:
    exact, share = before.exact, before.share
    # What is added first, then levels, so that the order of clauses within a year does not matter.
    for rule, reading in sorted(deciding, key=lambda pair: pair[0].part == "keep" or pair[1].basis == "total"):
        units, per_cent = amount_of(reading, total)
        level = rule.part == "keep" or reading.basis == "total"
        join = _most if level else _plus
        exact, share = join(exact, units), join(share, per_cent)
        if level and units is not None and exact == units:
            # The level decides, so its share is the share of the whole, whatever came before.
            share = per_cent
    speakers = [rule for rule, _ in deciding if rule.part == "new"] or [rule for rule, _ in deciding]
    operator, rounding = before.operator, before.rounding
    if speakers:
        operator, rounding = max(r.operator for r in speakers), speakers[-1].rounding
        # ">=" sorts after ">", but strictly over asks for more.
        operator = ">" if any(r.operator == ">" for r in speakers) else operator
    whole = None
    if exact is not None and before.whole is not None:
        # No unit of a kind: nothing is strictly over nothing.
        due = 0 if total == 0 else (whole_units(exact, operator, rounding) if exact or speakers else 0)
        whole = max(before.whole, due)
    return _State(exact, share, whole, before.whole, operator, rounding)


def walk(rules: Sequence[TargetRule], scenario: Scenario, total: int | None, last_year: int) -> dict[int, Target]:
    """Return the target of every year from the chain's first to `last_year`, under one scenario."""
    state, found = _State(), {}
    for year in range(min(rule.year for rule in rules), last_year + 1):
        deciding = [(rule, scenario[rule.id]) for rule in rules if _decides(rule, scenario[rule.id], year)]
        state = _step(state, deciding, total)
        new = None if state.whole is None or state.keep is None else state.whole - state.keep
        found[year] = Target((), state.exact, state.share, state.whole, state.keep, new, state.operator, state.rounding)
    return found


Path = tuple[tuple[tuple[int, str], ...], dict[int, Target]]


def _paths(rules: Sequence[TargetRule], total: int | None, last_year: int) -> list[Path]:
    """Every combination of open readings, as (rule id, code) pairs, and where it leads."""
    open_ids = sorted(rule.id for rule in rules if rule.is_open)
    return [
        (tuple((rule_id, scenario[rule_id].code) for rule_id in open_ids), walk(rules, scenario, total, last_year))
        for scenario in scenarios_of(rules)
    ]


def _merged(paths: Sequence[Path], year: int) -> tuple[Target, ...]:
    """One target per different outcome of the open readings, in the order in which the clauses list them."""
    outcomes: dict[Target, list[tuple[tuple[int, str], ...]]] = {}
    for choice, targets in paths:
        outcomes.setdefault(targets[year], []).append(choice)
    if len(outcomes) == 1:
        return tuple(outcomes)
    return tuple(replace(target, readings=tuple(choices)) for target, choices in outcomes.items())


def _plain(name: str) -> str:
    return name


def _names(rules: Sequence[TargetRule], units: Units, year: int, key: Key) -> tuple[tuple[str, ...], tuple[str, ...]]:
    wanted = [name for rule in rules if rule.named and rule.due_year <= year for name in rule.named]
    have, known = {key(name) for name in units.achieved_names}, {key(name) for name in units.names}
    missing = tuple(dict.fromkeys(name for name in wanted if key(name) not in have))
    return missing, tuple(name for name in missing if key(name) not in known)


def evaluate_chain(
    rules: Sequence[TargetRule], units: Mapping[str, Units], last_year: int, key: Key = _plain, past: Past | None = None
) -> tuple[YearTargets, ...]:
    """Evaluate one chain for every year from its first to `last_year`."""
    found = []
    now = _units_of(rules, units, key)
    total = 1 if rules[0].kind == "commune" else now.total
    paths = _paths(rules, total, last_year)
    for year in range(min(rule.year for rule in rules), last_year + 1):
        speaking = [rule for rule in rules if rule.due_year == year or rule.holds_in(year)]
        days = [rule.due_on for rule in speaking if rule.due_on is not None and rule.due_on.year == year]
        due_on = min(days, default=None)
        day = due_on or date(year, 12, 31)
        is_over = past is not None and day < past.today
        then = _units_of(rules, past.at(day), key) if past is not None and is_over else now
        missing, unknown = _names(rules, then, year, key)
        # A year that is over is measured with the units that were there then.
        of_year = 1 if rules[0].kind == "commune" else then.total
        own = paths if of_year == total else _paths(rules, of_year, last_year)
        targets = tuple(_measured(target, then.achieved, len(missing)) for target in _merged(own, year))
        found.append(
            YearTargets(
                kind=rules[0].kind, subject=rules[0].subject, year=year, targets=targets, total=of_year,
                achieved=then.achieved, missing=missing, unknown=unknown,
                rule_ids=tuple(rule.id for rule in speaking), due_on=due_on, measured_on=day if is_over else None,
            )
        )  # fmt: skip
    return tuple(found)


def _measured(target: Target, achieved: int | None, missing_count: int) -> Target:
    if target.whole is None or achieved is None:
        return target
    # More than asked for is no fault, and a named unit cannot be made up for by another.
    gap = max(0, target.whole - achieved, missing_count)
    return replace(target, gap=gap, met=gap == 0)


def evaluate(
    rules: Sequence[TargetRule],
    units: Mapping[str, Units],
    last_year: int,
    key: Key = _plain,
    past: Past | None = None,
) -> tuple[YearTargets, ...]:
    """Evaluate every chain.

    Parameters
    ----------
    rules
        All rules of one commune.
    units
        Units by kind, or by ``"kind/subject"`` where a subject is counted apart; a kind that is not there is unknown.
    last_year
        The last year to tell of (inclusive).
    key
        Folds names so that "Thôn Trại Mũa" and "trại mũa" are one.
    past
        What a year that is over is measured by: its due day, or 31 December. Without it, every year by `units`.

    Returns
    -------
    tuple of YearTargets
        By kind (the order of KINDS), subject, year.
    """
    found: list[YearTargets] = []
    for chain in chains_of(rules).values():
        found += evaluate_chain(chain, units, last_year, key, past)
    return tuple(found)


def _units_of(chain: Sequence[TargetRule], units: Mapping[str, Units], key: Key) -> Units:
    """What a chain is measured by.

    A subject of its own that is not counted apart is measured by the units that it names; without names it is another
    question about the same units, so only their number is known.
    """
    kind, subject = chain[0].chain
    if f"{kind}/{subject}" in units:
        return units[f"{kind}/{subject}"]
    same = units.get(kind, Units(None))
    if not subject:
        return same
    named = {key(name): name for rule in chain for name in rule.named}
    if not named or kind not in units:
        return Units(same.total)
    done = [named[found] for found in map(key, same.achieved_names) if found in named]
    return Units(len(named), len(set(done)), same.names, tuple(done))


def refuse_tranches(rules: Sequence[TargetRule], total: int) -> None:
    """Always raise: rounding each tranche by itself is no rounding rule; the figures say why.

    Raises
    ------
    RoadmapError
        ``per_tranche_rounding`` with the tranches, their sum, the number of units and the cumulative target.
    """
    scenario = scenarios_of(rules)[0]
    last_year = max(rule.due_year for rule in rules)
    tranches = []
    for rule in rules:
        units, _ = amount_of(scenario[rule.id], total)
        if rule.part == "new" and units is not None and scenario[rule.id].basis == "added":
            tranches.append(whole_units(units, rule.operator, rule.rounding))
    cumulative = walk(rules, scenario, total, last_year)[last_year].whole
    raise RoadmapError(
        "per_tranche_rounding", tranches=tranches, sum=sum(tranches), unit_count=total, cumulative=cumulative
    )


def find_doubts(rules: Sequence[TargetRule], years: Sequence[YearTargets]) -> list[tuple[str, int]]:
    """Return (code, rule id or year) of what does not fit the number of units.

    ``share_disagrees``: a clause says both a count and a share, and of these units the share is another count.
    ``over_total``: more units are asked for than there are.
    """
    totals = {(one.kind, one.subject): one.total for one in years}
    found = []
    for rule in rules:
        total = totals.get(rule.chain)
        if rule.count is not None and rule.share is not None and total is not None:
            said = whole_units(rule.share * total / HUNDRED, rule.operator, rule.rounding)
            found += [("share_disagrees", rule.id)] if said != rule.count else []
    for one in years:
        # Models are made, not chosen among those there are.
        if one.kind != "model" and one.total is not None and any((t.whole or 0) > one.total for t in one.targets):
            found.append(("over_total", one.year))
    return found
