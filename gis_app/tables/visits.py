"""Visits of stops by teams, and how each team's walk ended. No place of a person is kept."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from layers import metadata

# How a visit was told: the button on the street, the stop's code typed in (from paper too).
METHODS = ("button", "code")
# unclosed: the shift ended by itself and nobody has said why.
REASONS = ("no_time", "no_way", "closed", "called_away", "unsafe", "not_needed", "unclosed")
# all_done, missed (with reasons), unclosed: ended by itself.
OUTCOMES = ("all_done", "missed", "unclosed")
# A device says how far it was in tens of metres, and no more than this.
FARTHEST_M = 2000
LONGEST_STAY_MIN = 720
_NOW = sa.func.clock_timestamp()
_DEVICE_TIME = "device_at BETWEEN '2020-01-01+00' AND '2100-01-01+00'"

patrol_visits = sa.Table(
    "patrol_visits",
    metadata,
    # Written by record_patrol_visit, end_patrol_walk and close_patrol_shifts alone (migrations/sql/visits.sql).
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, nullable=False),
    sa.Column("plan_id", sa.BigInteger, nullable=False),
    sa.Column("stop_id", sa.BigInteger, nullable=False),
    # Made by the device: however often it is sent, one row. None: a missed stop.
    sa.Column("client_id", UUID(as_uuid=True)),
    # By the device's clock, and by the server's.
    sa.Column("device_at", sa.DateTime(timezone=True)),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    # None: the device did not know where it was, as it is off by default.
    sa.Column("is_outside", sa.Boolean),
    sa.Column("distance_m", sa.SmallInteger),
    sa.Column("minutes", sa.SmallInteger),
    sa.Column("method", sa.Text),
    # Why nobody came; None: somebody did.
    sa.Column("reason", sa.Text),
    sa.ForeignKeyConstraint(
        ["commune_id", "plan_id"],
        ["patrol_plans.commune_id", "patrol_plans.id"],
        name="patrol_visits_plan",
        ondelete="CASCADE",
    ),
    sa.ForeignKeyConstraint(
        ["commune_id", "stop_id"],
        ["patrol_stops.commune_id", "patrol_stops.id"],
        name="patrol_visits_stop",
        ondelete="CASCADE",
    ),
    sa.UniqueConstraint("commune_id", "client_id", name="patrol_visits_commune_id_client_id"),
    sa.Index("patrol_visits_plan_id", "commune_id", "plan_id"),
    sa.Index("patrol_visits_missed", "stop_id", unique=True, postgresql_where=sa.text("reason IS NOT NULL")),
    sa.CheckConstraint(f"method IN {METHODS}", name="patrol_visits_method_choice"),
    sa.CheckConstraint(f"reason IN {REASONS}", name="patrol_visits_reason_choice"),
    sa.CheckConstraint(
        "(reason IS NULL) = (client_id IS NOT NULL) AND (reason IS NULL) = (device_at IS NOT NULL) "
        "AND (reason IS NULL) = (method IS NOT NULL) AND (reason IS NULL OR (is_outside IS NULL AND minutes IS NULL))",
        name="patrol_visits_reason_whole",
    ),
    sa.CheckConstraint(_DEVICE_TIME, name="patrol_visits_device_at_range"),
    sa.CheckConstraint(
        f"distance_m IS NULL OR (distance_m BETWEEN 0 AND {FARTHEST_M} AND distance_m % 10 = 0 "
        "AND is_outside IS NOT NULL)",
        name="patrol_visits_distance_m_range",
    ),
    sa.CheckConstraint(f"minutes BETWEEN 0 AND {LONGEST_STAY_MIN}", name="patrol_visits_minutes_range"),
)

patrol_walks = sa.Table(
    "patrol_walks",
    metadata,
    # One row for a team whose walk is over.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, nullable=False),
    sa.Column("plan_id", sa.BigInteger, nullable=False),
    sa.Column("team", sa.SmallInteger, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    # None: it ended by itself.
    sa.Column("device_at", sa.DateTime(timezone=True)),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.ForeignKeyConstraint(
        ["commune_id", "plan_id"],
        ["patrol_plans.commune_id", "patrol_plans.id"],
        name="patrol_walks_plan",
        ondelete="CASCADE",
    ),
    sa.UniqueConstraint("commune_id", "plan_id", "team", name="patrol_walks_plan_id_team"),
    sa.CheckConstraint("team BETWEEN 1 AND 9", name="patrol_walks_team_range"),
    sa.CheckConstraint(f"outcome IN {OUTCOMES}", name="patrol_walks_outcome_choice"),
    sa.CheckConstraint("(outcome = 'unclosed') = (device_at IS NULL)", name="patrol_walks_device_at_whole"),
    sa.CheckConstraint(_DEVICE_TIME, name="patrol_walks_device_at_range"),
)
