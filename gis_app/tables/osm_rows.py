"""What OpenStreetMap said last of each row that came from it: so a newer extract leaves local edits alone."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from layers import metadata

osm_rows = sa.Table(
    "osm_rows",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("layer", sa.Text, nullable=False),
    sa.Column("external_id", sa.Text, nullable=False),
    # Column -> value, the geometry as GeoJSON; null: it is in OpenStreetMap no more.
    sa.Column("base", JSONB),
    # The same before the last extract: taking that back returns to it.
    sa.Column("previous", JSONB),
    # When the last extract came that has it.
    sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.UniqueConstraint("commune_id", "layer", "external_id", name="osm_rows_external_id"),
    sa.CheckConstraint("length(layer) <= 60 AND length(external_id) <= 100", name="osm_rows_layer_text"),
)
