"""Bulk writing of a layer's rows. Row-level security checks every row against the actor's commune."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import psycopg2.extras
from shapely import LineString, MultiLineString, MultiPolygon, Polygon, wkb
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gis_app.crs import STORED
from layers import LAYERS
from layers.base import Layer

PAGE_ROWS = 1000

LoadRow = tuple[str, BaseGeometry, Mapping[str, Any]]


def insert_rows(conn: Connection, layer: Layer, commune_id: int, rows: Iterable[LoadRow], source: str) -> int:
    """Insert rows of (external id, geometry in EPSG:4326, values by field name); return how many.

    A field that a row does not name gets the column's default.
    """
    known = {f.name for f in layer.fields}
    count = 0
    cursor = conn.connection.cursor()
    ordered = sorted(rows, key=lambda row: sorted(row[2]))
    for names, group in groupby(ordered, key=lambda row: sorted(row[2])):
        strange = set(names) - known
        if strange:
            raise ValueError(f"{layer.name} has no field {sorted(strange)}")
        records = [_record(layer, commune_id, row, names, source) for row in group]
        psycopg2.extras.execute_values(cursor, _insert(layer, names), records, _template(names), PAGE_ROWS)
        count += len(records)
    return count


def _insert(layer: Layer, names: Sequence[str]) -> str:
    # Names come from the layer file, never from a person.
    key = "id" if layer.tenant else "commune_id"
    columns = ", ".join((key, "external_id", "geom", "source", *(f'"{name}"' for name in names)))
    return f"INSERT INTO {layer.name} ({columns}) VALUES %s"  # noqa: S608


def _template(names: Sequence[str]) -> str:
    return f"(%s, %s, ST_GeomFromWKB(%s, {STORED}), %s{', %s' * len(names)})"


def _record(layer: Layer, commune_id: int, row: LoadRow, names: Sequence[str], source: str) -> tuple[Any, ...]:
    external_id, geom, values = row
    return (commune_id, external_id, wkb.dumps(_promoted(geom, layer)), source, *(values[name] for name in names))


def _promoted(geom: BaseGeometry, layer: Layer) -> BaseGeometry:

    if layer.geometry == "MULTIPOLYGON" and isinstance(geom, Polygon):
        return MultiPolygon([geom])
    if layer.geometry == "MULTILINESTRING" and isinstance(geom, LineString):
        return MultiLineString([geom])
    return geom


def refresh_statistics(conn: Connection) -> None:
    """Tell the planner of rows that came all at once (owner rights)."""
    for layer in LAYERS.values():
        conn.exec_driver_sql(f"ANALYZE {layer.name}")
