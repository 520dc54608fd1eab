"""Proposals of stage changes and their decisions as bodies and forms have them; no views here."""

from collections.abc import Mapping
from typing import Any

from gis_app.analysis.status import period_year
from gis_app.errors import NotFound, PreconditionFailed
from gis_app.queries import stage_changes
from gis_app.web.context import commune, connection
from gis_app.web.decisions import check_outcome
from gis_app.web.guarded_words import refuse_persons
from gis_app.web.params import Malformed
from gis_app.web.values import ID, MAX_ID, choice, count, day, needed, read_values, text
from layers.groups import STAGES

CODES = tuple(stage.code for stage in STAGES)
KINDS = ("move", "correction")
READERS = {
    "group_id": needed(ID),
    "kind": choice(*KINDS),
    "to_stage": needed(choice(*CODES)),
    "effective_on": needed(day),
    "until_on": day,
    "period_year": count(2020, 2100),
    "document": text(120),
    "recognising_body": text(120),
    "reason": text(500),
}
DECISION_READERS = {
    "decision": needed(choice(*stage_changes.DECISIONS)),
    "note": text(500),
    "until_on": day,
}


def _yes_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Malformed("bool")
    return value


def _approvers(value: Any) -> list[str]:
    if not isinstance(value, list) or not value or any(role not in stage_changes.PROPOSERS for role in value):
        raise Malformed("choice")
    return sorted(set(value))


STEP_READERS = {
    "is_allowed": _yes_no,
    "recognising_body": text(120),
    "needs_document": _yes_no,
    "needs_body": _yes_no,
    "needs_reason": _yes_no,
    "approvers": _approvers,
}


def save_step(from_stage: str, to_stage: str, version: int, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Read the commune's own rule of a step and write it over the version that somebody saw; what it is then."""
    values = read_values(raw, STEP_READERS, code="bad_stage_step")
    refuse_persons(values["recognising_body"])
    here, conn, step = commune(), connection(), (from_stage, to_stage)
    if step not in {(one.from_stage, one.to_stage) for one in stage_changes.fetch_steps(conn, here.id, closed=True)}:
        raise NotFound("stage_step_not_found")
    done = stage_changes.upsert_step(conn, here.id, step, version, values)
    if done is None:
        raise PreconditionFailed("stale_version")
    return {"from_stage": from_stage, "to_stage": to_stage, "own_version": done} | values


def usual_rule(from_stage: str, to_stage: str) -> dict[str, Any]:
    """The rule of a step as a commune without rules of its own has it."""
    for step in stage_changes.fetch_usual_steps(connection()):
        if (step.from_stage, step.to_stage) == (from_stage, to_stage):
            return {name: list(value) if name == "approvers" else value
                    for name in STEP_READERS for value in [getattr(step, name)]}  # fmt: skip
    raise NotFound("stage_step_not_found")


def propose(raw: Mapping[str, Any]) -> int:
    """Read a proposal and make it; return its id."""
    values = read_values(raw, READERS, code="bad_stage_change")
    for name in ("document", "recognising_body", "reason"):
        refuse_persons(values[name])
    values["kind"] = values["kind"] or "move"
    values["period_year"] = values["period_year"] or period_year(values["effective_on"])
    outcome, change_id = stage_changes.insert_stage_change(connection(), values)
    check_outcome(outcome, "proposed", "stage_change")
    return change_id or 0


def decide(change: stage_changes.StageChange, version: int, raw: Mapping[str, Any]) -> None:
    """Read a decision and carry it out on the version that the person saw."""
    values = read_values(raw, DECISION_READERS, code="bad_decision")
    refuse_persons(values["note"])
    outcome = stage_changes.update_decided(
        connection(), change.id, version, values["decision"], values["note"], values["until_on"]
    )
    check_outcome(outcome, values["decision"], "stage_change", change.version)


def find_change(change_id: int) -> stage_changes.StageChange:
    """The proposal, if it is of the actor's commune; 404 alike for another's and for none."""
    here = commune()
    found = stage_changes.fetch_stage_changes(connection(), here.id, change_id=change_id) if change_id <= MAX_ID else []
    if not found:
        raise NotFound("stage_change_not_found")
    return found[0]
