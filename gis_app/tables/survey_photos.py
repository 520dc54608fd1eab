"""Photos of things that were looked at on site: a lamp, a camera, a board. Places, never people."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from layers import metadata

KEPT_DAYS = 365
MOST_PHOTO_BYTES = 2_000_000

survey_photos = sa.Table(
    "survey_photos",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, nullable=False),
    # The layer and the row of it that the photo shows.
    sa.Column("layer", sa.Text, nullable=False),
    sa.Column("row_id", sa.BigInteger, nullable=False),
    # Made by the device: however often it is sent, one row.
    sa.Column("client_id", UUID(as_uuid=True), nullable=False),
    sa.Column("kept_on", sa.Date, nullable=False, server_default=sa.text("vietnam_today()")),
    # The last day on which anybody sees it; nobody writes it.
    sa.Column("expires_on", sa.Date, nullable=False, server_default=sa.text(f"(vietnam_today() + {KEPT_DAYS})")),
    # A JPEG that clean_photo made; nothing else is ever kept.
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.Column("width", sa.SmallInteger, nullable=False),
    sa.Column("height", sa.SmallInteger, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.UniqueConstraint("commune_id", "client_id", name="survey_photos_commune_id_client_id"),
    sa.Index("survey_photos_layer_row_id", "commune_id", "layer", "row_id"),
    sa.CheckConstraint("layer ~ '^[a-z_]{1,40}$'", name="survey_photos_layer_text"),
    sa.CheckConstraint(
        f"octet_length(data) BETWEEN 100 AND {MOST_PHOTO_BYTES} AND substring(data FOR 3) = '\\xffd8ff'::bytea",
        name="survey_photos_data_jpeg",
    ),
    sa.CheckConstraint("width BETWEEN 1 AND 1600 AND height BETWEEN 1 AND 1600", name="survey_photos_width_range"),
    sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="survey_photos_sha256_text"),
)
