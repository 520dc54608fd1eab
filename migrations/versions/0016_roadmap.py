"""Resolutions, clauses, target rules; counts of other units; figures of a commune and its type."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.helpers import policy_statements, run_sql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

STAFF = ("admin", "committee", "data", "patrol", "planner", "supervisor")
POLICE = ("admin", "data", "patrol")
DATA = ("admin", "data")
# Who reads and who writes; a reading is chosen by the function choose_reading() alone.
TABLES = {
    "resolutions": (STAFF, DATA),
    "clauses": (STAFF, DATA),
    "target_rules": (STAFF, DATA),
    "unit_counts": (STAFF, DATA),
    "commune_figures": (POLICE, POLICE),
}


def _create_resolutions() -> None:
    op.create_table(
        "resolutions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("number", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issuer", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("length(document) <= 300 AND document !~ '[[:cntrl:]]'", name="resolutions_document_text"),
        sa.CheckConstraint("length(issuer) <= 300 AND issuer !~ '[[:cntrl:]]'", name="resolutions_issuer_text"),
        sa.CheckConstraint("length(note) <= 600 AND note !~ '[[:cntrl:]]'", name="resolutions_note_text"),
        sa.CheckConstraint("length(number) <= 300 AND number !~ '[[:cntrl:]]'", name="resolutions_number_text"),
        sa.CheckConstraint("length(title) <= 600 AND title !~ '[[:cntrl:]]'", name="resolutions_title_text"),
        sa.CheckConstraint("title <> ''", name="resolutions_title_required"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "id", name="resolutions_of_commune"),
    )


def _create_clauses() -> None:
    op.create_table(
        "clauses",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("resolution_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint("length(text) <= 2000 AND text !~ '[[:cntrl:]]'", name="clauses_text_text"),
        sa.CheckConstraint("text <> ''", name="clauses_text_required"),
        sa.CheckConstraint("line BETWEEN 1 AND 1000000", name="clauses_line_range"),
        sa.ForeignKeyConstraint(
            ["commune_id", "resolution_id"],
            ["resolutions.commune_id", "resolutions.id"],
            name="clauses_resolution",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "id", name="clauses_of_commune"),
    )
    op.create_index("clauses_resolution_id", "clauses", ["commune_id", "resolution_id"], unique=False)


def _create_target_rules() -> None:
    op.create_table(
        "target_rules",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("clause_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), server_default=sa.text("'='"), nullable=False),
        sa.Column("basis", sa.Text(), server_default=sa.text("'added'"), nullable=False),
        sa.Column("share", sa.Numeric(precision=6, scale=3), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("until_year", sa.SmallInteger(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("rounding", sa.Text(), server_default=sa.text("'ceil'"), nullable=False),
        sa.Column("named", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("readings", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("chosen_reading", sa.Text(), nullable=True),
        sa.Column("chosen_by", sa.Text(), nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("basis IN ('added', 'total', 'yearly')", name="target_rules_basis_choice"),
        sa.CheckConstraint("jsonb_typeof(readings) = 'array'", name="target_rules_readings_list"),
        sa.CheckConstraint(
            "kind IN ('group', 'residential_area', 'agency', 'school', 'business', 'clan', 'commune', 'model')",
            name="target_rules_kind_choice",
        ),
        sa.CheckConstraint("length(note) <= 600 AND note !~ '[[:cntrl:]]'", name="target_rules_note_text"),
        sa.CheckConstraint("length(subject) <= 100 AND subject !~ '[[:cntrl:]]'", name="target_rules_subject_text"),
        sa.CheckConstraint("operator IN ('=', '>=', '>')", name="target_rules_operator_choice"),
        sa.CheckConstraint("part IN ('keep', 'new')", name="target_rules_part_choice"),
        sa.CheckConstraint(
            "readings @> jsonb_build_array(jsonb_build_object('code', chosen_reading)) OR chosen_reading IS NULL",
            name="target_rules_chosen_known",
        ),
        sa.CheckConstraint("rounding IN ('ceil', 'half_up', 'floor')", name="target_rules_rounding_choice"),
        sa.CheckConstraint("(chosen_reading IS NULL) = (chosen_by IS NULL)", name="target_rules_chosen_whole"),
        sa.CheckConstraint("cardinality(named) <= 500", name="target_rules_named_range"),
        sa.CheckConstraint("count BETWEEN 1 AND 1000000", name="target_rules_count_range"),
        sa.CheckConstraint("share > 0 AND share <= 100", name="target_rules_share_range"),
        sa.CheckConstraint("until_year BETWEEN year AND 2100", name="target_rules_until_year_range"),
        sa.CheckConstraint("year BETWEEN 2020 AND 2100", name="target_rules_year_range"),
        sa.ForeignKeyConstraint(
            ["commune_id", "clause_id"],
            ["clauses.commune_id", "clauses.id"],
            name="target_rules_clause",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "id", name="target_rules_of_commune"),
    )
    op.create_index("target_rules_clause_id", "target_rules", ["commune_id", "clause_id"], unique=False)


def _create_unit_counts() -> None:
    op.create_table(
        "unit_counts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("unit_count", sa.Integer(), nullable=False),
        sa.Column("achieved_count", sa.Integer(), nullable=True),
        sa.Column("document", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "achieved_count BETWEEN 0 AND CASE kind WHEN 'model' THEN 1000000 ELSE unit_count END",
            name="unit_counts_achieved_count_range",
        ),
        sa.CheckConstraint(
            "kind IN ('group', 'residential_area', 'agency', 'school', 'business', 'clan', 'commune', 'model') AND kind <> 'group'",
            name="unit_counts_kind_choice",
        ),
        sa.CheckConstraint("length(document) <= 300 AND document !~ '[[:cntrl:]]'", name="unit_counts_document_text"),
        sa.CheckConstraint("length(subject) <= 100 AND subject !~ '[[:cntrl:]]'", name="unit_counts_subject_text"),
        sa.CheckConstraint("unit_count BETWEEN 0 AND 1000000", name="unit_counts_unit_count_range"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "id", name="unit_counts_of_commune"),
        sa.UniqueConstraint("commune_id", "kind", "subject", "counted_on", name="unit_counts_day"),
    )


def _create_commune_figures() -> None:
    op.create_table(
        "commune_figures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("period_year", sa.SmallInteger(), nullable=False),
        sa.Column("resident_count", sa.Integer(), nullable=True),
        sa.Column("addict_user_count", sa.Integer(), nullable=True),
        sa.Column("use_point_count", sa.Integer(), nullable=True),
        sa.Column("arrested_count", sa.Integer(), nullable=True),
        sa.Column("plant_count", sa.Integer(), nullable=True),
        sa.Column("plant_area_m2", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("on_key_route", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("document", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("commune_type", sa.Text(), nullable=False),
        sa.Column("is_certain", sa.Boolean(), nullable=False),
        sa.Column("rests_on_zero", sa.Boolean(), nullable=False),
        sa.CheckConstraint("commune_type IN ('I', 'II', 'III', 'none')", name="commune_figures_commune_type_choice"),
        sa.CheckConstraint(
            "length(document) <= 300 AND document !~ '[[:cntrl:]]'", name="commune_figures_document_text"
        ),
        sa.CheckConstraint("addict_user_count BETWEEN 0 AND 2000000", name="commune_figures_addict_user_count_range"),
        sa.CheckConstraint("arrested_count BETWEEN 0 AND 2000000", name="commune_figures_arrested_count_range"),
        sa.CheckConstraint("period_year BETWEEN 2020 AND 2100", name="commune_figures_period_year_range"),
        sa.CheckConstraint("plant_area_m2 BETWEEN 0 AND 1000000000", name="commune_figures_plant_area_m2_range"),
        sa.CheckConstraint("plant_count BETWEEN 0 AND 2000000", name="commune_figures_plant_count_range"),
        sa.CheckConstraint("resident_count BETWEEN 1 AND 2000000", name="commune_figures_resident_count_range"),
        sa.CheckConstraint("use_point_count BETWEEN 0 AND 2000000", name="commune_figures_use_point_count_range"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "id", name="commune_figures_of_commune"),
        sa.UniqueConstraint("commune_id", "period_year", name="commune_figures_period"),
    )


def _trigger(name: str, table: str, when: str, function: str) -> str:
    return f"CREATE TRIGGER {table}_{name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()"


def upgrade() -> None:
    """Apply."""
    _create_resolutions()
    _create_clauses()
    _create_target_rules()
    _create_unit_counts()
    _create_commune_figures()
    run_sql("roadmap.sql", op.get_bind())
    for table, (readers, editors) in TABLES.items():
        for statement in policy_statements(table, readers=readers, editors=editors):
            op.execute(statement)
        op.execute(_trigger("touch", table, "BEFORE UPDATE", "touch_row"))
        op.execute(_trigger("audit", table, "AFTER INSERT OR UPDATE OR DELETE", "audit_roadmap"))


def downgrade() -> None:
    """Take back."""
    op.execute("DROP VIEW commune_types")
    for function in ("city_achieved()", "city_target_rules()", "roadmap_communes()"):
        op.execute(f"DROP FUNCTION {function}")
    for table in reversed(TABLES):
        op.drop_table(table)
    for function in ("choose_reading(bigint, text, integer)", "audit_roadmap()", "forget_choice()"):
        op.execute(f"DROP FUNCTION {function}")
