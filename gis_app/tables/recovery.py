"""Recovery codes: what signs a person in once when the phone with the authenticator app is lost."""

import sqlalchemy as sa

from layers import metadata

recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    # A used one is deleted; the first character of a code is its position, so one hash is compared, not ten.
    sa.Column("account_id", sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    sa.Column("position", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("code_hash", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.CheckConstraint("position BETWEEN 0 AND 9", name="recovery_codes_position_range"),
)
