"""Notices of shifts, tips, proposals of neighbours, ended jobs and lost stages; to one account, with a link."""

import sqlalchemy as sa
from alembic import op

from migrations.helpers import run_sql

revision = "0039"
down_revision = "0037"
branch_labels = None
depends_on = None

_KINDS = ("task_given", "task_changed", "task_cancelled", "reminder", "instruction", "proposal_decided")
_MADE = (
    "shift_issued",
    "tip_new",
    "tip_due",
    "agreement_proposed",
    "report_done",
    "import_done",
    "job_failed",
    "stage_lapsed",
)
# Name, table, function.
_TRIGGERS = (
    ("patrol_plans_tell", "patrol_plans", "tell_of_shift()"),
    ("stage_changes_tell_lapse", "stage_changes", "tell_of_lapse()"),
    ("agreements_tell", "agreements", "tell_of_proposal()"),
    ("jobs_tell", "jobs", "tell_of_job()"),
)


def _heartbeats(names: str) -> None:
    op.drop_constraint("heartbeats_name_choice", "heartbeats", type_="check")
    op.create_check_constraint("heartbeats_name_choice", "heartbeats", f"name IN ({names})")


def _rules(kinds: tuple[str, ...], readers: str) -> None:
    for name, rule in (
        ("notices_kind_choice", f"kind IN {kinds}"),
        ("notices_to_required", f"num_nonnulls({readers}) = 1"),
    ):
        op.drop_constraint(name, "notices", type_="check")
        op.create_check_constraint(name, "notices", rule)


def upgrade() -> None:
    """Apply."""
    op.add_column("notices", sa.Column("username", sa.Text(), nullable=True))
    op.add_column("notices", sa.Column("about", sa.Text(), nullable=True))
    op.add_column("notices", sa.Column("link", sa.Text(), nullable=True))
    op.create_foreign_key(
        "notices_username_fkey", "notices", "accounts", ["username"], ["username"],
        ondelete="CASCADE", onupdate="CASCADE",
    )  # fmt: skip
    op.create_check_constraint("notices_about_text", "notices", "length(about) BETWEEN 1 AND 200")
    op.create_check_constraint("notices_link_text", "notices", "link ~ '^/[a-z0-9/-]{1,100}$'")
    _rules((*_KINDS, *_MADE), "role, unit_id, username")
    run_sql("notices_made.sql", op.get_bind())
    _heartbeats("'worker', 'retention', 'tip_notices'")


def downgrade() -> None:
    """Take back."""
    for trigger, table, function in _TRIGGERS:
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
        op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP FUNCTION tell(integer, text, text, bigint, text, bigint, text, text, text)")
    op.execute("DROP FUNCTION tell_of_tips(text[], integer, integer, integer)")
    op.execute("DROP FUNCTION delete_old_notices()")
    op.execute(f"DELETE FROM notices WHERE kind IN {_MADE} OR username IS NOT NULL")
    op.execute("DROP POLICY notices_read ON notices")
    op.execute(
        "CREATE POLICY notices_read ON notices FOR SELECT TO gis_app USING (commune_id = acting_commune() "
        "AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor') "
        "AND (role = current_setting('app.role', true) OR unit_id = ANY ((SELECT acting_units())::bigint[])))"
    )
    _rules(_KINDS, "role, unit_id")
    op.execute("DELETE FROM heartbeats WHERE name = 'tip_notices'")
    _heartbeats("'worker', 'retention'")
    for column in ("link", "about", "username"):
        op.drop_column("notices", column)
