"""Reconciliation of two totals; open hotspots by group; decisions are told, work goes over to new units."""

import sqlalchemy as sa
from alembic import op

from migrations.helpers import run_sql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "reconciliations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("own_count", sa.Integer(), nullable=False),
        sa.Column("field_count", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "own_count >= 0 AND field_count BETWEEN 0 AND 1000000", name="reconciliations_field_count_range"
        ),
        sa.CheckConstraint(
            "own_count = field_count OR length(trim(coalesce(reason, ''))) >= 5", name="reconciliations_reason_required"
        ),
        sa.CheckConstraint("length(reason) <= 500 AND reason !~ '[[:cntrl:]]'", name="reconciliations_reason_text"),
        sa.CheckConstraint("length(subject) <= 60", name="reconciliations_subject_text"),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "reconciliations_commune_id", "reconciliations", ["commune_id", "subject", "counted_on"], unique=False
    )
    run_sql("programme.sql", op.get_bind())


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TRIGGER group_lineages_carry ON group_lineages")
    op.execute("DROP TRIGGER group_reviews_tell ON group_reviews")
    op.execute("DROP TRIGGER stage_changes_tell ON stage_changes")
    op.execute("DROP TRIGGER groups_keep ON groups")
    op.execute("DROP FUNCTION keep_decided_group()")
    op.execute("DROP FUNCTION carry_group_work()")
    op.execute("DROP FUNCTION tell_decision()")
    op.execute("DROP FUNCTION open_hotspots_by_group()")
    op.drop_table("reconciliations")
