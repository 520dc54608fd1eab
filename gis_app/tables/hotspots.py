"""The life of a hotspot: its steps with their days, and the days that a commune gives each step."""

import sqlalchemy as sa

from gis_app.tables.units import named_text
from layers import metadata

STATES = ("new", "verified", "handled", "watched", "closed")
OPEN_STATES = ("new", "verified", "handled", "watched")
# What a commune starts with: so many days after a step the next one is due.
USUAL_DAYS = {"new": 7, "verified": 30, "handled": 30, "watched": 90}

hotspot_steps = sa.Table(
    "hotspot_steps",
    metadata,
    # The last row of a hotspot has its present state: migrations/sql/hotspot_steps.sql holds both to it, and the order.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("hotspot_id", sa.BigInteger, sa.ForeignKey("hotspots.id", ondelete="CASCADE"), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("on_day", sa.Date, nullable=False),
    # What was found or done at the place: no person.
    sa.Column("note", sa.Text),
    # The decision or plan that it rests on, by its number.
    sa.Column("document", sa.Text),
    # Who has the hotspot from here on: a unit, never a person.
    sa.Column("unit_id", sa.BigInteger),
    sa.Column("task_id", sa.BigInteger),
    # As a file or an earlier version had it: the day is the day of loading, and no period counts it as its own work.
    sa.Column("is_loaded", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.ForeignKeyConstraint(["commune_id", "unit_id"], ["units.commune_id", "units.id"], name="hotspot_steps_unit"),
    sa.ForeignKeyConstraint(["commune_id", "task_id"], ["tasks.commune_id", "tasks.id"], name="hotspot_steps_task"),
    sa.Index("hotspot_steps_hotspot_id", "hotspot_id", "id"),
    sa.Index("hotspot_steps_commune_id", "commune_id"),
    sa.CheckConstraint(f"state IN {STATES}", name="hotspot_steps_state_choice"),
    named_text("hotspot_steps", "note", 300),
    named_text("hotspot_steps", "document", 120),
)

hotspot_rules = sa.Table(
    "hotspot_rules",
    metadata,
    # One row a commune; none: USUAL_DAYS.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    *(
        sa.Column(f"{state}_days", sa.Integer, nullable=False, server_default=sa.text(str(days)))
        for state, days in USUAL_DAYS.items()
    ),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.UniqueConstraint("commune_id", name="hotspot_rules_commune_id"),
    *(
        sa.CheckConstraint(f"{state}_days BETWEEN 1 AND 365", name=f"hotspot_rules_{state}_days_range")
        for state in USUAL_DAYS
    ),
)
