"""Imports by the wizard: what was brought, how it was read, what became of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.helpers import run_sql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "imports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'new'"), nullable=False),
        sa.Column("options", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("found", postgresql.JSONB(), nullable=True),
        sa.Column("report", postgresql.JSONB(), nullable=True),
        sa.Column(
            "created_by",
            sa.Text(),
            server_default=sa.text("coalesce(current_setting('app.username', true), '')"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_by", sa.Text(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "state IN ('new', 'refused', 'read', 'placed', 'checked', 'applied', 'undone')", name="imports_state_choice"
        ),
        sa.CheckConstraint(
            "length(file_name) BETWEEN 1 AND 120 AND file_name !~ '[[:cntrl:]]' AND length(layer) <= 60",
            name="imports_file_name_text",
        ),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="imports_sha256_text"),
        sa.CheckConstraint("byte_count BETWEEN 0 AND 104857600", name="imports_byte_count_range"),
        sa.CheckConstraint(
            "octet_length(options::text) <= 200000 AND octet_length(found::text) <= 2000000 "
            "AND octet_length(report::text) <= 2000000",
            name="imports_options_text",
        ),
        sa.CheckConstraint(
            "(applied_at IS NOT NULL) = (state IN ('applied', 'undone')) "
            "AND (undone_at IS NOT NULL) = (state = 'undone') AND (applied_by IS NULL) = (applied_at IS NULL)",
            name="imports_applied_whole",
        ),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "id", name="imports_commune_id_id"),
    )
    op.create_index("imports_commune_id", "imports", ["commune_id", "id"], unique=False)
    op.create_table(
        "import_parts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('file', 'faults')", name="import_parts_kind_choice"),
        sa.CheckConstraint("octet_length(content) <= 1048576", name="import_parts_content_range"),
        sa.ForeignKeyConstraint(
            ["commune_id", "import_id"],
            ["imports.commune_id", "imports.id"],
            name="import_parts_import",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("import_id", "kind", "number", name="import_parts_number"),
    )
    run_sql("imports.sql", op.get_bind())


def downgrade() -> None:
    """Take back."""
    op.execute("DROP FUNCTION delete_old_imports()")
    op.drop_table("import_parts")
    op.drop_table("imports")
    op.execute("DROP FUNCTION keep_applied_import()")
