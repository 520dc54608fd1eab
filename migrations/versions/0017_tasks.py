"""Tasks, comments, notices, units in charge."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

from migrations.helpers import run_sql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = (
    "notice_reads",
    "notices",
    "reminders",
    "comments",
    "tasks",
    "meetings",
    "group_units",
    "unit_members",
    "units",
)
MEASURES = (
    "group_stage",
    "criterion_met",
    "criteria_reviewed",
    "tip_box_working",
    "board_complete",
    "lights_working",
    "pledge_signed",
    "venue_checked",
    "commune_indicator",
)


def upgrade() -> None:
    """Apply."""
    run_sql("personal_numbers.sql", op.get_bind())
    op.create_table(
        "units",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('police', 'military', 'youth', 'women', 'front', 'veterans', 'farmers', 'party', 'government', 'education', 'health', 'other')",
            name="units_kind_choice",
        ),
        sa.CheckConstraint(
            "length(btrim(name)) BETWEEN 1 AND 120 AND name !~ '[[:cntrl:]]' AND NOT has_personal_number(name)",
            name="units_name_text",
        ),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "id", name="units_commune_id_id"),
        sa.UniqueConstraint("commune_id", "name", name="units_name"),
    )
    op.create_table(
        "unit_members",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["commune_id", "unit_id"], ["units.commune_id", "units.id"], name="unit_members_unit"),
        sa.ForeignKeyConstraint(["username"], ["accounts.username"], onupdate="CASCADE", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("username", "unit_id", name="unit_members_username"),
    )
    op.create_table(
        "group_units",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["commune_id", "unit_id"], ["units.commune_id", "units.id"], name="group_units_unit"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("group_id", "from_on", name="group_units_from_on"),
    )
    op.create_table(
        "meetings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('month', 'quarter', 'half_year', 'year', 'campaign')", name="meetings_kind_choice"
        ),
        sa.CheckConstraint(
            "length(btrim(title)) BETWEEN 1 AND 200 AND title !~ '[[:cntrl:]]' AND NOT has_personal_number(title)",
            name="meetings_title_text",
        ),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "id", name="meetings_commune_id_id"),
    )
    op.create_index("meetings_held_on", "meetings", ["commune_id", "held_on"], unique=False)
    op.create_table(
        "tasks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("holder_role", sa.Text(), nullable=True),
        sa.Column("holder_unit_id", sa.BigInteger(), nullable=True),
        sa.Column("responsibility", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("wanted", sa.Numeric(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("feature_layer", sa.Text(), nullable=True),
        sa.Column("feature_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("source", sa.Text(), server_default=sa.text("'manual'"), nullable=False),
        sa.Column("meeting_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_value", sa.Numeric(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column(
            "created_by",
            sa.Text(),
            server_default=sa.text("coalesce(current_setting('app.username', true), '')"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("(source = 'meeting') = (meeting_id IS NOT NULL)", name="tasks_meeting_whole"),
        sa.CheckConstraint("(state = 'cancelled') = (cancel_reason IS NOT NULL)", name="tasks_cancel_reason_required"),
        sa.CheckConstraint(
            "(state = 'done') = (closed_value IS NOT NULL) AND closed_value >= wanted",
            name="tasks_closed_value_reached",
        ),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="tasks_closed_at_whole"),
        sa.CheckConstraint("feature_layer IN ('schools', 'venues')", name="tasks_feature_layer_choice"),
        sa.CheckConstraint(
            "holder_role IN ('admin', 'committee', 'data', 'patrol', 'planner')", name="tasks_holder_role_choice"
        ),
        sa.CheckConstraint("jsonb_typeof(options) = 'object'", name="tasks_options_object"),
        sa.CheckConstraint(
            "length(btrim(cancel_reason)) BETWEEN 1 AND 300 AND cancel_reason !~ '[[:cntrl:]]' AND NOT has_personal_number(cancel_reason)",
            name="tasks_cancel_reason_text",
        ),
        sa.CheckConstraint(
            "length(btrim(responsibility)) BETWEEN 1 AND 300 AND responsibility !~ '[[:cntrl:]]' AND NOT has_personal_number(responsibility)",
            name="tasks_responsibility_text",
        ),
        sa.CheckConstraint(
            "length(btrim(title)) BETWEEN 1 AND 200 AND title !~ '[[:cntrl:]]' AND NOT has_personal_number(title)",
            name="tasks_title_text",
        ),
        sa.CheckConstraint("measure ~ '^[a-z_]{1,40}$'", name="tasks_measure_text"),
        sa.CheckConstraint("source IN ('meeting', 'report', 'gap', 'group', 'manual')", name="tasks_source_choice"),
        sa.CheckConstraint("state IN ('open', 'done', 'cancelled')", name="tasks_state_choice"),
        sa.CheckConstraint("(feature_layer IS NULL) = (feature_id IS NULL)", name="tasks_feature_whole"),
        sa.CheckConstraint("num_nonnulls(holder_role, holder_unit_id) = 1", name="tasks_holder_required"),
        sa.CheckConstraint("wanted > 0 AND wanted <= 1000000", name="tasks_wanted_range"),
        sa.ForeignKeyConstraint(["commune_id", "holder_unit_id"], ["units.commune_id", "units.id"], name="tasks_unit"),
        sa.ForeignKeyConstraint(
            ["commune_id", "meeting_id"], ["meetings.commune_id", "meetings.id"], name="tasks_meeting"
        ),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "id", name="tasks_commune_id_id"),
    )
    op.create_index("tasks_due_on", "tasks", ["commune_id", "state", "due_on"], unique=False)
    op.create_index("tasks_group_id", "tasks", ["group_id"], unique=False)
    op.create_table(
        "comments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "role", sa.Text(), server_default=sa.text("coalesce(current_setting('app.role', true), '')"), nullable=False
        ),
        sa.Column(
            "created_by",
            sa.Text(),
            server_default=sa.text("coalesce(current_setting('app.username', true), '')"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "length(btrim(body)) BETWEEN 1 AND 1000 AND replace(body, E'\\n', ' ') !~ '[[:cntrl:]]' AND NOT has_personal_number(body)",
            name="comments_body_text",
        ),
        sa.CheckConstraint("num_nonnulls(group_id, task_id) = 1", name="comments_subject_required"),
        sa.ForeignKeyConstraint(["commune_id", "task_id"], ["tasks.commune_id", "tasks.id"], name="comments_task"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("comments_group_id", "comments", ["group_id"], unique=False)
    op.create_index("comments_task_id", "comments", ["task_id"], unique=False)
    op.create_table(
        "reminders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column(
            "created_by",
            sa.Text(),
            server_default=sa.text("coalesce(current_setting('app.username', true), '')"),
            nullable=False,
        ),
        sa.CheckConstraint("num_nonnulls(group_id, task_id) = 1", name="reminders_subject_required"),
        sa.ForeignKeyConstraint(["commune_id", "task_id"], ["tasks.commune_id", "tasks.id"], name="reminders_task"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("group_id", "on_day", name="reminders_group"),
        sa.UniqueConstraint("task_id", "on_day", name="reminders_task_day"),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column(
            "created_by",
            sa.Text(),
            server_default=sa.text("coalesce(current_setting('app.username', true), '')"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind <> 'instruction' OR body IS NOT NULL", name="notices_body_required"),
        sa.CheckConstraint(
            "kind IN ('task_given', 'task_changed', 'task_cancelled', 'reminder', 'instruction', 'proposal_decided')",
            name="notices_kind_choice",
        ),
        sa.CheckConstraint(
            "length(btrim(body)) BETWEEN 1 AND 500 AND body !~ '[[:cntrl:]]' AND NOT has_personal_number(body)",
            name="notices_body_text",
        ),
        sa.CheckConstraint("num_nonnulls(role, unit_id) = 1", name="notices_to_required"),
        sa.ForeignKeyConstraint(["commune_id", "task_id"], ["tasks.commune_id", "tasks.id"], name="notices_task"),
        sa.ForeignKeyConstraint(["commune_id", "unit_id"], ["units.commune_id", "units.id"], name="notices_unit"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("notices_commune_id", "notices", ["commune_id", "id"], unique=False)
    op.create_table(
        "notice_reads",
        sa.Column("notice_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["username"], ["accounts.username"], onupdate="CASCADE", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("notice_id", "username"),
    )
    for name in ("tasks.sql", "task_measures.sql", "notices.sql"):
        run_sql(name, op.get_bind())


def downgrade() -> None:
    """Take back."""
    functions = [f"task_measure_{code}(tasks)" for code in MEASURES]
    functions += [
        "task_value(tasks)",
        "close_task(bigint, integer)",
        "cancel_task(bigint, integer, text)",
        "remind(bigint, bigint)",
        "unit_in_charge(bigint, date)",
        "is_review_overdue(text[], date)",
        "task_stage_rank(text)",
        "present_groups(integer)",
    ]
    for function in functions:
        op.execute(f"DROP FUNCTION {function}")
    for table in TABLES:
        op.drop_table(table)
    for function in (
        "tell_of_task()",
        "place_task()",
        "check_group_commune()",
        "check_member_commune()",
        "audit_shapeless_rows()",
        "acting_units()",
        "acting_commune()",
        "has_personal_number(text)",
    ):
        op.execute(f"DROP FUNCTION {function}")
