"""What the outcomes of deciding functions mean to a person; shared by stage changes, reviews and lineage."""

from gis_app.errors import Conflict, Forbidden, GisError, NotFound, PreconditionFailed, Unprocessable
from gis_app.web.context import actor

# Outcomes that say what a proposal lacks: 422 `<subject>_<outcome>`.
LACKS = (
    "too_early", "too_late", "move_not_allowed", "other_period", "confirmed_before", "needs_document", "needs_body",
    "needs_reason", "not_drug_free", "needs_note", "needs_day", "counts_contradict", "bad_count", "not_tiling",
    "bad_until", "bad_due",
)  # fmt: skip
# Outcomes that say that the moment has gone: 409 `<subject>_<outcome>`.
GONE = (
    "moved_on",
    "open_before",
    "decided_before",
    "sent_before",
    "not_sent",
    "group_gone",
    "open_changes",
    "name_taken",
    "later_facts",
    "same_day",
)


def check_outcome(outcome: str, done: str, subject: str, version: int | None = None) -> None:
    """Raise the error that an outcome stands for, unless it is `done`."""
    if outcome == done:
        return
    raise _error(outcome, subject, version)


def _error(outcome: str, subject: str, version: int | None) -> GisError:
    if outcome == "role":
        return Forbidden("role_not_allowed", role=actor().role)
    if outcome == "missing":
        return NotFound(f"{subject}_not_found")
    if outcome == "stale":
        return PreconditionFailed("stale_version", version=version)
    if outcome == "same_person":
        return Forbidden(f"{subject}_same_person")
    if outcome in LACKS:
        return Unprocessable(f"{subject}_{outcome}")
    if outcome in GONE:
        return Conflict(f"{subject}_{outcome}")
    raise ValueError(outcome)
