"""Derived: views of cameras, lit areas, figures of coverage square by square, their history, and what to compute anew.

Written by the computation alone (role `system` within a commune); people read them. Settings are what people choose.
"""

from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import ARRAY

from layers import metadata
from layers.base import STORED_SRID

# As gis_app/analysis/coverage.py has them, which knows no tables; a test holds both together.
LEVELS = ("detect", "observe", "recognise", "identify")
COLUMN_COUNT = 27

# Who reads a figure: hotspots count exactly for police roles, on their street for planners, and for nobody else.
AUDIENCES = "'staff', 'police', 'planner'"


def _commune() -> sa.Column[Any]:
    return sa.Column(
        "commune_id",
        sa.Integer,
        sa.ForeignKey("communes.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )


def _device(name: str) -> list[sa.Column[Any]]:
    """What both kinds of devices have. No reference: the area of a device that is gone says what to compute anew."""
    return [
        _commune(),
        sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False),
        # Of the device's row when this was derived.
        sa.Column("version", sa.Integer, nullable=False),
        # 0 does not count, 1 stands, 2 works, 3 is verified as well.
        sa.Column("rank", sa.SmallInteger, nullable=False),
        # Codes of what was assumed where the row says nothing: ptz, direction, fov, range, pixels, radius.
        sa.Column("assumed", ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
        # Why it does not count.
        sa.Column("reason", sa.Text),
    ]


camera_views = sa.Table(
    "camera_views",
    metadata,
    *_device("camera_id"),
    sa.Column("level", sa.Text, primary_key=True),
    sa.Column("has_infrared", sa.Boolean, nullable=False, server_default=sa.false()),
    # As it was counted, in degrees and metres.
    sa.Column("azimuth_deg", sa.Float),
    sa.Column("fov_deg", sa.Float),
    sa.Column("range_m", sa.Float),
    sa.Column("geom", Geometry("POLYGON", STORED_SRID, spatial_index=False)),
    # The box within which a building changes the view.
    sa.Column("reach", Geometry("POLYGON", STORED_SRID, spatial_index=False)),
    sa.CheckConstraint("level IN ('detect', 'observe', 'recognise', 'identify')", name="camera_views_level_choice"),
    sa.CheckConstraint("rank BETWEEN 0 AND 3", name="camera_views_rank_range"),
)

light_areas = sa.Table(
    "light_areas",
    metadata,
    *_device("light_id"),
    sa.Column("radius_m", sa.Float),
    # Only where buildings cut the circle.
    sa.Column("geom", Geometry("POLYGON", STORED_SRID, spatial_index=False)),
    sa.Column("reach", Geometry("POLYGON", STORED_SRID, spatial_index=False)),
    sa.CheckConstraint("rank BETWEEN 0 AND 3", name="light_areas_rank_range"),
)

# Classes of places whose coverage is figured; a commune leaves out those that it need not cover.
PLACE_KINDS = (
    "key_route", "hotspot", "school", "gateway", "venue", "office", "market", "industrial_zone", "worker_housing",
    "tip_box",
)  # fmt: skip
_LISTED = ", ".join(f"'{kind}'" for kind in PLACE_KINDS)
_KINDS = f"'commune', 'group', 'group_street', 'street', {_LISTED}"

coverage_figures = sa.Table(
    "coverage_figures",
    metadata,
    _commune(),
    # The part of a unit that lies in one square of 256 m: a change computes its squares anew, and no more.
    sa.Column("cell", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    # Id of the row, or the name of a street.
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("audience", sa.Text, primary_key=True, server_default=sa.text("'staff'")),
    # Square metres, metres, or weight; and as much of it as is covered, in the order of analysis/coverage.py.
    sa.Column("total", sa.Float, nullable=False),
    sa.Column("covered", ARRAY(sa.Float), nullable=False),
    sa.CheckConstraint(f"kind IN ({_KINDS})", name="coverage_figures_kind_choice"),
    sa.CheckConstraint(f"audience IN ({AUDIENCES})", name="coverage_figures_audience_choice"),
    sa.CheckConstraint("(kind = 'hotspot') = (audience <> 'staff')", name="coverage_figures_audience_rule"),
)

coverage_days = sa.Table(
    "coverage_days",
    metadata,
    _commune(),
    # What held from this day on, until the unit's next row; NULL: the unit is gone.
    sa.Column("day_on", sa.Date, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("total", sa.Float),
    sa.Column("covered", ARRAY(sa.Float)),
    # Hotspots have no history here: where they were is nobody's business once they are gone.
    sa.CheckConstraint(f"kind IN ({_KINDS}) AND kind <> 'hotspot'", name="coverage_days_kind_choice"),
)

coverage_dirty = sa.Table(
    "coverage_dirty",
    metadata,
    # One box a statement, written by the trigger coverage_changed; deleted by the computation that took it.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id", ondelete="CASCADE"), nullable=False),
    sa.Column("layer", sa.Text, nullable=False),
    sa.Column("box", Geometry("POLYGON", STORED_SRID, spatial_index=False), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    sa.Index("coverage_dirty_commune_id", "commune_id", "id"),
)

coverage_states = sa.Table(
    "coverage_states",
    metadata,
    _commune(),
    # The day in Vietnam for which devices count as verified, and when it was computed.
    sa.Column("computed_on", sa.Date, nullable=False),
    sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
    # With which setting.
    sa.Column("lights_blocked", sa.Boolean, nullable=False, server_default=sa.false()),
)

coverage_settings = sa.Table(
    "coverage_settings",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id", ondelete="CASCADE"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    # Whether buildings stand in the way of lamps.
    sa.Column("lights_blocked", sa.Boolean, nullable=False, server_default=sa.false()),
    # Classes of places that this commune need not cover; by default it has none.
    sa.Column("left_out", ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
    sa.CheckConstraint(f"left_out <@ ARRAY[{_LISTED}]", name="coverage_settings_left_out_choice"),
    sa.UniqueConstraint("commune_id", name="coverage_settings_commune_id"),
)

sa.Index("camera_views_geom_gist", camera_views.c.geom, postgresql_using="gist")
sa.Index("camera_views_reach_gist", camera_views.c.reach, postgresql_using="gist")
sa.Index("light_areas_reach_gist", light_areas.c.reach, postgresql_using="gist")
