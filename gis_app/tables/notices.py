"""Notices to a role or a unit, and which account has read them."""

import sqlalchemy as sa

from gis_app.tables.units import named_text
from layers import metadata

NOTICE_KINDS = ("task_given", "task_changed", "task_cancelled", "reminder", "instruction", "proposal_decided")

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    # To whom.
    sa.Column("role", sa.Text),
    sa.Column("unit_id", sa.BigInteger),
    # About what.
    sa.Column("group_id", sa.BigInteger, sa.ForeignKey("groups.id", ondelete="CASCADE")),
    sa.Column("task_id", sa.BigInteger),
    sa.Column("body", sa.Text),
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
    sa.CheckConstraint("num_nonnulls(role, unit_id) = 1", name="notices_to_required"),
    sa.CheckConstraint("kind <> 'instruction' OR body IS NOT NULL", name="notices_body_required"),
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
