"""Resolutions, clauses and target rules as bodies and forms have them, checked against all rules. No views here."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from gis_app.analysis.roadmap import RoadmapError, refuse_tranches
from gis_app.analysis.roadmap_faults import FIRST_YEAR, LAST_YEAR, MAX_COUNT, MAX_READINGS, Fault
from gis_app.analysis.target_rules import BASES, KINDS, OPERATORS, PARTS, ROUNDINGS, TargetRule
from gis_app.errors import Forbidden, NotFound, PreconditionFailed, Unprocessable
from gis_app.jobs import roadmap as jobs
from gis_app.queries.records import delete_record
from gis_app.queries.roadmap import fetch_rules, update_reading, update_roundings
from gis_app.tables.roadmap import clauses, resolutions, target_rules
from gis_app.web.context import actor, commune, connection
from gis_app.web.params import Malformed
from gis_app.web.records import MAX_ID, check_version, choice, day, decimal, found_record, number, read_values, words
from layers.base import DATA

EDITORS = tuple(sorted(DATA))
# A second reading of the same words is for those who lead.
CHOOSERS = ("admin", "committee")
# What somebody may ask for, and gets told why not.
TRANCHE = "tranche"
MAX_NAMED = 200


def _share(value: Any) -> Decimal | None:
    return decimal(Decimal("0.001"), Decimal(100), 3)(value)


def _named(value: Any) -> list[str]:
    """Names of units: a list, or one in each line of a form."""
    found = value.replace(";", "\n").split("\n") if isinstance(value, str) else value
    if found is None:
        return []
    if not isinstance(found, list) or len(found) > MAX_NAMED:
        raise Malformed("list")
    names = [words(200)(name) for name in found]
    return [name for name in names if name]


_READING = {
    "code": words(40),
    "text": words(300),
    "basis": choice(*BASES),
    "share": _share,
    "count": number(1, MAX_COUNT),
}


def _readings(value: Any) -> list[dict[str, Any]]:
    if value in (None, ""):
        return []
    if not isinstance(value, list) or len(value) > MAX_READINGS or not all(isinstance(one, dict) for one in value):
        raise Malformed("list")
    found = []
    for one in value:
        try:
            read = read_values(_READING, one, required=("code", "basis"))
        except Unprocessable as error:
            raise Malformed("readings") from error
        # JSON has no decimals: a share is kept as text.
        share = read.get("share")
        kept = {"share": None if share is None else f"{share:f}"}
        found.append({name: v for name, v in (read | kept).items() if v is not None})
    return found


RESOLUTION = {
    "number": words(300),
    "issued_on": day,
    "issuer": words(300),
    "title": words(600),
    "document": words(300),
    "note": words(600),
}
CLAUSE = {"resolution_id": number(1, MAX_ID), "line": number(1, 1_000_000), "text": words(2000)}
RULE = {
    "clause_id": number(1, MAX_ID),
    "kind": choice(*KINDS),
    "subject": words(100),
    "part": choice(*PARTS),
    "operator": choice(*OPERATORS),
    "basis": choice(*BASES),
    "share": _share,
    "count": number(1, MAX_COUNT),
    "year": number(FIRST_YEAR, LAST_YEAR),
    "until_year": number(FIRST_YEAR, LAST_YEAR),
    "due_on": day,
    "rounding": choice(*ROUNDINGS, TRANCHE),
    "named": _named,
    "readings": _readings,
    "note": words(600),
}
RULE_NEEDS = ("clause_id", "kind", "part", "year")


def read_rule(raw: Mapping[str, Any], *, whole: bool) -> dict[str, Any]:
    """The values of a rule; a new one is due in its year unless it says until when (null: from then on)."""
    values = read_values(RULE, raw, required=RULE_NEEDS if whole else ())
    if whole:
        values.setdefault("until_year", values["year"])
    for name in ("kind", "part", "year", "operator", "basis", "rounding"):
        if name in values and values[name] is None:
            raise Unprocessable("bad_record", faults=[{"field": name, "rule": "required"}])
    return values


def faults_answer(faults: Sequence[Fault]) -> Unprocessable:
    """What is wrong with the rules, as an error."""
    named = [{"field": fault.field, "rule": fault.code, "rule_id": fault.rule_id} for fault in faults]
    return Unprocessable("bad_rules", faults=named)


def check_rules(changed: TargetRule | None, gone: Sequence[int] = ()) -> None:
    """Refuse a change after which the rules of the commune would not add up."""
    faults = jobs.faults_with(jobs.rules_of_commune(connection(), commune().id), changed, gone)
    if faults:
        raise faults_answer(faults)


def check_rule(row: Mapping[str, Any]) -> None:
    """Check a rule as it would stand among all others (id 0: a new one); per tranche is refused with figures."""
    if row.get("rounding") == TRANCHE:
        refuse_per_tranche(row)
    check_rules(jobs.rule_of(row))


def refuse_per_tranche(row: Mapping[str, Any] | None = None) -> None:
    """Say what rounding tranche by tranche would give for the commune's groups."""
    here = commune().id
    rules = [rule for rule in jobs.rules_of_commune(connection(), here) if rule.chain == ("group", "")]
    if row is not None:
        own = jobs.rule_of(dict(row) | {"rounding": "ceil"})
        rules = [rule for rule in rules if rule.id != own.id] + ([own] if own.chain == ("group", "") else [])
    refuse_tranche_of(rules, jobs.units_of_commune(connection(), here)["group"].total or 0)


