"""Status of groups through time, the proposals and reviews that change it, and the lineage of units."""

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, TSTZRANGE, ExcludeConstraint

from gis_app.tables.units import named_text
from layers import LAYERS, metadata
from layers.base import STORED_SRID
from layers.groups import ANSWERS, CRITERIA, STAGES

_NOW = sa.func.now()
CRITERION_CODES = tuple(criterion.code for criterion in CRITERIA)
REMARKS = ("lesson", "obstacle", "proposal")
LONGEST_REMARK = 500
REVIEW_KINDS = ("month", "quarter", "half_year", "year", "campaign")
COUNT_NAMES = (
    "substitution_count", "home_rehab_count", "post_rehab_count", "addicted_count", "using_count", "offender_count",
)  # fmt: skip


def _in(column: str, codes: object) -> str:
    return f"{column} IN ({', '.join(repr(code) for code in codes)})"  # type: ignore[attr-defined]


_STAGE_CODES = tuple(choice.code for choice in STAGES)
_ANSWER_CODES = tuple(choice.code for choice in ANSWERS)
# The columns of `groups` that have a history, in the order of the layer.
_UNTRACKED = ("exempt_count", "other_count", "valid_from", "valid_to")
TRACKED = tuple(f for f in LAYERS["groups"].fields if f.name not in _UNTRACKED)

group_statuses = sa.Table(
    "group_statuses",
    metadata,
    # Bitemporal: `valid` is when a fact held, `known` when the system believed it. No key to `groups`: what was known
    # of a group outlives its row.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("group_id", sa.BigInteger, nullable=False),
    sa.Column("valid", DATERANGE, nullable=False),
    sa.Column("known", TSTZRANGE, nullable=False),
    *(sa.Column(f.name, f.column().type, nullable=not f.required) for f in TRACKED),
    sa.Column("geom", Geometry("MULTIPOLYGON", STORED_SRID, spatial_index=False), nullable=False),
    ExcludeConstraint(
        ("group_id", "="), ("valid", "&&"), ("known", "&&"), name="group_statuses_one_answer", using="gist"
    ),
    sa.CheckConstraint("NOT isempty(valid) AND NOT isempty(known)", name="group_statuses_ranges_whole"),
    sa.Index("group_statuses_commune_id", "commune_id"),
)

