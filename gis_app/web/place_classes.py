"""The commune's own kinds of place for programs: list, add, change, take out of use, delete."""

from typing import Any

from flask import Blueprint, Response, jsonify

from gis_app.queries import place_classes as q
from gis_app.tables.place_classes import COLORS, SHAPES, VISIBILITIES
from gis_app.web import place_class_forms as forms
from gis_app.web.context import allow, commune, connection
from gis_app.web.params import read_query
from gis_app.web.safe_writes import once, wanted_version
from gis_app.web.values import json_body
from layers.base import DATA, STAFF

blueprint = Blueprint("place_classes", __name__)

_LOOK = {
    "name": {"type": "string", "maxLength": forms.LONGEST_NAME},
    "letters": {"type": ["string", "null"], "maxLength": 2, "description": "null: the first letters of the name"},
    "color": {"enum": list(COLORS)},
    "visibility": {"enum": list(VISIBILITIES)},
}
NEW_SCHEMA = {
    "type": "object",
    "required": ["name", "color", "shape", "visibility"],
    "properties": {**_LOOK, "shape": {"enum": list(SHAPES)}},
}
CHANGE_SCHEMA = {"type": "object", "properties": {**_LOOK, "is_active": {"type": "boolean"}}}


def _class_dict(one: q.PlaceClass) -> dict[str, Any]:
    found = {name: getattr(one, name) for name in (*q.FIELDS, "row_count")}
    return found | {"layer": q.LAYER_OF[one.shape].name}


def _answer(place_class_id: int, status: int = 200) -> Response:
    one = forms.find_class(place_class_id)
    answer = jsonify(_class_dict(one))
    answer.status_code = status
    answer.set_etag(str(one.version))
    answer.headers["Location"] = f"/api/place-classes/{one.id}"
    return answer


@blueprint.get("/api/place-classes")
@allow(*STAFF)
def list_classes() -> Response:
    """The commune's own kinds of place that the caller may see, those in use first, with how many places have each."""
    read_query(())
    found = q.fetch_classes(connection(), commune().id)
    return jsonify({"place_classes": [_class_dict(one) for one in found]})


@blueprint.get("/api/place-classes/<int:place_class_id>")
@allow(*STAFF)
def show_class(place_class_id: int) -> Response:
    """One kind of place; 404 alike for another commune's and for none."""
    read_query(())
    return _answer(place_class_id)


@blueprint.post("/api/place-classes")
@allow(*DATA)
@once
def create_class() -> Response:
    """Add a kind of place; map, legend, forms, search, import and export know it at once."""
    commune()
    return _answer(forms.add_class(json_body()), 201)


@blueprint.patch("/api/place-classes/<int:place_class_id>")
@allow(*DATA)
def update_class(place_class_id: int) -> Response:
    """Change what the body names of the version that If-Match names; its places follow, its shape stays."""
    version, known = wanted_version(), forms.find_class(place_class_id)
    forms.change_class(known, version, json_body())
    return _answer(place_class_id)


@blueprint.delete("/api/place-classes/<int:place_class_id>")
@allow(*DATA)
def delete_class(place_class_id: int) -> tuple[str, int]:
    """Delete the version that If-Match names; 409 while a place has it: then take it out of use."""
    version, known = wanted_version(), forms.find_class(place_class_id)
    forms.remove_class(known, version)
    return "", 204


create_class.body_schema = NEW_SCHEMA  # type: ignore[attr-defined]
update_class.body_schema = CHANGE_SCHEMA  # type: ignore[attr-defined]
for _view in (update_class, delete_class):
    _view.needs_version = True  # type: ignore[attr-defined]
