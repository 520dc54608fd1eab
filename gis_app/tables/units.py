"""Units that work in a commune (police, youth union …), the accounts that act for them, who is in charge of what."""

import sqlalchemy as sa

from layers import metadata

UNIT_KINDS = ("police", "military", "youth", "women", "front", "veterans", "farmers", "party", "government",
              "education", "health", "other")  # fmt: skip


def named_text(table: str, column: str, longest: int) -> sa.CheckConstraint:
    """Some words, none of them a telephone number or the number of an identity card."""
    rule = (
        f"length(btrim({column})) BETWEEN 1 AND {longest} AND {column} !~ '[[:cntrl:]]' "
        f"AND NOT has_personal_number({column})"
    )
    return sa.CheckConstraint(rule, name=f"{table}_{column}_text")


units = sa.Table(
    "units",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    # A unit is closed, never deleted: its tasks and the groups that it had stay told.
    sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.UniqueConstraint("commune_id", "name", name="units_name"),
    # Rows that name a unit name its commune too, so none can name another commune's.
    sa.UniqueConstraint("commune_id", "id", name="units_commune_id_id"),
    named_text("units", "name", 120),
    sa.CheckConstraint(f"kind IN {UNIT_KINDS}", name="units_kind_choice"),
)

unit_members = sa.Table(
    "unit_members",
    metadata,
    # Which accounts act for a unit: they see its tasks and notices.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, nullable=False),
    sa.Column("unit_id", sa.BigInteger, nullable=False),
    sa.Column(
        "username",
        sa.Text,
        sa.ForeignKey("accounts.username", ondelete="CASCADE", onupdate="CASCADE"),
        nullable=False,
        index=False,
    ),
    sa.ForeignKeyConstraint(["commune_id", "unit_id"], ["units.commune_id", "units.id"], name="unit_members_unit"),
    sa.UniqueConstraint("username", "unit_id", name="unit_members_username"),
)

group_units = sa.Table(
    "group_units",
    metadata,
    # Which unit is in charge of a group from a day on, until a later row of the same group; no unit: nobody.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("group_id", sa.BigInteger, sa.ForeignKey("groups.id", ondelete="CASCADE"), nullable=False),
    sa.Column("unit_id", sa.BigInteger),
    sa.Column("from_on", sa.Date, nullable=False),
    sa.ForeignKeyConstraint(["commune_id", "unit_id"], ["units.commune_id", "units.id"], name="group_units_unit"),
    sa.UniqueConstraint("group_id", "from_on", name="group_units_from_on"),
)
