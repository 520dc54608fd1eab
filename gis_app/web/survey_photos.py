"""Photos of things that were looked at on site: kept once for each number of a device, seen by the police."""

from flask import Blueprint, Response, jsonify, request

from gis_app.errors import BadRequest, NotFound, Unprocessable
from gis_app.queries import survey_photos as q
from gis_app.queries.writes import fetch_version
from gis_app.web.context import allow, commune, connection, readable_layer
from gis_app.web.feature_writes import editable_layer
from gis_app.web.params import read_query
from gis_app.web.photo_bodies import read_client_id, read_photo
from gis_app.web.safe_writes import once
from gis_app.web.values import MAX_ID
from layers.base import DATA, POLICE, Layer

blueprint = Blueprint("survey_photos", __name__)


def _fault(field: str, rule: str) -> Unprocessable:
    return Unprocessable("bad_feature", faults=[{"field": field, "rule": rule}])


def _check_row(layer: Layer, feature_id: int) -> None:
    """Only what is looked at on site has photos, and only a row of the own commune."""
    if not layer.checked_field or feature_id > MAX_ID or fetch_version(connection(), layer, feature_id) is None:
        raise NotFound("feature_not_found", layer=layer.name)


def _list(layer: Layer, feature_id: int) -> Response:
    found = q.fetch_photos(connection(), commune().id, layer.name, feature_id)
    return jsonify(
        {
            "photos": [
                {"id": one.id, "kept_on": one.kept_on.isoformat(), "url": f"/api/survey-photos/{one.id}"}
                for one in found
            ]
        }
    )


@blueprint.get("/api/layers/<name>/features/<int:feature_id>/photos")
@allow(*POLICE)
def list_photos(name: str, feature_id: int) -> Response:
    """Photos of a thing that was looked at on site, newest first, at most three."""
    read_query(())
    commune()
    layer = readable_layer(name)
    _check_row(layer, feature_id)
    return _list(layer, feature_id)


@blueprint.post("/api/layers/<name>/features/<int:feature_id>/photos")
@allow(*DATA)
@once
def create_photo(name: str, feature_id: int) -> Response:
    """Keep a photo (base64: JPEG, PNG, WebP), made anew from its pixels; once for each `client_id`."""
    layer, body = editable_layer(name), request.get_json()
    if not isinstance(body, dict) or set(body) != {"client_id", "photo"}:
        raise BadRequest("bad_body")
    _check_row(layer, feature_id)
    client_id, photo = read_client_id(body, _fault), read_photo(body["photo"], _fault)
    if photo is None:
        raise _fault("photo", "required")
    is_new = q.insert_photo(connection(), commune().id, layer.name, feature_id, client_id, photo)
    answer = _list(layer, feature_id)
    answer.status_code = 201 if is_new else 200
    return answer


@blueprint.get("/api/survey-photos/<int:survey_photo_id>")
@allow(*POLICE)
def show_photo(survey_photo_id: int) -> Response:
    """A photo, a JPEG; kept by nobody on the way."""
    read_query(())
    here = commune()
    data = q.fetch_photo(connection(), here.id, survey_photo_id) if survey_photo_id <= MAX_ID else None
    if data is None:
        raise NotFound("survey_photo_not_found")
    answer = Response(data, mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Content-Disposition"] = f'inline; filename="khao-sat-{survey_photo_id}.jpg"'
    return answer


create_photo.body_schema = {  # type: ignore[attr-defined]
    "type": "object",
    "required": ["client_id", "photo"],
    "properties": {
        "client_id": {"type": "string", "format": "uuid"},
        "photo": {"type": "string", "format": "byte"},
    },
}
