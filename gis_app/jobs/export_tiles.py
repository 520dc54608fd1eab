"""A tile set of a commune as one PMTiles file, for maps without a network. Row-level security applies."""

import gzip
import io
import math
from collections.abc import Callable, Iterator
from typing import Any

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from sqlalchemy.engine import Connection

from gis_app.db import Actor
from gis_app.errors import NotFound
from gis_app.jobs.export_asked import ExportedFile, go_on
from gis_app.queries.audit import record_event
from gis_app.queries.communes import Commune
from gis_app.queries.ready_tiles import GZIP_LEVEL
from gis_app.queries.tiles import TileKey, layers_of, tile_statement, tile_values
from gis_app.words import Words

# A street lamp is seen from zoom 14; deeper tiles are drawn from these, as every client does.
MIN_ZOOM, MAX_ZOOM = 9, 15
E7 = 10**7
MEDIA_TYPE = "application/vnd.pmtiles"
TILES_A_STEP = 20


def count_tiles(commune: Commune) -> int:
    """How many tiles the commune's box has."""
    return sum(1 for _ in _keys("", commune.bbox))


def export_tiles(
    conn: Connection,
    actor: Actor,
    commune: Commune,
    tileset: str,
    words: Words,
    step: Callable[[int, str], Any] = go_on,
) -> ExportedFile:
    """The tiles of the commune's box from zoom 9 to 15, the same tiles byte for byte while the rows are the same.

    The audit keeps that they were taken.

    Raises
    ------
    NotFound
        `no_tiles` where no feature is in them.
    """
    out = io.BytesIO()
    writer, count = Writer(out), 0
    keys = sorted(_keys(tileset, commune.bbox), key=lambda key: zxy_to_tileid(key.z, key.x, key.y))
    for number, key in enumerate(keys):
        if number % TILES_A_STEP == 0:
            step(1 + 90 * number // len(keys), "drawing")
        statement = tile_statement(tileset, actor.role, key.z, in_commune=True, ordered=True)
        tile = bytes(conn.execute(statement, tile_values(key, commune.id)).scalar_one() or b"")
        if tile:
            count += 1
            writer.write_tile(zxy_to_tileid(key.z, key.x, key.y), gzip.compress(tile, GZIP_LEVEL, mtime=0))
    if not count:
        raise NotFound("no_tiles", tileset=tileset)
    west, south, east, north = (round(degrees * E7) for degrees in commune.bbox)
    lon, lat = (round(degrees * E7) for degrees in commune.center)
    header = {
        "tile_type": TileType.MVT, "tile_compression": Compression.GZIP, "min_lon_e7": west, "min_lat_e7": south,
        "max_lon_e7": east, "max_lat_e7": north, "center_zoom": 14, "center_lon_e7": lon, "center_lat_e7": lat,
    }  # fmt: skip
    layers = [
        {"id": layer.name, "description": words.of(layer.title), "minzoom": layer.min_zoom, "maxzoom": MAX_ZOOM,
         "fields": {f.name: words.of(f.title) for f in layer.visible_fields(actor.role) if f.in_tile}}
        for layer in layers_of(tileset, actor.role)
    ]  # fmt: skip
    writer.finalize(header, {"name": f"{commune.full_name} · {tileset}", "vector_layers": layers})
    record_event(conn, "export", tileset, {"format": "pmtiles", "rows": count})
    return ExportedFile(out.getvalue(), MEDIA_TYPE, f"{tileset}.pmtiles", count)


def _keys(tileset: str, bbox: tuple[float, float, float, float]) -> Iterator[TileKey]:
    west, south, east, north = bbox
    for z in range(MIN_ZOOM, MAX_ZOOM + 1):
        (left, top), (right, bottom) = _tile_at(west, north, z), _tile_at(east, south, z)
        for x in range(left, right + 1):
            for y in range(top, bottom + 1):
                yield TileKey(tileset, z, x, y)


def _tile_at(lon: float, lat: float, z: int) -> tuple[int, int]:
    side = 2**z
    return int((lon + 180) / 360 * side), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * side)
