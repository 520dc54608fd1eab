"""Reports about places that come by telephone, on a slip out of a tip box, or from a party cell."""

from alembic import op

revision = "0041"
down_revision = "0039"
branch_labels = None
depends_on = None

_BEFORE = ("patrol", "police", "meeting", "tip", "file")


def _sources(codes: tuple[str, ...]) -> None:
    op.drop_constraint("place_reports_source_choice", "place_reports", type_="check")
    op.create_check_constraint("place_reports_source_choice", "place_reports", f"source IN {codes}")


def upgrade() -> None:
    """Apply."""
    _sources((*_BEFORE, "phone", "box", "cell"))


def downgrade() -> None:
    """Take back."""
    op.execute("UPDATE place_reports SET source = 'police' WHERE source IN ('phone', 'box', 'cell')")
    _sources(_BEFORE)
