"""Search by name over everything that the role may read."""

from typing import Any

from flask import Blueprint, Response, jsonify

from gis_app.queries.search import search
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.i18n import localised
from gis_app.web.params import Param, plain, reads
from layers import LAYERS
from layers.base import STAFF

blueprint = Blueprint("search", __name__)


@blueprint.get("/api/search")
@allow(*STAFF)
@reads(Param("q", plain, "Words; diacritics do not matter", required=True))
def list_results(query: dict[str, Any]) -> Response:
    """Groups, streets, places and devices whose name holds every word, best first."""
    commune()
    found = search(connection(), query["q"], actor().role)
    results = [result | {"layer_title": localised(LAYERS[result["layer"]].title)} for result in found]
    return jsonify({"results": results})
