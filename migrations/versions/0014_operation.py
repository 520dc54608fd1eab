"""Operation: retention, heartbeats of the jobs."""

import sqlalchemy as sa
from alembic import op

from migrations.helpers import expiry_statements, run_sql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("name IN ('worker', 'retention')", name="heartbeats_name_choice"),
        sa.PrimaryKeyConstraint("name"),
    )
    run_sql("retention.sql", op.get_bind())
    for statement in expiry_statements("hotspots", "expires_on"):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    op.execute("DROP FUNCTION delete_expired_hotspots()")
    op.execute("DROP FUNCTION delete_stale()")
    op.drop_table("heartbeats")
