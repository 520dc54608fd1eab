"""Devices of a siting plan by hand: add, move, turn, lock, refuse, take out; each answer counts the plan anew."""

from typing import Any

import shapely
from flask import Blueprint, Response, jsonify, request
from shapely.geometry import mapping

from gis_app.analysis.siting_figures import Placed, count_covers, draw_view, full_weight, gain_with, weight_of
from gis_app.analysis.siting_settings import KINDS
from gis_app.errors import BadRequest, Conflict
from gis_app.jobs.siting_problem import Bench, covers_of, placed_of
from gis_app.queries import siting as q
from gis_app.queries.siting_sources import to_degrees, to_metres
from gis_app.web import siting_forms as forms
from gis_app.web.context import allow, commune, connection
from gis_app.web.params import Param, number, one_of, plain, read_query, reads, whole
from gis_app.web.safe_writes import once, wanted_version

blueprint = Blueprint("siting_devices", __name__)

NUMBER = {"type": "number"}
DEVICE_SCHEMA = {
    "type": "object",
    "properties": {
        "kind": {"enum": list(KINDS)},
        "lon": NUMBER,
        "lat": NUMBER,
        "azimuth_deg": {"type": "number", "minimum": 0, "maximum": 360},
        "model": {"type": "string"},
        "year": {"type": "integer", "nullable": True},
        "fund": {"type": "string", "nullable": True},
        "is_locked": {"type": "boolean"},
        "is_forbidden": {"type": "boolean"},
    },
}


def _answer(plan_id: int, device_id: int | None, status: int = 200) -> Response:
    """The device, its view, and the plan's figures as they are now."""
    plan = forms.find_plan(plan_id)
    found: dict[str, Any] = {"plan": forms.plan_summary(plan), "device": None, "view": None}
    version = plan.version
    if device_id is not None:
        device = forms.find_device(plan, device_id)
        bench = forms.bench_of(plan)
        place = placed_of(device, q.fetch_metric_places(connection(), plan.id, bench.srid))
        found["device"] = forms.device_dict(device, plan, is_maker=True)
        found["view"] = forms.drawn_dict(bench, draw_view(bench.ground, bench.settings, place))
        version = device.version
    answer = jsonify(found)
    answer.status_code = status
    answer.set_etag(str(version))
    return answer


@blueprint.post("/api/siting-plans/<int:plan_id>/devices")
@allow(*q.MAKERS)
@once
def create_device(plan_id: int) -> Response:
    """Put a device into a plan by hand; it is locked unless the body says otherwise, so that solving keeps it.

    Needs kind, lon, lat, model, and azimuth_deg of a camera. Answers {"device", "view": {"polygon" (GeoJSON) or null,
    "is_inside", "reach_m"}, "plan": as in the list, counted anew}; the ETag is the device's version.
    """
    plan = forms.changeable_plan(plan_id)
    conn = connection()
    q.lock_plan(conn, plan.id)
    values = {"is_locked": True} | forms.read_device(request.get_json(), plan, None)
    values["is_locked"] = values["is_locked"] and not values.get("is_forbidden", False)
    if len(q.fetch_devices(conn, plan.id)) >= q.MOST_DEVICES:
        raise Conflict("too_many_siting_devices", limit=q.MOST_DEVICES)
    forms.check_place(forms.bench_of(plan), values["lon"], values["lat"])
    forms.pay_for(plan, values)
    device_id = q.insert_devices(conn, commune().id, plan.id, [values | {"by_hand": True}])[0]
    forms.after_edit(plan)
    return _answer(plan.id, device_id, 201)


@blueprint.patch("/api/siting-plans/<int:plan_id>/devices/<int:device_id>")
@allow(*q.MAKERS)
def update_device(plan_id: int, device_id: int) -> Response:
    """Move, turn, lock, refuse or pay for the device of the version that If-Match names; answers as adding one does.

    What was moved or turned is locked, unless the body says otherwise.
    """
    version, plan = wanted_version(), forms.changeable_plan(plan_id)
    q.lock_plan(connection(), plan.id)
    device = forms.find_device(plan, device_id)
    values = forms.read_device(request.get_json(), plan, device)
    if "lon" in values:
        forms.check_place(forms.bench_of(plan), values["lon"], values["lat"])
    if values.keys() & {"lon", "azimuth_deg", "model"}:
        values = {"is_locked": not values.get("is_forbidden", device.is_forbidden), "by_hand": True} | values
    if not q.update_device(connection(), plan.id, device.id, values or {"by_hand": device.by_hand}, version):
        raise forms.stale(device.version)
    forms.after_edit(plan)
    return _answer(plan.id, device.id)


