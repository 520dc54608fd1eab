"""Roll-up over communes: ended groups are not counted, named groups are, in one pass over the groups."""

import re

from alembic import op

from migrations.helpers import SQL_DIR, run_sql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_OWNED = ("city_target_rules()", "city_achieved()")


def _grant() -> None:
    for function in _OWNED:
        op.execute(f"ALTER FUNCTION {function} OWNER TO gis_owner")
        op.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO gis_app, gis_national")


def _first_text(file: str, function: str) -> str:
    """The function as an earlier migration made it."""
    found = re.search(rf"CREATE FUNCTION {function}\(\).*?\$\$;", (SQL_DIR / file).read_text(), re.S)
    if found is None:
        raise LookupError(function)
    return found[0]


def upgrade() -> None:
    """Apply."""
    run_sql("city_rollup.sql", op.get_bind())
    _grant()


def downgrade() -> None:
    """Take back."""
    totals = _first_text("city.sql", "city_totals").replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    op.get_bind().exec_driver_sql(totals.replace("%", "%%"))
    for function in ("city_target_rules", "city_achieved"):
        op.execute(f"DROP FUNCTION {function}()")
        op.get_bind().exec_driver_sql(_first_text("roadmap.sql", function).replace("%", "%%"))
    _grant()
