"""OGC API Features Part 4: create, replace, update and delete a feature, by the rules of every other door.

Whoever changes or deletes names the version (`If-Match`, from the ETag of the feature): without it 428, stale 412. A
replacement may name it in its body.
"""

import json
from collections.abc import Mapping
from typing import Any

import shapely
import sqlalchemy as sa
from flask import Blueprint, Response, request
from shapely.geometry import mapping, shape

from gis_app.crs import CRS84, named_crs
from gis_app.errors import BadRequest, Conflict, GisError, NotFound, Unprocessable
from gis_app.queries import writes
from gis_app.queries.cql2_parse import BadFilter
from gis_app.queries.ogc_items import fetch_item, fetch_stored
from gis_app.web.bodies import NAMES, read_feature
from gis_app.web.context import actor, allow, commune, connection, may_edit, readable_layer
from gis_app.web.feature_writes import (
    FEATURE_SCHEMA,
    check_new,
    check_place,
    editable_layer,
    nothing_taken,
    why_not,
    write_feature,
)
from gis_app.web.ogc_parts import GEOJSON, root
from gis_app.web.ogc_replace import VERSION, changes_of, find_present, find_read, named_version
from gis_app.web.safe_writes import once_if_named, wanted_version
from gis_app.web.values import MAX_ID
from layers.base import STAFF, Layer

blueprint = Blueprint("ogc_writes", __name__, url_prefix="/ogc")

MERGE_PATCH = "application/merge-patch+json"
PATCH_SCHEMA = {name: value for name, value in FEATURE_SCHEMA.items() if name != "required"}
ITEMS, ITEM = "/collections/<name>/items", "/collections/<name>/items/<int:feature_id>"
_BAD_SHAPE = (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError)


def _body() -> dict[str, Any]:
    """The request's feature with its geometry in CRS84, whatever CRS `Content-Crs` names."""
    if not request.content_type:
        raise BadRequest("bad_parameter", name="Content-Type", rule="required")
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest("bad_body")
    crs = named_crs(request.headers.get("Content-Crs", CRS84.uri))
    if crs is None:
        raise BadRequest("bad_parameter", name="Content-Crs", rule="crs")
    geometry = body.get("geometry")
    if crs is CRS84 or geometry is None:
        return body
    try:
        stored = fetch_stored(connection(), shapely.force_2d(shape(geometry)), crs)
    except BadFilter as error:
        raise _bad_geometry(error.params["rule"]) from error
    except _BAD_SHAPE as error:
        raise _bad_geometry("geometry") from error
    return body | {"geometry": json.loads(json.dumps(mapping(stored)))}


def _bad_geometry(rule: str) -> GisError:
    return Unprocessable("bad_feature", faults=[{"field": "geometry", "rule": rule}])


