"""The roles supervisor and city; hotspots expire and are coarse for planners; seals of the audit."""

import sqlalchemy as sa
from alembic import op

from migrations.helpers import coarse_statements, policy_statements, run_sql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STAFF = ("admin", "committee", "data", "patrol", "planner", "supervisor")
OLD_STAFF = ("admin", "committee", "data", "patrol", "planner")
DATA = ("admin", "data")
SITING = ("admin", "data", "patrol", "planner")
PLAIN = (
    "buildings", "cameras", "gateways", "industrial_zones", "key_routes", "landuse", "lights", "loudspeakers",
    "neighbours", "notice_boards", "roads", "schools", "tip_boxes", "venues", "water_areas", "waterways",
    "worker_housing",
)  # fmt: skip
COARSE = {
    "readers": ("planner",),
    "columns": ("place", "class", "severity", "hour_from", "hour_to", "first_seen_on", "last_seen_on", "state",
                "source_kind", "expires_on"),
    "label": "place",
}  # fmt: skip


def _policies(staff: tuple[str, ...]) -> dict[str, dict[str, object]]:
    rules: dict[str, dict[str, object]] = {name: {"readers": staff, "editors": DATA} for name in PLAIN}
    rules["communes"] = {"readers": staff, "editors": ("admin",), "national": True}
    rules["groups"] = {"readers": staff, "editors": DATA, "national": True}
    rules["facilities"] = {"readers": staff, "editors": DATA, "visibility": "visibility"}
    rules["walls"] = {"readers": staff, "editors": SITING}
    return rules


def _replace_policies(rules: dict[str, dict[str, object]]) -> None:
    for table, rule in rules.items():
        for name in ("read", "add", "change", "remove", "owner", "national"):
            op.execute(f"DROP POLICY IF EXISTS {table}_{name} ON {table}")
        for statement in policy_statements(table, **rule):
            op.execute(statement)


def upgrade() -> None:
    """Apply."""
    _replace_policies(
        _policies(STAFF)
        | {"hotspots": {"readers": ("admin", "data", "patrol"), "editors": DATA, "expiry": "expires_on"}}
    )
    run_sql("coarse.sql", op.get_bind())
    for statement in coarse_statements("hotspots", expiry="expires_on", **COARSE):
        op.execute(statement)
    op.drop_constraint("accounts_role_choice", "accounts")
    roles = "'admin', 'data', 'planner', 'patrol', 'committee', 'supervisor', 'city'"
    op.create_check_constraint("accounts_role_choice", "accounts", f"role IN ({roles})")
    op.drop_constraint("accounts_commune_rule", "accounts")
    op.create_check_constraint(
        "accounts_commune_rule", "accounts", "(role IN ('admin', 'city')) = (commune_id IS NULL)"
    )
    op.create_table(
        "audit_seals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_count", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("first_id", name="audit_seals_first_id"),
    )
    run_sql("audit_seals.sql", op.get_bind())


def downgrade() -> None:
    """Take back."""
    op.drop_table("audit_seals")
    op.execute("DROP FUNCTION audit_event(text, text, jsonb)")
    op.execute("DROP VIEW hotspots_coarse")
    op.execute("DROP FUNCTION middle_of_street(geometry, integer)")
    op.execute("DELETE FROM accounts WHERE role IN ('supervisor', 'city')")
    op.drop_constraint("accounts_role_choice", "accounts")
    op.create_check_constraint(
        "accounts_role_choice", "accounts", "role IN ('admin', 'data', 'planner', 'patrol', 'committee')"
    )
    op.drop_constraint("accounts_commune_rule", "accounts")
    op.create_check_constraint("accounts_commune_rule", "accounts", "(role = 'admin') = (commune_id IS NULL)")
    _replace_policies(_policies(OLD_STAFF) | {"hotspots": {"readers": SITING, "editors": DATA}})
