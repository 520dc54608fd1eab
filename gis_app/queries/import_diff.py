"""What an import would change, and taking an import back. Row-level security applies; the actor must be an editor."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geography
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection

from gis_app.queries.imports import moves
from gis_app.tables import audit_entries
from layers import table_of
from layers.base import Layer

POLE = "pole_code"
_AUDIT = audit_entries.c


@dataclass(frozen=True)
class Place:
    """A row of the table: x, y in the metric CRS that was asked for; `name` is how people know it."""

    id: int
    external_id: str
    name: str
    pole: str
    x: float
    y: float


@dataclass(frozen=True)
class Change:
    """A row that would become another: field -> (before, after).

    `moved_m`: how far its middle moves, None where it stays; `area_m2`: what an area gains and loses together.
    """

    external_id: str
    name: str
    values: Mapping[str, tuple[Any, Any]]
    moved_m: float | None
    area_m2: float


def fetch_places(conn: Connection, layer: Layer, commune_id: int, srid: int) -> list[Place]:
    """Points of a layer of the commune, by id; x, y in metres of the CRS `srid`."""
    table = table_of(layer)
    spot = sa.func.ST_Transform(table.c.geom, srid)
    statement = sa.select(
        table.c.id,
        sa.func.coalesce(table.c.external_id, ""),
        sa.func.coalesce(_label(layer, table), ""),
        sa.func.coalesce(table.c[POLE] if POLE in table.c else sa.null(), ""),
        sa.func.ST_X(spot),
        sa.func.ST_Y(spot),
    ).where(table.c.commune_id == commune_id)
    return [Place(*row) for row in conn.execute(statement.order_by(table.c.id))]


def _label(layer: Layer, table: sa.Table) -> sa.ColumnElement[Any]:
    return sa.cast(table.c[layer.label or "external_id"], sa.Text)


def fetch_changes(
    conn: Connection, layer: Layer, buffer: sa.Table, only_new: Collection[str], limit: int
) -> list[Change]:
    """Rows of the buffer that differ from the table's row of the same key, at most `limit`, by key."""
    # Nobody else looks after the statistics of a temporary table, and without them the join is a guess.
    conn.execute(sa.text(f'ANALYZE pg_temp."{buffer.name}"'))
    table = table_of(layer)
    kept = {"id", "commune_id", "external_id", "source", "geom", *only_new}
    names = [column.name for column in buffer.columns if column.name not in kept]
    old, new = table.c, buffer.c
    moved = moves(layer, old.geom, new.geom)
    differs = sa.or_(moved, *(old[name].is_distinct_from(new[name]) for name in names))
    # Metres on the sphere: for a person to read, not to compute with.
    distance = sa.func.ST_DistanceSphere(sa.func.ST_Centroid(old.geom), sa.func.ST_Centroid(new.geom))
    turned = (
        sa.func.ST_Area(sa.cast(sa.func.ST_SymDifference(old.geom, new.geom), Geography))
        if layer.geometry.endswith("POLYGON")
        else sa.literal(0.0)
    )
    pairs = [column for name in names for column in (old[name], new[name].label(f"new_{name}"))]
    statement = (
        sa.select(old.external_id, _label(layer, table).label("label"), moved, distance, turned, *pairs)
        .join_from(buffer, table, sa.and_(old.commune_id == new.commune_id, old.external_id == new.external_id))
        .where(differs)
        .order_by(old.external_id)
        .limit(limit)
    )
    found = []
    for row in conn.execute(statement):
        values, cells = {}, list(row[5:])
        for at, name in enumerate(names):
            before, after = cells[2 * at], cells[2 * at + 1]
            if before != after:
                values[name] = (before, after)
        found.append(Change(row[0], row[1] or row[0], values, float(row[3]) if row[2] else None, float(row[4])))
    return found


def fetch_keys(conn: Connection, layer: Layer, commune_id: int) -> dict[str, tuple[int, str]]:
    """Id and name of every row of the commune that has a key, by key."""
    table = table_of(layer)
    statement = sa.select(table.c.external_id, table.c.id, _label(layer, table)).where(
        table.c.commune_id == commune_id, table.c.external_id.is_not(None)
    )
    return {key: (row_id, name or key) for key, row_id, name in conn.execute(statement)}


