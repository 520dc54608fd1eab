"""What teams found on their way: reports about places whose source is the patrol, with a photo or without."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from layers import metadata

# What a phone offers, of the categories of reports about places.
NOTE_CATEGORIES = ("light_out", "dark_street", "gathering", "syringes", "other")
# What a leader made of a note.
MADE = ("hotspot", "light", "task")
PHOTO_DAYS = 90
MOST_PHOTO_BYTES = 2_000_000

patrol_notes = sa.Table(
    "patrol_notes",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, nullable=False),
    sa.Column("plan_id", sa.BigInteger, nullable=False),
    sa.Column("team", sa.SmallInteger),
    # Made by the device: however often it is sent, one row.
    sa.Column("client_id", UUID(as_uuid=True), nullable=False),
    # Category, hour, place and words are the report's.
    sa.Column("report_id", sa.BigInteger, sa.ForeignKey("place_reports.id", ondelete="CASCADE"), nullable=False),
    sa.Column("made", sa.Text),
    sa.Column("made_id", sa.BigInteger),
    sa.ForeignKeyConstraint(
        ["commune_id", "plan_id"],
        ["patrol_plans.commune_id", "patrol_plans.id"],
        name="patrol_notes_plan",
        ondelete="CASCADE",
    ),
    sa.UniqueConstraint("commune_id", "client_id", name="patrol_notes_commune_id_client_id"),
    sa.UniqueConstraint("report_id", name="patrol_notes_report_id"),
    sa.Index("patrol_notes_plan_id", "commune_id", "plan_id"),
    sa.CheckConstraint("team BETWEEN 1 AND 9", name="patrol_notes_team_range"),
    sa.CheckConstraint(f"made IN {MADE}", name="patrol_notes_made_choice"),
    sa.CheckConstraint("(made IS NULL) = (made_id IS NULL)", name="patrol_notes_made_whole"),
)

patrol_note_photos = sa.Table(
    "patrol_note_photos",
    metadata,
    sa.Column(
        "note_id", sa.BigInteger, sa.ForeignKey("patrol_notes.id", ondelete="CASCADE"), primary_key=True,
        autoincrement=False,
    ),
    sa.Column("commune_id", sa.Integer, nullable=False),
    # A JPEG that clean_photo made; nothing else is ever kept.
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.Column("width", sa.SmallInteger, nullable=False),
    sa.Column("height", sa.SmallInteger, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    # The last day on which anybody sees it; nobody writes it.
    sa.Column("expires_on", sa.Date, nullable=False, server_default=sa.text(f"(vietnam_today() + {PHOTO_DAYS})")),
    sa.CheckConstraint(
        f"octet_length(data) BETWEEN 100 AND {MOST_PHOTO_BYTES} AND substring(data FOR 3) = '\\xffd8ff'::bytea",
        name="patrol_note_photos_data_jpeg",
    ),
    sa.CheckConstraint(
        "width BETWEEN 1 AND 1600 AND height BETWEEN 1 AND 1600", name="patrol_note_photos_width_range"
    ),
    sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="patrol_note_photos_sha256_text"),
)  # fmt: skip
