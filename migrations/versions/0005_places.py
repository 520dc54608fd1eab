"""Venues, schools, facilities, industry."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

import migrations.helpers  # noqa: F401 - registers op.protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "facilities",
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
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), server_default=sa.text("'other'"), nullable=False),
        sa.Column("visibility", sa.Text(), server_default=sa.text("'staff'"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('methadone', 'military', 'market', 'health', 'police', 'government', 'culture', 'transport', 'other')",
            name="facilities_kind_choice",
        ),
        sa.CheckConstraint("length(name) <= 120 AND name !~ '[[:cntrl:]]'", name="facilities_name_text"),
        sa.CheckConstraint("visibility IN ('public', 'staff', 'police')", name="facilities_visibility_choice"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="facilities_geom_sane",
        ),
        sa.CheckConstraint("length(external_id) <= 100", name="facilities_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="facilities_source_text"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="facilities_external_id"),
        info={"layer": "facilities"},
    )
    op.create_index("facilities_commune_id", "facilities", ["commune_id"], unique=False)
    op.create_index("facilities_geom_3857_gist", "facilities", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("facilities_geom_gist", "facilities", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "industrial_zones",
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
        sa.Column("worker_count", sa.Integer(), nullable=True),
        sa.Column("last_briefed_on", sa.Date(), nullable=True),
        sa.CheckConstraint("length(name) <= 120 AND name !~ '[[:cntrl:]]'", name="industrial_zones_name_text"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="industrial_zones_geom_sane",
        ),
        sa.CheckConstraint("length(external_id) <= 100", name="industrial_zones_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="industrial_zones_source_text"),
        sa.CheckConstraint("worker_count BETWEEN 0 AND 1e+06", name="industrial_zones_worker_count_range"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="industrial_zones_external_id"),
        info={"layer": "industrial_zones"},
    )
    op.create_index("industrial_zones_commune_id", "industrial_zones", ["commune_id"], unique=False)
    op.create_index(
        "industrial_zones_geom_3857_gist", "industrial_zones", ["geom_3857"], unique=False, postgresql_using="gist"
    )
    op.create_index("industrial_zones_geom_gist", "industrial_zones", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "schools",
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
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), server_default=sa.text("'other'"), nullable=False),
        sa.Column("has_pledge", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("last_briefed_on", sa.Date(), nullable=True),
        sa.CheckConstraint("length(name) <= 120 AND name !~ '[[:cntrl:]]'", name="schools_name_text"),
        sa.CheckConstraint(
            "level IN ('kindergarten', 'primary', 'lower_secondary', 'upper_secondary', 'college', 'other')",
            name="schools_level_choice",
        ),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="schools_geom_sane",
        ),
        sa.CheckConstraint("length(external_id) <= 100", name="schools_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="schools_source_text"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="schools_external_id"),
        info={"layer": "schools"},
    )
    op.create_index("schools_commune_id", "schools", ["commune_id"], unique=False)
    op.create_index("schools_geom_3857_gist", "schools", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("schools_geom_gist", "schools", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "venues",
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
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), server_default=sa.text("'other'"), nullable=False),
        sa.Column("last_checked_on", sa.Date(), nullable=True),
        sa.Column("next_due_on", sa.Date(), nullable=True),
        sa.Column("has_pledge", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('karaoke', 'hotel', 'guesthouse', 'boarding_house', 'bar', 'internet_cafe', 'massage', 'other')",
            name="venues_kind_choice",
        ),
        sa.CheckConstraint("length(name) <= 120 AND name !~ '[[:cntrl:]]'", name="venues_name_text"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="venues_geom_sane",
        ),
        sa.CheckConstraint("length(external_id) <= 100", name="venues_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="venues_source_text"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="venues_external_id"),
        info={"layer": "venues"},
    )
    op.create_index("venues_commune_id", "venues", ["commune_id"], unique=False)
    op.create_index("venues_geom_3857_gist", "venues", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("venues_geom_gist", "venues", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "worker_housing",
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
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("room_count", sa.Integer(), nullable=True),
        sa.Column("has_pledge", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("length(name) <= 120 AND name !~ '[[:cntrl:]]'", name="worker_housing_name_text"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="worker_housing_geom_sane",
        ),
        sa.CheckConstraint("length(external_id) <= 100", name="worker_housing_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="worker_housing_source_text"),
        sa.CheckConstraint("room_count BETWEEN 0 AND 100000", name="worker_housing_room_count_range"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="worker_housing_external_id"),
        info={"layer": "worker_housing"},
    )
    op.create_index("worker_housing_commune_id", "worker_housing", ["commune_id"], unique=False)
    op.create_index(
        "worker_housing_geom_3857_gist", "worker_housing", ["geom_3857"], unique=False, postgresql_using="gist"
    )
    op.create_index("worker_housing_geom_gist", "worker_housing", ["geom"], unique=False, postgresql_using="gist")
    op.protect(
        "facilities",
        readers=("admin", "committee", "data", "patrol", "planner"),
        editors=("admin", "data"),
        visibility="visibility",
    )
    op.protect(
        "industrial_zones", readers=("admin", "committee", "data", "patrol", "planner"), editors=("admin", "data")
    )
    op.protect("schools", readers=("admin", "committee", "data", "patrol", "planner"), editors=("admin", "data"))
    op.protect("venues", readers=("admin", "committee", "data", "patrol", "planner"), editors=("admin", "data"))
    op.protect("worker_housing", readers=("admin", "committee", "data", "patrol", "planner"), editors=("admin", "data"))


def downgrade() -> None:
    """Take back."""
    op.drop_index("worker_housing_geom_gist", table_name="worker_housing", postgresql_using="gist")
    op.drop_index("worker_housing_geom_3857_gist", table_name="worker_housing", postgresql_using="gist")
    op.drop_index("worker_housing_commune_id", table_name="worker_housing")
    op.drop_table("worker_housing")
    op.drop_index("venues_geom_gist", table_name="venues", postgresql_using="gist")
    op.drop_index("venues_geom_3857_gist", table_name="venues", postgresql_using="gist")
    op.drop_index("venues_commune_id", table_name="venues")
    op.drop_table("venues")
    op.drop_index("schools_geom_gist", table_name="schools", postgresql_using="gist")
    op.drop_index("schools_geom_3857_gist", table_name="schools", postgresql_using="gist")
    op.drop_index("schools_commune_id", table_name="schools")
    op.drop_table("schools")
    op.drop_index("industrial_zones_geom_gist", table_name="industrial_zones", postgresql_using="gist")
    op.drop_index("industrial_zones_geom_3857_gist", table_name="industrial_zones", postgresql_using="gist")
    op.drop_index("industrial_zones_commune_id", table_name="industrial_zones")
    op.drop_table("industrial_zones")
    op.drop_index("facilities_geom_gist", table_name="facilities", postgresql_using="gist")
    op.drop_index("facilities_geom_3857_gist", table_name="facilities", postgresql_using="gist")
    op.drop_index("facilities_commune_id", table_name="facilities")
    op.drop_table("facilities")
