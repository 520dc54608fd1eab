"""What the public page reads, and nothing else: releases, their cells, the commune's choices for the page.

The rows are the ledger too: nothing that was released is ever changed or deleted (migrations/sql/public.sql).
"""

import sqlalchemy as sa
from geoalchemy2 import Geometry

from layers import metadata
from layers.base import STORED_SRID

_NOW = sa.func.now()
_COUNTS = "('none', 'few', 'some', 'many')"
_PHONE = "~ '^[0-9][0-9 .+-]{1,18}[0-9]$'"

public_releases = sa.Table(
    "public_releases",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    # Copied: a stranger reads no other table.
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("full_name", sa.Text, nullable=False),
    sa.Column("province_name", sa.Text),
    sa.Column("is_demo", sa.Boolean, nullable=False),
    sa.Column("released_on", sa.Date, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'draft'")),
    sa.Column("has_counts", sa.Boolean, nullable=False),
    sa.Column("total_class", sa.Text),
    # The roadmap's target for the year, of all groups; null where none is entered.
    sa.Column("target_count", sa.Integer),
    sa.Column("target_year", sa.Integer),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.Column("decided_by", sa.Text),
    sa.Column("decided_at", sa.DateTime(timezone=True)),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    # One release a day and commune, for ever: a second with other numbers would tell the difference.
    sa.UniqueConstraint("commune_id", "released_on", name="public_releases_date"),
    sa.UniqueConstraint("id", "commune_id", name="public_releases_of_commune"),
    sa.CheckConstraint("state IN ('draft', 'released', 'withdrawn')", name="public_releases_state_choice"),
    sa.CheckConstraint("to_char(released_on, 'MM-DD') IN ('06-30', '12-31')", name="public_releases_released_on_fixed"),
    sa.CheckConstraint(f"total_class IN {_COUNTS}", name="public_releases_total_class_choice"),
    sa.CheckConstraint("has_counts OR total_class IS NULL", name="public_releases_total_class_whole"),
    sa.CheckConstraint("state = 'draft' OR decided_by IS NOT NULL", name="public_releases_decided_whole"),
)

public_cells = sa.Table(
    "public_cells",
    metadata,
    sa.Column("release_id", sa.BigInteger, primary_key=True, autoincrement=False),
    # A group's number: later releases are compared with it, and no page shows it.
    sa.Column("group_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("commune_id", sa.Integer, nullable=False),
    sa.Column("position", sa.SmallInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    # All three are null for a group of fewer than 50 residents.
    sa.Column("stage", sa.Text),
    sa.Column("lit_class", sa.Text),
    sa.Column("count_class", sa.Text),
    sa.Column("geom", Geometry("MULTIPOLYGON", STORED_SRID, spatial_index=False), nullable=False),
    sa.ForeignKeyConstraint(
        ["release_id", "commune_id"], ["public_releases.id", "public_releases.commune_id"], name="public_cells_release"
    ),
    sa.UniqueConstraint("release_id", "position", name="public_cells_position"),
    sa.CheckConstraint("stage IN ('waiting', 'working', 'achieved')", name="public_cells_stage_choice"),
    sa.CheckConstraint("lit_class IN ('under_25', '25_50', '50_75', 'over_75')", name="public_cells_lit_class_choice"),
    sa.CheckConstraint(f"count_class IN {_COUNTS}", name="public_cells_count_class_choice"),
    sa.CheckConstraint(
        "stage IS NOT NULL OR (lit_class IS NULL AND count_class IS NULL)", name="public_cells_hidden_whole"
    ),
)

public_settings = sa.Table(
    "public_settings",
    metadata,
    # A commune's choices for its public page: its telephones, and whether classes of counts are shown at all.
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), primary_key=True, autoincrement=False),
    sa.Column("commune_phone", sa.Text),
    sa.Column("pc04_phone", sa.Text),
    sa.Column("c04_phone", sa.Text),
    sa.Column("with_counts", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    *(
        sa.CheckConstraint(f"{name} {_PHONE}", name=f"public_settings_{name}_number")
        for name in ("commune_phone", "pc04_phone", "c04_phone")
    ),
)
