"""Keys of repeated requests; shapes in the audit; history of a row."""

import sqlalchemy as sa
from alembic import op

from migrations.helpers import run_sql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "idempotency_keys",
        sa.Column("commune_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("length(key) BETWEEN 8 AND 100", name="idempotency_keys_key_text"),
        sa.PrimaryKeyConstraint("commune_id", "username", "key"),
    )
    run_sql("audit_with_shapes.sql", op.get_bind())


def downgrade() -> None:
    """Take back; the audit function stays as it is, since triggers of the layers call it."""
    op.drop_table("idempotency_keys")
    op.execute("DROP INDEX audit_entries_row")
    op.execute("DROP POLICY audit_entries_history ON audit_entries")
    op.execute("DROP FUNCTION audited(jsonb, geometry) CASCADE")
    op.execute("DROP FUNCTION plain_columns(oid, text) CASCADE")
