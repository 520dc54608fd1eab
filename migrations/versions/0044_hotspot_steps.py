"""The steps of a hotspot's life, and the days that a commune gives each."""

import sqlalchemy as sa
from alembic import op

from migrations.helpers import redaction_statements, run_sql

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_TEXT = "length(btrim({0})) BETWEEN 1 AND {1} AND {0} !~ '[[:cntrl:]]' AND NOT has_personal_number({0})"
_DAYS = {"new": 7, "verified": 30, "handled": 30, "watched": 90}


def _moment(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "hotspot_steps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("hotspot_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("is_loaded", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _moment("made_at"),
        sa.CheckConstraint(
            "state IN ('new', 'verified', 'handled', 'watched', 'closed')", name="hotspot_steps_state_choice"
        ),
        sa.CheckConstraint(_TEXT.format("note", 300), name="hotspot_steps_note_text"),
        sa.CheckConstraint(_TEXT.format("document", 120), name="hotspot_steps_document_text"),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"]),
        sa.ForeignKeyConstraint(["hotspot_id"], ["hotspots.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["commune_id", "unit_id"], ["units.commune_id", "units.id"], name="hotspot_steps_unit"),
        sa.ForeignKeyConstraint(["commune_id", "task_id"], ["tasks.commune_id", "tasks.id"], name="hotspot_steps_task"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("hotspot_steps_hotspot_id", "hotspot_steps", ["hotspot_id", "id"])
    op.create_index("hotspot_steps_commune_id", "hotspot_steps", ["commune_id"])
    op.create_table(
        "hotspot_rules",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        *(
            sa.Column(f"{state}_days", sa.Integer(), server_default=sa.text(str(days)), nullable=False)
            for state, days in _DAYS.items()
        ),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        _moment("updated_at"),
        *(
            sa.CheckConstraint(f"{state}_days BETWEEN 1 AND 365", name=f"hotspot_rules_{state}_days_range")
            for state in _DAYS
        ),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", name="hotspot_rules_commune_id"),
    )
    run_sql("hotspot_steps.sql", op.get_bind())
    # The words of a hotspot that is gone go from the log as the hotspot's own do.
    for statement in redaction_statements("hotspot_steps", "expires_on"):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TRIGGER hotspots_begin ON hotspots")
    op.execute("DROP TRIGGER hotspots_follow ON hotspots")
    op.execute("DROP VIEW hotspot_steps_coarse")
    for function in (
        "begin_hotspot()", "follow_hotspot()", "hotspot_moves()", "count_hotspots(date, date)",
        "redact_gone_hotspot_steps()",
        "step_hotspot(bigint, integer, text, date, text, text, bigint, bigint)",
    ):  # fmt: skip
        op.execute(f"DROP FUNCTION {function}")
    op.drop_table("hotspot_rules")
    op.drop_table("hotspot_steps")
