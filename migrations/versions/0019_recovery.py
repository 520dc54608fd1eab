"""Recovery codes; tokens by page; audit entries that can be redacted; releases of the public page."""

import sqlalchemy as sa
from alembic import op

from migrations.helpers import redaction_statements, run_sql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

REDACTED = "redacted_at IS NULL OR (before IS NULL AND after IS NULL AND salt IS NULL AND digest IS NOT NULL)"


def _recovery() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("position BETWEEN 0 AND 9", name="recovery_codes_position_range"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "position"),
    )
    op.add_column("accounts", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.create_check_constraint(
        "access_tokens_expires_at_range", "access_tokens", "expires_at <= created_at + interval '367 days'"
    )


def _redaction() -> None:
    # Salts of entries there already: one statement, and the old seals do not cover the new columns.
    op.add_column("audit_entries", sa.Column("salt", sa.Uuid(), server_default=sa.text("gen_random_uuid()")))
    op.add_column("audit_entries", sa.Column("digest", sa.Text()))
    op.add_column("audit_entries", sa.Column("redacted_at", sa.DateTime(timezone=True)))
    op.create_check_constraint("audit_entries_redacted_whole", "audit_entries", REDACTED)
    op.add_column("audit_seals", sa.Column("scheme", sa.SmallInteger(), server_default=sa.text("1"), nullable=False))
    op.alter_column("audit_seals", "scheme", server_default=sa.text("2"))
    op.create_check_constraint("audit_seals_scheme_choice", "audit_seals", "scheme IN (1, 2)")


def upgrade() -> None:
    """Apply."""
    _recovery()
    _redaction()
    run_sql("recovery.sql", op.get_bind())
    for statement in redaction_statements("hotspots", "expires_on"):
        op.execute(statement)


def downgrade() -> None:
    """Take back; seals made since cover what is no longer there, so the chain starts anew."""
    op.execute("DROP FUNCTION redact_gone_hotspots()")
    op.execute("DROP FUNCTION content_digest(uuid, jsonb, jsonb)")
    op.execute("DELETE FROM audit_seals WHERE scheme = 2")
    op.drop_column("audit_seals", "scheme")
    for column in ("redacted_at", "digest", "salt"):
        op.drop_column("audit_entries", column)
    op.execute("REVOKE INSERT (token_hash, account_id, name, scope, expires_at) ON access_tokens FROM gis_app")
    op.drop_constraint("access_tokens_expires_at_range", "access_tokens")
    op.drop_column("accounts", "version")
    op.drop_table("recovery_codes")
