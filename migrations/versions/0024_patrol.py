"""Patrol: weights of stops, plans of shifts, their stops and routes."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

from migrations.helpers import run_sql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "patrol_weights",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("weights", postgresql.JSONB(), nullable=False),
        sa.Column(
            "created_by",
            sa.Text(),
            server_default=sa.text("coalesce(current_setting('app.username', true), '')"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "jsonb_typeof(weights) = 'object' AND octet_length(weights::text) <= 20000",
            name="patrol_weights_weights_text",
        ),
        sa.CheckConstraint("version >= 1", name="patrol_weights_version_range"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "version", name="patrol_weights_commune_id_version"),
    )
    op.create_table(
        "patrol_plans",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("shift_on", sa.Date(), nullable=False),
        sa.Column("start_min", sa.SmallInteger(), nullable=False),
        sa.Column("end_min", sa.SmallInteger(), nullable=False),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column("settings_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("weights_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("solved_version", sa.Integer(), nullable=True),
        sa.Column("figures", postgresql.JSONB(), nullable=True),
        sa.Column("chosen", sa.SmallInteger(), nullable=True),
        sa.Column("draw_seed", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_by",
            sa.Text(),
            server_default=sa.text("coalesce(current_setting('app.username', true), '')"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("(state = 'draft') = (issued_at IS NULL)", name="patrol_plans_issued_at_whole"),
        sa.CheckConstraint(
            "jsonb_typeof(settings) = 'object' AND octet_length(settings::text) <= 200000",
            name="patrol_plans_settings_text",
        ),
        sa.CheckConstraint("state IN ('draft', 'issued', 'done')", name="patrol_plans_state_choice"),
        sa.CheckConstraint("chosen BETWEEN 1 AND 9", name="patrol_plans_chosen_range"),
        sa.CheckConstraint("octet_length(figures::text) <= 200000", name="patrol_plans_figures_text"),
        sa.CheckConstraint(
            "start_min >= 0 AND end_min <= 1440 AND start_min < end_min", name="patrol_plans_hours_range"
        ),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "id", name="patrol_plans_commune_id_id"),
    )
    op.create_index("patrol_plans_shift_on", "patrol_plans", ["commune_id", "shift_on"], unique=False)
    op.create_table(
        "patrol_stops",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("keys", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("geom", Geometry("POINT", 4326, spatial_index=False), nullable=False),
        sa.Column("group_name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column("open_min", sa.SmallInteger(), nullable=True),
        sa.Column("close_min", sa.SmallInteger(), nullable=True),
        sa.Column("police_only", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_pinned", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_dropped", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("away_m", sa.Float(), nullable=True),
        sa.Column("team", sa.SmallInteger(), nullable=True),
        sa.Column("position", sa.SmallInteger(), nullable=True),
        sa.Column("arrive_s", sa.Integer(), nullable=True),
        sa.CheckConstraint("code ~ '^[2-9A-HJKMNP-Z]{6}$'", name="patrol_stops_code_text"),
        sa.CheckConstraint(
            "kind IN ('hotspot', 'school', 'venue', 'dark', 'gateway', 'key_route', 'explore')",
            name="patrol_stops_kind_choice",
        ),
        sa.CheckConstraint(
            "(team IS NULL) = (position IS NULL) AND (team IS NULL) = (arrive_s IS NULL)",
            name="patrol_stops_team_whole",
        ),
        sa.CheckConstraint(
            "ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="patrol_stops_geom_sane",
        ),
        sa.CheckConstraint(
            "length(title) <= 160 AND length(key) BETWEEN 1 AND 60 AND length(group_name) <= 120",
            name="patrol_stops_title_text",
        ),
        sa.CheckConstraint("octet_length(reasons::text) <= 10000", name="patrol_stops_reasons_text"),
        sa.ForeignKeyConstraint(
            ["commune_id", "plan_id"],
            ["patrol_plans.commune_id", "patrol_plans.id"],
            name="patrol_stops_plan",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "code", name="patrol_stops_commune_id_code"),
        sa.UniqueConstraint("commune_id", "id", name="patrol_stops_commune_id_id"),
        sa.UniqueConstraint("plan_id", "key", name="patrol_stops_plan_id_key"),
    )
    op.create_table(
        "patrol_routes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("alternative", sa.SmallInteger(), nullable=False),
        sa.Column("team", sa.SmallInteger(), nullable=False),
        sa.Column("geom", Geometry("LINESTRING", 4326, spatial_index=False), nullable=False),
        sa.Column("stops", postgresql.JSONB(), nullable=False),
        sa.Column("duration_s", sa.Float(), nullable=False),
        sa.Column("travel_s", sa.Float(), nullable=False),
        sa.Column("length_m", sa.Float(), nullable=False),
        sa.Column("prize", sa.Float(), nullable=False),
        sa.Column("shared_share", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="patrol_routes_geom_sane",
        ),
        sa.CheckConstraint(
            "alternative BETWEEN 1 AND 9 AND team BETWEEN 1 AND 9", name="patrol_routes_alternative_range"
        ),
        sa.CheckConstraint(
            "duration_s >= 0 AND travel_s >= 0 AND length_m >= 0 AND prize >= 0 AND shared_share BETWEEN 0 AND 1",
            name="patrol_routes_duration_s_range",
        ),
        sa.ForeignKeyConstraint(
            ["commune_id", "plan_id"],
            ["patrol_plans.commune_id", "patrol_plans.id"],
            name="patrol_routes_plan",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "alternative", "team", name="patrol_routes_plan_id_alternative_team"),
    )
    run_sql("patrol.sql", op.get_bind())


def downgrade() -> None:
    """Take back."""
    op.execute("DROP FUNCTION issue_patrol_plan(bigint, integer), close_patrol_plan(bigint), delete_old_patrol_plans()")
    for table in ("patrol_routes", "patrol_stops", "patrol_plans", "patrol_weights"):
        op.drop_table(table)
    op.execute("DROP FUNCTION keep_issued_plan(), keep_issued_rows()")
