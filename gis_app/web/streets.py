"""Streets by name, and what lies along one."""

from typing import Any

from flask import Blueprint, Response, jsonify

from gis_app.errors import NotFound
from gis_app.queries.filters import FeatureFilter
from gis_app.queries.streets import fetch_street_shape, fetch_streets
from gis_app.web.answers import FORMAT, LIMIT, features_answer
from gis_app.web.context import allow, commune, connection, readable_layer
from gis_app.web.params import Param, number, plain, reads
from layers.base import STAFF

blueprint = Blueprint("streets", __name__)


@blueprint.get("/api/streets")
@allow(*STAFF)
@reads(Param("q", plain, "Words of the name; diacritics do not matter", default=""))
def list_streets(query: dict[str, Any]) -> Response:
    """Streets by name, longest first."""
    streets = fetch_streets(connection(), query["q"], commune().metric_srid)
    return jsonify({"streets": [{"name": street.name, "length_m": street.length_m} for street in streets]})


@blueprint.get("/api/streets/nearby")
@allow(*STAFF)
@reads(
    Param("name", plain, "The street's name as /api/streets gives it", required=True),
    Param("layer", plain, "Layer to look in", required=True),
    Param("distance_m", number(0, 2000), "Metres from the street", {"type": "number"}, required=True),
    LIMIT,
    FORMAT,
)
def list_nearby(query: dict[str, Any]) -> Response:
    """Features of a layer within a distance of a whole street, nearest first."""
    layer = readable_layer(query["layer"])
    street = fetch_street_shape(connection(), query["name"])
    if street is None:
        raise NotFound("street_not_found", name=query["name"])
    wanted = FeatureFilter(
        near=street, distance_m=query["distance_m"], limit=query["limit"], metric_srid=commune().metric_srid
    )
    return features_answer(layer, wanted, query["f"])
