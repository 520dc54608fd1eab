"""What expires does so at midnight in Vietnam, whatever the server's time zone."""

from alembic import op

from migrations.helpers import run_sql

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    run_sql("vietnam_days.sql", op.get_bind())


def downgrade() -> None:
    """Nothing: the earlier migrations take their policies, views and functions with them, whichever day they ask."""
