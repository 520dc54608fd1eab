"""Jobs; report snapshots."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.helpers import run_sql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("readers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("progress", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("run_key", postgresql.UUID(as_uuid=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="jobs_state_choice"),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name="jobs_progress_range"),
        sa.CheckConstraint("kind ~ '^[a-z][a-z_]{0,39}$'", name="jobs_kind_text"),
        sa.CheckConstraint("message ~ '^[a-z_]{1,40}$' AND error ~ '^[a-z_]{1,60}$'", name="jobs_message_text"),
        sa.CheckConstraint("length(result) <= 200", name="jobs_result_text"),
        sa.CheckConstraint("octet_length(parameters::text) <= 20000", name="jobs_parameters_text"),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("jobs_commune_id", "jobs", ["commune_id", "id"])
    op.create_index("jobs_waiting", "jobs", ["id"], postgresql_where=sa.text("state IN ('queued', 'running')"))
    op.create_table(
        "report_snapshots",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("valid_on", sa.Date(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("conclusions", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('month', 'quarter', 'half_year', 'year', 'campaign', 'range')",
            name="report_snapshots_kind_choice",
        ),
        sa.CheckConstraint(
            "from_on <= to_on AND valid_on BETWEEN from_on AND to_on", name="report_snapshots_days_range"
        ),
        sa.CheckConstraint("known_at <= made_at", name="report_snapshots_known_at_range"),
        sa.CheckConstraint("length(conclusions) <= 8000", name="report_snapshots_conclusions_text"),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="report_snapshots_sha256_text"),
        sa.ForeignKeyConstraint(["commune_id"], ["communes.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "id", name="report_snapshots_commune_id"),
    )
    op.create_index(
        "report_snapshots_number",
        "report_snapshots",
        ["commune_id", sa.text("date_part('year', made_on)"), "number"],
        unique=True,
    )
    op.create_table(
        "report_files",
        sa.Column("report_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.CheckConstraint("format IN ('pdf', 'docx', 'xlsx')", name="report_files_format_choice"),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="report_files_sha256_text"),
        sa.ForeignKeyConstraint(
            ["commune_id", "report_id"],
            ["report_snapshots.commune_id", "report_snapshots.id"],
            name="report_files_report",
        ),
        sa.PrimaryKeyConstraint("report_id", "format"),
    )
    for name in ("jobs.sql", "reports.sql"):
        run_sql(name, op.get_bind())


def downgrade() -> None:
    """Take back."""
    op.execute(
        "DROP FUNCTION freeze_report(text, date, date, date, timestamptz, text, jsonb, text), delete_old_jobs(), "
        "longest_wait_s(), fail_job(bigint, uuid, text), finish_job(bigint, uuid, text), "
        "progress_job(bigint, uuid, integer, text), claim_job(), cancel_job(bigint), ask_job(text, jsonb, text[])"
    )
    for table in ("report_files", "report_snapshots", "jobs"):
        op.drop_table(table)
