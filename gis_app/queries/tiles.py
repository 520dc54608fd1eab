"""The SQL of Mapbox vector tiles. Row-level security applies to every query.

Geometry is stored in EPSG:3857 beside EPSG:4326, so nothing is transformed per tile (METHODS.md section 5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import psycopg2

from layers import LAYERS, table_of
from layers.base import ROLES, Layer

MIN_ZOOM, MAX_ZOOM = 0, 22
EXTENT, BUFFER = 4096, 64
# Half a pixel of a 256-pixel tile at zoom 0, in metres of EPSG:3857; halves with each zoom. Neighbours are
# simplified apart, so a shared border may open by as much: less than a pixel, which nobody sees.
HALF_PIXEL_M = 78271.5
# From here on shapes are drawn as stored: buildings are a few pixels wide and tiles hold few of them.
FULL_DETAIL_ZOOM = 15
# Names of areas are not drawn before: a national z9 tile is a quarter smaller without them.
LABEL_MIN_ZOOM = 12

# What changes from tile to tile; `tile_values` fills it.
_PLACES = {name: sa.bindparam(name, type_=sa.Integer, required=False) for name in ("x", "y", "commune_id")}


@dataclass(frozen=True)
class TileKey:
    """A tile of a tile set: a layer's name, or the name of a bundle of layers."""

    tileset: str
    z: int
    x: int
    y: int


@lru_cache(maxsize=512)
def layers_of(tileset: str, role: str) -> tuple[Layer, ...]:
    """The layers that `role` may read in a tile set, in drawing order of the file names."""
    return tuple(layer for layer in LAYERS.values() if tileset in (layer.name, layer.bundle) and role in layer.readers)


@lru_cache(maxsize=512)
def audience_of(tileset: str, role: str) -> str:
    """Who may share a ready-made tile: all readers, or one role where a layer, column or row depends on it."""

    def seen_by(reader: str) -> tuple[object, ...]:
        layers = layers_of(tileset, reader)
        return tuple(
            (layer.name, reader in layer.coarse_readers, *(f.name for f in layer.visible_fields(reader) if f.in_tile))
            for layer in layers
        )

    readers = [other for other in ROLES if layers_of(tileset, other)]
    by_row = any(layer.row_visibility for layer in layers_of(tileset, role))
    return role if by_row or len({seen_by(reader) for reader in readers}) > 1 else "all"


def _columns(layer: Layer, role: str, reader: str, z: int) -> list[sa.Column[object]]:
    table = table_of(layer, role)
    names = [f.name for f in layer.visible_fields(reader) if f.in_tile]
    if layer.geometry == "MULTIPOLYGON" and z < LABEL_MIN_ZOOM:
        names = [name for name in names if name != layer.label]
    return [table.c[name] for name in names]


def _layer_tile(layer: Layer, role: str, z: int, *, in_commune: bool, ordered: bool) -> sa.ScalarSelect[bytes]:
    table = table_of(layer, role)
    x, y = _PLACES["x"], _PLACES["y"]
    envelope = sa.func.ST_TileEnvelope(z, x, y)
    shape: sa.ColumnElement[Any] = table.c.geom_3857
    if not layer.is_point and z < FULL_DETAIL_ZOOM:
        shape = sa.func.ST_Simplify(shape, HALF_PIXEL_M / 2**z, True)
    geometry = sa.func.ST_AsMVTGeom(shape, envelope, EXTENT, BUFFER, True, type_=sa.LargeBinary)
    # Outside any commune nobody reads a column that is for some roles only (Actor.reads_as).
    reader = role if in_commune else "national"
    rows = sa.select(table.c.id, *_columns(layer, role, reader, z), geometry.label("geom"))
    # && reads the GiST index; it is flagged LEAKPROOF, so it may run before the row-level policy.
    rows = rows.where(table.c.geom_3857.op("&&", is_comparison=True)(_with_margin(z, x, y)))
    if in_commune:
        rows = rows.where(table.c.commune_id == _PLACES["commune_id"])
    hidden = [code for code, zoom in layer.class_min_zoom.items() if z < zoom]
    if hidden:
        rows = rows.where(table.c["class"].not_in(hidden))
    if ordered:
        rows = rows.order_by(table.c.id)
    # ST_AsMVT skips rows without a shape. "WHERE geom IS NOT NULL" here would make every shape twice, because the
    # planner writes the expression out in both places: it took 40 % of a tile's time.
    inner = rows.subquery("tile")
    mvt = sa.func.ST_AsMVT(sa.literal_column("tile"), layer.name, EXTENT, "geom", "id", type_=sa.LargeBinary)
    return sa.select(mvt).select_from(inner).scalar_subquery()


def _with_margin(z: int, x: sa.BindParameter[Any], y: sa.BindParameter[Any]) -> sa.Function[object]:
    bounds = sa.func.ST_TileEnvelope(0, 0, 0)
    return sa.func.ST_TileEnvelope(z, x, y, bounds, BUFFER / EXTENT)


@lru_cache(maxsize=2048)
def tile_statement(
    tileset: str, role: str, z: int, *, in_commune: bool, ordered: bool = False
) -> sa.Select[tuple[bytes]]:
    """The SQL of one tile: the parts of a bundle are joined as bytes, which the format allows.

    `ordered` by id, the same rows are the same bytes, for files that are compared; a large tile takes 1.4 times as
    long, so a map is drawn without.
    """
    parts = [
        _layer_tile(layer, role, z, in_commune=in_commune, ordered=ordered)
        for layer in layers_of(tileset, role)
        if z >= layer.min_zoom
    ]
    if not parts:
        return sa.select(sa.literal(b"", sa.LargeBinary))
    joined: sa.ColumnElement[bytes] = parts[0]
    for part in parts[1:]:
        joined = joined.op("||")(part)
    return sa.select(joined)


@lru_cache(maxsize=2048)
def tile_text(tileset: str, role: str, z: int, *, in_commune: bool) -> tuple[str, Mapping[str, object]]:
    """The same as text for psycopg2 with the values that do not change: compiling took longer than a small tile."""
    statement = tile_statement(tileset, role, z, in_commune=in_commune)
    dialect = psycopg2.dialect()  # type: ignore[no-untyped-call]
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    return str(compiled), {name: value for name, value in compiled.params.items() if name not in _PLACES}


def tile_values(key: TileKey, commune_id: int | None) -> dict[str, int]:
    """The values that do change."""
    return {"x": key.x, "y": key.y} | ({} if commune_id is None else {"commune_id": commune_id})


def tileset_names() -> Sequence[str]:
    """Every tile set: the layers and the bundles."""
    return sorted({name for layer in LAYERS.values() for name in (layer.name, layer.bundle) if name})
