"""Cameras whose view is blocked, and since when; cost, fund and day of installation of cameras and lights."""

import sqlalchemy as sa
from alembic import op

from migrations.helpers import run_sql

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_LAYERS = ("cameras", "lights")


def upgrade() -> None:
    """Apply."""
    op.add_column("cameras", sa.Column("obstructed_on", sa.Date(), nullable=True))
    for layer in _LAYERS:
        op.add_column(layer, sa.Column("installed_on", sa.Date(), nullable=True))
        op.add_column(layer, sa.Column("cost_vnd", sa.Integer(), nullable=True))
        op.add_column(layer, sa.Column("fund", sa.Text(), nullable=True))
        op.create_check_constraint(f"{layer}_cost_vnd_range", layer, "cost_vnd BETWEEN 0 AND 2e+09")
        op.create_check_constraint(f"{layer}_fund_text", layer, "length(fund) <= 80 AND fund !~ '[[:cntrl:]]'")
    run_sql("installed.sql", op.get_bind())


def downgrade() -> None:
    """Take back."""
    for layer in _LAYERS:
        op.execute(f"DROP TRIGGER {layer}_installed ON {layer}")
        for column in ("fund", "cost_vnd", "installed_on"):
            op.drop_column(layer, column)
    op.execute("DROP FUNCTION fill_installed()")
    op.drop_column("cameras", "obstructed_on")
