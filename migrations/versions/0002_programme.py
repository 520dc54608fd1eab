"""Communes and residential groups."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

import migrations.helpers  # noqa: F401 - registers op.protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "communes",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("commune_id", sa.Integer(), sa.Computed("id", persisted=True), nullable=True),
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
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("province_code", sa.Text(), nullable=True),
        sa.Column("province_name", sa.Text(), nullable=True),
        sa.Column("area_km2", sa.Float(), nullable=True),
        sa.Column("household_count", sa.Integer(), nullable=True),
        sa.Column("resident_count", sa.Integer(), nullable=True),
        sa.Column("merged_from", sa.Text(), nullable=True),
        sa.Column("metric_srid", sa.Integer(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("kind IN ('ward', 'commune', 'special_zone')", name="communes_kind_choice"),
        sa.CheckConstraint("length(code) <= 10 AND code !~ '[[:cntrl:]]'", name="communes_code_text"),
        sa.CheckConstraint("length(full_name) <= 200 AND full_name !~ '[[:cntrl:]]'", name="communes_full_name_text"),
        sa.CheckConstraint(
            "length(merged_from) <= 2000 AND merged_from !~ '[[:cntrl:]]'", name="communes_merged_from_text"
        ),
        sa.CheckConstraint("length(name) <= 200 AND name !~ '[[:cntrl:]]'", name="communes_name_text"),
        sa.CheckConstraint(
            "length(province_code) <= 10 AND province_code !~ '[[:cntrl:]]'", name="communes_province_code_text"
        ),
        sa.CheckConstraint(
            "length(province_name) <= 200 AND province_name !~ '[[:cntrl:]]'", name="communes_province_name_text"
        ),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="communes_geom_sane",
        ),
        sa.CheckConstraint("area_km2 BETWEEN 0 AND 5000", name="communes_area_km2_range"),
        sa.CheckConstraint("household_count BETWEEN 0 AND 1e+06", name="communes_household_count_range"),
        sa.CheckConstraint("length(external_id) <= 100", name="communes_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="communes_source_text"),
        sa.CheckConstraint("metric_srid BETWEEN 3405 AND 9218", name="communes_metric_srid_range"),
        sa.CheckConstraint("resident_count BETWEEN 0 AND 5e+06", name="communes_resident_count_range"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="communes_external_id"),
        info={"layer": "communes"},
    )
    op.create_index("communes_commune_id", "communes", ["commune_id"], unique=False)
    op.create_index("communes_geom_3857_gist", "communes", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("communes_geom_gist", "communes", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "groups",
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
        sa.Column("kind", sa.Text(), server_default=sa.text("'residential_group'"), nullable=False),
        sa.Column("stage", sa.Text(), server_default=sa.text("'not_selected'"), nullable=False),
        sa.Column("stage_on", sa.Date(), nullable=True),
        sa.Column("stage_document", sa.Text(), nullable=True),
        sa.Column("users_answer", sa.Text(), server_default=sa.text("'not_reviewed'"), nullable=False),
        sa.Column("users_on", sa.Date(), nullable=True),
        sa.Column("users_document", sa.Text(), nullable=True),
        sa.Column("offenders_answer", sa.Text(), server_default=sa.text("'not_reviewed'"), nullable=False),
        sa.Column("offenders_on", sa.Date(), nullable=True),
        sa.Column("offenders_document", sa.Text(), nullable=True),
        sa.Column("places_answer", sa.Text(), server_default=sa.text("'not_reviewed'"), nullable=False),
        sa.Column("places_on", sa.Date(), nullable=True),
        sa.Column("places_document", sa.Text(), nullable=True),
        sa.Column("is_pilot", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("household_count", sa.Integer(), nullable=True),
        sa.Column("resident_count", sa.Integer(), nullable=True),
        sa.Column("exempt_count", sa.Integer(), nullable=True),
        sa.Column("other_count", sa.Integer(), nullable=True),
        sa.Column("last_reviewed_on", sa.Date(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('residential_group', 'village')", name="groups_kind_choice"),
        sa.CheckConstraint("length(name) <= 200 AND name !~ '[[:cntrl:]]'", name="groups_name_text"),
        sa.CheckConstraint(
            "length(offenders_document) <= 120 AND offenders_document !~ '[[:cntrl:]]'",
            name="groups_offenders_document_text",
        ),
        sa.CheckConstraint(
            "length(places_document) <= 120 AND places_document !~ '[[:cntrl:]]'", name="groups_places_document_text"
        ),
        sa.CheckConstraint(
            "length(stage_document) <= 120 AND stage_document !~ '[[:cntrl:]]'", name="groups_stage_document_text"
        ),
        sa.CheckConstraint(
            "length(users_document) <= 120 AND users_document !~ '[[:cntrl:]]'", name="groups_users_document_text"
        ),
        sa.CheckConstraint(
            "offenders_answer IN ('met', 'not_met', 'not_reviewed')", name="groups_offenders_answer_choice"
        ),
        sa.CheckConstraint("places_answer IN ('met', 'not_met', 'not_reviewed')", name="groups_places_answer_choice"),
        sa.CheckConstraint(
            "stage IN ('not_selected', 'cleaning', 'building', 'proposed', 'recognised', 'maintained', 'lapsed')",
            name="groups_stage_choice",
        ),
        sa.CheckConstraint("users_answer IN ('met', 'not_met', 'not_reviewed')", name="groups_users_answer_choice"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="groups_geom_sane",
        ),
        sa.CheckConstraint("exempt_count BETWEEN 0 AND 10000", name="groups_exempt_count_range"),
        sa.CheckConstraint("household_count BETWEEN 0 AND 20000", name="groups_household_count_range"),
        sa.CheckConstraint("length(external_id) <= 100", name="groups_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="groups_source_text"),
        sa.CheckConstraint("other_count BETWEEN 0 AND 10000", name="groups_other_count_range"),
        sa.CheckConstraint("resident_count BETWEEN 0 AND 100000", name="groups_resident_count_range"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="groups_external_id"),
        info={"layer": "groups"},
    )
    op.create_index("groups_commune_id", "groups", ["commune_id"], unique=False)
    op.create_index("groups_geom_3857_gist", "groups", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("groups_geom_gist", "groups", ["geom"], unique=False, postgresql_using="gist")
    op.protect(
        "communes", readers=("admin", "committee", "data", "patrol", "planner"), editors=("admin",), national=True
    )
    op.protect(
        "groups", readers=("admin", "committee", "data", "patrol", "planner"), editors=("admin", "data"), national=True
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("groups_geom_gist", table_name="groups", postgresql_using="gist")
    op.drop_index("groups_geom_3857_gist", table_name="groups", postgresql_using="gist")
    op.drop_index("groups_commune_id", table_name="groups")
    op.drop_table("groups")
    op.drop_index("communes_geom_gist", table_name="communes", postgresql_using="gist")
    op.drop_index("communes_geom_3857_gist", table_name="communes", postgresql_using="gist")
    op.drop_index("communes_commune_id", table_name="communes")
    op.drop_table("communes")
