"""Reports about places, which the statistics of hotspots count."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

from migrations.helpers import expiry_statements, redaction_statements, run_sql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "place_reports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("geom", Geometry(geometry_type="POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("hotspot_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "expires_on",
            sa.Date(),
            sa.Computed("(seen_at AT TIME ZONE 'UTC')::date + 730", persisted=True),
            nullable=True,
        ),
        sa.CheckConstraint(
            "category IN ('dark_street', 'light_out', 'camera_out', 'gathering', 'syringes', 'suspicious', 'other')",
            name="place_reports_category_choice",
        ),
        sa.CheckConstraint(
            "source IN ('patrol', 'police', 'meeting', 'tip', 'file')", name="place_reports_source_choice"
        ),
        sa.CheckConstraint(
            "seen_at BETWEEN '2000-01-01+00' AND '2100-01-01+00' AND extract(epoch FROM seen_at) % 3600 = 0",
            name="place_reports_seen_at_range",
        ),
        sa.CheckConstraint(
            "length(btrim(note)) BETWEEN 1 AND 500 AND note !~ '[[:cntrl:]]' AND NOT has_personal_number(note)",
            name="place_reports_note_text",
        ),
        sa.CheckConstraint(
            "ST_X(geom) BETWEEN 102 AND 118 AND ST_Y(geom) BETWEEN 6 AND 24", name="place_reports_geom_sane"
        ),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"]),
        sa.ForeignKeyConstraint(["hotspot_id"], ["hotspots.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("place_reports_seen_at", "place_reports", ["commune_id", "seen_at"], unique=False)
    op.create_index(
        "place_reports_hotspot_id", "place_reports", ["hotspot_id"], unique=False,
        postgresql_where=sa.text("hotspot_id IS NOT NULL"),
    )  # fmt: skip
    run_sql("hotspot_stats.sql", op.get_bind())
    for statement in expiry_statements("place_reports", "expires_on"):
        op.execute(statement)
    for statement in redaction_statements("place_reports", "expires_on"):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    op.execute(
        "DROP FUNCTION redact_gone_place_reports(), delete_expired_place_reports(), "
        "count_place_reports(date, date, integer, integer, text[])"
    )
    op.execute("DROP VIEW place_reports_coarse")
    op.drop_table("place_reports")
    op.execute("DROP FUNCTION keep_place_report()")
