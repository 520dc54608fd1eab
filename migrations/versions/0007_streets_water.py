"""Streets and water."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

import migrations.helpers  # noqa: F401 - registers op.protect

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "roads",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="LINESTRING",
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
                geometry_type="LINESTRING",
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
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("class", sa.Text(), server_default=sa.text("'residential'"), nullable=False),
        sa.Column("oneway", sa.Text(), server_default=sa.text("'no'"), nullable=False),
        sa.Column("is_lit", sa.Boolean(), nullable=True),
        sa.Column("is_walkable", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("source_node", sa.BigInteger(), nullable=True),
        sa.Column("target_node", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "class IN ('motorway', 'trunk', 'primary', 'secondary', 'tertiary', 'residential', 'alley', 'track', 'path')",
            name="roads_class_choice",
        ),
        sa.CheckConstraint("length(name) <= 120 AND name !~ '[[:cntrl:]]'", name="roads_name_text"),
        sa.CheckConstraint("oneway IN ('no', 'forward', 'backward')", name="roads_oneway_choice"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="roads_geom_sane",
        ),
        sa.CheckConstraint("length(external_id) <= 100", name="roads_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="roads_source_text"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="roads_external_id"),
        info={"layer": "roads"},
    )
    op.create_index("roads_commune_id", "roads", ["commune_id"], unique=False)
    op.create_index("roads_geom_3857_gist", "roads", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("roads_geom_gist", "roads", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "water_areas",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
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
                geometry_type="MULTIPOLYGON",
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
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("class", sa.Text(), server_default=sa.text("'lake'"), nullable=False),
        sa.CheckConstraint("class IN ('sea', 'river', 'lake', 'pond')", name="water_areas_class_choice"),
        sa.CheckConstraint("length(name) <= 120 AND name !~ '[[:cntrl:]]'", name="water_areas_name_text"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="water_areas_geom_sane",
        ),
        sa.CheckConstraint("length(external_id) <= 100", name="water_areas_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="water_areas_source_text"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="water_areas_external_id"),
        info={"layer": "water_areas"},
    )
    op.create_index("water_areas_commune_id", "water_areas", ["commune_id"], unique=False)
    op.create_index("water_areas_geom_3857_gist", "water_areas", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("water_areas_geom_gist", "water_areas", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "waterways",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="LINESTRING",
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
                geometry_type="LINESTRING",
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
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("class", sa.Text(), server_default=sa.text("'canal'"), nullable=False),
        sa.Column("width_m", sa.Float(), nullable=True),
        sa.CheckConstraint("class IN ('river', 'canal', 'stream', 'ditch')", name="waterways_class_choice"),
        sa.CheckConstraint("length(name) <= 120 AND name !~ '[[:cntrl:]]'", name="waterways_name_text"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="waterways_geom_sane",
        ),
        sa.CheckConstraint("length(external_id) <= 100", name="waterways_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="waterways_source_text"),
        sa.CheckConstraint("width_m BETWEEN 0 AND 5000", name="waterways_width_m_range"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="waterways_external_id"),
        info={"layer": "waterways"},
    )
    op.create_index("waterways_commune_id", "waterways", ["commune_id"], unique=False)
    op.create_index("waterways_geom_3857_gist", "waterways", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("waterways_geom_gist", "waterways", ["geom"], unique=False, postgresql_using="gist")
    op.protect("roads", readers=("admin", "committee", "data", "patrol", "planner"), editors=("admin", "data"))
    op.protect("water_areas", readers=("admin", "committee", "data", "patrol", "planner"), editors=("admin", "data"))
    op.protect("waterways", readers=("admin", "committee", "data", "patrol", "planner"), editors=("admin", "data"))


def downgrade() -> None:
    """Take back."""
    op.drop_index("waterways_geom_gist", table_name="waterways", postgresql_using="gist")
    op.drop_index("waterways_geom_3857_gist", table_name="waterways", postgresql_using="gist")
    op.drop_index("waterways_commune_id", table_name="waterways")
    op.drop_table("waterways")
    op.drop_index("water_areas_geom_gist", table_name="water_areas", postgresql_using="gist")
    op.drop_index("water_areas_geom_3857_gist", table_name="water_areas", postgresql_using="gist")
    op.drop_index("water_areas_commune_id", table_name="water_areas")
    op.drop_table("water_areas")
    op.drop_index("roads_geom_gist", table_name="roads", postgresql_using="gist")
    op.drop_index("roads_geom_3857_gist", table_name="roads", postgresql_using="gist")
    op.drop_index("roads_commune_id", table_name="roads")
    op.drop_table("roads")
