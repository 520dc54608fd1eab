"""Imports: what was brought, how it was read, what became of it; and the pieces of the file and of its report."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from layers import metadata

# new: to be read; refused: the file as a whole cannot be; read: encoding and coordinates are to be chosen;
# placed: columns are; checked: every row was looked at, nothing is stored.
STATES = ("new", "refused", "read", "placed", "checked", "applied", "undone")
PART_KINDS = ("file", "faults")
MAX_PART_BYTES = 1024 * 1024
# The name of an OpenStreetMap extract, which fills several layers.
OSM = "osm"
# So begins a key that the import made for a row without one.
MADE_KEY = "auto-"
_WRITER = sa.text("coalesce(current_setting('app.username', true), '')")
_NOW = sa.func.now()

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    # A layer's name, or OSM.
    sa.Column("layer", sa.Text, nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("byte_count", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'new'")),
    # What the person chose: encoding, EPSG code, axis order, columns, units, values.
    sa.Column("options", JSONB, nullable=False, server_default=sa.text("'{}'")),
    # What reading found: samples of cells and places (in the file's own coordinates), guesses and their reasons.
    sa.Column("found", JSONB),
    # What checking found: counts, the first faults, near neighbours, the first changes.
    sa.Column("report", JSONB),
    sa.Column("created_by", sa.Text, nullable=False, server_default=_WRITER),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    # The audit's entries of the rows that it wrote carry the same moment and the same person.
    sa.Column("applied_at", sa.DateTime(timezone=True)),
    sa.Column("applied_by", sa.Text),
    sa.Column("undone_at", sa.DateTime(timezone=True)),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.UniqueConstraint("commune_id", "id", name="imports_commune_id_id"),
    sa.Index("imports_commune_id", "commune_id", "id"),
    sa.CheckConstraint(f"state IN {STATES}", name="imports_state_choice"),
    sa.CheckConstraint(
        "length(file_name) BETWEEN 1 AND 120 AND file_name !~ '[[:cntrl:]]' AND length(layer) <= 60",
        name="imports_file_name_text",
    ),
    sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="imports_sha256_text"),
    sa.CheckConstraint("byte_count BETWEEN 0 AND 104857600", name="imports_byte_count_range"),
    sa.CheckConstraint(
        "octet_length(options::text) <= 200000 AND octet_length(found::text) <= 2000000 "
        "AND octet_length(report::text) <= 2000000",
        name="imports_options_text",
    ),
    sa.CheckConstraint(
        "(applied_at IS NOT NULL) = (state IN ('applied', 'undone')) AND (undone_at IS NOT NULL) = (state = 'undone') "
        "AND (applied_by IS NULL) = (applied_at IS NULL)",
        name="imports_applied_whole",
    ),
)

import_parts = sa.Table(
    "import_parts",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, nullable=False),
    sa.Column("import_id", sa.BigInteger, nullable=False),
    # file: the upload's bytes, until it is applied; faults: all of them, compressed lines of JSON.
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("import_id", "kind", "number", name="import_parts_number"),
    sa.ForeignKeyConstraint(
        ["commune_id", "import_id"],
        ["imports.commune_id", "imports.id"],
        name="import_parts_import",
        ondelete="CASCADE",
    ),
    sa.CheckConstraint(f"kind IN {PART_KINDS}", name="import_parts_kind_choice"),
    sa.CheckConstraint(f"octet_length(content) <= {MAX_PART_BYTES}", name="import_parts_content_range"),
)
