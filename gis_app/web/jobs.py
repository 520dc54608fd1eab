"""Jobs: what waits, what runs and how far it is; cancel. Each resource asks for its own kind of job."""

import contextlib
import re
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import Conflict
from gis_app.queries import jobs
from gis_app.web.context import allow, commune, connection
from gis_app.web.job_forms import cancel_job, find_job, job_dict
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


@blueprint.delete("/api/jobs/<int:job_id>")
@allow(*STAFF)
def delete_job(job_id: int) -> Response:
    """Cancel a job that waits or runs: whoever asked for it, or the administrator.

    Nothing of it is kept, but for kinds that keep the best so far: they are asked to end now (`wants_finish`), and
    cancelled once more they too are thrown away.
    """
    read_query(())
    cancel_job(job_id)
    return jsonify(job_dict(find_job(job_id)))


@blueprint.post("/cong-viec/<int:job_id>/huy")
@allow(*STAFF)
def cancel(job_id: int) -> AnyResponse:
    """Cancel by a form; a job that has ended meanwhile is as good."""
    with contextlib.suppress(Conflict):
        cancel_job(job_id)
    # Only a page of this site: the one that the form was on.
    back = request.form.get("back", "/")
    known = r"/[a-z-]*|/du-lieu/tai-ve|/do-phu/kich-ban/[0-9]{1,18}|/du-lieu/nhap/[0-9]{1,18}"
    return redirect(back if re.fullmatch(known, back) else "/", 303)
