"""Land use, buildings, walls, neighbours."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

import migrations.helpers  # noqa: F401 - registers op.protect

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "buildings",
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
        sa.Column("height_m", sa.Float(), nullable=True),
        sa.Column("level_count", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(name) <= 120 AND name !~ '[[:cntrl:]]'", name="buildings_name_text"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="buildings_geom_sane",
        ),
        sa.CheckConstraint("height_m BETWEEN 0 AND 500", name="buildings_height_m_range"),
        sa.CheckConstraint("length(external_id) <= 100", name="buildings_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="buildings_source_text"),
        sa.CheckConstraint("level_count BETWEEN 0 AND 150", name="buildings_level_count_range"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="buildings_external_id"),
        info={"layer": "buildings"},
    )
    op.create_index("buildings_commune_id", "buildings", ["commune_id"], unique=False)
    op.create_index("buildings_geom_3857_gist", "buildings", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("buildings_geom_gist", "buildings", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "landuse",
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
        sa.Column("class", sa.Text(), server_default=sa.text("'residential'"), nullable=False),
        sa.CheckConstraint(
            "class IN ('residential', 'park', 'farmland', 'forest', 'industrial', 'commercial', 'cemetery', 'beach', 'square')",
            name="landuse_class_choice",
        ),
        sa.CheckConstraint("length(name) <= 120 AND name !~ '[[:cntrl:]]'", name="landuse_name_text"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="landuse_geom_sane",
        ),
        sa.CheckConstraint("length(external_id) <= 100", name="landuse_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="landuse_source_text"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="landuse_external_id"),
        info={"layer": "landuse"},
    )
    op.create_index("landuse_commune_id", "landuse", ["commune_id"], unique=False)
    op.create_index("landuse_geom_3857_gist", "landuse", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("landuse_geom_gist", "landuse", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "neighbours",
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
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.CheckConstraint("length(code) <= 10 AND code !~ '[[:cntrl:]]'", name="neighbours_code_text"),
        sa.CheckConstraint("length(name) <= 120 AND name !~ '[[:cntrl:]]'", name="neighbours_name_text"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="neighbours_geom_sane",
        ),
        sa.CheckConstraint("length(external_id) <= 100", name="neighbours_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="neighbours_source_text"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="neighbours_external_id"),
        info={"layer": "neighbours"},
    )
    op.create_index("neighbours_commune_id", "neighbours", ["commune_id"], unique=False)
    op.create_index("neighbours_geom_3857_gist", "neighbours", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("neighbours_geom_gist", "neighbours", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "walls",
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
        sa.Column("height_m", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="walls_geom_sane",
        ),
        sa.CheckConstraint("height_m BETWEEN 0 AND 50", name="walls_height_m_range"),
        sa.CheckConstraint("length(external_id) <= 100", name="walls_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="walls_source_text"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="walls_external_id"),
        info={"layer": "walls"},
    )
    op.create_index("walls_commune_id", "walls", ["commune_id"], unique=False)
    op.create_index("walls_geom_3857_gist", "walls", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("walls_geom_gist", "walls", ["geom"], unique=False, postgresql_using="gist")
    op.protect("buildings", readers=("admin", "committee", "data", "patrol", "planner"), editors=("admin", "data"))
    op.protect("landuse", readers=("admin", "committee", "data", "patrol", "planner"), editors=("admin", "data"))
    op.protect("neighbours", readers=("admin", "committee", "data", "patrol", "planner"), editors=("admin", "data"))
    op.protect(
        "walls",
        readers=("admin", "committee", "data", "patrol", "planner"),
        editors=("admin", "data", "patrol", "planner"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("walls_geom_gist", table_name="walls", postgresql_using="gist")
    op.drop_index("walls_geom_3857_gist", table_name="walls", postgresql_using="gist")
    op.drop_index("walls_commune_id", table_name="walls")
    op.drop_table("walls")
    op.drop_index("neighbours_geom_gist", table_name="neighbours", postgresql_using="gist")
    op.drop_index("neighbours_geom_3857_gist", table_name="neighbours", postgresql_using="gist")
    op.drop_index("neighbours_commune_id", table_name="neighbours")
    op.drop_table("neighbours")
    op.drop_index("landuse_geom_gist", table_name="landuse", postgresql_using="gist")
    op.drop_index("landuse_geom_3857_gist", table_name="landuse", postgresql_using="gist")
    op.drop_index("landuse_commune_id", table_name="landuse")
    op.drop_table("landuse")
    op.drop_index("buildings_geom_gist", table_name="buildings", postgresql_using="gist")
    op.drop_index("buildings_geom_3857_gist", table_name="buildings", postgresql_using="gist")
    op.drop_index("buildings_commune_id", table_name="buildings")
    op.drop_table("buildings")