stage_steps = sa.Table(
    "stage_steps",
    metadata,
    # Which step may follow which, and what it needs: configuration. Rows without a commune are everybody's.
    sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id")),
    sa.Column("from_stage", sa.Text, nullable=False),
    sa.Column("to_stage", sa.Text, nullable=False),
    sa.Column("is_allowed", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("recognising_body", sa.Text),
    sa.Column("needs_document", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("needs_body", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("needs_reason", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("approvers", ARRAY(sa.Text), nullable=False, server_default=sa.text("'{admin,committee,data}'::text[]")),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.UniqueConstraint(
        "commune_id", "from_stage", "to_stage", name="stage_steps_step", postgresql_nulls_not_distinct=True
    ),
    sa.CheckConstraint(_in("from_stage", _STAGE_CODES), name="stage_steps_from_stage_choice"),
    sa.CheckConstraint(_in("to_stage", _STAGE_CODES), name="stage_steps_to_stage_choice"),
    sa.CheckConstraint(
        "length(recognising_body) <= 120 AND recognising_body !~ '[[:cntrl:]]'",
        name="stage_steps_recognising_body_text",
    ),
    sa.CheckConstraint(
        "approvers <@ '{admin,committee,data}'::text[] AND cardinality(approvers) > 0",
        name="stage_steps_approvers_choice",
    ),
)

stage_changes = sa.Table(
    "stage_changes",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("group_id", sa.BigInteger, nullable=False),
    # A move follows the steps; a correction puts a wrong entry of the past right, in a span of days.
    sa.Column("kind", sa.Text, nullable=False, server_default=sa.text("'move'")),
    sa.Column("from_stage", sa.Text, nullable=False),
    sa.Column("to_stage", sa.Text, nullable=False),
    sa.Column("effective_on", sa.Date, nullable=False),
    sa.Column("until_on", sa.Date),
    # The evaluation period that it rests on: 15 December of the year before to 14 December.
    sa.Column("period_year", sa.Integer, nullable=False),
    sa.Column("document", sa.Text),
    sa.Column("recognising_body", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'pending'")),
    sa.Column("deferred_until", sa.Date),
    sa.Column("requested_by", sa.Text, nullable=False),
    sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.Column("decided_by", sa.Text),
    sa.Column("decided_at", sa.DateTime(timezone=True)),
    sa.Column("decision_note", sa.Text),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.Index("stage_changes_commune_id", "commune_id", "state"),
    sa.Index(
        "stage_changes_one_open", "group_id", unique=True, postgresql_where=sa.text("state IN ('pending', 'deferred')")
    ),
    sa.CheckConstraint("kind IN ('move', 'correction')", name="stage_changes_kind_choice"),
    sa.CheckConstraint(_in("from_stage", _STAGE_CODES), name="stage_changes_from_stage_choice"),
    sa.CheckConstraint(_in("to_stage", _STAGE_CODES), name="stage_changes_to_stage_choice"),
    sa.CheckConstraint(
        "state IN ('pending', 'approved', 'returned', 'deferred', 'withdrawn')", name="stage_changes_state_choice"
    ),
    sa.CheckConstraint("decided_by <> requested_by", name="stage_changes_two_persons"),
    sa.CheckConstraint("state <> 'approved' OR decided_by IS NOT NULL", name="stage_changes_approved_whole"),
    sa.CheckConstraint("until_on > effective_on", name="stage_changes_until_on_range"),
    sa.CheckConstraint("period_year BETWEEN 2020 AND 2100", name="stage_changes_period_year_range"),
    *(
        sa.CheckConstraint(f"length({name}) <= {most} AND {name} !~ '[[:cntrl:]]'", name=f"stage_changes_{name}_text")
        for name, most in (("document", 120), ("recognising_body", 120), ("reason", 500), ("decision_note", 500))
    ),
)

group_reviews = sa.Table(
    "group_reviews",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("group_id", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date, nullable=False),
    sa.Column("reviewed_on", sa.Date),
    *(
        column
        for code in CRITERION_CODES
        for column in (
            sa.Column(f"{code}_answer", sa.Text, nullable=False, server_default=sa.text("'not_reviewed'")),
            sa.Column(f"{code}_document", sa.Text),
        )
    ),
    sa.Column("communication_count", sa.Integer),
    sa.Column("pledge_household_count", sa.Integer),
    # What worked, what stands in the way, what is proposed: about the work, never about a person.
    *(sa.Column(name, sa.Text) for name in REMARKS),
    sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'draft'")),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.Column("submitted_by", sa.Text),
    sa.Column("submitted_at", sa.DateTime(timezone=True)),
    sa.Column("decided_by", sa.Text),
    sa.Column("decided_at", sa.DateTime(timezone=True)),
    sa.Column("decision_note", sa.Text),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.UniqueConstraint("commune_id", "group_id", "kind", "starts_on", name="group_reviews_period"),
    sa.UniqueConstraint("id", "commune_id", name="group_reviews_of_commune"),
    sa.CheckConstraint(_in("kind", REVIEW_KINDS), name="group_reviews_kind_choice"),
    sa.CheckConstraint("state IN ('draft', 'submitted', 'approved', 'returned')", name="group_reviews_state_choice"),
    sa.CheckConstraint("ends_on >= starts_on", name="group_reviews_ends_on_range"),
    sa.CheckConstraint("reviewed_on BETWEEN starts_on AND ends_on", name="group_reviews_reviewed_on_range"),
    sa.CheckConstraint("decided_by <> submitted_by", name="group_reviews_two_persons"),
    sa.CheckConstraint("communication_count BETWEEN 0 AND 1000", name="group_reviews_communication_count_range"),
    sa.CheckConstraint("pledge_household_count BETWEEN 0 AND 20000", name="group_reviews_pledge_household_count_range"),
    *(
        check
        for code in CRITERION_CODES
        for check in (
            sa.CheckConstraint(_in(f"{code}_answer", _ANSWER_CODES), name=f"group_reviews_{code}_answer_choice"),
            # A document's number, never a name: digits, capitals and marks only ("12/BB-TDP").
            sa.CheckConstraint(
                f"{code}_document ~ '^[0-9][0-9A-ZĐ/.-]{{1,39}}$'", name=f"group_reviews_{code}_document_number"
            ),
        )
    ),
    *(named_text("group_reviews", name, LONGEST_REMARK) for name in REMARKS),
    sa.CheckConstraint(
        "length(decision_note) <= 500 AND decision_note !~ '[[:cntrl:]]'", name="group_reviews_decision_note_text"
    ),
)

review_counts = sa.Table(
    "review_counts",
    metadata,
    # Persons by class, in a table of its own: police roles alone read it.
    sa.Column("review_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("commune_id", sa.Integer, nullable=False),
    *(sa.Column(name, sa.Integer, nullable=False, server_default=sa.text("0")) for name in COUNT_NAMES),
    sa.ForeignKeyConstraint(
        ["review_id", "commune_id"], ["group_reviews.id", "group_reviews.commune_id"], name="review_counts_review"
    ),
    *(sa.CheckConstraint(f"{name} BETWEEN 0 AND 10000", name=f"review_counts_{name}_range") for name in COUNT_NAMES),
)

group_lineages = sa.Table(
    "group_lineages",
    metadata,
    # Which group came of which, and what share of the parent's households went to the child.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("changed_on", sa.Date, nullable=False),
    sa.Column("parent_id", sa.BigInteger, nullable=False),
    sa.Column("child_id", sa.BigInteger, nullable=False),
    sa.Column("household_share", sa.Numeric(7, 6), nullable=False),
    sa.Column("document", sa.Text),
    sa.Index("group_lineages_commune_id", "commune_id"),
    sa.UniqueConstraint("parent_id", "child_id", name="group_lineages_pair"),
    sa.CheckConstraint("kind IN ('merge', 'split', 'rename')", name="group_lineages_kind_choice"),
    sa.CheckConstraint("household_share BETWEEN 0 AND 1", name="group_lineages_household_share_range"),
    sa.CheckConstraint("parent_id <> child_id", name="group_lineages_two_groups"),
    sa.CheckConstraint("length(document) <= 120 AND document !~ '[[:cntrl:]]'", name="group_lineages_document_text"),
)

commune_lineages = sa.Table(
    "commune_lineages",
    metadata,
    # The communes of before 1 July 2025 that became this one; they are no tenants and have no rows of their own.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("changed_on", sa.Date, nullable=False),
    sa.Column("parent_code", sa.Text),
    sa.Column("parent_name", sa.Text, nullable=False),
    sa.Column("household_share", sa.Numeric(7, 6), nullable=False, server_default=sa.text("1")),
    sa.Column("document", sa.Text),
    sa.Index("commune_lineages_commune_id", "commune_id"),
    sa.UniqueConstraint("commune_id", "parent_name", "changed_on", name="commune_lineages_parent"),
    sa.CheckConstraint("kind IN ('merge', 'split', 'rename')", name="commune_lineages_kind_choice"),
    sa.CheckConstraint("household_share BETWEEN 0 AND 1", name="commune_lineages_household_share_range"),
    sa.CheckConstraint(
        "length(parent_name) <= 120 AND parent_name !~ '[[:cntrl:]]'", name="commune_lineages_parent_name_text"
    ),
    sa.CheckConstraint("length(parent_code) <= 20", name="commune_lineages_parent_code_text"),
    sa.CheckConstraint("length(document) <= 120 AND document !~ '[[:cntrl:]]'", name="commune_lineages_document_text"),
)
