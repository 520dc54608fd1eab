"""Two-factor sign-in, tokens, invitations."""

import sqlalchemy as sa
from alembic import op

from migrations.helpers import run_sql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ROLES = "'admin', 'data', 'planner', 'patrol', 'committee', 'supervisor'"
NOW = sa.text("now()")
MANAGED = ("accounts", "sessions")


def _moment(name: str, *, nullable: bool = False, now: bool = False) -> sa.Column[sa.DateTime]:
    default = NOW if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)


def upgrade() -> None:
    """Apply."""
    op.drop_constraint("accounts_commune_rule", "accounts")
    op.create_check_constraint(
        "accounts_commune_rule", "accounts", "role = 'admin' OR (role = 'city') = (commune_id IS NULL)"
    )
    op.add_column("sessions", sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False))
    op.create_unique_constraint("sessions_id", "sessions", ["id"])
    op.add_column("sessions", sa.Column("device", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.create_table(
        "second_factors",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret_encrypted", sa.Text(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        _moment("created_at", now=True),
        _moment("confirmed_at", nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "access_tokens",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        _moment("created_at", now=True),
        _moment("expires_at"),
        _moment("last_used_at", nullable=True),
        sa.CheckConstraint("scope IN ('read', 'write')", name="access_tokens_scope_choice"),
        sa.CheckConstraint("length(name) <= 80 AND name !~ '[[:cntrl:]]'", name="access_tokens_name_text"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash", name="access_tokens_token_hash"),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.Text(), nullable=False),
        _moment("created_at", now=True),
        _moment("expires_at"),
        sa.CheckConstraint(f"role IN ({ROLES})", name="invitations_role_choice"),
        sa.CheckConstraint("username ~ '^[a-z0-9][a-z0-9._-]{2,39}$'", name="invitations_username_text"),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash", name="invitations_token_hash"),
        sa.UniqueConstraint("commune_id", "username", name="invitations_username"),
    )
    run_sql("accounts.sql", op.get_bind())


def downgrade() -> None:
    """Take back; administrators of one commune were not known before."""
    for table in MANAGED:
        op.execute(f"DROP POLICY {table}_manage ON {table}")
        op.execute(f"DROP POLICY {table}_manage_read ON {table}")
    for table in ("invitations", "access_tokens", "second_factors"):
        op.drop_table(table)
    op.execute("REVOKE INSERT (username, password_hash, role, commune_id) ON accounts FROM gis_app")
    op.execute("REVOKE UPDATE (password_hash, role, is_active) ON accounts FROM gis_app")
    op.drop_column("sessions", "device")
    op.drop_column("sessions", "id")
    op.execute("DELETE FROM accounts WHERE role = 'admin' AND commune_id IS NOT NULL")
    op.drop_constraint("accounts_commune_rule", "accounts")
    op.create_check_constraint(
        "accounts_commune_rule", "accounts", "(role IN ('admin', 'city')) = (commune_id IS NULL)"
    )
