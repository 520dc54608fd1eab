"""Agreements as bodies, forms and answers have them; no views here."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from gis_app.errors import Conflict, Forbidden, GisError, NotFound, PreconditionFailed, Unprocessable
from gis_app.queries.agreements import (
    MAX_WIDTH_M,
    MIN_WIDTH_M,
    Agreement,
    Proposal,
    fetch_agreements,
    fetch_today,
    shareable_layers,
)
from gis_app.web.context import actor, commune, connection
from gis_app.web.params import Malformed, whole

# PostgreSQL's bigint; a larger number in an address names nothing.
MAX_ID = 2**63 - 1


def last_possible_day(today: dt.date) -> dt.date:
    """Twelve months on; 29 February gives 28 February."""
    try:
        return today.replace(year=today.year + 1)
    except ValueError:
        return today.replace(year=today.year + 1, day=28)


def read_proposal(raw: Mapping[str, Any]) -> Proposal:
    """Check what a body or form proposes: commune_id, width_m, layers, ends_on; every fault is named at once."""
    faults: list[dict[str, str]] = []
    readers = {"commune_id": _commune_id, "width_m": _width, "layers": _layers, "ends_on": _day}
    values: dict[str, Any] = {}
    for name, read in readers.items():
        try:
            values[name] = read(raw.get(name))
        except Malformed as error:
            faults.append({"field": name, "rule": str(error)})
    faults += [{"field": str(name)[:60], "rule": "unknown_field"} for name in raw if name not in readers]
    if faults:
        raise Unprocessable("bad_agreement", faults=faults)
    return Proposal(**values)


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise Malformed("required" if value in (None, "") else "whole")
    return str(value)


def _commune_id(value: Any) -> int:
    return whole(1, 99_999_999)(_text(value))


def _width(value: Any) -> int:
    return whole(MIN_WIDTH_M, MAX_WIDTH_M)(_text(value))


def _layers(value: Any) -> Sequence[str]:
    if not isinstance(value, list) or not value:
        raise Malformed("required")
    known = [layer.name for layer in shareable_layers()]
    if any(name not in known for name in value):
        raise Malformed("choice")
    return [name for name in known if name in value]


def _day(value: Any) -> dt.date:
    try:
        day = dt.date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise Malformed("date") from error
    today = fetch_today(connection())
    if day < today:
        raise Malformed("past")
    if day > last_possible_day(today):
        raise Malformed("range")
    return day


def find_agreement(agreement_id: int) -> Agreement:
    """The agreement if the actor's commune is one of its sides; 404 alike for another's and for none."""
    here = commune()
    found = fetch_agreements(connection(), here.id, agreement_id) if agreement_id <= MAX_ID else []
    if not found:
        raise NotFound("agreement_not_found")
    return found[0]


def check_outcome(outcome: str, done: str, version: int | None = None) -> None:
    """Raise the error that an outcome of the database's functions stands for, unless it is `done`."""
    if outcome == done:
        return
    errors: dict[str, GisError] = {
        "role": Forbidden("role_not_allowed", role=actor().role),
        "missing": NotFound("agreement_not_found"),
        "stale": PreconditionFailed("stale_version", version=version),
        "not_neighbour": Unprocessable("not_a_neighbour"),
        "exists": Conflict("agreement_exists"),
        "not_proposed": Conflict("agreement_not_proposed"),
        "own_side": Forbidden("agreement_own_side"),
        "same_person": Forbidden("agreement_same_person"),
        "no_strip": Unprocessable("agreement_no_strip"),
        "ended_before": Conflict("agreement_ended"),
    }
    raise errors[outcome]


def agreement_dict(agreement: Agreement) -> dict[str, Any]:
    """An agreement as JSON; no name of an account."""
    moment = {name: getattr(agreement, name) for name in ("approved_at", "ended_at")}
    return {
        "id": agreement.id,
        "version": agreement.version,
        "state": agreement.state,
        "is_ours": agreement.is_ours,
        "neighbour": {"id": agreement.neighbour_id, "full_name": agreement.neighbour_name},
        "width_m": agreement.width_m,
        "layers": list(agreement.layers),
        "proposed_on": agreement.proposed_on.isoformat(),
        "ends_on": agreement.ends_on.isoformat(),
        "center": agreement.center,
    } | {name: None if at is None else at.isoformat() for name, at in moment.items()}
