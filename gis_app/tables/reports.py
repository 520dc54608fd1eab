"""Frozen reports: what was known of a period at a moment, and the three files printed from it."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from layers import metadata

report_snapshots = sa.Table(
    "report_snapshots",
    metadata,
    # Written once by the function freeze_report; nobody holds UPDATE or DELETE.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("from_on", sa.Date, nullable=False),
    sa.Column("to_on", sa.Date, nullable=False),
    sa.Column("valid_on", sa.Date, nullable=False),
    sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
    # Number within commune and calendar year.
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("made_on", sa.Date, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("conclusions", sa.Text, nullable=False, server_default=sa.text("''")),
    # Every figure, row and shape that is printed, as JSON without fractions; sha256 of its canonical text.
    sa.Column("content", JSONB, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.UniqueConstraint("commune_id", "id", name="report_snapshots_commune_id"),
    sa.CheckConstraint(
        "kind IN ('month', 'quarter', 'half_year', 'year', 'campaign', 'range')", name="report_snapshots_kind_choice"
    ),
    sa.CheckConstraint("from_on <= to_on AND valid_on BETWEEN from_on AND to_on", name="report_snapshots_days_range"),
    sa.CheckConstraint("known_at <= made_at", name="report_snapshots_known_at_range"),
    sa.CheckConstraint("length(conclusions) <= 8000", name="report_snapshots_conclusions_text"),
    sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="report_snapshots_sha256_text"),
    sa.Index("report_snapshots_number", "commune_id", sa.text("date_part('year', made_on)"), "number", unique=True),
)

report_files = sa.Table(
    "report_files",
    metadata,
    # Printed in the transaction that froze the report: a later version of a library cannot change a byte.
    sa.Column("report_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("format", sa.Text, primary_key=True),
    sa.Column("commune_id", sa.Integer, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.ForeignKeyConstraint(
        ["commune_id", "report_id"], ["report_snapshots.commune_id", "report_snapshots.id"], name="report_files_report"
    ),
    sa.CheckConstraint("format IN ('pdf', 'docx', 'xlsx')", name="report_files_format_choice"),
    sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="report_files_sha256_text"),
)
