"""A shift may go over midnight: its end may lie in the next day, 12 hours after its start at most."""

import re

from alembic import op

from migrations.helpers import SQL_DIR, run_sql

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_HOURS = "patrol_plans_hours_range"


def upgrade() -> None:
    """Apply."""
    op.drop_constraint(_HOURS, "patrol_plans")
    op.create_check_constraint(
        _HOURS,
        "patrol_plans",
        "start_min >= 0 AND start_min < 1440 AND start_min < end_min AND end_min <= start_min + 720",
    )
    run_sql("night_shifts.sql", op.get_bind())


def downgrade() -> None:
    """Take back; a shift over midnight then ends at midnight."""
    before = re.search(r"CREATE FUNCTION joint_patrol_presence.*?\$\$;", (SQL_DIR / "effort.sql").read_text(), re.S)
    if before is None:
        raise LookupError("joint_patrol_presence")
    text = before[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    op.get_bind().exec_driver_sql(text.replace("%", "%%"))
    op.drop_constraint(_HOURS, "patrol_plans")
    # Issued plans are changed by nobody else.
    op.execute("SET LOCAL ROLE gis_owner")
    op.execute(
        "UPDATE patrol_plans SET end_min = 1440, settings = jsonb_set(settings, '{end}', '\"24:00\"') WHERE end_min > 1440"
    )
    op.execute("RESET ROLE")
    op.create_check_constraint(_HOURS, "patrol_plans", "start_min >= 0 AND end_min <= 1440 AND start_min < end_min")
