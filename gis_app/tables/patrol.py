"""Patrol: weights of stops by version, plans of shifts, their stops and the routes of each alternative."""

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import JSONB

from layers import metadata
from layers.base import STORED_SRID

# draft: may be changed; issued: given to the teams, as it is for ever; done: the shift is over.
STATES = ("draft", "issued", "done")
KINDS = ("hotspot", "school", "venue", "dark", "gateway", "key_route", "explore")
_WRITER = sa.text("coalesce(current_setting('app.username', true), '')")
_NOW = sa.func.now()
_IN_VIETNAM = "ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24"

patrol_weights = sa.Table(
    "patrol_weights",
    metadata,
    # Rows are added and never changed: a plan names the version that its points come from. Version 0 is the program's.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    # Checked by gis_app/analysis/patrol_weights.py.
    sa.Column("weights", JSONB, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False, server_default=_WRITER),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.UniqueConstraint("commune_id", "version", name="patrol_weights_commune_id_version"),
    sa.CheckConstraint("version >= 1", name="patrol_weights_version_range"),
    sa.CheckConstraint(
        "jsonb_typeof(weights) = 'object' AND octet_length(weights::text) <= 20000", name="patrol_weights_weights_text"
    ),
)

patrol_plans = sa.Table(
    "patrol_plans",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    # The day on which it starts, and minutes since it began in Vietnam; past 1440 the end is the next day's.
    sa.Column("shift_on", sa.Date, nullable=False),
    sa.Column("start_min", sa.SmallInteger, nullable=False),
    sa.Column("end_min", sa.SmallInteger, nullable=False),
    # Teams, pinned, dropped and locked stops, avoid areas, seed, iterations: gis_app/analysis/patrol_settings.py.
    sa.Column("settings", JSONB, nullable=False),
    # Of the settings alone: routes of others are out of date.
    sa.Column("settings_version", sa.Integer, nullable=False, server_default=sa.text("1")),
    # Of patrol_weights, or 0.
    sa.Column("weights_version", sa.Integer, nullable=False, server_default=sa.text("0")),
    # Of the last solving: the settings that it used, and figures of the alternatives.
    sa.Column("solved_version", sa.Integer),
    sa.Column("figures", JSONB),
    # Due stops that the list has no room for: [{"class", "group", "days", "limit", "why"}].
    sa.Column("left_due", JSONB, nullable=False, server_default=sa.text("'[]'")),
    # The alternative that is walked, and the seed where it was drawn.
    sa.Column("chosen", sa.SmallInteger),
    sa.Column("draw_seed", sa.BigInteger),
    # Written by issue_patrol_plan and, once every team has ended, end_patrol_walk alone.
    sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'draft'")),
    sa.Column("issued_at", sa.DateTime(timezone=True)),
    sa.Column("created_by", sa.Text, nullable=False, server_default=_WRITER),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.UniqueConstraint("commune_id", "id", name="patrol_plans_commune_id_id"),
    sa.Index("patrol_plans_shift_on", "commune_id", "shift_on"),
    sa.CheckConstraint(
        "start_min >= 0 AND start_min < 1440 AND start_min < end_min AND end_min <= start_min + 720",
        name="patrol_plans_hours_range",
    ),
    sa.CheckConstraint(f"state IN {STATES}", name="patrol_plans_state_choice"),
    sa.CheckConstraint("(state = 'draft') = (issued_at IS NULL)", name="patrol_plans_issued_at_whole"),
    sa.CheckConstraint("chosen BETWEEN 1 AND 9", name="patrol_plans_chosen_range"),
    sa.CheckConstraint(
        "jsonb_typeof(settings) = 'object' AND octet_length(settings::text) <= 200000",
        name="patrol_plans_settings_text",
    ),
    sa.CheckConstraint("octet_length(figures::text) <= 200000", name="patrol_plans_figures_text"),
    sa.CheckConstraint("octet_length(left_due::text) <= 100000", name="patrol_plans_left_due_text"),
)

