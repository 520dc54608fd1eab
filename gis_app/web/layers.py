"""The catalogue of layers and their features."""

from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from gis_app.errors import BadRequest, NotFound
from gis_app.queries.features import count_features, fetch_feature
from gis_app.queries.filters import FeatureFilter
from gis_app.queries.writes import fetch_version
from gis_app.web.answers import FORMAT, LIMIT, features_answer
from gis_app.web.context import actor, allow, commune, connection, may_edit, readable_layer, readable_layers
from gis_app.web.i18n import localised
from gis_app.web.params import Param, bbox, geometry, number, place, read_query, whole
from gis_app.web.tokens import current_token
from layers.base import SECTIONS, STAFF, Layer

blueprint = Blueprint("layers", __name__)

MAX_DISTANCE_M = 50_000
# What a form needs to know of a column.
FORM_RULES = ("required", "default", "low", "high", "max_length", "managed")
POLYGON_SCHEMA = {"type": "string", "description": "GeoJSON Polygon or MultiPolygon, EPSG:4326"}

FEATURE_PARAMS = (
    Param("bbox", bbox, "west,south,east,north in degrees"),
    Param("within", geometry("Polygon", "MultiPolygon"), "Features that touch this polygon", POLYGON_SCHEMA),
    Param("near", place, "lon,lat or a GeoJSON Point or LineString"),
    Param("distance_m", number(0, MAX_DISTANCE_M), "At most so many metres from `near`", {"type": "number"}),
    Param("nearest", whole(1, 1000), "The nearest so many features to `near`", {"type": "integer"}),
    Param("after", whole(0, 2**62), "Go on after this id", {"type": "integer"}),
    LIMIT,
    FORMAT,
)


@blueprint.get("/api/layers")
@allow(*STAFF)
def list_layers() -> Response:
    """List the layers that the role may read, with fields, style, counts and addresses."""
    who = actor()
    readable = readable_layers()
    counts = count_features(connection(), [layer for layer in readable if not layer.bundle], who.role)
    sections = [{"name": name, "title": localised(title)} for name, title in SECTIONS.items()]
    body = {
        "sections": sections,
        "layers": [_entry(layer, counts.get(layer.name)) for layer in readable],
        "base_tiles": _tiles_address("base"),
    }
    return jsonify(body)


def _entry(layer: Layer, count: int | None) -> dict[str, Any]:
    style, editable = layer.style, may_edit(layer) and not (layer.own_classes and not layer.style.letters)
    visible = {f.name for f in layer.visible_fields(actor().reads_as)}
    return {
        "name": layer.name,
        "title": localised(layer.title),
        "section": layer.section,
        "geometry": layer.geometry,
        "label": layer.label,
        "min_zoom": layer.min_zoom,
        "bundle": layer.bundle,
        "count": count,
        "is_device": layer.is_device,
        # What nobody has looked at on site is shown as assumed, to whoever may read when that was.
        "checked_field": layer.checked_field if layer.checked_field in visible else "",
        **({"editable": True} if editable else {}),
        "style": {name: getattr(style, name) for name in style.__dataclass_fields__}
        | {name: dict(getattr(style, name)) for name in ("colors", "patterns", "letters")},
        "fields": [
            {
                "name": f.name,
                "title": localised(f.title),
                "type": f.type,
                "unit": f.unit,
                "choices": [
                    {"code": c.code, "title": localised((c.vi, c.en)), **({"retired": True} if c.is_retired else {})}
                    for c in f.choices
                ],
                # Not every reader of the layer reads it: no phone keeps it.
                **({"reserved": True} if f.readers is not None else {}),
                **({name: getattr(f, name) for name in FORM_RULES} if editable else {}),
            }
            for f in layer.visible_fields(actor().reads_as)
        ],
        "tiles": _tiles_address(layer.name),
        "features": url_for("layers.list_features", name=layer.name),
    }


def _tiles_address(tileset: str) -> str:
    return f"/tiles/{tileset}/{{z}}/{{x}}/{{y}}?v={current_token(tileset)}"


def _codes(layer: Layer) -> dict[str, str]:
    """`?state=working`: any column with choices that the role may read narrows the answer."""
    codes = {}
    for f in layer.visible_fields(actor().reads_as):
        asked = request.args.get(f.name)
        if f.choices and asked is not None:
            if asked not in {choice.code for choice in f.choices}:
                raise BadRequest("bad_parameter", name=f.name, rule="choice")
            codes[f.name] = asked
    return codes


def feature_filter(layer: Layer, query: dict[str, Any]) -> FeatureFilter:
    """The filter that checked parameters stand for."""
    near, distance_m, nearest = query["near"], query["distance_m"], query["nearest"]
    if near is None and (distance_m is not None or nearest is not None):
        raise BadRequest("missing_parameter", name="near")
    if near is not None and distance_m is None and nearest is None:
        raise BadRequest("missing_parameter", name="distance_m")
    metric_srid = commune().metric_srid if near is not None else FeatureFilter.metric_srid
    values = {name: query[name] for name in ("bbox", "within", "near", "distance_m", "nearest", "after", "limit")}
    return FeatureFilter(**values, codes=_codes(layer), metric_srid=metric_srid)


@blueprint.get("/api/layers/<name>/features")
@allow(*STAFF)
def list_features(name: str) -> Response:
    """Features of a layer: in a box, in a polygon, near a point or line, the k nearest; GeoJSON or CSV."""
    layer = readable_layer(name)
    code_names = [f.name for f in layer.visible_fields(actor().reads_as) if f.choices]
    query = read_query(FEATURE_PARAMS, others=code_names)
    own = {key: value for key, value in request.args.items() if key not in ("after", "v")}
    return features_answer(layer, feature_filter(layer, query), query["f"], own)


list_features.params = FEATURE_PARAMS  # type: ignore[attr-defined]


@blueprint.get("/api/layers/<name>/features/<int:feature_id>")
@allow(*STAFF)
def show_feature(name: str, feature_id: int) -> Response:
    """One feature; 404 alike for one that does not exist and one of another commune."""
    layer = readable_layer(name)
    version = fetch_version(connection(), layer, feature_id) if feature_id < 2**63 else None
    if version is None:
        raise NotFound("feature_not_found", layer=name)
    answer = Response(fetch_feature(connection(), layer, actor().reads_as, feature_id), mimetype="application/geo+json")
    answer.set_etag(str(version))
    return answer
