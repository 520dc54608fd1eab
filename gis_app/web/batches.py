"""One change for many features of a layer: all of them or none, and its undo."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify

from gis_app.errors import BadRequest, Forbidden, PreconditionFailed, Unprocessable
from gis_app.queries import batches
from gis_app.queries.writes import Written
from gis_app.web.bodies import read_feature
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.feature_writes import check_place, editable_layer, take_back
from gis_app.web.params import Malformed, Param, geometry, reads
from gis_app.web.safe_writes import broken_rule, once
from gis_app.web.values import ID, MAX_ID, count, json_body, needed
from layers.base import STAFF, Layer

blueprint = Blueprint("batches", __name__)

# About a second's work, and more than a person can look over.
MOST = 1000
VERSION = count(1, 2**31 - 1)
NAMED_SCHEMA = {
    "type": "array",
    "maxItems": MOST,
    "items": {
        "type": "object",
        "required": ["id", "version"],
        "properties": {"id": {"type": "integer"}, "version": {"type": "integer"}},
    },
}
UNDO_SCHEMA = {"type": "object", "required": ["features"], "properties": {"features": NAMED_SCHEMA}}
BODY_SCHEMA = {
    "type": "object",
    "required": ["features"],
    "properties": {"features": NAMED_SCHEMA, "properties": {"type": "object"}, "geometry": {"type": "object"}},
}


def _ids(text: str) -> list[int]:
    parts = text.split(",")
    if len(parts) > MOST:
        raise Malformed("too_many")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise Malformed("whole")
    return [min(int(part), MAX_ID) for part in parts]


def _named() -> list[Written]:
    """The features that the body names, each with the version that was seen."""
    found = json_body().get("features")
    if not isinstance(found, list) or not 1 <= len(found) <= MOST:
        rule = "too_many" if isinstance(found, list) and found else "required"
        raise Unprocessable("bad_feature", faults=[{"field": "features", "rule": rule}])
    try:
        named = [Written(needed(ID)(one["id"]), needed(VERSION)(one["version"])) for one in found]
    except (Malformed, KeyError, TypeError) as error:
        raise Unprocessable("bad_feature", faults=[{"field": "features", "rule": "whole"}]) from error
    if len({one.id for one in named}) != len(named):
        raise Unprocessable("bad_feature", faults=[{"field": "features", "rule": "twice"}])
    return named


def _answer(layer: Layer, written: list[Written]) -> Response:
    return jsonify({"layer": layer.name, "features": [{"id": one.id, "version": one.version} for one in written]})


@blueprint.get("/api/layers/<name>/versions")
@allow(*STAFF)
@reads(
    Param("ids", _ids, "Ids, with commas between", {"type": "string"}),
    Param("within", geometry("Polygon", "MultiPolygon"), "Or: features that touch this polygon", {"type": "string"}),
)
def list_versions(query: dict[str, Any], name: str) -> Response:
    """Id and version of the features that a batch may name: by their ids, or by an area."""
    layer = editable_layer(name)
    if (query["ids"] is None) == (query["within"] is None):
        raise BadRequest("missing_parameter", name="ids")
    commune()
    found = batches.fetch_versions(connection(), layer, MOST, ids=query["ids"] or (), within=query["within"])
    if len(found) > MOST:
        raise Unprocessable("too_many_features", most=MOST)
    return _answer(layer, found)


@blueprint.post("/api/layers/<name>/batches")
@allow(*STAFF)
@once
def update_many(name: str) -> Response:
    """Give the same values to many features, each of the version named; points may get one place together."""
    layer, named = editable_layer(name), _named()
    values, shape = read_feature(layer, actor().role, whole=False)
    if shape is not None and not layer.is_point:
        raise Unprocessable("bad_feature", faults=[{"field": "geometry", "rule": "geometry_type"}])
    if not values and shape is None:
        raise Unprocessable("bad_feature", faults=[{"field": "properties", "rule": "required"}])
    check_place(shape)
    try:
        written = batches.update_features(connection(), layer, named, values, shape)
    except sa.exc.IntegrityError as error:
        raise broken_rule(error, layer) from error
    if len(written) != len(named):
        raise PreconditionFailed("stale_features", count=len(named) - len(written))
    return _answer(layer, written)


@blueprint.post("/api/layers/<name>/batches/undo")
@allow(*STAFF)
@once
def undo_many(name: str) -> Response:
    """Take back one's own last edit of all these features within 24 hours, or of none."""
    layer, named = editable_layer(name), _named()
    written = take_back(layer, named)
    if len(written) != len(named):
        raise Forbidden("nothing_to_undo")
    return _answer(layer, written)


update_many.body_schema = BODY_SCHEMA  # type: ignore[attr-defined]
undo_many.body_schema = UNDO_SCHEMA  # type: ignore[attr-defined]
