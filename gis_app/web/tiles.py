"""Vector tiles at the address that the map asks."""

from flask import Blueprint, Response

from gis_app.web.context import allow
from gis_app.web.tile_answers import tile_answer
from layers.base import STAFF

blueprint = Blueprint("tiles", __name__)


@blueprint.get("/tiles/<tileset>/<int:z>/<int:x>/<int:y>")
@allow(*STAFF)
def show_tile(tileset: str, z: int, x: int, y: int) -> Response:
    """A Mapbox vector tile of a layer, or of the base map's bundle."""
    return tile_answer(tileset, z, x, y)
