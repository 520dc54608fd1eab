"""What a review says in words: what worked, what stands in the way, what is proposed."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_NAMES = ("lesson", "obstacle", "proposal")


def upgrade() -> None:
    """Apply."""
    for name in _NAMES:
        op.add_column("group_reviews", sa.Column(name, sa.Text(), nullable=True))
        op.create_check_constraint(
            f"group_reviews_{name}_text",
            "group_reviews",
            f"length(btrim({name})) BETWEEN 1 AND 500 AND {name} !~ '[[:cntrl:]]' AND NOT has_personal_number({name})",
        )
    # Drafts alone, by the policy of the table; what was sent stays as it was read by the second person.
    op.execute(f"GRANT UPDATE ({', '.join(_NAMES)}) ON group_reviews TO gis_app")


def downgrade() -> None:
    """Take back."""
    for name in _NAMES:
        op.drop_column("group_reviews", name)
