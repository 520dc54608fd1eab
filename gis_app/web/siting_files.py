"""A siting plan as files (CSV, GeoPackage, proposal), and as tasks that end when devices are installed and verified."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify, request

from gis_app.errors import BadRequest, NotFound
from gis_app.jobs.siting_export import NAMES, device_rows, geopackage_of
from gis_app.queries import siting as q
from gis_app.queries.audit import record_event
from gis_app.queries.tasks import fetch_today
from gis_app.web import siting_forms as forms
from gis_app.web.answers import csv_file
from gis_app.web.context import allow, commune, connection
from gis_app.web.params import read_query
from gis_app.web.safe_writes import once, wanted_version
from gis_app.web.siting_tasks import assign
from gis_app.web.task_forms import broken_reference

blueprint = Blueprint("siting_files", __name__)

MIME_TYPES = {"gpkg": "application/geopackage+sqlite3", "pdf": "application/pdf"}
TASKS_SCHEMA = {
    "type": "object",
    "properties": {
        "holder_role": {"type": "string"},
        "holder_unit_id": {"type": "integer"},
        "responsibility": {"type": "string", "maxLength": 300},
        "due_on": {"type": "string", "format": "date"},
    },
}


@blueprint.get("/api/siting-plans/<int:plan_id>.<fmt>")
@allow(*q.READERS)
def show_file(plan_id: int, fmt: str) -> Response:
    """A plan's devices as csv or gpkg with VN-2000 and WGS 84 coordinates, or its proposal as pdf; logged.

    CSV: lon, lat (WGS 84), x_vn2000 (east), y_vn2000 (north) in the zone `srid`; gpkg: one layer in that zone.
    """
    read_query(())
    plan, here = forms.find_plan(plan_id), commune()
    if fmt not in ("csv", *MIME_TYPES):
        raise NotFound("siting_plan_not_found")
    record_event(connection(), "export", "siting_plans", {"id": plan.id, "format": fmt})
    name = f"kich-ban-{here.code}-{plan.id:02d}"
    if fmt == "pdf":
        content = _proposal(plan)
    else:
        rows = device_rows(connection(), here, plan, forms.settings_of(plan))
        if fmt == "csv":
            return csv_file(NAMES, [[row[column] for column in NAMES] for row in rows], name)
        content = geopackage_of(rows, here.metric_srid)
    answer = Response(content, mimetype=MIME_TYPES[fmt])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{fmt}"'
    return answer


def _proposal(plan: q.Plan) -> bytes:
    from gis_app.jobs.siting_proposal import print_proposal  # noqa: PLC0415 - PDF libraries

    if plan.figures is None:
        raise NotFound("siting_not_counted")
    return print_proposal(connection(), commune(), plan, forms.bench_of(plan), fetch_today(connection()))


@blueprint.post("/api/siting-plans/<int:plan_id>/tasks")
@allow(*q.ASSIGNERS)
@once
def create_tasks(plan_id: int) -> Response:
    """Turn the version that If-Match names into proposed rows of layers and one task a device.

    Body (all optional): holder_role or holder_unit_id (else the planner), responsibility, due_on (else the end of the
    device's year). A task ends when its device works and was verified on site. Answers {"tasks": [{"device_id",
    "task_id", "feature": {"layer", "id"}}], "without_sign": [device ids], "plan"}; the plan then changes no more.
    """
    version, body = wanted_version(), request.get_json() if request.get_data() else {}
    if not isinstance(body, dict):
        raise BadRequest("bad_body")
    plan = forms.changeable_plan(plan_id)
    try:
        made = assign(plan, version, body)
    except sa.exc.IntegrityError as error:
        raise broken_reference(error) from error
    found = forms.find_plan(plan_id)
    tasks: list[dict[str, Any]] = [
        {"device_id": d.id, "task_id": d.task_id, "feature": {"layer": d.feature_layer, "id": d.feature_id}}
        for d in made
    ]
    signs = q.fetch_without_sign(connection(), plan.id)
    answer = jsonify({"tasks": tasks, "without_sign": signs, "plan": forms.plan_summary(found)})
    answer.status_code = 201
    answer.set_etag(str(found.version))
    return answer


create_tasks.body_schema = TASKS_SCHEMA  # type: ignore[attr-defined]
create_tasks.needs_version = True  # type: ignore[attr-defined]
