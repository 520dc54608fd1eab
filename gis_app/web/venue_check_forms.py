"""Checks of venues as bodies, forms and tables have them; no views here."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from gis_app.errors import NotFound, Unprocessable
from gis_app.queries import venue_checks as q
from gis_app.tables.venue_checks import OUTCOMES
from gis_app.web.context import commune, connection
from gis_app.web.decisions import check_outcome
from gis_app.web.guarded_words import refuse_persons
from gis_app.web.i18n import localised, t
from gis_app.web.values import MAX_ID, choice, day, needed, read_values, text
from layers import LAYERS

LONGEST_NOTE = 300
KINDS = {one.code: (one.vi, one.en) for one in LAYERS["venues"].field("kind").choices}  # type: ignore[union-attr]
# What a person chooses; the rest is what an edit or a file told.
CHOSEN = tuple(code for code in OUTCOMES if code != "unknown")
READERS = {
    "checked_on": needed(day),
    "outcome": needed(choice(*CHOSEN)),
    "note": text(LONGEST_NOTE),
    "next_due_on": day,
}
CHECK_SCHEMA = {
    "type": "object",
    "required": ["checked_on", "outcome"],
    "properties": {
        "checked_on": {"type": "string", "format": "date"},
        "outcome": {"enum": list(CHOSEN)},
        "note": {"type": ["string", "null"]},
        "next_due_on": {"type": ["string", "null"], "format": "date"},
    },
}


def kind_title(code: str) -> str:
    """The kind of a venue in words."""
    return localised(KINDS[code])


def find_venue(venue_id: int) -> q.VenueRow:
    """The venue, if it is of the actor's commune; 404 alike for another's and for none."""
    here = commune()
    found = q.fetch_venues(connection(), here.id, q.Wanted(venue_id=venue_id)) if venue_id <= MAX_ID else []
    if not found:
        raise NotFound("venue_not_found")
    return found[0]


def add_check(venue: q.VenueRow, raw: Mapping[str, Any]) -> None:
    """Read a check and write it down."""
    values = read_values(raw, READERS, code="bad_venue_check")
    refuse_persons(values["note"])
    conn = connection()
    try:
        with conn.begin_nested():
            outcome = q.insert_check(conn, venue.id, values)
    except sa.exc.IntegrityError as error:
        faults = [{"field": "note", "rule": "personal_number"}]
        raise Unprocessable("bad_venue_check", faults=faults) from error
    check_outcome(outcome, "recorded", "venue_check")


def csv_table(rows: Sequence[q.VenueRow]) -> tuple[list[str], list[list[Any]]]:
    """Head and rows of the CSV."""
    names = ("id", "name", "kind", "group", "last_checked_on", "outcome", "check_count", "next_due_on", "days_late")
    table = [
        [row.id, row.name, kind_title(row.kind), row.group, row.last_checked_on,
         row.outcome and t(f"venue_check.outcome.{row.outcome}"), row.check_count, row.next_due_on,
         row.days_late or None]
        for row in rows
    ]  # fmt: skip
    return [t(f"venue_check.column.{name}") for name in names], table
