"""Reports about places: dated events that statistics count. Places and hours, never a person."""

import sqlalchemy as sa
from geoalchemy2 import Geometry

from layers import metadata
from layers.base import STORED_SRID

CATEGORIES = ("dark_street", "light_out", "camera_out", "gathering", "syringes", "suspicious", "other")
# Who told: what a patrol found on its way counts in no statistic (gis_app/analysis/hotspot_stats/events.py).
SOURCES = ("patrol", "police", "meeting", "tip", "file", "phone", "box", "cell")
# What people write down by hand: `tip` and `file` come by themselves.
TOLD_SOURCES = ("phone", "box", "cell", "meeting", "police")
# What the committee hears; the others are the police's own.
HEARD_SOURCES = ("cell", "phone", "box", "meeting")
LONGEST_NOTE = 500
# A report goes two years after its hour: as long as a year can be compared with the one before.
KEPT_DAYS = 730

place_reports = sa.Table(
    "place_reports",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("geom", Geometry("POINT", STORED_SRID, spatial_index=False), nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    # When it was seen, cut to the full hour by the database: more would tell who was where.
    sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("hotspot_id", sa.BigInteger, sa.ForeignKey("hotspots.id", ondelete="SET NULL")),
    sa.Column("note", sa.Text),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    # The last day on which anybody reads it; nobody writes it.
    sa.Column("expires_on", sa.Date, sa.Computed(f"(seen_at AT TIME ZONE 'UTC')::date + {KEPT_DAYS}", persisted=True)),
    sa.Index("place_reports_seen_at", "commune_id", "seen_at"),
    sa.Index("place_reports_hotspot_id", "hotspot_id", postgresql_where=sa.text("hotspot_id IS NOT NULL")),
    sa.CheckConstraint(f"category IN {CATEGORIES}", name="place_reports_category_choice"),
    sa.CheckConstraint(f"source IN {SOURCES}", name="place_reports_source_choice"),
    sa.CheckConstraint(
        "seen_at BETWEEN '2000-01-01+00' AND '2100-01-01+00' AND extract(epoch FROM seen_at) % 3600 = 0",
        name="place_reports_seen_at_range",
    ),
    sa.CheckConstraint(
        f"length(btrim(note)) BETWEEN 1 AND {LONGEST_NOTE} AND note !~ '[[:cntrl:]]' AND NOT has_personal_number(note)",
        name="place_reports_note_text",
    ),
    sa.CheckConstraint(
        "ST_X(geom) BETWEEN 102 AND 118 AND ST_Y(geom) BETWEEN 6 AND 24", name="place_reports_geom_sane"
    ),
)
