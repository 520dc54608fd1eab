"""Status of groups through time; stage changes by two persons; reviews; lineage of units."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

from migrations.helpers import managed_statements, policy_statements, run_sql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STAFF = ("admin", "committee", "data", "patrol", "planner", "supervisor")
EDITORS = ("admin", "data")
MANAGED = (
    "exempt_count", "last_reviewed_on", "offenders_answer", "offenders_document", "offenders_on", "other_count",
    "places_answer", "places_document", "places_on", "stage", "stage_body", "stage_document", "stage_on",
    "users_answer", "users_document", "users_on", "valid_from", "valid_to",
)  # fmt: skip
FUNCTIONS = (
    "track_group()", "change_units(text, date, bigint[], jsonb, text)", "worst_answer(text[])", "stage_rank(text)",
    "decide_review(bigint, integer, text, text)", "submit_review(bigint, integer)",
    "decide_stage_change(bigint, integer, text, text, date)", "propose_stage_change(jsonb)",
    "weigh_stage_change(stage_changes)", "stage_step(integer, text, text)", "sync_group(bigint)",
    "record_status(bigint, daterange, jsonb)", "add_status(group_statuses, daterange, timestamptz)",
    "known_moment(integer)", "next_moment(bigint)", "drug_free(date, text, date, text, date, text, date)",
    "period_start(date)", "tracked(group_statuses)", "tracked(groups)",
)  # fmt: skip
TABLES = (
    "commune_lineages", "group_lineages", "review_counts", "group_reviews", "stage_changes", "stage_steps",
    "group_statuses",
)  # fmt: skip
POLICIES = ("read", "add", "change", "remove", "owner", "national")


def _renew_policies(**rules: object) -> None:
    for name in POLICIES:
        op.execute(f"DROP POLICY groups_{name} ON groups")
    for statement in policy_statements("groups", readers=STAFF, editors=EDITORS, national=True, **rules):  # type: ignore[arg-type]
        op.execute(statement)


def _create_commune_lineages() -> None:
    op.create_table(
        "commune_lineages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("parent_name", sa.Text(), nullable=False),
        sa.Column("household_share", sa.Numeric(precision=7, scale=6), server_default=sa.text("1"), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('merge', 'split', 'rename')", name="commune_lineages_kind_choice"),
        sa.CheckConstraint(
            "length(document) <= 120 AND document !~ '[[:cntrl:]]'", name="commune_lineages_document_text"
        ),
        sa.CheckConstraint(
            "length(parent_name) <= 120 AND parent_name !~ '[[:cntrl:]]'", name="commune_lineages_parent_name_text"
        ),
        sa.CheckConstraint("household_share BETWEEN 0 AND 1", name="commune_lineages_household_share_range"),
        sa.CheckConstraint("length(parent_code) <= 20", name="commune_lineages_parent_code_text"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "parent_name", "changed_on", name="commune_lineages_parent"),
    )
    op.create_index("commune_lineages_commune_id", "commune_lineages", ["commune_id"], unique=False)


def _create_group_lineages() -> None:
    op.create_table(
        "group_lineages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("household_share", sa.Numeric(precision=7, scale=6), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('merge', 'split', 'rename')", name="group_lineages_kind_choice"),
        sa.CheckConstraint(
            "length(document) <= 120 AND document !~ '[[:cntrl:]]'", name="group_lineages_document_text"
        ),
        sa.CheckConstraint("household_share BETWEEN 0 AND 1", name="group_lineages_household_share_range"),
        sa.CheckConstraint("parent_id <> child_id", name="group_lineages_two_groups"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("parent_id", "child_id", name="group_lineages_pair"),
    )
    op.create_index("group_lineages_commune_id", "group_lineages", ["commune_id"], unique=False)


def _create_group_reviews() -> None:
    op.create_table(
        "group_reviews",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("users_answer", sa.Text(), server_default=sa.text("'not_reviewed'"), nullable=False),
        sa.Column("users_document", sa.Text(), nullable=True),
        sa.Column("offenders_answer", sa.Text(), server_default=sa.text("'not_reviewed'"), nullable=False),
        sa.Column("offenders_document", sa.Text(), nullable=True),
        sa.Column("places_answer", sa.Text(), server_default=sa.text("'not_reviewed'"), nullable=False),
        sa.Column("places_document", sa.Text(), nullable=True),
        sa.Column("communication_count", sa.Integer(), nullable=True),
        sa.Column("pledge_household_count", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('month', 'quarter', 'half_year', 'year', 'campaign')", name="group_reviews_kind_choice"
        ),
        sa.CheckConstraint(
            "length(decision_note) <= 500 AND decision_note !~ '[[:cntrl:]]'", name="group_reviews_decision_note_text"
        ),
        sa.CheckConstraint(
            "offenders_answer IN ('met', 'not_met', 'not_reviewed')", name="group_reviews_offenders_answer_choice"
        ),
        sa.CheckConstraint(
            "offenders_document ~ '^[0-9][0-9A-ZĐ/.-]{1,39}$'", name="group_reviews_offenders_document_number"
        ),
        sa.CheckConstraint(
            "places_answer IN ('met', 'not_met', 'not_reviewed')", name="group_reviews_places_answer_choice"
        ),
        sa.CheckConstraint(
            "places_document ~ '^[0-9][0-9A-ZĐ/.-]{1,39}$'", name="group_reviews_places_document_number"
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'returned')", name="group_reviews_state_choice"
        ),
        sa.CheckConstraint(
            "users_answer IN ('met', 'not_met', 'not_reviewed')", name="group_reviews_users_answer_choice"
        ),
        sa.CheckConstraint("users_document ~ '^[0-9][0-9A-ZĐ/.-]{1,39}$'", name="group_reviews_users_document_number"),
        sa.CheckConstraint("communication_count BETWEEN 0 AND 1000", name="group_reviews_communication_count_range"),
        sa.CheckConstraint("decided_by <> submitted_by", name="group_reviews_two_persons"),
        sa.CheckConstraint("ends_on >= starts_on", name="group_reviews_ends_on_range"),
        sa.CheckConstraint(
            "pledge_household_count BETWEEN 0 AND 20000", name="group_reviews_pledge_household_count_range"
        ),
        sa.CheckConstraint("reviewed_on BETWEEN starts_on AND ends_on", name="group_reviews_reviewed_on_range"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("commune_id", "group_id", "kind", "starts_on", name="group_reviews_period"),
        sa.UniqueConstraint("id", "commune_id", name="group_reviews_of_commune"),
    )


def _create_group_statuses() -> None:
    op.create_table(
        "group_statuses",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("known", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("stage_on", sa.Date(), nullable=True),
        sa.Column("stage_document", sa.Text(), nullable=True),
        sa.Column("stage_body", sa.Text(), nullable=True),
        sa.Column("users_answer", sa.Text(), nullable=False),
        sa.Column("users_on", sa.Date(), nullable=True),
        sa.Column("users_document", sa.Text(), nullable=True),
        sa.Column("offenders_answer", sa.Text(), nullable=False),
        sa.Column("offenders_on", sa.Date(), nullable=True),
        sa.Column("offenders_document", sa.Text(), nullable=True),
        sa.Column("places_answer", sa.Text(), nullable=False),
        sa.Column("places_on", sa.Date(), nullable=True),
        sa.Column("places_document", sa.Text(), nullable=True),
        sa.Column("is_pilot", sa.Boolean(), nullable=False),
        sa.Column("household_count", sa.Integer(), nullable=True),
        sa.Column("resident_count", sa.Integer(), nullable=True),
        sa.Column("last_reviewed_on", sa.Date(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        postgresql.ExcludeConstraint(
            (sa.column("group_id"), "="),
            (sa.column("valid"), "&&"),
            (sa.column("known"), "&&"),
            using="gist",
            name="group_statuses_one_answer",
        ),
        sa.CheckConstraint("NOT isempty(valid) AND NOT isempty(known)", name="group_statuses_ranges_whole"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("group_statuses_commune_id", "group_statuses", ["commune_id"], unique=False)


def _create_stage_changes() -> None:
    op.create_table(
        "stage_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'move'"), nullable=False),
        sa.Column("from_stage", sa.Text(), nullable=False),
        sa.Column("to_stage", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("period_year", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("recognising_body", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("deferred_until", sa.Date(), nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "from_stage IN ('not_selected', 'cleaning', 'building', 'proposed', 'recognised', 'maintained', 'lapsed')",
            name="stage_changes_from_stage_choice",
        ),
        sa.CheckConstraint("kind IN ('move', 'correction')", name="stage_changes_kind_choice"),
        sa.CheckConstraint(
            "length(decision_note) <= 500 AND decision_note !~ '[[:cntrl:]]'", name="stage_changes_decision_note_text"
        ),
        sa.CheckConstraint("length(document) <= 120 AND document !~ '[[:cntrl:]]'", name="stage_changes_document_text"),
        sa.CheckConstraint("length(reason) <= 500 AND reason !~ '[[:cntrl:]]'", name="stage_changes_reason_text"),
        sa.CheckConstraint(
            "length(recognising_body) <= 120 AND recognising_body !~ '[[:cntrl:]]'",
            name="stage_changes_recognising_body_text",
        ),
        sa.CheckConstraint("state <> 'approved' OR decided_by IS NOT NULL", name="stage_changes_approved_whole"),
        sa.CheckConstraint(
            "state IN ('pending', 'approved', 'returned', 'deferred', 'withdrawn')", name="stage_changes_state_choice"
        ),
        sa.CheckConstraint(
            "to_stage IN ('not_selected', 'cleaning', 'building', 'proposed', 'recognised', 'maintained', 'lapsed')",
            name="stage_changes_to_stage_choice",
        ),
        sa.CheckConstraint("decided_by <> requested_by", name="stage_changes_two_persons"),
        sa.CheckConstraint("period_year BETWEEN 2020 AND 2100", name="stage_changes_period_year_range"),
        sa.CheckConstraint("until_on > effective_on", name="stage_changes_until_on_range"),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("stage_changes_commune_id", "stage_changes", ["commune_id", "state"], unique=False)
    op.create_index(
        "stage_changes_one_open",
        "stage_changes",
        ["group_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('pending', 'deferred')"),
    )


def _create_stage_steps() -> None:
    op.create_table(
        "stage_steps",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=True),
        sa.Column("from_stage", sa.Text(), nullable=False),
        sa.Column("to_stage", sa.Text(), nullable=False),
        sa.Column("is_allowed", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("recognising_body", sa.Text(), nullable=True),
        sa.Column("needs_document", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("needs_body", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("needs_reason", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "approvers",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{admin,committee,data}'::text[]"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "approvers <@ '{admin,committee,data}'::text[] AND cardinality(approvers) > 0",
            name="stage_steps_approvers_choice",
        ),
        sa.CheckConstraint(
            "from_stage IN ('not_selected', 'cleaning', 'building', 'proposed', 'recognised', 'maintained', 'lapsed')",
            name="stage_steps_from_stage_choice",
        ),
        sa.CheckConstraint(
            "length(recognising_body) <= 120 AND recognising_body !~ '[[:cntrl:]]'",
            name="stage_steps_recognising_body_text",
        ),
        sa.CheckConstraint(
            "to_stage IN ('not_selected', 'cleaning', 'building', 'proposed', 'recognised', 'maintained', 'lapsed')",
            name="stage_steps_to_stage_choice",
        ),
        sa.ForeignKeyConstraint(
            ["commune_id"],
            ["communes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "commune_id", "from_stage", "to_stage", name="stage_steps_step", postgresql_nulls_not_distinct=True
        ),
    )


def _create_review_counts() -> None:
    op.create_table(
        "review_counts",
        sa.Column("review_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("substitution_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("home_rehab_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("post_rehab_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("addicted_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("using_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("offender_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("addicted_count BETWEEN 0 AND 10000", name="review_counts_addicted_count_range"),
        sa.CheckConstraint("home_rehab_count BETWEEN 0 AND 10000", name="review_counts_home_rehab_count_range"),
        sa.CheckConstraint("offender_count BETWEEN 0 AND 10000", name="review_counts_offender_count_range"),
        sa.CheckConstraint("post_rehab_count BETWEEN 0 AND 10000", name="review_counts_post_rehab_count_range"),
        sa.CheckConstraint("substitution_count BETWEEN 0 AND 10000", name="review_counts_substitution_count_range"),
        sa.CheckConstraint("using_count BETWEEN 0 AND 10000", name="review_counts_using_count_range"),
        sa.ForeignKeyConstraint(
            ["review_id", "commune_id"], ["group_reviews.id", "group_reviews.commune_id"], name="review_counts_review"
        ),
        sa.PrimaryKeyConstraint("review_id"),
    )


def upgrade() -> None:
    """Apply."""
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    # Tổ 2 stands before Tổ 10.
    op.execute("CREATE COLLATION vi_numeric (provider = icu, locale = 'vi-u-kn-true')")
    op.add_column("groups", sa.Column("stage_body", sa.Text(), nullable=True))
    op.create_check_constraint(
        "groups_stage_body_text", "groups", "length(stage_body) <= 120 AND stage_body !~ '[[:cntrl:]]'"
    )
    op.execute("GRANT SELECT (stage_body) ON groups TO gis_national")
    _create_commune_lineages()
    _create_group_lineages()
    _create_group_reviews()
    _create_group_statuses()
    _create_stage_changes()
    _create_stage_steps()
    _create_review_counts()
    for name in ("statuses", "stage_changes", "reviews", "lineage"):
        run_sql(f"{name}.sql", op.get_bind())
    _renew_policies(end="valid_to")
    for statement in managed_statements("groups", MANAGED):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TRIGGER groups_track ON groups")
    _renew_policies()
    op.execute("REVOKE INSERT, UPDATE ON groups FROM gis_app")
    op.execute("GRANT INSERT, UPDATE ON groups TO gis_app")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    for table in TABLES:
        op.drop_table(table)
    op.execute("DROP FUNCTION audit_decisions()")
    op.drop_column("groups", "stage_body")
    op.execute("DROP COLLATION vi_numeric")
    op.execute("DROP EXTENSION btree_gist")
