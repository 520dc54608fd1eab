"""The job "patrol": the alternatives of a plan. Asked to finish, those that are found by then are kept."""

from gis_app.errors import Conflict, NotFound
from gis_app.jobs.kinds import JobKind, Work
from gis_app.jobs.patrol_plan import solve
from gis_app.queries import patrol as q
from gis_app.queries.communes import fetch_commune
from layers.base import POLICE


def _run(work: Work) -> str:
    work.step(5, "reading")
    commune = None if work.actor.commune_id is None else fetch_commune(work.conn, work.actor.commune_id)
    found = [] if commune is None else q.fetch_plans(work.conn, commune.id, int(work.parameters["plan_id"]))
    if commune is None or not found:
        raise NotFound("patrol_plan_not_found")
    plan = found[0]
    if plan.state != "draft":
        raise Conflict("patrol_plan_issued")
    q.lock_plan(work.conn, plan.id)
    work.step(15, "solving")

    def tell(count: int, prize: float) -> bool:
        return work.step(15 + 22 * count, "solving", {"found": count, "best": round(prize, 1)})

    solve(work.conn, commune, plan, tell)
    return f"/tuan-tra/{plan.id}"


job = JobKind(POLICE, _run, keeps_best=True)
