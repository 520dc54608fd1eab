"""Records of checks of venues; the last one gives the venue's days."""

import sqlalchemy as sa
from alembic import op

from migrations.helpers import run_sql

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "venue_checks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.BigInteger(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("next_due_on", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('passed', 'reminded', 'violation', 'suspended', 'absent', 'unknown')",
            name="venue_checks_outcome_choice",
        ),
        sa.CheckConstraint(
            "length(btrim(note)) BETWEEN 1 AND 300 AND note !~ '[[:cntrl:]]' AND NOT has_personal_number(note)",
            name="venue_checks_note_text",
        ),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"]),
        sa.ForeignKeyConstraint(["venue_id"], ["venues.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("venue_id", "checked_on", name="venue_checks_venue_id_checked_on"),
    )
    op.create_index("venue_checks_commune_id", "venue_checks", ["commune_id", "checked_on"])
    run_sql("venue_checks.sql", op.get_bind())


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TRIGGER venues_check ON venues")
    op.drop_table("venue_checks")
    for function in (
        "note_venue_check()", "follow_venue_check()", "derive_venue_check(bigint)",
        "record_venue_check(bigint, date, text, text, date)", "remove_venue_check(bigint)",
    ):  # fmt: skip
        op.execute(f"DROP FUNCTION {function}")
