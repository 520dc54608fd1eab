"""A plan as files: GPX for any device, and the sheet on A4."""

from flask import Blueprint, Response, request

from gis_app.errors import Conflict, NotFound
from gis_app.queries import patrol as q
from gis_app.queries.audit import record_event
from gis_app.web import patrol_forms as forms
from gis_app.web.context import allow, commune, connection
from gis_app.web.params import read_query

blueprint = Blueprint("patrol_files", __name__)

MIME_TYPES = {"gpx": "application/gpx+xml", "pdf": "application/pdf"}


@blueprint.get("/api/patrol-plans/<int:patrol_plan_id>.<fmt>")
@allow(*q.MAKERS)
def show_file(patrol_plan_id: int, fmt: str) -> Response:
    """The chosen alternative as gpx (a route for each team, a waypoint for each stop) or as the sheet in pdf; logged.

    Refused: patrol_not_solved where nothing is chosen, or settings have changed since.
    """
    read_query(())
    plan = forms.find_plan(patrol_plan_id)
    if fmt not in MIME_TYPES:
        raise NotFound("patrol_plan_not_found")
    if plan.chosen is None or not plan.is_solved:
        raise Conflict("patrol_not_solved")
    from gis_app.jobs.patrol_files import print_gpx, print_sheet  # noqa: PLC0415 - GPX and PDF libraries

    record_event(connection(), "export", "patrol_plans", {"id": plan.id, "format": fmt})
    here = commune()
    if fmt == "gpx":
        content = print_gpx(connection(), here, plan)
    else:
        content = print_sheet(connection(), here, plan, f"{request.host_url}tuan-tra/{plan.id}")
    answer = Response(content, mimetype=MIME_TYPES[fmt])
    answer.headers["Content-Disposition"] = f'attachment; filename="ca-{here.code}-{plan.id}.{fmt}"'
    return answer
