"""Vector tiles. A private answer is never cached publicly, and its ETag belongs to one audience."""

import gzip

from flask import Blueprint, Response, request

from gis_app.errors import BadRequest, Forbidden, NotFound
from gis_app.queries.tiles import MAX_ZOOM, TileKey, fetch_ready_tile, layers_of
from gis_app.web.context import actor, allow, connection
from gis_app.web.tokens import token_of
from layers import LAYERS
from layers.base import STAFF

blueprint = Blueprint("tiles", __name__)

MIMETYPE = "application/vnd.mapbox-vector-tile"
# A tile whose address names its version never changes.
FOREVER = "private, max-age=86400, immutable"
CHECK = "private, no-cache"


def _check(tileset: str, z: int, x: int, y: int) -> TileKey:
    if not any(tileset in (layer.name, layer.bundle) for layer in LAYERS.values()):
        raise NotFound("unknown_layer", layer=tileset[:60])
    layers = layers_of(tileset, actor().role)
    if not layers:
        raise Forbidden("layer_not_yours", layer=tileset)
    if actor().is_national and not all(layer.national for layer in layers):
        raise Forbidden("no_commune")
    if z > MAX_ZOOM or x >= 2**z or y >= 2**z:
        raise BadRequest("tile_out_of_range", z=z, x=x, y=y)
    return TileKey(tileset, z, x, y)


@blueprint.get("/tiles/<tileset>/<int:z>/<int:x>/<int:y>")
@allow(*STAFF)
def show_tile(tileset: str, z: int, x: int, y: int) -> Response:
    """A Mapbox vector tile of a layer, or of the base map's bundle."""
    key = _check(tileset, z, x, y)
    tile = fetch_ready_tile(connection(), key, actor().role, actor().commune_id)
    token = token_of(tileset, tile.version)
    headers = {"Cache-Control": FOREVER if request.args.get("v") == token else CHECK, "Vary": "Cookie, Accept-Encoding"}
    if request.if_none_match.contains_weak(token):
        answer = Response(status=304, headers=headers)
    elif tile.gz and "gzip" in request.headers.get("Accept-Encoding", ""):
        answer = Response(tile.gz, mimetype=MIMETYPE, headers=headers | {"Content-Encoding": "gzip"})
    else:
        answer = Response(gzip.decompress(tile.gz) if tile.gz else b"", mimetype=MIMETYPE, headers=headers)
    answer.set_etag(token, weak=True)
    return answer
