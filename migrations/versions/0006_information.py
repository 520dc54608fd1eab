"""Tip boxes and notice boards."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

import migrations.helpers  # noqa: F401 - registers op.protect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "notice_boards",
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
        sa.Column("state", sa.Text(), server_default=sa.text("'working'"), nullable=False),
        sa.Column("has_commune_police", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("has_pc04", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("has_c04", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.CheckConstraint("length(place) <= 120 AND place !~ '[[:cntrl:]]'", name="notice_boards_place_text"),
        sa.CheckConstraint("state IN ('working', 'broken', 'proposed', 'removed')", name="notice_boards_state_choice"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="notice_boards_geom_sane",
        ),
        sa.CheckConstraint("length(external_id) <= 100", name="notice_boards_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="notice_boards_source_text"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="notice_boards_external_id"),
        info={"layer": "notice_boards"},
    )
    op.create_index("notice_boards_commune_id", "notice_boards", ["commune_id"], unique=False)
    op.create_index(
        "notice_boards_geom_3857_gist", "notice_boards", ["geom_3857"], unique=False, postgresql_using="gist"
    )
    op.create_index("notice_boards_geom_gist", "notice_boards", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "tip_boxes",
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
        sa.Column("state", sa.Text(), server_default=sa.text("'working'"), nullable=False),
        sa.Column("installed_on", sa.Date(), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.CheckConstraint("length(place) <= 120 AND place !~ '[[:cntrl:]]'", name="tip_boxes_place_text"),
        sa.CheckConstraint("state IN ('working', 'broken', 'proposed', 'removed')", name="tip_boxes_state_choice"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24",
            name="tip_boxes_geom_sane",
        ),
        sa.CheckConstraint("length(external_id) <= 100", name="tip_boxes_external_id_text"),
        sa.CheckConstraint("length(source) <= 200", name="tip_boxes_source_text"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "external_id", name="tip_boxes_external_id"),
        info={"layer": "tip_boxes"},
    )
    op.create_index("tip_boxes_commune_id", "tip_boxes", ["commune_id"], unique=False)
    op.create_index("tip_boxes_geom_3857_gist", "tip_boxes", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("tip_boxes_geom_gist", "tip_boxes", ["geom"], unique=False, postgresql_using="gist")
    op.protect("notice_boards", readers=("admin", "committee", "data", "patrol", "planner"), editors=("admin", "data"))
    op.protect("tip_boxes", readers=("admin", "committee", "data", "patrol", "planner"), editors=("admin", "data"))


def downgrade() -> None:
    """Take back."""
    op.drop_index("tip_boxes_geom_gist", table_name="tip_boxes", postgresql_using="gist")
    op.drop_index("tip_boxes_geom_3857_gist", table_name="tip_boxes", postgresql_using="gist")
    op.drop_index("tip_boxes_commune_id", table_name="tip_boxes")
    op.drop_table("tip_boxes")
    op.drop_index("notice_boards_geom_gist", table_name="notice_boards", postgresql_using="gist")
    op.drop_index("notice_boards_geom_3857_gist", table_name="notice_boards", postgresql_using="gist")
    op.drop_index("notice_boards_commune_id", table_name="notice_boards")
    op.drop_table("notice_boards")
