"""Tasks with the five clarities ("5 rõ"), meetings whose conclusions they are, comments, reminders."""

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import JSONB

from gis_app.tables.units import named_text
from layers import metadata
from layers.base import STORED_SRID

# A supervisor only reads, so is given nothing to do.
HOLDER_ROLES = ("admin", "committee", "data", "patrol", "planner")
SOURCES = ("meeting", "report", "gap", "group", "manual", "patrol", "tip")
STATES = ("open", "done", "cancelled")
MEETING_KINDS = ("month", "quarter", "half_year", "year", "campaign")
# Layers of which a task may name a row.
FEATURE_LAYERS = ("schools", "venues", "cameras", "lights")
# Who writes a row: for the log, never shown.
_WRITER = sa.text("coalesce(current_setting('app.username', true), '')")
_NOW = sa.func.now()

meetings = sa.Table(
    "meetings",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("held_on", sa.Date, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.UniqueConstraint("commune_id", "id", name="meetings_commune_id_id"),
    sa.Index("meetings_held_on", "commune_id", "held_on"),
    named_text("meetings", "title", 200),
    sa.CheckConstraint(f"kind IN {MEETING_KINDS}", name="meetings_kind_choice"),
)

tasks = sa.Table(
    "tasks",
    metadata,
    # The web writes the instruction; only close_task and cancel_task of migrations/sql/tasks.sql change the state.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    # Rõ việc.
    sa.Column("title", sa.Text, nullable=False),
    # Rõ người: a role or a unit, never a person.
    sa.Column("holder_role", sa.Text),
    sa.Column("holder_unit_id", sa.BigInteger),
    # Rõ trách nhiệm.
    sa.Column("responsibility", sa.Text, nullable=False),
    # Rõ thời gian.
    sa.Column("due_on", sa.Date, nullable=False),
    # Rõ kết quả: what the function task_measure_<measure> must answer at least.
    sa.Column("measure", sa.Text, nullable=False),
    sa.Column("options", JSONB, nullable=False, server_default=sa.text("'{}'")),
    sa.Column("wanted", sa.Numeric, nullable=False),
    # The place.
    sa.Column("group_id", sa.BigInteger, sa.ForeignKey("groups.id", ondelete="SET NULL")),
    sa.Column("feature_layer", sa.Text),
    sa.Column("feature_id", sa.BigInteger),
    sa.Column("geom", Geometry("POINT", STORED_SRID, spatial_index=False)),
    sa.Column("source", sa.Text, nullable=False, server_default=sa.text("'manual'")),
    sa.Column("meeting_id", sa.BigInteger),
    sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'open'")),
    sa.Column("closed_at", sa.DateTime(timezone=True)),
    sa.Column("closed_value", sa.Numeric),
    sa.Column("cancel_reason", sa.Text),
    sa.Column("created_by", sa.Text, nullable=False, server_default=_WRITER),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.ForeignKeyConstraint(["commune_id", "holder_unit_id"], ["units.commune_id", "units.id"], name="tasks_unit"),
    sa.ForeignKeyConstraint(["commune_id", "meeting_id"], ["meetings.commune_id", "meetings.id"], name="tasks_meeting"),
    sa.UniqueConstraint("commune_id", "id", name="tasks_commune_id_id"),
    sa.Index("tasks_due_on", "commune_id", "state", "due_on"),
    sa.Index("tasks_group_id", "group_id"),
    named_text("tasks", "title", 200),
    named_text("tasks", "responsibility", 300),
    sa.CheckConstraint("num_nonnulls(holder_role, holder_unit_id) = 1", name="tasks_holder_required"),
    sa.CheckConstraint(f"holder_role IN {HOLDER_ROLES}", name="tasks_holder_role_choice"),
    sa.CheckConstraint("measure ~ '^[a-z_]{1,40}$'", name="tasks_measure_text"),
    sa.CheckConstraint("jsonb_typeof(options) = 'object'", name="tasks_options_object"),
    sa.CheckConstraint("wanted > 0 AND wanted <= 1000000", name="tasks_wanted_range"),
    sa.CheckConstraint(f"feature_layer IN {FEATURE_LAYERS}", name="tasks_feature_layer_choice"),
    sa.CheckConstraint("(feature_layer IS NULL) = (feature_id IS NULL)", name="tasks_feature_whole"),
    sa.CheckConstraint(f"source IN {SOURCES}", name="tasks_source_choice"),
    sa.CheckConstraint("(source = 'meeting') = (meeting_id IS NOT NULL)", name="tasks_meeting_whole"),
    sa.CheckConstraint(f"state IN {STATES}", name="tasks_state_choice"),
    sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="tasks_closed_at_whole"),
    # Done means measured: no other way to close.
    sa.CheckConstraint(
        "(state = 'done') = (closed_value IS NOT NULL) AND closed_value >= wanted", name="tasks_closed_value_reached"
    ),
    sa.CheckConstraint("(state = 'cancelled') = (cancel_reason IS NOT NULL)", name="tasks_cancel_reason_required"),
    named_text("tasks", "cancel_reason", 300),
)

comments = sa.Table(
    "comments",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("group_id", sa.BigInteger, sa.ForeignKey("groups.id", ondelete="CASCADE")),
    sa.Column("task_id", sa.BigInteger),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column(
        "role", sa.Text, nullable=False, server_default=sa.text("coalesce(current_setting('app.role', true), '')")
    ),
    sa.Column("created_by", sa.Text, nullable=False, server_default=_WRITER),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.ForeignKeyConstraint(["commune_id", "task_id"], ["tasks.commune_id", "tasks.id"], name="comments_task"),
    sa.Index("comments_group_id", "group_id"),
    sa.Index("comments_task_id", "task_id"),
    sa.CheckConstraint("num_nonnulls(group_id, task_id) = 1", name="comments_subject_required"),
    # A line break is no other control character.
    sa.CheckConstraint(
        "length(btrim(body)) BETWEEN 1 AND 1000 AND replace(body, E'\\n', ' ') !~ '[[:cntrl:]]' "
        "AND NOT has_personal_number(body)",
        name="comments_body_text",
    ),
)

reminders = sa.Table(
    "reminders",
    metadata,
    # One a thing and day; migrations/sql/notices.sql has the function that writes it.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("group_id", sa.BigInteger, sa.ForeignKey("groups.id", ondelete="CASCADE")),
    sa.Column("task_id", sa.BigInteger),
    sa.Column("on_day", sa.Date, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False, server_default=_WRITER),
    sa.ForeignKeyConstraint(["commune_id", "task_id"], ["tasks.commune_id", "tasks.id"], name="reminders_task"),
    sa.UniqueConstraint("group_id", "on_day", name="reminders_group"),
    sa.UniqueConstraint("task_id", "on_day", name="reminders_task_day"),
    sa.CheckConstraint("num_nonnulls(group_id, task_id) = 1", name="reminders_subject_required"),
)
