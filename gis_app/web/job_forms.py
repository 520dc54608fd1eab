"""Jobs as pages and answers have them; no views here."""

from typing import Any

from gis_app.errors import NotFound
from gis_app.queries.jobs import Job, fetch_jobs
from gis_app.web.context import commune, connection
from gis_app.web.i18n import catalogue, language, t

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
        return t(key) if key in catalogue(language()) else t("error.unexpected")
    if job.state == "running" and job.message:
        return t(f"job.{job.kind}.{job.message}")
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
        "text": status_text(job),
        "result": job.result,
        "error": job.error,
        "asked_role": job.asked_role,
        "parameters": dict(job.parameters),
    } | {name: at.isoformat() if at else None for name, at in moments.items()}
