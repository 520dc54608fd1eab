"""Siting plans ("Kịch bản"): list, make, change, solve as a job, compare. Devices by hand are in siting_devices.py."""

from typing import Any

import shapely
from flask import Blueprint, Response, jsonify, request

from gis_app.analysis.siting_figures import count_covers
from gis_app.errors import Conflict
from gis_app.jobs.siting_plan import marginal_of
from gis_app.jobs.siting_problem import covers_of
from gis_app.queries import siting as q
from gis_app.queries.siting_sources import to_degrees
from gis_app.web import siting_answers as views
from gis_app.web import siting_forms as forms
from gis_app.web.context import allow, commune, connection
from gis_app.web.job_forms import finish_now, job_answer
from gis_app.web.params import Param, read_query, reads, whole
from gis_app.web.safe_writes import once, wanted_version

blueprint = Blueprint("siting_plans", __name__)

ID = {"type": "integer", "minimum": 1}
PLAN_SCHEMA = {
    "type": "object",
    "required": ["name", "settings"],
    "properties": {
        "name": {"type": "string", "maxLength": 120},
        "settings": {"type": "object", "description": "As GET /api/siting-plans/defaults answers them"},
    },
}


def _answer(plan_id: int, status: int = 200) -> Response:
    plan = forms.find_plan(plan_id)
    answer = jsonify(forms.plan_dict(plan))
    answer.status_code = status
    answer.set_etag(str(plan.version))
    answer.headers["Location"] = f"/api/siting-plans/{plan.id}"
    return answer


@blueprint.get("/api/siting-plans")
@allow(*q.READERS)
def list_plans() -> Response:
    """Siting plans of the own commune, newest first.

    `{"plans": [{"id", "version", "name", "state", "status", "gap_share", "bound_text", "updated_at", "solved_at",
    "figures"}]}`; `state` draft, solved, edited or assigned; `figures` as in one plan, or null.
    """
    read_query(())
    return jsonify({"plans": [forms.plan_summary(plan) for plan in forms.list_plans()]})


@blueprint.get("/api/siting-plans/defaults")
@allow(*q.MAKERS)
def show_defaults() -> Response:
    """A name and settings from which a new plan may start: poles that the commune has, this year and the next.

    `{"name", "settings": {"targets": {"weights": {class: weight}, "street_spacing_m"}, "level", "px_per_m",
    "candidates": {"light_poles", "camera_poles", "street_spacing_m" or null, "points": [[lon, lat]]}, "exclusions":
    [GeoJSON polygon], "models": [{"kind": "camera", "name", "cost_vnd", "fov_deg", "pixel_width", "has_infrared",
    "bearing_count"} or {"kind": "lamp", "name", "cost_vnd", "radius_m"}], "budget": {"years", "funds": [{"name",
    "kinds", "amounts" (one a year, VND)}], "carry_over"}, "views_per_pole", "exclusive", "objective": {"day", "night"},
    "backup": {"classes", "share"}, "must": {"classes"}, "equity", "time_limit_s"}}`.
    """
    read_query(())
    return jsonify(views.defaults())


@blueprint.get("/api/siting-plans/<int:plan_id>")
@allow(*q.READERS)
def show_plan(plan_id: int) -> Response:
    """One siting plan with settings, devices, figures, curve and history of its solving.

    As in the list, and `settings`, `devices` [{"id", "version", "kind" camera or lamp, "lon", "lat", "azimuth_deg",
    "model", "cost_vnd", "year", "fund", "is_locked", "is_forbidden", "by_hand", "feature_layer", "feature_id",
    "task_id", "adds_weight"}], `objective`, `bound`, `curve` [[VND, weight]], `history` [[seconds, best, bound]],
    `floor`, `floor_bound` (equity: covered share of the least covered group, and the most it can be), `conflict` null,
    must or locked, `missing` [{"class", "lon", "lat"}] targets that must be covered and cannot be,
    `marginal` {"camera", "lamp", "pair"}, `job_id` of the solving under way, `without_sign` [device ids].
    `figures`: {"before", "after": {"weight", "full_weight", "classes": {class: {"amount", "day", "night", "lit",
    "weight", "full_weight"}}}, "spending": {"rows": [{"year", "fund", "spent_vnd", "budget_vnd"}], "total_vnd",
    "budget_vnd", "unpaid_vnd", "is_over"}, "camera_count", "lamp_count", "adds"}.
    Committee and supervisor get no hotspots and no weights of devices.
    """
    read_query(())
    return _answer(plan_id)


