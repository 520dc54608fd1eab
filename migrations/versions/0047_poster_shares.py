"""Each poster has places of its own in an hour's count of tips."""

from alembic import op

revision = "0047"
down_revision = "0043"
branch_labels = None
depends_on = None

NAME = "tip_loads_kind_choice"
BEFORE = "kind IN ('sent', 'asked', 'answered', 'missed')"
NOW = f"{BEFORE} OR kind ~ '^box[0-9a-f]{{12}}$'"


def upgrade() -> None:
    """Apply."""
    op.drop_constraint(NAME, "tip_loads")
    op.create_check_constraint(NAME, "tip_loads", NOW)


def downgrade() -> None:
    """Take back."""
    op.execute("DELETE FROM tip_loads WHERE kind ~ '^box'")
    op.drop_constraint(NAME, "tip_loads")
    op.create_check_constraint(NAME, "tip_loads", BEFORE)