patrol_stops = sa.Table(
    "patrol_stops",
    metadata,
    # The list that a plan is made from; team, place in its order and arrival are those of the chosen alternative.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, nullable=False),
    sa.Column("plan_id", sa.BigInteger, nullable=False),
    # Layer and id of the place that names the stop, and of all places in it.
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("keys", JSONB, nullable=False, server_default=sa.text("'[]'")),
    sa.Column("kind", sa.Text, nullable=False),
    # Can be typed in from paper; no two stops of a commune have the same.
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("geom", Geometry("POINT", STORED_SRID, spatial_index=False), nullable=False),
    sa.Column("group_name", sa.Text, nullable=False, server_default=sa.text("''")),
    # The sum of the reasons [{"code", "points", "values"}].
    sa.Column("points", sa.Float, nullable=False),
    sa.Column("reasons", JSONB, nullable=False),
    # Minutes, as the shift's, between which service must start.
    sa.Column("open_min", sa.SmallInteger),
    sa.Column("close_min", sa.SmallInteger),
    sa.Column("police_only", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("is_pinned", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("is_dropped", sa.Boolean, nullable=False, server_default=sa.false()),
    # Metres to the street.
    sa.Column("away_m", sa.Float),
    sa.Column("team", sa.SmallInteger),
    sa.Column("position", sa.SmallInteger),
    # Seconds since the shift's start.
    sa.Column("arrive_s", sa.Integer),
    sa.ForeignKeyConstraint(
        ["commune_id", "plan_id"],
        ["patrol_plans.commune_id", "patrol_plans.id"],
        name="patrol_stops_plan",
        ondelete="CASCADE",
    ),
    sa.UniqueConstraint("commune_id", "code", name="patrol_stops_commune_id_code"),
    sa.UniqueConstraint("plan_id", "key", name="patrol_stops_plan_id_key"),
    sa.UniqueConstraint("commune_id", "id", name="patrol_stops_commune_id_id"),
    sa.CheckConstraint(f"kind IN {KINDS}", name="patrol_stops_kind_choice"),
    sa.CheckConstraint("code ~ '^[2-9A-HJKMNP-Z]{6}$'", name="patrol_stops_code_text"),
    sa.CheckConstraint(
        "length(title) <= 160 AND length(key) BETWEEN 1 AND 60 AND length(group_name) <= 120",
        name="patrol_stops_title_text",
    ),
    sa.CheckConstraint("octet_length(reasons::text) <= 10000", name="patrol_stops_reasons_text"),
    sa.CheckConstraint(
        "(team IS NULL) = (position IS NULL) AND (team IS NULL) = (arrive_s IS NULL)", name="patrol_stops_team_whole"
    ),
    sa.CheckConstraint(_IN_VIETNAM, name="patrol_stops_geom_sane"),
)

patrol_routes = sa.Table(
    "patrol_routes",
    metadata,
    # One row for each alternative and team.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, nullable=False),
    sa.Column("plan_id", sa.BigInteger, nullable=False),
    sa.Column("alternative", sa.SmallInteger, nullable=False),
    sa.Column("team", sa.SmallInteger, nullable=False),
    sa.Column("geom", Geometry("LINESTRING", STORED_SRID, spatial_index=False), nullable=False),
    # In order: [{"id" (of patrol_stops), "arrive_s", "begin_s"}].
    sa.Column("stops", JSONB, nullable=False),
    sa.Column("duration_s", sa.Float, nullable=False),
    sa.Column("travel_s", sa.Float, nullable=False),
    sa.Column("length_m", sa.Float, nullable=False),
    sa.Column("prize", sa.Float, nullable=False),
    # Share of its metres along streets of the last three shifts.
    sa.Column("shared_share", sa.Float, nullable=False),
    sa.ForeignKeyConstraint(
        ["commune_id", "plan_id"],
        ["patrol_plans.commune_id", "patrol_plans.id"],
        name="patrol_routes_plan",
        ondelete="CASCADE",
    ),
    sa.UniqueConstraint("plan_id", "alternative", "team", name="patrol_routes_plan_id_alternative_team"),
    sa.CheckConstraint("alternative BETWEEN 1 AND 9 AND team BETWEEN 1 AND 9", name="patrol_routes_alternative_range"),
    sa.CheckConstraint(
        "duration_s >= 0 AND travel_s >= 0 AND length_m >= 0 AND prize >= 0 AND shared_share BETWEEN 0 AND 1",
        name="patrol_routes_duration_s_range",
    ),
    sa.CheckConstraint(_IN_VIETNAM, name="patrol_routes_geom_sane"),
)
