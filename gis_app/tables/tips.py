"""Residents' tips about places. What a person wrote is here as ciphertext alone; of the receipt, a hash.

Nobody's address, device or browser, and no exact time: moments are cut to the half day, ids are random, and
migrations/sql/tips.sql alone writes.
"""

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import BYTEA

from layers import metadata
from layers.base import STORED_SRID

# Those of place_reports: a verified tip may become one.
SUBJECTS = ("light_out", "camera_out", "dark_street", "gathering", "syringes", "suspicious", "other")
PRECISIONS = ("group", "cell", "street", "point")
# Width of a cell, which a commune chooses: 0.0025 or 0.005 degrees.
CELLS_M = (250, 500)
STATES = ("new", "verifying", "handling", "closed")
OUTCOMES = ("confirmed", "unfounded", "passed_on", "duplicate", "abuse")
CHANNELS = ("investigators", "province_police", "border_guard", "committee")
DEVICES = ("lights", "cameras")
# Kept after closing; what nobody closed, from the day of sending: the four months that the law gives at most to verify
# (Criminal Procedure Code 2015, Art. 147: 20 days, prolonged to two months, once more by two), and the same 90 days.
KEPT_DAYS, OPEN_DAYS = 90, 210
# So many days before that, officers are warned.
WARN_DAYS = 30
LONGEST_TEXT = 500
# The start of the half day in Vietnam: 00:00 or 12:00.
_HALF_DAY = "date_trunc('hour', {0}) = {0} AND extract(hour FROM {0} AT TIME ZONE 'Asia/Ho_Chi_Minh') IN (0, 12)"
_NOTE = "length(btrim({0})) BETWEEN 1 AND {1} AND {0} !~ '[[:cntrl:]]' AND NOT has_personal_number({0})"

