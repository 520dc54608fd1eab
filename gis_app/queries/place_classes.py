"""Kinds of place that a commune adds itself. Row-level security applies; some are for police roles alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.tables.place_classes import place_classes
from layers import LAYERS, table_of
from layers.base import Layer

_C = place_classes.c
# Shape of a class -> the layer of its rows.
LAYER_OF: Mapping[str, Layer] = {
    "point" if layer.is_point else "area": layer for layer in LAYERS.values() if layer.own_classes
}
FIELDS = ("id", "version", "name", "letters", "color", "shape", "visibility", "is_active")


@dataclass(frozen=True)
class PlaceClass:
    """A class; `row_count` the places that have it."""

    id: int
    version: int
    name: str
    letters: str
    color: str
    shape: str
    visibility: str
    is_active: bool
    row_count: int


def _counts(commune_id: int) -> sa.Subquery:
    """How many places each class has, counted once for all."""
    tables = (table_of(layer) for layer in LAYER_OF.values())
    parts = (
        sa.select(t.c.kind, sa.func.count().label("row_count")).where(t.c.commune_id == commune_id).group_by(t.c.kind)
        for t in tables
    )
    return sa.union_all(*parts).subquery("counts")


def fetch_classes(conn: Connection, commune_id: int, place_class_id: int | None = None) -> list[PlaceClass]:
    """Return the classes of a commune (or the one asked for), those in use first, in Vietnamese name order."""
    counts = _counts(commune_id)
    columns: list[sa.ColumnElement[Any]] = [*(_C[name] for name in FIELDS), sa.func.coalesce(counts.c.row_count, 0)]
    statement = sa.select(*columns).select_from(place_classes.outerjoin(counts, counts.c.kind == _C.name))
    statement = statement.where(_C.commune_id == commune_id)
    if place_class_id is not None:
        statement = statement.where(_C.id == place_class_id)
    rows = conn.execute(statement.order_by(_C.is_active.desc(), sa.collate(_C.name, "vi_numeric")))
    return [PlaceClass(*row) for row in rows]


def with_classes(conn: Connection, commune_id: int | None, layer: Layer) -> Layer:
    """The layer with the commune's own classes that the actor may see: active ones, and retired ones with rows."""
    if not layer.own_classes or commune_id is None:
        return layer
    shape = next(name for name, one in LAYER_OF.items() if one.name == layer.name)
    found = (one for one in fetch_classes(conn, commune_id) if one.shape == shape and (one.is_active or one.row_count))
    return layer.with_classes((one.name, one.letters, one.color, one.is_active) for one in found)


def insert_class(conn: Connection, commune_id: int, values: Mapping[str, Any]) -> int:
    """Add a class; return its id."""
    statement = place_classes.insert().values({"commune_id": commune_id, **values}).returning(_C.id)
    return int(conn.execute(statement).scalar_one())


def update_class(conn: Connection, place_class_id: int, version: int, values: Mapping[str, Any]) -> bool:
    """Change a class; its places follow a new name or visibility. False: another version, or not there."""
    statement = place_classes.update().where(_C.id == place_class_id, _C.version == version).values(dict(values))
    return conn.execute(statement).rowcount == 1


def delete_class(conn: Connection, place_class_id: int, version: int) -> bool:
    """Delete a class that no place has; IntegrityError where one does. False: another version, or not there."""
    return conn.execute(place_classes.delete().where(_C.id == place_class_id, _C.version == version)).rowcount == 1
