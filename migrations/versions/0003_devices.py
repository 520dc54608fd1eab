"""Devices: cameras, lights, loudspeakers."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

import migrations.helpers  # noqa: F401 - registers op.protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "cameras",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "geom_3857",
            Geometry(
                geometry_type="POINT",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("source", sa.Text(), server_default=sa.text("'manual'"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("pole_code", sa.Text(), nullable=True),
        sa.Column("azimuth_deg", sa.Float(), nullable=True),
        sa.Column("fov_deg", sa.Float(), nullable=True),
        sa.Column("range_m", sa.Float(), nullable=True),
        sa.Column("kind", sa.Text(), server_default=sa.text("'fixed'"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'working'"), nullable=False),
        sa.Column("ownership", sa.Text(), server_default=sa.text("'public'"), nullable=False),
        sa.Column("pixel_width", sa.Integer(), nullable=True),
        sa.Column("height_m", sa.Float(), nullable=True),
        sa.Column("has_infrared", sa.Boolean(), nullable=True),
        sa.Column("has_notice_sign", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("has_ai", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('fixed', 'ptz', 'panoramic')", name="cameras_kind_choice"),
        sa.CheckConstraint("length(pole_code) <= 60 AND pole_code !~ '[[:cntrl:]]'", name="cameras_pole_code_text"),
        sa.CheckConstraint("ownership IN ('public', 'residents')", name="cameras_ownership_choice"),
        sa.CheckConstraint("state IN ('working', 'broken', 'proposed', 'removed')", name="cameras_state_choice"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="cameras_geom_sane",
        ),
        sa.CheckConstraint("azimuth_deg BETWEEN 0 AND 360", name="cameras_azimuth_deg_range"),
        sa.CheckConstraint("fov_deg BETWEEN 1 AND 360", name="cameras_fov_deg_range"),
        sa.CheckConstraint("height_m BETWEEN 0 AND 100", name="cameras_height_m_range"),
        sa.CheckConstraint("length(external_id) <= 100", name="cameras_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="cameras_source_text"),
        sa.CheckConstraint("pixel_width BETWEEN 160 AND 20000", name="cameras_pixel_width_range"),
        sa.CheckConstraint("range_m BETWEEN 1 AND 1000", name="cameras_range_m_range"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="cameras_external_id"),
        info={"layer": "cameras"},
    )
    op.create_index("cameras_commune_id", "cameras", ["commune_id"], unique=False)
    op.create_index("cameras_geom_3857_gist", "cameras", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("cameras_geom_gist", "cameras", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "lights",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "geom_3857",
            Geometry(
                geometry_type="POINT",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("source", sa.Text(), server_default=sa.text("'manual'"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'working'"), nullable=False),
        sa.Column("radius_m", sa.Float(), nullable=True),
        sa.Column("height_m", sa.Float(), nullable=True),
        sa.Column("lamp", sa.Text(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.CheckConstraint("lamp IN ('led', 'sodium', 'other')", name="lights_lamp_choice"),
        sa.CheckConstraint("state IN ('working', 'broken', 'proposed', 'removed')", name="lights_state_choice"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="lights_geom_sane",
        ),
        sa.CheckConstraint("height_m BETWEEN 0 AND 60", name="lights_height_m_range"),
        sa.CheckConstraint("length(external_id) <= 100", name="lights_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="lights_source_text"),
        sa.CheckConstraint("radius_m BETWEEN 1 AND 200", name="lights_radius_m_range"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="lights_external_id"),
        info={"layer": "lights"},
    )
    op.create_index("lights_commune_id", "lights", ["commune_id"], unique=False)
    op.create_index("lights_geom_3857_gist", "lights", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("lights_geom_gist", "lights", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "loudspeakers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "geom_3857",
            Geometry(
                geometry_type="POINT",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("source", sa.Text(), server_default=sa.text("'manual'"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("range_m", sa.Float(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'working'"), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=True),
        sa.CheckConstraint("length(schedule) <= 120 AND schedule !~ '[[:cntrl:]]'", name="loudspeakers_schedule_text"),
        sa.CheckConstraint("state IN ('working', 'broken', 'proposed', 'removed')", name="loudspeakers_state_choice"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="loudspeakers_geom_sane",
        ),
        sa.CheckConstraint("length(external_id) <= 100", name="loudspeakers_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="loudspeakers_source_text"),
        sa.CheckConstraint("range_m BETWEEN 1 AND 3000", name="loudspeakers_range_m_range"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="loudspeakers_external_id"),
        info={"layer": "loudspeakers"},
    )
    op.create_index("loudspeakers_commune_id", "loudspeakers", ["commune_id"], unique=False)
    op.create_index("loudspeakers_geom_3857_gist", "loudspeakers", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("loudspeakers_geom_gist", "loudspeakers", ["geom"], unique=False, postgresql_using="gist")
    op.protect("cameras", readers=("admin", "committee", "data", "patrol", "planner"), editors=("admin", "data"))
    op.protect("lights", readers=("admin", "committee", "data", "patrol", "planner"), editors=("admin", "data"))
    op.protect("loudspeakers", readers=("admin", "committee", "data", "patrol", "planner"), editors=("admin", "data"))


def downgrade() -> None:
    """Take back."""
    op.drop_index("loudspeakers_geom_gist", table_name="loudspeakers", postgresql_using="gist")
    op.drop_index("loudspeakers_geom_3857_gist", table_name="loudspeakers", postgresql_using="gist")
    op.drop_index("loudspeakers_commune_id", table_name="loudspeakers")
    op.drop_table("loudspeakers")
    op.drop_index("lights_geom_gist", table_name="lights", postgresql_using="gist")
    op.drop_index("lights_geom_3857_gist", table_name="lights", postgresql_using="gist")
    op.drop_index("lights_commune_id", table_name="lights")
    op.drop_table("lights")
    op.drop_index("cameras_geom_gist", table_name="cameras", postgresql_using="gist")
    op.drop_index("cameras_geom_3857_gist", table_name="cameras", postgresql_using="gist")
    op.drop_index("cameras_commune_id", table_name="cameras")
    op.drop_table("cameras")
