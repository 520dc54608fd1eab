"""Agreements with neighbouring communes: propose, approve, end; what they share; gaps along the boundary."""

import json
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gis_app.errors import BadRequest, Forbidden
from gis_app.queries import agreements
from gis_app.queries.audit import record_event
from gis_app.queries.gaps import NEAREST_WITHIN_M
from gis_app.queries.joint_gaps import joint_gap_rows, joint_rows
from gis_app.web.agreement_forms import agreement_dict, check_outcome, find_agreement, read_proposal
from gis_app.web.answers import FORMAT, MAX_FEATURES, rows_answer
from gis_app.web.context import actor, allow, commune, connection, people_only, readable_layer
from gis_app.web.i18n import localised
from gis_app.web.params import Param, number, plain, read_query, reads, whole
from gis_app.web.safe_writes import once, wanted_version
from layers.base import STAFF, Layer

blueprint = Blueprint("agreements", __name__)

PROPOSAL_SCHEMA = {
    "type": "object",
    "required": ["commune_id", "width_m", "layers", "ends_on"],
    "properties": {
        "commune_id": {"type": "integer"},
        "width_m": {"type": "integer", "minimum": agreements.MIN_WIDTH_M, "maximum": agreements.MAX_WIDTH_M},
        "layers": {"type": "array", "items": {"type": "string"}},
        "ends_on": {"type": "string", "format": "date"},
    },
}


def _answer(agreement_id: int, status: int = 200) -> Response:
    agreement = find_agreement(agreement_id)
    strip = agreements.fetch_strip(connection(), agreement.id)
    answer = jsonify(agreement_dict(agreement) | {"strip": None if strip is None else json.loads(strip)})
    answer.status_code = status
    answer.set_etag(str(agreement.version))
    answer.headers["Location"] = f"/api/agreements/{agreement.id}"
    return answer


@blueprint.get("/api/agreements")
@allow(*STAFF)
def list_agreements() -> Response:
    """Agreements of the own commune, newest first, whichever side proposed them."""
    read_query(())
    found = agreements.fetch_agreements(connection(), commune().id)
    return jsonify({"agreements": [agreement_dict(agreement) for agreement in found]})


@blueprint.get("/api/agreements/neighbours")
@allow(*STAFF)
def list_neighbours() -> Response:
    """Communes with which an agreement is possible (outlines within 50 m), and the layers that it may name."""
    read_query(())
    commune()
    names = ("id", "code", "full_name")
    communes = [{name: getattr(found, name) for name in names} for found in agreements.fetch_touching(connection())]
    layers = [{"name": layer.name, "title": localised(layer.title)} for layer in agreements.shareable_layers()]
    return jsonify({"communes": communes, "layers": layers})


@blueprint.get("/api/agreements/<int:agreement_id>")
@allow(*STAFF)
def show_agreement(agreement_id: int) -> Response:
    """One agreement, with its strip (GeoJSON) while it is in force; 404 alike for another's and for none."""
    read_query(())
    return _answer(agreement_id)


@blueprint.post("/api/agreements")
@allow(*agreements.PROPOSERS)
@people_only
@once
def create_agreement() -> Response:
    """Propose a strip, layers and a last day to a neighbouring commune; nothing is shared before it approves."""
    commune()
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest("bad_body")
    outcome, agreement_id = agreements.insert_agreement(connection(), read_proposal(body))
    check_outcome(outcome, "proposed")
    return _answer(agreement_id or 0, 201)


create_agreement.body_schema = PROPOSAL_SCHEMA  # type: ignore[attr-defined]


@blueprint.post("/api/agreements/<int:agreement_id>/approve")
@allow(*agreements.APPROVERS)
@people_only
@once
def approve_agreement(agreement_id: int) -> Response:
    """Approve, as the other side and as another person, the version that If-Match names; sharing begins at once."""
    version, now = wanted_version(), find_agreement(agreement_id).version
    check_outcome(agreements.update_approved(connection(), agreement_id, version), "approved", now)
    return _answer(agreement_id)


@blueprint.post("/api/agreements/<int:agreement_id>/end")
@allow(*agreements.PROPOSERS)
@people_only
@once
def end_agreement(agreement_id: int) -> Response:
    """Withdraw, decline or end the version that If-Match names; either side may, and sharing stops at once."""
    version, now = wanted_version(), find_agreement(agreement_id).version
    check_outcome(agreements.update_ended(connection(), agreement_id, version), "ended", now)
    return _answer(agreement_id)


def agreed_layer(agreement_id: int, name: str) -> Layer:
    """The layer, if the actor may read it and the agreement names it."""
    layer = readable_layer(name)
    if layer.name not in find_agreement(agreement_id).layers:
        raise Forbidden("layer_not_agreed", layer=layer.name)
    return layer


def _note_export(query: dict[str, Any], subject: str, agreement_id: int) -> None:
    if query["f"] == "csv":
        record_event(connection(), "export", subject, {"agreement_id": agreement_id})


@blueprint.get("/api/agreements/<int:agreement_id>/layers/<name>/features")
@allow(*STAFF)
@reads(
    Param("after", whole(0, 2**62), "Go on after this id", {"type": "integer"}, default=0),
    Param("limit", whole(1, MAX_FEATURES), "Most features", {"type": "integer"}, default=MAX_FEATURES),
    FORMAT,
)
def list_features(query: dict[str, Any], agreement_id: int, name: str) -> Response:
    """What the neighbour shares of a layer, cut off at the strip, by id; nothing unless the agreement is in force."""
    layer = agreed_layer(agreement_id, name)
    rows = agreements.shared_rows(layer, agreement_id, after=query["after"], limit=query["limit"])
    _note_export(query, layer.name, agreement_id)
    return rows_answer(rows, f"{layer.name}-agreement-{agreement_id}", query["f"])


@blueprint.get("/api/agreements/<int:agreement_id>/layers/<name>/both")
@allow(*STAFF)
@reads()
def list_both(query: dict[str, Any], agreement_id: int, name: str) -> Response:
    """What lies in the strip of a layer of points, of both sides (`side`: own, neighbour); nothing out of force."""
    layer = agreed_layer(agreement_id, name)
    if not layer.is_point:
        raise BadRequest("not_points", layer=layer.name)
    return rows_answer(
        joint_rows(layer, actor().role, agreement_id), f"{layer.name}-agreement-{agreement_id}", "geojson"
    )


@blueprint.get("/api/agreements/<int:agreement_id>/gaps")
@allow(*STAFF)
@reads(
    Param("places", plain, "Layer of places that the agreement names", required=True),
    Param("devices", plain, "Layer of devices that the agreement names", required=True),
    Param("distance_m", number(1, NEAREST_WITHIN_M), "Metres", {"type": "number"}, required=True),
    FORMAT,
)
def list_gaps(query: dict[str, Any], agreement_id: int) -> Response:
    """Places of both sides in the strip that no working device of either side serves within a distance."""
    places, devices = (agreed_layer(agreement_id, query[name]) for name in ("places", "devices"))
    if not devices.is_device:
        raise BadRequest("not_a_device", layer=devices.name)
    if not places.is_point:
        raise BadRequest("not_points", layer=places.name)
    rows = joint_gap_rows(places, devices, actor().role, agreement_id, query["distance_m"], commune().metric_srid)
    _note_export(query, places.name, agreement_id)
    return rows_answer(rows, f"{places.name}-without-{devices.name}-agreement-{agreement_id}", query["f"])
