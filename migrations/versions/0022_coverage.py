"""Coverage figures and derived views."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

from migrations.helpers import run_sql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

WATCHED = ("cameras", "lights", "buildings", "walls", "roads", "groups", "communes", "schools", "venues", "tip_boxes",
           "gateways", "hotspots", "key_routes")  # fmt: skip
TABLES = ("light_areas", "coverage_states", "coverage_settings", "coverage_figures", "coverage_dirty", "coverage_days",
          "camera_views")  # fmt: skip


def _task_features(layers: str) -> None:
    op.drop_constraint("tasks_feature_layer_choice", "tasks", type_="check")
    op.create_check_constraint("tasks_feature_layer_choice", "tasks", f"feature_layer IN ({layers})")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "camera_views",
        sa.Column("commune_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("camera_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("assumed", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("has_infrared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("azimuth_deg", sa.Float(), nullable=True),
        sa.Column("fov_deg", sa.Float(), nullable=True),
        sa.Column("range_m", sa.Float(), nullable=True),
        sa.Column("geom", Geometry("POLYGON", srid=4326, spatial_index=False), nullable=True),
        sa.Column("reach", Geometry("POLYGON", srid=4326, spatial_index=False), nullable=True),
        sa.CheckConstraint("level IN ('detect', 'observe', 'recognise', 'identify')", name="camera_views_level_choice"),
        sa.CheckConstraint("rank BETWEEN 0 AND 3", name="camera_views_rank_range"),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("commune_id", "camera_id", "level"),
    )
    op.create_index("camera_views_geom_gist", "camera_views", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("camera_views_reach_gist", "camera_views", ["reach"], unique=False, postgresql_using="gist")
    op.create_table(
        "coverage_days",
        sa.Column("commune_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("total", sa.Float(), nullable=True),
        sa.Column("covered", postgresql.ARRAY(sa.Float()), nullable=True),
        sa.CheckConstraint(
            "kind IN ('commune', 'group', 'group_street', 'street', 'school', 'venue', 'tip_box', 'gateway', 'hotspot', 'key_route') AND kind <> 'hotspot'",
            name="coverage_days_kind_choice",
        ),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("commune_id", "day_on", "kind", "unit"),
    )
    op.create_table(
        "coverage_dirty",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("box", Geometry("POLYGON", srid=4326, spatial_index=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("coverage_dirty_commune_id", "coverage_dirty", ["commune_id", "id"], unique=False)
    op.create_table(
        "coverage_figures",
        sa.Column("commune_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), server_default=sa.text("'staff'"), nullable=False),
        sa.Column("total", sa.Float(), nullable=False),
        sa.Column("covered", postgresql.ARRAY(sa.Float()), nullable=False),
        sa.CheckConstraint("(kind = 'hotspot') = (audience <> 'staff')", name="coverage_figures_audience_rule"),
        sa.CheckConstraint("audience IN ('staff', 'police', 'planner')", name="coverage_figures_audience_choice"),
        sa.CheckConstraint(
            "kind IN ('commune', 'group', 'group_street', 'street', 'school', 'venue', 'tip_box', 'gateway', 'hotspot', 'key_route')",
            name="coverage_figures_kind_choice",
        ),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("commune_id", "cell", "kind", "unit", "audience"),
    )
    op.create_table(
        "coverage_settings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("lights_blocked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", name="coverage_settings_commune_id"),
    )
    op.create_table(
        "coverage_states",
        sa.Column("commune_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("computed_on", sa.Date(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lights_blocked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("commune_id"),
    )
    op.create_table(
        "light_areas",
        sa.Column("commune_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("light_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("assumed", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("radius_m", sa.Float(), nullable=True),
        sa.Column("geom", Geometry("POLYGON", srid=4326, spatial_index=False), nullable=True),
        sa.Column("reach", Geometry("POLYGON", srid=4326, spatial_index=False), nullable=True),
        sa.CheckConstraint("rank BETWEEN 0 AND 3", name="light_areas_rank_range"),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("commune_id", "light_id"),
    )
    op.create_index("light_areas_reach_gist", "light_areas", ["reach"], unique=False, postgresql_using="gist")
    _task_features("'schools', 'venues', 'cameras', 'lights'")
    for name in ("coverage.sql", "coverage_measures.sql"):
        run_sql(name, op.get_bind())


def downgrade() -> None:
    """Take back."""
    for table in WATCHED:
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER IF EXISTS {table}_coverage_{event} ON {table}")
    op.execute("DELETE FROM tasks WHERE measure IN ('group_coverage', 'device_installed')")
    _task_features("'schools', 'venues'")
    op.execute(
        "DROP FUNCTION task_measure_device_installed(tasks), task_measure_group_coverage(tasks), stale_communes(), "
        "coverage_changed(), coverage_box(text, box2d)"
    )
    for table in TABLES:
        op.drop_table(table)
