"""Notices that steps of hotspots are late, and checks of venues near or late."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.helpers import run_sql

revision = "0056"
down_revision = "0054"
branch_labels = None
depends_on = None

_KINDS = (
    "task_given", "task_changed", "task_cancelled", "reminder", "instruction", "proposal_decided",
    "shift_issued", "tip_new", "tip_due", "agreement_proposed", "report_done", "import_done", "job_failed",
    "stage_lapsed",
)  # fmt: skip
_DUE = ("hotspot_late", "venue_due", "venue_late")


def _kinds(kinds: tuple[str, ...]) -> None:
    op.drop_constraint("notices_kind_choice", "notices", type_="check")
    op.create_check_constraint("notices_kind_choice", "notices", f"kind IN {kinds}")


def upgrade() -> None:
    """Apply."""
    op.add_column("notices", sa.Column("things", postgresql.ARRAY(sa.Text()), nullable=True))
    _kinds((*_KINDS, *_DUE))
    run_sql("due_notices.sql", op.get_bind())


def downgrade() -> None:
    """Take back."""
    op.execute("DROP FUNCTION tell_of_dues(jsonb, integer)")
    op.execute(f"DELETE FROM notices WHERE kind IN {_DUE}")
    _kinds(_KINDS)
    op.drop_column("notices", "things")