@blueprint.post("/api/siting-plans")
@allow(*q.MAKERS)
@once
def create_plan() -> Response:
    """Make a siting plan from a name and settings; every value that breaks a rule is named by its path."""
    commune()
    return _answer(forms.create(request.get_json()), 201)


@blueprint.patch("/api/siting-plans/<int:plan_id>")
@allow(*q.MAKERS)
def update_plan(plan_id: int) -> Response:
    """Change name or settings of the version that If-Match names; devices stay, figures are those of before."""
    version, plan = wanted_version(), forms.changeable_plan(plan_id)
    values = forms.read_plan(request.get_json(), is_whole=False, plan=plan)
    if not q.update_plan(connection(), plan.id, version, values or {"name": plan.name}):
        raise forms.stale(forms.find_plan(plan_id).version)
    return _answer(plan_id)


@blueprint.delete("/api/siting-plans/<int:plan_id>")
@allow(*q.MAKERS)
def delete_plan(plan_id: int) -> tuple[str, int]:
    """Delete the version that If-Match names, with its devices; rows of layers and tasks made from it stay."""
    read_query(())
    version, plan = wanted_version(), forms.held_plan(plan_id)
    if forms.open_job(plan.id) is not None:
        raise Conflict("siting_running")
    if not q.delete_plan(connection(), plan.id, version):
        raise forms.stale(plan.version)
    return "", 204


@blueprint.post("/api/siting-plans/<int:plan_id>/solve")
@allow(*q.MAKERS)
@once
def solve_plan(plan_id: int) -> Response:
    """Ask for the devices; answers a job whose `detail` tells {"seconds", "best", "bound", "cameras", "lamps"}.

    Locked devices stay, refused places stay empty, everything else that was found before makes room. Asked again while
    it runs it is the same job. A failed job's `error`: siting_too_many_candidates, siting_locked_excluded …
    """
    return job_answer(forms.ask_solving(plan_id))


@blueprint.post("/api/siting-plans/<int:plan_id>/finish")
@allow(*q.MAKERS)
@once
def finish_plan(plan_id: int) -> Response:
    """Ask the solving that runs to end now with the best so far; cancelling its job does the same."""
    job = forms.open_job(forms.find_plan(plan_id).id)
    if job is None:
        raise Conflict("job_not_running")
    finish_now(job.id)
    return job_answer(job.id)


@blueprint.get("/api/siting-plans/<int:plan_id>/marginal")
@allow(*q.MAKERS)
def show_marginal(plan_id: int) -> Response:
    """What one more camera and one more lamp add to the devices as they stand, whatever the money, and where.

    `{"camera": {"weight", "lon", "lat", "azimuth_deg", "model"} or null, "lamp": …}`.
    """
    read_query(())
    plan = forms.find_plan(plan_id)
    bench, conn = forms.bench_of(plan), connection()
    devices = [d for d in q.fetch_devices(conn, plan.id) if not d.is_forbidden]
    counts = count_covers(bench.ground, covers_of(bench, devices, q.fetch_metric_places(conn, plan.id, bench.srid)))
    found = marginal_of(bench, counts)
    for kind, one in found.items():
        if one is not None:
            spot = to_degrees(conn, [shapely.Point(one.pop("x"), one.pop("y"))], bench.srid)[0]
            found[kind] = one | {"lon": spot.x, "lat": spot.y}
    return jsonify(found)


@blueprint.get("/api/siting-plans/compare")
@allow(*q.READERS)
@reads(
    Param("first", whole(1, 2**62), "Id of a plan", ID, required=True),
    Param("second", whole(1, 2**62), "Id of another", ID, required=True),
)
def compare_plans(query: dict[str, Any]) -> Response:
    """Two plans: the difference of their figures (second less first) and the devices that only one has.

    `{"first": plan summary, "second": …, "difference": {"weight", "weight_share", "cost_vnd", "camera_count",
    "lamp_count", "classes": {class: {"day", "night", "lit"}}} or null, "only_first": [device],
    "only_second": [device]}`.
    """
    return jsonify(views.compared(query["first"], query["second"]))


for _view in (create_plan, update_plan):
    _view.body_schema = PLAN_SCHEMA  # type: ignore[attr-defined]
for _view in (update_plan, delete_plan):
    _view.needs_version = True  # type: ignore[attr-defined]
