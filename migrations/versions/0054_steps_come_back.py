"""A file's jumps are known before it is stored; history comes back; no name in a fund; the log without contents."""

from alembic import op

from migrations.helpers import run_sql, sql_part

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

_DEVICES = ("cameras", "lights")
_BEFORE = "length(fund) <= 80 AND fund !~ '[[:cntrl:]]'"
_CHANGED = (("hotspot_steps.sql", "begin_hotspot"), ("hotspot_steps.sql", "follow_hotspot"),
            ("venue_checks.sql", "note_venue_check"))  # fmt: skip


def _fund_rule(rule: str) -> None:
    for layer in _DEVICES:
        op.drop_constraint(f"{layer}_fund_text", layer, type_="check")
        op.create_check_constraint(f"{layer}_fund_text", layer, rule)


def upgrade() -> None:
    """Apply."""
    # What must not be kept is not kept, nor written into the log once more.
    op.execute("SELECT set_config('app.role', 'system', true)")
    for layer in _DEVICES:
        op.execute(f"UPDATE {layer} SET fund = NULL WHERE has_personal_number(fund)")
    op.execute("SELECT set_config('app.role', '', true)")
    _fund_rule(f"{_BEFORE} AND NOT has_personal_number(fund)")
    run_sql("steps_come_back.sql", op.get_bind())


def downgrade() -> None:
    """Take back."""
    op.execute(
        "ALTER POLICY audit_entries_read ON audit_entries "
        "USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int "
        "AND current_setting('app.role', true) IN ('admin', 'supervisor'))"
    )
    op.execute("DROP VIEW audit_heads")
    for name, function in _CHANGED:
        op.get_bind().exec_driver_sql(sql_part(name, rf"FUNCTION {function}\(\)", r"\n\$\$;\n"))
    op.execute("DROP FUNCTION gone_with(integer, text, bigint, text, text)")
    op.execute("DROP FUNCTION hotspot_way(bigint, text)")
    _fund_rule(_BEFORE)
