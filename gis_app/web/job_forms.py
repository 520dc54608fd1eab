"""Jobs as pages and answers have them; no views here."""

from typing import Any

from flask import Response, jsonify

from gis_app.errors import Conflict, Forbidden, NotFound
from gis_app.jobs.kinds import find_kind
from gis_app.queries import jobs
from gis_app.queries.jobs import Job, fetch_jobs
from gis_app.web.context import actor, commune, connection
from gis_app.web.i18n import catalogue, language, t, words

# PostgreSQL's bigint; a larger number in an address names nothing.
MAX_ID = 2**63 - 1


def find_job(job_id: int) -> Job:
    """The job if the actor may see it; 404 alike for another's and for none."""
    here = commune()
    found = fetch_jobs(connection(), here.id, job_id=job_id) if job_id <= MAX_ID else []
    if not found:
        raise NotFound("job_not_found")
    return found[0]


def status_text(job: Job) -> str:
    """What a person reads beside the bar: the state, or what is being done, or why it failed."""
    if job.state == "failed" and job.error:
        key = f"error.{job.error}"
        return t(key, **(job.detail or {})) if key in catalogue(language()) else t("error.unexpected")
    if job.state == "running" and job.wants_finish:
        return t("job.finishing")
    if job.state == "running" and job.message:
        key = f"job.{job.kind}.{job.message}"
        told = f"{key}_told"
        if job.detail and told in catalogue(language()) and all(v is not None for v in job.detail.values()):
            return t(told, **{name: words().number(round(value)) for name, value in job.detail.items()})
        return t(key)
    return t(f"job.state.{job.state}")


def job_dict(job: Job) -> dict[str, Any]:
    """A job as JSON; `text` is in the reader's language."""
    moments = {name: getattr(job, name) for name in ("asked_at", "started_at", "ended_at")}
    return {
        "id": job.id,
        "kind": job.kind,
        "title": t(f"job.{job.kind}"),
        "state": job.state,
        "progress": job.progress,
        "detail": None if job.detail is None else dict(job.detail),
        "wants_finish": job.wants_finish,
        "keeps_best": keeps_best(job),
        "text": status_text(job),
        "result": job.result,
        "error": job.error,
        "asked_role": job.asked_role,
        "parameters": dict(job.parameters),
    } | {name: at.isoformat() if at else None for name, at in moments.items()}


def job_answer(job_id: int) -> Response:
    """202 with the job that was asked for, and where it tells how far it is."""
    answer = jsonify(job_dict(find_job(job_id)))
    answer.status_code = 202
    answer.headers["Location"] = f"/api/jobs/{job_id}"
    return answer


def keeps_best(job: Job) -> bool:
    """Whether cancelling the job keeps the best that it has; a job of a newer program keeps nothing that is known."""
    try:
        return find_kind(job.kind).keeps_best
    except NotFound:
        return False


def _check(outcome: str) -> None:
    errors = {
        "missing": NotFound("job_not_found"),
        "role": Forbidden("role_not_allowed", role=actor().role),
        "waiting": Conflict("job_not_running"),
        "ended": Conflict("job_ended"),
    }
    if outcome in errors:
        raise errors[outcome]


def finish_now(job_id: int) -> None:
    """Ask a running job to end with the best so far."""
    _check(jobs.update_finishing(connection(), job_id))


def cancel_job(job_id: int) -> None:
    """Cancel; a running job that keeps its best is asked to end with it, and thrown away when cancelled once more."""
    commune()
    if job_id > MAX_ID:
        raise NotFound("job_not_found")
    found = fetch_jobs(connection(), commune().id, job_id=job_id)
    if found and found[0].state == "running" and keeps_best(found[0]) and not found[0].wants_finish:
        finish_now(job_id)
        return
    _check(jobs.update_cancelled(connection(), job_id))