tips = sa.Table(
    "tips",
    metadata,
    # Random, so that it tells no order.
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("precision", sa.Text, nullable=False),
    sa.Column("group_id", sa.BigInteger, sa.ForeignKey("groups.id", ondelete="SET NULL")),
    # The street segment, never the tap.
    sa.Column("road_id", sa.BigInteger, sa.ForeignKey("roads.id", ondelete="SET NULL")),
    # The middle of the group, cell or segment; a point to about ten metres.
    sa.Column("geom", Geometry("POINT", STORED_SRID, spatial_index=False), nullable=False),
    sa.Column("device_layer", sa.Text),
    sa.Column("device_id", sa.BigInteger),
    # Ciphertext (gis_app/jobs/tip_box.py): text, photo, what other roles may read of it.
    sa.Column("body", BYTEA, nullable=False),
    sa.Column("photo", BYTEA),
    sa.Column("shared", BYTEA),
    sa.Column("receipt_hash", sa.Text, nullable=False),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    # Came in a flood, or filled in what no person sees: an officer lets it in or deletes it.
    sa.Column("is_held", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'new'")),
    sa.Column("verifying_on", sa.Date),
    sa.Column("closed_on", sa.Date),
    sa.Column("outcome", sa.Text),
    sa.Column("duplicate_of", sa.BigInteger, sa.ForeignKey("tips.id", ondelete="SET NULL")),
    # The legal channel that it was handed to.
    sa.Column("channel", sa.Text),
    sa.Column("channel_note", sa.Text),
    sa.Column("handed_on", sa.Date),
    # What was made of it.
    sa.Column("hotspot_id", sa.BigInteger, sa.ForeignKey("hotspots.id", ondelete="SET NULL")),
    sa.Column("task_id", sa.BigInteger, sa.ForeignKey("tasks.id", ondelete="SET NULL")),
    sa.Column("report_id", sa.BigInteger),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.UniqueConstraint("receipt_hash", name="tips_receipt_hash"),
    sa.UniqueConstraint("commune_id", "id", name="tips_commune_id_id"),
    sa.Index("tips_state", "commune_id", "state"),
    sa.Index("tips_closed_on", "closed_on"),
    sa.Index("tips_group_id", "group_id"),
    sa.Index("tips_road_id", "road_id"),
    sa.Index("tips_alike", "commune_id", "subject", "group_id", "precision"),
    sa.Index("tips_geom_gist", "geom", postgresql_using="gist"),
    sa.Index("tips_is_held", "commune_id", postgresql_where=sa.text("is_held")),
    sa.CheckConstraint(f"subject IN {SUBJECTS}", name="tips_subject_choice"),
    sa.CheckConstraint(f"precision IN {PRECISIONS}", name="tips_precision_choice"),
    sa.CheckConstraint(
        "precision <> 'cell' OR (road_id IS NULL AND mod(ST_X(geom)::numeric, 0.0025) = 0"
        " AND mod(ST_Y(geom)::numeric, 0.0025) = 0)",
        name="tips_precision_cell",
    ),
    sa.CheckConstraint(f"device_layer IN {DEVICES}", name="tips_device_layer_choice"),
    sa.CheckConstraint("(device_layer IS NULL) = (device_id IS NULL)", name="tips_device_whole"),
    sa.CheckConstraint("ST_X(geom) BETWEEN 102 AND 118 AND ST_Y(geom) BETWEEN 6 AND 24", name="tips_geom_sane"),
    sa.CheckConstraint(
        "ST_X(geom) = round(ST_X(geom)::numeric, 4)::float8 AND ST_Y(geom) = round(ST_Y(geom)::numeric, 4)::float8",
        name="tips_geom_coarse",
    ),
    sa.CheckConstraint(_HALF_DAY.format("received_at"), name="tips_received_at_coarse"),
    sa.CheckConstraint("receipt_hash ~ '^[0-9a-f]{64}$'", name="tips_receipt_hash_hex"),
    sa.CheckConstraint(f"state IN {STATES}", name="tips_state_choice"),
    sa.CheckConstraint(f"outcome IN {OUTCOMES}", name="tips_outcome_choice"),
    sa.CheckConstraint(
        "(state = 'closed') = (closed_on IS NOT NULL) AND (closed_on IS NULL) = (outcome IS NULL)",
        name="tips_closed_on_whole",
    ),
    sa.CheckConstraint("NOT is_held OR state = 'new'", name="tips_is_held_new"),
    sa.CheckConstraint(f"channel IN {CHANNELS}", name="tips_channel_choice"),
    sa.CheckConstraint("(channel IS NULL) = (handed_on IS NULL)", name="tips_channel_whole"),
    sa.CheckConstraint(_NOTE.format("channel_note", 200), name="tips_channel_note_text"),
    sa.CheckConstraint("outcome <> 'passed_on' OR channel IS NOT NULL", name="tips_outcome_channel"),
    sa.CheckConstraint("octet_length(body) <= 8192 AND octet_length(shared) <= 8192", name="tips_body_size"),
    sa.CheckConstraint("octet_length(photo) <= 4000000", name="tips_photo_size"),
)

tip_messages = sa.Table(
    "tip_messages",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("commune_id", sa.Integer, nullable=False),
    sa.Column("tip_id", sa.BigInteger, nullable=False),
    # Their order; a moment would tell when somebody looked.
    sa.Column("position", sa.SmallInteger, nullable=False),
    sa.Column("is_officer", sa.Boolean, nullable=False),
    sa.Column("body", BYTEA, nullable=False),
    sa.Column("sent_on", sa.Date, nullable=False),
    sa.ForeignKeyConstraint(
        ["commune_id", "tip_id"], ["tips.commune_id", "tips.id"], name="tip_messages_tip", ondelete="CASCADE"
    ),
    sa.UniqueConstraint("tip_id", "position", name="tip_messages_tip_id_position"),
    sa.CheckConstraint("position BETWEEN 1 AND 40", name="tip_messages_position_range"),
    sa.CheckConstraint("octet_length(body) <= 8192", name="tip_messages_body_size"),
)

tip_settings = sa.Table(
    "tip_settings",
    metadata,
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), primary_key=True, autoincrement=False),
    sa.Column("is_open", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("cell_m", sa.SmallInteger, nullable=False, server_default=sa.text("250")),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.CheckConstraint(f"cell_m IN {CELLS_M}", name="tip_settings_cell_m_choice"),
)

tip_loads = sa.Table(
    "tip_loads",
    metadata,
    # How many came in this hour or minute; no hour before stays, nor does the database's log of changes have any.
    sa.Column("scope", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    # box…: of a poster whose word was brought, under an HMAC of its code (jobs/tip_proof.py).
    sa.CheckConstraint(
        "kind IN ('sent', 'asked', 'answered', 'missed') OR kind ~ '^box[0-9a-f]{12}$'", name="tip_loads_kind_choice"
    ),
    prefixes=["UNLOGGED"],
)

tip_marks = sa.Table(
    "tip_marks",
    metadata,
    # Of the forms that were good for a tip: 64 bits of an HMAC of the form's random number, which stands in no tip.
    sa.Column("mark", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("used_on", sa.Date, nullable=False),
    sa.Index("tip_marks_used_on", "used_on"),
    prefixes=["UNLOGGED"],
)
