"""Tiles kept ready-made in `tile_cache`, with the version of the data that they show. Row-level security applies.

A question is one round trip on a line of `gis_app.db.asking`: on two cores, the four others of a transaction cost
as much as a small tile.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy.engine import Connection

from gis_app.db import Actor, Line
from gis_app.queries.tiles import TileKey, audience_of, layers_of, tile_text, tile_values
from layers import LAYERS

NATIONAL_COMMUNE_ID = 0
# Ready-made up to here; deeper tiles cost 1-3 ms and are many (METHODS.md section 5).
READY_MAX_ZOOM = 16
# A smaller tile is sooner made than kept and found again.
KEEP_BYTES = 4096
# 4 % larger than at level 6, in a third of the time.
GZIP_LEVEL = 4


@dataclass(frozen=True)
class Tile:
    """A gzipped tile (empty: no feature) and the version of the data that it shows."""

    version: int
    gz: bytes


# Rows that expire leave a tile at midnight without a change, so the day is one more thing that grows.
TODAY = "today"
# A coarse shape is the middle of its street, so it moves with the streets.
COARSE_BY = "roads"
_VERSIONS = f"""
    SELECT layer, sum(version)::bigint AS version FROM layer_versions
    WHERE layer = ANY(%(counted)s) AND (%(cached_for)s = 0 OR commune_id = %(cached_for)s) GROUP BY layer
    UNION ALL SELECT '{TODAY}', vietnam_today() - DATE '2000-01-01' WHERE '{TODAY}' = ANY(%(counted)s)
"""  # noqa: S608 - a constant
_VERSION = f"SELECT coalesce(sum(version), 0)::bigint AS version FROM ({_VERSIONS}) AS each"  # noqa: S608
# One snapshot for version and tile: the tile shows that version, or a newer one where the version was known before;
# then the next question for the version finds this tile old, never the other way round.
# The tile is made only where none is ready.
_READY_OR_MADE = """
    SELECT v.version, c.gz, CASE WHEN c.gz IS NULL THEN ({tile}) END AS made
    FROM ({version}) AS v
    LEFT JOIN tile_cache AS c
      ON c.commune_id = %(cached_for)s AND c.tileset = %(tileset)s AND c.audience = %(audience)s
     AND c.z = %(z)s AND c.x = %(x)s AND c.y = %(y)s AND c.version = v.version
"""
# A kept tile that a crash loses is made again, so nobody waits for the disk.
_KEEP = """
    SELECT set_config('synchronous_commit', 'off', true);
    INSERT INTO tile_cache (commune_id, tileset, audience, z, x, y, version, gz)
    VALUES (%(cached_for)s, %(tileset)s, %(audience)s, %(z)s, %(x)s, %(y)s, %(version)s, %(gz)s)
    ON CONFLICT (commune_id, tileset, audience, z, x, y)
    DO UPDATE SET version = excluded.version, gz = excluded.gz WHERE tile_cache.version < excluded.version
"""


def counted_in(tileset: str, role: str) -> list[str]:
    """What the version of a tile set counts for a role: changes of its layers and, where rows expire, days."""
    layers = layers_of(tileset, role)
    names = {layer.name for layer in layers}
    names |= {TODAY for layer in layers if layer.row_expiry}
    names |= {COARSE_BY for layer in layers if role in layer.coarse_readers}
    return sorted(names)


def _cached_for(actor: Actor) -> int:
    return NATIONAL_COMMUNE_ID if actor.commune_id is None else actor.commune_id


_KNOWN = "SELECT %(version)s::bigint AS version"


@lru_cache(maxsize=4096)
def _ready_or_made(
    tileset: str, role: str, z: int, *, in_commune: bool, known: bool
) -> tuple[str, Mapping[str, object]]:
    tile, fixed = tile_text(tileset, role, z, in_commune=in_commune)
    # Not str.format on the tile's own text: a layer file may hold braces.
    text = _READY_OR_MADE.replace("{version}", _KNOWN if known else _VERSION).replace("{tile}", tile)
    fixed = {**fixed, "counted": counted_in(tileset, role), "tileset": tileset, "z": z}
    return text, {**fixed, "audience": audience_of(tileset, role)}


def fetch_version(line: Line, actor: Actor, tileset: str) -> int:
    """The version of the data of a tile set; it grows with every committed change."""
    values = {"counted": counted_in(tileset, actor.role), "cached_for": _cached_for(actor)}
    ((version,),) = line.ask(actor, _VERSION, values)
    return int(version)


def fetch_versions(conn: Connection, commune_id: int | None) -> Mapping[str, int]:
    """All that may count in a version; `conn` is in a transaction of its actor."""
    values = {"counted": [*LAYERS, TODAY], "cached_for": commune_id or NATIONAL_COMMUNE_ID}
    return {layer: int(version) for layer, version in conn.exec_driver_sql(_VERSIONS, values)}


def fetch_ready_tile(line: Line, actor: Actor, key: TileKey, version: int | None = None) -> Tile:
    """Return the ready-made tile if it is fresh; else make it, keep it if it was dear, and return it.

    `version`: of the data, if it was read a moment ago; without it, it is read in the same question.
    """
    in_commune, known = actor.commune_id is not None, version is not None
    text, fixed = _ready_or_made(key.tileset, actor.role, key.z, in_commune=in_commune, known=known)
    values = {**fixed, "version": version, "cached_for": _cached_for(actor), **tile_values(key, actor.commune_id)}
    ((version, ready, made),) = line.ask(actor, text, values)
    if ready is not None:
        return Tile(version, bytes(ready))
    raw = bytes(made or b"")
    if not raw:
        return Tile(version, b"")
    gz = gzip.compress(raw, GZIP_LEVEL, mtime=0)
    if key.z <= READY_MAX_ZOOM and len(raw) >= KEEP_BYTES:
        line.ask(actor, _KEEP, {**values, "version": version, "gz": gz})
    return Tile(version, gz)
