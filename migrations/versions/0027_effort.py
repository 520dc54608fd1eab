"""Effort of patrols: its sums, the strip that neighbours share by the hour, due stops; no shift ends without reasons."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.helpers import run_sql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# As in 0024.
_CLOSE = """
CREATE FUNCTION close_patrol_plan(plan bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := acting_commune();
  now_state text;
BEGIN
  IF coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'data', 'patrol') THEN
    RETURN 'role';
  END IF;
  SELECT p.state INTO now_state FROM patrol_plans AS p WHERE p.id = plan AND p.commune_id = me FOR UPDATE;
  IF now_state IS NULL THEN
    RETURN 'missing';
  ELSIF now_state <> 'issued' THEN
    RETURN 'not_issued';
  END IF;
  UPDATE patrol_plans SET state = 'done' WHERE id = plan;
  RETURN 'done';
END
$$;
"""


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "patrol_plans",
        sa.Column("left_due", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
    )
    op.create_check_constraint("patrol_plans_left_due_text", "patrol_plans", "octet_length(left_due::text) <= 100000")
    run_sql("effort.sql", op.get_bind())


def downgrade() -> None:
    """Take back."""
    op.execute(
        "DROP FUNCTION joint_patrol_presence(bigint), patrol_street_sums(date, date), "
        "patrol_effort(date, date, integer), patrol_minutes(tstzmultirange), patrol_place_gaps(integer, date, date)"
    )
    op.execute(_CLOSE)
    op.execute("ALTER FUNCTION close_patrol_plan(bigint) OWNER TO gis_owner")
    op.execute("REVOKE EXECUTE ON FUNCTION close_patrol_plan(bigint) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION close_patrol_plan(bigint) TO gis_app")
    op.drop_column("patrol_plans", "left_due")