def delete_rows(conn: Connection, layer: Layer, ids: Sequence[int]) -> int:
    """Delete rows by id."""
    table = table_of(layer)
    wanted = sa.func.unnest(sa.cast(list(ids), ARRAY(sa.BigInteger))).column_valued()
    return conn.execute(sa.delete(table).where(table.c.id.in_(sa.select(wanted)))).rowcount


@dataclass(frozen=True)
class Undone:
    """What taking an import back did, or (`edited`) the keys of rows that somebody has changed since."""

    removed_count: int
    restored_count: int
    returned_count: int
    edited: tuple[str, ...] = ()


def undo_rows(conn: Connection, layer: Layer, commune_id: int, at: dt.datetime, username: str) -> Undone:
    """Take back what a transaction of that moment and person wrote into a layer; nothing if a row was edited since.

    New rows go, changed rows get their old values and the very same old coordinates, deleted rows return under their
    old id; all of it stands in the audit as edits of their own.
    """
    edited = _edited(conn, layer, commune_id, at, username)
    if edited:
        return Undone(0, 0, 0, edited)
    names = ["external_id", "source", *(f.name for f in layer.fields if not f.managed)]
    columns = ", ".join(f'"{name}"' for name in names)
    sets = ", ".join(f'"{name}" = old."{name}"' for name in names)
    old_row = f"CROSS JOIN LATERAL jsonb_populate_record(NULL::{layer.name}, a.before - 'geom') AS old"
    shape = "ST_GeomFromEWKB(decode(a.before ->> 'geom', 'hex'))"
    olds = ", ".join(f'old."{name}"' for name in names)
    entries = "audit_entries AS a"
    where = (
        "a.commune_id = :commune_id AND a.at = :at AND a.username = :username "
        f"AND a.table_name = '{layer.name}' AND a.action"
    )
    removal = f"DELETE FROM {layer.name} AS t USING {entries} WHERE {where} = 'insert' AND t.id = a.row_id"  # noqa: S608
    restoring = (
        f"UPDATE {layer.name} AS t SET {sets}, geom = {shape} FROM {entries} {old_row} "  # noqa: S608
        f"WHERE {where} = 'update' AND t.id = a.row_id"
    )
    returning = (
        f"INSERT INTO {layer.name} (id, commune_id, geom, {columns}) "  # noqa: S608
        f"SELECT a.row_id, a.commune_id, {shape}, {olds} FROM {entries} {old_row} WHERE {where} = 'delete'"
    )
    values = {"commune_id": commune_id, "at": at, "username": username}
    # In this order: a key that a deleted row had may have been a new row's.
    removed, restored, returned = (
        conn.execute(sa.text(statement), values).rowcount for statement in (removal, restoring, returning)
    )
    return Undone(removed, restored, returned)


def _edited(conn: Connection, layer: Layer, commune_id: int, at: dt.datetime, username: str) -> tuple[str, ...]:
    """Keys of rows that are no longer as the transaction left them."""
    a, t = _AUDIT, table_of(layer).c
    key = sa.func.coalesce(a.after["external_id"].astext, a.before["external_id"].astext, "")
    is_other = sa.or_(
        sa.and_(
            a.action != "delete",
            sa.or_(t.id.is_(None), t.version != sa.cast(a.after["version"].astext, sa.Integer)),
        ),
        sa.and_(a.action == "delete", t.id.is_not(None)),
    )
    statement = (
        sa.select(key)
        .select_from(audit_entries.outerjoin(table_of(layer), t.id == a.row_id))
        .where(a.commune_id == commune_id, a.at == at, a.username == username, a.table_name == layer.name, is_other)
        .order_by(key)
        .limit(20)
    )
    return tuple(conn.execute(statement).scalars())


def fetch_written_layers(conn: Connection, commune_id: int, at: dt.datetime, username: str) -> list[str]:
    """Names of the tables that a transaction of that moment and person wrote."""
    a = _AUDIT
    statement = sa.select(a.table_name).distinct().where(a.commune_id == commune_id, a.at == at, a.username == username)
    return sorted(conn.execute(statement.where(a.row_id.is_not(None))).scalars())
