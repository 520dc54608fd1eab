"""Checks of venues: when, with what outcome, and when the next one is due. Nobody's name, of neither side."""

import sqlalchemy as sa

from gis_app.tables.units import named_text
from layers import metadata

# unknown: a day that an edit, a survey or a file told, without more.
OUTCOMES = ("passed", "reminded", "violation", "suspended", "absent", "unknown")

venue_checks = sa.Table(
    "venue_checks",
    metadata,
    # The last row of a venue gives its last_checked_on and next_due_on: migrations/sql/venue_checks.sql.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("venue_id", sa.BigInteger, sa.ForeignKey("venues.id", ondelete="CASCADE"), nullable=False),
    sa.Column("checked_on", sa.Date, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("next_due_on", sa.Date),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    # One record a day: a second look on the same day is part of the first.
    sa.UniqueConstraint("venue_id", "checked_on", name="venue_checks_venue_id_checked_on"),
    sa.Index("venue_checks_commune_id", "commune_id", "checked_on"),
    sa.CheckConstraint(f"outcome IN {OUTCOMES}", name="venue_checks_outcome_choice"),
    named_text("venue_checks", "note", 300),
)
