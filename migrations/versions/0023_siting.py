"""Siting plans; jobs that tell figures and may be asked to end with the best so far."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

from migrations.helpers import run_sql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

PROGRESS = """
CREATE FUNCTION progress_job(job bigint, key uuid, done integer, doing text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE jobs AS j SET progress = greatest(0, least(99, done)), message = doing
  WHERE j.id = job AND j.run_key = key AND j.state = 'running';
  RETURN FOUND;
END
$$
"""

FAIL = """
CREATE FUNCTION fail_job(job bigint, key uuid, fault text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE jobs AS j SET state = 'failed', error = fault, ended_at = clock_timestamp(), run_key = NULL
  WHERE j.id = job AND j.run_key = key AND j.state = 'running';
  RETURN FOUND;
END
$$
"""


def upgrade() -> None:
    """Apply."""
    op.add_column("jobs", sa.Column("detail", postgresql.JSONB(), nullable=True))
    op.add_column("jobs", sa.Column("wants_finish", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_check_constraint("jobs_detail_text", "jobs", "octet_length(detail::text) <= 20000")
    op.create_table(
        "siting_plans",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column("settings_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column(
            "created_by",
            sa.Text(),
            server_default=sa.text("coalesce(current_setting('app.username', true), '')"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "jsonb_typeof(settings) = 'object' AND octet_length(settings::text) <= 400000",
            name="siting_plans_settings_text",
        ),
        sa.CheckConstraint(
            "length(btrim(name)) BETWEEN 1 AND 120 AND name !~ '[[:cntrl:]]' AND NOT has_personal_number(name)",
            name="siting_plans_name_text",
        ),
        sa.CheckConstraint("state IN ('draft', 'solved', 'edited', 'assigned')", name="siting_plans_state_choice"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "id", name="siting_plans_commune_id_id"),
    )
    op.create_table(
        "siting_results",
        sa.Column("plan_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("objective", sa.Float(), nullable=True),
        sa.Column("bound", sa.Float(), nullable=True),
        sa.Column("gap_share", sa.Float(), nullable=True),
        sa.Column("curve", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("history", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("marginal", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("solved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("solved_version", sa.Integer(), nullable=True),
        sa.Column("solved_basis", postgresql.JSONB(), nullable=True),
        sa.Column("bound_holds", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("floor", sa.Float(), nullable=True),
        sa.Column("floor_bound", sa.Float(), nullable=True),
        sa.Column("conflict", sa.Text(), nullable=True),
        sa.Column("missing", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('optimal', 'time_limit', 'stopped', 'nothing_coverable', 'zero_budget', 'no_candidate', 'must_infeasible')",
            name="siting_results_status_choice",
        ),
        sa.CheckConstraint("gap_share >= 0", name="siting_results_gap_share_range"),
        sa.CheckConstraint("conflict IN ('must', 'locked')", name="siting_results_conflict_choice"),
        sa.CheckConstraint("floor BETWEEN 0 AND 1 AND floor_bound BETWEEN 0 AND 1", name="siting_results_floor_range"),
        sa.ForeignKeyConstraint(
            ["commune_id", "plan_id"],
            ["siting_plans.commune_id", "siting_plans.id"],
            name="siting_results_plan",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("plan_id"),
    )
    op.create_table(
        "siting_devices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("geom", Geometry("POINT", 4326, spatial_index=False), nullable=False),
        sa.Column("azimuth_deg", sa.Float(), nullable=True),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("cost_vnd", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=True),
        sa.Column("fund", sa.Text(), nullable=True),
        sa.Column("is_locked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_forbidden", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("by_hand", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("feature_layer", sa.Text(), nullable=True),
        sa.Column("feature_id", sa.BigInteger(), nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(kind = 'camera') = (azimuth_deg IS NOT NULL)", name="siting_devices_azimuth_deg_whole"),
        sa.CheckConstraint("feature_layer IN ('cameras', 'lights')", name="siting_devices_feature_layer_choice"),
        sa.CheckConstraint("kind IN ('camera', 'lamp')", name="siting_devices_kind_choice"),
        sa.CheckConstraint(
            "length(model) <= 60 AND length(fund) <= 80 AND model !~ '[[:cntrl:]]' AND fund !~ '[[:cntrl:]]'",
            name="siting_devices_model_text",
        ),
        sa.CheckConstraint("(feature_layer IS NULL) = (feature_id IS NULL)", name="siting_devices_feature_whole"),
        sa.CheckConstraint("NOT (is_locked AND is_forbidden)", name="siting_devices_is_locked_whole"),
        sa.CheckConstraint(
            "ST_X(geom) BETWEEN 102 AND 118 AND ST_Y(geom) BETWEEN 6 AND 24", name="siting_devices_geom_sane"
        ),
        sa.CheckConstraint("azimuth_deg >= 0 AND azimuth_deg < 360", name="siting_devices_azimuth_deg_range"),
        sa.CheckConstraint("cost_vnd BETWEEN 0 AND 1000000000000", name="siting_devices_cost_vnd_range"),
        sa.CheckConstraint("year BETWEEN 2000 AND 2200", name="siting_devices_year_range"),
        sa.ForeignKeyConstraint(
            ["commune_id", "plan_id"],
            ["siting_plans.commune_id", "siting_plans.id"],
            name="siting_devices_plan",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["commune_id", "task_id"], ["tasks.commune_id", "tasks.id"], name="siting_devices_task"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("siting_devices_plan_id", "siting_devices", ["plan_id", "id"], unique=False)
    for name in ("job_figures.sql", "siting.sql"):
        run_sql(name, op.get_bind())


def downgrade() -> None:
    """Take back."""
    op.execute("DROP FUNCTION propose_siting_devices(bigint, integer)")
    for table in ("siting_devices", "siting_results", "siting_plans"):
        op.drop_table(table)
    op.execute("DROP FUNCTION keep_assigned_plan()")
    op.execute(
        "DROP FUNCTION finish_job_now(bigint), progress_job(bigint, uuid, integer, text, jsonb), "
        "fail_job(bigint, uuid, text, jsonb)"
    )
    op.execute(FAIL)
    op.execute("ALTER FUNCTION fail_job(bigint, uuid, text) OWNER TO gis_owner")
    op.execute("REVOKE EXECUTE ON FUNCTION fail_job(bigint, uuid, text) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION fail_job(bigint, uuid, text) TO gis_app")
    op.execute(PROGRESS)
    op.execute("ALTER FUNCTION progress_job(bigint, uuid, integer, text) OWNER TO gis_owner")
    op.execute("REVOKE EXECUTE ON FUNCTION progress_job(bigint, uuid, integer, text) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION progress_job(bigint, uuid, integer, text) TO gis_app")
    op.drop_constraint("jobs_detail_text", "jobs")
    op.drop_column("jobs", "wants_finish")
    op.drop_column("jobs", "detail")
