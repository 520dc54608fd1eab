"""Notes of patrols about places, their photos, and tasks that come from them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.helpers import run_sql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_SOURCES = "source IN ('meeting', 'report', 'gap', 'group', 'manual'{more})"


def _task_sources(more: str) -> None:
    op.drop_constraint("tasks_source_choice", "tasks", type_="check")
    op.create_check_constraint("tasks_source_choice", "tasks", _SOURCES.format(more=more))


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "patrol_notes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("team", sa.SmallInteger(), nullable=True),
        sa.Column("client_id", postgresql.UUID(as_uuid=True), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("made", sa.Text(), nullable=True),
        sa.Column("made_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("team BETWEEN 1 AND 9", name="patrol_notes_team_range"),
        sa.CheckConstraint("made IN ('hotspot', 'light', 'task')", name="patrol_notes_made_choice"),
        sa.CheckConstraint("(made IS NULL) = (made_id IS NULL)", name="patrol_notes_made_whole"),
        sa.ForeignKeyConstraint(
            ["commune_id", "plan_id"],
            ["patrol_plans.commune_id", "patrol_plans.id"],
            name="patrol_notes_plan",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["report_id"], ["place_reports.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "client_id", name="patrol_notes_commune_id_client_id"),
        sa.UniqueConstraint("report_id", name="patrol_notes_report_id"),
    )
    op.create_index("patrol_notes_plan_id", "patrol_notes", ["commune_id", "plan_id"], unique=False)
    op.create_table(
        "patrol_note_photos",
        sa.Column("note_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.SmallInteger(), nullable=False),
        sa.Column("height", sa.SmallInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Date(), server_default=sa.text("(vietnam_today() + 90)"), nullable=False),
        sa.CheckConstraint(
            "octet_length(data) BETWEEN 100 AND 2000000 AND substring(data FOR 3) = '\\xffd8ff'::bytea",
            name="patrol_note_photos_data_jpeg",
        ),
        sa.CheckConstraint(
            "width BETWEEN 1 AND 1600 AND height BETWEEN 1 AND 1600", name="patrol_note_photos_width_range"
        ),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="patrol_note_photos_sha256_text"),
        sa.ForeignKeyConstraint(["note_id"], ["patrol_notes.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("note_id"),
    )
    run_sql("patrol_notes.sql", op.get_bind())
    _task_sources(", 'patrol'")


def downgrade() -> None:
    """Take back."""
    op.execute("UPDATE tasks SET source = 'manual' WHERE source = 'patrol'")
    _task_sources("")
    op.execute("DROP FUNCTION delete_expired_patrol_note_photos()")
    op.drop_table("patrol_note_photos")
    op.drop_table("patrol_notes")
