"""Writing features: create, change, delete, undo one's own edit, history of a row."""

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify

from gis_app.errors import Conflict, Forbidden, NotFound, PreconditionFailed, Unprocessable
from gis_app.queries import writes
from gis_app.queries.features import fetch_feature
from gis_app.web.bodies import read_feature
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.feature_writes import (
    FEATURE_SCHEMA,
    check_new,
    check_place,
    editable_layer,
    nothing_taken,
    take_back,
    why_not,
    write_feature,
)
from gis_app.web.safe_writes import once, wanted_version
from layers.base import STAFF, Layer

blueprint = Blueprint("edits", __name__)


def _answer(layer: Layer, written: writes.Written, status: int = 200) -> Response:
    text = fetch_feature(connection(), layer, actor().role, written.id)
    answer = Response(text, status=status, mimetype="application/geo+json")
    answer.set_etag(str(written.version))
    answer.headers["Location"] = f"/api/layers/{layer.name}/features/{written.id}"
    return answer


@blueprint.post("/api/layers/<name>/features")
@allow(*STAFF)
@once
def create_feature(name: str) -> Response:
    """Create a feature of a layer; the commune is the actor's own."""
    layer = editable_layer(name)
    values, shape = read_feature(layer, actor().role, whole=True)
    check_place(shape)
    if shape is None:
        raise Unprocessable("bad_feature", faults=[{"field": "geometry", "rule": "required"}])
    check_new(layer, values, shape)
    place, outline = commune(), shape
    written = write_feature(layer, lambda: writes.insert_feature(connection(), layer, place.id, values, outline), 0)
    return _answer(layer, written, 201)


@blueprint.patch("/api/layers/<name>/features/<int:feature_id>")
@allow(*STAFF)
def update_feature(name: str, feature_id: int) -> Response:
    """Change the named values, or the shape, of the version that If-Match names."""
    layer, version = editable_layer(name), wanted_version()
    values, shape = read_feature(layer, actor().role, whole=False)
    check_place(shape)
    with nothing_taken(layer, [feature_id] if shape is not None else ()):
        written = write_feature(
            layer, lambda: writes.update_feature(connection(), layer, feature_id, version, values, shape), feature_id
        )
    return _answer(layer, written)


@blueprint.delete("/api/layers/<name>/features/<int:feature_id>")
@allow(*STAFF)
def delete_feature(name: str, feature_id: int) -> tuple[str, int]:
    """Delete the version of a feature that If-Match names."""
    layer = editable_layer(name)
    try:
        done = writes.delete_feature(connection(), layer, feature_id, wanted_version())
    except sa.exc.IntegrityError as error:
        raise Conflict("has_history", layer=name) from error
    if not done:
        raise why_not(layer, feature_id)
    return "", 204


@blueprint.post("/api/layers/<name>/features/<int:feature_id>/undo")
@allow(*STAFF)
@once
def undo_feature(name: str, feature_id: int) -> Response:
    """Take back one's own last edit within 24 hours; the very same shape comes back."""
    layer, version = editable_layer(name), wanted_version()
    done = take_back(layer, [writes.Written(feature_id, version)])
    if not done:
        why = why_not(layer, feature_id)
        fresh = isinstance(why, PreconditionFailed) and why.params["version"] == version
        raise Forbidden("nothing_to_undo") if fresh else why
    return _answer(layer, done[0])


@blueprint.get("/api/layers/<name>/features/<int:feature_id>/history")
@allow(*STAFF)
def list_history(name: str, feature_id: int) -> Response:
    """What happened to a feature, newest first, for those who may edit the layer."""
    layer = editable_layer(name)
    if writes.fetch_version(connection(), layer, feature_id) is None:
        raise NotFound("feature_not_found", layer=name)
    hidden = {f.name for f in layer.fields if f.readers is not None and actor().role not in f.readers}
    entries = writes.fetch_history(connection(), layer, feature_id, hidden)
    return jsonify({"entries": [entry | {"at": entry["at"].isoformat()} for entry in entries]})


for _view in (create_feature, update_feature):
    _view.body_schema = FEATURE_SCHEMA  # type: ignore[attr-defined]
for _view in (update_feature, delete_feature, undo_feature):
    _view.needs_version = True  # type: ignore[attr-defined]
