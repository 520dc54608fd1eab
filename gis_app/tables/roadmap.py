"""Tables of the roadmap: resolutions, their clauses, target rules; counts of other units; figures of a commune."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from layers import metadata

KINDS = "'group', 'residential_area', 'agency', 'school', 'business', 'clan', 'commune', 'model'"


def _text_rule(table: str, column: str, longest: int) -> sa.CheckConstraint:
    # [[:cntrl:]] keeps control characters out of every page, export and log line.
    rule = f"length({column}) <= {longest} AND {column} !~ '[[:cntrl:]]'"
    return sa.CheckConstraint(rule, name=f"{table}_{column}_text")


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''"))


def _keys(table: str) -> list[Any]:
    """What each of these tables has: key, tenant, version; (commune_id, id) so that no reference leaves a commune."""
    return [
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.UniqueConstraint("commune_id", "id", name=f"{table}_of_commune"),
    ]


resolutions = sa.Table(
    "resolutions",
    metadata,
    *_keys("resolutions"),
    _text("number"),
    # Copies often stand without a day or a number; `title` and `note` then say what is known.
    sa.Column("issued_on", sa.Date),
    _text("issuer"),
    sa.Column("title", sa.Text, nullable=False),
    # Name of the file or folder in which the text stands; lines of clauses are counted there.
    _text("document"),
    _text("note"),
    *(_text_rule("resolutions", name, 300) for name in ("number", "issuer", "document")),
    *(_text_rule("resolutions", name, 600) for name in ("title", "note")),
    sa.CheckConstraint("title <> ''", name="resolutions_title_required"),
)

clauses = sa.Table(
    "clauses",
    metadata,
    *_keys("clauses"),
    sa.Column("resolution_id", sa.BigInteger, nullable=False),
    sa.Column("line", sa.Integer),
    sa.Column("text", sa.Text, nullable=False),
    sa.ForeignKeyConstraint(
        ["commune_id", "resolution_id"],
        ["resolutions.commune_id", "resolutions.id"],
        ondelete="CASCADE",
        name="clauses_resolution",
    ),
    sa.Index("clauses_resolution_id", "commune_id", "resolution_id"),
    sa.CheckConstraint("line BETWEEN 1 AND 1000000", name="clauses_line_range"),
    _text_rule("clauses", "text", 2000),
    sa.CheckConstraint("text <> ''", name="clauses_text_required"),
)

target_rules = sa.Table(
    "target_rules",
    metadata,
    *_keys("target_rules"),
    sa.Column("clause_id", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    _text("subject"),
    sa.Column("part", sa.Text, nullable=False),
    sa.Column("operator", sa.Text, nullable=False, server_default=sa.text("'='")),
    sa.Column("basis", sa.Text, nullable=False, server_default=sa.text("'added'")),
    # Per cent. numeric, never float: 20 % of 23 is 4.6 and nothing else.
    sa.Column("share", sa.Numeric(6, 3)),
    sa.Column("count", sa.Integer),
    sa.Column("year", sa.SmallInteger, nullable=False),
    # NULL: "trở đi".
    sa.Column("until_year", sa.SmallInteger),
    sa.Column("due_on", sa.Date),
    sa.Column("rounding", sa.Text, nullable=False, server_default=sa.text("'ceil'")),
    sa.Column("named", ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
    # [{code, text, basis, share, count}]; empty where a clause can be understood in one way only.
    sa.Column("readings", JSONB, nullable=False, server_default=sa.text("'[]'")),
    _text("note"),
    # Written by choose_reading() of migrations/sql/roadmap.sql alone.
    sa.Column("chosen_reading", sa.Text),
    sa.Column("chosen_by", sa.Text),
    sa.Column("chosen_at", sa.DateTime(timezone=True)),
    sa.ForeignKeyConstraint(
        ["commune_id", "clause_id"],
        ["clauses.commune_id", "clauses.id"],
        ondelete="CASCADE",
        name="target_rules_clause",
    ),
    sa.Index("target_rules_clause_id", "commune_id", "clause_id"),
    sa.CheckConstraint(f"kind IN ({KINDS})", name="target_rules_kind_choice"),
    sa.CheckConstraint("part IN ('keep', 'new')", name="target_rules_part_choice"),
    sa.CheckConstraint("operator IN ('=', '>=', '>')", name="target_rules_operator_choice"),
    sa.CheckConstraint("basis IN ('added', 'total', 'yearly')", name="target_rules_basis_choice"),
    sa.CheckConstraint("rounding IN ('ceil', 'half_up', 'floor')", name="target_rules_rounding_choice"),
    sa.CheckConstraint("share > 0 AND share <= 100", name="target_rules_share_range"),
    sa.CheckConstraint("count BETWEEN 1 AND 1000000", name="target_rules_count_range"),
    sa.CheckConstraint("year BETWEEN 2020 AND 2100", name="target_rules_year_range"),
    sa.CheckConstraint("until_year BETWEEN year AND 2100", name="target_rules_until_year_range"),
    sa.CheckConstraint("cardinality(named) <= 500", name="target_rules_named_range"),
    sa.CheckConstraint("jsonb_typeof(readings) = 'array'", name="target_rules_readings_list"),
    sa.CheckConstraint("(chosen_reading IS NULL) = (chosen_by IS NULL)", name="target_rules_chosen_whole"),
    sa.CheckConstraint(
        "readings @> jsonb_build_array(jsonb_build_object('code', chosen_reading)) OR chosen_reading IS NULL",
        name="target_rules_chosen_known",
    ),
    _text_rule("target_rules", "subject", 100),
    _text_rule("target_rules", "note", 600),
)

unit_counts = sa.Table(
    "unit_counts",
    metadata,
    # How many units of a kind there are and how many are achieved, for kinds that have no layer; the newest day counts.
    *_keys("unit_counts"),
    sa.Column("kind", sa.Text, nullable=False),
    _text("subject"),
    sa.Column("counted_on", sa.Date, nullable=False),
    sa.Column("unit_count", sa.Integer, nullable=False),
    sa.Column("achieved_count", sa.Integer),
    _text("document"),
    sa.UniqueConstraint("commune_id", "kind", "subject", "counted_on", name="unit_counts_day"),
    sa.CheckConstraint(f"kind IN ({KINDS}) AND kind <> 'group'", name="unit_counts_kind_choice"),
    sa.CheckConstraint("unit_count BETWEEN 0 AND 1000000", name="unit_counts_unit_count_range"),
    sa.CheckConstraint(
        "achieved_count BETWEEN 0 AND CASE kind WHEN 'model' THEN 1000000 ELSE unit_count END",
        name="unit_counts_achieved_count_range",
    ),
    _text_rule("unit_counts", "subject", 100),
    _text_rule("unit_counts", "document", 300),
)

_COUNTS = ("addict_user_count", "use_point_count", "arrested_count", "plant_count")

commune_figures = sa.Table(
    "commune_figures",
    metadata,
    # Aggregates of one evaluation period (15/12 to 14/12 of period_year), for police roles; the type that they make,
    # written beside them, is for all staff through the view commune_types.
    *_keys("commune_figures"),
    sa.Column("period_year", sa.SmallInteger, nullable=False),
    sa.Column("resident_count", sa.Integer),
    *(sa.Column(name, sa.Integer) for name in _COUNTS),
    sa.Column("plant_area_m2", sa.Numeric(12, 2)),
    sa.Column("on_key_route", sa.Boolean, nullable=False, server_default=sa.false()),
    _text("document"),
    sa.Column("commune_type", sa.Text, nullable=False),
    sa.Column("is_certain", sa.Boolean, nullable=False),
    sa.Column("rests_on_zero", sa.Boolean, nullable=False),
    sa.UniqueConstraint("commune_id", "period_year", name="commune_figures_period"),
    sa.CheckConstraint("period_year BETWEEN 2020 AND 2100", name="commune_figures_period_year_range"),
    sa.CheckConstraint("resident_count BETWEEN 1 AND 2000000", name="commune_figures_resident_count_range"),
    *(sa.CheckConstraint(f"{n} BETWEEN 0 AND 2000000", name=f"commune_figures_{n}_range") for n in _COUNTS),
    sa.CheckConstraint("plant_area_m2 BETWEEN 0 AND 1000000000", name="commune_figures_plant_area_m2_range"),
    sa.CheckConstraint("commune_type IN ('I', 'II', 'III', 'none')", name="commune_figures_commune_type_choice"),
    _text_rule("commune_figures", "document", 300),
)
