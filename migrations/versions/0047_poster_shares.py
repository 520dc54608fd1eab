"""Each poster has places of its own in an hour's count of tips; the committee writes what it was told of a place."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

NAME = "tip_loads_kind_choice"
BEFORE = "kind IN ('sent', 'asked', 'answered', 'missed')"
NOW = f"{BEFORE} OR kind ~ '^box[0-9a-f]{{12}}$'"


def upgrade() -> None:
    """Apply."""
    op.drop_constraint(NAME, "tip_loads")
    op.create_check_constraint(NAME, "tip_loads", NOW)
    # It reads none of them: no policy lets it.
    op.execute(
        "CREATE POLICY place_reports_hear ON place_reports FOR INSERT TO gis_app "
        "WITH CHECK (commune_id = nullif(current_setting('app.commune_id', true), '')::int "
        "AND current_setting('app.role', true) = 'committee' AND hotspot_id IS NULL "
        "AND source IN ('phone', 'box', 'cell', 'meeting'))"
    )


def downgrade() -> None:
    """Take back."""
    op.execute("DROP POLICY place_reports_hear ON place_reports")
    op.execute("DELETE FROM tip_loads WHERE kind ~ '^box'")
    op.drop_constraint(NAME, "tip_loads")
    op.create_check_constraint(NAME, "tip_loads", BEFORE)