def refuse_tranche_of(rules: Sequence[TargetRule], total: int) -> None:
    """Always an error: with the figures where there are rules."""
    try:
        if rules:
            refuse_tranches(rules, total)
    except RoadmapError as error:
        raise Unprocessable(error.code, **error.params) from error
    raise Unprocessable("per_tranche_rounding", tranches=[], sum=0, unit_count=total, cumulative=0)


def resolution_dict(row: sa.Row[Any]) -> dict[str, Any]:
    """A resolution as JSON."""
    names = ("id", "version", "number", "issuer", "title", "document", "note")
    day_on = None if row.issued_on is None else row.issued_on.isoformat()
    return {name: getattr(row, name) for name in names} | {"issued_on": day_on}


def clause_dict(row: sa.Row[Any]) -> dict[str, Any]:
    """A clause as JSON."""
    return {name: getattr(row, name) for name in ("id", "version", "resolution_id", "line", "text")}


def rule_dict(row: Mapping[str, Any]) -> dict[str, Any]:
    """A target rule as JSON: shares are text, so that no reader makes a float of them; no name of an account."""
    names = (
        "id", "version", "clause_id", "kind", "subject", "part", "operator", "basis", "count", "year", "until_year",
        "rounding", "named", "readings", "note", "chosen_reading",
    )  # fmt: skip
    share, due_on, chosen_at = row["share"], row["due_on"], row["chosen_at"]
    return {name: row[name] for name in names} | {
        "share": None if share is None else f"{share.normalize():f}",
        "due_on": None if due_on is None else due_on.isoformat(),
        "chosen_at": None if chosen_at is None else chosen_at.isoformat(),
    }


def choose(rule_id: int, code: str | None, version: int) -> None:
    """Choose a reading, or none, of the version that was seen; raise what another outcome stands for."""
    outcome = update_reading(connection(), rule_id, code, version) if rule_id <= MAX_ID else "missing"
    if outcome == "role":
        raise Forbidden("role_not_allowed", role=actor().role)
    if outcome == "missing":
        raise NotFound("record_not_found")
    if outcome == "stale":
        raise PreconditionFailed("stale_version", version=found_record(target_rules, rule_id).version)
    if outcome == "unknown":
        raise Unprocessable("bad_record", faults=[{"field": "code", "rule": "reading_unknown"}])


def state_rounding(resolution_id: int, rounding: Any) -> None:
    """State the rounding rule of all rules of a resolution; tranche by tranche is refused with figures."""
    if rounding == TRANCHE:
        refuse_per_tranche()
    stated = read_values({"rounding": choice(*ROUNDINGS)}, {"rounding": rounding})["rounding"]
    update_roundings(connection(), commune().id, resolution_id, stated)


def delete_resolution(resolution_id: int, version: int) -> None:
    """Delete a resolution with its clauses and rules, unless other rules keep what it builds."""
    gone = [row["id"] for row in fetch_rules(connection(), commune().id) if row["resolution_id"] == resolution_id]
    if not delete_record(connection(), resolutions, resolution_id, version):
        check_version(None, resolutions, resolution_id)
    check_rules(None, gone)


def delete_clause(clause_id: int, version: int) -> None:
    """Delete a clause with its rules, unless other rules keep what it builds."""
    gone = [row["id"] for row in fetch_rules(connection(), commune().id) if row["clause_id"] == clause_id]
    if not delete_record(connection(), clauses, clause_id, version):
        check_version(None, clauses, clause_id)
    check_rules(None, gone)
