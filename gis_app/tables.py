"""Tables that are not layers: accounts, sessions, audit, ready-made tiles."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from layers import metadata

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
    sa.CheckConstraint(
        "role IN ('admin', 'data', 'planner', 'patrol', 'committee', 'supervisor', 'city')", name="accounts_role_choice"
    ),
    sa.CheckConstraint("(role IN ('admin', 'city')) = (commune_id IS NULL)", name="accounts_commune_rule"),
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
    sa.UniqueConstraint("first_id", name="audit_seals_first_id"),
)

layer_versions = sa.Table(
    "layer_versions",
    metadata,
    # Bumped by a trigger at every change; part of the key of a ready-made tile and of its ETag.
    sa.Column("commune_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("layer", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
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
