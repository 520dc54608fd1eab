"""Visits of patrols, and how each team's walk ended."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.helpers import run_sql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_NOW = sa.text("clock_timestamp()")
_DEVICE_TIME = "device_at BETWEEN '2020-01-01+00' AND '2100-01-01+00'"


def _plan(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["commune_id", "plan_id"], ["patrol_plans.commune_id", "patrol_plans.id"], name=name, ondelete="CASCADE"
    )


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "patrol_visits",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("stop_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", postgresql.UUID(as_uuid=True), nullable=True),
        sa.Column("device_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.Column("is_outside", sa.Boolean(), nullable=True),
        sa.Column("distance_m", sa.SmallInteger(), nullable=True),
        sa.Column("minutes", sa.SmallInteger(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("method IN ('button', 'code')", name="patrol_visits_method_choice"),
        sa.CheckConstraint(
            "reason IN ('no_time', 'no_way', 'closed', 'called_away', 'unsafe', 'not_needed', 'unclosed')",
            name="patrol_visits_reason_choice",
        ),
        sa.CheckConstraint(
            "(reason IS NULL) = (client_id IS NOT NULL) AND (reason IS NULL) = (device_at IS NOT NULL) "
            "AND (reason IS NULL) = (method IS NOT NULL) "
            "AND (reason IS NULL OR (is_outside IS NULL AND minutes IS NULL))",
            name="patrol_visits_reason_whole",
        ),
        sa.CheckConstraint(_DEVICE_TIME, name="patrol_visits_device_at_range"),
        sa.CheckConstraint(
            "distance_m IS NULL OR (distance_m BETWEEN 0 AND 2000 AND distance_m % 10 = 0 AND is_outside IS NOT NULL)",
            name="patrol_visits_distance_m_range",
        ),
        sa.CheckConstraint("minutes BETWEEN 0 AND 720", name="patrol_visits_minutes_range"),
        _plan("patrol_visits_plan"),
        sa.ForeignKeyConstraint(
            ["commune_id", "stop_id"],
            ["patrol_stops.commune_id", "patrol_stops.id"],
            name="patrol_visits_stop",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "client_id", name="patrol_visits_commune_id_client_id"),
    )
    op.create_index("patrol_visits_plan_id", "patrol_visits", ["commune_id", "plan_id"], unique=False)
    op.create_index(
        "patrol_visits_missed", "patrol_visits", ["stop_id"], unique=True,
        postgresql_where=sa.text("reason IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "patrol_walks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("team", sa.SmallInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("device_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.CheckConstraint("team BETWEEN 1 AND 9", name="patrol_walks_team_range"),
        sa.CheckConstraint("outcome IN ('all_done', 'missed', 'unclosed')", name="patrol_walks_outcome_choice"),
        sa.CheckConstraint("(outcome = 'unclosed') = (device_at IS NULL)", name="patrol_walks_device_at_whole"),
        sa.CheckConstraint(_DEVICE_TIME, name="patrol_walks_device_at_range"),
        _plan("patrol_walks_plan"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "plan_id", "team", name="patrol_walks_plan_id_team"),
    )
    run_sql("visits.sql", op.get_bind())


def downgrade() -> None:
    """Take back."""
    op.execute(
        "DROP FUNCTION record_patrol_visit(bigint, bigint, uuid, timestamptz, boolean, integer, integer, text), "
        "end_patrol_walk(bigint, integer, jsonb, timestamptz), close_patrol_shifts(), patrol_closes_at(date, integer)"
    )
    op.drop_table("patrol_walks")
    op.drop_table("patrol_visits")
