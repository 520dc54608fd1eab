"""Work that takes over a second: asked for in a request, done by the worker; the row is queue, progress and result."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from layers import metadata

jobs = sa.Table(
    "jobs",
    metadata,
    # The web reads some columns; migrations/sql/jobs.sql has the functions that change the rest.
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("parameters", JSONB, nullable=False, server_default=sa.text("'{}'")),
    # Roles that may see it; what the kind's file said when it was asked for.
    sa.Column("readers", ARRAY(sa.Text), nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("asked_role", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'queued'")),
    sa.Column("progress", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
    # Message key of what is being done, `job.<kind>.<message>`.
    sa.Column("message", sa.Text),
    # Address of what was made.
    sa.Column("result", sa.Text),
    sa.Column("error", sa.Text),
    # Figures that a running job tells (an optimisation's best and bound); the latest alone.
    sa.Column("detail", JSONB),
    # Whoever asked wants the best so far, now; only kinds that keep it heed this.
    sa.Column("wants_finish", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("attempts", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
    # Of the run under way: whoever ran it before and is still alive can write nothing any more.
    sa.Column("run_key", UUID(as_uuid=True)),
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("started_at", sa.DateTime(timezone=True)),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Index("jobs_commune_id", "commune_id", "id"),
    sa.Index("jobs_waiting", "id", postgresql_where=sa.text("state IN ('queued', 'running')")),
    sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="jobs_state_choice"),
    sa.CheckConstraint("progress BETWEEN 0 AND 100", name="jobs_progress_range"),
    sa.CheckConstraint("kind ~ '^[a-z][a-z_]{0,39}$'", name="jobs_kind_text"),
    sa.CheckConstraint("message ~ '^[a-z_]{1,40}$' AND error ~ '^[a-z_]{1,60}$'", name="jobs_message_text"),
    sa.CheckConstraint("length(result) <= 200", name="jobs_result_text"),
    sa.CheckConstraint("octet_length(parameters::text) <= 20000", name="jobs_parameters_text"),
    sa.CheckConstraint("octet_length(detail::text) <= 20000", name="jobs_detail_text"),
)
