"""Cameras whose view is blocked, and since when: they cover nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("cameras", sa.Column("obstructed_on", sa.Date(), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("cameras", "obstructed_on")
