"""Files that were asked for as jobs: what was asked, what was made, and the file itself in pieces."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from layers import metadata

MAX_PART_BYTES = 1024 * 1024
# The owner's alone; after so many days it is made again.
KEPT_DAYS = 7

export_files = sa.Table(
    "export_files",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    # A layer's name, or a tile set's.
    sa.Column("layer", sa.Text, nullable=False),
    # Format, CRS, filter and area (gis_app/jobs/export_asked.py).
    sa.Column("asked", JSONB, nullable=False),
    sa.Column("job_id", sa.BigInteger),
    # Who asked, in the role of then: whoever has another role now reads other columns.
    sa.Column("created_by", sa.Text, nullable=False,
              server_default=sa.text("coalesce(current_setting('app.username', true), '')")),
    sa.Column("created_role", sa.Text, nullable=False,
              server_default=sa.text("coalesce(current_setting('app.role', true), '')")),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    # Set together, in the transaction that ends the job.
    sa.Column("made_at", sa.DateTime(timezone=True)),
    sa.Column("file_name", sa.Text),
    sa.Column("media_type", sa.Text),
    sa.Column("row_count", sa.Integer),
    sa.Column("byte_count", sa.BigInteger),
    sa.Column("sha256", sa.Text),
    sa.UniqueConstraint("commune_id", "id", name="export_files_commune_id_id"),
    sa.CheckConstraint("octet_length(asked::text) <= 20000 AND length(layer) <= 60", name="export_files_asked_text"),
    sa.CheckConstraint(
        "length(file_name) BETWEEN 1 AND 120 AND length(media_type) <= 120 AND sha256 ~ '^[0-9a-f]{64}$'",
        name="export_files_file_name_text",
    ),
    sa.CheckConstraint(
        "num_nulls(made_at, file_name, media_type, row_count, byte_count, sha256) IN (0, 6)",
        name="export_files_made_at_whole",
    ),
)  # fmt: skip

export_parts = sa.Table(
    "export_parts",
    metadata,
    sa.Column("export_file_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("commune_id", sa.Integer, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.ForeignKeyConstraint(
        ["commune_id", "export_file_id"],
        ["export_files.commune_id", "export_files.id"],
        name="export_parts_file",
        ondelete="CASCADE",
    ),
    sa.CheckConstraint(f"octet_length(content) <= {MAX_PART_BYTES}", name="export_parts_content_range"),
)
