"""The API document of programs."""

from flask import Blueprint, Response, jsonify

from gis_app.web.api_document import api_document
from gis_app.web.context import public

blueprint = Blueprint("openapi", __name__)


@blueprint.get("/api/openapi.json")
@public
def show_document() -> Response:
    """This document."""
    return jsonify(api_document("Bản đồ Bình Yên", ("/api/", "/tiles/", "/ogc/", "/healthz", "/readyz")))
