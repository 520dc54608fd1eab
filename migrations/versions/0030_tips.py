"""Residents' tips about places, their messages, and the choice of each commune to take them."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

from migrations.helpers import run_sql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_TASK_SOURCES = ("meeting", "report", "gap", "group", "manual", "patrol")
_FUNCTIONS = (
    "submit_tip(bigint, integer, text, text, bigint, bigint, float8, float8, text, text, bytea, bytea, text, boolean, "
    "integer, integer)",
    "answer_tip(text, bigint, bytea, integer)",
    "tip_communes(text)",
    "tip_box(integer, text, bigint)",
    "tip_groups(integer)",
    "tip_streets(integer, bigint)",
    "tip_landmarks(integer, bigint)",
    "tip_map(integer, bigint)",
    "tip_of_receipt(text)",
    "messages_of_receipt(text)",
    "missed_tips()",
    "delete_old_tips(integer)",
    "count_tip(integer, text)",
    "is_tip_open(integer)",
    "half_day()",
    "hush()",
    "keep_tip()",
    "audit_tip()",
    "is_tip_officer()",
    "task_measure_tip_handled(tasks)",
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "tips",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("precision", sa.Text(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("road_id", sa.BigInteger(), nullable=True),
        sa.Column("geom", Geometry("POINT", 4326, spatial_index=False), nullable=False),
        sa.Column("device_layer", sa.Text(), nullable=True),
        sa.Column("device_id", sa.BigInteger(), nullable=True),
        sa.Column("body", postgresql.BYTEA(), nullable=False),
        sa.Column("photo", postgresql.BYTEA(), nullable=True),
        sa.Column("shared", postgresql.BYTEA(), nullable=True),
        sa.Column("receipt_hash", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_held", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'new'"), nullable=False),
        sa.Column("verifying_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("duplicate_of", sa.BigInteger(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("channel_note", sa.Text(), nullable=True),
        sa.Column("handed_on", sa.Date(), nullable=True),
        sa.Column("hotspot_id", sa.BigInteger(), nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("report_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("octet_length(body) <= 8192 AND octet_length(shared) <= 8192", name="tips_body_size"),
        sa.CheckConstraint(
            "channel IN ('investigators', 'province_police', 'border_guard', 'committee')", name="tips_channel_choice"
        ),
        sa.CheckConstraint(
            "length(btrim(channel_note)) BETWEEN 1 AND 200 AND channel_note !~ '[[:cntrl:]]' AND NOT has_personal_number(channel_note)",
            name="tips_channel_note_text",
        ),
        sa.CheckConstraint("(channel IS NULL) = (handed_on IS NULL)", name="tips_channel_whole"),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_on IS NOT NULL) AND (closed_on IS NULL) = (outcome IS NULL)",
            name="tips_closed_on_whole",
        ),
        sa.CheckConstraint("device_layer IN ('lights', 'cameras')", name="tips_device_layer_choice"),
        sa.CheckConstraint("(device_layer IS NULL) = (device_id IS NULL)", name="tips_device_whole"),
        sa.CheckConstraint(
            "ST_X(geom) = round(ST_X(geom)::numeric, 4)::float8 AND ST_Y(geom) = round(ST_Y(geom)::numeric, 4)::float8",
            name="tips_geom_coarse",
        ),
        sa.CheckConstraint("ST_X(geom) BETWEEN 102 AND 118 AND ST_Y(geom) BETWEEN 6 AND 24", name="tips_geom_sane"),
        sa.CheckConstraint("NOT is_held OR state = 'new'", name="tips_is_held_new"),
        sa.CheckConstraint("outcome <> 'passed_on' OR channel IS NOT NULL", name="tips_outcome_channel"),
        sa.CheckConstraint(
            "outcome IN ('confirmed', 'unfounded', 'passed_on', 'duplicate', 'abuse')", name="tips_outcome_choice"
        ),
        sa.CheckConstraint("octet_length(photo) <= 4000000", name="tips_photo_size"),
        sa.CheckConstraint("precision IN ('group', 'street', 'point')", name="tips_precision_choice"),
        sa.CheckConstraint("receipt_hash ~ '^[0-9a-f]{64}$'", name="tips_receipt_hash_hex"),
        sa.CheckConstraint(
            "date_trunc('hour', received_at) = received_at AND extract(hour FROM received_at AT TIME ZONE 'Asia/Ho_Chi_Minh') IN (0, 12)",
            name="tips_received_at_coarse",
        ),
        sa.CheckConstraint("state IN ('new', 'verifying', 'handling', 'closed')", name="tips_state_choice"),
        sa.CheckConstraint(
            "subject IN ('light_out', 'camera_out', 'dark_street', 'gathering', 'syringes', 'suspicious', 'other')",
            name="tips_subject_choice",
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["road_id"], ["roads.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["hotspot_id"], ["hotspots.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"]),
        sa.ForeignKeyConstraint(["duplicate_of"], ["tips.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "id", name="tips_commune_id_id"),
        sa.UniqueConstraint("receipt_hash", name="tips_receipt_hash"),
    )
    op.create_index("tips_closed_on", "tips", ["closed_on"], unique=False)
    op.create_index("tips_group_id", "tips", ["group_id"], unique=False)
    op.create_index("tips_road_id", "tips", ["road_id"], unique=False)
    op.create_index("tips_state", "tips", ["commune_id", "state"], unique=False)
    op.create_table(
        "tip_messages",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("tip_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("is_officer", sa.Boolean(), nullable=False),
        sa.Column("body", postgresql.BYTEA(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.CheckConstraint("octet_length(body) <= 8192", name="tip_messages_body_size"),
        sa.CheckConstraint("position BETWEEN 1 AND 40", name="tip_messages_position_range"),
        sa.ForeignKeyConstraint(
            ["commune_id", "tip_id"], ["tips.commune_id", "tips.id"], name="tip_messages_tip", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tip_id", "position", name="tip_messages_tip_id_position"),
    )
    op.create_table(
        "tip_settings",
        sa.Column("commune_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_open", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"]),
        sa.PrimaryKeyConstraint("commune_id"),
    )
    op.create_table(
        "tip_loads",
        sa.Column("scope", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('sent', 'answered', 'missed')", name="tip_loads_kind_choice"),
        sa.PrimaryKeyConstraint("scope", "kind"),
        prefixes=["UNLOGGED"],
    )
    op.drop_constraint("tasks_source_choice", "tasks", type_="check")
    op.create_check_constraint("tasks_source_choice", "tasks", f"source IN {(*_TASK_SOURCES, 'tip')}")
    run_sql("tips.sql", op.get_bind())


def downgrade() -> None:
    """Take back."""
    op.execute("DROP VIEW tips_coarse")
    for table in ("tip_loads", "tip_settings", "tip_messages", "tips"):
        op.drop_table(table)
    for function in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.execute("UPDATE tasks SET source = 'manual' WHERE source = 'tip'")
    op.drop_constraint("tasks_source_choice", "tasks", type_="check")
    op.create_check_constraint("tasks_source_choice", "tasks", f"source IN {_TASK_SOURCES}")
