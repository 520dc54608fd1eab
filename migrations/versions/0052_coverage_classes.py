"""Offices, markets, industrial zones, workers' housing are places to cover; a commune chooses which classes are."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.helpers import run_sql

revision = "0052"
down_revision = "0049"
branch_labels = None
depends_on = None

BEFORE = "'commune', 'group', 'group_street', 'street', 'school', 'venue', 'tip_box', 'gateway', 'hotspot', 'key_route'"
PLACES = (
    "'key_route', 'hotspot', 'school', 'gateway', 'venue', 'office', 'market', 'industrial_zone', 'worker_housing', "
    "'tip_box'"
)
AFTER = f"'commune', 'group', 'group_street', 'street', {PLACES}"
NEW = "('office', 'market', 'industrial_zone', 'worker_housing')"
LAYERS = ("facilities", "industrial_zones", "worker_housing")


def _kinds(kinds: str) -> None:
    for table, rule in (("coverage_figures", ""), ("coverage_days", " AND kind <> 'hotspot'")):
        op.drop_constraint(f"{table}_kind_choice", table, type_="check")
        op.create_check_constraint(f"{table}_kind_choice", table, f"kind IN ({kinds}){rule}")


def upgrade() -> None:
    """Apply."""
    _kinds(AFTER)
    op.add_column(
        "coverage_settings",
        sa.Column("left_out", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.create_check_constraint("coverage_settings_left_out_choice", "coverage_settings", f"left_out <@ ARRAY[{PLACES}]")
    run_sql("coverage_classes.sql", op.get_bind())


def downgrade() -> None:
    """Take back."""
    for layer in LAYERS:
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER {layer}_coverage_{event} ON {layer}")
    op.drop_constraint("coverage_settings_left_out_choice", "coverage_settings", type_="check")
    op.drop_column("coverage_settings", "left_out")
    for table in ("coverage_figures", "coverage_days"):
        op.execute(f"DELETE FROM {table} WHERE kind IN {NEW}")
    op.execute(f"DELETE FROM coverage_dirty WHERE layer IN {LAYERS}")
    _kinds(BEFORE)
