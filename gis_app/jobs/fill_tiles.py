"""Ready-made tiles before anybody asks: the base map and the groups of each commune."""

import math
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.engine import Engine

from gis_app.db import Actor, asking, begin
from gis_app.queries.changes import fetch_commune_versions
from gis_app.queries.communes import Commune, fetch_communes
from gis_app.queries.ready_tiles import fetch_ready_tile
from gis_app.queries.tiles import TileKey, audience_of, layers_of
from layers import LAYERS
from layers.base import ROLES

# What every visitor sees first: the base map in a bundle, the coloured groups, from the whole commune to a street.
TILESETS = (*sorted({layer.bundle for layer in LAYERS.values() if layer.bundle}), "groups")
ZOOMS = range(10, 16)
# The edge of the Web Mercator square, degrees.
MAX_LATITUDE = 85.0511


@dataclass(frozen=True)
class Filled:
    """What was done: tiles looked at, and bytes that stand ready."""

    tile_count: int = 0
    byte_count: int = 0


def tiles_over(bbox: tuple[float, float, float, float], z: int) -> Iterator[tuple[int, int]]:
    """The x, y of the tiles of a zoom that a box (west, south, east, north in degrees) touches."""
    west, south, east, north = bbox
    left, top = _tile_at(west, north, z)
    right, bottom = _tile_at(east, south, z)
    return ((x, y) for x in range(left, right + 1) for y in range(top, bottom + 1))


def _tile_at(lon: float, lat: float, z: int) -> tuple[int, int]:
    count = 2**z
    bounded = math.radians(max(-MAX_LATITUDE, min(MAX_LATITUDE, lat)))
    x = int((lon + 180) / 360 * count)
    y = int((1 - math.asinh(math.tan(bounded)) / math.pi) / 2 * count)
    return min(max(x, 0), count - 1), min(max(y, 0), count - 1)


def fetch_all_communes(engine: Engine) -> list[Commune]:
    """All communes of the database."""
    with begin(engine, Actor("admin")) as conn:
        return fetch_communes(conn)


def versions_of(engine: Engine) -> Mapping[int, int]:
    """The version of what fills the tiles, by commune; it grows with every committed change."""
    names = [layer.name for layer in LAYERS.values() if layer.name in TILESETS or layer.bundle in TILESETS]
    with begin(engine, Actor("admin")) as conn:
        return fetch_commune_versions(conn, names)


def fill_commune(engine: Engine, commune: Commune, stop: threading.Event | None = None) -> Filled:
    """Make what is missing or stale of a commune's tiles; fresh ones are only looked at."""
    tile_count = byte_count = 0
    with asking(engine) as conn:
        for actor, key in _wanted(commune):
            if stop is not None and stop.is_set():
                break
            # A transaction a tile: nothing waits for it, and a stop is felt at once.
            tile = fetch_ready_tile(conn, actor, key)
            tile_count, byte_count = tile_count + 1, byte_count + len(tile.gz)
    return Filled(tile_count, byte_count)


def _wanted(commune: Commune) -> Iterator[tuple[Actor, TileKey]]:
    for tileset in TILESETS:
        for role in _one_role_an_audience(tileset):
            actor = Actor(role, commune.id, "worker")
            for z in ZOOMS:
                for x, y in tiles_over(commune.bbox, z):
                    yield actor, TileKey(tileset, z, x, y)


def _one_role_an_audience(tileset: str) -> list[str]:
    audiences = {audience_of(tileset, role): role for role in ROLES if layers_of(tileset, role)}
    return list(audiences.values())


def fill_changed(engine: Engine, done: dict[int, int], stop: threading.Event) -> Mapping[str, Filled]:
    """Fill the communes whose layers changed since `done`, which this updates; report by official code."""
    report = {}
    communes = fetch_all_communes(engine)
    # Read before filling: a change meanwhile is seen in the next round.
    versions = versions_of(engine)
    for commune in communes:
        if stop.is_set():
            break
        version = versions.get(commune.id, 0)
        if done.get(commune.id) != version:
            report[commune.code] = fill_commune(engine, commune, stop)
            if not stop.is_set():
                done[commune.id] = version
    return report
