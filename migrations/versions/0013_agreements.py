"""Neighbour agreements; city role."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

from migrations.helpers import national_statements, run_sql, shared_statements

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STAFF = ("admin", "committee", "data", "patrol", "planner", "supervisor")
SHARED = {
    "cameras": {
        "readers": STAFF,
        "columns": ("pole_code", "azimuth_deg", "fov_deg", "range_m", "kind", "state", "ownership", "pixel_width",
                    "height_m", "has_infrared", "has_notice_sign", "has_ai", "verified_on"),
        "geometry": "POINT",
    },
    "gateways": {"readers": STAFF, "columns": ("name", "kind"), "geometry": "POINT"},
    "hotspots": {
        "readers": ("admin", "data", "patrol", "planner"),
        "columns": ("class", "severity", "state"),
        "geometry": "POINT",
        "coarse": True,
        "expiry": "expires_on",
    },
    "key_routes": {"readers": STAFF, "columns": ("name", "kind", "document"), "geometry": "MULTILINESTRING"},
    "lights": {
        "readers": STAFF,
        "columns": ("state", "radius_m", "height_m", "lamp", "verified_on"),
        "geometry": "POINT",
    },
    "roads": {
        "readers": STAFF,
        "columns": ("name", "class", "oneway", "is_lit", "is_walkable", "source_node", "target_node"),
        "geometry": "LINESTRING",
    },
}  # fmt: skip
KEYS = ("id", "commune_id", "external_id", "geom", "geom_3857", "version")
# All but what identifies people (exempt_count, other_count) and what nobody needs nationwide.
NATIONAL = {
    "communes": (*KEYS, "code", "name", "full_name", "kind", "province_code", "province_name", "area_km2",
                 "household_count", "resident_count", "metric_srid", "is_demo"),
    "groups": (*KEYS, "name", "kind", "stage", "stage_on", "stage_document", "users_answer", "users_on",
               "users_document", "offenders_answer", "offenders_on", "offenders_document", "places_answer", "places_on",
               "places_document", "is_pilot", "household_count", "resident_count", "last_reviewed_on", "valid_from",
               "valid_to"),
}  # fmt: skip


def _create_agreements() -> None:
    op.create_table(
        "agreements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_a", sa.Integer(), nullable=False),
        sa.Column("commune_b", sa.Integer(), nullable=False),
        sa.Column("name_a", sa.Text(), nullable=False),
        sa.Column("name_b", sa.Text(), nullable=False),
        sa.Column("width_m", sa.Integer(), nullable=False),
        sa.Column("layers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'proposed'"), nullable=False),
        sa.Column("strip", Geometry(geometry_type="MULTIPOLYGON", srid=4326, spatial_index=False), nullable=True),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("commune_a <> commune_b", name="agreements_two_communes"),
        sa.CheckConstraint("state IN ('proposed', 'approved', 'ended')", name="agreements_state_choice"),
        sa.CheckConstraint("width_m BETWEEN 50 AND 1000", name="agreements_width_m_range"),
        sa.CheckConstraint("cardinality(layers) BETWEEN 1 AND 40", name="agreements_layers_range"),
        sa.CheckConstraint(
            "ends_on BETWEEN proposed_on AND (proposed_on + interval '12 months')::date",
            name="agreements_ends_on_range",
        ),
        sa.CheckConstraint("approved_by <> proposed_by", name="agreements_two_persons"),
        sa.CheckConstraint(
            "state <> 'approved' OR (strip IS NOT NULL AND approved_by IS NOT NULL)", name="agreements_approved_whole"
        ),
        sa.ForeignKeyConstraint(["commune_a"], ["communes.id"]),
        sa.ForeignKeyConstraint(["commune_b"], ["communes.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("agreements_commune_a", "agreements", ["commune_a"])
    op.create_index("agreements_commune_b", "agreements", ["commune_b"])


def upgrade() -> None:
    """Apply."""
    _create_agreements()
    run_sql("agreements.sql", op.get_bind())
    for table, rules in SHARED.items():
        for statement in shared_statements(table, **rules):
            op.execute(statement)
    op.create_table(
        "commune_grants",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("commune_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("detail", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"]),
        sa.PrimaryKeyConstraint("account_id", "commune_id"),
    )
    run_sql("city.sql", op.get_bind())
    for table, columns in NATIONAL.items():
        for statement in national_statements(table, columns):
            op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in NATIONAL:
        op.execute(f"GRANT SELECT ON {table} TO gis_national")
    op.execute("DROP FUNCTION city_totals()")
    op.drop_table("commune_grants")
    for table in SHARED:
        op.execute(f"DROP VIEW shared_{table}")
    op.execute("DROP VIEW open_agreements")
    op.drop_table("agreements")
    for function in (
        "audit_agreements()",
        "end_agreement(bigint, integer)",
        "approve_agreement(bigint, integer)",
        "propose_agreement(integer, integer, text[], date)",
        "close_expired_agreements()",
        "boundary_strip(integer, integer, integer)",
        "touching_communes()",
        "vietnam_today()",
    ):
        op.execute(f"DROP FUNCTION {function}")