@blueprint.delete("/api/siting-plans/<int:plan_id>/devices/<int:device_id>")
@allow(*q.MAKERS)
def delete_device(plan_id: int, device_id: int) -> Response:
    """Take the device of the version that If-Match names out of the plan; answers the plan counted anew."""
    read_query(())
    version, plan = wanted_version(), forms.changeable_plan(plan_id)
    q.lock_plan(connection(), plan.id)
    device = forms.find_device(plan, device_id)
    if not q.delete_device(connection(), plan.id, device.id, version):
        raise forms.stale(device.version)
    forms.after_edit(plan)
    return _answer(plan.id, None)


def _asked(bench: Bench, query: dict[str, Any]) -> Placed:
    models = bench.settings.cameras if query["kind"] == "camera" else bench.settings.lamps
    model = query["model"] or (models[0].name if models else "")
    if model not in [one.name for one in models]:
        raise BadRequest("bad_parameter", name="model", rule="choice")
    spot = to_metres(connection(), [shapely.Point(query["lon"], query["lat"])], bench.srid)[0]
    azimuth = query["azimuth"] % 360 if query["kind"] == "camera" else None
    return Placed(query["kind"], float(spot.x), float(spot.y), azimuth, model)


@blueprint.get("/api/siting-plans/<int:plan_id>/preview")
@allow(*q.MAKERS)
@reads(
    Param("lon", number(102, 118), "Degrees east", NUMBER, required=True),
    Param("lat", number(6, 24), "Degrees north", NUMBER, required=True),
    Param("azimuth", number(0, 360), "Middle of the view, degrees clockwise from north", NUMBER, default=0.0),
    Param("kind", one_of(*KINDS), "camera or lamp", {"enum": list(KINDS)}, default="camera"),
    Param("model", plain, "Name of a model of the plan; else the first of the kind"),
    Param("device", whole(1, 2**62), "Id of the device that is dragged: it counts as taken away", {"type": "integer"}),
)  # fmt: skip
def show_preview(query: dict[str, Any], plan_id: int) -> Response:
    """What a device would see and add at a place, for a drag: nothing is written.

    `{"polygon" (GeoJSON) or null, "is_inside", "reach_m", "problem": null, "outside" or "excluded", "adds_weight",
    "adds_share" (of the full weight), "weight_share" (of the plan with it)}`.
    """
    plan = forms.find_plan(plan_id)
    bench, conn = forms.bench_of(plan), connection()
    placed = _asked(bench, query)
    others = [d for d in q.fetch_devices(conn, plan.id) if not d.is_forbidden and d.id != query["device"]]
    counts = count_covers(bench.ground, covers_of(bench, others, q.fetch_metric_places(conn, plan.id, bench.srid)))
    adds = gain_with(bench.ground, counts, bench.cover(placed))
    full, now = full_weight(bench.ground), float(weight_of(bench.ground, counts).sum())
    found = {
        "problem": bench.may_stand(placed.x, placed.y),
        "adds_weight": adds,
        "adds_share": adds / full if full else 0.0,
        "weight_share": (now + adds) / full if full else 0.0,
    }
    return jsonify(forms.drawn_dict(bench, draw_view(bench.ground, bench.settings, placed)) | found)


@blueprint.get("/api/siting-plans/<int:plan_id>/views")
@allow(*q.READERS)
def list_views(plan_id: int) -> Response:
    """What each device sees or lights, as a GeoJSON FeatureCollection (EPSG:4326); `id` is the device's.

    Properties: kind, model, is_locked, is_forbidden, is_inside, reach_m.
    """
    read_query(())
    plan = forms.find_plan(plan_id)
    bench, conn = forms.bench_of(plan), connection()
    places = q.fetch_metric_places(conn, plan.id, bench.srid)
    devices = q.fetch_devices(conn, plan.id)
    drawn = [draw_view(bench.ground, bench.settings, placed_of(device, places)) for device in devices]
    shapes = to_degrees(conn, [one.polygon for one in drawn], bench.srid)
    features = [
        {
            "type": "Feature",
            "id": device.id,
            "geometry": None if shape.is_empty else mapping(shapely.set_precision(shape, 1e-7)),
            "properties": {"kind": device.kind, "model": device.model, "is_locked": device.is_locked,
                           "is_forbidden": device.is_forbidden, "is_inside": one.inside,
                           "reach_m": round(one.reach_m, 2)},
        }
        for device, one, shape in zip(devices, drawn, shapes, strict=True)
    ]  # fmt: skip
    answer = jsonify({"type": "FeatureCollection", "features": features})
    answer.mimetype = "application/geo+json"
    return answer


for _view in (create_device, update_device):
    _view.body_schema = DEVICE_SCHEMA  # type: ignore[attr-defined]
for _view in (update_device, delete_device):
    _view.needs_version = True  # type: ignore[attr-defined]
