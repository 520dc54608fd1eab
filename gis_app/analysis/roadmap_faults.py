"""What is wrong with target rules, as codes: rule by rule, and of all rules of a commune together."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from gis_app.analysis.roadmap import amount_of, chains_of, scenarios_of
from gis_app.analysis.target_rules import BASES, HUNDRED, KINDS, OPERATORS, PARTS, ROUNDINGS, Reading, TargetRule

FIRST_YEAR, LAST_YEAR = 2020, 2100
MAX_COUNT = 1_000_000
MAX_READINGS = 6
# Each open choice multiplies the scenarios; a committee that has so many open must choose first.
MAX_SCENARIOS = 16


@dataclass(frozen=True)
class Fault:
    """A rule that is broken: where (`field` of the rule) and how (`code`)."""

    rule_id: int
    field: str
    code: str


def find_rule_faults(rule: TargetRule) -> list[Fault]:
    """Check one rule by itself."""
    checks = (_words(rule), _years(rule), _amounts(rule), _named(rule), _readings(rule))
    return [Fault(rule.id, field, code) for field, code in itertools.chain.from_iterable(checks)]


Found = list[tuple[str, str]]


def _words(rule: TargetRule) -> Found:
    allowed = {
        "kind": KINDS,
        "part": PARTS,
        "operator": OPERATORS,
        "basis": BASES,
        "rounding": tuple(ROUNDINGS),
    }
    return [(name, "unknown_word") for name, words in allowed.items() if getattr(rule, name) not in words]


def _years(rule: TargetRule) -> Found:
    found: Found = []
    if not FIRST_YEAR <= rule.year <= LAST_YEAR:
        found.append(("year", "year_range"))
    if rule.until_year is not None and not rule.year <= rule.until_year <= LAST_YEAR:
        found.append(("until_year", "year_order"))
    if rule.due_on is not None and not rule.year <= rule.due_on.year <= max(rule.due_year, rule.year):
        found.append(("due_on", "year_order"))
    return found


def _amount(share: Decimal | None, count: int | None) -> Found:
    found: Found = []
    if share is not None and not (share.is_finite() and 0 < share <= HUNDRED):
        found.append(("share", "share_range"))
    if count is not None and not 1 <= count <= MAX_COUNT:
        found.append(("count", "count_range"))
    return found


def _amounts(rule: TargetRule) -> Found:
    found = _amount(rule.share, rule.count)
    if rule.part == "new" and rule.share is None and rule.count is None and not rule.readings:
        found.append(("share", "amount_missing"))
    if rule.operator == ">" and rule.count is None and rule.share == HUNDRED:
        # Nothing is more than all.
        found.append(("operator", "unreachable"))
    if rule.kind == "commune" and rule.count not in (None, 1):
        found.append(("count", "count_range"))
    return found


def _named(rule: TargetRule) -> Found:
    found: Found = []
    if len(set(rule.named)) != len(rule.named):
        found.append(("named", "named_twice"))
    if rule.named and rule.count is not None and len(rule.named) != rule.count:
        found.append(("named", "named_count"))
    if rule.named and rule.part == "keep":
        found.append(("named", "named_keep"))
    return found


def _readings(rule: TargetRule) -> Found:
    if not rule.readings:
        return [] if rule.chosen is None else [("chosen", "reading_unknown")]
    found: Found = []
    codes = [reading.code for reading in rule.readings]
    if not 2 <= len(codes) <= MAX_READINGS or len(set(codes)) != len(codes) or not all(codes):
        found.append(("readings", "readings_few"))
    if rule.part == "keep":
        found.append(("readings", "readings_keep"))
    for reading in rule.readings:
        found += _reading(rule, reading)
    if rule.chosen is not None and rule.chosen not in codes:
        found.append(("chosen", "reading_unknown"))
    return found


def _reading(rule: TargetRule, reading: Reading) -> Found:
    found: Found = [("readings", code) for _, code in _amount(reading.share, reading.count)]
    if reading.basis not in BASES:
        found.append(("readings", "unknown_word"))
    if reading.share is None and reading.count is None:
        found.append(("readings", "amount_missing"))
    if rule.operator == ">" and reading.count is None and reading.share == HUNDRED:
        found.append(("readings", "unreachable"))
    return found


def find_faults(rules: Sequence[TargetRule]) -> list[Fault]:
    """Check all rules of a commune: each by itself, then how they add up in every scenario."""
    found = [fault for rule in rules for fault in find_rule_faults(rule)]
    if found:
        return found
    for chain in chains_of(rules).values():
        found += _chain_faults(chain)
    return found


def _chain_faults(chain: Sequence[TargetRule]) -> list[Fault]:
    choices = 1
    for rule in chain:
        choices *= len(rule.alternatives)
    if choices > MAX_SCENARIOS:
        return [Fault(chain[-1].id, "readings", "readings_many")]
    found: dict[Fault, None] = {}
    for rule in chain:
        fault = _keep_fault(rule, chain)
        if fault is not None:
            found[fault] = None
    for scenario in scenarios_of(chain):
        for fault in _sum_faults(chain, scenario):
            found[fault] = None
    return list(found)


def _keep_fault(rule: TargetRule, chain: Sequence[TargetRule]) -> Fault | None:
    """What is kept must have been built before."""
    if rule.part != "keep":
        return None
    earlier = any(one.part == "new" and one.year < rule.year for one in chain)
    return None if earlier else Fault(rule.id, "part", "keep_without_new")


def _sum_faults(chain: Sequence[TargetRule], scenario: dict[int, Reading]) -> list[Fault]:
    """Shares that add up to more than all, a total below what was due before, more kept than was built."""
    found: list[Fault] = []
    reached = Decimal(0)
    ordered = sorted(chain, key=lambda r: (r.year if r.part == "keep" else r.due_year, r.part != "keep", r.id))
    for rule in ordered:
        reading = scenario[rule.id]
        _, share = amount_of(reading, None)
        if share is None:
            continue
        if rule.part == "keep":
            if share > reached and not any(one.count is not None for one in chain):
                found.append(Fault(rule.id, "share", "keep_without_new"))
        elif reading.basis == "total":
            if share < reached:
                found.append(Fault(rule.id, "share", "falling_target"))
            reached = max(reached, share)
        else:
            years = 1 if reading.basis == "added" else rule.due_year - rule.year + 1
            reached += share * years
            if reached > HUNDRED:
                found.append(Fault(rule.id, "share", "over_hundred"))
    return found