def _properties(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without the version, which is no value of the layer."""
    found = body.get("properties")
    return {name: value for name, value in found.items() if name != VERSION} if isinstance(found, dict) else {}


def _answer(layer: Layer, written: writes.Written, status: int = 200) -> Response:
    found = fetch_item(connection(), layer, actor().role, written.id, with_version=True)
    answer = Response("" if found is None else found[0], status=status, mimetype=GEOJSON)
    answer.set_etag(str(written.version))
    answer.headers["Location"] = f"{root()}/collections/{layer.name}/items/{written.id}"
    return answer


@blueprint.post(ITEMS, provide_automatic_options=False)
@allow(*STAFF)
@once_if_named
def create_item(name: str) -> Response:
    """Create a feature of a layer; the commune is the actor's own."""
    layer, body = editable_layer(name), _body()
    # Desktop programs send every column of the layer, empty where nobody wrote anything.
    given = {name: value for name, value in _properties(body).items() if value is not None}
    values, outline = read_feature(layer, actor().role, whole=True, body=body | {"properties": given})
    check_place(outline)
    if outline is None:
        raise _bad_geometry("required")
    check_new(layer, values, outline)
    place, drawn = commune(), outline
    written = write_feature(layer, lambda: writes.insert_feature(connection(), layer, place.id, values, drawn), 0)
    return _answer(layer, written, 201)


def _empty(layer: Layer) -> dict[str, Any]:
    """The values of what a replacement does not name: its default, or none; managed columns stay as they are."""
    fields = [f for f in layer.visible_fields(actor().role) if not f.managed]
    return {"external_id": None} | {f.name: f.default if f.required else None for f in fields}


@blueprint.put(ITEM, provide_automatic_options=False)
@allow(*STAFF)
def replace_item(name: str, feature_id: int) -> Response:
    """Replace the version of a feature that If-Match names, or the body's `version` (ogc_replace.py)."""
    layer = editable_layer(name)
    tagged = wanted_version() if request.if_match else None
    if feature_id > MAX_ID:
        raise NotFound("feature_not_found", layer=name)
    present, body = find_present(layer, feature_id), _body()
    whole = body.get("properties")
    named = named_version(whole if isinstance(whole, dict) else {}) if tagged is None else tagged
    states = [present.state] if tagged is not None else find_read(layer, feature_id, named, present)
    known = [state.values for state in (*states, present.state)]
    given = {
        key: value
        for key, value in _properties(body).items()
        if value is not None and not (key in layer.managed_names and value in [one.get(key) for one in known])
    }
    read, outline = read_feature(layer, actor().role, whole=True, body=body | {"properties": given})
    values: Mapping[str, Any] = _empty(layer) | read
    if tagged is None:
        values, outline = changes_of(layer, states, present, values, outline)
        if not values and outline is None:
            return _answer(layer, writes.Written(feature_id, present.version))
    check_place(outline)
    return _changed(layer, feature_id, present.version if tagged is None else tagged, values, outline)


def _changed(layer: Layer, feature_id: int, version: int, values: Mapping[str, Any], outline: Any) -> Response:
    def write() -> writes.Written | None:
        return writes.update_feature(connection(), layer, feature_id, version, values, outline)

    with nothing_taken(layer, [feature_id] if outline is not None else ()):
        written = write_feature(layer, write, feature_id)
    return _answer(layer, written)


@blueprint.patch(ITEM, provide_automatic_options=False)
@allow(*STAFF)
def update_item(name: str, feature_id: int) -> Response:
    """Change the named values, or the shape, of the version that If-Match names (JSON Merge Patch, RFC 7396)."""
    layer, version = editable_layer(name), wanted_version()
    if feature_id > MAX_ID:
        raise NotFound("feature_not_found", layer=name)
    body = _patch(layer, feature_id)
    values, outline = read_feature(layer, actor().role, whole=False, body=body | {"properties": _properties(body)})
    check_place(outline)
    return _changed(layer, feature_id, version, values, outline)


def _patch(layer: Layer, feature_id: int) -> dict[str, Any]:
    """The request's merge patch: null unsets, and what no feature can lack or change is refused, not passed over."""
    body = _body()
    taken = [name for name in ("geometry", "properties", "type") if body.get(name, "") is None]
    faults = [{"field": name, "rule": "required"} for name in taken]
    if body.get("id", feature_id) != feature_id:
        faults.append({"field": "id", "rule": "managed"})
    if faults:
        raise Unprocessable("bad_feature", faults=faults)
    shape = body.get("geometry")
    # A patch of the shape alone leaves its kind as it stands.
    return body | {"geometry": {"type": NAMES[layer.geometry]} | shape} if isinstance(shape, dict) else body


@blueprint.delete(ITEM, provide_automatic_options=False)
@allow(*STAFF)
def delete_item(name: str, feature_id: int) -> tuple[str, int]:
    """Delete the version of a feature that If-Match names."""
    layer, version = editable_layer(name), wanted_version()
    try:
        done = feature_id <= MAX_ID and writes.delete_feature(connection(), layer, feature_id, version)
    except sa.exc.IntegrityError as error:
        raise Conflict("has_history", layer=name) from error
    if not done:
        raise why_not(layer, feature_id) if feature_id <= MAX_ID else NotFound("feature_not_found", layer=name)
    return "", 204


def _allowed(name: str, *changing: str) -> Response:
    """What the caller may do with a resource: QGIS offers editing where this says so."""
    may = changing if may_edit(readable_layer(name)) else ()
    # What QGIS is not told of it does not use: it would send PATCH and DELETE without any version.
    if "QGIS/" in request.headers.get("User-Agent", ""):
        may = tuple(method for method in may if method in ("POST", "PUT"))
    answer = Response(status=200)
    answer.headers["Allow"] = ", ".join(("GET", "HEAD", "OPTIONS", *may))
    answer.vary.add("User-Agent")
    if "POST" in may:
        answer.headers["Accept-Post"] = GEOJSON
    if "PATCH" in may:
        answer.headers["Accept-Patch"] = MERGE_PATCH
    return answer


@blueprint.route(ITEMS, methods=["OPTIONS"])
@allow(*STAFF)
def show_items_methods(name: str) -> Response:
    """What the caller may do with the features of a layer."""
    return _allowed(name, "POST")


@blueprint.route(ITEM, methods=["OPTIONS"])
@allow(*STAFF)
def show_item_methods(name: str, feature_id: int) -> Response:
    """What the caller may do with a feature of a layer, whether there is one or not."""
    del feature_id
    return _allowed(name, "PUT", "PATCH", "DELETE")


for _view in (create_item, replace_item):
    _view.body_schema = FEATURE_SCHEMA  # type: ignore[attr-defined]
update_item.body_schema = PATCH_SCHEMA  # type: ignore[attr-defined]
update_item.body_media = MERGE_PATCH  # type: ignore[attr-defined]
for _view in (update_item, delete_item):
    _view.needs_version = True  # type: ignore[attr-defined]
