"""Search over all layers that can be searched, without diacritics, in NFC or NFD. Row-level security applies."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layers import LAYERS, table_of
from layers.base import Layer

_SPOT = "spot"


def searchable_layers(role: str) -> list[Layer]:
    """Layers that `role` may search; a commune itself is not a place to find within itself."""
    return [layer for layer in LAYERS.values() if layer.searchable and not layer.tenant and role in layer.readers]


def _matches(layer: Layer, role: str, words: Sequence[str]) -> sa.Select[Any]:
    table = table_of(layer, role)
    label: sa.ColumnElement[Any] = table.c[layer.label]
    if layer.own_classes:
        # Found by the name of its kind too: many a pumping station has no other.
        label = sa.func.concat_ws(" – ", table.c[layer.own_classes], label)
    # Pieces of one street, or several rows of one name, are one answer.
    shape = sa.func.ST_Collect(table.c.geom)
    statement = sa.select(
        sa.literal(layer.name).label("layer"),
        sa.func.min(table.c.id).label("id"),
        label.label("label"),
        shape.label(_SPOT),
        sa.func.search_key(label).label("key"),
    ).group_by(label)
    for word in words:
        # strpos, not LIKE: what a person types holds no wildcard.
        statement = statement.where(sa.func.strpos(sa.func.search_key(label), sa.func.search_key(sa.literal(word))) > 0)
    return statement


def search(conn: Connection, text: str, role: str, limit: int = 20) -> list[dict[str, Any]]:
    """Rows whose label holds every word, best first: whole label, then start of the label, then shorter ones.

    Returns dictionaries of layer, id, label, lon, lat (a point on the shape) and bbox, EPSG:4326.
    """
    words = text.split()
    layers = searchable_layers(role)
    if not words or not layers:
        return []
    found = sa.union_all(*(_matches(layer, role, words) for layer in layers)).subquery("found")
    wanted = sa.func.search_key(sa.literal(" ".join(words)))
    key = found.c.key
    rank = sa.case(
        (key == wanted, 0), (sa.func.starts_with(key, wanted), 1), (sa.func.strpos(key, wanted) > 0, 2), else_=3
    )
    best = (
        sa.select(found, rank.label("rank"))
        .order_by(sa.text("rank"), sa.func.length(key), key, found.c.layer)
        .limit(limit)
        .subquery("best")
    )
    spot = sa.func.ST_PointOnSurface(best.c.spot)
    statement = sa.select(
        best.c.layer,
        best.c.id,
        best.c.label,
        sa.func.ST_X(spot).label("lon"),
        sa.func.ST_Y(spot).label("lat"),
        sa.func.ST_XMin(best.c.spot).label("west"),
        sa.func.ST_YMin(best.c.spot).label("south"),
        sa.func.ST_XMax(best.c.spot).label("east"),
        sa.func.ST_YMax(best.c.spot).label("north"),
    ).order_by(best.c.rank, sa.func.length(best.c.key), best.c.key, best.c.layer)
    return [_result(row) for row in conn.execute(statement).mappings()]


def _result(row: Any) -> dict[str, Any]:
    bbox = [row["west"], row["south"], row["east"], row["north"]]
    return {name: row[name] for name in ("layer", "id", "label", "lon", "lat")} | {"bbox": bbox}
