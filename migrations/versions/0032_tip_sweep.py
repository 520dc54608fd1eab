"""Tips that nobody closed go too; what is alike is found by indexes."""

from alembic import op

from migrations.helpers import run_sql, sql_part

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_OLD = "delete_old_tips(integer)"


def upgrade() -> None:
    """Apply."""
    op.create_index("tips_alike", "tips", ["commune_id", "subject", "group_id", "precision"], unique=False)
    op.create_index("tips_geom_gist", "tips", ["geom"], unique=False, postgresql_using="gist")
    run_sql("tip_sweep.sql", op.get_bind())


def downgrade() -> None:
    """Take back."""
    op.execute("DROP FUNCTION sweep_tips(integer, integer, integer)")
    op.get_bind().exec_driver_sql(sql_part("tips.sql", r"FUNCTION delete_old_tips\(", r"\n\$\$;\n"))
    op.execute(f"ALTER FUNCTION {_OLD} OWNER TO gis_owner")
    op.execute(f"REVOKE EXECUTE ON FUNCTION {_OLD} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {_OLD} TO gis_app")
    op.drop_index("tips_geom_gist", "tips")
    op.drop_index("tips_alike", "tips")
