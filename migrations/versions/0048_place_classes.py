"""Kinds of place that a commune adds itself, and the two layers of their rows."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

from migrations.helpers import policy_statements, run_sql

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "place_classes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("letters", sa.Text(), nullable=False),
        sa.Column("color", sa.Text(), nullable=False),
        sa.Column("shape", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), server_default=sa.text("'staff'"), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "color IN ('#1f4e9c', '#0b6e6e', '#2b6a2b', '#7a5200', '#b3400a', '#a61e4d', '#7b2fa0', '#3f4750')",
            name="place_classes_color_choice",
        ),
        sa.CheckConstraint(
            "length(btrim(name)) BETWEEN 1 AND 60 AND name !~ '[[:cntrl:]]' AND NOT has_personal_number(name)",
            name="place_classes_name_text",
        ),
        sa.CheckConstraint("letters ~ '^[A-ZĐ0-9]{1,2}$'", name="place_classes_letters_text"),
        sa.CheckConstraint("shape IN ('point', 'area')", name="place_classes_shape_choice"),
        sa.CheckConstraint("visibility IN ('staff', 'police')", name="place_classes_visibility_choice"),
        sa.CheckConstraint("name !~ '[,.;:&|<>\"]'", name="place_classes_name_signs"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "letters", name="place_classes_letters"),
        sa.UniqueConstraint("commune_id", "name", "visibility", name="place_classes_name_visibility"),
        sa.UniqueConstraint("commune_id", "name", name="place_classes_name"),
    )
    op.create_table(
        "other_areas",
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
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'current'"), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=True),
        sa.Column("hours", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("visibility", sa.Text(), server_default=sa.text("'staff'"), nullable=False),
        sa.Column("area_m2", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "length(hours) <= 60 AND hours !~ '[[:cntrl:]]' AND NOT has_personal_number(hours)",
            name="other_areas_hours_text",
        ),
        sa.CheckConstraint("length(kind) <= 60 AND kind !~ '[[:cntrl:]]'", name="other_areas_kind_text"),
        sa.CheckConstraint(
            "length(name) <= 120 AND name !~ '[[:cntrl:]]' AND NOT has_personal_number(name)",
            name="other_areas_name_text",
        ),
        sa.CheckConstraint(
            "length(note) <= 300 AND note !~ '[[:cntrl:]]' AND NOT has_personal_number(note)",
            name="other_areas_note_text",
        ),
        sa.CheckConstraint("state IN ('current', 'ended')", name="other_areas_state_choice"),
        sa.CheckConstraint("visibility IN ('staff', 'police')", name="other_areas_visibility_choice"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="other_areas_geom_sane",
        ),
        sa.CheckConstraint("area_m2 BETWEEN 0 AND 1e+09", name="other_areas_area_m2_range"),
        sa.CheckConstraint("length(external_id) <= 100", name="other_areas_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="other_areas_source_text"),
        sa.ForeignKeyConstraint(
            ["commune_id", "kind", "visibility"],
            ["place_classes.commune_id", "place_classes.name", "place_classes.visibility"],
            name="other_areas_kind_choice",
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="other_areas_external_id"),
        info={"layer": "other_areas"},
    )
    op.create_index("other_areas_commune_id", "other_areas", ["commune_id"], unique=False)
    op.create_index("other_areas_geom_3857_gist", "other_areas", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("other_areas_geom_gist", "other_areas", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "other_places",
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
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'current'"), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=True),
        sa.Column("hours", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("visibility", sa.Text(), server_default=sa.text("'staff'"), nullable=False),
        sa.CheckConstraint(
            "length(hours) <= 60 AND hours !~ '[[:cntrl:]]' AND NOT has_personal_number(hours)",
            name="other_places_hours_text",
        ),
        sa.CheckConstraint("length(kind) <= 60 AND kind !~ '[[:cntrl:]]'", name="other_places_kind_text"),
        sa.CheckConstraint(
            "length(name) <= 120 AND name !~ '[[:cntrl:]]' AND NOT has_personal_number(name)",
            name="other_places_name_text",
        ),
        sa.CheckConstraint(
            "length(note) <= 300 AND note !~ '[[:cntrl:]]' AND NOT has_personal_number(note)",
            name="other_places_note_text",
        ),
        sa.CheckConstraint("state IN ('current', 'ended')", name="other_places_state_choice"),
        sa.CheckConstraint("visibility IN ('staff', 'police')", name="other_places_visibility_choice"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="other_places_geom_sane",
        ),
        sa.CheckConstraint("length(external_id) <= 100", name="other_places_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="other_places_source_text"),
        sa.ForeignKeyConstraint(
            ["commune_id", "kind", "visibility"],
            ["place_classes.commune_id", "place_classes.name", "place_classes.visibility"],
            name="other_places_kind_choice",
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="other_places_external_id"),
        info={"layer": "other_places"},
    )
    op.create_index("other_places_commune_id", "other_places", ["commune_id"], unique=False)
    op.create_index("other_places_geom_3857_gist", "other_places", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("other_places_geom_gist", "other_places", ["geom"], unique=False, postgresql_using="gist")
    op.protect(
        "other_areas",
        readers=("admin", "committee", "data", "patrol", "planner", "supervisor"),
        editors=("admin", "data"),
        visibility="visibility",
        managed=("area_m2", "visibility"),
    )
    op.protect(
        "other_places",
        readers=("admin", "committee", "data", "patrol", "planner", "supervisor"),
        editors=("admin", "data"),
        visibility="visibility",
        managed=("visibility",),
    )
    staff = ("admin", "committee", "data", "patrol", "planner", "supervisor")
    rules = policy_statements("place_classes", readers=staff, editors=("admin", "data"), visibility="visibility")
    for statement in rules:
        op.execute(statement)
    run_sql("place_classes.sql", op.get_bind())


def downgrade() -> None:
    """Take back."""
    op.drop_index("other_places_geom_gist", table_name="other_places", postgresql_using="gist")
    op.drop_index("other_places_geom_3857_gist", table_name="other_places", postgresql_using="gist")
    op.drop_index("other_places_commune_id", table_name="other_places")
    op.drop_table("other_places")
    op.drop_index("other_areas_geom_gist", table_name="other_areas", postgresql_using="gist")
    op.drop_index("other_areas_geom_3857_gist", table_name="other_areas", postgresql_using="gist")
    op.drop_index("other_areas_commune_id", table_name="other_areas")
    op.drop_table("other_areas")
    op.drop_table("place_classes")
    op.execute("DROP FUNCTION take_place_class()")
    op.execute("DROP FUNCTION measure_area()")
