"""Answers with vector tiles. A private answer is never cached publicly, and its ETag belongs to one audience."""

import gzip
import time

from flask import Response, request

from gis_app.db import Actor, asking
from gis_app.errors import BadRequest, Forbidden, NotFound
from gis_app.queries.ready_tiles import Tile, fetch_ready_tile, fetch_version
from gis_app.queries.tiles import MAX_ZOOM, TileKey, audience_of, layers_of, tileset_names
from gis_app.web.context import actor, engine
from gis_app.web.measures import count_tile
from gis_app.web.tile_memory import Shelf, TileMemory
from gis_app.web.tokens import token_of

MIMETYPE = "application/vnd.mapbox-vector-tile"
# A tile whose address names its version never changes.
FOREVER = "private, max-age=86400, immutable"
CHECK = "private, no-cache"
NAMES = frozenset(tileset_names())

memory = TileMemory()


def _check(who: Actor, tileset: str, z: int, x: int, y: int) -> TileKey:
    if tileset not in NAMES:
        raise NotFound("unknown_layer", layer=tileset[:60])
    layers = layers_of(tileset, who.role)
    if not layers:
        raise Forbidden("layer_not_yours", layer=tileset)
    if who.is_national and not all(layer.national for layer in layers):
        raise Forbidden("no_commune")
    if z > MAX_ZOOM or x >= 2**z or y >= 2**z:
        raise BadRequest("tile_out_of_range", z=z, x=x, y=y)
    return TileKey(tileset, z, x, y)


def _find(who: Actor, key: TileKey, asked: str | None) -> Tile:
    """The tile from memory if its version is surely the one asked for, else from the database."""
    shelf = Shelf(key.tileset, who.commune_id, audience_of(key.tileset, who.role))
    known = memory.get(shelf, key)
    version = memory.current_version(shelf)
    if version is not None and asked != token_of(key.tileset, who, version):
        version = None
    if known is not None and known.version == version:
        count_tile("memory")
        return known
    asked_at = time.monotonic()
    with asking(engine()) as line:
        if version is None and known is not None:
            version = fetch_version(line, who, key.tileset)
            memory.note_version(shelf, version, asked_at)
            if known.version == version:
                count_tile("memory")
                return known
        count_tile("database")
        tile = fetch_ready_tile(line, who, key, version)
    if version is None:
        memory.note_version(shelf, tile.version, asked_at)
    memory.put(shelf, key, tile)
    return tile


def tile_answer(tileset: str, z: int, x: int, y: int) -> Response:
    """A Mapbox vector tile of a layer or bundle, from memory, the kept ones or the rows."""
    who = actor()
    asked = request.args.get("v")
    tile = _find(who, _check(who, tileset, z, x, y), asked)
    token = token_of(tileset, who, tile.version)
    headers = {"Cache-Control": FOREVER if asked == token else CHECK, "Vary": "Cookie, Accept-Encoding"}
    if request.if_none_match.contains_weak(token):
        answer = Response(status=304, headers=headers)
    elif tile.gz and "gzip" in request.headers.get("Accept-Encoding", ""):
        answer = Response(tile.gz, mimetype=MIMETYPE, headers=headers | {"Content-Encoding": "gzip"})
    else:
        answer = Response(gzip.decompress(tile.gz) if tile.gz else b"", mimetype=MIMETYPE, headers=headers)
    answer.set_etag(token, weak=True)
    return answer
