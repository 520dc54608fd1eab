"""The notice of a shift over midnight says on which day it ends."""

import re

from alembic import op

from migrations.helpers import SQL_DIR, run_sql

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    run_sql("night_notices.sql", op.get_bind())


def downgrade() -> None:
    """Take back."""
    before = re.search(r"CREATE FUNCTION tell_of_shift\(\).*?\$\$;", (SQL_DIR / "notices_made.sql").read_text(), re.S)
    if before is None:
        raise LookupError("tell_of_shift")
    text = before[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    op.get_bind().exec_driver_sql(text.replace("%", "%%"))
