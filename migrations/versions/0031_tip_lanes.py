"""A form of a tip is good for one tip; work and questions are counted apart; the cell as a place."""

import sqlalchemy as sa
from alembic import op

from migrations.helpers import run_sql, sql_part

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_KINDS = ("sent", "answered", "missed")
_PRECISIONS = ("group", "street", "point")
_SUBMIT = (
    "submit_tip(bigint, integer, text, text, bigint, bigint, float8, float8, text, text, bytea, bytea, text, boolean, "
    "integer, integer)"
)
_TAKE = (
    "take_tip(bigint, integer, text, text, bigint, bigint, float8, float8, text, text, bytea, bytea, text, boolean, "
    "bigint, text, integer, integer, integer, bigint)"
)


def _choice(table: str, column: str, values: tuple[str, ...]) -> None:
    op.drop_constraint(f"{table}_{column}_choice", table, type_="check")
    op.create_check_constraint(f"{table}_{column}_choice", table, f"{column} IN {values}")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "tip_marks",
        sa.Column("mark", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("used_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("mark"),
        prefixes=["UNLOGGED"],
    )
    op.create_index("tip_marks_used_on", "tip_marks", ["used_on"], unique=False)
    op.add_column("tip_settings", sa.Column("cell_m", sa.SmallInteger(), server_default=sa.text("250"), nullable=False))
    op.create_check_constraint("tip_settings_cell_m_choice", "tip_settings", "cell_m IN (250, 500)")
    _choice("tip_loads", "kind", ("sent", "asked", "answered", "missed"))
    _choice("tips", "precision", ("group", "cell", "street", "point"))
    op.create_check_constraint(
        "tips_precision_cell",
        "tips",
        "precision <> 'cell' OR (road_id IS NULL AND mod(ST_X(geom)::numeric, 0.0025) = 0"
        " AND mod(ST_Y(geom)::numeric, 0.0025) = 0)",
    )
    op.create_index("tips_is_held", "tips", ["commune_id"], unique=False, postgresql_where=sa.text("is_held"))
    run_sql("tip_lanes.sql", op.get_bind())
    op.execute(f"DROP FUNCTION {_SUBMIT}")


def downgrade() -> None:
    """Take back."""
    op.execute(f"DROP FUNCTION {_TAKE}")
    op.execute("DROP FUNCTION tip_cell(integer)")
    op.drop_table("tip_marks")
    op.execute("DELETE FROM tip_loads")
    _choice("tip_loads", "kind", _KINDS)
    op.drop_index("tips_is_held", "tips")
    op.drop_constraint("tips_precision_cell", "tips", type_="check")
    op.execute("SELECT set_config('app.role', 'system', true)")
    op.execute("UPDATE tips SET precision = 'group' WHERE precision = 'cell'")
    _choice("tips", "precision", _PRECISIONS)
    op.drop_column("tip_settings", "cell_m")
    bind = op.get_bind()
    bind.exec_driver_sql(sql_part("tips.sql", "VIEW tips_coarse", ";\n"))
    for name in ("submit_tip", "answer_tip"):
        bind.exec_driver_sql(sql_part("tips.sql", rf"FUNCTION {name}\(", r"\n\$\$;\n"))
    op.execute(f"ALTER FUNCTION {_SUBMIT} OWNER TO gis_owner")
    op.execute(f"REVOKE EXECUTE ON FUNCTION {_SUBMIT} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {_SUBMIT} TO gis_app")
