"""Jobs: what waits, what runs and how far it is; cancel. Each resource asks for its own kind of job."""

import contextlib
import re
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import Conflict, Forbidden, NotFound
from gis_app.queries import jobs
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.job_forms import MAX_ID, find_job, job_dict
from gis_app.web.params import Param, plain, read_query, reads
from layers.base import STAFF

blueprint = Blueprint("jobs", __name__)


@blueprint.get("/api/jobs")
@allow(*STAFF)
@reads(Param("kind", plain, "Only jobs of this kind"))
def list_jobs(query: dict[str, Any]) -> Response:
    """Jobs of the own commune that the role may see, newest first, at most 100."""
    found = jobs.fetch_jobs(connection(), commune().id, kind=query["kind"])
    return jsonify({"jobs": [job_dict(job) for job in found]})


@blueprint.get("/api/jobs/<int:job_id>")
@allow(*STAFF)
def show_job(job_id: int) -> Response:
    """One job: state, progress in percent, and the address of what it made."""
    read_query(())
    return jsonify(job_dict(find_job(job_id)))


def _cancel(job_id: int) -> None:
    commune()
    outcome = jobs.update_cancelled(connection(), job_id) if job_id <= MAX_ID else "missing"
    errors = {
        "missing": NotFound("job_not_found"),
        "role": Forbidden("role_not_allowed", role=actor().role),
        "ended": Conflict("job_ended"),
    }
    if outcome in errors:
        raise errors[outcome]


@blueprint.delete("/api/jobs/<int:job_id>")
@allow(*STAFF)
def delete_job(job_id: int) -> Response:
    """Cancel a job that waits or runs: whoever asked for it, or the administrator; nothing of it is kept."""
    read_query(())
    _cancel(job_id)
    return jsonify(job_dict(find_job(job_id)))


@blueprint.post("/cong-viec/<int:job_id>/huy")
@allow(*STAFF)
def cancel(job_id: int) -> AnyResponse:
    """Cancel by a form; a job that has ended meanwhile is as good."""
    with contextlib.suppress(Conflict):
        _cancel(job_id)
    # Only a page of this site: the one that the form was on.
    back = request.form.get("back", "/")
    return redirect(back if re.fullmatch(r"/[a-z-]*", back) else "/", 303)
