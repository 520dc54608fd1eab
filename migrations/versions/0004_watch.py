"""Places to watch: hotspots, key routes, gateways."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

import migrations.helpers  # noqa: F401 - registers op.protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "gateways",
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
        sa.Column("kind", sa.Text(), server_default=sa.text("'road'"), nullable=False),
        sa.CheckConstraint("kind IN ('road', 'landing', 'rail')", name="gateways_kind_choice"),
        sa.CheckConstraint("length(name) <= 120 AND name !~ '[[:cntrl:]]'", name="gateways_name_text"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="gateways_geom_sane",
        ),
        sa.CheckConstraint("length(external_id) <= 100", name="gateways_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="gateways_source_text"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="gateways_external_id"),
        info={"layer": "gateways"},
    )
    op.create_index("gateways_commune_id", "gateways", ["commune_id"], unique=False)
    op.create_index("gateways_geom_3857_gist", "gateways", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("gateways_geom_gist", "gateways", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "hotspots",
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
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("severity", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("hour_from", sa.Integer(), nullable=True),
        sa.Column("hour_to", sa.Integer(), nullable=True),
        sa.Column("first_seen_on", sa.Date(), nullable=True),
        sa.Column("last_seen_on", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'new'"), nullable=False),
        sa.Column("source_kind", sa.Text(), server_default=sa.text("'unit'"), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.CheckConstraint("class IN ('complex_point', 'gathering', 'risk')", name="hotspots_class_choice"),
        sa.CheckConstraint("length(place) <= 120 AND place !~ '[[:cntrl:]]'", name="hotspots_place_text"),
        sa.CheckConstraint("source_kind IN ('patrol', 'tip', 'unit')", name="hotspots_source_kind_choice"),
        sa.CheckConstraint(
            "state IN ('new', 'verified', 'handled', 'watched', 'closed')", name="hotspots_state_choice"
        ),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="hotspots_geom_sane",
        ),
        sa.CheckConstraint("hour_from BETWEEN 0 AND 23", name="hotspots_hour_from_range"),
        sa.CheckConstraint("hour_to BETWEEN 0 AND 24", name="hotspots_hour_to_range"),
        sa.CheckConstraint("length(external_id) <= 100", name="hotspots_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="hotspots_source_text"),
        sa.CheckConstraint("severity BETWEEN 1 AND 5", name="hotspots_severity_range"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="hotspots_external_id"),
        info={"layer": "hotspots"},
    )
    op.create_index("hotspots_commune_id", "hotspots", ["commune_id"], unique=False)
    op.create_index("hotspots_geom_3857_gist", "hotspots", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("hotspots_geom_gist", "hotspots", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "key_routes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTILINESTRING",
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
                geometry_type="MULTILINESTRING",
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
        sa.Column("kind", sa.Text(), server_default=sa.text("'road'"), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('road', 'water', 'rail')", name="key_routes_kind_choice"),
        sa.CheckConstraint("length(document) <= 120 AND document !~ '[[:cntrl:]]'", name="key_routes_document_text"),
        sa.CheckConstraint("length(name) <= 120 AND name !~ '[[:cntrl:]]'", name="key_routes_name_text"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="key_routes_geom_sane",
        ),
        sa.CheckConstraint("length(external_id) <= 100", name="key_routes_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="key_routes_source_text"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="key_routes_external_id"),
        info={"layer": "key_routes"},
    )
    op.create_index("key_routes_commune_id", "key_routes", ["commune_id"], unique=False)
    op.create_index("key_routes_geom_3857_gist", "key_routes", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("key_routes_geom_gist", "key_routes", ["geom"], unique=False, postgresql_using="gist")
    op.protect("gateways", readers=("admin", "committee", "data", "patrol", "planner"), editors=("admin", "data"))
    op.protect("hotspots", readers=("admin", "data", "patrol", "planner"), editors=("admin", "data"))
    op.protect("key_routes", readers=("admin", "committee", "data", "patrol", "planner"), editors=("admin", "data"))


def downgrade() -> None:
    """Take back."""
    op.drop_index("key_routes_geom_gist", table_name="key_routes", postgresql_using="gist")
    op.drop_index("key_routes_geom_3857_gist", table_name="key_routes", postgresql_using="gist")
    op.drop_index("key_routes_commune_id", table_name="key_routes")
    op.drop_table("key_routes")
    op.drop_index("hotspots_geom_gist", table_name="hotspots", postgresql_using="gist")
    op.drop_index("hotspots_geom_3857_gist", table_name="hotspots", postgresql_using="gist")
    op.drop_index("hotspots_commune_id", table_name="hotspots")
    op.drop_table("hotspots")
    op.drop_index("gateways_geom_gist", table_name="gateways", postgresql_using="gist")
    op.drop_index("gateways_geom_3857_gist", table_name="gateways", postgresql_using="gist")
    op.drop_index("gateways_commune_id", table_name="gateways")
    op.drop_table("gateways")
