"""The log knows who wrote where a commune came from."""

from alembic import op

from migrations.helpers import run_sql

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    run_sql("commune_lineages.sql", op.get_bind())


def downgrade() -> None:
    """Take back."""
    for event in ("insert", "update", "delete"):
        op.execute(f"DROP TRIGGER commune_lineages_audit_{event} ON commune_lineages")
