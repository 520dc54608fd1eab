"""Writing one row of a layer. Row-level security checks commune and role; the audit trigger keeps the old row.

A write names the version that it starts from; a row that has moved on is not touched.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from shapely import wkb
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gis_app.queries.filters import shape_parameter
from gis_app.tables import audit_entries
from layers import LAYERS, table_of
from layers.base import Layer

# A pole on the far side of a boundary street still belongs to the commune that put it there.
OUTSIDE_TOLERANCE_M = 50.0
_COMMUNES = table_of(LAYERS["communes"])


@dataclass(frozen=True)
class Written:
    """A row after a write."""

    id: int
    version: int


def outside_by_m(conn: Connection, commune_id: int, shape: BaseGeometry, metric_srid: int) -> float:
    """How far (metres, commune's metric zone) the farthest part of a shape (EPSG:4326) lies outside the commune."""
    here = sa.func.ST_Transform(shape_parameter(shape), metric_srid)
    outline = sa.func.ST_Transform(_COMMUNES.c.geom, metric_srid)
    beyond = sa.func.ST_Difference(here, outline)
    near = sa.func.ST_Distance(here, outline)
    # The farthest corner of the part outside, from the outline: the directed Hausdorff distance of its corners.
    corners = sa.func.ST_DumpPoints(beyond).table_valued("path", "geom").alias("corner")
    far = sa.select(sa.func.max(sa.func.ST_Distance(corners.c.geom, outline))).scalar_subquery()
    statement = sa.select(sa.case((sa.func.ST_IsEmpty(beyond), 0.0), else_=sa.func.greatest(near, far)))
    found = conn.execute(statement.where(_COMMUNES.c.id == commune_id)).scalar_one_or_none()
    return float("inf") if found is None else float(found)


def _values(values: Mapping[str, Any], shape: BaseGeometry | None, layer: Layer) -> dict[str, Any]:
    written: dict[str, Any] = dict(values)
    if shape is not None:
        geom: sa.ColumnElement[Any] = shape_parameter(shape)
        written["geom"] = sa.func.ST_Multi(geom) if layer.geometry.startswith("MULTI") else geom
    return written


def insert_feature(
    conn: Connection, layer: Layer, commune_id: int, values: Mapping[str, Any], shape: BaseGeometry
) -> Written:
    """Insert a row; checks that fail raise an IntegrityError that names the constraint."""
    table = table_of(layer)
    written = _values(values, shape, layer) | {"commune_id": commune_id, "source": "manual"}
    row = conn.execute(sa.insert(table).values(written).returning(table.c.id, table.c.version)).one()
    return Written(row.id, row.version)


def update_feature(
    conn: Connection, layer: Layer, feature_id: int, version: int, values: Mapping[str, Any], shape: BaseGeometry | None
) -> Written | None:
    """Change a row of that version; None if the row has moved on, is gone, or is not the actor's."""
    table = table_of(layer)
    statement = (
        sa.update(table)
        .where(table.c.id == feature_id, table.c.version == version)
        .values(_values(values, shape, layer) or {"source": table.c.source})
        .returning(table.c.id, table.c.version)
    )
    row = conn.execute(statement).one_or_none()
    return None if row is None else Written(row.id, row.version)


def delete_feature(conn: Connection, layer: Layer, feature_id: int, version: int) -> bool:
    """Delete a row of that version; False as in update_feature."""
    table = table_of(layer)
    done = conn.execute(sa.delete(table).where(table.c.id == feature_id, table.c.version == version))
    return done.rowcount == 1


def fetch_version(conn: Connection, layer: Layer, feature_id: int) -> int | None:
    """The version of a row that the actor may see, or None."""
    table = table_of(layer)
    return conn.execute(sa.select(table.c.version).where(table.c.id == feature_id)).scalar_one_or_none()


def fetch_history(conn: Connection, layer: Layer, feature_id: int, hidden: set[str]) -> list[dict[str, Any]]:
    """What happened to a row, newest first: at (UTC), role, username, action, and the changed values."""
    a = audit_entries.c
    statement = (
        sa.select(a.at, a.role, a.username, a.action, a.before, a.after)
        .where(a.table_name == layer.name, a.row_id == feature_id)
        .order_by(a.id.desc())
        .limit(200)
    )
    return [_entry(row, hidden) for row in conn.execute(statement)]


@dataclass(frozen=True)
class Earlier:
    """A row as it was in a version, and who wrote the next: values as JSON has them, the shape in EPSG:4326."""

    version: int
    values: Mapping[str, Any]
    shape: BaseGeometry
    changed_by: str


def fetch_earlier(conn: Connection, layer: Layer, feature_id: int, version: int) -> list[Earlier]:
    """The versions of a row from one on, without today's, oldest first: what the history holds of them."""
    a = audit_entries.c
    number = sa.cast(a.before["version"].astext, sa.Integer)
    statement = (
        sa.select(number.label("number"), a.before, a.username)
        .where(a.table_name == layer.name, a.row_id == feature_id, a.action == "update", a.before.has_key("geom"))
        .order_by(a.id)
    )
    rows = [row for row in conn.execute(statement) if row.number >= version]
    return [Earlier(row.number, row.before, wkb.loads(row.before["geom"], hex=True), row.username) for row in rows]


def _entry(row: Any, hidden: set[str]) -> dict[str, Any]:
    before, after = row.before or {}, row.after or {}
    plain = {"geom", "version", "updated_at", "id", "commune_id"} | hidden
    changed = sorted(n for n in before.keys() | after.keys() if n not in plain and before.get(n) != after.get(n))
    return {
        "at": row.at,
        "role": row.role,
        "username": row.username,
        "action": row.action,
        "shape_changed": bool(before) and before.get("geom") != after.get("geom"),
        "changes": {name: [before.get(name), after.get(name)] for name in changed},
    }
