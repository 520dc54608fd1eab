"""What the programme's pages keep: two totals of the same thing, and why they differ."""

import sqlalchemy as sa

from layers import metadata

reconciliations = sa.Table(
    "reconciliations",
    metadata,
    # Append-only: the figure of the software and the figure of the field on a day; a difference needs a reason.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("counted_on", sa.Date, nullable=False),
    sa.Column("own_count", sa.Integer, nullable=False),
    sa.Column("field_count", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Index("reconciliations_commune_id", "commune_id", "subject", "counted_on"),
    sa.CheckConstraint(
        "own_count >= 0 AND field_count BETWEEN 0 AND 1000000", name="reconciliations_field_count_range"
    ),
    sa.CheckConstraint(
        "own_count = field_count OR length(trim(coalesce(reason, ''))) >= 5", name="reconciliations_reason_required"
    ),
    sa.CheckConstraint("length(reason) <= 500 AND reason !~ '[[:cntrl:]]'", name="reconciliations_reason_text"),
    sa.CheckConstraint("length(subject) <= 60", name="reconciliations_subject_text"),
)
