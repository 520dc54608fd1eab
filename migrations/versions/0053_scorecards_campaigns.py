"""Year-end scorecards with their table of points, and campaigns."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.helpers import run_sql

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

WRITER = sa.text("coalesce(current_setting('app.username', true), '')")
YEARS = "period_year BETWEEN 2020 AND 2100"


def _head() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"]),
        sa.PrimaryKeyConstraint("id"),
    ]


def _words(table: str, column: str, longest: int) -> sa.CheckConstraint:
    rule = (
        f"length(btrim({column})) BETWEEN 1 AND {longest} AND {column} !~ '[[:cntrl:]]' "
        f"AND NOT has_personal_number({column})"
    )
    return sa.CheckConstraint(rule, name=f"{table}_{column}_text")


def _json(table: str, column: str, most: int) -> sa.CheckConstraint:
    rule = f"jsonb_typeof({column}) = 'object' AND octet_length({column}::text) <= {most}"
    return sa.CheckConstraint(rule, name=f"{table}_{column}_text")


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "score_rules",
        *_head(),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rules", postgresql.JSONB(), nullable=False),
        sa.Column("created_by", sa.Text(), server_default=WRITER, nullable=False),
        _moment("created_at"),
        sa.UniqueConstraint("commune_id", "version", name="score_rules_commune_id_version"),
        sa.CheckConstraint("version >= 1", name="score_rules_version_range"),
        _json("score_rules", "rules", 5000),
    )
    op.create_table(
        "score_notes",
        *_head(),
        sa.Column("period_year", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        _moment("updated_at"),
        sa.UniqueConstraint("commune_id", "period_year", "group_id", name="score_notes_commune_id_period_year"),
        sa.CheckConstraint(YEARS, name="score_notes_period_year_range"),
        sa.CheckConstraint("verdict IN ('commend', 'support', 'none')", name="score_notes_verdict_choice"),
        _words("score_notes", "remark", 500),
    )
    op.create_table(
        "scorecards",
        *_head(),
        sa.Column("period_year", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column(
            "closed_by_role", sa.Text(), server_default=sa.text("current_setting('app.role', true)"), nullable=False
        ),
        sa.Column("closed_on", sa.Date(), server_default=sa.func.vietnam_today(), nullable=False),
        sa.UniqueConstraint("commune_id", "period_year", "edition", name="scorecards_commune_id_period_year_edition"),
        sa.CheckConstraint(YEARS, name="scorecards_period_year_range"),
        sa.CheckConstraint("edition >= 1", name="scorecards_edition_range"),
        _json("scorecards", "content", 2_000_000),
    )
    op.create_table(
        "campaigns",
        *_head(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("targets", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        _moment("updated_at"),
        sa.UniqueConstraint("commune_id", "name", name="campaigns_commune_id_name"),
        _words("campaigns", "name", 120),
        sa.CheckConstraint(
            "ends_on >= starts_on AND ends_on - starts_on < 366 AND starts_on >= '2020-01-01'",
            name="campaigns_ends_on_range",
        ),
        _json("campaigns", "targets", 2000),
    )
    run_sql("scorecards.sql", op.get_bind())


def downgrade() -> None:
    """Take back."""
    for table in ("campaigns", "scorecards", "score_notes", "score_rules"):
        op.drop_table(table)
