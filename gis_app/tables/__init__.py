"""Tables that are not layers. Here those of the system: accounts, sessions, audit, ready-made tiles.

The other modules of this folder hold the tables of one subject each; all are found by name.
"""

import importlib
import pkgutil

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from layers import metadata
from layers.base import STORED_SRID

_NOW = sa.func.now()

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
    sa.Column("username", sa.Text, nullable=False, unique=True),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id")),
    sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("failed_count", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("blocked_until_at", sa.DateTime(timezone=True)),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    # Raised where an administrator changes role or state: what If-Match of the API names.
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.CheckConstraint(
        "role IN ('admin', 'data', 'planner', 'patrol', 'committee', 'supervisor', 'city')", name="accounts_role_choice"
    ),
    # An administrator is of one commune, or of the whole system.
    sa.CheckConstraint("role = 'admin' OR (role = 'city') = (commune_id IS NULL)", name="accounts_commune_rule"),
    sa.CheckConstraint("length(username) <= 80", name="accounts_username_text"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    # A hash of the token: a stolen backup signs nobody in.
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    # Where an administrator has entered a commune.
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id")),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    # What the person's own page calls the session by.
    sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
    sa.Column("device", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.UniqueConstraint("id", name="sessions_id"),
)

second_factors = sa.Table(
    "second_factors",
    metadata,
    sa.Column("account_id", sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    # Under a key that is not in the database: a stolen backup makes no codes.
    sa.Column("secret_encrypted", sa.Text, nullable=False),
    # The last time step whose code was taken: no code is taken twice.
    sa.Column("last_step", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.Column("confirmed_at", sa.DateTime(timezone=True)),
)

access_tokens = sa.Table(
    "access_tokens",
    metadata,
    # What programs sign in with; a hash of the token, as with sessions.
    sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
    sa.Column("token_hash", sa.Text, nullable=False),
    sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    sa.Column("name", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("last_used_at", sa.DateTime(timezone=True)),
    sa.UniqueConstraint("token_hash", name="access_tokens_token_hash"),
    sa.CheckConstraint("scope IN ('read', 'write')", name="access_tokens_scope_choice"),
    sa.CheckConstraint("expires_at <= created_at + interval '367 days'", name="access_tokens_expires_at_range"),
    sa.CheckConstraint("length(name) <= 80 AND name !~ '[[:cntrl:]]'", name="access_tokens_name_text"),
)

invitations = sa.Table(
    "invitations",
    metadata,
    # Open invitations; an accepted one becomes an account and goes.
    sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
    sa.Column("token_hash", sa.Text, nullable=False),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("username", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("invited_by", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.UniqueConstraint("token_hash", name="invitations_token_hash"),
    sa.UniqueConstraint("commune_id", "username", name="invitations_username"),
    sa.CheckConstraint(
        "role IN ('admin', 'data', 'planner', 'patrol', 'committee', 'supervisor')", name="invitations_role_choice"
    ),
    sa.CheckConstraint("username ~ '^[a-z0-9][a-z0-9._-]{2,39}$'", name="invitations_username_text"),
)

audit_entries = sa.Table(
    "audit_entries",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.Column("commune_id", sa.Integer),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("username", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("table_name", sa.Text, nullable=False),
    sa.Column("row_id", sa.BigInteger),
    sa.Column("before", JSONB),
    sa.Column("after", JSONB),
    # Seals cover the hash of salt, before and after. Redaction leaves the hash and takes the rest, so seals still hold
    # and nobody can try contents until one fits.
    sa.Column("salt", sa.Uuid, server_default=sa.text("gen_random_uuid()")),
    sa.Column("digest", sa.Text),
    sa.Column("redacted_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint(
        "redacted_at IS NULL OR (before IS NULL AND after IS NULL AND salt IS NULL AND digest IS NOT NULL)",
        name="audit_entries_redacted_whole",
    ),
    sa.Index("audit_entries_commune_id_at", "commune_id", "at"),
)

audit_seals = sa.Table(
    "audit_seals",
    metadata,
    # A chain: each hash covers the one before and a run of entries, so tampering and deletion show.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("first_id", sa.BigInteger, nullable=False),
    sa.Column("last_id", sa.BigInteger, nullable=False),
    sa.Column("entry_count", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    # 1: the hash covers the contents; 2: it covers their salted hashes.
    sa.Column("scheme", sa.SmallInteger, nullable=False, server_default=sa.text("2")),
    sa.CheckConstraint("scheme IN (1, 2)", name="audit_seals_scheme_choice"),
    sa.UniqueConstraint("first_id", name="audit_seals_first_id"),
)

layer_versions = sa.Table(
    "layer_versions",
    metadata,
    # Bumped by a trigger at every change; part of the key of a ready-made tile and of its ETag.
    sa.Column("commune_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("layer", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    # The nationwide version of one layer sums over all communes.
    sa.Index("layer_versions_layer", "layer"),
)

tile_cache = sa.Table(
    "tile_cache",
    metadata,
    sa.Column("commune_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("tileset", sa.Text, primary_key=True),
    # What the role may read decides the audience: nothing private crosses.
    sa.Column("audience", sa.Text, primary_key=True),
    sa.Column("z", sa.SmallInteger, primary_key=True),
    sa.Column("x", sa.Integer, primary_key=True),
    sa.Column("y", sa.Integer, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("gz", sa.LargeBinary, nullable=False),
)

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    # Kept in the transaction of the write that it stands for: both are there, or neither.
    sa.Column("commune_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("username", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("request_hash", sa.Text, nullable=False),
    sa.Column("status", sa.SmallInteger),
    sa.Column("body", sa.Text),
    sa.Column("etag", sa.Text),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.CheckConstraint("length(key) BETWEEN 8 AND 100", name="idempotency_keys_key_text"),
)

agreements = sa.Table(
    "agreements",
    metadata,
    # Two neighbouring communes share some layers in a strip along their boundary until a day; `a` proposes.
    # The web only reads it; migrations/sql/agreements.sql has the functions that change it.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_a", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("commune_b", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("name_a", sa.Text, nullable=False),
    sa.Column("name_b", sa.Text, nullable=False),
    sa.Column("width_m", sa.Integer, nullable=False),
    sa.Column("layers", ARRAY(sa.Text), nullable=False),
    sa.Column("proposed_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'proposed'")),
    sa.Column("strip", Geometry("MULTIPOLYGON", STORED_SRID, spatial_index=False)),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("approved_by", sa.Text),
    sa.Column("approved_at", sa.DateTime(timezone=True)),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.Index("agreements_commune_a", "commune_a"),
    sa.Index("agreements_commune_b", "commune_b"),
    sa.CheckConstraint("commune_a <> commune_b", name="agreements_two_communes"),
    sa.CheckConstraint("state IN ('proposed', 'approved', 'ended')", name="agreements_state_choice"),
    sa.CheckConstraint("width_m BETWEEN 50 AND 1000", name="agreements_width_m_range"),
    sa.CheckConstraint("cardinality(layers) BETWEEN 1 AND 40", name="agreements_layers_range"),
    sa.CheckConstraint(
        "ends_on BETWEEN proposed_on AND (proposed_on + interval '12 months')::date", name="agreements_ends_on_range"
    ),
    sa.CheckConstraint("approved_by <> proposed_by", name="agreements_two_persons"),
    sa.CheckConstraint(
        "state <> 'approved' OR (strip IS NOT NULL AND approved_by IS NOT NULL)", name="agreements_approved_whole"
    ),
)

commune_grants = sa.Table(
    "commune_grants",
    metadata,
    # What a city account reads: totals of a commune, or with `detail` the commune itself, until a day.
    sa.Column(
        "account_id",
        sa.Integer,
        sa.ForeignKey("accounts.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), primary_key=True, autoincrement=False),
    sa.Column("detail", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("until_on", sa.Date, nullable=False),
)

heartbeats = sa.Table(
    "heartbeats",
    metadata,
    # When a job last ran: the worker's rounds, the daily retention.
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.CheckConstraint("name IN ('worker', 'retention', 'tip_notices')", name="heartbeats_name_choice"),
)

# Migrations and tests ask the metadata for every table, so every module must have been read.
for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
