"""Campaigns ("đợt cao điểm"): a name, the days, and what of the indicators is to be reached by the last one."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from gis_app.tables.units import named_text
from layers import metadata

MOST_DAYS = 366

campaigns = sa.Table(
    "campaigns",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date, nullable=False),
    # Code of an indicator (gis_app/analysis/indicators.py) -> per cent to reach.
    sa.Column("targets", JSONB, nullable=False, server_default=sa.text("'{}'")),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.UniqueConstraint("commune_id", "name", name="campaigns_commune_id_name"),
    named_text("campaigns", "name", 120),
    sa.CheckConstraint(
        f"ends_on >= starts_on AND ends_on - starts_on < {MOST_DAYS} AND starts_on >= '2020-01-01'",
        name="campaigns_ends_on_range",
    ),
    sa.CheckConstraint(
        "jsonb_typeof(targets) = 'object' AND octet_length(targets::text) <= 2000", name="campaigns_targets_text"
    ),
)
