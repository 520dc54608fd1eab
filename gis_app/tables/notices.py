"""Notices to a role, a unit or one account, and which account has read them."""

import sqlalchemy as sa

from gis_app.tables.units import named_text
from layers import metadata

# The database writes all but `instruction` and `proposal_decided` (migrations/sql/notices.sql, notices_made.sql,
# due_notices.sql).
NOTICE_KINDS = (
    "task_given", "task_changed", "task_cancelled", "reminder", "instruction", "proposal_decided",
    "shift_issued", "tip_new", "tip_due", "agreement_proposed", "report_done", "import_done", "job_failed",
    "stage_lapsed", "hotspot_late", "venue_due", "venue_late",
)  # fmt: skip

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    # To whom.
    sa.Column("role", sa.Text),
    sa.Column("unit_id", sa.BigInteger),
    sa.Column("username", sa.Text, sa.ForeignKey("accounts.username", ondelete="CASCADE", onupdate="CASCADE")),
    # About what.
    sa.Column("group_id", sa.BigInteger, sa.ForeignKey("groups.id", ondelete="CASCADE")),
    sa.Column("task_id", sa.BigInteger),
    # The database's own words: a day and hours, a neighbour's name, a kind of job. And where to go.
    sa.Column("about", sa.Text),
    sa.Column("link", sa.Text),
    sa.Column("body", sa.Text),
    # What was told of, for nobody to read: "12 2026-11-20", a row and the day that it was due on.
    sa.Column("things", sa.ARRAY(sa.Text)),
    sa.Column(
        "created_by",
        sa.Text,
        nullable=False,
        server_default=sa.text("coalesce(current_setting('app.username', true), '')"),
    ),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.ForeignKeyConstraint(["commune_id", "unit_id"], ["units.commune_id", "units.id"], name="notices_unit"),
    sa.ForeignKeyConstraint(["commune_id", "task_id"], ["tasks.commune_id", "tasks.id"], name="notices_task"),
    sa.Index("notices_commune_id", "commune_id", "id"),
    sa.CheckConstraint(f"kind IN {NOTICE_KINDS}", name="notices_kind_choice"),
    sa.CheckConstraint("num_nonnulls(role, unit_id, username) = 1", name="notices_to_required"),
    sa.CheckConstraint("kind <> 'instruction' OR body IS NOT NULL", name="notices_body_required"),
    sa.CheckConstraint("length(about) BETWEEN 1 AND 200", name="notices_about_text"),
    sa.CheckConstraint("link ~ '^/[a-z0-9/-]{1,100}$'", name="notices_link_text"),
    named_text("notices", "body", 500),
)

notice_reads = sa.Table(
    "notice_reads",
    metadata,
    sa.Column(
        "notice_id",
        sa.BigInteger,
        sa.ForeignKey("notices.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column(
        "username",
        sa.Text,
        sa.ForeignKey("accounts.username", ondelete="CASCADE", onupdate="CASCADE"),
        primary_key=True,
    ),
    sa.Column("read_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)
