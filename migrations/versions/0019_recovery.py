"""Recovery codes; tokens by page; audit entries that can be redacted; releases of the public page."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

from migrations.helpers import redaction_statements, run_sql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

COUNTS = "('none', 'few', 'some', 'many')"
REDACTED = "redacted_at IS NULL OR (before IS NULL AND after IS NULL AND salt IS NULL AND digest IS NOT NULL)"


def _recovery() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("position BETWEEN 0 AND 9", name="recovery_codes_position_range"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "position"),
    )
    op.add_column("accounts", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.create_check_constraint(
        "access_tokens_expires_at_range", "access_tokens", "expires_at <= created_at + interval '367 days'"
    )


def _redaction() -> None:
    # Salts of entries there already: one statement, and the old seals do not cover the new columns.
    op.add_column("audit_entries", sa.Column("salt", sa.Uuid(), server_default=sa.text("gen_random_uuid()")))
    op.add_column("audit_entries", sa.Column("digest", sa.Text()))
    op.add_column("audit_entries", sa.Column("redacted_at", sa.DateTime(timezone=True)))
    op.create_check_constraint("audit_entries_redacted_whole", "audit_entries", REDACTED)
    op.add_column("audit_seals", sa.Column("scheme", sa.SmallInteger(), server_default=sa.text("1"), nullable=False))
    op.alter_column("audit_seals", "scheme", server_default=sa.text("2"))
    op.create_check_constraint("audit_seals_scheme_choice", "audit_seals", "scheme IN (1, 2)")


def _public_releases() -> None:
    op.create_table(
        "public_releases",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("province_name", sa.Text(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("has_counts", sa.Boolean(), nullable=False),
        sa.Column("total_class", sa.Text(), nullable=True),
        sa.Column("target_count", sa.Integer(), nullable=True),
        sa.Column("target_year", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'released', 'withdrawn')", name="public_releases_state_choice"),
        sa.CheckConstraint(
            "to_char(released_on, 'MM-DD') IN ('06-30', '12-31')", name="public_releases_released_on_fixed"
        ),
        sa.CheckConstraint(f"total_class IN {COUNTS}", name="public_releases_total_class_choice"),
        sa.CheckConstraint("has_counts OR total_class IS NULL", name="public_releases_total_class_whole"),
        sa.CheckConstraint("state = 'draft' OR decided_by IS NOT NULL", name="public_releases_decided_whole"),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "released_on", name="public_releases_date"),
        sa.UniqueConstraint("id", "commune_id", name="public_releases_of_commune"),
    )


def _public_cells() -> None:
    op.create_table(
        "public_cells",
        sa.Column("release_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("group_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("lit_class", sa.Text(), nullable=True),
        sa.Column("count_class", sa.Text(), nullable=True),
        sa.Column("geom", Geometry("MULTIPOLYGON", 4326, spatial_index=False), nullable=False),
        sa.CheckConstraint("stage IN ('waiting', 'working', 'achieved')", name="public_cells_stage_choice"),
        sa.CheckConstraint(
            "lit_class IN ('under_25', '25_50', '50_75', 'over_75')", name="public_cells_lit_class_choice"
        ),
        sa.CheckConstraint(f"count_class IN {COUNTS}", name="public_cells_count_class_choice"),
        sa.CheckConstraint(
            "stage IS NOT NULL OR (lit_class IS NULL AND count_class IS NULL)", name="public_cells_hidden_whole"
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "commune_id"],
            ["public_releases.id", "public_releases.commune_id"],
            name="public_cells_release",
        ),
        sa.PrimaryKeyConstraint("release_id", "group_id"),
        sa.UniqueConstraint("release_id", "position", name="public_cells_position"),
    )
    phones = ("commune_phone", "pc04_phone", "c04_phone")
    op.create_table(
        "public_settings",
        sa.Column("commune_id", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in phones),
        sa.Column("with_counts", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        *(
            sa.CheckConstraint(f"{name} ~ '^[0-9][0-9 .+-]{{1,18}}[0-9]$'", name=f"public_settings_{name}_number")
            for name in phones
        ),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"]),
        sa.PrimaryKeyConstraint("commune_id"),
    )
    run_sql("public.sql", op.get_bind())


def upgrade() -> None:
    """Apply."""
    _recovery()
    _redaction()
    run_sql("recovery.sql", op.get_bind())
    for statement in redaction_statements("hotspots", "expires_on"):
        op.execute(statement)
    _public_releases()
    _public_cells()


def downgrade() -> None:
    """Take back; seals made since cover what is no longer there, so the chain starts anew."""
    op.execute("DROP FUNCTION decide_public_release(bigint, integer, text)")
    for table in ("public_settings", "public_cells", "public_releases"):
        op.drop_table(table)
    op.execute("DROP FUNCTION keep_public_ledger()")
    op.execute("DROP FUNCTION redact_gone_hotspots()")
    op.execute("DROP FUNCTION content_digest(uuid, jsonb, jsonb)")
    op.execute("DELETE FROM audit_seals WHERE scheme = 2")
    op.drop_column("audit_seals", "scheme")
    for column in ("redacted_at", "digest", "salt"):
        op.drop_column("audit_entries", column)
    op.execute("REVOKE INSERT (token_hash, account_id, name, scope, expires_at) ON access_tokens FROM gis_app")
    op.drop_constraint("access_tokens_expires_at_range", "access_tokens")
    op.drop_column("accounts", "version")
    op.drop_table("recovery_codes")
