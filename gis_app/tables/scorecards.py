"""The year-end scorecard: versions of its table of points, what people write beside a group's score, closed years."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from gis_app.tables.units import named_text
from layers import metadata

_WRITER = sa.text("coalesce(current_setting('app.username', true), '')")
_NOW = sa.func.now()
_YEARS = "period_year BETWEEN 2020 AND 2100"
LONGEST_REMARK = 500

score_rules = sa.Table(
    "score_rules",
    metadata,
    # Rows are added and never changed: a closed year names what it was scored by. Version 0 is the program's.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    # Checked by gis_app/analysis/scorecard.py.
    sa.Column("rules", JSONB, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False, server_default=_WRITER),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.UniqueConstraint("commune_id", "version", name="score_rules_commune_id_version"),
    sa.CheckConstraint("version >= 1", name="score_rules_version_range"),
    sa.CheckConstraint(
        "jsonb_typeof(rules) = 'object' AND octet_length(rules::text) <= 5000", name="score_rules_rules_text"
    ),
)

score_notes = sa.Table(
    "score_notes",
    metadata,
    # What people decide and say of a group in a year; about its work, never about a person.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("period_year", sa.Integer, nullable=False),
    sa.Column("group_id", sa.BigInteger, nullable=False),
    # NULL: what the score proposes.
    sa.Column("verdict", sa.Text),
    sa.Column("remark", sa.Text),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.UniqueConstraint("commune_id", "period_year", "group_id", name="score_notes_commune_id_period_year"),
    sa.CheckConstraint(_YEARS, name="score_notes_period_year_range"),
    sa.CheckConstraint("verdict IN ('commend', 'support', 'none')", name="score_notes_verdict_choice"),
    named_text("score_notes", "remark", LONGEST_REMARK),
)

scorecards = sa.Table(
    "scorecards",
    metadata,
    # A closed year as it was; closed again, it is another edition. Added, never changed.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("period_year", sa.Integer, nullable=False),
    sa.Column("edition", sa.Integer, nullable=False),
    # Rules and rows of gis_app/jobs/scorecard.py; whole numbers and text, as a report.
    sa.Column("content", JSONB, nullable=False),
    sa.Column("closed_by_role", sa.Text, nullable=False, server_default=sa.text("current_setting('app.role', true)")),
    sa.Column("closed_on", sa.Date, nullable=False, server_default=sa.func.vietnam_today()),
    sa.UniqueConstraint("commune_id", "period_year", "edition", name="scorecards_commune_id_period_year_edition"),
    sa.CheckConstraint(_YEARS, name="scorecards_period_year_range"),
    sa.CheckConstraint("edition >= 1", name="scorecards_edition_range"),
    sa.CheckConstraint(
        "jsonb_typeof(content) = 'object' AND octet_length(content::text) <= 2000000", name="scorecards_content_text"
    ),
)
