"""Photos of things that were looked at on site."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.helpers import run_sql

revision = "0035"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "survey_photos",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", postgresql.UUID(as_uuid=True), nullable=False),
        sa.Column("kept_on", sa.Date(), server_default=sa.text("vietnam_today()"), nullable=False),
        sa.Column("expires_on", sa.Date(), server_default=sa.text("(vietnam_today() + 365)"), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.SmallInteger(), nullable=False),
        sa.Column("height", sa.SmallInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.CheckConstraint("layer ~ '^[a-z_]{1,40}$'", name="survey_photos_layer_text"),
        sa.CheckConstraint(
            "octet_length(data) BETWEEN 100 AND 2000000 AND substring(data FOR 3) = '\\xffd8ff'::bytea",
            name="survey_photos_data_jpeg",
        ),
        sa.CheckConstraint("width BETWEEN 1 AND 1600 AND height BETWEEN 1 AND 1600", name="survey_photos_width_range"),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="survey_photos_sha256_text"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "client_id", name="survey_photos_commune_id_client_id"),
    )
    op.create_index("survey_photos_layer_row_id", "survey_photos", ["commune_id", "layer", "row_id"], unique=False)
    run_sql("survey_photos.sql", op.get_bind())


def downgrade() -> None:
    """Take back."""
    op.execute("DROP FUNCTION delete_expired_survey_photos()")
    op.drop_table("survey_photos")
