"""Files that were asked for as jobs, kept for their owner."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.helpers import run_sql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def _setting(name: str) -> sa.TextClause:
    return sa.text(f"coalesce(current_setting('app.{name}', true), '')")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "export_files",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("asked", postgresql.JSONB(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("created_by", sa.Text(), server_default=_setting("username"), nullable=False),
        sa.Column("created_role", sa.Text(), server_default=_setting("role"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("row_count", sa.Integer(), nullable=True),
        sa.Column("byte_count", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "octet_length(asked::text) <= 20000 AND length(layer) <= 60", name="export_files_asked_text"
        ),
        sa.CheckConstraint(
            "length(file_name) BETWEEN 1 AND 120 AND length(media_type) <= 120 AND sha256 ~ '^[0-9a-f]{64}$'",
            name="export_files_file_name_text",
        ),
        sa.CheckConstraint(
            "num_nulls(made_at, file_name, media_type, row_count, byte_count, sha256) IN (0, 6)",
            name="export_files_made_at_whole",
        ),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "id", name="export_files_commune_id_id"),
    )
    op.create_table(
        "export_parts",
        sa.Column("export_file_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(content) <= 1048576", name="export_parts_content_range"),
        sa.ForeignKeyConstraint(
            ["commune_id", "export_file_id"],
            ["export_files.commune_id", "export_files.id"],
            name="export_parts_file",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("export_file_id", "number"),
    )
    run_sql("exports.sql", op.get_bind())


def downgrade() -> None:
    """Take back."""
    op.execute("DROP FUNCTION delete_old_exports(integer)")
    op.drop_table("export_parts")
    op.drop_table("export_files")
    op.execute("DROP FUNCTION keep_export()")
