"""Mapbox vector tiles, made on demand or read ready-made. Row-level security applies to every query.

Geometry is stored in EPSG:3857 beside EPSG:4326, so nothing is transformed per tile (METHODS.md section 5).
"""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers import LAYERS, table_of
from layers.base import Layer

MIN_ZOOM, MAX_ZOOM = 0, 22
EXTENT, BUFFER = 4096, 64
# Half a pixel of a 256-pixel tile at zoom 0, in metres of EPSG:3857; halves with each zoom.
HALF_PIXEL_M = 78271.5
# From here on shapes are drawn as stored: buildings are a few pixels wide and tiles hold few of them.
FULL_DETAIL_ZOOM = 15
# Ready-made up to here; deeper tiles cost 1-3 ms and are many.
READY_MAX_ZOOM = 16
NATIONAL_COMMUNE_ID = 0


@dataclass(frozen=True)
class TileKey:
    """A tile of a tile set: a layer's name, or the name of a bundle of layers."""

    tileset: str
    z: int
    x: int
    y: int


@dataclass(frozen=True)
class Tile:
    """A gzipped tile (empty: no feature) and the version of the data that it shows."""

    version: int
    gz: bytes


def layers_of(tileset: str, role: str) -> tuple[Layer, ...]:
    """The layers that `role` may read in a tile set, in drawing order of the file names."""
    return tuple(layer for layer in LAYERS.values() if tileset in (layer.name, layer.bundle) and role in layer.readers)


def audience_of(layers: Sequence[Layer], role: str) -> str:
    """Who may share a ready-made tile: one role where a column or row depends on it, else all readers."""
    private = any(
        layer.row_visibility or any(f.readers is not None and f.in_tile for f in layer.fields) for layer in layers
    )
    return role if private else "all"


@lru_cache(maxsize=512)
def _layer_tile(layer_name: str, role: str, z: int, *, in_commune: bool) -> sa.ScalarSelect[bytes]:
    layer = LAYERS[layer_name]
    table = table_of(layer)
    x, y = sa.bindparam("x", type_=sa.Integer), sa.bindparam("y", type_=sa.Integer)
    envelope = sa.func.ST_TileEnvelope(z, x, y)
    shape = table.c.geom_3857
    if not layer.is_point and z < FULL_DETAIL_ZOOM:
        shape = sa.func.ST_Simplify(shape, HALF_PIXEL_M / 2**z, True)
    columns = [table.c[f.name] for f in layer.visible_fields(role) if f.in_tile]
    geometry = sa.func.ST_AsMVTGeom(shape, envelope, EXTENT, BUFFER, True, type_=sa.LargeBinary)
    rows = sa.select(table.c.id, *columns, geometry.label("geom"))
    # && reads the GiST index; it is flagged LEAKPROOF, so it may run before the row-level policy.
    rows = rows.where(table.c.geom_3857.op("&&", is_comparison=True)(_with_margin(z, x, y)))
    if in_commune:
        rows = rows.where(table.c.commune_id == sa.bindparam("commune_id", type_=sa.Integer))
    hidden = [code for code, zoom in layer.class_min_zoom.items() if z < zoom]
    if hidden:
        rows = rows.where(table.c["class"].not_in(hidden))
    inner = rows.subquery("tile")
    record = sa.literal_column("tile")
    mvt = sa.func.ST_AsMVT(record, layer_name, EXTENT, "geom", "id", type_=sa.LargeBinary)
    return sa.select(mvt).select_from(inner).where(inner.c.geom.is_not(None)).scalar_subquery()


def _with_margin(z: int, x: sa.BindParameter[int], y: sa.BindParameter[int]) -> sa.Function[object]:
    bounds = sa.func.ST_TileEnvelope(0, 0, 0)
    return sa.func.ST_TileEnvelope(z, x, y, bounds, BUFFER / EXTENT)


@lru_cache(maxsize=512)
def tile_statement(tileset: str, role: str, z: int, *, in_commune: bool) -> sa.Select[tuple[bytes]]:
    """The SQL of one tile: the parts of a bundle are joined as bytes, which the format allows."""
    parts = [
        _layer_tile(layer.name, role, z, in_commune=in_commune)
        for layer in layers_of(tileset, role)
        if z >= layer.min_zoom
    ]
    if not parts:
        return sa.select(sa.literal(b"", sa.LargeBinary))
    joined: sa.ColumnElement[bytes] = parts[0]
    for part in parts[1:]:
        joined = joined.op("||")(part)
    return sa.select(joined)


def fetch_tile(conn: Connection, key: TileKey, role: str, commune_id: int | None) -> bytes:
    """Make one tile (not compressed) from the rows that the actor may read."""
    statement = tile_statement(key.tileset, role, key.z, in_commune=commune_id is not None)
    values = {"x": key.x, "y": key.y} | ({} if commune_id is None else {"commune_id": commune_id})
    return bytes(conn.execute(statement, values).scalar_one() or b"")


_READY = sa.text(
    """
    SELECT v.version, c.gz
    FROM (SELECT coalesce(sum(version), 0)::bigint AS version FROM layer_versions
          WHERE layer = ANY(:layers) AND (CAST(:commune_id AS int) = 0 OR commune_id = :commune_id)) AS v
    LEFT JOIN tile_cache AS c
      ON c.commune_id = :commune_id AND c.tileset = :tileset AND c.audience = :audience
     AND c.z = :z AND c.x = :x AND c.y = :y AND c.version = v.version
    """
)
_KEEP = sa.text(
    """
    INSERT INTO tile_cache (commune_id, tileset, audience, z, x, y, version, gz)
    VALUES (:commune_id, :tileset, :audience, :z, :x, :y, :version, :gz)
    ON CONFLICT (commune_id, tileset, audience, z, x, y)
    DO UPDATE SET version = excluded.version, gz = excluded.gz WHERE tile_cache.version < excluded.version
    """
)


def fetch_version(conn: Connection, layers: Sequence[str], commune_id: int | None) -> int:
    """The version of the data of some layers; it grows with every committed change."""
    versions = sa.text(
        "SELECT coalesce(sum(version), 0)::bigint FROM layer_versions WHERE layer = ANY(:layers) "
        "AND (CAST(:commune_id AS int) = 0 OR commune_id = :commune_id)"
    )
    found = conn.execute(versions, {"layers": list(layers), "commune_id": commune_id or NATIONAL_COMMUNE_ID})
    return int(found.scalar_one())


def fetch_ready_tile(conn: Connection, key: TileKey, role: str, commune_id: int | None) -> Tile:
    """Return the ready-made tile if it is fresh; else make it, keep it (up to READY_MAX_ZOOM) and return it."""
    layers = layers_of(key.tileset, role)
    values = {
        "commune_id": commune_id or NATIONAL_COMMUNE_ID,
        "layers": [layer.name for layer in layers],
        "tileset": key.tileset,
        "audience": audience_of(layers, role),
        "z": key.z,
        "x": key.x,
        "y": key.y,
    }
    ready = conn.execute(_READY, values).one()
    if ready.gz is not None:
        return Tile(ready.version, bytes(ready.gz))
    raw = fetch_tile(conn, key, role, commune_id)
    if not raw:
        return Tile(ready.version, b"")
    gz = gzip.compress(raw, 6, mtime=0)
    if key.z <= READY_MAX_ZOOM:
        conn.execute(_KEEP, values | {"version": ready.version, "gz": gz})
    return Tile(ready.version, gz)
