"""Siting plans ("kịch bản"): what a planner asks, the devices that were found or put by hand, and the figures."""

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import JSONB

from gis_app.tables.units import named_text
from layers import metadata
from layers.base import STORED_SRID

# draft: never solved; solved: as the solver left it; edited: changed by hand since; assigned: turned into tasks.
STATES = ("draft", "solved", "edited", "assigned")
STATUSES = ("optimal", "time_limit", "stopped", "nothing_coverable", "zero_budget", "no_candidate", "must_infeasible")
# Of those, the ones that end with a plan and a bound on a better one.
SOLVED = ("optimal", "time_limit", "stopped")
# Why what must be cannot be: targets that no affordable device covers, or locked devices that cost too much.
CONFLICTS = ("must", "locked")
KINDS = ("camera", "lamp")
# Layers of which a device becomes a row.
LAYER_OF = {"camera": "cameras", "lamp": "lights"}
_WRITER = sa.text("coalesce(current_setting('app.username', true), '')")
_NOW = sa.func.now()

siting_plans = sa.Table(
    "siting_plans",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    # Checked by gis_app/analysis/siting_settings.py; coordinates in it are EPSG:4326.
    sa.Column("settings", JSONB, nullable=False),
    # Of the settings alone: what was computed from others is made anew.
    sa.Column("settings_version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'draft'")),
    sa.Column("created_by", sa.Text, nullable=False, server_default=_WRITER),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.UniqueConstraint("commune_id", "id", name="siting_plans_commune_id_id"),
    named_text("siting_plans", "name", 120),
    sa.CheckConstraint(
        "jsonb_typeof(settings) = 'object' AND octet_length(settings::text) <= 400000",
        name="siting_plans_settings_text",
    ),
    sa.CheckConstraint(f"state IN {STATES}", name="siting_plans_state_choice"),
)

siting_results = sa.Table(
    "siting_results",
    metadata,
    # What the machine computed, one row a plan; not in the log of what people change.
    sa.Column("plan_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("commune_id", sa.Integer, nullable=False),
    # Of the last solving.
    sa.Column("status", sa.Text),
    sa.Column("objective", sa.Float),
    sa.Column("bound", sa.Float),
    sa.Column("gap_share", sa.Float),
    # [[cost in VND, weight], …] and [[seconds, best, bound], …].
    sa.Column("curve", JSONB, nullable=False, server_default=sa.text("'[]'")),
    sa.Column("history", JSONB, nullable=False, server_default=sa.text("'[]'")),
    sa.Column("marginal", JSONB, nullable=False, server_default=sa.text("'{}'")),
    sa.Column("solved_at", sa.DateTime(timezone=True)),
    # What the bound is of: the plan's settings_version, and {"ground": hash, "fixed": [locked and refused devices]}.
    sa.Column("solved_version", sa.Integer),
    sa.Column("solved_basis", JSONB),
    # Whether the ground and the fixed devices were still those at the last counting.
    sa.Column("bound_holds", sa.Boolean, nullable=False, server_default=sa.false()),
    # With equity: the covered share of the least covered group, and the most that any plan can give it.
    sa.Column("floor", sa.Float),
    sa.Column("floor_bound", sa.Float),
    # Of must_infeasible: why, and [[class, lon, lat], …] of targets that are left out.
    sa.Column("conflict", sa.Text),
    sa.Column("missing", JSONB, nullable=False, server_default=sa.text("'[]'")),
    # Of the devices as they stand now: {"before": …, "after": …, "adds": {device id: what is lost without it}}, as
    # gis_app/analysis/siting_figures.py makes them.
    sa.Column("figures", JSONB),
    sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.ForeignKeyConstraint(
        ["commune_id", "plan_id"],
        ["siting_plans.commune_id", "siting_plans.id"],
        name="siting_results_plan",
        ondelete="CASCADE",
    ),
    sa.CheckConstraint(f"status IN {STATUSES}", name="siting_results_status_choice"),
    sa.CheckConstraint("gap_share >= 0", name="siting_results_gap_share_range"),
    sa.CheckConstraint(f"conflict IN {CONFLICTS}", name="siting_results_conflict_choice"),
    sa.CheckConstraint("floor BETWEEN 0 AND 1 AND floor_bound BETWEEN 0 AND 1", name="siting_results_floor_range"),
)

siting_devices = sa.Table(
    "siting_devices",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, nullable=False),
    sa.Column("plan_id", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("geom", Geometry("POINT", STORED_SRID, spatial_index=False), nullable=False),
    # Of a camera: the middle of the view, degrees clockwise from north.
    sa.Column("azimuth_deg", sa.Float),
    # Name of a model in the plan's settings.
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("cost_vnd", sa.BigInteger, nullable=False),
    sa.Column("year", sa.SmallInteger),
    sa.Column("fund", sa.Text),
    sa.Column("is_locked", sa.Boolean, nullable=False, server_default=sa.false()),
    # Refused: no device of this kind may stand here; it counts in no figure.
    sa.Column("is_forbidden", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("by_hand", sa.Boolean, nullable=False, server_default=sa.false()),
    # Once made real: the proposed row, and the task that ends when it is installed and verified.
    sa.Column("feature_layer", sa.Text),
    sa.Column("feature_id", sa.BigInteger),
    sa.Column("task_id", sa.BigInteger),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.ForeignKeyConstraint(
        ["commune_id", "plan_id"],
        ["siting_plans.commune_id", "siting_plans.id"],
        name="siting_devices_plan",
        ondelete="CASCADE",
    ),
    sa.ForeignKeyConstraint(["commune_id", "task_id"], ["tasks.commune_id", "tasks.id"], name="siting_devices_task"),
    sa.Index("siting_devices_plan_id", "plan_id", "id"),
    sa.CheckConstraint(f"kind IN {KINDS}", name="siting_devices_kind_choice"),
    # A NaN is above every number, so the bounds keep it out.
    sa.CheckConstraint("azimuth_deg >= 0 AND azimuth_deg < 360", name="siting_devices_azimuth_deg_range"),
    sa.CheckConstraint("(kind = 'camera') = (azimuth_deg IS NOT NULL)", name="siting_devices_azimuth_deg_whole"),
    sa.CheckConstraint(
        "ST_X(geom) BETWEEN 102 AND 118 AND ST_Y(geom) BETWEEN 6 AND 24", name="siting_devices_geom_sane"
    ),
    sa.CheckConstraint("cost_vnd BETWEEN 0 AND 1000000000000", name="siting_devices_cost_vnd_range"),
    sa.CheckConstraint("year BETWEEN 2000 AND 2200", name="siting_devices_year_range"),
    sa.CheckConstraint(
        "length(model) <= 60 AND length(fund) <= 80 AND model !~ '[[:cntrl:]]' AND fund !~ '[[:cntrl:]]'",
        name="siting_devices_model_text",
    ),
    sa.CheckConstraint("NOT (is_locked AND is_forbidden)", name="siting_devices_is_locked_whole"),
    sa.CheckConstraint("(feature_layer IS NULL) = (feature_id IS NULL)", name="siting_devices_feature_whole"),
    sa.CheckConstraint("feature_layer IN ('cameras', 'lights')", name="siting_devices_feature_layer_choice"),
)
