"""The job "coverage": makes the figures those of now, whatever it takes."""

from gis_app.errors import NotFound
from gis_app.jobs.coverage import ensure_coverage
from gis_app.jobs.kinds import JobKind, Work
from gis_app.queries.communes import fetch_commune
from layers.base import STAFF


def _run(work: Work) -> str:
    commune = None if work.actor.commune_id is None else fetch_commune(work.conn, work.actor.commune_id)
    if commune is None:
        raise NotFound("no_commune")
    ensure_coverage(work.conn, work.actor, commune, whole=True, step=work.step)
    return "/do-phu"


job = JobKind(STAFF, _run)
