"""Alive, and ready."""

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify

from gis_app.errors import Unavailable
from gis_app.queries.health import find_faults, jobs_state, worker_state
from gis_app.web.context import engine, public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def show_health() -> Response:
    """The process answers."""
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
@public
def show_readiness() -> Response:
    """The database answers, its schema is this program's, its guards stand; says whether worker and jobs move."""
    try:
        with engine().begin() as conn:
            faults = find_faults(conn)
            worker, jobs = ("never", "stuck") if faults else (worker_state(conn), jobs_state(conn))
    except (sa.exc.OperationalError, sa.exc.TimeoutError) as error:
        raise Unavailable("database_away") from error
    if faults:
        raise Unavailable("not_ready", faults=faults)
    return jsonify({"status": "ready", "worker": worker, "jobs": jobs})
